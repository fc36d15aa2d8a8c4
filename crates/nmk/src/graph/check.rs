//! The further checks on the result of a task: how a file states them, and the tasks that they become.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use abi::Value;
use det::{Contract, Level, TrustRoot};
use factloop::operations::{ANSWER, COMMIT, OF, VALIDATE, commit_up_to};
use kpolicy::{Check, K_MAX_LIMIT, Unit};
use sched::{Limits, Registry, Role, TaskSpec};
use serde::Deserialize;

use super::{Graph, GraphError, TaskTable};
use crate::ContractFileError;
use crate::contract_file::{ContractTable, shown};

/// A further check on the result of a task, as the file states it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckTable {
    name: String,
    contract: Option<Box<ContractTable>>,
    cost: Option<f64>,
    power: Option<f64>,
}

/// The reason why the further checks of a task cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The list of checks is empty.
    #[error("has an empty list of checks: state a check, or leave `check` out")]
    Empty,
    /// The list has more checks than a policy may have branches.
    #[error("has {found} checks, and {K_MAX_LIMIT} is the limit: leave some out")]
    TooMany {
        /// The number of checks that the file states.
        found: usize,
    },
    /// Two checks have the same name.
    #[error("has two checks named {name}: rename one")]
    Duplicate {
        /// The name that two checks have.
        name: String,
    },
    /// A number of a check or of the task is out of range.
    #[error("states {key} = {found}: state {wanted}")]
    Number {
        /// The key, for example `power` of a check.
        key: String,
        /// The number that the file states.
        found: f64,
        /// The numbers that are allowed, in words.
        wanted: &'static str,
    },
    /// A check has no contract.
    #[error("has a check {name} without a contract: state one (docs/contracts.md)")]
    NoContract {
        /// The name of the check.
        name: String,
    },
    /// The contract of a check cannot be used.
    #[error("has a check {name} that cannot be read: {cause}")]
    Contract {
        /// The name of the check.
        name: String,
        /// The reason, as the reader of contract files states it.
        cause: ContractFileError,
    },
    /// The task waits for the task that answers, with which the job ends.
    #[error(
        "waits for the answer, so its checks could not run before the job ends: leave them out, or check what it waits for"
    )]
    BehindTheAnswer,
    /// The task states a signal of the decision about its checks, and has none.
    #[error("states {key}, which only decides about further checks: state a check, or leave it out")]
    NothingToDecide {
        /// The key that would change nothing.
        key: &'static str,
    },
}

/// The further checks of one task, and the signals that the file states for the decision how many of them run.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    /// The name of the task whose result is checked.
    pub(crate) task: String,
    /// The harm of a wrong result. None if the file leaves it to the configuration.
    pub(crate) risk: Option<Unit>,
    /// The disagreement about the result. None if nothing was compared.
    pub(crate) disagreement: Option<Unit>,
    /// The checks as the policy sees them.
    pub(crate) checks: Vec<Check>,
    /// The task that each check becomes, in the same order.
    tasks: Vec<TaskSpec>,
}

impl TaskTable {
    /// Returns the further checks of the task. None if it states none.
    pub(super) fn verified(&self, root: &impl TrustRoot) -> Result<Option<Verified>, GraphError> {
        let verified = self.read_checks(root);
        verified.map_err(|cause| GraphError::Check { task: shown(&self.name), cause: Box::new(cause) })
    }

    fn read_checks(&self, root: &impl TrustRoot) -> Result<Option<Verified>, CheckError> {
        let Some(stated) = &self.check else {
            let signals = [("risk", self.risk), ("disagreement", self.disagreement)];
            return match signals.into_iter().find(|(_, stated)| stated.is_some()) {
                Some((key, _)) => Err(CheckError::NothingToDecide { key }),
                None => Ok(None),
            };
        };
        if stated.is_empty() {
            return Err(CheckError::Empty);
        }
        if stated.len() > K_MAX_LIMIT as usize {
            return Err(CheckError::TooMany { found: stated.len() });
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = stated.iter().find(|check| !names.insert(check.name.as_str())) {
            return Err(CheckError::Duplicate { name: shown(&twice.name) });
        }
        let signal = |key: &str, stated: Option<f64>| stated.map(|number| share(key, number)).transpose();
        let checks = stated.iter().map(CheckTable::check).collect::<Result<_, _>>()?;
        let tasks = stated.iter().map(|check| check.task(&self.name, root)).collect::<Result<_, _>>()?;
        let (risk, disagreement) = (signal("risk", self.risk)?, signal("disagreement", self.disagreement)?);
        Ok(Some(Verified { task: self.name.clone(), risk, disagreement, checks, tasks }))
    }
}

impl CheckTable {
    /// Returns the check as the policy sees it. Without other numbers it costs 1 and finds every wrong result.
    fn check(&self) -> Result<Check, CheckError> {
        let key = |key: &str| format!("`{key}` of the check {}", shown(&self.name));
        let cost = self.cost.unwrap_or(1.0);
        if !(cost >= 0.0 && cost.is_finite()) {
            let wanted = "a finite number from 0";
            return Err(CheckError::Number { key: key("cost"), found: cost, wanted });
        }
        let power = share(&key("power"), self.power.unwrap_or(1.0))?;
        Ok(Check { name: self.name.clone(), cost, power })
    }

    /// Returns the task that judges the result of the task `of` under the contract of this check.
    fn task(&self, of: &str, root: &impl TrustRoot) -> Result<TaskSpec, CheckError> {
        let name = || shown(&self.name);
        let table = self.contract.clone().ok_or_else(|| CheckError::NoContract { name: name() })?;
        let chosen = table.chosen(None, root);
        let chosen = chosen.map_err(|cause| CheckError::Contract { name: name(), cause })?;
        // A refuted check is not repaired: the result is what it is.
        let limits = Limits { retries: 0, ..Limits::REFERENCE };
        let mut task = TaskSpec::new(format!("{of}.check.{}", self.name), VALIDATE, chosen.contract)
            .given(Value::map([(OF, Value::text(of))]))
            .after([of])
            .within(limits);
        task.at_least = chosen.require;
        Ok(task)
    }
}

fn share(key: &str, number: f64) -> Result<Unit, CheckError> {
    let wanted = "a number from 0 to 1";
    Unit::new(number).map_err(|_| CheckError::Number { key: key.to_owned(), found: number, wanted })
}

impl Verified {
    /// Returns the number of tasks that the checks may add to a job: themselves, and one that answers behind them.
    pub(super) fn most_tasks(&self) -> usize {
        self.checks.len() + 1
    }

    /// Returns the time that all of the checks may take.
    pub(super) fn wall_ms(&self) -> u64 {
        self.tasks.iter().fold(0, |all, task| all.saturating_add(task.limits.wall_ms))
    }

    pub(super) fn contracts(&self) -> impl Iterator<Item = &Contract> {
        self.tasks.iter().map(|task| task.contract.as_ref())
    }
}

impl Graph {
    /// Returns the further checks of its tasks, about which nothing is decided yet.
    pub(crate) fn verified(&self) -> &[Verified] {
        &self.verified
    }

    /// Adds all checks as tasks, as if a decision had let each of them run.
    pub(crate) fn check_everything(&mut self, registry: &Registry) {
        let all =
            self.verified.iter().map(|verified| (0..verified.checks.len()).collect()).collect::<Vec<_>>();
        self.check(&all, false, registry);
    }

    /// Adds the checks that run as tasks: of each checked task those at the places in `run`, in that order. If they stop at
    /// the first that refutes, each waits for the one before it.
    ///
    /// A task that waits for a checked task waits for its checks too, and the answer waits for every check, because the job ends
    /// with it. A checked task that answers does so through a task `NAME.answer`, which passes on its result behind the
    /// checks, up to the level that the operation of the task reaches in `registry`.
    pub(crate) fn check(&mut self, run: &[Vec<usize>], stops_early: bool, registry: &Registry) {
        let mut behind: HashMap<String, Vec<String>> = HashMap::new();
        let mut added = Vec::new();
        for (verified, places) in std::mem::take(&mut self.verified).into_iter().zip(run) {
            let mut names: Vec<String> = Vec::with_capacity(places.len());
            for place in places {
                let mut task = verified.tasks[*place].clone();
                task.after.extend(names.last().filter(|_| stops_early).cloned());
                names.push(task.name.clone());
                added.push(task);
            }
            behind.insert(verified.task, names);
        }
        let mut answers = Vec::new();
        for task in &mut self.tasks {
            wait(task, &behind);
            let Some(checks) = behind.get(&task.name).filter(|_| task.role == Role::Answer) else { continue };
            task.role = Role::Support;
            let name = format!("{}.answer", task.name);
            let ceiling = registry.operation(&task.operation).map_or(Level::Proven, |made| made.ceiling);
            let operation = commit_up_to(ceiling);
            let mut answer = TaskSpec::new(name, operation, Arc::clone(&task.contract)).answering();
            answer.after = std::iter::once(&task.name).chain(checks).cloned().collect();
            answer.at_least = task.at_least;
            answers.push(answer.given(Value::map([(OF, Value::text(task.name.as_str()))])));
        }
        let checks: Vec<String> = added.iter().map(|check| check.name.clone()).collect();
        for task in self.tasks.iter_mut().chain(&mut answers).filter(|task| task.role == Role::Answer) {
            wait_for(task, checks.clone());
        }
        self.tasks.extend(added.into_iter().chain(answers));
    }
}

/// Returns the name of a checked task that waits for the answer, if there is one: its checks could not run, because the job
/// ends with the answer.
pub(super) fn behind_the_answer(tasks: &[TaskSpec], verified: &[Verified]) -> Option<String> {
    let mut behind: HashSet<&str> =
        tasks.iter().filter(|task| task.role == Role::Answer).map(|task| task.name.as_str()).collect();
    let answers = behind.clone();
    loop {
        let known = behind.len();
        let waits = |task: &&TaskSpec| task.after.iter().any(|name| behind.contains(name.as_str()));
        let more: Vec<&str> = tasks.iter().filter(waits).map(|task| task.name.as_str()).collect();
        behind.extend(more);
        if behind.len() == known {
            break;
        }
    }
    let is_late =
        |one: &&Verified| behind.contains(one.task.as_str()) && !answers.contains(one.task.as_str());
    verified.iter().find(is_late).map(|one| one.task.clone())
}

/// Lets a task that waits for checked tasks wait for their checks too. One that passes on the result of its one dependency
/// is told which one that is.
fn wait(task: &mut TaskSpec, behind: &HashMap<String, Vec<String>>) {
    let checks: Vec<String> =
        task.after.iter().filter_map(|name| behind.get(name)).flatten().cloned().collect();
    wait_for(task, checks);
}

/// Lets a task wait for `checks`, each of them once.
fn wait_for(task: &mut TaskSpec, mut checks: Vec<String>) {
    let known: HashSet<&String> = task.after.iter().collect();
    checks.retain(|check| !known.contains(check));
    if checks.is_empty() {
        return;
    }
    if let (VALIDATE | COMMIT | ANSWER, [one]) = (task.operation.as_str(), task.after.as_slice()) {
        let mut input = std::mem::replace(&mut task.input, Value::Null).into_map().unwrap_or_default();
        input.insert(OF.to_owned(), Value::text(one.as_str()));
        task.input = Value::Map(input);
    }
    task.after.extend(checks);
}
