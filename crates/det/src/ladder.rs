//! What follows from a verdict: what to do, and how sure to be.

use crate::{Finding, Level, Outcome, Verdict};

/// What a verdict asks for.
///
/// The reference sends everything below the demanded level either to repair (nothing shown, or a property)
/// or to bail (syntax, schema), by level alone. Here the outcome decides, because the level does not say
/// whether another attempt could do better: a refuted subject can be mended, and the finding says where; a
/// satisfied one whose contract shows too little stays too low however often it is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Satisfied at the demanded level: it may be shown.
    Emit,
    /// Refuted, with a finding that another attempt can heed.
    Repair,
    /// Satisfied, and too little shown: no attempt under this contract reaches the level.
    Bail,
    /// Not a subject of the kind that the contract is about; there is nothing to mend.
    Reject,
}

impl Action {
    /// The word for it in interfaces.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Emit => "emit",
            Self::Repair => "repair",
            Self::Bail => "bail",
            Self::Reject => "reject",
        }
    }
}

impl Verdict {
    /// What the verdict asks for where `required` is demanded.
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

/// How a result was verified, as one word with a calibrated confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verification {
    /// Nothing was shown, or what was shown speaks against it.
    Unverified,
    /// Nothing can be checked about it.
    Judgment,
    /// Its form was checked.
    Checked,
    /// A property of it was checked.
    Validated,
    /// An oracle agrees, or its content was admitted.
    Verified,
}

impl Verification {
    /// Every word, ascending.
    pub const ALL: [Self; 5] =
        [Self::Unverified, Self::Judgment, Self::Checked, Self::Validated, Self::Verified];

    /// The verification of a result that satisfies a contract with this ceiling. Where nothing can be
    /// shown, acceptance is a judgement.
    #[must_use]
    pub fn intended(ceiling: Level) -> Self {
        match ceiling {
            Level::None => Self::Judgment,
            Level::Syntax | Level::Schema => Self::Checked,
            Level::Property => Self::Validated,
            Level::Oracle | Level::Proven => Self::Verified,
        }
    }

    /// What a verdict amounts to.
    #[must_use]
    pub fn of(verdict: &Verdict) -> Self {
        if verdict.is_satisfied() { Self::intended(verdict.level()) } else { Self::Unverified }
    }

    /// The confidence that the word stands for, in percent.
    #[must_use]
    pub fn percent(self) -> u32 {
        match self {
            Self::Verified => 95,
            Self::Validated => 80,
            Self::Checked => 60,
            Self::Judgment => 50,
            Self::Unverified => 10,
        }
    }

    /// Whether running once more is worth it: between 50 and 80 percent. Below, there is nothing to aim
    /// at; above, an oracle has spoken and a blind second attempt is a guess.
    #[must_use]
    pub fn in_repair_band(self) -> bool {
        (50..=80).contains(&self.percent())
    }

    /// The word for it in interfaces.
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
