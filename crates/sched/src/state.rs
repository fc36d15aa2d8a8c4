//! The states of a task and the legal transitions between them.

/// Where a task is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskState {
    /// Admitted; a dependency has not passed yet.
    Waiting,
    /// Its executor was told to run.
    Running,
    /// Its proposal was recorded and awaits a verdict.
    Validating,
    /// Judged, and what the job or a dependent needs was shown.
    Passed,
    /// Judged, and it was not.
    Refuted,
    /// Its executor failed, or a dependency did.
    Failed,
    /// Its value was committed.
    Committed,
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Running,
        Self::Validating,
        Self::Passed,
        Self::Refuted,
        Self::Failed,
        Self::Committed,
    ];

    /// Whether no event moves the task any more.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        !Self::ALL.into_iter().any(|next| self.may_become(next))
    }

    /// Whether the transition is legal. A task that passes as the job's answer goes on to `Committed`
    /// in the same step; one that supports others stays `Passed`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Waiting, Self::Running | Self::Failed)
                | (Self::Running, Self::Validating | Self::Failed)
                | (Self::Validating, Self::Passed | Self::Refuted | Self::Failed)
                | (Self::Passed, Self::Committed)
        )
    }
}
