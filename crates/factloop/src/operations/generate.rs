//! Generations: the draft that a model makes of a task's prompt, within the tokens that are reserved for it.

use abi::bounds::MAX_RECORDED_TOKENS;
use abi::{Digest, Draft, Fact, GenerationBlobs, GenerationRecord, Proposal, Proposer, Request, Stop, Value};
use det::{Contract, Form, Level};
use sched::{Execution, Input, Role, TaskSpec, Work};

use super::prompt::{check_size, label, schema};
use super::stated::stated;
use super::{DECODING, FACT_LOOP, Notice, OperationError, OperationExecutor, REPAIR};
use crate::{Generated, block, recalled_block, to_json};

/// The domain of the digest of a prompt among the inputs of a proposal.
const PROMPT_DOMAIN: &str = "nmk.prompt.v1";
/// The domain of the digest of a facts block among the inputs of a proposal.
const FACTS_DOMAIN: &str = "nmk.facts.v1";
/// The domain of the digest of the messages before a prompt among the inputs of a proposal.
const CONVERSATION_DOMAIN: &str = "nmk.conversation.v1";

impl<P: Proposer, N: FnMut(Notice<'_>)> OperationExecutor<P, N> {
    /// Lets the model generate a text from `prompt`, with the facts that the task waited for in the facts
    /// block.
    pub(super) fn generate(
        &mut self,
        work: &Work,
        prompt: String,
    ) -> Result<Execution, OperationError<P::Error>> {
        let max_new = self.limit(&work.spec)?;
        let (judged, recalled) = (block(&facts(work)), recalled(work));
        check_size(work, prompt.len().max(judged.len()).max(recalled.len()))?;
        let schema = schema(&work.spec);
        let decoding = decoding(&work.spec)?;
        let schema = schema.as_deref();
        let mut request = Request { prompt: &prompt, facts: &judged, schema, max_new, decoding };
        if !recalled.is_empty() {
            let with_claims = Request { facts: &recalled, ..request };
            // A claim must not make a generation fail, or cut it, that goes without it.
            if self.proposer.has_room(&with_claims) {
                request = with_claims;
            }
        }
        (self.notify)(Notice::Generating { task: &work.spec.name });
        let notify = &mut self.notify;
        let proposal = self
            .proposer
            .propose(&request, &mut |step| notify(Notice::Step(step)))
            .map_err(OperationError::Model)?;
        let draft = &proposal.value;
        (self.notify)(Notice::Generated { task: &work.spec.name, max_new, draft });
        let answers_freely = work.spec.role == Role::Answer && work.spec.contract.form() == Form::Free;
        if answers_freely && draft.text.trim().is_empty() {
            // A contract that demands nothing would let this pass.
            let cut = Generated::from_draft(&work.spec.name, max_new, draft).cut();
            let (task, why) = (work.spec.name.clone(), cut.unwrap_or_default());
            return Err(OperationError::NoAnswer { task, why });
        }
        Ok(execution(&work.spec, &request, proposal, self.proposer.identity()))
    }

    /// The most tokens that a generation of this task can have: what its budget reserved, at most the executor's
    /// own limit. Every token of a local model is recorded with a digest, so their number is bounded too.
    fn limit(&self, spec: &TaskSpec) -> Result<u32, OperationError<P::Error>> {
        let reserved = u32::try_from(spec.limits.tokens).unwrap_or(u32::MAX);
        let recorded = match self.proposer.identity().model_digest {
            Some(_) => u32::try_from(MAX_RECORDED_TOKENS).unwrap_or(u32::MAX),
            None => u32::MAX,
        };
        match reserved.min(self.max_new).min(recorded) {
            0 => Err(OperationError::NoTokens { task: spec.name.clone() }),
            tokens => Ok(tokens),
        }
    }
}

/// Returns the rule of decoding that the task's input states, greedy if it states none.
fn decoding<M>(spec: &TaskSpec) -> Result<abi::Decoding, OperationError<M>> {
    let stated = spec.input.get(DECODING).map(abi::Decoding::from_value).transpose();
    let refused = |error| OperationError::Decoding { task: spec.name.clone(), error };
    Ok(stated.map_err(refused)?.unwrap_or_default())
}

/// Returns the execution of a task for which the model generated `proposal`: the part of the reply that the
/// contract reads is proposed. The prompt, the messages before it, the facts, the reply and the thoughts are stored as
/// blobs.
fn execution(
    spec: &TaskSpec,
    request: &Request<'_>,
    proposal: Proposal<Draft>,
    model: abi::Identity,
) -> Execution {
    let Proposal { value: draft, origin } = proposal;
    let (prompt, facts) = (request.prompt.as_bytes(), request.facts.as_bytes());
    let judged = if may_be_judged(draft.stop, &spec.contract) { draft.text.as_str() } else { "" };
    let subject = stated(&spec.contract, judged);
    let conversation = draft.conversation.to_value();
    let conversation =
        (!draft.conversation.is_empty()).then(|| to_json(&conversation).to_string().into_bytes());
    let names = GenerationBlobs {
        prompt: Digest::hash_blob(prompt),
        facts: (!facts.is_empty()).then(|| Digest::hash_blob(facts)),
        reply: (subject.as_text() != Some(&draft.text)).then(|| Digest::hash_blob(draft.text.as_bytes())),
        thoughts: (!draft.thoughts.is_empty()).then(|| Digest::hash_blob(draft.thoughts.as_bytes())),
        conversation: conversation.as_deref().map(Digest::hash_blob),
    };
    let record = GenerationRecord::from_draft(&draft, model, request.max_new, names).to_value();
    let mut blobs = vec![prompt.to_vec()];
    blobs.extend(names.facts.map(|_| facts.to_vec()));
    let tokens = draft.used();
    let subject = Proposal { value: subject, origin };
    blobs.extend(names.reply.map(|_| draft.text.into_bytes()));
    blobs.extend(names.thoughts.map(|_| draft.thoughts.into_bytes()));
    let mut inputs = vec![Digest::hash(PROMPT_DOMAIN, prompt), Digest::hash(FACTS_DOMAIN, facts)];
    inputs.extend(conversation.as_deref().map(|text| Digest::hash(CONVERSATION_DOMAIN, text)));
    inputs.push(spec.contract.digest());
    blobs.extend(conversation);
    Execution { subject, record, blobs, inputs, tokens }
}

/// Returns true if the reply of a generation that stopped so may be judged under `contract`. A refusal and the call of
/// a tool are no answers.
///
/// A reply that was cut off states what the model has said so far and not what it would have said: `1` may be the
/// beginning of `12`, and another document may have followed. Such a reply is judged in two cases only. A contract with
/// the ceiling `Oracle` compares the value with a truth that does not come from the model, so that nothing that is
/// missing can make a value wrong that passes. A contract that demands nothing lets any text pass, and the cut is said.
fn may_be_judged(stop: Stop, contract: &Contract) -> bool {
    let (form, ceiling) = (contract.form(), contract.ceiling());
    match stop {
        Stop::End => true,
        // A text is the answer as a whole, whatever a judge finds of its beginning.
        Stop::Length | Stop::ContentFilter if form == Form::Text => false,
        Stop::Length | Stop::ContentFilter => ceiling == Level::None || ceiling >= Level::Oracle,
        Stop::Refusal | Stop::ToolCall => form == Form::Free,
    }
}

/// Returns the block of what the memory recalled for the job. Empty beside judged facts, which a claim could contradict, and
/// for a repair, which a claim that spoiled the first attempt would spoil too.
fn recalled(work: &Work) -> String {
    let is_repair = work.spec.operation == REPAIR;
    if is_repair || !facts(work).is_empty() { String::new() } else { recalled_block(&work.recalled) }
}

/// The facts that the task waited for: judged values, under the labels in the task's input. The first draft of a fact loop
/// reads none.
fn facts(work: &Work) -> Vec<Fact> {
    if work.spec.operation == FACT_LOOP {
        return Vec::new();
    }
    let fact = |Input { name, value, .. }: &Input| {
        let label = label(&work.spec, name)?.to_owned();
        Some(Fact { label, value: Value::clone(value) })
    };
    work.inputs.iter().filter_map(fact).collect()
}
