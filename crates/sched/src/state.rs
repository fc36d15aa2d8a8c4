//! The states of a task and the legal transitions between them.

use std::fmt;

/// Where a task is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    /// Admitted; a dependency has not passed yet.
    Waiting,
    /// It may run as soon as there is a slot and its budget can be reserved.
    Ready,
    /// Its executor was told to run.
    Running,
    /// It gave its slot back and waits for tasks of its own asking.
    Parked,
    /// Its proposal was recorded and awaits a verdict.
    Validating,
    /// Judged and found short; a repair is at work in its place.
    Repairing,
    /// Judged, and what the job or a dependent needs was shown.
    Passed,
    /// Its repair passed in its place.
    Repaired,
    /// Its value was committed.
    Committed,
    /// Judged, and what is needed was not shown.
    Refuted,
    /// It produced nothing to judge, or a dependency can no longer pass.
    Failed,
    /// It was called off, or its job ended first.
    Cancelled,
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Waiting,
        Self::Ready,
        Self::Running,
        Self::Parked,
        Self::Validating,
        Self::Repairing,
        Self::Passed,
        Self::Repaired,
        Self::Committed,
        Self::Refuted,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word for it in reports and in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Parked => "parked",
            Self::Validating => "validating",
            Self::Repairing => "repairing",
            Self::Passed => "passed",
            Self::Repaired => "repaired",
            Self::Committed => "committed",
            Self::Refuted => "refuted",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the task has ended: nothing but the commit of a passed one follows.
    #[must_use]
    pub fn is_settled(self) -> bool {
        self.has_passed() || matches!(self, Self::Refuted | Self::Failed | Self::Cancelled)
    }

    /// Whether dependents may use its result.
    #[must_use]
    pub fn has_passed(self) -> bool {
        matches!(self, Self::Passed | Self::Repaired | Self::Committed)
    }

    /// The table of legal transitions. The kernel makes no other.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Waiting, Self::Ready | Self::Failed | Self::Cancelled)
                | (Self::Ready, Self::Running | Self::Failed | Self::Cancelled)
                | (Self::Running, Self::Validating | Self::Parked | Self::Failed | Self::Cancelled)
                | (Self::Parked, Self::Ready | Self::Cancelled)
                | (
                    Self::Validating,
                    Self::Passed | Self::Repairing | Self::Refuted | Self::Failed | Self::Cancelled
                )
                | (Self::Repairing, Self::Repaired | Self::Refuted | Self::Cancelled)
                | (Self::Passed, Self::Committed)
        )
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
