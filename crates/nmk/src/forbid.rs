//! The text that no answer may contain, as the flags state it.

use clap::Args;
use proposer::ForbiddenText;

/// The texts, words and patterns that no answer of a local model may contain, as the flags state them.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Forbid {
    /// A text that a local model says nowhere, also not inside a longer word, as it is written, in whatever tokens;
    /// may be repeated.
    #[arg(id = "forbid", long, value_name = "TEXT")]
    pub texts: Vec<String>,
    /// A word that a local model does not say by itself; longer words that contain it are free; may be repeated.
    #[arg(id = "forbid-word", long, value_name = "WORD")]
    pub words: Vec<String>,
    /// A regular expression over bytes that no part of a local model's answer matches, for example (?i)salt for
    /// any case; may be repeated.
    #[arg(id = "forbid-pattern", long, value_name = "REGEX")]
    pub patterns: Vec<String>,
}

impl Forbid {
    /// Returns the same texts, words and patterns in the form that a model takes.
    #[must_use]
    pub fn text(&self) -> ForbiddenText {
        let texts = self.texts.iter().map(|text| ForbiddenText::anywhere(text));
        ForbiddenText {
            patterns: texts.chain(self.patterns.iter().cloned()).collect(),
            whole_words: self.words.clone(),
            rewords: true,
            ..ForbiddenText::default()
        }
    }
}
