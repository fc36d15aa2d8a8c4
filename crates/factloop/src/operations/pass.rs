//! Operations without a model: they compute a primitive, or pass on a judged value.

use abi::bounds::{MAX_TEXT_BYTES, cut};
use abi::{Origin, Proposal, Value};
use det::Expectation;
use sched::{Execution, Input, Outcome, TaskSpec, Work};

use super::stated::stated;
use super::{CHILD, OF, OperationError, PROMPT, TEMPLATE, prompt};

/// Returns an execution that proposes the result of the primitive call in the task's contract.
pub(super) fn compute<M>(spec: &TaskSpec) -> Result<Execution, OperationError<M>> {
    let Expectation::Computed(call) = spec.contract.expectation() else {
        return Err(OperationError::NothingToCompute { operation: spec.operation.clone() });
    };
    let value = call.evaluate().map_err(OperationError::Call)?;
    let label = call.to_string();
    let mut record = vec![("label", Value::text(cut(&label, MAX_TEXT_BYTES)))];
    // A large value is not repeated: the entry has the proposal as a blob.
    if det::measure(&value).bytes <= MAX_TEXT_BYTES {
        record.push(("value", value.clone()));
    }
    let record = Value::map(record);
    let origin = Origin::Primitive { digest: call.primitive().digest() };
    Ok(Execution { record, ..Execution::from_proposal(Proposal { value, origin }) })
}

/// The execution that proposes the result of the task's one dependency, with the origin that it has. Of a text,
/// the part that the task's contract reads is proposed.
pub(super) fn pass_on<M>(work: &Work) -> Result<Execution, OperationError<M>> {
    let Input { value, origin, .. } = one_input(work)?;
    let value = match value.as_ref() {
        Value::Text(text) => stated(&work.spec.contract, text),
        value => value.clone(),
    };
    Ok(Execution::from_proposal(Proposal { value, origin: origin.clone() }))
}

/// Asks for the child task that the input describes. Once that task has ended, proposes its result.
pub(super) fn delegate<M>(work: &Work) -> Result<Outcome, OperationError<M>> {
    let Some(reply) = work.replies.first() else {
        let nothing = || OperationError::NothingToDelegate { task: work.spec.name.clone() };
        let operation = work.spec.input.get(CHILD).and_then(Value::as_text).ok_or_else(nothing)?;
        let name = TaskSpec::childs_name(&work.spec.name);
        let child = TaskSpec::new(name, operation, work.spec.contract.clone())
            .given(childs_input(work)?)
            .within(work.spec.limits);
        return Ok(Outcome::Parked { tasks: vec![child], frame: Value::Null, tokens: 0 });
    };
    match &reply.result {
        Ok(Proposal { value, origin }) => {
            let proposal = Proposal { value: Value::clone(value), origin: origin.clone() };
            Ok(Outcome::Proposed(Execution::from_proposal(proposal)))
        }
        Err(cause) => Err(OperationError::Child { task: reply.name.clone(), cause: cause.clone() }),
    }
}

/// The input of a delegation's child. The child waits for nothing, so a template is filled before it is passed on,
/// and is a prompt from there on.
fn childs_input<M>(work: &Work) -> Result<Value, OperationError<M>> {
    let input = &work.spec.input;
    if input.get(TEMPLATE).is_none() {
        return Ok(input.clone());
    }
    let mut fields = input.as_map().cloned().unwrap_or_default();
    fields.remove(TEMPLATE);
    if let Some(prompt) = prompt::asked(work)? {
        fields.insert(PROMPT.to_owned(), Value::Text(prompt));
    }
    Ok(Value::Map(fields))
}

/// The result of the one task that this task waited for, or of the one that its input names among several.
fn one_input<M>(work: &Work) -> Result<&Input, OperationError<M>> {
    let named = work.spec.input.get(OF).and_then(Value::as_text);
    if let Some(input) = named.and_then(|name| work.inputs.iter().find(|input| input.name == name)) {
        return Ok(input);
    }
    match work.inputs.as_slice() {
        [input] => Ok(input),
        others => Err(OperationError::NotOneInput { task: work.spec.name.clone(), found: others.len() }),
    }
}
