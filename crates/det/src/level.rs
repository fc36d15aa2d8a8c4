//! Levels: the ladder of what a judgement can show.

use core::fmt;
use core::str::FromStr;

/// The amount that a judgement showed about a result, on a ladder from `None` to `Proven`.
///
/// A level is plain data that anyone can write. Only a [`Verdict`](crate::Verdict) shows that a result reached
/// one, because the validator that ran decides the level and no caller states it.
///
/// ```
/// use det::Level;
///
/// assert!(Level::Property < Level::Oracle);
/// assert_eq!("oracle".parse(), Ok(Level::Oracle));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing was checked, or nothing passed.
    None,
    /// The result is well formed at all.
    Syntax,
    /// The result has the demanded form.
    Schema,
    /// A property of the result was checked, or the result agrees with its own proposer's expectation.
    Property,
    /// The result agrees with what a primitive computes, or with a value that the user vouches for.
    Oracle,
    /// The hold-out gate admitted this exact content, up to the recorded bound.
    Proven,
}

impl Level {
    /// Every level of the ladder, in ascending order from `None` to `Proven`.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Syntax, Self::Schema, Self::Property, Self::Oracle, Self::Proven];

    /// Returns the word that stands for the level in interfaces and in the ledger.
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

/// The error of a word that names no level. Words are in lower case.
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
