//! The expectation of a contract: the result that is compared with the one that a subject states.
//!
//! An expectation names a computation, or holds a value together with the one who vouches for it. The voucher
//! bounds the level that the contract can reach: a value for which a proposer vouches shows
//! [`Level::Property`] at most.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use abi::{Digest, Value};

use crate::{Call, Case, ContractError, Expected, ExpectedFrom, Form, Level, nesting};

/// The deepest nesting of a given value. The canonical value of the contract holds it inside two maps, and
/// that canonical value must itself be readable.
const MAX_GIVEN_DEPTH: usize = abi::MAX_DEPTH - 2;

/// The result that a contract expects, or the way in which it checks the stated result.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// No expected result: only the form and the further demands of the contract are judged.
    Nothing,
    /// The result of calling a primitive, computed when the judgement is made.
    Computed(Call),
    /// A value that is stored in the contract.
    Given {
        /// The expected value, which the value that the subject states must equal.
        value: Value,
        /// The one who vouches that the value is right.
        from: ExpectedFrom,
    },
    /// Acceptance by the validator from outside that is installed under this name.
    CheckedBy {
        /// The name under which the validator was installed, without the prefix `external:`.
        validator: String,
    },
    /// A program whose function does what the cases expect. Judging one means running it, which takes a
    /// validator that isolates programs.
    Cases {
        /// The programming language, for example `python`.
        language: String,
        /// The name of the function that the cases call.
        entry: String,
        /// The calls and the ways in which they must end. If there are none, the program must only load and define
        /// the function.
        cases: Vec<Case>,
    },
    /// A program that the hold-out gate admitted under this specification.
    Exam {
        /// The programming language, for example `python`.
        language: String,
        /// The name of the function that the exam calls.
        entry: String,
        /// Digest of the specification: its types, oracle, generator and terms.
        specification: Digest,
    },
}

impl Expectation {
    /// Returns the expectation if `form` can state a result of its type, and an error otherwise.
    ///
    /// Every recursive walk over the returned expectation is bounded, because values that nest too deeply are
    /// refused here.
    pub(crate) fn fitting(self, form: Form) -> Result<Self, ContractError> {
        let bounded = self.bounded()?;
        let found = match &bounded {
            Self::Nothing => return Ok(bounded),
            // A validator from outside sees the whole text and nothing else.
            Self::CheckedBy { .. } | Self::Cases { .. } | Self::Exam { .. } if form == Form::Text => {
                return Ok(bounded);
            }
            Self::CheckedBy { .. } | Self::Cases { .. } | Self::Exam { .. } => {
                return Err(ContractError::Unstatable { form: form.word(), found: "text" });
            }
            Self::Computed(call) => call.primitive().returns.word(),
            Self::Given { value, .. } => value.type_name(),
        };
        let fits = match form {
            Form::Integer => found == "int",
            Form::YesNo => found == "bool",
            Form::Text | Form::Word => found == "text",
            Form::Integers => found == "list",
            Form::Number => matches!(found, "int" | "float" | "decimal"),
            Form::Value => true,
            // Bytes have no JSON; anything else may occur in a document.
            Form::Json => found != "bytes",
            Form::Xml | Form::Free => false,
        };
        if fits { Ok(bounded) } else { Err(ContractError::Unstatable { form: form.word(), found }) }
    }

    fn bounded(self) -> Result<Self, ContractError> {
        match self {
            Self::Given { value, from } => {
                let value = nesting::bounded(value, MAX_GIVEN_DEPTH)
                    .map_err(|_| ContractError::TooDeep { limit: MAX_GIVEN_DEPTH })?;
                Ok(Self::Given { value, from })
            }
            Self::Cases { language, entry, cases } => {
                Ok(Self::Cases { language, entry, cases: bounded_cases(cases)? })
            }
            other => Ok(other),
        }
    }

    /// Returns the same expectation with the proposer as the voucher of every given value.
    pub(crate) fn vouched_by_the_proposer(self) -> Self {
        match self {
            Self::Given { value, .. } => Self::Given { value, from: ExpectedFrom::Proposer },
            Self::Cases { language, entry, mut cases } => {
                cases.iter_mut().for_each(|case| case.from = ExpectedFrom::Proposer);
                Self::Cases { language, entry, cases }
            }
            other => other,
        }
    }

    /// Returns the highest level that meeting the expectation can show. Returns None if the expectation
    /// compares nothing, in which case the form and the further demands decide.
    pub(crate) fn ceiling(&self) -> Option<Level> {
        match self {
            Self::Nothing => None,
            Self::Given { from: ExpectedFrom::Proposer, .. } => Some(Level::Property),
            Self::Exam { .. } => Some(Level::Proven),
            Self::Cases { cases, .. } if cases.is_empty() => Some(Level::Syntax),
            // Cases are a sample of what the program does: a table of them holds them all. An oracle for a program is
            // an exam of the hold-out gate.
            Self::Cases { .. } => Some(Level::Property),
            Self::Computed(_) | Self::Given { .. } | Self::CheckedBy { .. } => Some(Level::Oracle),
        }
    }

    /// Returns the text by which a verdict names the voucher, for example `user` or `primitive:` with a
    /// digest.
    pub(crate) fn voucher(&self) -> Cow<'static, str> {
        match self {
            Self::Nothing => "nobody".into(),
            Self::Computed(call) => alloc::format!("primitive:{}", call.primitive().digest()).into(),
            Self::Given { from: ExpectedFrom::User, .. } => "user".into(),
            Self::Given { from: ExpectedFrom::Exam(digest), .. } => alloc::format!("exam:{digest}").into(),
            Self::Given { from: ExpectedFrom::Proposer, .. } => "proposer".into(),
            Self::CheckedBy { validator } => alloc::format!("external:{validator}").into(),
            Self::Cases { .. } => "cases".into(),
            Self::Exam { specification, .. } => alloc::format!("exam:{specification}").into(),
        }
    }
}

fn bounded_cases(cases: Vec<Case>) -> Result<Vec<Case>, ContractError> {
    // The canonical value of the contract nests a case in a list and two maps.
    const LIMIT: usize = MAX_GIVEN_DEPTH - 3;
    let too_deep = |_| ContractError::TooDeep { limit: LIMIT };
    let mut bounded = Vec::with_capacity(cases.len());
    for Case { arguments, expected, tolerance, is_held_out, from } in cases {
        let arguments = nesting::bounded(Value::List(arguments), LIMIT).map_err(too_deep)?;
        let expected = match expected {
            Expected::Returns(value) => Expected::Returns(nesting::bounded(value, LIMIT).map_err(too_deep)?),
            raises @ Expected::Raises(_) => raises,
        };
        let Some(arguments) = arguments.into_list() else { continue };
        bounded.push(Case { arguments, expected, tolerance, is_held_out, from });
    }
    Ok(bounded)
}
