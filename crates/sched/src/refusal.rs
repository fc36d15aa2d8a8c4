//! Refusals: which gate, what was missing, and the smallest change that would be accepted.

use std::fmt;

use abi::{Digest, JobId, TaskId};
use det::{Level, ValidatorClass};

use crate::{Capability, TaskState};

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
    /// The job's budget of tasks.
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
    /// No validator of the contract's class is installed.
    MissingValidator {
        /// The task.
        task: String,
        /// The class.
        class: ValidatorClass,
    },
    /// The job demands a level that its contract cannot show.
    LevelOutOfReach {
        /// The level demanded.
        required: Level,
        /// The highest level that the contract can show.
        ceiling: Level,
    },
    /// The job has no tasks left in its budget.
    BudgetExhausted {
        /// How many tasks the plan has.
        wanted: usize,
        /// How many the job may still admit.
        left: usize,
    },
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
            | Self::AnswerContract { .. } => Gate::Plan,
            Self::UnknownOperation { .. } => Gate::Operation,
            Self::MissingCapability { .. } => Gate::Capability,
            Self::MissingValidator { .. } | Self::LevelOutOfReach { .. } => Gate::Validator,
            Self::BudgetExhausted { .. } => Gate::Budget,
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
            Self::MissingValidator { task, class } => {
                write!(f, "{task} needs a validator of class {class}; install one")
            }
            Self::LevelOutOfReach { required, ceiling } => write!(
                f,
                "level {required} is required and what was asked can be shown up to {ceiling}; \
                 pass --require {ceiling} or lower"
            ),
            Self::BudgetExhausted { wanted, left } => {
                write!(f, "{wanted} tasks are wanted and {left} are left; raise the job's budget")
            }
            Self::JobNotOpen { job } => write!(f, "{job} is not open"),
            Self::JobExists { job } => write!(f, "{job} exists already"),
            Self::UnknownTask { task } => write!(f, "there is no task {task}"),
            Self::WrongState { task, state } => write!(f, "{task} is {state:?}, which does not allow it"),
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
