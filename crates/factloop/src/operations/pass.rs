//! Operations without a model: they compute a primitive, or pass on a judged value.

use abi::{Digest, Origin, Proposal, Value};
use det::{Expectation, Form};
use sched::{Execution, Input, Outcome, TaskSpec, Work};

use super::{CHILD, OperationError};
use crate::rendered;

/// Returns an execution that proposes the result of the primitive call in the task's contract.
pub(super) fn compute<M>(spec: &TaskSpec) -> Result<Execution, OperationError<M>> {
    let Expectation::Computed(call) = spec.contract.expectation() else {
        return Err(OperationError::NothingToCompute { operation: spec.operation.clone() });
    };
    let value = call.evaluate().map_err(OperationError::Call)?;
    let record = Value::map([("label", Value::text(call.to_string())), ("value", value.clone())]);
    let origin = Origin::Primitive { digest: call.primitive().digest() };
    Ok(Execution { record, ..Execution::from_proposal(Proposal { value, origin }) })
}

/// Returns an execution that proposes the result of the one task that this task waited for, unchanged.
pub(super) fn pass_on<M>(work: &Work) -> Result<Execution, OperationError<M>> {
    let value = Value::clone(one_input(work)?);
    Ok(Execution::from_proposal(Proposal { value, origin: own_origin() }))
}

/// Returns an execution that proposes a reply with the result of the one task that this task waited for,
/// worded so that `det::extract` reads an answer of the contract's form from it.
pub(super) fn answer<M>(work: &Work) -> Result<Execution, OperationError<M>> {
    let stated = match (work.spec.contract.form(), one_input(work)?) {
        (Form::YesNo, Value::Bool(true)) => "yes".to_owned(),
        (Form::YesNo, Value::Bool(false)) => "no".to_owned(),
        (_, value) => rendered(value),
    };
    let value = Value::Text(format!("Answer: {stated}"));
    Ok(Execution::from_proposal(Proposal { value, origin: own_origin() }))
}

/// Asks for the child task that the input describes. Once that task has ended, proposes its result.
pub(super) fn delegate<M>(work: &Work) -> Result<Outcome, OperationError<M>> {
    let Some(reply) = work.replies.first() else {
        let nothing = || OperationError::NothingToDelegate { task: work.spec.name.clone() };
        let operation = work.spec.input.get(CHILD).and_then(Value::as_text).ok_or_else(nothing)?;
        let name = format!("{}.child", work.spec.name);
        let child = TaskSpec::new(name, operation, work.spec.contract.clone())
            .given(work.spec.input.clone())
            .within(work.spec.limits);
        return Ok(Outcome::Parked { tasks: vec![child], frame: Value::Null, tokens: 0 });
    };
    match &reply.result {
        Ok(value) => {
            let proposal = Proposal { value: Value::clone(value), origin: own_origin() };
            Ok(Outcome::Proposed(Execution::from_proposal(proposal)))
        }
        Err(cause) => Err(OperationError::Child { task: reply.name.clone(), cause: cause.clone() }),
    }
}

/// Returns the result of the one task that this task waited for. Fails if it waited for none or several.
fn one_input<M>(work: &Work) -> Result<&Value, OperationError<M>> {
    match work.inputs.as_slice() {
        [Input { value, .. }] => Ok(value),
        others => Err(OperationError::NotOneInput { task: work.spec.name.clone(), found: others.len() }),
    }
}

/// Returns the origin of values that an operation passes on. The judgement of the original value has an entry
/// of its own.
fn own_origin() -> Origin {
    Origin::Primitive { digest: Digest::hash("nmk.operation.v1", b"pass on") }
}
