//! Forbidden text: words and patterns that no answer of a local model may contain.

use std::sync::Arc;

use abi::ForbiddenRecord;
use neural::Backend;
use text::{TokenBytes, Tokenizer, TokenizerError};
use thiserror::Error;

use crate::interrupt::{ForbiddenAutomaton, Interrupt, PatternError};
use crate::local::LocalModel;

/// A pattern of bytes that are not UTF-8, and of a character that the end of the text cuts off.
///
/// A decoder replaces such bytes, and some bytes beside them, so the text that a person sees would differ
/// from the bytes that the automaton read.
const NOT_UTF8: &str = concat!(
    r"\A(?s:.)*(?-u:[\x80-\xC1\xF5-\xFF]",
    r"|(?:[\xC2-\xDF]|[\xE1-\xEC\xEE\xEF][\x80-\xBF]?|\xE0[\xA0-\xBF]|\xED[\x80-\x9F]",
    r"|[\xF1-\xF3][\x80-\xBF]{0,2}|\xF0[\x90-\xBF][\x80-\xBF]?|\xF4[\x80-\x8F][\x80-\xBF]?)",
    r"(?:[^\x80-\xBF]|\z)",
    r"|\xE0(?:[^\xA0-\xBF]|\z)|\xED(?:[^\x80-\x9F]|\z)|\xF0(?:[^\x90-\xBF]|\z)|\xF4(?:[^\x80-\x8F]|\z))",
);

/// Words and patterns that no answer may contain, as a user states them. They are not checked before
/// [`for_tokenizer`](Self::for_tokenizer) compiles them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForbiddenText {
    /// The forbidden words. A word is found only if no ASCII letter, digit or `_` stands directly beside it. A
    /// model that has begun one must go on with a longer word.
    pub words: Vec<String>,
    /// The forbidden regular expressions over bytes, which are found anywhere.
    pub patterns: Vec<String>,
    /// The forbidden words whose last token is left out. They are found as `words` are, and a token that would end
    /// where such a word would be whole cannot be chosen. So a longer word is said only in tokens that do not stop
    /// there.
    pub whole_words: Vec<String>,
    /// True if a sentence is worded otherwise, or ended, where a forbidden text would be completed in it. False if only
    /// the token that would complete the text is left out.
    pub rewords: bool,
}

/// The reason why forbidden text cannot be enforced on a model.
#[derive(Debug, Error)]
pub enum ForbiddenTextError {
    /// A word or a pattern cannot be compiled; the error says which and why.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The bytes of the model's tokens cannot be determined.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
}

impl ForbiddenText {
    /// Returns true if nothing is forbidden: there are no words and no patterns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.patterns.is_empty() && self.whole_words.is_empty()
    }

    /// Returns the pattern that finds `text` anywhere, also inside a longer word.
    #[must_use]
    pub fn anywhere(text: &str) -> String {
        crate::interrupt::literal(text)
    }

    /// Compiles words and patterns to an automaton over the tokens of `tokenizer`. The ids `end_tokens` end
    /// an answer.
    ///
    /// Bytes that are not UTF-8 are forbidden too, so that the text that a person sees is the text that the
    /// automaton read.
    ///
    /// # Errors
    /// [`ForbiddenTextError`] if a word or a pattern is refused, or if the bytes of the tokens cannot be
    /// determined.
    pub fn for_tokenizer(
        &self,
        tokenizer: &Tokenizer,
        end_tokens: &[u32],
    ) -> Result<Arc<ForbiddenAutomaton>, ForbiddenTextError> {
        let bytes = TokenBytes::from_tokenizer(tokenizer)?;
        let texts = [&self.words, &self.whole_words, &self.patterns]
            .map(|texts| texts.iter().map(String::as_str).collect::<Vec<_>>());
        let [words, whole_words, mut patterns] = texts;
        patterns.push(NOT_UTF8);
        let automaton = ForbiddenAutomaton::leaving_out(&words, &whole_words, &patterns, bytes, end_tokens)?;
        Ok(Arc::new(automaton))
    }

    /// Returns the words and patterns in the form in which the record of a generation has them.
    #[must_use]
    pub fn to_record(&self) -> ForbiddenRecord {
        let Self { words, patterns, whole_words, rewords } = self.clone();
        let rewords = rewords && !self.is_empty();
        ForbiddenRecord { words, patterns, whole_words, rewords }
    }
}

impl From<ForbiddenRecord> for ForbiddenText {
    fn from(record: ForbiddenRecord) -> Self {
        let ForbiddenRecord { words, patterns, whole_words, rewords } = record;
        Self { words, patterns, whole_words, rewords }
    }
}

/// The forbidden text of a model, and the automaton that was compiled from it for the model's tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct CompiledText {
    pub(crate) text: ForbiddenText,
    /// The compiled automaton. None if nothing is forbidden.
    pub(crate) automaton: Option<Arc<ForbiddenAutomaton>>,
}

impl CompiledText {
    /// Returns the trap that keeps one answer free of the text. None if nothing is forbidden. Under a schema (`is_free`
    /// false) no sentence is worded otherwise, because the schema says what may follow.
    pub(crate) fn interrupt(&self, is_free: bool) -> Option<Interrupt> {
        let interrupt = Interrupt::new(self.automaton.as_ref()?);
        Some(if self.text.rewords && is_free { interrupt.rewording() } else { interrupt })
    }
}

impl<B: Backend> LocalModel<B> {
    /// Forbids words and patterns in every answer from now on. They replace those that were forbidden before.
    ///
    /// # Errors
    /// [`ForbiddenTextError`] if a word or a pattern is refused, or if the bytes of the model's tokens cannot
    /// be determined. The model is then unchanged.
    pub fn forbid(&mut self, text: &ForbiddenText) -> Result<(), ForbiddenTextError> {
        if *text == self.forbidden.text {
            return Ok(());
        }
        let automaton = if text.is_empty() {
            None
        } else {
            Some(text.for_tokenizer(self.tokenizer(), self.end_tokens())?)
        };
        self.forbidden = CompiledText { text: text.clone(), automaton };
        Ok(())
    }
}
