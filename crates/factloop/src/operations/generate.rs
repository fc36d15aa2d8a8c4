//! Generations: the prompt of a task, and the draft that a model makes from it.

use abi::{Digest, Draft, Fact, GenerationBlobs, GenerationRecord, Proposal, Proposer, Request, Value};
use det::Form;
use sched::{Execution, Input, TaskSpec, Work};

use super::json_span::json_span;
use super::{FACTS, Notice, OperationError, OperationExecutor, PROMPT};
use crate::{block, to_json};

/// The domain of the digest of a prompt among the inputs of a proposal.
const PROMPT_DOMAIN: &str = "nmk.prompt.v1";
/// The domain of the digest of a facts block among the inputs of a proposal.
const FACTS_DOMAIN: &str = "nmk.facts.v1";

impl<P: Proposer, N: FnMut(Notice<'_>)> OperationExecutor<P, N> {
    /// Lets the model generate a text from `prompt`, with the facts that the task waited for in the facts
    /// block.
    pub(super) fn generate(
        &mut self,
        work: &Work,
        prompt: String,
    ) -> Result<Execution, OperationError<P::Error>> {
        let facts = block(&facts(work));
        let request = Request { prompt: &prompt, facts: &facts, max_new: self.limit(&work.spec) };
        (self.notify)(Notice::Generating);
        let notify = &mut self.notify;
        let proposal = self
            .proposer
            .propose(&request, &mut |piece| notify(Notice::Piece(piece)))
            .map_err(OperationError::Model)?;
        let entry = proposal.value.traps.entry.as_ref();
        (self.notify)(Notice::Generated { requested: entry.map(|entry| entry.capability.as_str()) });
        Ok(execution(&work.spec, &request, proposal, self.proposer.identity()))
    }

    /// Returns the largest number of tokens that a generation of this task can have. A task without a limit
    /// of its own has the executor's.
    fn limit(&self, spec: &TaskSpec) -> u32 {
        match u32::try_from(spec.limits.tokens).unwrap_or(u32::MAX) {
            0 => self.max_new,
            tokens => tokens.min(self.max_new),
        }
    }
}

/// Returns the execution of a task for which the model generated `proposal`: the part of the reply that the
/// contract reads is proposed, and the prompt, the facts and the reply are stored as blobs.
fn execution(
    spec: &TaskSpec,
    request: &Request<'_>,
    proposal: Proposal<Draft>,
    model: abi::Identity,
) -> Execution {
    let Proposal { value: draft, origin } = proposal;
    let (prompt, facts) = (request.prompt.as_bytes(), request.facts.as_bytes());
    let subject = shaped(spec.contract.form(), &draft.text);
    let names = GenerationBlobs {
        prompt: Digest::hash_blob(prompt),
        facts: (!facts.is_empty()).then(|| Digest::hash_blob(facts)),
        reply: (subject != draft.text).then(|| Digest::hash_blob(draft.text.as_bytes())),
    };
    let record = GenerationRecord::greedy(&draft, model, request.max_new, names).to_value();
    let mut blobs = vec![prompt.to_vec()];
    blobs.extend(names.facts.map(|_| facts.to_vec()));
    let used = draft.tokens.len() as u64;
    let subject = Proposal { value: Value::text(subject), origin };
    blobs.extend(names.reply.map(|_| draft.text.into_bytes()));
    let inputs =
        vec![Digest::hash(PROMPT_DOMAIN, prompt), Digest::hash(FACTS_DOMAIN, facts), spec.contract.digest()];
    // A task without a limit of tokens reserved none, so it may not report any.
    let tokens = if spec.limits.tokens == 0 { 0 } else { used };
    Execution { subject, record, blobs, inputs, tokens }
}

/// Returns the part of a reply that a contract of `form` reads: for JSON, the document without the text
/// around it.
fn shaped(form: Form, reply: &str) -> &str {
    match form {
        Form::Json => json_span(reply).unwrap_or(reply),
        _ => reply,
    }
}

/// Returns the facts that the task waited for: judged values, with the labels from the task's input.
fn facts(work: &Work) -> Vec<Fact> {
    let fact = |Input { name, value }: &Input| {
        let label = label(&work.spec, name)?.to_owned();
        Some(Fact { label, value: Value::clone(value) })
    };
    work.inputs.iter().filter_map(fact).collect()
}

/// Returns the label of the fact that the task `name` computes, or None if its result is not one of the
/// facts.
fn label<'a>(spec: &'a TaskSpec, name: &str) -> Option<&'a str> {
    spec.input.get(FACTS)?.get(name)?.as_text()
}

/// Returns the prompt of a task. Each `{name}` of a task that it waited for is replaced by that task's
/// result, unless the result is one of the task's facts. Fails if the input has no prompt.
pub(super) fn prompt<M>(work: &Work) -> Result<String, OperationError<M>> {
    let no_prompt = || OperationError::NoPrompt { task: work.spec.name.clone() };
    let prompt = work.spec.input.get(PROMPT).and_then(Value::as_text).ok_or_else(no_prompt)?;
    let inputs = work.inputs.iter().filter(|input| label(&work.spec, &input.name).is_none());
    let filled = inputs.fold(prompt.to_owned(), |prompt, Input { name, value }| {
        prompt.replace(&format!("{{{name}}}"), &shown(value))
    });
    Ok(match work.spec.contract.schema() {
        Some(schema) => format!(
            "{filled}\n\nAnswer with one JSON document and nothing else. It must satisfy this JSON Schema:\n{}",
            to_json(schema.to_value())
        ),
        None if work.spec.contract.form() == Form::Json => {
            format!("{filled}\n\nAnswer with one JSON document and nothing else.")
        }
        None => filled,
    })
}

/// Returns the prompt of a repair: the prompt of the task, the refuted proposal, and the finding.
pub(super) fn repair_prompt<M>(work: &Work) -> Result<String, OperationError<M>> {
    let Some(refuted) = &work.refuted else {
        return Err(OperationError::NothingToRepair { task: work.spec.name.clone() });
    };
    // A validation that is repaired may have no prompt of its own.
    let asked = prompt::<M>(work).unwrap_or_default();
    let (proposed, finding) = (shown(&refuted.proposed), &refuted.finding);
    Ok(format!(
        "{asked}\n\nAn earlier answer was:\n{proposed}\n\nIt is not accepted: {finding}\nAnswer again, corrected."
    ))
}

/// Returns a value as it stands in a prompt: a text unchanged, anything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => to_json(other).to_string(),
    }
}
