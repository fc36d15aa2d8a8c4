//! The interface between the driver and the executors of operations.
//!
//! Executors and pools are not trusted. An executor only proposes a value, which `det` judges before anyone
//! sees it; a pool may lose, repeat or delay runs, which the driver and the kernel detect.

mod inline;
mod threads;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use abi::{Digest, Origin, Proposal, TaskId, Value};

use crate::{Cause, Millis, Overview, Remembered, TaskSpec};

pub use inline::Inline;
pub use threads::Threads;

/// One run of one task, with all values that the executor is given.
///
/// The kernel has admitted the task and reserved its budget for this run.
#[derive(Clone, Debug)]
pub struct Work {
    /// The id of the task to run. The result is returned under this id and the number of the run.
    pub task: TaskId,
    /// The number of this run of the task, from 1. A task runs again after it parked.
    pub run: u32,
    /// The specification with which the task was admitted.
    pub spec: Arc<TaskSpec>,
    /// The results of the tasks that this one waited for, in the order of its specification.
    pub inputs: Vec<Input>,
    /// The results of the tasks that this task asked for when it last parked, in the order of their
    /// admission.
    pub replies: Vec<Reply>,
    /// The value that the task saved for itself when it last parked. None in the first run.
    pub frame: Option<Arc<Value>>,
    /// The refuted proposal that this task is to correct. None unless the task is a repair.
    pub refuted: Option<RefutedProposal>,
    /// The entries of the memory that were recalled for the job, the best first. They are claims that nobody judged.
    pub recalled: Arc<[Remembered]>,
    /// The state of the scheduler at the start of the run. None unless the operation is of the tier `Tool`.
    pub overview: Option<Arc<Overview>>,
    /// A flag that is raised when the result is not used any more.
    pub stop: Stop,
}

/// The judged result of a task that the running task waited for. The verdict on the run's own proposal names
/// the digest of this result among its inputs.
#[derive(Clone, Debug)]
pub struct Input {
    /// The name of the task whose result this is.
    pub name: String,
    /// The value of that task's result, which satisfies its contract.
    pub value: Arc<Value>,
    /// The origin of the value, as its executor stated it. An operation that passes the value on states it
    /// again.
    pub origin: Origin,
}

/// The result of a task that the running task asked for: a judged value or a cause, never a transcript.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The name of the task that was asked for.
    pub name: String,
    /// The judged value with its origin, as its executor stated it, or the reason why there is no value.
    pub result: Result<Proposal<Arc<Value>>, Cause>,
}

/// A proposal that was judged and refuted, as a repair of it is given it.
#[derive(Clone, Debug)]
pub struct RefutedProposal {
    /// The proposed value, which does not satisfy the contract.
    pub proposed: Arc<Value>,
    /// The finding of the validator: the reason, in words.
    pub finding: String,
}

/// A flag that is raised when the result of a run is not used any more. Executors with long work check it
/// from time to time and return early. Clones share one flag.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Returns true if the flag was raised. A raised flag is never lowered again.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Raises the flag. The run is not interrupted; its executor must check the flag itself.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The proposal of a run, and the executor's account of how the proposal was made.
///
/// Nothing in here is trusted: the history stores the account as a claim, and `det` judges the proposal.
#[derive(Debug)]
pub struct Execution {
    /// The proposed value, and the origin that the executor states for it.
    pub subject: Proposal<Value>,
    /// The executor's account of the run, for the history. Nothing checks it.
    pub record: Value,
    /// Data that the account refers to. Each element is stored as one blob.
    pub blobs: Vec<Vec<u8>>,
    /// The digests of further inputs of the proposal, beside those that the kernel gave to the task.
    pub inputs: Vec<Digest>,
    /// The number of tokens that the run used.
    pub tokens: u64,
}

impl Execution {
    /// Returns an execution with only a proposal: no record, no blobs, no further inputs, no tokens. Other
    /// fields can be set with a struct update.
    #[must_use]
    pub fn from_proposal(subject: Proposal<Value>) -> Self {
        Self { subject, record: Value::Null, blobs: Vec::new(), inputs: Vec::new(), tokens: 0 }
    }
}

/// The way in which a run ended that returned no error: with a proposal, or with a request for more tasks.
///
/// A run that parks has used up one of the runs in the job's budget.
#[derive(Debug)]
pub enum Outcome {
    /// The run proposed a value, which is judged next.
    Proposed(Execution),
    /// The task asks for more tasks and runs again after they have ended.
    Parked {
        /// The tasks that it asks for, which are admitted together or not at all.
        tasks: Vec<TaskSpec>,
        /// A value that the task saves for its next run, which gets it as [`Work::frame`].
        frame: Value,
        /// The number of tokens that the run used.
        tokens: u64,
    },
}

/// The code that runs operations: one call runs one task once. Crates that own models and tools implement it.
pub trait Executor {
    /// The error of a run that yields no proposal. A wrong proposal is not an error: the judgement finds it.
    type Error: std::error::Error;

    /// Runs a task once, and returns its proposal or the tasks that it asks for.
    ///
    /// # Errors
    /// Fails if the run yields neither. The task then fails with the error's text as its cause.
    fn run(&mut self, work: &Work) -> Result<Outcome, Self::Error>;
}

/// The way in which a run came back from the pool. An error or a panic fails its own task and no other.
#[derive(Debug)]
pub enum Completion<E> {
    /// The executor returned a proposal, or a request for more tasks.
    Done(Outcome),
    /// The executor returned this error, so the task fails.
    Failed(E),
    /// The executor panicked with this message, so the task fails and the job may not run the operation
    /// again.
    Panicked(String),
}

/// A run that came back from the pool. The driver uses it only if it is the latest run that it started for
/// the task.
#[derive(Debug)]
pub struct Returned<E> {
    /// The task that ran.
    pub task: TaskId,
    /// The number of the run, as in [`Work::run`].
    pub run: u32,
    /// The result of the run, or its error or panic.
    pub completion: Completion<E>,
}

/// The workers that run tasks and return the results.
///
/// The driver does not trust a pool to return a run once, in time, or at all: it ignores a run that it does
/// not expect, and a run that never comes back ends by its task's deadline.
pub trait Pool {
    /// The error of the pool's executors. The driver reports it and never interprets it.
    type Error: std::error::Error;

    /// Begins a run. This call does not wait for the run to end.
    fn start(&mut self, work: Work);

    /// Returns a run that has come back, without waiting. Returns None if there is none at the moment.
    fn poll(&mut self) -> Option<Returned<Self::Error>>;

    /// Waits for a run to come back, for at most `limit` milliseconds if a limit is given. Returns None if
    /// none came.
    fn wait(&mut self, limit: Option<Millis>) -> Option<Returned<Self::Error>>;
}

/// The source of time for deadlines. Time is a parameter, so that tests and the simulator control it.
pub trait Clock {
    /// Returns the milliseconds since the clock's own start. The result never decreases.
    fn now(&mut self) -> Millis;
}

/// A clock that always returns zero, for work that has no deadlines. With this clock no run is ever late, and
/// every recorded time is zero.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&mut self) -> Millis {
        Millis(0)
    }
}

/// Runs `work`. A panic of the executor becomes [`Completion::Panicked`].
fn run_caught<X: Executor>(executor: &mut X, work: &Work) -> Returned<X::Error> {
    let completion = match caught(|| executor.run(work)) {
        Ok(Ok(outcome)) => Completion::Done(outcome),
        Ok(Err(error)) => Completion::Failed(error),
        Err(Panicked(message)) => Completion::Panicked(message),
    };
    Returned { task: work.task, run: work.run, completion }
}

/// A panic that was caught, with its message.
pub(crate) struct Panicked(pub(crate) String);

/// Calls `run` and returns its result, or the message of its panic. After a panic, values that `run` was
/// changing may be inconsistent; the caller does not use them again.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Panicked(message.unwrap_or_else(|| "no message".to_owned()))
    })
}
