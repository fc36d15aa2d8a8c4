//! What a result must satisfy.
//!
//! A contract names primitives and typed operands, never a computed answer: the truth is computed when
//! the judgement is made. Expected *values* carry their origin, and the origin bounds the level that
//! the contract can reach.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use abi::{Digest, Proposal, Value};

use crate::demands::Demands;
use crate::{ContractError, Level, Lint, Schema, TrustRoot, ValidatorClass, nesting};

const DOMAIN: &str = "nmk.contract.v1";

/// The deepest nesting of calls in an expectation.
const MAX_CALL_DEPTH: usize = 8;

/// The deepest nesting of a given value. The canonical value of its contract nests it in two maps, and
/// must itself be readable.
const MAX_GIVEN_DEPTH: usize = abi::MAX_DEPTH - 2;

/// How the subject states its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Conversation: nothing is demanded, and nothing is shown.
    Free,
    /// Text that is not blank. The whole of it is the result: nothing is trimmed before it is compared.
    Text,
    /// A reply from which [`extract`](crate::extract) reads an integer.
    Integer,
    /// A reply from which [`extract`](crate::extract) reads yes or no.
    YesNo,
    /// A reply from which [`extract`](crate::extract) reads a number.
    Number,
    /// Text that is one JSON document and nothing else; the document's value is what is stated.
    Json,
    /// Text that is one well-formed XML document without a document type.
    Xml,
    /// The value itself, not text about it. An expected value must be met in type too: 3.0 is not the int 3.
    Value,
}

impl Form {
    /// The word for it in the canonical encoding.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Text => "text",
            Self::Integer => "integer",
            Self::YesNo => "yes_no",
            Self::Number => "number",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Value => "value",
        }
    }

    const ALL: [Self; 8] = [
        Self::Free,
        Self::Text,
        Self::Integer,
        Self::YesNo,
        Self::Number,
        Self::Json,
        Self::Xml,
        Self::Value,
    ];

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}

/// An operand of a call.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A value that was read from the question.
    Literal(Value),
    /// The result of another call.
    Call(Box<Call>),
}

/// A call of a primitive with typed operands, checked against the primitive's signature.
#[derive(Clone, Debug)]
pub struct Call {
    primitive: &'static prims::Primitive, // Invariant: the operands fit its parameters.
    operands: Vec<Operand>,
}

impl Call {
    /// A call of the primitive named `name`.
    ///
    /// # Errors
    /// No such primitive, operands that do not fit its parameters, or calls nested too deeply.
    pub fn new(name: &str, operands: Vec<Operand>) -> Result<Self, ContractError> {
        let primitive =
            prims::find(name).ok_or_else(|| ContractError::UnknownPrimitive { name: name.to_string() })?;
        let types: Vec<_> = operands.iter().map(Operand::type_name).collect();
        primitive.admits(&types).map_err(ContractError::Operands)?;
        let call = Self { primitive, operands };
        if call.depth() > MAX_CALL_DEPTH {
            return Err(ContractError::TooDeep { limit: MAX_CALL_DEPTH });
        }
        Ok(call)
    }

    /// The primitive that is called.
    #[must_use]
    pub fn primitive(&self) -> &'static prims::Primitive {
        self.primitive
    }

    /// The operands, in order.
    #[must_use]
    pub fn operands(&self) -> &[Operand] {
        &self.operands
    }

    /// Computes the value, innermost calls first.
    ///
    /// # Errors
    /// A primitive has no value at its operands.
    pub fn evaluate(&self) -> Result<Value, prims::CallError> {
        let operands: Result<Vec<Value>, _> = self.operands.iter().map(Operand::evaluate).collect();
        self.primitive.call(&operands?)
    }

    fn depth(&self) -> usize {
        let inner = self.operands.iter().map(|operand| match operand {
            Operand::Literal(_) => 0,
            Operand::Call(call) => call.depth(),
        });
        1 + inner.max().unwrap_or(0)
    }

    fn to_value(&self) -> Value {
        let operands = self.operands.iter().map(Operand::to_value).collect();
        Value::map([
            ("primitive", self.primitive.digest().to_value()),
            ("name", Value::text(self.primitive.name)),
            ("operands", Value::List(operands)),
        ])
    }
}

impl Operand {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Literal(value) => value.type_name(),
            Self::Call(call) => call.primitive.returns.word(),
        }
    }

    fn evaluate(&self) -> Result<Value, prims::CallError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Call(call) => call.evaluate(),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Literal(value) => Value::map([("literal", value.clone())]),
            Self::Call(call) => Value::map([("call", call.to_value())]),
        }
    }
}

/// Where an expected value comes from, when it does not come from a primitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedFrom {
    /// The person who runs the program.
    User,
    /// An instance of an exam, by the digest of its transcript.
    Exam(Digest),
    /// The proposer itself.
    Proposer,
}

impl ExpectedFrom {
    fn to_value(self) -> Value {
        match self {
            Self::User => Value::map([("from", Value::text("user"))]),
            Self::Exam(digest) => {
                Value::map([("from", Value::text("exam")), ("transcript", digest.to_value())])
            }
            Self::Proposer => Value::map([("from", Value::text("proposer"))]),
        }
    }
}

/// What the stated result is compared with.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// Nothing; the form is all that is judged.
    Nothing,
    /// What a primitive computes.
    Computed(Call),
    /// A given value.
    Given {
        /// The value.
        value: Value,
        /// Who says so.
        from: ExpectedFrom,
    },
    /// Whatever the installed validator of that name accepts.
    CheckedBy {
        /// The name under which the validator was installed.
        validator: String,
    },
    /// A program that gives the expected values. To judge it is to run it, which takes containment.
    Cases {
        /// The language that it is written in.
        language: String,
        /// The function that is called.
        entry: String,
        /// The calls and what they must give; without any, the program must only be well formed.
        cases: Vec<Case>,
    },
}

/// A call of a program and what it must give.
#[derive(Clone, Debug)]
pub struct Case {
    /// The arguments, in order.
    pub arguments: Vec<Value>,
    /// The value that it must return.
    pub expected: Value,
    /// Who says so.
    pub from: ExpectedFrom,
}

/// Who wrote the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractOrigin {
    /// Trusted code, from the question itself.
    Kernel,
    /// A proposer.
    Proposer,
}

/// A contract as plain data, as a proposer may write one.
#[derive(Clone, Debug)]
pub struct ContractDraft {
    /// How the subject states its result.
    pub form: Form,
    /// What it is compared with. A given value counts as the proposer's own, whatever `from` says.
    pub expectation: Expectation,
}

/// What a result must satisfy, with the highest level that satisfying it can show.
#[derive(Clone, Debug)]
pub struct Contract {
    form: Form,
    expectation: Expectation,
    demands: Demands,
    origin: ContractOrigin,
    digest: Digest, // Invariant: of the rest.
}

impl Contract {
    fn new(form: Form, expectation: Expectation, demands: Demands, origin: ContractOrigin) -> Self {
        let digest = Digest::from_bytes([0; 32]);
        let mut contract = Self { form, expectation, demands, origin, digest };
        contract.digest = Digest::of_value(DOMAIN, &contract.to_value());
        contract
    }

    fn of_kernel(form: Form, expectation: Expectation) -> Self {
        Self::new(form, expectation, Demands::default(), ContractOrigin::Kernel)
    }

    /// Demands the form alone; reaches `None` for [`Form::Free`], `Syntax` for text, JSON, XML and values,
    /// else `Schema`.
    #[must_use]
    pub fn of_form(form: Form) -> Self {
        Self::of_kernel(form, Expectation::Nothing)
    }

    /// Demands that the stated result is what `call` computes; reaches `Oracle`.
    ///
    /// # Errors
    /// The form cannot state a result of the call's type.
    pub fn computed(form: Form, call: Call) -> Result<Self, ContractError> {
        Ok(Self::of_kernel(form, checked(form, Expectation::Computed(call))?))
    }

    /// Demands the very value that `call` computes; reaches `Oracle`. The contract of a fact.
    #[must_use]
    pub fn value_of(call: Call) -> Self {
        Self::of_kernel(Form::Value, Expectation::Computed(call))
    }

    /// Demands a value that the root vouches for; reaches `Oracle`.
    ///
    /// # Errors
    /// The form cannot state a value of that type, it nests too deeply, or `from` is the proposer.
    pub fn expecting(
        form: Form,
        value: Value,
        from: ExpectedFrom,
        _root: &impl TrustRoot,
    ) -> Result<Self, ContractError> {
        if from == ExpectedFrom::Proposer {
            return Err(ContractError::ProposerVouched);
        }
        Ok(Self::of_kernel(form, checked(form, Expectation::Given { value, from })?))
    }

    /// Demands text that the external validator named `validator` accepts; reaches that validator's
    /// level, `Oracle` at most.
    #[must_use]
    pub fn checked_by(validator: impl Into<String>) -> Self {
        Self::of_kernel(Form::Text, Expectation::CheckedBy { validator: validator.into() })
    }

    /// Demands a program whose function `entry` gives what the cases say. Nothing in this crate can judge
    /// it: a task under it is refused with `no_isolation` until something that contains programs is
    /// installed. Reaches `Syntax` without cases, `Property` where a proposer says what is expected of one,
    /// else `Oracle`.
    ///
    /// # Errors
    /// Expected values or arguments nest too deeply, or one is said to be vouched for by the user or an
    /// exam: that takes a root.
    pub fn cases(
        language: impl Into<String>,
        entry: impl Into<String>,
        cases: Vec<Case>,
        _root: &impl TrustRoot,
    ) -> Result<Self, ContractError> {
        let (language, entry) = (language.into(), entry.into());
        let expectation = checked(Form::Text, Expectation::Cases { language, entry, cases })?;
        Ok(Self::of_kernel(Form::Text, expectation))
    }

    /// A contract that a proposer wrote; reaches `Property` at most, whatever it names.
    ///
    /// # Errors
    /// The form cannot state what is expected, or it nests too deeply.
    pub fn proposed(draft: Proposal<ContractDraft>) -> Result<Self, ContractError> {
        let ContractDraft { form, expectation } = draft.value;
        let expectation = match checked(form, expectation)? {
            Expectation::Given { value, .. } => Expectation::Given { value, from: ExpectedFrom::Proposer },
            Expectation::Cases { language, entry, mut cases } => {
                cases.iter_mut().for_each(|case| case.from = ExpectedFrom::Proposer);
                Expectation::Cases { language, entry, cases }
            }
            other => other,
        };
        Ok(Self::new(form, expectation, Demands::default(), ContractOrigin::Proposer))
    }

    /// The same, and the stated JSON or value satisfies `schema`; reaches `Schema` at least.
    ///
    /// # Errors
    /// The form states neither JSON nor a value.
    pub fn with_schema(self, schema: Schema) -> Result<Self, ContractError> {
        self.structured(|demands| demands.schema = Some(schema))
    }

    /// The same, and the stated JSON or value is a map that has these keys; reaches `Schema` at least.
    ///
    /// # Errors
    /// The form states neither JSON nor a value.
    pub fn requiring_keys<K: Into<String>>(
        self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Self, ContractError> {
        self.structured(|demands| demands.keys.extend(keys.into_iter().map(Into::into)))
    }

    /// The same, and the subject's text has each of these parts; reaches `Schema` at least.
    ///
    /// # Errors
    /// The subject is not text, or anything at all.
    pub fn including<T: Into<String>>(
        self,
        parts: impl IntoIterator<Item = T>,
    ) -> Result<Self, ContractError> {
        self.textual(|demands| demands.parts.extend(parts.into_iter().map(Into::into)))
    }

    /// The same, and the subject's text passes these lints; reaches `Schema` at least, and a lint alone no
    /// more than that.
    ///
    /// # Errors
    /// The subject is not text, or anything at all.
    pub fn linted(self, lints: impl IntoIterator<Item = Lint>) -> Result<Self, ContractError> {
        self.textual(|demands| demands.lints.extend(lints))
    }

    fn structured(self, add: impl FnOnce(&mut Demands)) -> Result<Self, ContractError> {
        match self.form {
            Form::Json | Form::Value => Ok(self.demanding(add)),
            form => Err(ContractError::Unstatable { form: form.word(), found: "structured value" }),
        }
    }

    fn textual(self, add: impl FnOnce(&mut Demands)) -> Result<Self, ContractError> {
        match self.form {
            Form::Value | Form::Free => {
                Err(ContractError::Unstatable { form: self.form.word(), found: "text to look into" })
            }
            _ => Ok(self.demanding(add)),
        }
    }

    fn demanding(mut self, add: impl FnOnce(&mut Demands)) -> Self {
        add(&mut self.demands);
        Self::new(self.form, self.expectation, self.demands, self.origin)
    }

    pub(crate) fn restored(
        form: Form,
        expectation: Expectation,
        demands: Demands,
        origin: ContractOrigin,
    ) -> Result<Self, ContractError> {
        let expectation = match expectation {
            // The form's own demand, which `checked` refuses only for what is compared.
            Expectation::Computed(call) if form == Form::Value => Expectation::Computed(call),
            other => checked(form, other)?,
        };
        Ok(Self::new(form, expectation, demands, origin))
    }

    pub(crate) fn demands(&self) -> &Demands {
        &self.demands
    }

    /// How the subject states its result.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// The schema that a stated value must satisfy, if there is one.
    #[must_use]
    pub fn schema(&self) -> Option<&Schema> {
        self.demands.schema.as_ref()
    }

    /// What it is compared with.
    #[must_use]
    pub fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    /// Who wrote it.
    #[must_use]
    pub fn origin(&self) -> ContractOrigin {
        self.origin
    }

    /// The class of validator that can judge it.
    #[must_use]
    pub fn class(&self) -> ValidatorClass {
        let demands = &self.demands;
        match (&self.expectation, self.form) {
            (Expectation::CheckedBy { validator }, _) => ValidatorClass::External(validator.clone()),
            (Expectation::Cases { language, .. }, _) => ValidatorClass::Isolated(language.clone()),
            (_, Form::Json | Form::Xml) => ValidatorClass::Structure,
            (Expectation::Nothing, Form::Value) if demands.is_structural() => ValidatorClass::Structure,
            (Expectation::Nothing, Form::Text) if demands.is_textual() => ValidatorClass::Lint,
            (Expectation::Nothing, Form::Free | Form::Text) => ValidatorClass::Text,
            _ => ValidatorClass::Answer,
        }
    }

    /// The highest level that satisfying it shows.
    #[must_use]
    pub fn ceiling(&self) -> Level {
        let by_expectation = match (&self.expectation, self.form) {
            (Expectation::Nothing, Form::Free) => Level::None,
            (Expectation::Nothing, Form::Text | Form::Value | Form::Json | Form::Xml)
                if self.demands.is_empty() =>
            {
                Level::Syntax
            }
            (Expectation::Nothing, _) => Level::Schema,
            (Expectation::Given { from: ExpectedFrom::Proposer, .. }, _) => Level::Property,
            (Expectation::Cases { cases, .. }, _) => cases_ceiling(cases),
            (_, _) => Level::Oracle,
        };
        match self.origin {
            ContractOrigin::Kernel => by_expectation,
            ContractOrigin::Proposer => by_expectation.min(Level::Property),
        }
    }

    /// The canonical value of the contract, as it is digested and kept.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let expectation = match &self.expectation {
            Expectation::Nothing => Value::Null,
            Expectation::Computed(call) => Value::map([("computed", call.to_value())]),
            Expectation::Given { value, from } => {
                Value::map([("given", value.clone()), ("origin", from.to_value())])
            }
            Expectation::CheckedBy { validator } => {
                Value::map([("checked_by", Value::text(validator.as_str()))])
            }
            Expectation::Cases { language, entry, cases } => Value::map([
                ("cases", Value::List(cases.iter().map(Case::to_value).collect())),
                ("entry", Value::text(entry.as_str())),
                ("language", Value::text(language.as_str())),
            ]),
        };
        let origin = match self.origin {
            ContractOrigin::Kernel => "kernel",
            ContractOrigin::Proposer => "proposer",
        };
        let mut fields = self.demands.fields();
        fields.extend([
            ("form", Value::text(self.form.word())),
            ("expectation", expectation),
            ("origin", Value::text(origin)),
        ]);
        Value::map(fields)
    }

    /// The digest under which the scheduler fixes the contract at admission.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl Case {
    fn to_value(&self) -> Value {
        Value::map([
            ("arguments", Value::List(self.arguments.clone())),
            ("expected", self.expected.clone()),
            ("origin", self.from.to_value()),
        ])
    }
}

fn cases_ceiling(cases: &[Case]) -> Level {
    if cases.is_empty() {
        Level::Syntax
    } else if cases.iter().any(|case| case.from == ExpectedFrom::Proposer) {
        Level::Property
    } else {
        Level::Oracle
    }
}

/// The expectation, if the form can state a result of its type, and every walk over it is bounded.
fn checked(form: Form, expectation: Expectation) -> Result<Expectation, ContractError> {
    let expectation = match expectation {
        Expectation::Given { value, from } => {
            let value = nesting::bounded(value, MAX_GIVEN_DEPTH)
                .map_err(|_| ContractError::TooDeep { limit: MAX_GIVEN_DEPTH })?;
            Expectation::Given { value, from }
        }
        Expectation::Cases { language, entry, cases } => {
            Expectation::Cases { language, entry, cases: bounded_cases(cases)? }
        }
        other => other,
    };
    let found = match &expectation {
        Expectation::Nothing => return Ok(expectation),
        // A validator from outside sees the whole text and nothing else.
        Expectation::CheckedBy { .. } | Expectation::Cases { .. } if form == Form::Text => {
            return Ok(expectation);
        }
        Expectation::CheckedBy { .. } | Expectation::Cases { .. } => {
            return Err(ContractError::Unstatable { form: form.word(), found: "text" });
        }
        Expectation::Computed(call) => call.primitive.returns.word(),
        Expectation::Given { value, .. } => value.type_name(),
    };
    let expected = match form {
        Form::Integer => "int",
        Form::YesNo => "bool",
        Form::Text => "text",
        Form::Number if matches!(found, "int" | "float") => found,
        Form::Number => "number",
        Form::Value => found,
        // Bytes have no JSON; anything else may turn up in a document.
        Form::Json if found != "bytes" => found,
        Form::Json | Form::Xml | Form::Free => {
            return Err(ContractError::Unstatable { form: form.word(), found });
        }
    };
    if found == expected {
        Ok(expectation)
    } else {
        Err(ContractError::Unstatable { form: form.word(), found })
    }
}

fn bounded_cases(cases: Vec<Case>) -> Result<Vec<Case>, ContractError> {
    // The canonical value of the contract nests a case in a list and two maps.
    const LIMIT: usize = MAX_GIVEN_DEPTH - 3;
    let too_deep = |_| ContractError::TooDeep { limit: LIMIT };
    let mut bounded = Vec::with_capacity(cases.len());
    for Case { arguments, expected, from } in cases {
        let arguments = nesting::bounded(Value::List(arguments), LIMIT).map_err(too_deep)?;
        let expected = nesting::bounded(expected, LIMIT).map_err(too_deep)?;
        let Value::List(arguments) = arguments else { continue };
        bounded.push(Case { arguments, expected, from });
    }
    Ok(bounded)
}

/// A name for people, for example `add(letter_count(strawberry, r), 4)`. Texts stand as they are: who
/// puts the name where it could be read as something else escapes it there.
impl core::fmt::Display for Call {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let operands: Vec<String> = self.operands.iter().map(Operand::to_label).collect();
        write!(f, "{}({})", self.primitive.name, operands.join(", "))
    }
}

impl Operand {
    fn to_label(&self) -> String {
        match self {
            Self::Call(call) => call.to_string(),
            Self::Literal(Value::Text(text)) => text.clone(),
            Self::Literal(Value::Int(int)) => int.to_string(),
            Self::Literal(Value::Bool(truth)) => truth.to_string(),
            Self::Literal(other) => other.type_name().to_string(),
        }
    }
}
