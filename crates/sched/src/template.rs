//! Templates: plans whose stages and contracts the owner of the kernel has fixed.

use std::fmt;
use std::sync::Arc;

use abi::Value;
use det::{Contract, Expectation, Form, Level};

use crate::TaskSpec;

/// The names of the registered operations that run the three stages of a template.
///
/// A stage is a name only: admission checks that the operation is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stages {
    /// The operation that writes a first version of the answer, usually by a model.
    pub draft: String,
    /// The operation that passes the draft on unchanged, to be judged under the whole contract.
    pub check: String,
    /// The operation that passes the checked value on unchanged, as the answer.
    pub commit: String,
}

/// The reason why a template makes no plan from a contract. The caller must supply another contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// The contract has no cases on which a program could run.
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

/// Returns the tasks `draft`, `schema` and `commit` for an answer that is a document.
///
/// The draft must only have the form of the contract, so that a document of the wrong form is repaired at
/// once. The other two must satisfy the whole contract at level `required`. Only the draft is given `input`.
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

/// Returns the tasks `draft`, `tests` and `commit` for an answer that is a program. The program must return
/// what the cases of the contract expect.
///
/// Admission refuses the plan unless a validator is installed that can run programs in the contract's
/// language in isolation.
///
/// # Errors
/// [`TemplateError::NoCases`] if the contract expects no cases.
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

/// Returns the three tasks of a template, with `check` as the name of the second task.
fn staged(
    check: &str,
    form: Form,
    contract: Arc<Contract>,
    required: Level,
    stages: &Stages,
    input: Value,
) -> Vec<TaskSpec> {
    let draft = TaskSpec::new("draft", stages.draft.as_str(), Contract::from_form(form)).given(input);
    let checked = TaskSpec::new(check, stages.check.as_str(), Arc::clone(&contract)).after(["draft"]);
    let commit = TaskSpec::new("commit", stages.commit.as_str(), contract).answering().after([check]);
    let at_least = |spec: TaskSpec| TaskSpec { at_least: required, ..spec };
    vec![draft, at_least(checked), at_least(commit)]
}
