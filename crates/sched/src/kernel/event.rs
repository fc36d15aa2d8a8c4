//! The kernel's interface as data: events go in, effects come out.

use abi::{Digest, JobId, Proposal, TaskId, Value};
use det::{Judged, Subject};

use crate::{Cause, Committed, JobSpec, Plan, Record, TaskSpec, TaskState};

/// Something that happened, as input to [`Kernel::step`](crate::Kernel::step).
///
/// An event is untrusted. The kernel refuses one that does not fit the state of its task or job.
#[derive(Debug)]
pub enum Event {
    /// The caller opens a job. The kernel refuses an id that was used before, rights that are not granted,
    /// and a level that the contract cannot show.
    Open(JobSpec),
    /// The caller asks for the admission of a plan to an open job.
    Admit(Plan),
    /// A running task asks for more tasks, and parks until they have ended.
    Request {
        /// The task that is running and asks.
        task: TaskId,
        /// The tasks that it asks for. They are admitted together or not at all, with at most its own rights.
        tasks: Vec<TaskSpec>,
        /// The tokens that the task used so far in this run.
        tokens: u64,
    },
    /// The executor of a task returned a proposal.
    Proposed {
        /// The id of the task whose run returned the proposal.
        task: TaskId,
        /// The value that the executor proposes, with its origin.
        subject: Proposal<Value>,
        /// The executor's account of how it made the proposal, for the history. Nothing checks it.
        record: Value,
        /// The digests of further inputs of the proposal, beside those that the kernel gave to the task.
        inputs: Vec<Digest>,
        /// The tokens that the task used in this run.
        tokens: u64,
    },
    /// A run of a task ended without a proposal, so the task fails.
    Failed {
        /// The id of the task whose run ended.
        task: TaskId,
        /// The reason why there is no proposal, which becomes the cause of the task.
        cause: Cause,
    },
    /// The proposal of a task was judged by `det`, with whatever outcome.
    Judged {
        /// The task that the verdict is offered for. The kernel refuses a verdict that was made for another.
        task: TaskId,
        /// The proposed value with its verdict, which may be a refutation.
        judged: Judged<Value>,
    },
    /// The proposal of a task could not be judged, so the task fails.
    Unjudged {
        /// The id of the task whose proposal could not be judged.
        task: TaskId,
        /// The reason why there is no verdict, in words; it becomes the cause of the task.
        why: String,
    },
    /// Time has passed. The kernel stops tasks and ends jobs whose deadline has passed.
    Tick,
    /// The caller cancels a task. The tasks that wait for it fail.
    Cancel {
        /// The task to cancel, which must not have ended.
        task: TaskId,
        /// The reason for the cancellation, which the history records.
        reason: String,
    },
    /// The caller ends a job without an answer. Tasks that have not ended are cancelled.
    Abstain {
        /// The job to end, which must be open.
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
    /// Append this record to the history, as an entry of the journal.
    Record(Record),
    /// Start a run of the task. The kernel has reserved its budget.
    Run(TaskId),
    /// Stop the run of the task; its result is not used any more.
    Stop(TaskId),
    /// Have the proposal judged by `det` under the contract of the task, and report the verdict as an event.
    Judge {
        /// The id of the task whose proposal is to be judged.
        task: TaskId,
        /// The proposed value with its digest, as `det` takes it to be judged.
        subject: Subject,
        /// The digests of everything that the proposal was made from. The verdict must name them.
        inputs: Vec<Digest>,
    },
    /// The task passed and is not the answer. Keep its judged value for the tasks that wait for it.
    Deliver(Judged<Value>),
    /// The task was judged and did not pass: the proposal is refuted, or its level is too low. Keep the value
    /// for a repair.
    Unmet(Judged<Value>),
    /// Hand the committed value to the caller as soon as the history up to here is durable.
    Reveal(Committed),
    /// A task has changed its state. Only watchers need this effect; no other effect depends on it.
    Moved {
        /// The task whose state changed.
        task: TaskId,
        /// The state that the task had before.
        from: TaskState,
        /// The state that the task has now.
        to: TaskState,
    },
    /// All tasks of the job have ended and none was committed. The caller may admit another plan or abstain.
    Idle(JobId),
    /// The job has ended, with an answer or without. None of its tasks runs or waits.
    Closed(JobId),
}
