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

    /// Returns the committed value, exactly as it was judged. Show this value and no text around it as the
    /// answer.
    #[must_use]
    pub fn value(&self) -> &Value {
        self.judged.value()
    }

    /// Returns the verdict on the value. It names the task, and the digests of the contract and of all
    /// inputs.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        self.judged.verdict()
    }

    /// Returns the level that was shown: the level of the verdict, but at most the ceiling of the task's
    /// operation. This level is never below the level that the job requires.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Returns the task that proposed the value, and for which the verdict was made.
    #[must_use]
    pub fn task(&self) -> TaskId {
        self.verdict().task()
    }
}
