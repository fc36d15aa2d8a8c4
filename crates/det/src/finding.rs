//! The outcome of a judgement, and the finding that says why a subject was refuted.

use alloc::string::String;
use core::fmt;

use abi::Value;

use crate::{CallEnd, Form, JsonError, Lint, LintFinding, ProgramFault, SchemaFinding, XmlError, notation};

/// The reason why a subject does not satisfy its contract.
///
/// A finding is a result of a judgement, not an error: the judgement took place. The words that it is
/// displayed with are recorded in the ledger and shown to the model that is asked for a repair.
#[derive(Clone, Debug)]
pub enum Finding {
    /// The contract demands text, and the subject is another kind of value.
    NotText {
        /// The type name of the subject, for example `list`.
        found: &'static str,
    },
    /// The subject is text that is empty or has nothing but white space.
    Blank,
    /// The subject states no answer of the demanded form, or two different ones.
    NoAnswer {
        /// The form that the contract demands, for example an integer.
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
        /// The result that the subject states, which is not the expected one. The expected one is not part of
        /// the finding.
        stated: Value,
    },
    /// The subject is not exactly one JSON document; the error says where and why.
    NotJson(JsonError),
    /// The subject is not exactly one XML document; the error says where and why.
    NotXml(XmlError),
    /// The stated value does not satisfy the schema.
    Schema(SchemaFinding),
    /// The stated value is not a map, or its map lacks a key that the contract requires.
    MissingKey {
        /// The first required key that is missing.
        key: String,
    },
    /// The subject's text does not contain a part that the contract requires.
    MissingText {
        /// The first required part that is missing.
        part: String,
    },
    /// A lint found a fault in the subject's text.
    Lint {
        /// The lint that found the fault.
        lint: Lint,
        /// The fault, described in words.
        what: LintFinding,
    },
    /// The validator from outside returned false for the subject.
    NotAccepted,
    /// The subject is to be a program and has fenced blocks, so it is a reply about programs.
    NotAProgram,
    /// The program cannot be loaded, or does not define its function.
    NotLoaded {
        /// The fault of the program.
        fault: ProgramFault,
    },
    /// The program does not hold a case. Only a case that is not held out is told.
    CaseFails {
        /// The case in words, for example `f(3, 4) == 7`.
        case: String,
        /// The way in which the call ended.
        end: CallEnd,
    },
    /// The program holds every case that is told, and not every case that is held out.
    HeldOutFail {
        /// The number of held-out cases that the program does not hold.
        failed: usize,
        /// The number of held-out cases.
        all: usize,
    },
    /// The program did something else when it was run again in another process, with its calls in another order.
    Impure {
        /// The case at which it showed. None if that case is held out, or if the program did not load again.
        case: Option<String>,
    },
    /// The hold-out gate did not admit the program.
    NotAdmitted {
        /// The stage of the exam that the program did not pass, and the reason.
        stage: String,
        /// The reason in words, cut where it is long.
        what: String,
    },
}

/// The outcome of a judgement: the subject satisfies its contract, or a finding says why not.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The subject satisfies the contract, at the level that the verdict states.
    Satisfied,
    /// The subject does not satisfy the contract, for the reason that the finding gives. The level of the
    /// verdict then says how far the subject came: text without the demanded key is `Syntax`, for example.
    Refuted(Finding),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText { found } => write!(f, "the result is a {found}, not text"),
            Self::Blank => f.write_str("the reply is blank"),
            Self::NoAnswer { form: Form::Number } => f.write_str("the reply states no single number"),
            Self::NoAnswer { form: Form::YesNo } => f.write_str("the reply states no single yes or no"),
            Self::NoAnswer { form: Form::Word } => f.write_str("the reply states no single word"),
            Self::NoAnswer { form: Form::Integers } => f.write_str("the reply states no single list of integers"),
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
            Self::NotAProgram => f.write_str(
                "the reply states no single program: give one fenced block with the whole program, and nothing else",
            ),
            Self::NotLoaded { fault } => write!(f, "the program does not load: {fault}"),
            Self::CaseFails { case, end: Ok(value) } => {
                write!(f, "{case} does not hold: it returns {}", notation::python_value(value))
            }
            Self::CaseFails { case, end: Err(fault) } => write!(f, "{case} does not hold: {fault}"),
            Self::HeldOutFail { failed, all } => {
                let hold = if *failed == 1 { "does not hold" } else { "do not hold" };
                write!(f, "{failed} of {} {hold}", abi::counted(*all, "held-out case"))
            }
            Self::Impure { case: Some(case) } => write!(
                f,
                "{case} does not hold again in another process, after other calls: the program must always do the same"
            ),
            Self::NotAdmitted { stage, what } => write!(f, "not admitted: {stage}: {what}"),
            Self::Impure { case: None } => {
                f.write_str("the program does something else when it is run again: it must always do the same")
            }
        }
    }
}
