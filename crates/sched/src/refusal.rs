//! Refusals: each names its gate, what is missing, and the smallest change that would be accepted.

use std::fmt;

use abi::{Digest, JobId, TaskId, counted};
use det::{Level, ValidatorClass};

use abi::bounds::cut;

use crate::{Capability, Excess, Shortage, TaskState};

/// The check at which a request was refused. Every [`Refusal`] belongs to exactly one gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The plan as a whole must have fitting names, dependencies, size and roles.
    Plan,
    /// The operation that a task runs must be registered, and must not have panicked in the job.
    Operation,
    /// The capabilities that the operation demands must be granted to the task.
    Capability,
    /// A validator of the demanded class must be installed, and must reach the required level.
    Validator,
    /// The memory must have been consulted for the job, or the job must say why no memory answered.
    Memory,
    /// The budget of the job must pay for the task.
    Budget,
    /// The verdict must be for this task, under its contract and on its proposal.
    Commit,
    /// The job and the task must be in a state that allows the event.
    Lifecycle,
}

impl Gate {
    /// Returns the word that stands for the gate in messages and in JSON, for example `capability`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Operation => "operation",
            Self::Capability => "capability",
            Self::Validator => "validator",
            Self::Memory => "memory",
            Self::Budget => "budget",
            Self::Commit => "commit",
            Self::Lifecycle => "lifecycle",
        }
    }
}

/// The reason why the kernel did not grant a request. The kernel is unchanged after a refusal.
///
/// A refusal is an answer and not an error of the scheduler: its `Display` names the gate and says what to
/// change so that the request would be admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Two tasks of the job have the same name.
    DuplicateTask {
        /// The name that two tasks have.
        task: String,
    },
    /// A task waits for a name that no task of the job has.
    UnknownDependency {
        /// The name of the task that waits.
        task: String,
        /// The name that it waits for and that no task has.
        dependency: String,
    },
    /// Tasks wait for each other, so none of them could ever run.
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
        /// The name of the task whose contract differs from that of its job.
        task: String,
    },
    /// The operation that a task runs is not registered.
    UnknownOperation {
        /// The name of the task that is refused, as its plan states it.
        task: String,
        /// The name of the operation, which the registry does not have.
        operation: String,
    },
    /// The operation demands a capability that the task does not hold.
    MissingCapability {
        /// The name of the task that would run the operation.
        task: String,
        /// The capability that would admit the task if it were granted.
        capability: Capability,
    },
    /// A task or a job is to hold a capability that neither the registry nor the asking task holds.
    Widened {
        /// The name of the task. None if the refused request is the opening of a job.
        task: Option<String>,
        /// The capability that may not be passed on.
        capability: Capability,
    },
    /// The operation is registered with one contract for all its tasks, and the task has another.
    OperationContract {
        /// The name of the task whose contract differs from that of the operation.
        task: String,
        /// The name of the operation that has a contract of its own.
        operation: String,
    },
    /// The operation is registered with a class of validator, and the contract of the task has another class.
    OtherValidator {
        /// The name of the task whose contract has the other class.
        task: String,
        /// The class that the registration of the operation demands.
        demanded: ValidatorClass,
        /// The class of the contract of the task.
        found: ValidatorClass,
    },
    /// A running task asked for a task with the role of an answer. Only tasks of plans may answer.
    AnswerByRequest {
        /// The name of the task that was asked for.
        task: String,
    },
    /// The child of a task would run an operation that asks for the same child again, without an end.
    AsksForItself {
        /// The name of the task whose child would ask.
        task: String,
        /// The operation of the child.
        operation: String,
    },
    /// The operation panicked before in this job, which may therefore not run it again.
    Disabled {
        /// The name of the task that would run the operation.
        task: String,
        /// The name of the operation that panicked.
        operation: String,
    },
    /// No validator of the class of the task's contract is installed.
    MissingValidator {
        /// The name of the task that could not be judged.
        task: String,
        /// The class of validator that is missing.
        class: ValidatorClass,
    },
    /// The required level is higher than the contract, its validator or the operation can show.
    LevelOutOfReach {
        /// The name of the task. None if the refused request is the opening of a job.
        task: Option<String>,
        /// The level that the task or the job requires.
        required: Level,
        /// The highest level that the contract, its validator and the operation together can show.
        ceiling: Level,
    },
    /// The job has no record that the memory was consulted for it.
    NotConsulted {
        /// The id of the job that was to be opened.
        job: JobId,
    },
    /// The budget of the job does not suffice for the task or the plan.
    Budget {
        /// The name of the task. None if the plan as a whole has too many tasks.
        task: Option<String>,
        /// The resource that does not suffice, with the amounts wanted and left.
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
        /// The largest number of tasks that a job may hold.
        limit: u32,
    },
    /// The plan has no tasks to admit.
    EmptyPlan,
    /// The job was never opened, or it has ended.
    JobNotOpen {
        /// The id of the job that the request is for.
        job: JobId,
    },
    /// A job with this id is open, or was open before.
    JobExists {
        /// The id that cannot be used for another job.
        job: JobId,
    },
    /// The job has no task with this id.
    UnknownTask {
        /// The id of the task that the event names.
        task: TaskId,
    },
    /// The state of the task does not allow the event, for example a cancellation after the task has ended.
    WrongState {
        /// The id of the task that the event is for.
        task: TaskId,
        /// The state that the task is in, which does not allow the event.
        state: TaskState,
    },
    /// The verdict was made for another task: it is replayed, or belongs to another job.
    ForeignVerdict {
        /// The task that the verdict was offered for.
        task: TaskId,
        /// The task that the verdict was made for.
        verdict: TaskId,
    },
    /// The verdict was made under another contract than the one that was fixed at admission.
    OtherContract {
        /// The digest of the contract that was fixed at admission.
        admitted: Digest,
        /// The digest of the contract that the verdict names.
        verdict: Digest,
    },
    /// The verdict is on another value than the one that the task proposed.
    OtherSubject {
        /// The id of the task that the verdict was offered for.
        task: TaskId,
    },
}

impl Refusal {
    /// Returns the gate at which the request was refused. Interfaces show it apart from the text.
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
            | Self::AsksForItself { .. }
            | Self::AnswerContract { .. } => Gate::Plan,
            Self::UnknownOperation { .. } | Self::Disabled { .. } => Gate::Operation,
            Self::MissingCapability { .. } | Self::Widened { .. } => Gate::Capability,
            Self::MissingValidator { .. }
            | Self::OperationContract { .. }
            | Self::OtherValidator { .. }
            | Self::LevelOutOfReach { .. } => Gate::Validator,
            Self::NotConsulted { .. } => Gate::Memory,
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
            Self::AsksForItself { task, operation } => {
                write!(
                    f,
                    "the child of {task} would run {operation}, which asks for a child itself; name another one"
                )
            }
            Self::Disabled { task, operation } => {
                write!(f, "{task} runs {operation}, which panicked in this job; start another job")
            }
            Self::MissingValidator { task, class } => match class.missing_reason() {
                Some(reason) => write!(f, "{task} needs a validator of class {class}: {reason}"),
                None => write!(f, "{task} needs a validator of class {class}; install one"),
            },
            Self::LevelOutOfReach { task: None, required, ceiling: Level::None } => {
                write!(f, "level {required} is required, and nothing can check what was asked; require none")
            }
            Self::LevelOutOfReach { task: None, required, ceiling } => write!(
                f,
                "level {required} is required, and what was asked can be checked up to {ceiling}; \
                 require {ceiling} or lower"
            ),
            Self::LevelOutOfReach { task: Some(task), required, ceiling } => write!(
                f,
                "{task} must reach level {required} and can be shown up to {ceiling}; ask for {ceiling} or lower"
            ),
            Self::NotConsulted { job } => write!(
                f,
                "no record says that the memory was consulted for {job}; state JobSpec::consulted, with \
                 Consulted::no_memory if there is none"
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
                write!(
                    f,
                    "the job would hold {wanted} and {limit} is the limit; split it",
                    wanted = counted(*wanted, "task")
                )
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
