//! Where operations run. A pool proposes; what it returns is judged before anyone sees it.

mod inline;
mod threads;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use abi::{Digest, Proposal, TaskId, Value};

use crate::{Cause, Millis, Overview, TaskSpec};

pub use inline::Inline;
pub use threads::Threads;

/// One run of one task, with everything that the kernel gives to it.
#[derive(Clone, Debug)]
pub struct Work {
    /// The task.
    pub task: TaskId,
    /// Which run of the task this is, from 1: it runs again after it was parked.
    pub run: u32,
    /// What it was admitted as.
    pub spec: Arc<TaskSpec>,
    /// The results that it waited for, in the order of its specification.
    pub inputs: Vec<Input>,
    /// What became of the tasks that it asked for when it parked, in the order of admission.
    pub replies: Vec<Reply>,
    /// What it left for itself when it parked.
    pub frame: Option<Arc<Value>>,
    /// Of a repair, what it is to mend.
    pub mend: Option<Mend>,
    /// Of a tool, the scheduler as it was when the run began.
    pub overview: Option<Arc<Overview>>,
    /// Raised when the result is not wanted any more.
    pub stop: Stop,
}

/// The result of a task that was waited for.
#[derive(Clone, Debug)]
pub struct Input {
    /// The task's name.
    pub name: String,
    /// Its judged value.
    pub value: Arc<Value>,
}

/// What became of a task that was asked for: a typed result, never a transcript.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The task's name.
    pub name: String,
    /// Its judged value, or why there is none.
    pub result: Result<Arc<Value>, Cause>,
}

/// A refuted proposal.
#[derive(Clone, Debug)]
pub struct Mend {
    /// What was proposed.
    pub proposed: Arc<Value>,
    /// What was found wrong with it.
    pub finding: String,
}

/// A flag that is raised when the result of a run is not wanted any more. Long work looks at it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Whether it was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Raises it.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What an executor made, with how it made it.
#[derive(Debug)]
pub struct Execution {
    /// What it proposes.
    pub subject: Proposal<Value>,
    /// How it was made, for the history.
    pub record: Value,
    /// What the record refers to, kept as blobs.
    pub blobs: Vec<Vec<u8>>,
    /// Digests of what it was made from, beside what the kernel gave to it.
    pub inputs: Vec<Digest>,
    /// Tokens that it used.
    pub tokens: u64,
}

impl Execution {
    /// A proposal with nothing else to tell.
    #[must_use]
    pub fn of(subject: Proposal<Value>) -> Self {
        Self { subject, record: Value::Null, blobs: Vec::new(), inputs: Vec::new(), tokens: 0 }
    }
}

/// How a run ended that did not fail.
#[derive(Debug)]
pub enum Outcome {
    /// With something to judge.
    Proposed(Execution),
    /// It waits for tasks of its own asking and runs again when they have ended.
    Parked {
        /// What it asks for.
        tasks: Vec<TaskSpec>,
        /// What it leaves for itself.
        frame: Value,
        /// Tokens that it used.
        tokens: u64,
    },
}

/// Runs operations.
pub trait Executor {
    /// What can go wrong while running. A wrong result is no error.
    type Error: std::error::Error;

    /// Runs a task.
    ///
    /// # Errors
    /// There is nothing to judge.
    fn run(&mut self, work: &Work) -> Result<Outcome, Self::Error>;
}

/// How a run came back.
#[derive(Debug)]
pub enum Completion<E> {
    /// Without failing.
    Done(Outcome),
    /// Its executor failed.
    Failed(E),
    /// Its executor panicked.
    Panicked(String),
}

/// A run that came back.
#[derive(Debug)]
pub struct Returned<E> {
    /// The task.
    pub task: TaskId,
    /// Which run of it.
    pub run: u32,
    /// How it ended.
    pub completion: Completion<E>,
}

/// Something that runs work and returns it. It is not trusted to return it once, in time, or at all.
pub trait Pool {
    /// What can go wrong in an executor.
    type Error: std::error::Error;

    /// Begins a run.
    fn start(&mut self, work: Work);

    /// A run that has come back, without waiting for one.
    fn poll(&mut self) -> Option<Returned<Self::Error>>;

    /// Waits for a run to come back, at most `limit` where there is one.
    fn wait(&mut self, limit: Option<Millis>) -> Option<Returned<Self::Error>>;
}

/// Something that tells the time.
pub trait Clock {
    /// Milliseconds since its beginning; never goes back.
    fn now(&mut self) -> Millis;
}

/// A clock that stands still, for work without deadlines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standstill;

impl Clock for Standstill {
    fn now(&mut self) -> Millis {
        Millis(0)
    }
}

/// Runs `work` and turns a panic into a value.
fn run_caught<X: Executor>(executor: &mut X, work: &Work) -> Returned<X::Error> {
    let completion = match caught(|| executor.run(work)) {
        Ok(Ok(outcome)) => Completion::Done(outcome),
        Ok(Err(error)) => Completion::Failed(error),
        Err(Panicked(message)) => Completion::Panicked(message),
    };
    Returned { task: work.task, run: work.run, completion }
}

/// A panic that was caught, and what it said.
pub(crate) struct Panicked(pub(crate) String);

/// What `run` returns, unless it panics. Whatever it left half done is its own.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Panicked(message.unwrap_or_else(|| "no message".to_owned()))
    })
}
