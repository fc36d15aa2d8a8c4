//! What a contract demands beside its form and its expectation.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use abi::Value;

use crate::{Finding, Lint, Schema};

/// Demands on a subject's structure and on its text. Each that is there raises a contract to `Schema`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Demands {
    pub(crate) schema: Option<Schema>,
    pub(crate) keys: Vec<String>,
    pub(crate) parts: Vec<String>,
    pub(crate) lints: Vec<Lint>,
}

impl Demands {
    pub(crate) fn is_empty(&self) -> bool {
        !self.is_structural() && !self.is_textual()
    }

    pub(crate) fn is_structural(&self) -> bool {
        self.schema.is_some() || !self.keys.is_empty()
    }

    pub(crate) fn is_textual(&self) -> bool {
        !self.parts.is_empty() || !self.lints.is_empty()
    }

    /// The first demand that a subject misses. `text` is the subject, where it is text; `stated` is the
    /// value that it states.
    pub(crate) fn missed(&self, text: Option<&str>, stated: &Value) -> Option<Finding> {
        if let Some(key) = self.keys.iter().find(|key| stated.get(key).is_none()) {
            return Some(Finding::MissingKey { key: key.clone() });
        }
        if let Some(Err(finding)) = self.schema.as_ref().map(|schema| schema.check(stated)) {
            return Some(Finding::Schema(finding));
        }
        let text = text.unwrap_or("");
        if let Some(part) = self.parts.iter().find(|part| !text.contains(part.as_str())) {
            return Some(Finding::MissingText { part: part.clone() });
        }
        let linted = self.lints.iter().find_map(|lint| lint.check(text).err().map(|what| (*lint, what)));
        linted.map(|(lint, what)| Finding::Lint { lint, what })
    }

    /// The fields of the contract's canonical value.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Value)> {
        let texts =
            |texts: &[String]| Value::List(texts.iter().map(|text| Value::text(text.as_str())).collect());
        let mut fields = Vec::new();
        if let Some(schema) = &self.schema {
            fields.push(("schema", schema.to_value().clone()));
        }
        if !self.keys.is_empty() {
            fields.push(("keys", texts(&self.keys)));
        }
        if !self.parts.is_empty() {
            fields.push(("parts", texts(&self.parts)));
        }
        if !self.lints.is_empty() {
            let words: Vec<String> = self.lints.iter().map(|lint| lint.word().to_string()).collect();
            fields.push(("lints", texts(&words)));
        }
        fields
    }
}
