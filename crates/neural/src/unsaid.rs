//! What a local model is not to say, as it was asked for.

use std::sync::Arc;

use abi::ForbiddenRecord;
use thiserror::Error;

use crate::backend::Backend;
use crate::local::LocalModel;
use crate::token_bytes::TokenBytes;
use crate::tokenizer::{Tokenizer, TokenizerError};
use crate::traps::{Forbidden, ForbiddenError};

/// Bytes that are no UTF-8, up to the one that shows it, and a character that the end of the text cuts. A decoder
/// writes something else in their place, and in some of what stands beside them, so that the text would not be the
/// bytes that were looked at.
const NO_TEXT: &str = concat!(
    r"\A(?s:.)*(?-u:[\x80-\xC1\xF5-\xFF]",
    r"|(?:[\xC2-\xDF]|[\xE1-\xEC\xEE\xEF][\x80-\xBF]?|\xE0[\xA0-\xBF]|\xED[\x80-\x9F]",
    r"|[\xF1-\xF3][\x80-\xBF]{0,2}|\xF0[\x90-\xBF][\x80-\xBF]?|\xF4[\x80-\x8F][\x80-\xBF]?)",
    r"(?:[^\x80-\xBF]|\z)",
    r"|\xE0(?:[^\xA0-\xBF]|\z)|\xED(?:[^\x80-\x9F]|\z)|\xF0(?:[^\x90-\xBF]|\z)|\xF4(?:[^\x80-\x8F]|\z))",
);

/// Words and patterns that no answer contains; [`Forbidden`] says what they mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsaid {
    /// Words.
    pub words: Vec<String>,
    /// Regular expressions.
    pub patterns: Vec<String>,
}

/// Why a model cannot keep silent about something.
#[derive(Debug, Error)]
pub enum UnsaidError {
    /// The words or patterns are refused.
    #[error(transparent)]
    Forbidden(#[from] ForbiddenError),
    /// Its tokens have no bytes of their own.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
}

impl Unsaid {
    /// Whether everything may be said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.patterns.is_empty()
    }

    /// The automaton for the tokens of a tokenizer, of which some end an answer. It forbids bytes that are no UTF-8
    /// too, so that what is looked at is what is shown.
    ///
    /// # Errors
    /// [`UnsaidError`].
    pub fn for_tokenizer(
        &self,
        tokenizer: &Tokenizer,
        end_tokens: &[u32],
    ) -> Result<Arc<Forbidden>, UnsaidError> {
        let bytes = TokenBytes::of_tokenizer(tokenizer)?;
        let texts =
            [&self.words, &self.patterns].map(|texts| texts.iter().map(String::as_str).collect::<Vec<_>>());
        let [words, mut patterns] = texts;
        patterns.push(NO_TEXT);
        Ok(Arc::new(Forbidden::new(&words, &patterns, bytes, end_tokens)?))
    }

    /// Returns the same words and patterns as the record of a generation has them.
    #[must_use]
    pub fn to_record(&self) -> ForbiddenRecord {
        ForbiddenRecord { words: self.words.clone(), patterns: self.patterns.clone() }
    }
}

impl From<ForbiddenRecord> for Unsaid {
    fn from(record: ForbiddenRecord) -> Self {
        Self { words: record.words, patterns: record.patterns }
    }
}

/// What a model keeps silent about, ready to be followed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Silence {
    pub(crate) unsaid: Unsaid,
    /// None where everything may be said.
    pub(crate) forbidden: Option<Arc<Forbidden>>,
}

impl<B: Backend> LocalModel<B> {
    /// Forbids words and patterns in every answer from now on, instead of what was forbidden before.
    ///
    /// # Errors
    /// [`UnsaidError`], and nothing is changed: they are refused, or the tokens of the model have no bytes of their
    /// own.
    pub fn forbid(&mut self, unsaid: &Unsaid) -> Result<(), UnsaidError> {
        if *unsaid == self.silence.unsaid {
            return Ok(());
        }
        let forbidden = if unsaid.is_empty() {
            None
        } else {
            Some(unsaid.for_tokenizer(self.tokenizer(), self.end_tokens())?)
        };
        self.silence = Silence { unsaid: unsaid.clone(), forbidden };
        Ok(())
    }
}
