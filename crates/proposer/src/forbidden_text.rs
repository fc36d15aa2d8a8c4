//! Words and patterns that no answer of a local model may contain.

use std::collections::BTreeMap;
use std::sync::Arc;

use abi::Value;
use neural::Backend;
use text::{TokenBytes, Tokenizer, TokenizerError};
use thiserror::Error;

use crate::interrupt::{ForbiddenAutomaton, PatternError};
use crate::local::LocalModel;

/// The key of a generation's record under which forbidden text is kept.
const FORBIDDEN: &str = "forbidden";
const WORDS: &str = "words";
const PATTERNS: &str = "patterns";

/// Bytes that are not UTF-8, up to the one that shows it, and a character that the end of the text cuts. A decoder
/// replaces such bytes, and some of their neighbours, so that the text that is shown would differ from the bytes that
/// the automaton read.
const NOT_UTF8: &str = concat!(
    r"\A(?s:.)*(?-u:[\x80-\xC1\xF5-\xFF]",
    r"|(?:[\xC2-\xDF]|[\xE1-\xEC\xEE\xEF][\x80-\xBF]?|\xE0[\xA0-\xBF]|\xED[\x80-\x9F]",
    r"|[\xF1-\xF3][\x80-\xBF]{0,2}|\xF0[\x90-\xBF][\x80-\xBF]?|\xF4[\x80-\x8F][\x80-\xBF]?)",
    r"(?:[^\x80-\xBF]|\z)",
    r"|\xE0(?:[^\xA0-\xBF]|\z)|\xED(?:[^\x80-\x9F]|\z)|\xF0(?:[^\x90-\xBF]|\z)|\xF4(?:[^\x80-\x8F]|\z))",
);

/// Words and patterns that no answer may contain, as a user states them. Nothing is checked until
/// [`for_tokenizer`](Self::for_tokenizer) compiles them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForbiddenText {
    /// Words, which match where no ASCII letter, digit or `_` stands beside them.
    pub words: Vec<String>,
    /// Regular expressions over bytes, which match anywhere.
    pub patterns: Vec<String>,
}

/// The reason why a model cannot be kept from a forbidden text.
#[derive(Debug, Error)]
pub enum ForbiddenTextError {
    /// A word or pattern is refused.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The bytes of the model's tokens are not known.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
}

impl ForbiddenText {
    /// Returns true if nothing is forbidden: there are no words and no patterns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.patterns.is_empty()
    }

    /// Compiles the automaton for the tokens of a tokenizer, where the ids `end_tokens` end an answer. Bytes that are
    /// not UTF-8 are forbidden too, so that the text that is shown is the text that the automaton read.
    ///
    /// # Errors
    /// [`ForbiddenTextError`] if a word or pattern is refused, or if the bytes of the tokens are not known.
    pub fn for_tokenizer(
        &self,
        tokenizer: &Tokenizer,
        end_tokens: &[u32],
    ) -> Result<Arc<ForbiddenAutomaton>, ForbiddenTextError> {
        let bytes = TokenBytes::from_tokenizer(tokenizer)?;
        let texts =
            [&self.words, &self.patterns].map(|texts| texts.iter().map(String::as_str).collect::<Vec<_>>());
        let [words, mut patterns] = texts;
        patterns.push(NOT_UTF8);
        Ok(Arc::new(ForbiddenAutomaton::new(&words, &patterns, bytes, end_tokens)?))
    }

    /// Adds the words and patterns to the traps of a generation's record; nothing if nothing is forbidden.
    pub(crate) fn record(&self, traps: &mut BTreeMap<String, Value>) {
        if !self.is_empty() {
            let list =
                |texts: &[String]| Value::List(texts.iter().map(|text| Value::text(text.as_str())).collect());
            let forbidden = [(WORDS, list(&self.words)), (PATTERNS, list(&self.patterns))];
            traps.insert(FORBIDDEN.to_owned(), Value::map(forbidden));
        }
    }

    /// Reads the forbidden text back from the traps of a generation's record: empty if the record has no such key,
    /// and none if the value under the key is not what a local model writes there.
    #[must_use]
    pub fn from_record(traps: &Value) -> Option<Self> {
        let Some(forbidden) = traps.get(FORBIDDEN) else { return Some(Self::default()) };
        let texts = |key: &str| match forbidden.get(key) {
            Some(Value::List(texts)) => texts.iter().map(text).collect(),
            _ => None,
        };
        let text = Self { words: texts(WORDS)?, patterns: texts(PATTERNS)? };
        // A record never holds an empty forbidden text.
        Some(text).filter(|text| !text.is_empty())
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The forbidden text of a model, and the automaton that was compiled from it for the model's tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct CompiledText {
    pub(crate) text: ForbiddenText,
    /// None if nothing is forbidden.
    pub(crate) automaton: Option<Arc<ForbiddenAutomaton>>,
}

impl<B: Backend> LocalModel<B> {
    /// Forbids words and patterns in every answer from now on. What was forbidden before is replaced.
    ///
    /// # Errors
    /// [`ForbiddenTextError`] if a word or pattern is refused, or if the bytes of the model's tokens are not known. The
    /// model is then unchanged.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_leads_back_or_says_nothing() {
        let text = ForbiddenText { words: vec!["salt".to_owned()], patterns: vec!["[0-9]".to_owned()] };
        let mut traps = BTreeMap::new();
        text.record(&mut traps);
        assert_eq!(ForbiddenText::from_record(&Value::Map(traps)), Some(text));
        assert_eq!(ForbiddenText::from_record(&Value::map::<&str>([])), Some(ForbiddenText::default()));
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
            assert_eq!(ForbiddenText::from_record(&traps), None, "{said:?}");
        }
    }
}
