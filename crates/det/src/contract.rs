//! Contracts: the rules that results must satisfy.
//!
//! A contract names primitives and typed operands, never a computed answer: the expected result is computed
//! when the judgement is made. An expected *value* is stored with the one who vouches for it (a user, an exam
//! or a proposer), and the voucher bounds the level that the contract can reach.
//!
//! A contract has one canonical value and is identified by the digest of that value. Submodule `print` writes
//! the value, and `parse` reads it back.

mod parse;
mod print;

pub(crate) use print::cases_digest;

use alloc::string::String;
use alloc::vec::Vec;

use abi::{Digest, Proposal, Value};

use crate::demands::Demands;
use crate::{
    Call, Case, ContractError, Expectation, ExpectedFrom, Form, Level, Lint, Schema, TrustRoot,
    ValidatorClass,
};

const DOMAIN: &str = "nmk.contract.v1";

/// The author of a [`Contract`], who bounds the level that the contract can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractOrigin {
    /// Trusted code, which derived the contract from the question itself.
    Kernel,
    /// A proposer, such as a model. A contract that it wrote reaches [`Level::Property`] at most.
    Proposer,
}

/// A contract as a proposer writes it: plain data, which [`Contract::proposed`] turns into a contract.
#[derive(Clone, Debug)]
pub struct ContractDraft {
    /// The form in which the subject must state its result.
    pub form: Form,
    /// The result that the subject must state. The proposer counts as the voucher of a given value, whatever
    /// the `from` of that value says.
    pub expectation: Expectation,
}

/// The rule that a result must satisfy: a form, an expected result, and further demands on structure and
/// text.
///
/// Holding one proves that the form can state what is expected, that every walk over the expectation is
/// bounded, and that the holder of a [`TrustRoot`] vouched for each outside value in it, or that the value
/// counts as the proposer's. A contract does not prove that it asks for the right thing: the scheduler fixes
/// the contract by its digest when it admits a task, and refuses a verdict under any other.
///
/// ```
/// use det::{Contract, Form, Level, Schema};
///
/// let schema = Schema::parse(r#"{"type": "object", "required": ["name"]}"#)?;
/// let contract = Contract::from_form(Form::Json).with_schema(schema)?;
/// assert_eq!(contract.ceiling(), Level::Schema);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
        contract.digest = Digest::hash_value(DOMAIN, &contract.to_value());
        contract
    }

    fn by_kernel(form: Form, expectation: Expectation) -> Self {
        Self::new(form, expectation, Demands::default(), ContractOrigin::Kernel)
    }

    /// Returns a contract that demands the form alone. Satisfying it shows [`Level::None`] for
    /// [`Form::Free`], `Syntax` for text, JSON, XML and values, and `Schema` for every other form.
    #[must_use]
    pub fn from_form(form: Form) -> Self {
        Self::by_kernel(form, Expectation::Nothing)
    }

    /// Returns a contract that demands the result of `call`, stated in `form`. Satisfying it shows
    /// [`Level::Oracle`].
    ///
    /// # Errors
    /// [`ContractError::Unstatable`] if the form cannot state a result of the type that the call returns.
    pub fn computed(form: Form, call: Call) -> Result<Self, ContractError> {
        Ok(Self::by_kernel(form, Expectation::Computed(call).fitting(form)?))
    }

    /// Returns a contract whose subject must be the very value that `call` computes, not a text about it.
    /// Facts are judged under such a contract. Satisfying it shows [`Level::Oracle`].
    #[must_use]
    pub fn computed_value(call: Call) -> Self {
        Self::by_kernel(Form::Value, Expectation::Computed(call))
    }

    /// Returns a contract that demands a value for which the holder of the root vouches. Satisfying it shows
    /// [`Level::Oracle`].
    ///
    /// # Errors
    /// The form cannot state a value of that type, the value nests too deeply, or `from` is
    /// [`ExpectedFrom::Proposer`], whose values need no root.
    pub fn expecting(
        form: Form,
        value: Value,
        from: ExpectedFrom,
        _root: &impl TrustRoot,
    ) -> Result<Self, ContractError> {
        if from == ExpectedFrom::Proposer {
            return Err(ContractError::ProposerVouched);
        }
        Ok(Self::by_kernel(form, Expectation::Given { value, from }.fitting(form)?))
    }

    /// Returns a contract that demands text which the validator from outside named `validator` accepts.
    ///
    /// Satisfying it shows the ceiling of that validator, `Oracle` at most. The validator need not be
    /// installed yet.
    #[must_use]
    pub fn checked_by(validator: impl Into<String>) -> Self {
        Self::by_kernel(Form::Text, Expectation::CheckedBy { validator: validator.into() })
    }

    /// Returns a contract that demands a program whose function `entry` does what the cases expect.
    ///
    /// Nothing in this crate can run a program: a task under the contract is refused with `no_isolation`
    /// until a validator is installed that runs programs isolated from the kernel
    /// ([`Validator::isolated`](crate::Validator::isolated)). The contract reaches `Syntax` without cases and
    /// `Property` with cases, because they say nothing about all other arguments.
    ///
    /// # Errors
    /// [`ContractError::TooDeep`] if an expected value or an argument nests too deeply.
    pub fn cases(
        language: impl Into<String>,
        entry: impl Into<String>,
        cases: Vec<Case>,
        _root: &impl TrustRoot,
    ) -> Result<Self, ContractError> {
        let (language, entry) = (language.into(), entry.into());
        let expectation = Expectation::Cases { language, entry, cases };
        Ok(Self::by_kernel(Form::Text, expectation.fitting(Form::Text)?))
    }

    /// Returns a contract that demands a program which the hold-out gate admitted under the specification with
    /// this digest. `entry` is the function that its exam calls.
    ///
    /// [`readmit`](crate::readmit) shows [`Level::Proven`], by an admission record of this contract, and so does
    /// [`judge`](fn@crate::judge) where an examiner is installed
    /// ([`Validator::admission`](crate::Validator::admission)).
    #[must_use]
    pub fn admitted(language: impl Into<String>, entry: impl Into<String>, specification: Digest) -> Self {
        let (language, entry) = (language.into(), entry.into());
        Self::by_kernel(Form::Text, Expectation::Exam { language, entry, specification })
    }

    /// Returns the contract that a proposer wrote. Satisfying it shows [`Level::Property`] at most, whatever
    /// it demands.
    ///
    /// # Errors
    /// The form cannot state what is expected, or an expected value nests too deeply.
    pub fn proposed(draft: Proposal<ContractDraft>) -> Result<Self, ContractError> {
        let ContractDraft { form, expectation } = draft.value;
        let expectation = expectation.fitting(form)?.vouched_by_the_proposer();
        Ok(Self::new(form, expectation, Demands::default(), ContractOrigin::Proposer))
    }

    /// Adds the demand that the stated JSON or value satisfies `schema`, and returns the contract. The
    /// contract then reaches `Schema` at least.
    ///
    /// # Errors
    /// The form is neither [`Form::Json`] nor [`Form::Value`].
    pub fn with_schema(self, schema: Schema) -> Result<Self, ContractError> {
        self.structured(|demands| demands.schema = Some(schema))
    }

    /// Adds the demand that the stated JSON or value is a map that has these keys, and returns the contract.
    /// The contract then reaches `Schema` at least.
    ///
    /// # Errors
    /// The form is neither [`Form::Json`] nor [`Form::Value`].
    pub fn requiring_keys<K: Into<String>>(
        self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Self, ContractError> {
        self.structured(|demands| demands.keys.extend(keys.into_iter().map(Into::into)))
    }

    /// Adds the demand that the subject's text contains each of these parts, and returns the contract. The
    /// contract then reaches `Schema` at least.
    ///
    /// # Errors
    /// The subject of the form is no text, or the form is [`Form::Free`], which demands nothing.
    pub fn including<T: Into<String>>(
        self,
        parts: impl IntoIterator<Item = T>,
    ) -> Result<Self, ContractError> {
        self.textual(|demands| demands.parts.extend(parts.into_iter().map(Into::into)))
    }

    /// Adds the demand that the subject's text passes these lints, and returns the contract. The contract
    /// then reaches `Schema` at least, and no more than `Schema` by the lints alone.
    ///
    /// # Errors
    /// The subject of the form is no text, or the form is [`Form::Free`], which demands nothing.
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
            Form::Text | Form::Json | Form::Xml => Ok(self.demanding(add)),
            form => Err(ContractError::Unstatable { form: form.word(), found: "text to look into" }),
        }
    }

    fn demanding(mut self, add: impl FnOnce(&mut Demands)) -> Self {
        add(&mut self.demands);
        Self::new(self.form, self.expectation, self.demands, self.origin)
    }

    /// Returns the form in which the subject must state its result.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Returns the schema that the stated value must satisfy, or None if the contract demands none.
    #[must_use]
    pub fn schema(&self) -> Option<&Schema> {
        self.demands.schema.as_ref()
    }

    /// Returns the result that the contract expects, or the way in which it checks the stated result.
    #[must_use]
    pub fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    /// Returns the author of the contract: trusted code, or a proposer.
    #[must_use]
    pub fn origin(&self) -> ContractOrigin {
        self.origin
    }

    pub(crate) fn demands(&self) -> &Demands {
        &self.demands
    }

    /// Returns the class of validator that can judge a subject under the contract. It follows from the
    /// expectation, the form and the demands.
    #[must_use]
    pub fn class(&self) -> ValidatorClass {
        let demands = &self.demands;
        match (&self.expectation, self.form) {
            (Expectation::CheckedBy { validator }, _) => ValidatorClass::External(validator.clone()),
            (Expectation::Cases { language, .. }, _) => ValidatorClass::Isolated(language.clone()),
            (Expectation::Exam { .. }, _) => ValidatorClass::Admission,
            (_, Form::Json | Form::Xml) => ValidatorClass::Structure,
            (Expectation::Nothing, Form::Value) if demands.is_structural() => ValidatorClass::Structure,
            (Expectation::Nothing, Form::Text) if demands.is_textual() => ValidatorClass::Lint,
            (Expectation::Nothing, Form::Free | Form::Text) => ValidatorClass::Text,
            _ => ValidatorClass::Answer,
        }
    }

    /// Returns the highest level that satisfying the contract can show. No verdict under the contract has a
    /// higher level, except an admission by the hold-out gate, which is `Proven`.
    #[must_use]
    pub fn ceiling(&self) -> Level {
        let level = self.expectation.ceiling().unwrap_or(match self.form {
            Form::Free => Level::None,
            Form::Text | Form::Value | Form::Json | Form::Xml if self.demands.is_empty() => Level::Syntax,
            _ => Level::Schema,
        });
        match self.origin {
            ContractOrigin::Kernel => level,
            ContractOrigin::Proposer => level.min(Level::Property),
        }
    }

    /// Returns the digest of the contract's canonical value, by which ledger and verdicts name the contract.
    /// The scheduler fixes it when it admits a task.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
