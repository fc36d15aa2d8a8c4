//! The operations that a job of the front can run, and what runs them. Nothing here is trusted: what comes
//! out is judged.

mod error;
mod reply;

use std::sync::{Arc, Mutex, PoisonError};

use abi::{Digest, GenerationBlobs, GenerationRecord, Origin, Proposal, Proposer, Request, Value};
use det::{Expectation, Form};
use sched::{Execution, Executor, Input, Operation, Outcome, Registry, TaskSpec, Tier, Work};

use tools::{Toolbox, World};

use crate::Model;
use crate::machine::Machine;

pub use error::OperationError;
pub(crate) use reply::json_span;

/// The operation of a generation.
pub(crate) const DRAFT: &str = "model.draft";
/// A generation that is shown a refuted proposal and what is wrong with it.
pub(crate) const REPAIR: &str = "model.repair";
/// Passes on what it waited for, to be judged under a contract of its own.
pub(crate) const VALIDATE: &str = "validate";
/// Passes on what it waited for, as the job's answer.
pub(crate) const COMMIT: &str = "commit";
/// Asks for a task of its own and passes its typed result on.
pub(crate) const DELEGATE: &str = "delegate";
/// Before the name of a primitive.
pub(crate) const PRIMITIVE: &str = "prim.";

/// The tools that look at the machine.
pub(crate) fn toolbox() -> Toolbox {
    let world: Arc<dyn World> = Arc::new(Machine);
    let mut toolbox = Toolbox::default();
    for tool in [tools::datetime(Arc::clone(&world)), tools::sysinfo(world)] {
        toolbox.add(tool.expect("the contracts of the built-in tools are tested"));
    }
    toolbox
}

/// Registers every operation. Nothing is granted by it.
pub(crate) fn register(registry: &mut Registry, toolbox: &Toolbox) {
    toolbox.register(registry);
    registry.register(Operation::new(DRAFT, Tier::Model).repaired_by(REPAIR));
    registry.register(Operation::new(REPAIR, Tier::Model));
    registry.register(Operation::new(VALIDATE, Tier::Primitive).repaired_by(REPAIR));
    registry.register(Operation::new(COMMIT, Tier::Primitive));
    registry.register(Operation::new(DELEGATE, Tier::Agent));
    for primitive in prims::all() {
        registry.register(Operation::new(format!("{PRIMITIVE}{}", primitive.name), Tier::Primitive));
    }
}

/// Runs operations, with one model for all lanes.
#[derive(Clone, Debug)]
pub(crate) struct Hands {
    pub(crate) model: Arc<Mutex<Model>>,
    pub(crate) max_new: u32,
    pub(crate) toolbox: Toolbox,
}

impl Executor for Hands {
    type Error = OperationError;

    fn run(&mut self, work: &Work) -> Result<Outcome, OperationError> {
        let execution = match work.spec.operation.as_str() {
            DRAFT if work.refuted.is_none() => self.generate(work, prompt(work)?),
            DRAFT | REPAIR => self.generate(work, repair_prompt(work)?),
            VALIDATE | COMMIT => pass_on(work),
            DELEGATE => return delegate(work),
            tool if self.toolbox.find(tool).is_some() => return Ok(self.toolbox.run(work)?),
            _ => compute(&work.spec),
        };
        execution.map(Outcome::Proposed)
    }
}

impl Hands {
    fn generate(&self, work: &Work, prompt: String) -> Result<Execution, OperationError> {
        // A panic of another lane left no model half changed: a generation begins from nothing.
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = u32::try_from(work.spec.limits.tokens).unwrap_or(u32::MAX);
        let max_new = if tokens == 0 { self.max_new } else { tokens.min(self.max_new) };
        model.check(&prompt, max_new).map_err(|error| OperationError::Prompt(error.to_string()))?;
        let request = Request { prompt: &prompt, facts: "", max_new };
        let proposal = model.propose(&request, &mut |_| {})?;
        let names = GenerationBlobs {
            prompt: Digest::of_blob(prompt.as_bytes()),
            facts: None,
            reply: Some(Digest::of_blob(proposal.value.text.as_bytes())),
        };
        let record = GenerationRecord::greedy(&proposal.value, model.identity(), max_new, names).to_value();
        let used = proposal.value.tokens.len() as u64;
        let reply = proposal.value.text.clone();
        let shaped = proposal.map(|draft| Value::Text(shape(work.spec.contract.form(), draft.text)));
        let inputs = vec![Digest::of("nmk.prompt.v1", prompt.as_bytes())];
        Ok(Execution {
            subject: shaped,
            record,
            blobs: vec![prompt.into_bytes(), reply.into_bytes()],
            inputs,
            tokens: if work.spec.limits.tokens == 0 { 0 } else { used },
        })
    }
}

/// A reply in the form that its contract speaks of: of JSON, the document without what is around it. The
/// reply as it was is kept beside it.
fn shape(form: Form, reply: String) -> String {
    match form {
        Form::Json => json_span(&reply).map(str::to_owned).unwrap_or(reply),
        _ => reply,
    }
}

/// The prompt of a task, each `{name}` of a task that it waits for replaced by that task's result.
fn prompt(work: &Work) -> Result<String, OperationError> {
    let Some(Value::Text(prompt)) = work.spec.input.get("prompt") else {
        return Err(OperationError::NoPrompt { task: work.spec.name.clone() });
    };
    let filled = work.inputs.iter().fold(prompt.clone(), |prompt, Input { name, value }| {
        prompt.replace(&format!("{{{name}}}"), &shown(value))
    });
    Ok(match work.spec.contract.schema() {
        Some(schema) => format!(
            "{filled}\n\nAnswer with one JSON document and nothing else. It must satisfy this JSON Schema:\n{}",
            crate::json::value(schema.to_value())
        ),
        None if work.spec.contract.form() == Form::Json => {
            format!("{filled}\n\nAnswer with one JSON document and nothing else.")
        }
        None => filled,
    })
}

fn repair_prompt(work: &Work) -> Result<String, OperationError> {
    let Some(refuted) = &work.refuted else {
        return Err(OperationError::NothingToRepair { task: work.spec.name.clone() });
    };
    let asked = prompt(work).unwrap_or_default();
    let proposed = shown(&refuted.proposed);
    let finding = &refuted.finding;
    Ok(format!(
        "{asked}\n\nAn earlier answer was:\n{proposed}\n\nIt is not accepted: {finding}\nAnswer again, corrected."
    ))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => crate::json::value(other).to_string(),
    }
}

/// The primitive as which an operation of the kernel itself speaks.
fn own_origin() -> Origin {
    Origin::Primitive { digest: Digest::of("nmk.operation.v1", b"pass on") }
}

fn pass_on(work: &Work) -> Result<Execution, OperationError> {
    match work.inputs.as_slice() {
        [Input { value, .. }] => {
            Ok(Execution::of(Proposal { value: Value::clone(value), origin: own_origin() }))
        }
        others => Err(OperationError::NotOneInput { task: work.spec.name.clone(), found: others.len() }),
    }
}

fn compute(spec: &TaskSpec) -> Result<Execution, OperationError> {
    let Expectation::Computed(call) = spec.contract.expectation() else {
        return Err(OperationError::NothingToCompute { operation: spec.operation.clone() });
    };
    let value = call.evaluate()?;
    let record = Value::map([("label", Value::text(call.to_string())), ("value", value.clone())]);
    let origin = Origin::Primitive { digest: call.primitive().digest() };
    Ok(Execution { record, ..Execution::of(Proposal { value, origin }) })
}

/// Asks for the task that its input describes; once that has ended, passes its result on.
fn delegate(work: &Work) -> Result<Outcome, OperationError> {
    match work.replies.as_slice() {
        [] => {
            let operation = match work.spec.input.get("operation") {
                Some(Value::Text(operation)) => operation.clone(),
                _ => return Err(OperationError::NothingToDelegate { task: work.spec.name.clone() }),
            };
            let child =
                TaskSpec::new(format!("{}.child", work.spec.name), operation, work.spec.contract.clone())
                    .given(work.spec.input.clone())
                    .within(work.spec.limits);
            Ok(Outcome::Parked { tasks: vec![child], frame: Value::Null, tokens: 0 })
        }
        [reply, ..] => match &reply.result {
            Ok(value) => {
                let proposal = Proposal { value: Value::clone(value), origin: own_origin() };
                Ok(Outcome::Proposed(Execution::of(proposal)))
            }
            Err(cause) => Err(OperationError::Child { task: reply.name.clone(), cause: cause.clone() }),
        },
    }
}
