//! The traps of a generation, in the form in which the ledger stores them.

use alloc::string::String;
use alloc::vec::Vec;

use crate::fields::Fields;
use crate::{Digest, FieldError, Value};

const TRAPS: &str = "traps";
const FORBIDDEN: &str = "forbidden";
const WORDS: &str = "words";
const PATTERNS: &str = "patterns";
const WHOLE_WORDS: &str = "whole_words";
const REWORDS: &str = "rewords";
const ENTRY: &str = "entry";
const SCHEMA: &str = "schema";
const CAPABILITY: &str = "capability";
const CONFIDENCE: &str = "confidence_ppm";
const THRESHOLD: &str = "threshold_ppm";

/// The traps of one generation: the text that they forbade, and the request that they read from the prompt.
///
/// A trap is code that watches or changes a generation. A replay forbids the same text again, because that
/// changes which tokens are chosen. The default value is the record of a generation without traps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrapRecord {
    /// The words and patterns that the generation could not contain; empty if everything was allowed.
    pub forbidden: ForbiddenRecord,
    /// The request that the entry trap read from the prompt. None if the generation had no such trap.
    pub entry: Option<EntryRecord>,
    /// The digest of the schema's text that constrained the answer, as [`Digest::hash_blob`] makes it. None if no
    /// schema constrained it.
    pub schema: Option<Digest>,
}

/// The words and patterns that a generation could not contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForbiddenRecord {
    /// The forbidden words, as the user wrote them.
    pub words: Vec<String>,
    /// The forbidden regular expressions, as the user wrote them.
    pub patterns: Vec<String>,
    /// The forbidden words whose last token was left out wherever it would have made the word whole.
    pub whole_words: Vec<String>,
    /// True if another word was said where a forbidden text would have been completed within a word. False if only the
    /// token that would complete the text was left out.
    pub rewords: bool,
}

/// The capability that the entry trap, a learned classifier, read from the prompt.
///
/// The classifier belongs to the untrusted plane, so what it reads is only a request and grants nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRecord {
    /// The capability that the prompt seems to ask for, for example `fact:gcd`.
    pub capability: String,
    /// The confidence of the classifier, in parts per million: an integer, so that ledgers compare exactly.
    pub confidence_ppm: i64,
    /// The least confidence at which the trap makes a request, in parts per million.
    pub threshold_ppm: i64,
}

impl TrapRecord {
    /// Returns the record as a map with one key for each trap that was active.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut fields = Vec::new();
        if !self.forbidden.is_empty() {
            fields.push((FORBIDDEN, self.forbidden.to_value()));
        }
        if let Some(entry) = &self.entry {
            fields.push((ENTRY, entry.to_value()));
        }
        if let Some(schema) = &self.schema {
            fields.push((SCHEMA, schema.to_value()));
        }
        Value::map(fields)
    }

    /// Reads a record from a value: the inverse of [`to_value`](Self::to_value).
    ///
    /// # Errors
    /// [`FieldError`] with the key. A trap that this version does not know is an error, because a replay
    /// without that trap could choose other tokens.
    pub fn from_value(value: &Value) -> Result<Self, FieldError> {
        let fields = Fields::from_value(value, TRAPS)?;
        fields.only(&[FORBIDDEN, ENTRY, SCHEMA])?;
        let forbidden = fields.optional(FORBIDDEN).map(ForbiddenRecord::from_value).transpose()?;
        let entry = fields.optional(ENTRY).map(EntryRecord::from_value).transpose()?;
        let schema =
            fields.optional(SCHEMA).map(|_| fields.read(SCHEMA, "a digest", Value::as_digest)).transpose()?;
        Ok(Self { forbidden: forbidden.unwrap_or_default(), entry, schema })
    }
}

impl ForbiddenRecord {
    /// Returns true if nothing was forbidden: there are neither words nor patterns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.patterns.is_empty() && self.whole_words.is_empty()
    }

    fn to_value(&self) -> Value {
        let list =
            |texts: &[String]| Value::List(texts.iter().map(|text| Value::text(text.as_str())).collect());
        let mut fields = Vec::from([(WORDS, list(&self.words)), (PATTERNS, list(&self.patterns))]);
        // Records from before this list have no such key.
        if !self.whole_words.is_empty() {
            fields.push((WHOLE_WORDS, list(&self.whole_words)));
        }
        // Nor have those from before answers were worded otherwise.
        if self.rewords {
            fields.push((REWORDS, Value::Bool(true)));
        }
        Value::map(fields)
    }

    fn from_value(value: &Value) -> Result<Self, FieldError> {
        let fields = Fields::from_value(value, "traps.forbidden")?;
        fields.only(&[WORDS, PATTERNS, WHOLE_WORDS, REWORDS])?;
        let texts = |key| fields.list(key, "a list of texts", |text| text.as_text().map(String::from));
        let whole_words = match fields.optional(WHOLE_WORDS) {
            Some(_) => texts(WHOLE_WORDS)?,
            None => Vec::new(),
        };
        let rewords = match fields.optional(REWORDS) {
            Some(_) => fields.read(REWORDS, "a bool", Value::as_bool)?,
            None => false,
        };
        let forbidden = Self { words: texts(WORDS)?, patterns: texts(PATTERNS)?, whole_words, rewords };
        // `to_value` leaves the whole key out where nothing was forbidden.
        if forbidden.is_empty() {
            let (key, expected) = (String::from("traps.forbidden"), "a map with a word or a pattern");
            return Err(FieldError::IllTyped { key, expected, found: "map" });
        }
        Ok(forbidden)
    }
}

impl EntryRecord {
    fn to_value(&self) -> Value {
        Value::map([
            (CAPABILITY, Value::text(self.capability.as_str())),
            (CONFIDENCE, Value::Int(self.confidence_ppm)),
            (THRESHOLD, Value::Int(self.threshold_ppm)),
        ])
    }

    fn from_value(value: &Value) -> Result<Self, FieldError> {
        let fields = Fields::from_value(value, "traps.entry")?;
        fields.only(&[CAPABILITY, CONFIDENCE, THRESHOLD])?;
        Ok(Self {
            capability: fields.read(CAPABILITY, "a text", Value::as_text)?.into(),
            confidence_ppm: fields.read(CONFIDENCE, "an integer", Value::as_int)?,
            threshold_ppm: fields.read(THRESHOLD, "an integer", Value::as_int)?,
        })
    }
}
