//! The text that an answer may not contain, as the flags say.

use clap::Args;
use proposer::ForbiddenText;

/// The words and patterns that a local model may not say.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Forbid {
    /// A word that a local model does not say, in whatever tokens; may be repeated.
    #[arg(long = "forbid", value_name = "WORD")]
    pub words: Vec<String>,
    /// A regular expression over bytes that no part of a local model's answer matches; may be repeated.
    #[arg(long = "forbid-pattern", value_name = "REGEX")]
    pub patterns: Vec<String>,
}

impl Forbid {
    /// Returns the same words and patterns in the form that a model takes.
    #[must_use]
    pub fn text(&self) -> ForbiddenText {
        ForbiddenText { words: self.words.clone(), patterns: self.patterns.clone() }
    }
}
