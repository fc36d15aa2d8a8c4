//! The demands of a contract beyond its form and its expectation.

use alloc::string::String;
use alloc::vec::Vec;

use abi::Value;

use crate::{Finding, Lint, Schema};

/// The demands of a contract on a subject's structure and text. Each of them raises the contract to `Schema`.
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

    /// Returns a finding for the first demand that a subject does not meet, or None if it meets all.
    ///
    /// `text` is the subject if that is text; `stated` is the value that the subject states.
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
}
