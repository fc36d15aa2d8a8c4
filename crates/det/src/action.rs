//! The consequences of a verdict: the next action, and the word for how well a result was verified.

use crate::{Finding, Level, Outcome, Verdict};

/// The action that the scheduler takes after a verdict, as [`Verdict::action`] returns it.
///
/// The reference implementation, with which `divergences.md` compares this one, decides by the level alone:
/// below the demanded level it repairs (nothing shown, or a property) or gives up (syntax, schema). Here the
/// outcome decides, because the level does not say if another attempt could do better: a refuted subject can
/// be repaired, and the finding says where; a satisfied one whose contract shows too little stays too low
/// however often it is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The subject satisfies the contract at the demanded level: the value may be shown.
    Emit,
    /// The subject was refuted, with a finding that can guide another attempt.
    Repair,
    /// The subject satisfies the contract below the demanded level. No attempt under this contract can reach
    /// it.
    Bail,
    /// The subject is not text although the contract demands text, so there is nothing to repair.
    Reject,
}

impl Verdict {
    /// Returns the action that the verdict asks for in a job whose least level is `required`.
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

/// The word for how well a result was verified: a coarser scale than [`Level`], for reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verification {
    /// Nothing was shown about the result, or it was refuted.
    Unverified,
    /// The contract demands nothing that can be checked, so accepting the result is a person's judgement.
    Judgment,
    /// The form of the result was checked: level `Syntax` or `Schema`.
    Checked,
    /// A property of the result was checked: level `Property`.
    Validated,
    /// An oracle agrees with the result, or the hold-out gate admitted it: level `Oracle` or `Proven`.
    Verified,
}

impl Verification {
    /// Returns the verification of a result that satisfies a contract with this ceiling.
    ///
    /// A ceiling of [`Level::None`] gives [`Verification::Judgment`], because the contract can show nothing.
    #[must_use]
    pub fn intended(ceiling: Level) -> Self {
        match ceiling {
            Level::None => Self::Judgment,
            Level::Syntax | Level::Schema => Self::Checked,
            Level::Property => Self::Validated,
            Level::Oracle | Level::Proven => Self::Verified,
        }
    }

    /// Returns true if a second attempt without a hint is worth its cost under a contract of this
    /// verification.
    ///
    /// Returns false for `Verified`, because an attempt that does not know the answer after an oracle refuted
    /// the first one is a guess, and for `Unverified`, which gives another attempt nothing to aim at.
    #[must_use]
    pub fn in_repair_band(self) -> bool {
        matches!(self, Self::Judgment | Self::Checked | Self::Validated)
    }

    /// Returns the word that stands for the verification in reports and interfaces, for example `checked`.
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
