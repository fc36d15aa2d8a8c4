//! Assessments: the comparison of a subject with a contract.
//!
//! An assessment is not yet a verdict. It is plain data that any code of this crate could write down, it
//! binds no task and no inputs, and it does not leave the crate. Only the mint turns one into a verdict, and
//! the mint takes none from outside: it calls [`assess`] itself.

use alloc::borrow::Cow;
use alloc::sync::Arc;

use abi::Value;

use crate::{
    Contract, Expectation, Finding, Form, JudgeError, Level, Outcome, Validator, Validators, equal, extract,
    parse_json, subject_digest, xml,
};

/// The result of comparing one subject with one contract: everything in a verdict that the comparison finds
/// out.
#[derive(Debug)]
pub(crate) struct Assessment {
    pub(crate) level: Level,
    pub(crate) outcome: Outcome,
    pub(crate) validator: Arc<str>,
    pub(crate) validator_version: u32,
    /// The text that names the one who vouches for the expected result, for example `user`.
    pub(crate) vouched_by: Cow<'static, str>,
}

/// Compares `subject` with `contract`, by the installed validator of the contract's class.
///
/// The level of the assessment is at most the ceiling of the contract and that of the validator.
///
/// # Errors
/// No validator of the class is installed, or a primitive that the contract names has no result for its
/// operands.
pub(crate) fn assess(
    validators: &Validators,
    contract: &Contract,
    subject: &Value,
) -> Result<Assessment, JudgeError> {
    let class = contract.class();
    let validator = validators.find(&class).ok_or(JudgeError::NoValidator { class })?;
    let (reached, outcome) = compare(validator, contract, subject)?;
    Ok(Assessment {
        level: reached.min(contract.ceiling()).min(validator.ceiling()),
        outcome,
        validator: validator.shared_name(),
        validator_version: validator.version(),
        vouched_by: contract.expectation().voucher(),
    })
}

/// Returns the level that the subject reaches before the ceilings are applied, and the outcome.
fn compare(
    validator: &Validator,
    contract: &Contract,
    subject: &Value,
) -> Result<(Level, Outcome), JudgeError> {
    let form = contract.form();
    if form == Form::Free {
        return Ok((Level::None, Outcome::Satisfied));
    }
    let stated = match stated(validator, contract, subject) {
        Ok(stated) => stated,
        Err((level, finding)) => return Ok((level, Outcome::Refuted(finding))),
    };
    let text = match subject {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    };
    if let Some(finding) = contract.demands().missed(text, &stated) {
        return Ok((Level::Syntax, Outcome::Refuted(finding)));
    }
    let expected = match contract.expectation() {
        // Only a validator that runs programs could reach this arm, and none can be installed yet.
        Expectation::Cases { .. } => return Err(JudgeError::NoValidator { class: contract.class() }),
        Expectation::Nothing => return Ok((Level::Schema, Outcome::Satisfied)),
        Expectation::CheckedBy { .. } => return Ok((validator.ceiling(), Outcome::Satisfied)),
        Expectation::Computed(call) => call.evaluate().map_err(JudgeError::Undefined)?,
        Expectation::Given { value, .. } => value.clone(),
    };
    // A subject that is the value must be that very value; a text that states one may write it in its own
    // way, 3.0 for 3.
    let same = match form {
        Form::Value => subject_digest(&stated) == subject_digest(&expected),
        _ => equal(&stated, &expected),
    };
    Ok(if same {
        (Level::Oracle, Outcome::Satisfied)
    } else {
        (Level::Schema, Outcome::Refuted(Finding::Mismatch { stated: stated.into_owned() }))
    })
}

/// Returns the result that the subject states in the contract's form. If it states none, returns the level
/// that the subject reaches and the finding.
fn stated<'s>(
    validator: &Validator,
    contract: &Contract,
    subject: &'s Value,
) -> Result<Cow<'s, Value>, (Level, Finding)> {
    let form = contract.form();
    if form == Form::Value {
        return Ok(Cow::Borrowed(subject));
    }
    let Value::Text(text) = subject else {
        return Err((Level::None, Finding::NotText { found: subject.type_name() }));
    };
    if text.trim().is_empty() {
        return Err((Level::None, Finding::Blank));
    }
    if matches!(contract.expectation(), Expectation::CheckedBy { .. }) && !validator.accepts(subject) {
        return Err((Level::Syntax, Finding::NotAccepted));
    }
    match form {
        Form::Free | Form::Text | Form::Value => Ok(Cow::Borrowed(subject)),
        Form::Json => {
            parse_json(text).map(Cow::Owned).map_err(|error| (Level::None, Finding::NotJson(error)))
        }
        Form::Xml => match xml::check(text) {
            Ok(()) => Ok(Cow::Borrowed(subject)),
            Err(error) => Err((Level::None, Finding::NotXml(error))),
        },
        Form::Integer | Form::YesNo | Form::Number => extract(text, form)
            .map(|answer| Cow::Owned(answer.to_value()))
            .ok_or((Level::Syntax, Finding::NoAnswer { form })),
    }
}
