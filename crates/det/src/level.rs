//! The ladder of validation levels.

use core::fmt;
use core::str::FromStr;

/// How much was shown about a result. The order is the ladder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing was checked, or nothing passed.
    None,
    /// It is well formed at all.
    Syntax,
    /// It has the demanded form.
    Schema,
    /// A property of it was checked, or it agrees with an expectation that its own proposer made.
    Property,
    /// It agrees with what a primitive computes, or with a value that the user vouches for.
    Oracle,
    /// This exact content was admitted by the hold-out gate, up to the recorded bound.
    Proven,
}

impl Level {
    /// Every level, ascending.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Syntax, Self::Schema, Self::Property, Self::Oracle, Self::Proven];

    /// The word for it in interfaces and in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Syntax => "syntax",
            Self::Schema => "schema",
            Self::Property => "property",
            Self::Oracle => "oracle",
            Self::Proven => "proven",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that names no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseLevelError;

impl fmt::Display for ParseLevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the levels are none, syntax, schema, property, oracle and proven")
    }
}

impl core::error::Error for ParseLevelError {}

impl FromStr for Level {
    type Err = ParseLevelError;

    fn from_str(word: &str) -> Result<Self, ParseLevelError> {
        Self::ALL.into_iter().find(|level| level.word() == word).ok_or(ParseLevelError)
    }
}
