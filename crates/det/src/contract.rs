//! Contracts: the demands on a result.
//!
//! A contract names primitives and typed operands, never a computed answer: the truth is computed when
//! the judgement is made. Expected *values* carry their voucher, and the voucher bounds the level that
//! the contract can reach.
//!
//! A contract has one canonical value, and is known by the digest of that value: `print` writes the value,
//! `parse` reads it back.

mod parse;
mod print;

use alloc::string::String;
use alloc::vec::Vec;

use abi::{Digest, Proposal, Value};

use crate::demands::Demands;
use crate::{
    Call, Case, ContractError, Expectation, ExpectedFrom, Form, Level, Lint, Schema, TrustRoot,
    ValidatorClass,
};

const DOMAIN: &str = "nmk.contract.v1";

/// The author of a contract, who bounds the level that the contract can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractOrigin {
    /// Trusted code, from the question itself.
    Kernel,
    /// A proposer. Its contract reaches [`Level::Property`] at most.
    Proposer,
}

/// A contract as plain data, as a proposer may write one for [`Contract::proposed`].
#[derive(Clone, Debug)]
pub struct ContractDraft {
    /// The form in which the subject states its result.
    pub form: Form,
    /// The expectation. A given value counts as the proposer's own, whatever its `from` says.
    pub expectation: Expectation,
}

/// The demands on a result, with the highest level that satisfying them can show.
///
/// Holding one proves that the form can state what is expected, that every walk over the expectation is
/// bounded, and that each outside value in it entered beside a [`TrustRoot`] or counts as the proposer's.
/// A contract does not prove that it asks for the right thing: the scheduler fixes the contract by its
/// digest when it admits a task, and refuses a verdict under any other.
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

    /// Returns a contract that demands the form alone. It reaches `None` for [`Form::Free`], `Syntax` for
    /// text, JSON, XML and values, and `Schema` for every other form.
    #[must_use]
    pub fn from_form(form: Form) -> Self {
        Self::by_kernel(form, Expectation::Nothing)
    }

    /// Returns a contract that demands the result of `call`, stated in `form`. It reaches `Oracle`.
    ///
    /// # Errors
    /// The form cannot state a result of the call's type.
    pub fn computed(form: Form, call: Call) -> Result<Self, ContractError> {
        Ok(Self::by_kernel(form, Expectation::Computed(call).fitting(form)?))
    }

    /// Returns a contract that demands the very value that `call` computes. It reaches `Oracle`, and is
    /// the contract of a fact.
    #[must_use]
    pub fn computed_value(call: Call) -> Self {
        Self::by_kernel(Form::Value, Expectation::Computed(call))
    }

    /// Returns a contract that demands a value for which the holder of the root vouches. It reaches
    /// `Oracle`.
    ///
    /// # Errors
    /// The form cannot state a value of that type, the value nests too deeply, or `from` is the proposer.
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

    /// Returns a contract that demands text which the external validator named `validator` accepts. It
    /// reaches that validator's level, `Oracle` at most.
    #[must_use]
    pub fn checked_by(validator: impl Into<String>) -> Self {
        Self::by_kernel(Form::Text, Expectation::CheckedBy { validator: validator.into() })
    }

    /// Returns a contract that demands a program whose function `entry` returns what the cases expect.
    ///
    /// Nothing in this crate can judge a program: a task under the contract is refused with `no_isolation`
    /// until something that contains programs is installed. The contract reaches `Syntax` without cases,
    /// `Property` if a proposer vouches for one of them, and `Oracle` otherwise.
    ///
    /// # Errors
    /// Expected values or arguments nest too deeply.
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

    /// Returns the contract that a proposer wrote. It reaches `Property` at most, whatever it names.
    ///
    /// # Errors
    /// The form cannot state what is expected, or the expectation nests too deeply.
    pub fn proposed(draft: Proposal<ContractDraft>) -> Result<Self, ContractError> {
        let ContractDraft { form, expectation } = draft.value;
        let expectation = expectation.fitting(form)?.vouched_by_the_proposer();
        Ok(Self::new(form, expectation, Demands::default(), ContractOrigin::Proposer))
    }

    /// Adds the demand that the stated JSON or value satisfies `schema`. The contract then reaches `Schema`
    /// at least.
    ///
    /// # Errors
    /// The form states neither JSON nor a value.
    pub fn with_schema(self, schema: Schema) -> Result<Self, ContractError> {
        self.structured(|demands| demands.schema = Some(schema))
    }

    /// Adds the demand that the stated JSON or value is a map which has these keys. The contract then
    /// reaches `Schema` at least.
    ///
    /// # Errors
    /// The form states neither JSON nor a value.
    pub fn requiring_keys<K: Into<String>>(
        self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Self, ContractError> {
        self.structured(|demands| demands.keys.extend(keys.into_iter().map(Into::into)))
    }

    /// Adds the demand that the subject's text has each of these parts. The contract then reaches `Schema`
    /// at least.
    ///
    /// # Errors
    /// The subject of the form is no text, or the form is [`Form::Free`], which demands nothing.
    pub fn including<T: Into<String>>(
        self,
        parts: impl IntoIterator<Item = T>,
    ) -> Result<Self, ContractError> {
        self.textual(|demands| demands.parts.extend(parts.into_iter().map(Into::into)))
    }

    /// Adds the demand that the subject's text passes these lints. The contract then reaches `Schema` at
    /// least; a lint alone never reaches more than that.
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

    /// Returns the schema that the stated value must satisfy, if the contract has one.
    #[must_use]
    pub fn schema(&self) -> Option<&Schema> {
        self.demands.schema.as_ref()
    }

    /// Returns the expectation that the stated result is compared with.
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

    /// Returns the class of validator that can judge a subject under the contract.
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

    /// Returns the highest level that satisfying the contract can show. No verdict under the contract has
    /// a higher one, except an admission by the hold-out gate.
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

    /// Returns the digest under which the scheduler fixes the contract when it admits a task.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
