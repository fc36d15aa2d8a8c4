//! The driver's reports: news of single tasks, the end of a job, and errors.

use std::fmt;
use std::sync::Arc;

use abi::bounds::Unstorable;
use abi::{JobId, Receipt, TaskId, Value};
use det::Level;

use crate::{Committed, Refusal, TaskState};

/// The judgement of a task that did not let it pass: the proposal was refuted, or its level is too low. A
/// repair may still follow.
#[derive(Clone, Debug)]
pub struct Unmet {
    /// The task whose proposal was judged.
    pub task: TaskId,
    /// The level that the verdict on the proposal states.
    pub level: Level,
    /// The reason why the proposal does not satisfy the contract. None if it does and only the level is too
    /// low.
    pub finding: Option<String>,
    /// The proposed value. Nothing shows that it is right.
    pub proposed: Arc<Value>,
}

/// Something that happened in the driver and that a caller may want to report.
///
/// The scheduler's own decisions do not depend on anyone reading these events.
#[derive(Debug)]
pub enum DriverEvent<E> {
    /// A task changed its state.
    Moved {
        /// The task whose state changed.
        task: TaskId,
        /// The state that the task has now.
        to: TaskState,
    },
    /// A task was judged and did not pass. A repair may still follow.
    Unmet(Unmet),
    /// The executor of a task returned an error, so the task fails.
    Failed {
        /// The task whose run failed.
        task: TaskId,
        /// The error that the executor returned, with its own type.
        error: E,
    },
    /// The answer of a job was committed. The receipt names the durable entry of the commit.
    Committed(Box<Committed>, Receipt),
    /// All tasks of the job have ended and none was committed. The caller may admit another plan or abstain.
    Idle(JobId),
}

/// The result of [`Driver::drive`](crate::Driver::drive) and [`Driver::finish`](crate::Driver::finish): a
/// committed answer, or nothing left to run.
#[derive(Debug)]
pub enum DriveOutcome<E> {
    /// The answer of the job was committed. The receipt names the durable entry of the commit.
    Committed(Box<Committed>, Receipt),
    /// No task of the job is left to run, and none was committed. The caller may admit another plan or
    /// abstain.
    Idle {
        /// The judgements that did not let their task pass, in order.
        unmet: Vec<Unmet>,
        /// The tasks whose executor failed, with the executor's error, in order.
        failed: Vec<(TaskId, E)>,
    },
}

/// The reason why the driver stopped: a refusal of the kernel, or an error of the journal. The caller can
/// continue with the driver after either.
#[derive(Debug)]
pub enum DriveError<J> {
    /// The kernel refused an event, which changed nothing.
    Refused(Refusal),
    /// The journal failed. The driver keeps the entries that the journal did not take and appends them at the
    /// next call; it has reported none of them as durable.
    Journal(J),
    /// The journal can never store an entry of this job, so the job was ended, and the history says so. Nothing
    /// of the job is shown any more; every other job goes on at the next call.
    Unstorable {
        /// The job that was ended.
        job: JobId,
        /// The error of the journal.
        error: J,
    },
    /// The caller's own entry has a size that no journal stores. Nothing changed.
    TooLarge(Unstorable),
}

impl<J: fmt::Display> fmt::Display for DriveError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Journal(error) => error.fmt(f),
            Self::Unstorable { job, error } => {
                write!(f, "{job} was ended, because the history cannot take an entry of it: {error}")
            }
            Self::TooLarge(unstorable) => unstorable.fmt(f),
        }
    }
}

impl<J: std::error::Error> std::error::Error for DriveError<J> {}

impl<J> From<Refusal> for DriveError<J> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
