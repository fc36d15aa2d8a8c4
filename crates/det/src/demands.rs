//! The demands of a contract beyond its form and its expectation.

use alloc::string::String;
use alloc::vec::Vec;

use abi::Value;

use crate::fuel::{Fuel, Spent};
use crate::{CheckError, Finding, Lint, Schema};

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

    /// Returns a finding for the first demand that a subject misses. `text` is the subject, if it is text;
    /// `stated` is the value that the subject states. Fails if the fuel ends before that is known.
    pub(crate) fn missed(
        &self,
        text: Option<&str>,
        stated: &Value,
        fuel: &mut Fuel,
    ) -> Result<Option<Finding>, Spent> {
        for key in &self.keys {
            fuel.spend_for(key.len() + 8, 1)?;
            if stated.get(key).is_none() {
                return Ok(Some(Finding::MissingKey { key: key.clone() }));
            }
        }
        match self.schema.as_ref().map(|schema| schema.check_within(stated, fuel)) {
            None | Some(Ok(())) => {}
            Some(Err(CheckError::Finding(finding))) => return Ok(Some(Finding::Schema(finding))),
            // A subject was bounded before, so only the fuel is left to end a check.
            Some(Err(CheckError::OutOfFuel | CheckError::TooDeep { .. })) => return Err(Spent),
        }
        self.missed_in_text(text.unwrap_or(""), fuel)
    }

    fn missed_in_text(&self, text: &str, fuel: &mut Fuel) -> Result<Option<Finding>, Spent> {
        for part in &self.parts {
            fuel.spend_for(text.len() / 2 + part.len() + 8, 1)?;
            if !text.contains(part.as_str()) {
                return Ok(Some(Finding::MissingText { part: part.clone() }));
            }
        }
        for lint in &self.lints {
            fuel.spend_for(text.len(), Lint::BYTE_STEPS)?;
            if let Err(what) = lint.check(text) {
                return Ok(Some(Finding::Lint { lint: *lint, what }));
            }
        }
        Ok(None)
    }
}
