//! The text that no answer may contain, as the flags state it.

use clap::Args;
use proposer::ForbiddenText;

/// The words and patterns that no answer of a local model may contain, as the flags state them.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Forbid {
    /// A word that a local model does not say, however it is split into tokens; may be repeated.
    #[arg(id = "forbid", long, value_name = "WORD")]
    pub words: Vec<String>,
    /// A regular expression over bytes that no part of a local model's answer matches; may be repeated.
    #[arg(id = "forbid-pattern", long, value_name = "REGEX")]
    pub patterns: Vec<String>,
}

impl Forbid {
    /// Returns the same words and patterns in the form that a model takes.
    #[must_use]
    pub fn text(&self) -> ForbiddenText {
        ForbiddenText { words: self.words.clone(), patterns: self.patterns.clone() }
    }
}
