//! A kernel with one open job, and the events that move its tasks.

#![allow(dead_code, reason = "every test file uses a part of it")]

use abi::{Digest, JobId, Origin, Proposal, TaskId, Value};
use det::{Call, Contract, Form, Judged, Level, Operand, Validators, judge};
use sched::{Capability, Effect, Event, Kernel, Operation, Plan, Refusal, Registry, Role, TaskSpec};

pub(crate) const JOB: JobId = JobId(7);

/// "How many r are in strawberry?"
pub(crate) fn contract() -> Contract {
    counting("strawberry")
}

pub(crate) fn counting(word: &str) -> Contract {
    let operands = vec![Operand::Literal(Value::text(word)), Operand::Literal(Value::text("r"))];
    Contract::computed(Form::Integer, Call::new("letter_count", operands).unwrap()).unwrap()
}

/// Operations `draft` (no rights), `fact` (needs `fact:letter_count`) and `secret` (needs one not granted).
pub(crate) fn kernel() -> Kernel {
    let mut registry = Registry::new(Validators::builtin());
    let operation = |name: &str, demands: &[&str]| Operation {
        name: name.to_owned(),
        demands: demands.iter().map(|demand| Capability((*demand).to_owned())).collect(),
    };
    registry.register(operation("draft", &[]));
    registry.register(operation("fact", &["fact:letter_count"]));
    registry.register(operation("secret", &["world:secret"]));
    registry.grant(Capability("fact:letter_count".to_owned()));
    Kernel::new(registry)
}

/// [`kernel`] with [`JOB`] open at `oracle`.
pub(crate) fn open_kernel() -> Kernel {
    let mut kernel = kernel();
    kernel.open(JOB, &contract(), Level::Oracle, 8).unwrap();
    kernel
}

pub(crate) fn spec(name: &str, operation: &str, after: &[&str]) -> TaskSpec {
    TaskSpec {
        name: name.to_owned(),
        operation: operation.to_owned(),
        after: after.iter().map(|name| (*name).to_owned()).collect(),
        role: Role::Answer,
        contract: contract(),
    }
}

pub(crate) fn support(name: &str, after: &[&str]) -> TaskSpec {
    let det::Expectation::Computed(call) = contract().expectation().clone() else { unreachable!() };
    TaskSpec { role: Role::Support, contract: Contract::value_of(call), ..spec(name, "fact", after) }
}

pub(crate) fn admit(kernel: &mut Kernel, tasks: Vec<TaskSpec>) -> Result<Vec<Effect>, Refusal> {
    kernel.step(Event::Admit(Plan { job: JOB, tasks }))
}

pub(crate) fn task(number: u32) -> TaskId {
    TaskId { job: JOB, number }
}

pub(crate) fn said(value: Value) -> Proposal<Value> {
    Proposal { value, origin: Origin::User }
}

pub(crate) fn propose(kernel: &mut Kernel, task: TaskId, value: Value) -> Result<Vec<Effect>, Refusal> {
    let inputs: Vec<Digest> = Vec::new();
    kernel.step(Event::Proposed {
        task,
        subject: said(value),
        record: Value::Null,
        inputs,
        blobs: Vec::new(),
    })
}

/// A verdict on `value` as det makes it.
pub(crate) fn verdict(task: TaskId, contract: &Contract, value: Value) -> Judged<Value> {
    judge(&Validators::builtin(), task, contract, Vec::new(), said(value)).unwrap()
}
