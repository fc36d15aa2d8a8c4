//! Refusals: each names its gate, the thing that is missing, and the smallest change that would be accepted.

use std::fmt;

use abi::{Digest, JobId, TaskId};
use det::{Level, ValidatorClass};

use abi::bounds::cut;

use crate::{Capability, Excess, Shortage, TaskState};

/// The check at which a request was refused. Every [`Refusal`] belongs to exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The plan as a whole: names, dependencies, size and roles.
    Plan,
    /// The operation must be registered.
    Operation,
    /// The capabilities that the operation demands must be granted.
    Capability,
    /// A validator of the demanded class must be installed.
    Validator,
    /// The budget of the job must pay for the task.
    Budget,
    /// The verdict must be for this task, its contract and its proposal.
    Commit,
    /// The job and the task must be in a state that allows the event.
    Lifecycle,
}

impl Gate {
    /// The name of the gate in messages and in JSON. One word for each variant.
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

/// A request that the kernel did not grant. The kernel is unchanged after a refusal.
///
/// A refusal is an answer and not an error of the scheduler: its text says what to change so that the request
/// would be admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Two tasks have the same name.
    DuplicateTask {
        /// The name.
        task: String,
    },
    /// A task waits for a name that no task has.
    UnknownDependency {
        /// The task that waits.
        task: String,
        /// The name that no task has.
        dependency: String,
    },
    /// Tasks wait for each other.
    Cycle {
        /// The names of the tasks, each waiting for the next.
        tasks: Vec<String>,
    },
    /// A task would wait for the task that asks for it, or for one that waits for that task.
    WaitsForAsker {
        /// The task that would wait.
        task: String,
        /// The name that it waits for.
        dependency: String,
        /// The task that asks for it.
        asker: String,
    },
    /// A part of a job or a task is larger than the table of bounds allows.
    TooLarge {
        /// The task, its name cut if that is what is too long. None if the job itself is opened, or for the
        /// plan as a whole.
        task: Option<String>,
        /// The size that is too large.
        excess: Excess,
    },
    /// A task is to answer the job under another contract than the job's.
    AnswerContract {
        /// The task.
        task: String,
    },
    /// The operation is not registered.
    UnknownOperation {
        /// The task.
        task: String,
        /// The operation.
        operation: String,
    },
    /// The operation demands a capability that the task does not hold.
    MissingCapability {
        /// The task.
        task: String,
        /// The smallest grant that would admit the task.
        capability: Capability,
    },
    /// A task or job is to hold a capability that its asker does not hold.
    Widened {
        /// The task. None if the job itself is opened.
        task: Option<String>,
        /// The capability.
        capability: Capability,
    },
    /// The operation was registered with another contract than the task's.
    OperationContract {
        /// The task.
        task: String,
        /// The operation.
        operation: String,
    },
    /// The operation was registered with another class of validator than that of the task's contract.
    OtherValidator {
        /// The task.
        task: String,
        /// The class that the registration demands.
        demanded: ValidatorClass,
        /// The class of the task's contract.
        found: ValidatorClass,
    },
    /// A task that another task asked for is to answer the job.
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
    /// A level is required that the contract, its validator or the operation cannot show.
    LevelOutOfReach {
        /// The task. None if the job itself is opened.
        task: Option<String>,
        /// The level required.
        required: Level,
        /// The highest level that can be shown.
        ceiling: Level,
    },
    /// The budget of the job does not suffice.
    Budget {
        /// The task. None for the plan as a whole.
        task: Option<String>,
        /// The resource that does not suffice.
        shortage: Shortage,
    },
    /// A task that generates text may spend no tokens.
    NoTokens {
        /// The task.
        task: String,
    },
    /// A placeholder in a template names no task that its task waits for.
    UnknownPlaceholder {
        /// The task.
        task: String,
        /// The name in the placeholder.
        placeholder: String,
    },
    /// The job would hold more tasks than any job may.
    TooManyTasks {
        /// The number of tasks that the job would hold.
        wanted: usize,
        /// The number of tasks that a job may hold.
        limit: u32,
    },
    /// The plan has no tasks.
    EmptyPlan,
    /// The job is unknown or has ended.
    JobNotOpen {
        /// The job.
        job: JobId,
    },
    /// A job with this id exists or existed.
    JobExists {
        /// The job.
        job: JobId,
    },
    /// The task is unknown.
    UnknownTask {
        /// The task.
        task: TaskId,
    },
    /// The state of the task does not allow the event.
    WrongState {
        /// The task.
        task: TaskId,
        /// The state that the task is in.
        state: TaskState,
    },
    /// The verdict was made for another task: it is replayed or foreign.
    ForeignVerdict {
        /// The task that the verdict was offered for.
        task: TaskId,
        /// The task that the verdict was made for.
        verdict: TaskId,
    },
    /// The verdict was made under another contract than the one fixed at admission.
    OtherContract {
        /// The digest fixed at admission.
        admitted: Digest,
        /// The digest in the verdict.
        verdict: Digest,
    },
    /// The verdict is on another value than the one that the task proposed.
    OtherSubject {
        /// The task.
        task: TaskId,
    },
}

impl Refusal {
    /// The gate at which the request was refused. Interfaces show it apart from the text.
    #[must_use]
    pub fn gate(&self) -> Gate {
        match self {
            Self::DuplicateTask { .. }
            | Self::UnknownDependency { .. }
            | Self::Cycle { .. }
            | Self::WaitsForAsker { .. }
            | Self::UnknownPlaceholder { .. }
            | Self::TooLarge { .. }
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
            Self::Budget { .. } | Self::NoTokens { .. } => Gate::Budget,
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
            Self::Cycle { tasks } => write_cycle(tasks, f),
            Self::WaitsForAsker { task, dependency, asker } => write!(
                f,
                "{task} waits for {dependency}, which waits for {task} because {asker} asks for it; drop the \
                 dependency"
            ),
            Self::TooLarge { task, excess } => {
                write!(f, "{} has {excess}; make it smaller or split it", named(task))
            }
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
                write!(
                    f,
                    "{task} was asked for by a task and cannot answer the job; make it a supporting task"
                )
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
            Self::NoTokens { task } => {
                write!(f, "{task} generates text and may spend no tokens; raise the tokens of its limits")
            }
            Self::UnknownPlaceholder { task, placeholder } => write!(
                f,
                "{task} has {{{placeholder}}} in its prompt and waits for no task of that name; add it to `after`, \
                 or write {{{{{placeholder}}}}} for the text itself"
            ),
            Self::TooManyTasks { wanted, limit } => {
                write!(f, "the job would hold {wanted} tasks and {limit} is the limit; split it")
            }
            Self::EmptyPlan => f.write_str("the plan has no tasks; add one"),
            Self::JobNotOpen { job } => write!(f, "{job} is not open"),
            Self::JobExists { job } => write!(f, "{job} exists already"),
            Self::UnknownTask { task } => write!(f, "there is no task {task}"),
            Self::WrongState { task, state } => write!(f, "{task} is {state} and cannot take this event"),
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

/// The most tasks of a cycle that a message names.
const NAMED: usize = 8;
/// The most bytes of a name in the message of a cycle, which has several.
const NAME_BYTES: usize = 128;

/// Writes the names of a cycle, the first ones if there are many.
fn write_cycle(tasks: &[String], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let names: Vec<_> = tasks.iter().take(NAMED).map(|name| cut(name, NAME_BYTES)).collect();
    write!(f, "these tasks wait for each other: {}", names.join(", "))?;
    match tasks.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}

fn named(task: &Option<String>) -> &str {
    task.as_deref().unwrap_or("the job")
}
