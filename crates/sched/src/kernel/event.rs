//! The kernel's interface as data: events go in, effects come out.

use abi::{Digest, JobId, Proposal, TaskId, Value};
use det::{Judged, Subject};

use crate::{Cause, Committed, JobSpec, Plan, Record, TaskSpec, TaskState};

/// Something that happened, as input to [`Kernel::step`](crate::Kernel::step).
///
/// An event is untrusted. The kernel refuses one that does not fit the state of its task or job.
#[derive(Debug)]
pub enum Event {
    /// The caller opens a job.
    Open(JobSpec),
    /// The caller asks for the admission of a plan.
    Admit(Plan),
    /// A running task asks for more tasks and waits for them.
    Request {
        /// The running task.
        task: TaskId,
        /// The tasks that it asks for. They are admitted together or not at all, with at most its own rights.
        tasks: Vec<TaskSpec>,
        /// Tokens that the task used so far in this run.
        tokens: u64,
    },
    /// The executor of a task returned a proposal.
    Proposed {
        /// The task that ran.
        task: TaskId,
        /// The proposed value.
        subject: Proposal<Value>,
        /// The executor's account of how it made the proposal, for the history.
        record: Value,
        /// Digests of further inputs of the proposal, beside those that the kernel gave to the task.
        inputs: Vec<Digest>,
        /// Tokens that the task used in this run.
        tokens: u64,
    },
    /// A run of a task ended without a proposal.
    Failed {
        /// The task that ran.
        task: TaskId,
        /// The reason.
        cause: Cause,
    },
    /// The proposal of a task was judged.
    Judged {
        /// The task that the verdict is offered for. The kernel refuses a verdict that was made for another.
        task: TaskId,
        /// The proposed value with its verdict.
        judged: Judged<Value>,
    },
    /// The proposal of a task could not be judged. The task fails.
    Unjudged {
        /// The task that proposed.
        task: TaskId,
        /// The reason.
        why: String,
    },
    /// Time has passed. The kernel stops tasks and jobs whose deadline is over.
    Tick,
    /// The caller cancels a task. The tasks that wait for it fail.
    Cancel {
        /// The task to cancel.
        task: TaskId,
        /// The reason, for the history.
        reason: String,
    },
    /// The caller ends a job without an answer. Tasks that have not ended are cancelled.
    Abstain {
        /// The job to end.
        job: JobId,
        /// The reason, for the history and the caller.
        reason: String,
    },
}

/// Something that the driver must do, as output of [`Kernel::step`](crate::Kernel::step).
///
/// The order matters: a driver performs effects in the order in which the kernel emitted them. For example,
/// the record of a commit comes before the effect that shows the value.
#[derive(Debug)]
pub enum Effect {
    /// Append this record to the history.
    Record(Record),
    /// Start a run of the task.
    Run(TaskId),
    /// Stop the run of the task; its result is not used any more.
    Stop(TaskId),
    /// Have the proposal judged under the contract of the task.
    Judge {
        /// The task that proposed.
        task: TaskId,
        /// The proposal.
        subject: Subject,
        /// Digests of everything that the proposal was made from. The verdict is bound to them.
        inputs: Vec<Digest>,
    },
    /// The task passed. Keep its value for the tasks that wait for it.
    Deliver(Judged<Value>),
    /// The task did not pass: its contract is refuted, or the level of the verdict is too low.
    Unmet(Judged<Value>),
    /// Show the committed value to the caller, after the history is durable.
    Reveal(Committed),
    /// A task changed its state. For watchers only; no other effect depends on it.
    Moved {
        /// The task that changed.
        task: TaskId,
        /// The state before.
        from: TaskState,
        /// The state after.
        to: TaskState,
    },
    /// All tasks of the job have ended and none was committed. The job takes another plan, or abstains.
    Idle(JobId),
    /// The job has ended. None of its tasks runs or waits.
    Closed(JobId),
}
