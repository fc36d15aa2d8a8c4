//! What a local model is not to say, as it was asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use abi::Value;
use neural::Backend;
use text::{TokenBytes, Tokenizer, TokenizerError};
use thiserror::Error;

use crate::interrupt::{Forbidden, ForbiddenError};
use crate::local::LocalModel;

/// The key of a record under which it is kept.
const FORBIDDEN: &str = "forbidden";
const WORDS: &str = "words";
const PATTERNS: &str = "patterns";

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

    /// Notes it in the record of a generation; nothing where everything may be said.
    pub(crate) fn record(&self, traps: &mut BTreeMap<String, Value>) {
        if !self.is_empty() {
            let list =
                |texts: &[String]| Value::List(texts.iter().map(|text| Value::text(text.as_str())).collect());
            let said = [(WORDS, list(&self.words)), (PATTERNS, list(&self.patterns))];
            traps.insert(FORBIDDEN.to_owned(), Value::map(said));
        }
    }

    /// What was forbidden where a generation has this record of its traps; none where the record says it in a way
    /// that is not that of [`Unsaid`].
    #[must_use]
    pub fn of_record(traps: &Value) -> Option<Self> {
        let Some(said) = traps.get(FORBIDDEN) else { return Some(Self::default()) };
        let texts = |key: &str| match said.get(key) {
            Some(Value::List(texts)) => texts.iter().map(text).collect(),
            _ => None,
        };
        let unsaid = Self { words: texts(WORDS)?, patterns: texts(PATTERNS)? };
        // What nobody forbade is not in a record.
        Some(unsaid).filter(|unsaid| !unsaid.is_empty())
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_leads_back_or_says_nothing() {
        let unsaid = Unsaid { words: vec!["salt".to_owned()], patterns: vec!["[0-9]".to_owned()] };
        let mut traps = BTreeMap::new();
        unsaid.record(&mut traps);
        assert_eq!(Unsaid::of_record(&Value::Map(traps)), Some(unsaid));
        assert_eq!(Unsaid::of_record(&Value::map::<&str>([])), Some(Unsaid::default()));
        let (none, salt) = (Value::List(Vec::new()), Value::List(vec![Value::text("salt")]));
        let both = |words: &Value, patterns: &Value| {
            Value::map([(WORDS, words.clone()), (PATTERNS, patterns.clone())])
        };
        for said in [
            Value::Int(1),
            salt.clone(),
            Value::map([(WORDS, salt.clone())]),
            both(&Value::text("salt"), &none),
            both(&salt, &Value::Int(0)),
            both(&Value::List(vec![Value::text("salt"), Value::Int(7)]), &none),
            both(&none, &none),
        ] {
            let traps = Value::map([(FORBIDDEN, said.clone())]);
            assert_eq!(Unsaid::of_record(&traps), None, "{said:?}");
        }
    }
}
