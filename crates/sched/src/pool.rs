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

use crate::{Cause, Millis, Overview, TaskSpec};

pub use inline::Inline;
pub use threads::Threads;

/// One run of one task, with all values that the executor is given. The kernel has admitted the task, and its
/// budget is reserved for this run.
#[derive(Clone, Debug)]
pub struct Work {
    /// The task to run.
    pub task: TaskId,
    /// The number of this run of the task, from 1. A task runs again after it parked.
    pub run: u32,
    /// The specification with which the task was admitted.
    pub spec: Arc<TaskSpec>,
    /// The results of the tasks that this one waited for, in the order of its specification.
    pub inputs: Vec<Input>,
    /// The results of the tasks that this one asked for when it last parked, in the order of their admission.
    pub replies: Vec<Reply>,
    /// The value that the task saved for itself when it last parked.
    pub frame: Option<Arc<Value>>,
    /// For a repair, the refuted proposal that it corrects.
    pub refuted: Option<RefutedProposal>,
    /// For a tool, the state of the scheduler at the start of the run.
    pub overview: Option<Arc<Overview>>,
    /// A flag that is raised when the result is not used any more.
    pub stop: Stop,
}

/// The judged result of a task that this run's task waited for. Its digest is among the inputs of the
/// verdict.
#[derive(Clone, Debug)]
pub struct Input {
    /// The name of that task.
    pub name: String,
    /// The judged value.
    pub value: Arc<Value>,
    /// The origin of the value, as its executor stated it. An operation that passes the value on states it
    /// again.
    pub origin: Origin,
}

/// The result of a task that this run's task asked for. It is a judged value or a cause, never a transcript.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The name of the task that was asked for.
    pub name: String,
    /// The judged value with its origin, as its executor stated it, or the reason why there is no value.
    pub result: Result<Proposal<Arc<Value>>, Cause>,
}

/// A proposal that was judged and refuted, as input for its repair.
#[derive(Clone, Debug)]
pub struct RefutedProposal {
    /// The refuted value.
    pub proposed: Arc<Value>,
    /// The finding of the validator.
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

/// The result of a run that did not fail: a proposal, and the executor's account of how it was made.
///
/// Nothing in here is trusted: the history stores the account as a claim, and `det` judges the proposal.
#[derive(Debug)]
pub struct Execution {
    /// The proposed value.
    pub subject: Proposal<Value>,
    /// The executor's account of the run, for the history.
    pub record: Value,
    /// Data that the record refers to, stored as blobs.
    pub blobs: Vec<Vec<u8>>,
    /// Digests of further inputs of the proposal, beside those that the kernel gave to the task.
    pub inputs: Vec<Digest>,
    /// Tokens that the run used.
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

/// The way in which a run ended that did not fail. A run that parks has used up one run of the job's budget.
#[derive(Debug)]
pub enum Outcome {
    /// The run made a proposal.
    Proposed(Execution),
    /// The task asks for more tasks and runs again after they have ended.
    Parked {
        /// The tasks that it asks for.
        tasks: Vec<TaskSpec>,
        /// A value that the task saves for its next run.
        frame: Value,
        /// Tokens that the run used.
        tokens: u64,
    },
}

/// Runs operations: one call, one run of one task. Implemented by the crates that own models and tools.
pub trait Executor {
    /// An error that leaves no proposal. A wrong proposal is not an error: the judgement finds it.
    type Error: std::error::Error;

    /// Runs a task once and returns its proposal, or the tasks that it asks for.
    ///
    /// # Errors
    /// Fails if there is no proposal. The task fails with the error's text as its cause.
    fn run(&mut self, work: &Work) -> Result<Outcome, Self::Error>;
}

/// The way in which a run came back from the pool. An error or a panic fails its task and no other.
#[derive(Debug)]
pub enum Completion<E> {
    /// The run ended without an error.
    Done(Outcome),
    /// The executor returned an error.
    Failed(E),
    /// The executor panicked with this message.
    Panicked(String),
}

/// A run that came back from the pool, with its outcome. The driver matches it by task and number against the
/// runs that it started.
#[derive(Debug)]
pub struct Returned<E> {
    /// The task that ran.
    pub task: TaskId,
    /// The number of the run.
    pub run: u32,
    /// The way in which the run came back.
    pub completion: Completion<E>,
}

/// Runs work on one or more workers and returns it.
///
/// The driver does not trust a pool to return a run once, in time, or at all: it ignores a run that it does
/// not expect, and a run that never comes back ends by its task's deadline.
pub trait Pool {
    /// The error of the pool's executors, which is reported and never interpreted.
    type Error: std::error::Error;

    /// Begins a run. The call does not wait for the run to end.
    fn start(&mut self, work: Work);

    /// Returns a run that has come back, without waiting. None if there is none at the moment.
    fn poll(&mut self) -> Option<Returned<Self::Error>>;

    /// Waits for a run to come back, for at most `limit` if there is one. None if none came.
    fn wait(&mut self, limit: Option<Millis>) -> Option<Returned<Self::Error>>;
}

/// The source of time for deadlines. A parameter, so that tests and the simulator control time.
pub trait Clock {
    /// Returns the milliseconds since the clock's own start. The result never decreases.
    fn now(&mut self) -> Millis;
}

/// A clock that always shows zero, for work that has no deadlines. With it no run is ever late, and every
/// recorded time is zero.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&mut self) -> Millis {
        Millis(0)
    }
}

/// Runs `work` and turns a panic into a returned run.
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

/// Calls `run` and returns its result, or the panic's message. Values that `run` changed halfway belong to
/// `run`'s owner and are not used after a panic.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Panicked(message.unwrap_or_else(|| "no message".to_owned()))
    })
}
