//! The mode of a policy: the formula of the reference, or plans that are paid from an account.

use core::fmt;
use core::str::FromStr;

/// The rule by which a seam decides. A seam is a place where the policy decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The formula of the reference, which rounds up: see [`decide`](crate::decide).
    #[default]
    Reference,
    /// A plan that pays mandated work first, from an account that all decisions share: see [`plan`](crate::plan).
    Improved,
}

/// The error of a word that is no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("state `reference` or `improved`")]
pub struct NotAMode;

impl Mode {
    /// Returns the word that stands for the mode in configurations and records, for example `improved`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Improved => "improved",
        }
    }
}

impl FromStr for Mode {
    type Err = NotAMode;

    fn from_str(text: &str) -> Result<Self, NotAMode> {
        [Self::Reference, Self::Improved].into_iter().find(|mode| mode.word() == text).ok_or(NotAMode)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
