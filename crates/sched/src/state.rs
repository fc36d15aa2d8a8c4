//! The states of a task, and the transitions between them that the kernel makes.

use std::fmt;

/// The state of a task, from its admission to its end. [`may_become`](Self::may_become) is the table of legal
/// transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    /// Admitted; a task that this one waits for has not passed yet.
    Waiting,
    /// Ready to run as soon as a worker is free and the budget of a run can be reserved.
    Ready,
    /// Running: the kernel told the driver to start a run, which has not come back yet.
    Running,
    /// Parked: the task freed its worker and waits for the tasks that it asked for.
    Parked,
    /// A run returned a proposal, which was recorded and awaits its verdict.
    Validating,
    /// Judged and refuted; a repair runs in place of the task.
    Repairing,
    /// Judged and passed, at the level that the task needs.
    Passed,
    /// Passed by a repair that ran in place of the task.
    Repaired,
    /// Committed: the value is the job's answer.
    Committed,
    /// Judged and not passed, and no further repair is tried.
    Refuted,
    /// Ended without a judged proposal, for example after an error or because a dependency did not pass.
    Failed,
    /// Cancelled, by a caller or because the job ended first.
    Cancelled,
}

impl TaskState {
    /// Every state that a task can have, in the order of declaration.
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

    /// Returns the word that stands for the state in reports and the ledger, for example `refuted`.
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

    /// Returns true if the task has ended. After that, only a passed task can change its state, by being
    /// committed.
    #[must_use]
    pub fn is_settled(self) -> bool {
        self.has_passed() || matches!(self, Self::Refuted | Self::Failed | Self::Cancelled)
    }

    /// Returns true if tasks that wait for this one may use its result: it passed, was repaired, or was
    /// committed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        matches!(self, Self::Passed | Self::Repaired | Self::Committed)
    }

    /// Returns true if the transition from this state to `next` is legal. The kernel makes no other, and
    /// asserts it.
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
