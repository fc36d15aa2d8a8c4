//! The consequences of a verdict: the next action, and the word for how a result was verified.

use crate::{Finding, Level, Outcome, Verdict};

/// The action that a verdict asks for.
///
/// The reference sends everything below the demanded level either to repair (nothing shown, or a property)
/// or to bail (syntax, schema), by level alone. Here the outcome decides, because the level does not say
/// if another attempt could do better: a refuted subject can be mended, and the finding says where; a
/// satisfied one whose contract shows too little stays too low however often it is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Satisfied at the demanded level: the value may be shown.
    Emit,
    /// Refuted, with a finding that another attempt can heed.
    Repair,
    /// Satisfied, and too little shown: no attempt under this contract reaches the level.
    Bail,
    /// Not a subject of the kind that the contract is about; there is nothing to mend.
    Reject,
}

impl Verdict {
    /// Returns the action that the verdict asks for in a job that demands `required`.
    #[must_use]
    pub fn action(&self, required: Level) -> Action {
        match self.outcome() {
            Outcome::Satisfied if self.level() >= required => Action::Emit,
            Outcome::Satisfied => Action::Bail,
            Outcome::Refuted(Finding::NotText { .. }) => Action::Reject,
            Outcome::Refuted(_) => Action::Repair,
        }
    }
}

/// The way in which a result was verified, as one word for reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verification {
    /// Nothing was shown, or what was shown speaks against the result.
    Unverified,
    /// Nothing can be checked about the result.
    Judgment,
    /// The form of the result was checked.
    Checked,
    /// A property of the result was checked.
    Validated,
    /// An oracle agrees, or the content was admitted.
    Verified,
}

impl Verification {
    /// Returns the verification of a result that satisfies a contract with this ceiling. If the contract can
    /// show nothing, acceptance is a judgement.
    #[must_use]
    pub fn intended(ceiling: Level) -> Self {
        match ceiling {
            Level::None => Self::Judgment,
            Level::Syntax | Level::Schema => Self::Checked,
            Level::Property => Self::Validated,
            Level::Oracle | Level::Proven => Self::Verified,
        }
    }

    /// Returns true if a blind second attempt is worth its cost under a contract of this verification.
    ///
    /// Where an oracle refuted the result, a second attempt that does not know the answer is a guess. A
    /// result that is `Unverified` gives another attempt nothing to aim at.
    #[must_use]
    pub fn in_repair_band(self) -> bool {
        matches!(self, Self::Judgment | Self::Checked | Self::Validated)
    }

    /// Returns the word that stands for the verification in reports and interfaces.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Validated => "validated",
            Self::Checked => "checked",
            Self::Judgment => "judgment",
            Self::Unverified => "unverified",
        }
    }
}
