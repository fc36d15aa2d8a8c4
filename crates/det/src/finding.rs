//! The outcome of a judgement, and the finding of one that goes against its subject.

use alloc::string::String;
use core::fmt;

use abi::Value;

use crate::{Form, JsonError, Lint, LintFinding, SchemaFinding, XmlError};

/// The reason why a subject does not satisfy its contract.
///
/// A finding is a result of a judgement, not an error: the judgement took place. The words of a finding are
/// sealed into the ledger and shown to the model that is asked for a repair.
#[derive(Clone, Debug)]
pub enum Finding {
    /// The subject is not text.
    NotText {
        /// The type of the subject.
        found: &'static str,
    },
    /// The subject is blank text.
    Blank,
    /// The subject states no answer of the demanded form, or more than one.
    NoAnswer {
        /// The form demanded.
        form: Form,
    },
    /// The subject is neither an answer of the demanded form nor text.
    NotAnswer {
        /// The form demanded.
        form: Form,
        /// The type of the subject.
        found: &'static str,
    },
    /// The stated result is not the expected one.
    Mismatch {
        /// The result that the subject states.
        stated: Value,
    },
    /// The subject is not one JSON document.
    NotJson(JsonError),
    /// The subject is not one XML document.
    NotXml(XmlError),
    /// The stated value does not satisfy the schema.
    Schema(SchemaFinding),
    /// The stated map lacks a key.
    MissingKey {
        /// The key.
        key: String,
    },
    /// The subject's text lacks a part.
    MissingText {
        /// The part.
        part: String,
    },
    /// A lint found a fault in the subject's text.
    Lint {
        /// The lint.
        lint: Lint,
        /// The fault.
        what: LintFinding,
    },
    /// The validator from outside does not accept the subject.
    NotAccepted,
}

/// The outcome of a judgement: the subject satisfies its contract, or a finding says why not.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The subject satisfies the contract, at the verdict's level.
    Satisfied,
    /// The subject does not satisfy the contract. The verdict's level is the one it reached before that.
    Refuted(Finding),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText { found } => write!(f, "the result is a {found}, not text"),
            Self::Blank => f.write_str("the reply is blank"),
            Self::NoAnswer { form: Form::Number } => f.write_str("the reply states no single number"),
            Self::NoAnswer { form: Form::YesNo } => f.write_str("the reply states no single yes or no"),
            Self::NoAnswer { .. } => f.write_str("the reply states no single integer"),
            Self::NotAnswer { form, found } => {
                write!(f, "a result of the type {found} is no answer of the form {}", form.word())
            }
            Self::Mismatch { stated: Value::Int(int) } => write!(f, "the reply states {int}, which is wrong"),
            Self::Mismatch { stated: Value::Bool(yes) } => {
                write!(f, "the reply states {}, which is wrong", if *yes { "yes" } else { "no" })
            }
            Self::Mismatch { .. } => f.write_str("the reply states another result"),
            Self::NotJson(error) => write!(f, "the result is not one JSON document: {error}"),
            Self::NotXml(error) => write!(f, "the result is not one XML document: {error}"),
            Self::Schema(finding) => finding.fmt(f),
            Self::MissingKey { key } => write!(f, "the result has no key {key}"),
            Self::MissingText { part } => write!(f, "the reply does not contain {part:?}"),
            Self::Lint { lint, what } => write!(f, "{}: {what}", lint.word()),
            Self::NotAccepted => f.write_str("the validator does not accept the reply"),
        }
    }
}
