//! Committed values: the only values that a caller may show as an answer.

use abi::{TaskId, Value};
use det::{Judged, Level, Verdict};

/// A value that was judged and committed as the answer of its job.
///
/// Only the kernel makes one. Holding it proves that the value satisfied the job's contract, which was fixed
/// at admission, at the job's level or above, and that the verdict was made for this task. It does not prove
/// that the history is durable: the driver hands it out only after that.
#[derive(Debug)]
pub struct Committed {
    judged: Judged<Value>, // Invariant: satisfied under the job's contract.
    level: Level,          // Invariant: the job's level or above; at most the verdict's.
}

impl Committed {
    /// Wraps a judged value that the kernel has checked against its job.
    pub(crate) fn new(judged: Judged<Value>, level: Level) -> Self {
        Self { judged, level }
    }

    /// The committed value, exactly as it was judged. Show this and nothing around it.
    #[must_use]
    pub fn value(&self) -> &Value {
        self.judged.value()
    }

    /// The verdict on the value. It names the digests of the contract and of all inputs, and the task.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        self.judged.verdict()
    }

    /// The level that was shown: that of the verdict, at most the ceiling of the task's operation. Never
    /// below the level that the job requires.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The task that proposed the value. The verdict was made for this task.
    #[must_use]
    pub fn task(&self) -> TaskId {
        self.verdict().task()
    }
}
