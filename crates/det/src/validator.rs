//! Validators, and the set of them that is installed.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use abi::Value;

use crate::{ContractError, Level, TrustRoot, ValidatorClass};

/// Something that can judge. The level of its verdicts is its own property; no caller states it.
pub struct Validator {
    class: ValidatorClass,
    name: Arc<str>,
    version: u32,
    ceiling: Level,           // Invariant: at most Oracle.
    check: Option<CheckText>, // Invariant: present exactly for an external validator.
}

type CheckText = Box<dyn Fn(&str) -> bool>;

impl Validator {
    /// A validator written outside this crate. `check` says whether a text is acceptable; it must be a
    /// pure function of the text.
    ///
    /// # Errors
    /// A ceiling above `Oracle`: only admission by the hold-out gate is `Proven`.
    pub fn external(
        name: impl Into<String>,
        version: u32,
        ceiling: Level,
        check: impl Fn(&str) -> bool + 'static,
        _root: &impl TrustRoot,
    ) -> Result<Self, ContractError> {
        let name = name.into();
        if ceiling > Level::Oracle {
            return Err(ContractError::CeilingTooHigh { validator: name, ceiling });
        }
        let class = ValidatorClass::External(name);
        // With its class in front, no name from outside can pass for one of ours in a verdict.
        let name = class.to_string().into();
        Ok(Self { class, name, version, ceiling, check: Some(Box::new(check)) })
    }

    fn builtin(class: ValidatorClass, name: &str, version: u32, ceiling: Level) -> Self {
        Self { class, name: name.into(), version, ceiling, check: None }
    }

    /// The class that it serves.
    #[must_use]
    pub fn class(&self) -> &ValidatorClass {
        &self.class
    }

    /// Its name in verdicts; `external:` and the given name for one from outside.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name, as every verdict of it holds it.
    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Its version in verdicts, raised with every change of behaviour.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The highest level that it can show.
    #[must_use]
    pub fn ceiling(&self) -> Level {
        self.ceiling
    }

    pub(crate) fn accepts(&self, subject: &Value) -> bool {
        match (&self.check, subject) {
            (Some(check), Value::Text(text)) => check(text),
            _ => false,
        }
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Validator({} v{}, {}, up to {})", self.name, self.version, self.class, self.ceiling)
    }
}

/// The installed validators, at most one a class.
#[derive(Debug)]
pub struct Validators {
    installed: Vec<Validator>,
}

impl Validators {
    /// The validators of this crate.
    #[must_use]
    pub fn builtin() -> Self {
        let text = Validator::builtin(ValidatorClass::Text, "text", 1, Level::Syntax);
        let lint = Validator::builtin(ValidatorClass::Lint, "lint", 1, Level::Schema);
        let structure = Validator::builtin(ValidatorClass::Structure, "structure", 2, Level::Oracle);
        let answer = Validator::builtin(ValidatorClass::Answer, "answer", 1, Level::Oracle);
        Self { installed: [text, lint, structure, answer].into() }
    }

    /// Adds a validator.
    ///
    /// # Errors
    /// One of its class is installed already.
    pub fn install(&mut self, validator: Validator) -> Result<(), ContractError> {
        if self.find(validator.class()).is_some() {
            return Err(ContractError::AlreadyInstalled { validator: validator.name.to_string() });
        }
        self.installed.push(validator);
        Ok(())
    }

    /// The validator of `class`, if one is installed.
    #[must_use]
    pub fn find(&self, class: &ValidatorClass) -> Option<&Validator> {
        self.installed.iter().find(|validator| validator.class == *class)
    }
}
