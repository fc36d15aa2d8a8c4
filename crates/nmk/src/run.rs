//! The run of a task graph: admitted as a whole, judged task by task, and committed or not.

mod decisions;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use abi::{Entry, EntryKind, Identity, JobId, Origin, Proposer, Stop, TaskId, Value};
use factloop::operations::{Notice, PROMPT};
use factloop::{Abstention, Generated, JobReport, with_cut};
use kpolicy::Recorded;
use ledger::LedgerError;
use sched::{
    Capability, Clock, Consulted, Driver, DriverEvent, JobError, JobRunner, JobSpec, Kernel, Millis, PlanEnd,
    Pool, Refusal, TaskState, Threads,
};

use tools::Toolbox;

use crate::book::Book;
use crate::console::ProgressLine;
use crate::graph::Graph;
use crate::jobs::Planned;
use crate::meter::Meter;
use crate::operations::{self, SharedModel, TaskError, TaskExecutor};
use crate::programs::Judges;
use crate::request::narrowed;
use crate::{AnyModel, ErrorCode, excerpt, surroundings};

use decisions::Decided;
pub(crate) use decisions::Further;

/// The reason of an abstention if no task ended for a reason of its own.
const NO_ANSWER: &str = "no task answers for the job; mark one with answer = true";

/// The reason why the run of a graph gives no report.
#[derive(Debug)]
pub(crate) enum RunError {
    /// The operating system started no thread for a worker.
    Threads(std::io::Error),
    /// The kernel refused the graph, or the ledger failed.
    Job(JobError<TaskError, LedgerError>),
}

impl From<JobError<TaskError, LedgerError>> for RunError {
    fn from(error: JobError<TaskError, LedgerError>) -> Self {
        Self::Job(error)
    }
}

/// The monotonic clock of the machine, which starts at zero.
#[derive(Debug)]
struct Monotonic(Instant);

impl Clock for Monotonic {
    fn now(&mut self) -> Millis {
        Millis(u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// The settings that the caller chose for a run.
pub(crate) struct Setting {
    /// The model that generates texts.
    pub(crate) model: AnyModel,
    /// The number of tasks that run at the same time. Zero counts as one.
    pub(crate) workers: usize,
    /// The decision about that number, for the history. None if nobody asked for one.
    pub(crate) width: Option<Recorded>,
    /// The largest number of tokens of one generation.
    pub(crate) max_new: Option<u32>,
    /// The amounts by which the policy decides about second drafts and further checks.
    pub(crate) further: Further,
    /// The progress line of the terminal. None if nobody watches.
    pub(crate) progress: Option<ProgressLine>,
    /// The validators that judge the results.
    pub(crate) judges: Judges,
    /// The capabilities that the job may hold. A graph can ask for fewer, never for more.
    pub(crate) granted: Vec<String>,
    /// The tools that tasks can run.
    pub(crate) toolbox: Toolbox,
    /// The record that the memory was consulted.
    pub(crate) consulted: Consulted,
    /// The choice of the template, for the history. None for a graph that nobody laid out.
    pub(crate) planned: Option<Planned>,
}

/// The end of a run: its report, and if it ended because something broke.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) report: JobReport,
    /// The code of the failure of a model or a tool because of which nothing is committed.
    pub(crate) broken: Option<ErrorCode>,
}

/// Runs `graph` as `job`. Calls `watch` with the name and the new state of each task that changes its state.
///
/// # Errors
/// [`RunError`] if no thread could be started, if the kernel refused the graph, or if the ledger failed. An
/// operation that fails is the cause of its task, and no error of the run.
pub(crate) fn run(
    mut graph: Graph,
    setting: Setting,
    book: &mut Book,
    job: JobId,
    watch: &mut dyn FnMut(&str, TaskState),
) -> Result<Ran, RunError> {
    let identity = setting.model.identity();
    let max_new = setting.model.limit(setting.max_new);
    graph.grant_tokens(max_new);
    let granted = setting.granted.into_iter().map(Capability);
    let registry = operations::registry_with(&setting.toolbox, setting.judges.validators, granted);
    let decided = setting.further.decide(&mut graph, &registry);
    let told: Arc<Mutex<Vec<Generated>>> = Arc::default();
    let workers = setting.workers.max(1);
    let listener = Arc::clone(&told);
    // The workers share the model, so one generation runs at a time.
    let meter = Arc::new(Mutex::new(Meter::new(setting.model.is_remote())));
    let progress = setting.progress;
    let listen = move |notice: Notice<'_>| {
        let mut meter = meter.lock().unwrap_or_else(PoisonError::into_inner);
        let line = match notice {
            Notice::Generating { task } => Some(meter.begin(excerpt::from_text(task))),
            Notice::Step(step) => meter.step(step),
            Notice::Generated { task, max_new, draft } => {
                listed(&listener).push(Generated::from_draft(task, max_new, draft));
                None
            }
        };
        if let (Some(progress), Some(line)) = (&progress, line) {
            progress.tell(&line);
        }
    };
    let executor = TaskExecutor::new(SharedModel::new(setting.model), setting.toolbox, max_new, listen);
    let broken = executor.broken();
    let pool = Threads::new(vec![executor; workers]).map_err(RunError::Threads)?;
    let driver = Driver::new(Kernel::new(registry, workers), pool, book, Monotonic(Instant::now()));
    let spec = JobSpec { at: surroundings::time_of_day(), ..graph.job(job, Millis(0), setting.consulted) };
    let first = graph.tasks.iter().find(|task| task.input.get(PROMPT).is_some());
    let asked = first.map_or(Value::Null, |task| task.input.clone());
    let mut runner = JobRunner::new(driver, spec).asked(&asked);
    if let Err(refusal) = runner.open() {
        return refused(runner, identity, refusal, true);
    }
    let choice = setting.planned.as_ref().map(Planned::to_value);
    let spending = setting.width.iter().chain(&decided.decisions).map(Recorded::to_value);
    for body in choice.into_iter().chain(spending) {
        let inputs = vec![graph.contract().digest()];
        runner.note(Entry { kind: EntryKind::Decided, task: TaskId { job, number: 0 }, inputs, body })?;
    }
    if let Decided { unpaid: Some(unpaid), .. } = &decided {
        let reason = unpaid.to_string();
        let receipt = runner.abstain(reason.clone())?;
        // The refusal says itself what would be admitted.
        let report = JobReport::abstained(&runner, identity, Abstention { reason, remedy: None }, receipt);
        return Ok(Ran { report, broken: None });
    }
    let own = under_the_contract(&graph);
    let mut watch = |driver: &Driver<'_, _, _, _>, news: &DriverEvent<TaskError>| {
        if let DriverEvent::Moved { task, to } = news
            && let Some(spec) = driver.kernel().spec(*task)
        {
            watch(&spec.name, *to);
        }
    };
    let (mut tasks, mut planned) = (graph.tasks, None);
    if let Some(planner) = graph.planner {
        if let PlanEnd::Refused(refusal) = runner.run(vec![planner], &mut watch)? {
            return refused(runner, identity, refusal, false);
        }
        let proposed = runner.driver().value(TaskId { job, number: 0 });
        let (narrow, outcome) = narrowed(tasks, proposed, origin(&identity));
        (tasks, planned) = (narrow, Some(outcome));
    }
    let report = match runner.run(tasks, &mut watch)? {
        PlanEnd::Committed(committed, receipt) => {
            JobReport::committed(&runner, identity, &committed, receipt)
        }
        PlanEnd::Refused(refusal) => {
            let is_of_the_job = is_about(&refusal, &own);
            return refused(runner, identity, refusal, is_of_the_job);
        }
        // The report tells beside it that a plan was not made; the reason is in what ran.
        PlanEnd::Unanswered => {
            abstain(runner, identity, u32::from(planned.is_some()), &listed(&told), max_new)?
        }
    };
    let report = report.told(std::mem::take(&mut *listed(&told)));
    let broken = report.abstained.as_ref().and_then(|abstained| broken.explains(&abstained.reason));
    Ok(Ran { report: JobReport { planned, executor: setting.judges.executor, ..report }, broken })
}

/// Returns what was told so far. A worker that panicked told what it told before.
fn listed(told: &Mutex<Vec<Generated>>) -> MutexGuard<'_, Vec<Generated>> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the names of the tasks that stand under the contract of the job itself.
pub(crate) fn under_the_contract(graph: &Graph) -> BTreeSet<String> {
    let digest = graph.contract().digest();
    let own = graph.tasks.iter().filter(|task| task.contract.digest() == digest);
    own.map(|task| task.name.clone()).collect()
}

/// Returns true if a refusal says that a validator is missing for one of these tasks.
pub(crate) fn is_about(refusal: &Refusal, own: &BTreeSet<String>) -> bool {
    matches!(refusal, Refusal::MissingValidator { task, .. } if own.contains(task))
}

/// Returns true for the refusal of what nothing here can show, which is a negative result and no fault of the plan. A
/// contract that lacks its validator is such a thing if it is the job's own.
pub(crate) fn cannot_be_shown(refusal: &Refusal, is_of_the_job: bool) -> bool {
    match refusal {
        Refusal::LevelOutOfReach { .. } => true,
        Refusal::MissingValidator { .. } => is_of_the_job,
        _ => false,
    }
}

/// Ends a job whose plan was refused. A level that nothing can show is a negative result, as it is for a question; any
/// other refusal is a fault of the plan.
fn refused<P: Pool<Error = TaskError>, C: Clock>(
    mut runner: JobRunner<'_, P, Book, C>,
    identity: Identity,
    refusal: Refusal,
    is_of_the_job: bool,
) -> Result<Ran, RunError> {
    if !cannot_be_shown(&refusal, is_of_the_job) {
        return Err(runner.refuse(refusal).into());
    }
    let reason = refusal.to_string();
    let receipt = runner.abstain(reason.clone())?;
    // The refusal says itself what would be admitted.
    let report = JobReport::abstained(&runner, identity, Abstention { reason, remedy: None }, receipt);
    Ok(Ran { report, broken: None })
}

/// Ends the job, with the first cause of a task from number `first` on as the reason, and returns the report.
fn abstain<P: Pool<Error = TaskError>, C: Clock>(
    mut runner: JobRunner<'_, P, Book, C>,
    identity: Identity,
    first: u32,
    told: &[Generated],
    max_new: u32,
) -> Result<JobReport, RunError> {
    if runner.has_ended() {
        let (reason, remedy) = match runner.spec().deadline {
            Some(Millis(limit)) => (
                format!("the job's deadline of {limit} ms has passed"),
                Some("raise deadline_ms of the job, or leave it out".to_owned()),
            ),
            None => ("the job has ended; nmk ledger show has the reason".to_owned(), None),
        };
        let receipt = runner.abstain(reason.clone())?;
        return Ok(JobReport::abstained(&runner, identity, Abstention { reason, remedy }, receipt));
    }
    let cause = runner.first_cause(first);
    // The cause begins with the name of its task.
    let is_of = |generated: &&Generated| {
        cause.as_ref().is_some_and(|cause| cause.starts_with(&format!("{}:", generated.task)))
    };
    let last = told.iter().rev().find(is_of);
    let reason = cause.as_ref().map_or_else(|| NO_ANSWER.to_owned(), |cause| with_cut(cause.clone(), last));
    let receipt = runner.abstain(reason.clone())?;
    let remedy = last.and_then(|last| {
        let is_of_the_task = last.stop == Stop::Length && last.max_new < max_new;
        match is_of_the_task {
            true => Some(format!("raise `tokens` in the limits of the task {}", last.task)),
            false => last.remedy().map(str::to_owned),
        }
    });
    Ok(JobReport::abstained(&runner, identity, Abstention { reason, remedy }, receipt))
}

/// Returns the origin that the history records for proposals of the model.
fn origin(identity: &Identity) -> Origin {
    match identity.model_digest {
        Some(model) => Origin::LocalModel { model },
        None => Origin::RemoteModel { name: identity.name.clone() },
    }
}
