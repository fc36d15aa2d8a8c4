//! Levels: how much a judgement can show, in ascending order.

use core::fmt;
use core::str::FromStr;

/// A measure of how much a judgement showed about a result, in ascending order from `None` to `Proven`.
///
/// A level is plain data that anyone can write. Only a [`Verdict`](crate::Verdict) shows that a result
/// reached one, because the validator that ran decides the level and no caller states it.
///
/// ```
/// use det::Level;
///
/// assert!(Level::Property < Level::Oracle);
/// assert_eq!("oracle".parse(), Ok(Level::Oracle));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The lowest level: nothing was checked, or the subject could not even be read.
    None,
    /// The result can be read: it is text that is not blank, or a well-formed document.
    Syntax,
    /// The result has the demanded form, and has passed the schema and the lints of its contract.
    Schema,
    /// The result passed a check that is weaker than an oracle, such as a comparison with a value that a
    /// proposer stated, or a program the cases of its contract.
    Property,
    /// The result agrees with what a primitive computes, or with a value that the user vouches for.
    Oracle,
    /// The hold-out gate admitted this exact content, up to the error bound that its record states.
    Proven,
}

impl Level {
    /// Every level that a judgement can show, in ascending order from `None` to `Proven`.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Syntax, Self::Schema, Self::Property, Self::Oracle, Self::Proven];

    /// Returns the word that stands for the level in reports and the ledger, for example `oracle`.
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

/// The error of parsing a word that names no [`Level`]. The words of levels are in lower case.
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
