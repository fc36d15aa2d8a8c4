//! A task graph, run: admitted whole, judged task by task, committed or not.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use abi::{Identity, JobId, Origin, Proposer, Receipt, TaskId, Value};
use det::{Level, Validators, Verification};
use ledger::{Ledger, LedgerError};
use sched::{
    Clock, DriveError, Driver, Ended, Kernel, Millis, News, Plan, Pool, Registry, TaskSpec, TaskState,
    Threads,
};

use crate::Model;
use crate::graph::Graph;
use crate::operations::{self, Hands, OperationError};
use crate::request::{Planned, narrowed};

/// What became of a task.
#[derive(Clone, Debug)]
pub(crate) struct TaskReport {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) owner: &'static str,
    pub(crate) state: TaskState,
    pub(crate) level: Level,
    pub(crate) verification: &'static str,
    pub(crate) cause: Option<String>,
}

/// How a graph ended. `value` is there exactly when something was committed.
#[derive(Debug)]
pub(crate) struct RunReport {
    pub(crate) job: JobId,
    pub(crate) value: Option<Value>,
    pub(crate) level: Level,
    pub(crate) required: Level,
    pub(crate) reason: Option<String>,
    pub(crate) tasks: Vec<TaskReport>,
    /// What became of the model's plan, where it was asked for one.
    pub(crate) planned: Option<Planned>,
    pub(crate) receipt: Receipt,
}

/// Why there is no report.
#[derive(Debug)]
pub(crate) enum RunError {
    /// The graph was refused before anything of it ran.
    Refused(sched::Refusal),
    /// The ledger failed.
    Ledger(LedgerError),
    /// No thread could be started.
    Threads(std::io::Error),
}

/// The machine's monotonic clock.
#[derive(Debug)]
struct Monotonic(Instant);

impl Clock for Monotonic {
    fn now(&mut self) -> Millis {
        Millis(u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// What the caller decides about a run.
#[derive(Debug)]
pub(crate) struct Setting {
    /// Who proposes.
    pub(crate) model: Model,
    /// Tasks that run at the same time.
    pub(crate) lanes: usize,
    /// The most tokens of one generation.
    pub(crate) max_new: u32,
    /// Capabilities that the job may hold; a graph can ask for fewer, never for more.
    pub(crate) granted: Vec<String>,
}

/// Runs `graph` as `job`, after the jobs in `left_open`, which a process left open when it ended, have been
/// closed; `watch` hears the name of each task that changes its state.
pub(crate) fn run(
    graph: Graph,
    setting: Setting,
    ledger: &mut Ledger,
    left_open: &[JobId],
    job: JobId,
    watch: &mut dyn FnMut(&str, TaskState),
) -> Result<RunReport, RunError> {
    let mut registry = Registry::new(Validators::builtin());
    let toolbox = operations::toolbox();
    operations::register(&mut registry, &toolbox);
    for right in setting.granted {
        registry.grant(sched::Capability(right));
    }
    let lanes = setting.lanes.max(1);
    let origin = origin(&setting.model.identity());
    let model = Arc::new(Mutex::new(setting.model));
    let hands = Hands { model, max_new: setting.max_new, toolbox };
    let pool = Threads::new(vec![hands; lanes]).map_err(RunError::Threads)?;
    let clock = Monotonic(Instant::now());
    let mut driver = Driver::new(Kernel::new(registry, lanes), pool, ledger, clock);
    close(&mut driver, left_open)?;
    let spec = graph.job(job, Millis(0));
    let required = spec.required;
    driver.open(spec).map_err(RunError::Refused)?;
    let mut watch = |driver: &Driver<'_, _, _, _>, news: &News<OperationError>| {
        if let News::Moved { task, to } = news
            && let Some(spec) = driver.kernel.spec(*task)
        {
            watch(&spec.name, *to);
        }
    };
    let (mut tasks, mut planned) = (graph.tasks, None);
    if let Some(planner) = graph.planner {
        admit(&mut driver, job, vec![planner])?;
        driver.finish(job, &mut watch).map_err(failure)?;
        let proposed = driver.value(TaskId { job, number: 0 });
        let (narrow, outcome) = narrowed(tasks, proposed, origin);
        (tasks, planned) = (narrow, Some(outcome));
    }
    admit(&mut driver, job, tasks)?;
    let ended = driver.finish(job, &mut watch);
    let (value, level, reason, receipt) = match ended.map_err(failure)? {
        Ended::Committed(committed, receipt) => {
            (Some(committed.value().clone()), committed.level(), None, receipt)
        }
        Ended::Quiet { .. } => {
            // That a plan was not made is told beside it; the reason is in what ran.
            let reason = why(&driver.kernel, job, usize::from(planned.is_some()));
            let receipt = driver.abstain(job, reason.clone()).map_err(failure)?;
            (None, Level::None, Some(reason), receipt)
        }
    };
    let tasks = driver.kernel.tasks(job).filter_map(|task| report(&driver.kernel, task)).collect();
    Ok(RunReport { job, value, level, required, reason, tasks, planned, receipt })
}

/// Admits tasks, or ends their job with the refusal as its reason.
fn admit<P: Pool, C: Clock>(
    driver: &mut Driver<'_, P, Ledger, C>,
    job: JobId,
    tasks: Vec<TaskSpec>,
) -> Result<(), RunError> {
    let Err(refusal) = driver.admit(Plan { job, tasks }) else { return Ok(()) };
    driver.abstain(job, refusal.to_string()).map_err(failure)?;
    Err(RunError::Refused(refusal))
}

/// Who proposes, in the words of the history.
fn origin(identity: &Identity) -> Origin {
    match identity.model_digest {
        Some(model) => Origin::LocalModel { model },
        None => Origin::RemoteModel { name: identity.name.clone() },
    }
}

/// Ends jobs that nobody runs any more.
fn close<P: Pool, C: Clock>(driver: &mut Driver<'_, P, Ledger, C>, jobs: &[JobId]) -> Result<(), RunError> {
    for job in jobs {
        let reason = "the process ended before the job did".to_owned();
        let record = sched::Record::Abstained { job: *job, reason };
        driver.note(record.into_entry(&sched::BlobDigests::default())).map_err(failure)?;
    }
    driver.sync(&mut Vec::new()).map_err(failure)
}

fn failure(error: DriveError<LedgerError>) -> RunError {
    match error {
        DriveError::Refused(refusal) => RunError::Refused(refusal),
        DriveError::Journal(error) => RunError::Ledger(error),
    }
}

/// Why nothing was committed: the first task from `first` on whose trouble is its own.
fn why(kernel: &Kernel, job: JobId, first: usize) -> String {
    let causes = kernel.tasks(job).skip(first).filter_map(|task| Some((task, kernel.cause(task)?)));
    let own = causes.into_iter().find(|(_, cause)| !matches!(cause, sched::Cause::Dependency { .. }));
    match own {
        Some((task, cause)) => {
            let name = kernel.spec(task).map_or("", |spec| spec.name.as_str());
            format!("{name}: {cause}")
        }
        None => "no task answers for the job; mark one with answer = true".to_owned(),
    }
}

fn report(kernel: &Kernel, task: abi::TaskId) -> Option<TaskReport> {
    let (spec, state) = (kernel.spec(task)?, kernel.state(task)?);
    let operation = kernel.registry().operation(&spec.operation);
    let level = kernel.level(task).unwrap_or(Level::None);
    let verification = match (state.has_passed(), kernel.level(task)) {
        (true, Some(level)) => Verification::intended(level),
        _ => Verification::Unverified,
    };
    Some(TaskReport {
        name: spec.name.clone(),
        kind: spec.operation.clone(),
        owner: operation.map_or("nobody", |operation| operation.tier.word()),
        state,
        level: if state.has_passed() { level } else { Level::None },
        verification: verification.word(),
        cause: kernel.cause(task).map(ToString::to_string),
    })
}
