//! Refusals: which gate, what was missing, and the smallest change that would be accepted.

use std::fmt;

use abi::{Digest, JobId, TaskId};
use det::{Level, ValidatorClass};

use crate::{Capability, Shortage, TaskState};

/// Where a request was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The plan as a whole.
    Plan,
    /// The operation must be registered.
    Operation,
    /// Its capabilities must be granted.
    Capability,
    /// A validator of the demanded class must be installed.
    Validator,
    /// The job's budget.
    Budget,
    /// The commit of a judged value.
    Commit,
    /// The life of a task or job.
    Lifecycle,
}

impl Gate {
    /// The word for it in interfaces.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Operation => "operation",
            Self::Capability => "capability",
            Self::Validator => "validator",
            Self::Budget => "budget",
            Self::Commit => "commit",
            Self::Lifecycle => "lifecycle",
        }
    }
}

/// A request that was not granted. The kernel is as it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Two tasks of one name.
    DuplicateTask {
        /// The name.
        task: String,
    },
    /// A dependency that does not exist.
    UnknownDependency {
        /// The task that names it.
        task: String,
        /// The name without a task.
        dependency: String,
    },
    /// Tasks that wait for each other.
    Cycle {
        /// Their names.
        tasks: Vec<String>,
    },
    /// An answer under another contract than the job's.
    AnswerContract {
        /// The task.
        task: String,
    },
    /// An operation that is not registered.
    UnknownOperation {
        /// The task.
        task: String,
        /// The operation.
        operation: String,
    },
    /// A capability that the operation demands and nobody granted.
    MissingCapability {
        /// The task.
        task: String,
        /// The smallest grant that would admit it.
        capability: Capability,
    },
    /// A task or job is to hold a right that whoever asks for it does not hold.
    Widened {
        /// The task; none where the job itself is opened.
        task: Option<String>,
        /// The right.
        capability: Capability,
    },
    /// The operation's registration demands another contract.
    OperationContract {
        /// The task.
        task: String,
        /// The operation.
        operation: String,
    },
    /// The operation's registration demands another class of validator.
    OtherValidator {
        /// The task.
        task: String,
        /// The class demanded.
        demanded: ValidatorClass,
        /// The class of the task's contract.
        found: ValidatorClass,
    },
    /// A task of another task's asking wants to answer for the job.
    AnswerByRequest {
        /// The task.
        task: String,
    },
    /// The operation panicked in this job.
    Disabled {
        /// The task.
        task: String,
        /// The operation.
        operation: String,
    },
    /// No validator of the contract's class is installed.
    MissingValidator {
        /// The task.
        task: String,
        /// The class.
        class: ValidatorClass,
    },
    /// A level is demanded that cannot be shown.
    LevelOutOfReach {
        /// The task; none where the job itself is opened.
        task: Option<String>,
        /// The level demanded.
        required: Level,
        /// The highest level that the contract can show.
        ceiling: Level,
    },
    /// The job cannot pay for it.
    Budget {
        /// The task; none for the plan as a whole.
        task: Option<String>,
        /// What does not suffice.
        shortage: Shortage,
    },
    /// The plan has more tasks than a job may hold.
    TooManyTasks {
        /// How many tasks the job would hold.
        wanted: usize,
        /// How many it may.
        limit: u32,
    },
    /// The plan has no tasks.
    EmptyPlan,
    /// The job is not known or not open.
    JobNotOpen {
        /// The job.
        job: JobId,
    },
    /// A job of that id exists.
    JobExists {
        /// The job.
        job: JobId,
    },
    /// The task is not known.
    UnknownTask {
        /// The task.
        task: TaskId,
    },
    /// An event that the task's state does not allow.
    WrongState {
        /// The task.
        task: TaskId,
        /// The state that it is in.
        state: TaskState,
    },
    /// A verdict that was asked for another task: replayed or foreign.
    ForeignVerdict {
        /// The task that it was offered for.
        task: TaskId,
        /// The task that it is about.
        verdict: TaskId,
    },
    /// A verdict under another contract than the one fixed at admission.
    OtherContract {
        /// The digest fixed at admission.
        admitted: Digest,
        /// The verdict's.
        verdict: Digest,
    },
    /// A verdict on something else than what the task proposed.
    OtherSubject {
        /// The task.
        task: TaskId,
    },
}

impl Refusal {
    /// The gate that refused.
    #[must_use]
    pub fn gate(&self) -> Gate {
        match self {
            Self::DuplicateTask { .. }
            | Self::UnknownDependency { .. }
            | Self::Cycle { .. }
            | Self::EmptyPlan
            | Self::TooManyTasks { .. }
            | Self::AnswerByRequest { .. }
            | Self::AnswerContract { .. } => Gate::Plan,
            Self::UnknownOperation { .. } | Self::Disabled { .. } => Gate::Operation,
            Self::MissingCapability { .. } | Self::Widened { .. } => Gate::Capability,
            Self::MissingValidator { .. }
            | Self::OperationContract { .. }
            | Self::OtherValidator { .. }
            | Self::LevelOutOfReach { .. } => Gate::Validator,
            Self::Budget { .. } => Gate::Budget,
            Self::ForeignVerdict { .. } | Self::OtherContract { .. } | Self::OtherSubject { .. } => {
                Gate::Commit
            }
            Self::JobNotOpen { .. }
            | Self::JobExists { .. }
            | Self::UnknownTask { .. }
            | Self::WrongState { .. } => Gate::Lifecycle,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused at the {} gate: ", self.gate().word())?;
        match self {
            Self::DuplicateTask { task } => write!(f, "two tasks are named {task}; rename one"),
            Self::UnknownDependency { task, dependency } => {
                write!(f, "{task} waits for {dependency}, which no plan has; add it or drop the dependency")
            }
            Self::Cycle { tasks } => write!(f, "these tasks wait for each other: {}", tasks.join(", ")),
            Self::AnswerContract { task } => {
                write!(f, "{task} answers under another contract than its job; give it the job's")
            }
            Self::UnknownOperation { task, operation } => {
                write!(f, "{task} runs {operation}, which is not registered; register it")
            }
            Self::MissingCapability { task, capability } => {
                write!(f, "{task} needs the capability {capability}; grant it")
            }
            Self::Widened { task, capability } => write!(
                f,
                "{} is to hold {capability}, which whoever asks for it does not hold; leave it out",
                named(task)
            ),
            Self::OperationContract { task, operation } => {
                write!(f, "{task} runs {operation} under another contract than its registration's; use that")
            }
            Self::OtherValidator { task, demanded, found } => {
                write!(f, "{task} would be judged as {found} and its operation demands {demanded}; use that")
            }
            Self::AnswerByRequest { task } => {
                write!(f, "{task} was asked for by a task and cannot answer for the job; let it support")
            }
            Self::Disabled { task, operation } => {
                write!(f, "{task} runs {operation}, which panicked in this job; start another job")
            }
            Self::MissingValidator { task, class } => match class.missing_reason() {
                Some(reason) => write!(f, "{task} needs a validator of class {class}: {reason}"),
                None => write!(f, "{task} needs a validator of class {class}; install one"),
            },
            Self::LevelOutOfReach { task: None, required, ceiling } => write!(
                f,
                "level {required} is required and what was asked can be shown up to {ceiling}; \
                 pass --require {ceiling} or lower"
            ),
            Self::LevelOutOfReach { task: Some(task), required, ceiling } => write!(
                f,
                "{task} must reach level {required} and can be shown up to {ceiling}; ask for {ceiling} or lower"
            ),
            Self::Budget { task, shortage } => write!(f, "{}: {shortage}", named(task)),
            Self::TooManyTasks { wanted, limit } => {
                write!(f, "the job would hold {wanted} tasks and {limit} is the limit; split it")
            }
            Self::EmptyPlan => f.write_str("the plan has no tasks; add one"),
            Self::JobNotOpen { job } => write!(f, "{job} is not open"),
            Self::JobExists { job } => write!(f, "{job} exists already"),
            Self::UnknownTask { task } => write!(f, "there is no task {task}"),
            Self::WrongState { task, state } => write!(f, "{task} is {state}, which does not allow it"),
            Self::ForeignVerdict { task, verdict } => {
                write!(f, "the verdict offered for {task} is about {verdict}")
            }
            Self::OtherContract { admitted, verdict } => {
                write!(f, "the verdict is under contract {verdict}, {admitted} was fixed at admission")
            }
            Self::OtherSubject { task } => write!(f, "the verdict is not on what {task} proposed"),
        }
    }
}

impl std::error::Error for Refusal {}

fn named(task: &Option<String>) -> &str {
    task.as_deref().unwrap_or("the job")
}
