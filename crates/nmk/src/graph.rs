//! Task graphs as people write them: a TOML file of a job and its tasks (`docs/graph.md`).

mod check;
mod child;
mod error;
mod fact_loop;
mod task;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use abi::JobId;
use det::{Contract, Form, Level, TrustRoot};
use factloop::operations::{
    CODE_GEN, COMMIT, DELEGATE, DRAFT, FACT_LOOP, PROMPT, REPAIR, TEMPLATE, VALIDATE,
};
use sched::{Budget, Capability, Consulted, JobSpec, Limits, Millis, Priority, Rights, TaskSpec};
use serde::Deserialize;
use tools::Toolbox;

use crate::contract_file::{ContractTable, level, shown};
use crate::operations::builtin_toolbox;
use crate::toml_fault::sentence;

pub use check::CheckError;
pub(crate) use check::Verified;
use check::{CheckTable, behind_the_answer};
pub use error::GraphError;
use task::Shared;

/// The largest graph file that is read, in bytes. A larger one is refused.
pub const MAX_BYTES: usize = 64 << 20;

/// The time that a task which reads the web may take if the file does not say: more than the usual limit of a page.
const WEB_WALL_MS: u64 = 40_000;

/// A job and its tasks, as a graph file or a request describes them. Nothing is admitted yet.
#[derive(Clone, Debug)]
pub struct Graph {
    contract: Arc<Contract>,
    require: Level,
    rights: Option<Rights>,
    budget: Budget,
    priority: Priority,
    deadline_ms: Option<u64>,
    /// The tasks, in the order of the file.
    pub tasks: Vec<TaskSpec>,
    /// The task that runs first and asks the model for a plan, which narrows the other tasks. None if no plan
    /// is wanted.
    pub(crate) planner: Option<TaskSpec>,
    /// The further checks on the results of tasks, about which nothing is decided yet.
    verified: Vec<Verified>,
    /// Names of the tasks for which the file states how many tokens they may spend.
    stated: HashSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    job: JobTable,
    #[serde(default)]
    task: Vec<TaskTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct JobTable {
    require: Option<String>,
    priority: Option<String>,
    deadline_ms: Option<u64>,
    rights: Option<Vec<String>>,
    #[serde(default)]
    budget: BudgetTable,
    contract: Option<ContractTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetTable {
    tasks: Option<u32>,
    // Files from before the rename say `traps`.
    #[serde(alias = "traps")]
    runs: Option<u32>,
    same_operation: Option<u32>,
    tokens: Option<u64>,
    wall_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskTable {
    name: String,
    operation: String,
    #[serde(default)]
    after: Vec<String>,
    #[serde(default)]
    answer: bool,
    at_least: Option<String>,
    rights: Option<Vec<String>>,
    // Boxed, because a graph may have very many tasks and most of them have no contract of their own.
    contract: Option<Box<ContractTable>>,
    prompt: Option<String>,
    operands: Option<Vec<toml::Value>>,
    arguments: Option<toml::Value>,
    child: Option<String>,
    // The further checks on the result, and the signals of the decision how many of them run.
    check: Option<Vec<CheckTable>>,
    risk: Option<f64>,
    disagreement: Option<f64>,
    #[serde(default)]
    limits: LimitsTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsTable {
    tokens: Option<u64>,
    wall_ms: Option<u64>,
    retries: Option<u32>,
}

/// Reads a graph from the text of a file. The scheduler decides later if its tasks can be admitted.
///
/// The expected values in the text count as the word of the user for whom `root` stands.
///
/// # Errors
/// [`GraphError`] for the first thing that is wrong, with its place.
pub fn parse(text: &str, root: &impl TrustRoot) -> Result<Graph, GraphError> {
    File::read(text)?.graph(builtin_toolbox(), root)
}

/// A graph's file whose operations are not looked up yet.
#[derive(Debug)]
pub(crate) struct Written(File);

impl Written {
    /// Reads the text of a file.
    pub(crate) fn read(text: &str) -> Result<Self, GraphError> {
        File::read(text).map(Self)
    }

    /// Returns the names of the operations of the tasks and of their children.
    pub(crate) fn operations(&self) -> BTreeSet<String> {
        let tasks = self.0.task.iter();
        tasks.flat_map(|task| [Some(&task.operation), task.child.as_ref()]).flatten().cloned().collect()
    }

    /// Returns the graph, whose tools are those of `toolbox`.
    pub(crate) fn graph(self, toolbox: &Toolbox, root: &impl TrustRoot) -> Result<Graph, GraphError> {
        self.0.graph(toolbox, root)
    }
}

impl File {
    fn read(text: &str) -> Result<Self, GraphError> {
        // Refused before anything is built, because a file can have very many tasks.
        let found = text.lines().filter(|line| line.trim_start().starts_with("[[task]]")).count();
        if found > Budget::MAX_TASKS as usize {
            return Err(GraphError::TooManyTasks { found, limit: Budget::MAX_TASKS });
        }
        let file: File = toml::from_str(text).map_err(|error| GraphError::Syntax(sentence(text, &error)))?;
        // The same tasks can be written as one array, which the first look does not see.
        let found = file.task.len();
        if found > Budget::MAX_TASKS as usize {
            return Err(GraphError::TooManyTasks { found, limit: Budget::MAX_TASKS });
        }
        Ok(file)
    }
}

impl Graph {
    /// Returns a graph that was laid out for a request. Its budget suffices for every task and one repair of each.
    pub(crate) fn from_request(
        contract: Arc<Contract>,
        require: Level,
        tasks: Vec<TaskSpec>,
        planner: Option<TaskSpec>,
    ) -> Self {
        let count = tasks.len() + usize::from(planner.is_some());
        let budget = BudgetTable::default().budget(u32::try_from(count).unwrap_or(u32::MAX));
        let wall_ms = tasks.iter().chain(&planner).map(|task| task.limits.wall_ms).sum::<u64>() * 2;
        let (rights, priority, deadline_ms) = (None, Priority::Normal, None);
        let budget = Budget { wall_ms, ..budget };
        let (verified, stated) = (Vec::new(), HashSet::new());
        Self { contract, require, rights, budget, priority, deadline_ms, tasks, planner, verified, stated }
    }

    /// Returns true if a task of the graph may generate, by itself, by its child or by its repair.
    pub(crate) fn generates(&self) -> bool {
        self.planner.is_some() || self.tasks.iter().any(may_generate)
    }

    /// Returns the texts of the prompts of its tasks, as far as the file states them.
    pub(crate) fn prompts(&self) -> Vec<&str> {
        let keys = [TEMPLATE, PROMPT];
        let texts = self.tasks.iter().flat_map(|task| keys.map(|key| task.input.get(key)?.as_text()));
        texts.flatten().collect()
    }

    /// Returns the contracts of the job, of its tasks and of the checks on their results.
    pub(crate) fn contracts(&self) -> impl Iterator<Item = &Contract> {
        let of_tasks = self.tasks.iter().map(|task| task.contract.as_ref());
        let of_checks = self.verified.iter().flat_map(Verified::contracts);
        std::iter::once(self.contract()).chain(of_tasks).chain(of_checks)
    }

    /// Returns the contract of the graph's job, which its answer must satisfy.
    pub(crate) fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Gives `tokens` to every task that may generate, by itself, by its child or by its repair, and of which the file
    /// does not say how many tokens it may spend.
    pub(crate) fn grant_tokens(&mut self, tokens: u32) {
        for task in self.tasks.iter_mut().chain(&mut self.planner) {
            if may_generate(task) && !self.stated.contains(&task.name) {
                task.limits.tokens = u64::from(tokens);
            }
        }
    }

    /// Returns the specification of the graph's job, with `id` as its id, for which the memory was consulted. A deadline
    /// counts from the time `now`.
    #[must_use]
    pub fn job(&self, id: JobId, now: Millis, consulted: Consulted) -> JobSpec {
        JobSpec {
            rights: self.rights.clone(),
            budget: self.budget.clone(),
            priority: self.priority,
            deadline: self.deadline_ms.map(|limit| Millis(now.0.saturating_add(limit))),
            ..JobSpec::new(id, Arc::clone(&self.contract), self.require).consulting(consulted)
        }
    }
}

/// Returns true if a task may generate, by itself, by its child or by its repair.
fn may_generate(task: &TaskSpec) -> bool {
    [DRAFT, CODE_GEN, REPAIR, VALIDATE, DELEGATE, FACT_LOOP].contains(&task.operation.as_str())
}

impl File {
    fn graph(mut self, toolbox: &Toolbox, root: &impl TrustRoot) -> Result<Graph, GraphError> {
        let place = |cause| GraphError::Contract { place: "job".to_owned(), cause };
        let chosen = match (&self.job.contract, self.answering_alone(toolbox)) {
            (None, Some(task)) => task.own_contract(toolbox)?,
            (contract, _) => contract.clone().unwrap_or_default().chosen(None, root).map_err(place)?,
        };
        let require = match &self.job.require {
            Some(word) => level("require", word).map_err(place)?,
            None => chosen.require,
        };
        let contract = Arc::new(chosen.contract);
        self.answer_by_commits(&contract, toolbox)?;
        let priority = match self.job.priority.as_deref() {
            None => Priority::Normal,
            Some(word) => {
                let found = Priority::ALL.into_iter().find(|priority| priority.word() == word);
                found.ok_or_else(|| GraphError::Unknown {
                    place: "job: priority".to_owned(),
                    found: shown(word),
                    known: "high, normal, low",
                })?
            }
        };
        let facts = self.task.iter().filter(|task| task.question().is_some()).count();
        let verified = self.task.iter().filter_map(|task| task.verified(root).transpose());
        let verified = verified.collect::<Result<Vec<_>, _>>()?;
        let checks = verified.iter().map(Verified::most_tasks).sum::<usize>();
        let count = u32::try_from(self.task.len() + facts + checks).unwrap_or(u32::MAX);
        let mut budget = self.job.budget.budget(count);
        let has_tokens = |task: &&TaskTable| task.limits.tokens.is_some();
        let stated = self.task.iter().filter(has_tokens).map(|task| task.name.clone()).collect();
        // A graph may have very many tasks: their texts are moved, and contracts that are alike are shared.
        let shared =
            Shared { toolbox, job: Arc::clone(&contract), free: Arc::new(Contract::from_form(Form::Free)) };
        let mut tasks = Vec::with_capacity(self.task.len());
        for task in self.task {
            let fact = task.fact();
            let mut spec = task.spec(&shared, root)?;
            spec.after.extend(fact.as_ref().map(|fact| fact.name.clone()));
            tasks.extend(fact);
            tasks.push(spec);
        }
        if let Some(task) = behind_the_answer(&tasks, &verified) {
            let cause = Box::new(CheckError::BehindTheAnswer);
            return Err(GraphError::Check { task: shown(&task), cause });
        }
        if self.job.budget.wall_ms.is_none() {
            let limits = tasks.iter().map(|task| task.limits.wall_ms);
            let limits = limits.chain(verified.iter().map(Verified::wall_ms));
            let all = limits.fold(0_u64, u64::saturating_add).saturating_mul(2);
            budget.wall_ms = budget.wall_ms.max(all);
        }
        let (rights, deadline_ms) = (self.job.rights.as_deref().map(capabilities), self.job.deadline_ms);
        let planner = None;
        Ok(Graph {
            contract,
            require,
            rights,
            budget,
            priority,
            deadline_ms,
            tasks,
            planner,
            verified,
            stated,
        })
    }
}

impl File {
    /// Returns the one task that answers, if it is the only one and its operation brings its contract along.
    fn answering_alone(&self, toolbox: &Toolbox) -> Option<&TaskTable> {
        let mut answering = self.task.iter().filter(|task| task.answer);
        let only = answering.next().filter(|_| answering.next().is_none());
        only.filter(|task| task.has_own_contract(toolbox))
    }

    /// Lets a task `commit` answer for each task that answers and whose own contract is not `job`, that of the job.
    fn answer_by_commits(&mut self, job: &Contract, toolbox: &Toolbox) -> Result<(), GraphError> {
        let mut commits = Vec::new();
        for task in self.task.iter_mut().filter(|task| task.answer && task.has_own_contract(toolbox)) {
            if task.own_contract(toolbox)?.contract.digest() != job.digest() {
                task.answer = false;
                let name = format!("{}.answer", task.name);
                commits.push(TaskTable { answer: true, ..TaskTable::new(name, COMMIT, &task.name) });
            }
        }
        self.task.append(&mut commits);
        Ok(())
    }
}

fn capabilities(words: &[String]) -> Rights {
    words.iter().cloned().map(Capability).collect()
}

impl BudgetTable {
    /// Returns the budget for a graph of `tasks` tasks. A limit that the file does not state suffices for
    /// every task and one repair of each.
    fn budget(&self, tasks: u32) -> Budget {
        let twice = tasks.saturating_mul(2).max(1);
        let reference = Budget::REFERENCE;
        Budget {
            tasks: self.tasks.unwrap_or(twice),
            runs: self.runs.unwrap_or(twice.max(reference.runs)),
            same_operation: self.same_operation.unwrap_or(twice.max(reference.same_operation)),
            tokens: self.tokens.unwrap_or(reference.tokens),
            wall_ms: self.wall_ms.unwrap_or(u64::from(twice).saturating_mul(Limits::REFERENCE.wall_ms)),
        }
    }
}
