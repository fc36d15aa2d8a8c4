//! Plans that the kernel's owner wrote: which stages, under which contracts.

use std::fmt;
use std::sync::Arc;

use abi::Value;
use det::{Contract, Expectation, Form, Level};

use crate::TaskSpec;

/// The registered operations that do a template's stages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stages {
    /// Writes a first version.
    pub draft: String,
    /// Brings the draft before its contract: reads it, or runs it.
    pub check: String,
    /// Puts what was checked forward as the answer.
    pub commit: String,
}

/// Why there is no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// The contract has no cases to run a program on.
    NoCases,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCases => f.write_str("the contract has no cases; a program needs one made of cases"),
        }
    }
}

impl std::error::Error for TemplateError {}

/// `draft`, `schema`, `commit`: the draft need only have the contract's form, so that it is repaired where
/// it is broken; what passes the schema satisfies the whole of `contract` at `required`, and so does the
/// answer. `input` is given to the draft alone.
#[must_use]
pub fn structured_output(
    contract: impl Into<Arc<Contract>>,
    required: Level,
    stages: &Stages,
    input: Value,
) -> Vec<TaskSpec> {
    let contract = contract.into();
    let form = contract.form();
    staged("schema", form, contract, required, stages, input)
}

/// `draft`, `tests`, `commit`: what passes the tests gives what the contract's cases say.
///
/// The plan is refused at admission while nothing is installed that contains programs of the contract's
/// language.
///
/// # Errors
/// The contract has no cases.
pub fn code_gen(
    contract: impl Into<Arc<Contract>>,
    required: Level,
    stages: &Stages,
    input: Value,
) -> Result<Vec<TaskSpec>, TemplateError> {
    let contract = contract.into();
    match contract.expectation() {
        Expectation::Cases { cases, .. } if !cases.is_empty() => {
            Ok(staged("tests", Form::Text, contract, required, stages, input))
        }
        _ => Err(TemplateError::NoCases),
    }
}

fn staged(
    check: &str,
    form: Form,
    contract: Arc<Contract>,
    required: Level,
    stages: &Stages,
    input: Value,
) -> Vec<TaskSpec> {
    let draft = TaskSpec::new("draft", stages.draft.as_str(), Contract::of_form(form)).given(input);
    let checked = TaskSpec::new(check, stages.check.as_str(), Arc::clone(&contract)).after(["draft"]);
    let commit = TaskSpec::new("commit", stages.commit.as_str(), contract).answering().after([check]);
    let at_least = |spec: TaskSpec| TaskSpec { at_least: required, ..spec };
    vec![draft, at_least(checked), at_least(commit)]
}
