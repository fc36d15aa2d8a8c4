//! Assessments: the comparison of a subject with a contract.
//!
//! An assessment is not yet a verdict. It is plain data that any code of this crate could write down, it
//! binds no task and no inputs, and it does not leave the crate. Only the mint turns one into a verdict, and
//! the mint takes none from outside: it calls [`assess`] itself.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::sync::Arc;

use abi::{Digest, Value};

use crate::contract::cases_digest;
use crate::equal::equal_within;
use crate::fuel::{Fuel, Spent};
use crate::json::parse_json_within;
use crate::notation::line;
use crate::trial::{Candidate, tried};
use crate::{
    Contract, Examined, Executor, Expectation, Finding, Form, JudgeError, Level, Outcome, RunnerError,
    Validator, Validators, admission, measure, subject_digest, xml,
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
    /// The cases that a program was run on, and what ran it. None for everything else.
    pub(crate) trial: Option<Trial>,
}

/// The record of a trial in a verdict.
#[derive(Debug)]
pub(crate) struct Trial {
    pub(crate) cases: Digest,
    /// None if the subject is no program, so that nothing ran it.
    pub(crate) executor: Option<Executor>,
}

/// The level that the subject reaches before the ceilings are applied, and the outcome. A program has a trial besides.
struct Compared {
    level: Level,
    outcome: Outcome,
    trial: Option<Trial>,
    /// The text that names the one who vouches, where it is not the contract that tells it.
    voucher: Option<Cow<'static, str>>,
}

impl From<(Level, Outcome)> for Compared {
    fn from((level, outcome): (Level, Outcome)) -> Self {
        Self { level, outcome, trial: None, voucher: None }
    }
}

/// Compares `subject` with `contract`, by the installed validator of the contract's class.
///
/// The level of the assessment is at most the ceiling of the contract and that of the validator.
///
/// # Errors
/// No validator of the class is installed, the expectation has no value, or the fuel of the judgement ends.
pub(crate) fn assess(
    validators: &Validators,
    contract: &Contract,
    subject: &Value,
) -> Result<Assessment, JudgeError> {
    let class = contract.class();
    let validator = validators.find(&class).ok_or(JudgeError::NoValidator { class })?;
    let mut fuel = Fuel::for_judgement();
    let Compared { level, outcome, trial, voucher } = compare(validator, contract, subject, &mut fuel)?;
    Ok(Assessment {
        level: level.min(contract.ceiling()).min(validator.ceiling()),
        outcome,
        validator: validator.shared_name(),
        validator_version: validator.version(),
        vouched_by: voucher.unwrap_or_else(|| contract.expectation().voucher()),
        trial,
    })
}

/// Compares the subject with every part of the contract.
fn compare(
    validator: &Validator,
    contract: &Contract,
    subject: &Value,
    fuel: &mut Fuel,
) -> Result<Compared, JudgeError> {
    let form = contract.form();
    if form == Form::Free {
        return Ok((Level::None, Outcome::Satisfied).into());
    }
    let stated = match stated(validator, contract, subject, fuel)? {
        Ok(stated) => stated,
        Err((level, finding)) => return Ok((level, Outcome::Refuted(finding)).into()),
    };
    let text = match subject {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    };
    if let Some(finding) = contract.demands().missed(text, &stated, fuel)? {
        return Ok((Level::Syntax, Outcome::Refuted(finding)).into());
    }
    let expected = match contract.expectation() {
        Expectation::Cases { language, entry, cases } => {
            let runner = validator.runner();
            let runner = runner.ok_or_else(|| JudgeError::NoValidator { class: contract.class() })?;
            let candidate = Candidate { language, entry, source: text.unwrap_or("") };
            let (level, outcome, executor) = tried(runner, &candidate, cases, fuel)?;
            let trial = Some(Trial { cases: cases_digest(cases), executor });
            return Ok(Compared { trial, ..(level, outcome).into() });
        }
        Expectation::Exam { entry, specification, .. } => {
            return examined(validator, contract, (*specification, entry), subject);
        }
        Expectation::Nothing => return Ok((Level::Schema, Outcome::Satisfied).into()),
        Expectation::CheckedBy { .. } => return Ok((validator.ceiling(), Outcome::Satisfied).into()),
        Expectation::Computed(call) => {
            fuel.spend_for(call.operand_bytes(), CALL_BYTE_STEPS)?;
            fuel.spend(call.steps())?;
            call.evaluate().map_err(JudgeError::Undefined)?
        }
        Expectation::Given { value, .. } => value.clone(),
    };
    // Under `Value` the subject must be that very value; an answer and a document may be written in another
    // way, 3.0 for 3.
    let same = match form {
        Form::Value => {
            fuel.spend_for(measure(&stated).bytes.saturating_add(measure(&expected).bytes), 1)?;
            subject_digest(&stated) == subject_digest(&expected)
        }
        _ => equal_within(&stated, &expected, fuel)?,
    };
    Ok(if same {
        (Level::Oracle, Outcome::Satisfied)
    } else {
        (Level::Schema, Outcome::Refuted(Finding::Mismatch { stated: stated.into_owned() }))
    }
    .into())
}

/// Has a program examined under the specification of `contract`, of which `exam` has the digest and the function's name.
///
/// # Errors
/// No exam took place, or its record does not bear out the admission that it claims.
fn examined(
    validator: &Validator,
    contract: &Contract,
    exam: (Digest, &str),
    subject: &Value,
) -> Result<Compared, JudgeError> {
    let (examiner, store) =
        validator.examiner().ok_or_else(|| JudgeError::NoValidator { class: contract.class() })?;
    let Value::Text(candidate) = subject else {
        let finding = Finding::NotText { found: subject.type_name() };
        return Ok((Level::None, Outcome::Refuted(finding)).into());
    };
    match examiner.examine(exam.0, exam.1, candidate).map_err(JudgeError::NotRun)? {
        Examined::Admitted { record, signature } => {
            let checked = admission::check(subject_digest(subject), contract, &record, &signature, store);
            checked.map_err(|error| JudgeError::NotRun(RunnerError { what: error.to_string() }))?;
            let voucher = Some(admission::voucher(record.signer));
            Ok(Compared { voucher, ..(Level::Proven, Outcome::Satisfied).into() })
        }
        Examined::Refused { stage, what } => {
            let finding = Finding::NotAdmitted { stage: line(&stage), what: line(&what) };
            Ok((Level::Syntax, Outcome::Refuted(finding)).into())
        }
    }
}

/// The steps for one byte of an operand.
const CALL_BYTE_STEPS: u64 = 8;

/// The result that a subject states, or the level at which it states none and the finding.
type Stated<'s> = Result<Cow<'s, Value>, (Level, Finding)>;

/// Returns the result that the subject states in the contract's form, or the level at which it fails to
/// state one and the finding. Fails if the fuel ends before that is known.
fn stated<'s>(
    validator: &Validator,
    contract: &Contract,
    subject: &'s Value,
    fuel: &mut Fuel,
) -> Result<Stated<'s>, Spent> {
    let form = contract.form();
    if form.is_the_value() {
        return Ok(if form.takes(subject) {
            Ok(Cow::Borrowed(subject))
        } else {
            Err(no_answer(form, subject))
        });
    }
    let Value::Text(text) = subject else {
        return Ok(Err((Level::None, Finding::NotText { found: subject.type_name() })));
    };
    fuel.spend_for(text.len(), 1)?;
    if text.trim().is_empty() {
        return Ok(Err((Level::None, Finding::Blank)));
    }
    if matches!(contract.expectation(), Expectation::CheckedBy { .. }) && !validator.accepts(subject) {
        return Ok(Err((Level::Syntax, Finding::NotAccepted)));
    }
    Ok(match form {
        Form::Json => {
            let parsed = parse_json_within(text, fuel)?;
            parsed.map(Cow::Owned).map_err(|error| (Level::None, Finding::NotJson(error)))
        }
        Form::Xml => {
            let checked = xml::check(text, fuel)?;
            checked.map(|()| Cow::Borrowed(subject)).map_err(|error| (Level::None, Finding::NotXml(error)))
        }
        _ => Ok(Cow::Borrowed(subject)),
    })
}

/// Returns the level and the finding for a subject that is not an answer of `form`. A text that is not blank
/// is a reply from which no answer could be read.
fn no_answer(form: Form, subject: &Value) -> (Level, Finding) {
    match subject {
        Value::Text(text) if text.trim().is_empty() => (Level::None, Finding::Blank),
        Value::Text(_) => (Level::Syntax, Finding::NoAnswer { form }),
        other => (Level::None, Finding::NotAnswer { form, found: other.type_name() }),
    }
}
