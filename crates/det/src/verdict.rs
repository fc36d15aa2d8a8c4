//! The methods that read a verdict.

use abi::{Body, Canonical, Digest, TaskId, Value};

use crate::{Executor, Level, Outcome, Verdict};

impl Verdict {
    /// Returns the level that the subject reached.
    ///
    /// The level alone does not show that the subject satisfies the contract: a subject that was refuted,
    /// such as JSON without a demanded key, keeps the level that it reached before that.
    /// [`shows`](Self::shows) looks at level and outcome.
    #[must_use]
    pub fn level(&self) -> Level {
        self.statement().assessment.level
    }

    /// Returns the outcome: the subject satisfies the contract, or a finding says why it does not.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.statement().assessment.outcome
    }

    /// Returns true if the subject satisfies the contract, at whatever level.
    #[must_use]
    pub fn is_satisfied(&self) -> bool {
        self.statement().is_satisfied()
    }

    /// Returns true if the subject satisfies the contract and the level is `required` or higher.
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

    /// Returns the task for which the judgement was made. The scheduler commits the judged value for no other
    /// task.
    #[must_use]
    pub fn task(&self) -> TaskId {
        self.statement().task
    }

    /// Returns what ran the program that was judged. None if the subject was not run.
    #[must_use]
    pub fn executor(&self) -> Option<&Executor> {
        self.statement().assessment.trial.as_ref()?.executor.as_ref()
    }

    /// Returns the verdict as a plain value, for reports. Such a value cannot be turned back into a verdict.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.to_canonical().to_value().expect("a verdict is a map of lists at most")
    }

    /// Returns the canonical encoding of the verdict, which the ledger stores.
    #[must_use]
    pub fn to_canonical(&self) -> Canonical {
        self.statement().to_canonical()
    }
}
