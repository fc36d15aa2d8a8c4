//! The traps of a generation, as its record keeps them.

use alloc::string::String;
use alloc::vec::Vec;

use crate::fields::Fields;
use crate::{FieldError, Value};

const TRAPS: &str = "traps";
const FORBIDDEN: &str = "forbidden";
const WORDS: &str = "words";
const PATTERNS: &str = "patterns";
const ENTRY: &str = "entry";
const CAPABILITY: &str = "capability";
const CONFIDENCE: &str = "confidence_ppm";
const THRESHOLD: &str = "threshold_ppm";

/// The traps of one generation: what they forbade and what they read from the prompt.
///
/// A replay forbids the same text again, because forbidden text changes which tokens are chosen. The default
/// value is that of a generation without traps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrapRecord {
    /// The text that the generation could not contain; empty if everything was allowed.
    pub forbidden: ForbiddenRecord,
    /// The request that the entry trap read from the prompt, if the generation had that trap.
    pub entry: Option<EntryRecord>,
}

/// The words and patterns that a generation could not contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForbiddenRecord {
    /// Words, as the user wrote them.
    pub words: Vec<String>,
    /// Regular expressions, as the user wrote them.
    pub patterns: Vec<String>,
}

/// The capability that the entry trap read from the prompt.
///
/// The trap is a learned classifier of the untrusted plane, so a request grants nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRecord {
    /// The requested capability, for example `fact:gcd`.
    pub capability: String,
    /// The classifier's confidence, in parts of a million. A ledger compares whole numbers.
    pub confidence_ppm: i64,
    /// The least confidence at which the trap makes a request, in parts of a million.
    pub threshold_ppm: i64,
}

impl TrapRecord {
    /// Returns the record as a map that has one key for each trap of the generation.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut fields = Vec::new();
        if !self.forbidden.is_empty() {
            fields.push((FORBIDDEN, self.forbidden.to_value()));
        }
        if let Some(entry) = &self.entry {
            fields.push((ENTRY, entry.to_value()));
        }
        Value::map(fields)
    }

    /// Returns the record that [`to_value`](Self::to_value) wrote as `value`.
    ///
    /// # Errors
    /// [`FieldError`] with the key. A trap that this version does not know is an error, because a replay
    /// without that trap could choose other tokens.
    pub fn from_value(value: &Value) -> Result<Self, FieldError> {
        let fields = Fields::of(value, TRAPS)?;
        fields.only(&[FORBIDDEN, ENTRY])?;
        let forbidden = fields.optional(FORBIDDEN).map(ForbiddenRecord::from_value).transpose()?;
        let entry = fields.optional(ENTRY).map(EntryRecord::from_value).transpose()?;
        Ok(Self { forbidden: forbidden.unwrap_or_default(), entry })
    }
}

impl ForbiddenRecord {
    /// Returns true if the generation could contain any word and match any pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.patterns.is_empty()
    }

    fn to_value(&self) -> Value {
        let list =
            |texts: &[String]| Value::List(texts.iter().map(|text| Value::text(text.as_str())).collect());
        Value::map([(WORDS, list(&self.words)), (PATTERNS, list(&self.patterns))])
    }

    fn from_value(value: &Value) -> Result<Self, FieldError> {
        let fields = Fields::of(value, "traps.forbidden")?;
        fields.only(&[WORDS, PATTERNS])?;
        let texts = |key| fields.list(key, "a list of texts", |text| text.as_text().map(String::from));
        let forbidden = Self { words: texts(WORDS)?, patterns: texts(PATTERNS)? };
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
        let fields = Fields::of(value, "traps.entry")?;
        fields.only(&[CAPABILITY, CONFIDENCE, THRESHOLD])?;
        Ok(Self {
            capability: fields.read(CAPABILITY, "a text", Value::as_text)?.into(),
            confidence_ppm: fields.read(CONFIDENCE, "an integer", Value::as_int)?,
            threshold_ppm: fields.read(THRESHOLD, "an integer", Value::as_int)?,
        })
    }
}
