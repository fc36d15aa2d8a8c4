//! The mint: the only place where verdicts are made.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::{Body, Canonical, Digest, Domain, Origin, Proposal, TaskId, Value, encode};

use crate::{
    Contract, Expectation, ExpectedFrom, Form, JsonError, JudgeError, Level, Lint, LintFinding,
    SchemaFinding, Validator, Validators, equal, extract, nesting, parse_json, xml,
};

/// The domain `nmk.subject.v1`.
const SUBJECT: Domain = Domain::of_context_key([
    0xcc, 0x22, 0xf7, 0x1c, 0x6b, 0xbc, 0x1a, 0x0d, 0x97, 0xf1, 0x92, 0xb9, 0xf3, 0xb3, 0x71, 0xe4, 0xdf,
    0x62, 0x6a, 0x86, 0x02, 0x3e, 0x39, 0xa6, 0x2d, 0xda, 0x95, 0xd6, 0x27, 0x7e, 0x2d, 0x1a,
]);
/// The domain `nmk.origin.v1`.
const ORIGIN: Domain = Domain::of_context_key([
    0xa9, 0xf3, 0x79, 0xb9, 0x33, 0x42, 0xd0, 0x77, 0xa4, 0xbf, 0x78, 0xb5, 0x4e, 0x0d, 0x9d, 0xf7, 0xf3,
    0xd2, 0x5c, 0x2d, 0xb7, 0x86, 0x8e, 0xd8, 0x90, 0xb0, 0xdc, 0x39, 0x7e, 0x9f, 0x58, 0xac,
]);

/// Why a subject does not satisfy its contract.
#[derive(Clone, Debug)]
pub enum Finding {
    /// It is not text.
    NotText {
        /// The type that it is.
        found: &'static str,
    },
    /// It is blank.
    Blank,
    /// It states no answer of the demanded form, or more than one.
    NoAnswer {
        /// The form demanded.
        form: Form,
    },
    /// It states another result than the expected one.
    Mismatch {
        /// What it states.
        stated: Value,
    },
    /// It is not one JSON document.
    NotJson(JsonError),
    /// It is not one XML document.
    NotXml(xml::XmlError),
    /// It does not satisfy the schema.
    Schema(SchemaFinding),
    /// It lacks a key.
    MissingKey {
        /// The key.
        key: String,
    },
    /// Its text lacks a part.
    MissingText {
        /// The part.
        part: String,
    },
    /// A lint found a fault.
    Lint {
        /// The lint.
        lint: Lint,
        /// What it found.
        what: LintFinding,
    },
    /// The validator from outside does not accept it.
    NotAccepted,
}

/// Whether the subject satisfies its contract.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It does, at the verdict's level.
    Satisfied,
    /// It does not; the verdict's level is what it reached before that.
    Refuted(Finding),
}

/// What was shown about one subject under one contract for one task.
///
/// Holding a verdict proves that [`judge`] or [`readmit`](crate::readmit) made it. It has no
/// constructor, no copy and no way back from bytes: what is read from a disk is a claim.
#[derive(Debug)]
pub struct Verdict {
    level: Level,
    outcome: Outcome,
    validator: Arc<str>,
    validator_version: u32,
    subject: Digest,
    contract: Digest,
    inputs: Vec<Digest>,
    task: TaskId,
    /// Digest of who proposed the subject.
    proposed_by: Digest,
    vouched_by: Cow<'static, str>,
}

/// A value with the verdict on it.
///
/// Holding one proves that this very value was judged. It can be read and taken apart, not changed.
#[derive(Debug)]
pub struct Judged<T> {
    value: T,
    verdict: Box<Verdict>, // It is large, and what is judged is handed on often.
}

/// A proposal with the digest that verdicts name it by. Whoever needs the digest before the judgement makes
/// one, and the digest is computed once.
#[derive(Clone, Debug)]
pub struct Subject {
    value: Value, // Invariant: nests at most `MAX_DEPTH` deep.
    origin: Origin,
    digest: Digest, // Invariant: the value's.
}

impl Subject {
    /// The subject that is proposed.
    ///
    /// # Errors
    /// It nests deeper than [`abi::MAX_DEPTH`]; it is lost.
    pub fn new(proposal: Proposal<Value>) -> Result<Self, JudgeError> {
        let value = nesting::bounded(proposal.value, abi::MAX_DEPTH)
            .map_err(|depth| JudgeError::TooDeep { depth })?;
        let digest = subject_digest(&value);
        Ok(Self { value, origin: proposal.origin, digest })
    }

    /// What is proposed.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Who proposes it.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// As [`subject_digest`].
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// As [`judge`](fn@judge).
    ///
    /// # Errors
    /// As [`judge`](fn@judge).
    pub fn judge(
        self,
        validators: &Validators,
        task: TaskId,
        contract: &Contract,
        inputs: Vec<Digest>,
    ) -> Result<Judged<Value>, JudgeError> {
        let Self { value, origin, digest } = self;
        let class = contract.class();
        let validator = validators.find(&class).ok_or(JudgeError::NoValidator { class })?;
        let (reached, outcome) = assess(validator, contract, &value)?;
        let level = reached.min(contract.ceiling()).min(validator.ceiling());
        let verdict = Verdict {
            level,
            outcome,
            validator: validator.shared_name(),
            validator_version: validator.version(),
            subject: digest,
            contract: contract.digest(),
            inputs,
            task,
            proposed_by: origin_digest(&origin),
            vouched_by: vouched_by(contract),
        };
        Ok(Judged { value, verdict: Box::new(verdict) })
    }
}

/// Holds `subject` against `contract` for `task`. `inputs` are the digests of what the subject was made
/// from; the verdict binds them.
///
/// A subject that does not satisfy the contract is judged all the same: its verdict is refuted, at the
/// level that it reached.
///
/// # Errors
/// No judgement was possible; the subject is lost with it, since nothing may be concluded.
pub fn judge(
    validators: &Validators,
    task: TaskId,
    contract: &Contract,
    inputs: Vec<Digest>,
    subject: Proposal<Value>,
) -> Result<Judged<Value>, JudgeError> {
    Subject::new(subject)?.judge(validators, task, contract, inputs)
}

/// The level that the subject reaches before ceilings, and whether it satisfies the contract.
fn assess(
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
        // Only what was installed for it reaches here, and nothing can be installed for it yet.
        Expectation::Cases { .. } => return Err(JudgeError::NoValidator { class: contract.class() }),
        Expectation::Nothing => return Ok((Level::Schema, Outcome::Satisfied)),
        Expectation::CheckedBy { .. } => return Ok((validator.ceiling(), Outcome::Satisfied)),
        Expectation::Computed(call) => call.evaluate().map_err(JudgeError::Undefined)?,
        Expectation::Given { value, .. } => value.clone(),
    };
    // What is itself the value must be that very value; what states one may write it in its own way.
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

/// What the subject states in the contract's form, or the level at which it fails to.
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

fn vouched_by(contract: &Contract) -> Cow<'static, str> {
    match contract.expectation() {
        Expectation::Nothing => "nobody".into(),
        Expectation::Computed(call) => alloc::format!("primitive:{}", call.primitive().digest()).into(),
        Expectation::Given { from: ExpectedFrom::User, .. } => "user".into(),
        Expectation::Given { from: ExpectedFrom::Exam(digest), .. } => alloc::format!("exam:{digest}").into(),
        Expectation::Given { from: ExpectedFrom::Proposer, .. } => "proposer".into(),
        Expectation::CheckedBy { validator } => alloc::format!("external:{validator}").into(),
        Expectation::Cases { .. } => "cases".into(),
    }
}

/// The digest under which verdicts name a proposer.
fn origin_digest(origin: &Origin) -> Digest {
    let canonical = Canonical::map(|map| origin.write(map));
    ORIGIN.digest([canonical.as_bytes()])
}

/// The digest under which verdicts and admission records name a subject.
#[must_use]
pub fn subject_digest(value: &Value) -> Digest {
    SUBJECT.digest([encode(value).as_slice()])
}

/// A judged value on the word of an admission record that was checked by the caller.
pub(crate) fn admitted(
    value: Value,
    origin: &Origin,
    contract: Digest,
    task: TaskId,
    signer: &str,
    record: Digest,
) -> Judged<Value> {
    let verdict = Verdict {
        level: Level::Proven,
        outcome: Outcome::Satisfied,
        validator: "admission".into(),
        validator_version: 1,
        subject: subject_digest(&value),
        contract,
        inputs: [record].into(),
        task,
        proposed_by: origin_digest(origin),
        vouched_by: alloc::format!("admission:{signer}").into(),
    };
    Judged { value, verdict: Box::new(verdict) }
}

impl<T> Judged<T> {
    /// The value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The verdict on it.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Value and verdict apart, from which no judged value can be made again.
    #[must_use]
    pub fn into_parts(self) -> (T, Verdict) {
        (self.value, *self.verdict)
    }
}

impl Verdict {
    /// What was shown.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Whether the contract is satisfied, and if not, why.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Whether the contract is satisfied.
    #[must_use]
    pub fn is_satisfied(&self) -> bool {
        matches!(self.outcome, Outcome::Satisfied)
    }

    /// Whether the contract is satisfied at `required` or above. The level alone does not say so: a
    /// refuted verdict keeps the level that its subject reached before.
    #[must_use]
    pub fn shows(&self, required: Level) -> bool {
        self.is_satisfied() && self.level >= required
    }

    /// The digest of the judged value.
    #[must_use]
    pub fn subject(&self) -> Digest {
        self.subject
    }

    /// The digest of the contract.
    #[must_use]
    pub fn contract(&self) -> Digest {
        self.contract
    }

    /// The task that it was asked for.
    #[must_use]
    pub fn task(&self) -> TaskId {
        self.task
    }

    /// The verdict as it is sealed into the ledger. Reading it back gives a claim, not a verdict.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.to_canonical().to_value().expect("a verdict is a map of lists at most")
    }

    /// The canonical encoding of [`to_value`](Self::to_value).
    #[must_use]
    pub fn to_canonical(&self) -> Canonical {
        Canonical::map(|map| {
            map.digest("contract", &self.contract);
            match &self.outcome {
                Outcome::Satisfied => map.null("finding"),
                Outcome::Refuted(finding) => map.text("finding", &finding.to_string()),
            }
            map.digests("inputs", self.inputs.iter());
            map.text("level", self.level.word());
            map.digest("proposed_by", &self.proposed_by);
            map.bool("satisfied", self.is_satisfied());
            map.digest("subject", &self.subject);
            map.text("task", &self.task.to_string());
            map.text("validator", &self.validator);
            map.int("validator_version", i64::from(self.validator_version));
            map.text("vouched_by", &self.vouched_by);
        })
    }
}

impl core::fmt::Display for Finding {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotText { found } => write!(f, "the result is a {found}, not text"),
            Self::Blank => f.write_str("the reply is blank"),
            Self::NoAnswer { form: Form::Number } => f.write_str("the reply states no single number"),
            Self::NoAnswer { form: Form::YesNo } => f.write_str("the reply states no single yes or no"),
            Self::NoAnswer { .. } => f.write_str("the reply states no single integer"),
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

#[cfg(test)]
mod tests {
    use super::{Domain, ORIGIN, SUBJECT};

    #[test]
    fn the_domains_are_those_of_their_names() {
        assert_eq!(SUBJECT, Domain::new("nmk.subject.v1"));
        assert_eq!(ORIGIN, Domain::new("nmk.origin.v1"));
    }
}
