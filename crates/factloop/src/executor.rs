//! The operations of the loop: a draft by the proposer, a fact and a direct answer by a primitive.

use std::fmt;

use abi::{
    Digest, Draft, Fact, GenerationBlobs, GenerationRecord, Origin, Proposal, Proposer, Request, Value,
};
use det::{Call, Expectation, Form};
use sched::{Capability, Execution, Executor, Operation, Outcome, Rights, Stamp, TaskSpec, Tier, Work};

use crate::ask::Progress;
use crate::{Specification, block};

/// The operation of a generation.
pub(crate) const DRAFT: &str = "model.draft";
/// The operation that states a primitive's value as a reply.
pub(crate) const DIRECT: &str = "prim.answer";

const PROMPT: &str = "nmk.prompt.v1";
const FACTS: &str = "nmk.facts.v1";

/// The operation that computes a fact of a specification.
pub(crate) fn fact_operation(specification: Specification) -> Operation {
    let name = format!("prim.{}", specification.word());
    Operation::new(name, Tier::Primitive).demanding(fact_capability(specification))
}

/// The right to compute a fact of a specification.
#[must_use]
pub fn fact_capability(specification: Specification) -> Capability {
    Capability(format!("fact:{}", specification.word()))
}

/// Why an operation produced nothing.
#[derive(Debug)]
pub enum RunError<P> {
    /// The proposer failed.
    Proposer(P),
    /// The primitive has no value there.
    Call(prims::CallError),
    /// The task's contract computes nothing.
    NothingToCompute {
        /// The operation.
        operation: String,
    },
}

impl<P: fmt::Display> fmt::Display for RunError<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proposer(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::NothingToCompute { operation } => write!(f, "{operation} was given nothing to compute"),
        }
    }
}

impl<P: std::error::Error> std::error::Error for RunError<P> {}

/// The hands of one question.
pub(crate) struct Hands<'a, P> {
    pub(crate) proposer: &'a mut P,
    pub(crate) prompt: &'a str,
    pub(crate) max_new: u32,
    pub(crate) observer: &'a mut dyn FnMut(Progress<'_>),
    /// The call behind each fact that a draft waits for, in the order of its dependencies.
    pub(crate) fact_calls: Vec<Call>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) generations: u32,
    /// The last text proposed.
    pub(crate) text: Option<String>,
    /// What the last draft's prompt asks for, as far as the rights go.
    pub(crate) stamp: Stamp,
    /// The facts that may be computed.
    pub(crate) rights: Rights,
}

impl<P: Proposer> Executor for Hands<'_, P> {
    type Error = RunError<P::Error>;

    fn run(&mut self, work: &Work) -> Result<Outcome, Self::Error> {
        let spec = &*work.spec;
        if spec.operation == DRAFT {
            let inputs: Vec<&Value> = work.inputs.iter().map(|input| &*input.value).collect();
            return self.draft(spec, &inputs).map(Outcome::Proposed).map_err(RunError::Proposer);
        }
        let Expectation::Computed(call) = spec.contract.expectation() else {
            return Err(RunError::NothingToCompute { operation: spec.operation.clone() });
        };
        let value = call.evaluate().map_err(RunError::Call)?;
        let direct = spec.operation == DIRECT;
        let made = if direct { self.direct(spec, call, &value) } else { self.fact(call, value) };
        Ok(Outcome::Proposed(made))
    }
}

impl<P: Proposer> Hands<'_, P> {
    fn draft(&mut self, spec: &TaskSpec, inputs: &[&Value]) -> Result<Execution, P::Error> {
        let facts: Vec<Fact> =
            self.fact_calls.iter().zip(inputs).map(|(call, value)| labelled(call, value)).collect();
        let body = block(&facts);
        let request = Request { prompt: self.prompt, facts: &body, max_new: self.max_new };
        self.generations += 1;
        let generation = self.generations;
        (self.observer)(Progress::Generating { generation });
        let observer = &mut *self.observer;
        let proposal = self.proposer.propose(&request, &mut |piece| observer(Progress::Piece(piece)))?;
        let identity = self.proposer.identity();
        let mut blobs = vec![self.prompt.as_bytes().to_vec()];
        blobs.extend((!body.is_empty()).then(|| body.as_bytes().to_vec()));
        let names = GenerationBlobs {
            prompt: Digest::of_blob(self.prompt.as_bytes()),
            facts: blobs.get(1).map(|facts| Digest::of_blob(facts)),
            // The proposal is the whole reply.
            reply: None,
        };
        let record = GenerationRecord::greedy(&proposal.value, identity, self.max_new, names).to_value();
        self.stamp.stamp(requested(&proposal.value), &self.rights);
        self.text = Some(proposal.value.text.clone());
        let inputs = vec![
            Digest::of(PROMPT, self.prompt.as_bytes()),
            Digest::of(FACTS, body.as_bytes()),
            spec.contract.digest(),
        ];
        let tokens = proposal.value.tokens.len() as u64;
        let subject = proposal.map(|draft| Value::Text(draft.text));
        Ok(Execution { subject, record, blobs, inputs, tokens })
    }

    fn fact(&mut self, call: &Call, value: Value) -> Execution {
        let fact = labelled(call, &value);
        (self.observer)(Progress::Computed(&fact));
        self.facts.push(fact.clone());
        let record = Value::map([("label", Value::Text(fact.label)), ("value", value.clone())]);
        self.computed(call, value, record)
    }

    fn direct(&mut self, spec: &TaskSpec, call: &Call, value: &Value) -> Execution {
        let fact = labelled(call, value);
        (self.observer)(Progress::Computed(&fact));
        let text = reply(spec.contract.form(), value);
        let record = Value::map([("label", Value::text(fact.label.as_str())), ("value", value.clone())]);
        self.facts.push(fact);
        self.text = Some(text.clone());
        self.computed(call, Value::Text(text), record)
    }

    fn computed(&self, call: &Call, subject: Value, record: Value) -> Execution {
        let origin = Origin::Primitive { digest: call.primitive().digest() };
        let inputs = vec![Digest::of(PROMPT, self.prompt.as_bytes())];
        let blobs = vec![self.prompt.as_bytes().to_vec()];
        Execution { subject: Proposal { value: subject, origin }, record, blobs, inputs, tokens: 0 }
    }
}

fn labelled(call: &Call, value: &Value) -> Fact {
    Fact { label: call.to_string(), value: value.clone() }
}

/// A value stated as `det::extract` reads it.
fn reply(form: Form, value: &Value) -> String {
    match (form, value) {
        (Form::YesNo, Value::Bool(true)) => "Answer: yes".to_owned(),
        (Form::YesNo, Value::Bool(false)) => "Answer: no".to_owned(),
        (_, value) => format!("Answer: {}", crate::rendered(value)),
    }
}

/// The capability that a draft's entry trap requests. It is the proposer's word, and grants nothing.
fn requested(draft: &Draft) -> Option<Capability> {
    draft.traps.entry.as_ref().map(|entry| Capability(entry.capability.clone()))
}
