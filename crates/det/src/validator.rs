//! Validators, and the set of those that are installed.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use abi::Value;

use crate::{ContractError, Examiner, Level, ProgramRunner, TrustRoot, TrustStore, ValidatorClass};

// The versions that verdicts record. Each is raised with every change of what its validator finds, which
// `tests/readings.rs` notices. That of answers counts the readers of replies too, because a reply under a contract is
// judged by what they read.
const TEXT_VERSION: u32 = 1;
const LINT_VERSION: u32 = 1;
const STRUCTURE_VERSION: u32 = 4;
const ANSWER_VERSION: u32 = 6;
/// The version of the way in which programs are tried.
const TRIAL_VERSION: u32 = 1;
/// The version of the check of admissions, which verdicts record.
pub(crate) const ADMISSION_VERSION: u32 = 1;
/// The name of the check of admissions in verdicts.
pub(crate) const ADMISSION: &str = "admission";

/// A validator: the rule by which subjects are judged under contracts of one [`ValidatorClass`].
///
/// The type is closed, so nobody outside this crate can write a rule that accepts everything and passes it
/// off as a built-in one: only the holder of a [`TrustRoot`] can make a rule from outside, with
/// [`external`](Self::external), and under a name that says so. The level of a verdict follows from the
/// validator; no caller states it.
pub struct Validator {
    class: ValidatorClass,
    name: Arc<str>,
    version: u32,
    ceiling: Level, // Invariant: at most Oracle, but for admissions.
    means: Means,
}

/// The means by which a validator judges, beside the rules of this crate.
enum Means {
    /// The rules of this crate alone.
    BuiltIn,
    /// A check that is written outside this crate.
    External(CheckText),
    /// A runner of programs.
    Runner(Box<dyn ProgramRunner>),
    /// An examiner, and the keys whose signatures on its records are believed.
    Examiner(Box<dyn Examiner>, TrustStore),
}

type CheckText = Box<dyn Fn(&str) -> bool>;

impl Validator {
    /// Returns a validator that is written outside this crate, for the class [`ValidatorClass::External`] of
    /// that name. `check` returns true for a text that it accepts, and must be a pure function of the text,
    /// so that a judgement repeats.
    ///
    /// # Errors
    /// The ceiling is above [`Level::Oracle`], because only an admission by the hold-out gate is `Proven`.
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
        Ok(Self { class, name, version, ceiling, means: Means::External(Box::new(check)) })
    }

    /// Returns a validator of programs in `language`, for the class [`ValidatorClass::Isolated`] of that language.
    ///
    /// The runner only runs programs and returns their raw results. Which calls are made and what the results are
    /// worth is decided here, and a verdict shows [`Level::Property`] at most. The holder of the root vouches for the
    /// isolation.
    #[must_use]
    pub fn isolated(
        language: impl Into<String>,
        runner: impl ProgramRunner + 'static,
        _root: &impl TrustRoot,
    ) -> Self {
        let class = ValidatorClass::Isolated(language.into());
        let name = class.to_string().into();
        let (version, ceiling) = (TRIAL_VERSION, Level::Property);
        Self { class, name, version, ceiling, means: Means::Runner(Box::new(runner)) }
    }

    /// Returns the validator of admissions, for the class [`ValidatorClass::Admission`].
    ///
    /// The examiner holds the exams, and is not believed: a verdict shows [`Level::Proven`] only if the record of the
    /// admission names the subject and the contract, and a key of `store` signed it, as
    /// [`readmit`](crate::readmit) demands. The holder of the root vouches that whoever has such a key signs nothing
    /// but admissions of the hold-out gate.
    #[must_use]
    pub fn admission(examiner: impl Examiner + 'static, store: TrustStore, _root: &impl TrustRoot) -> Self {
        Self {
            class: ValidatorClass::Admission,
            name: ADMISSION.into(),
            version: ADMISSION_VERSION,
            ceiling: Level::Proven,
            means: Means::Examiner(Box::new(examiner), store),
        }
    }

    fn builtin(class: ValidatorClass, name: &str, version: u32, ceiling: Level) -> Self {
        Self { class, name: name.into(), version, ceiling, means: Means::BuiltIn }
    }

    /// Returns the class that the validator serves: it judges exactly the contracts of that class.
    #[must_use]
    pub fn class(&self) -> &ValidatorClass {
        &self.class
    }

    /// Returns the name by which verdicts name the validator, for example `answer`. A validator from outside
    /// has `external:` before the name that it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name as verdicts hold it, without copying the text.
    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// Returns the version that verdicts record. Every change of the validator's behaviour raises it.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns the highest level that a verdict of this validator can have.
    #[must_use]
    pub fn ceiling(&self) -> Level {
        self.ceiling
    }

    pub(crate) fn accepts(&self, subject: &Value) -> bool {
        match (&self.means, subject) {
            (Means::External(check), Value::Text(text)) => check(text),
            _ => false,
        }
    }

    /// Returns what runs programs, or None if the validator runs none.
    pub(crate) fn runner(&self) -> Option<&dyn ProgramRunner> {
        match &self.means {
            Means::Runner(runner) => Some(runner.as_ref()),
            _ => None,
        }
    }

    /// Returns what examines programs, and the keys whose signatures are believed. None if the validator examines none.
    pub(crate) fn examiner(&self) -> Option<(&dyn Examiner, &TrustStore)> {
        match &self.means {
            Means::Examiner(examiner, store) => Some((examiner.as_ref(), store)),
            _ => None,
        }
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Validator({} v{}, {}, up to {})", self.name, self.version, self.class, self.ceiling)
    }
}

/// The set of installed validators, which has at most one of each class.
#[derive(Debug)]
pub struct Validators {
    installed: Vec<Validator>,
}

impl Validators {
    /// Returns the validators that are built in: text, lint, structure and answer.
    #[must_use]
    pub fn builtin() -> Self {
        let text = Validator::builtin(ValidatorClass::Text, "text", TEXT_VERSION, Level::Syntax);
        let lint = Validator::builtin(ValidatorClass::Lint, "lint", LINT_VERSION, Level::Schema);
        let structure =
            Validator::builtin(ValidatorClass::Structure, "structure", STRUCTURE_VERSION, Level::Oracle);
        let answer = Validator::builtin(ValidatorClass::Answer, "answer", ANSWER_VERSION, Level::Oracle);
        Self { installed: [text, lint, structure, answer].into() }
    }

    /// Installs a validator, which then judges every contract of its class.
    ///
    /// # Errors
    /// A validator of the class is installed already. The set is unchanged then, so no validator is ever
    /// replaced.
    pub fn install(&mut self, validator: Validator) -> Result<(), ContractError> {
        if self.find(validator.class()).is_some() {
            return Err(ContractError::AlreadyInstalled { validator: validator.name.to_string() });
        }
        self.installed.push(validator);
        Ok(())
    }

    /// Returns the validator of `class`, or None if none is installed.
    #[must_use]
    pub fn find(&self, class: &ValidatorClass) -> Option<&Validator> {
        self.installed.iter().find(|validator| validator.class == *class)
    }
}
