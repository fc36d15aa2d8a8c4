//! A kernel with one open job, and the events that move its tasks.

#![allow(dead_code, reason = "every test file uses a part of it")]

use abi::{Digest, JobId, Origin, Proposal, TaskId, Value};
use det::{Call, Contract, Form, Judged, Level, Operand, Validators, judge};
use sched::{
    Budget, Capability, Consulted, Effect, Event, JobSpec, Kernel, Limits, Millis, Operation, Plan, Refusal,
    Registry, TaskSpec, Tier,
};

pub(crate) const JOB: JobId = JobId(7);

/// Returns the contract of the question "How many r are in strawberry?".
pub(crate) fn contract() -> Contract {
    counting("strawberry")
}

/// Returns the contract of the question how often r occurs in `word`.
pub(crate) fn counting(word: &str) -> Contract {
    let operands = vec![Operand::Literal(Value::text(word)), Operand::Literal(Value::text("r"))];
    Contract::computed(Form::Integer, Call::new("letter_count", operands).unwrap()).unwrap()
}

/// Returns a registry with the operations `draft` (needs no rights), `fact` (needs `fact:letter_count`) and
/// `secret` (needs a right that is not granted).
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("draft", Tier::Model));
    let capability = Capability("fact:letter_count".to_owned());
    registry.register(Operation::new("fact", Tier::Primitive).demanding(capability.clone()));
    let secret = Capability("world:secret".to_owned());
    registry.register(Operation::new("secret", Tier::Tool).demanding(secret));
    registry.grant(capability);
    registry
}

/// Returns a kernel with the operations of [`registry`], no job, and more workers than a test needs.
pub(crate) fn kernel() -> Kernel {
    Kernel::new(registry(), 16)
}

pub(crate) fn job() -> JobSpec {
    let budget = Budget { tasks: 8, ..Budget::REFERENCE };
    JobSpec {
        budget,
        ..JobSpec::new(JOB, contract(), Level::Oracle).consulting(Consulted::no_memory("a test"))
    }
}

/// Gives the kernel one event at time zero, and returns its effects or its refusal.
pub(crate) fn step(kernel: &mut Kernel, event: Event) -> Result<Vec<Effect>, Refusal> {
    kernel.step(Millis(0), event)
}

/// Returns the kernel of [`kernel`] with the job [`JOB`] open, which needs an answer at level `oracle`.
pub(crate) fn open_kernel() -> Kernel {
    let mut kernel = kernel();
    step(&mut kernel, Event::Open(job())).unwrap();
    kernel
}

/// Returns a task whose result may become the job's answer, and that is not repaired when it is refuted.
pub(crate) fn spec(name: &str, operation: &str, after: &[&str]) -> TaskSpec {
    let limits = Limits { retries: 0, ..Limits::REFERENCE };
    TaskSpec::new(name, operation, contract()).answering().after(after.iter().copied()).within(limits)
}

/// Returns a supporting task that counts letters, whose result other tasks read and that answers nothing.
pub(crate) fn support(name: &str, after: &[&str]) -> TaskSpec {
    let det::Expectation::Computed(call) = contract().expectation().clone() else { unreachable!() };
    TaskSpec::new(name, "fact", Contract::computed_value(call)).after(after.iter().copied())
}

pub(crate) fn admit(kernel: &mut Kernel, tasks: Vec<TaskSpec>) -> Result<Vec<Effect>, Refusal> {
    step(kernel, Event::Admit(Plan { job: JOB, tasks }))
}

pub(crate) fn task(number: u32) -> TaskId {
    TaskId { job: JOB, number }
}

pub(crate) fn user_proposal(value: Value) -> Proposal<Value> {
    Proposal { value, origin: Origin::User }
}

/// Proposes `value` for a running task.
pub(crate) fn propose(kernel: &mut Kernel, task: TaskId, value: Value) -> Result<Vec<Effect>, Refusal> {
    let inputs: Vec<Digest> = Vec::new();
    step(
        kernel,
        Event::Proposed { task, subject: user_proposal(value), record: Value::Null, inputs, tokens: 0 },
    )
}

/// Returns the verdict that `det` gives on `value` under `contract`.
pub(crate) fn verdict(task: TaskId, contract: &Contract, value: Value) -> Judged<Value> {
    judge(&Validators::builtin(), task, contract, Vec::new(), user_proposal(value)).unwrap()
}

/// Proposes `value` for a running task and offers the verdict that det gives on it.
pub(crate) fn respond(kernel: &mut Kernel, task: TaskId, value: Value) -> Vec<Effect> {
    let mut effects = propose(kernel, task, value.clone()).unwrap();
    let contract = kernel.spec(task).unwrap().contract.clone();
    let judged = verdict(task, &contract, value);
    effects.extend(step(kernel, Event::Judged { task, judged }).unwrap());
    effects
}
