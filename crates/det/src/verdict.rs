//! The readers of a verdict.

use abi::{Body, Canonical, Digest, TaskId, Value};

use crate::{Level, Outcome, Verdict};

impl Verdict {
    /// Returns the level that the judgement reached.
    ///
    /// The level alone does not show that the subject satisfies the contract, because a refuted verdict keeps
    /// the level that its subject reached before. [`shows`](Self::shows) looks at both.
    #[must_use]
    pub fn level(&self) -> Level {
        self.statement().assessment.level
    }

    /// Returns the outcome: the subject satisfies the contract, or a finding says why it does not.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.statement().assessment.outcome
    }

    /// Returns true if the subject satisfies the contract, whatever the level is.
    #[must_use]
    pub fn is_satisfied(&self) -> bool {
        self.statement().is_satisfied()
    }

    /// Returns true if the subject satisfies the contract and the judgement reached `required` or more.
    #[must_use]
    pub fn shows(&self, required: Level) -> bool {
        self.is_satisfied() && self.level() >= required
    }

    /// Returns the digest of the judged value, as [`subject_digest`](crate::subject_digest) computes it.
    #[must_use]
    pub fn subject(&self) -> Digest {
        self.statement().subject
    }

    /// Returns the digest of the contract under which the subject was judged.
    #[must_use]
    pub fn contract(&self) -> Digest {
        self.statement().contract
    }

    /// Returns the task for which the judgement was made. The scheduler accepts the verdict for no other.
    #[must_use]
    pub fn task(&self) -> TaskId {
        self.statement().task
    }

    /// Returns the verdict as a value, for reports. Reading it back gives a claim, not a verdict.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.to_canonical().to_value().expect("a verdict is a map of lists at most")
    }

    /// Returns the canonical encoding of [`to_value`](Self::to_value), which the ledger seals.
    #[must_use]
    pub fn to_canonical(&self) -> Canonical {
        self.statement().to_canonical()
    }
}
