//! Committed values.

use abi::{TaskId, Value};
use det::{Judged, Level, Verdict};

/// A value that was judged and committed. Only the kernel makes one; it is what a caller may see.
#[derive(Debug)]
pub struct Committed {
    judged: Judged<Value>, // Invariant: satisfied, at the job's level or above.
    level: Level,          // Invariant: at most the verdict's, and the operation's ceiling.
}

impl Committed {
    pub(crate) fn new(judged: Judged<Value>, level: Level) -> Self {
        Self { judged, level }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        self.judged.value()
    }

    /// The verdict on it.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        self.judged.verdict()
    }

    /// The level that was shown, the ceiling of its operation observed.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The task that it is the result of.
    #[must_use]
    pub fn task(&self) -> TaskId {
        self.verdict().task()
    }
}
