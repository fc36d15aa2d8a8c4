//! Parts that the scenarios share: the root, the task and a judgement in one call.
#![allow(dead_code, reason = "each scenario is a crate of its own and uses some of these")]

use det::{
    Call, Contract, ContractDraft, Expectation, Form, JobId, JudgeError, Judged, Operand, Origin, Proposal,
    TaskId, TrustRoot, Validators, Value, judge,
};

/// The trust root of the tests, with which a test vouches for the values that it writes down itself.
pub(crate) struct Root;

// SAFETY: a test vouches for the values that it writes down itself, and no proposer runs in it.
unsafe impl TrustRoot for Root {}

pub(crate) const TASK: TaskId = TaskId { job: JobId(7), number: 1 };

pub(crate) fn proposal<T>(value: T) -> Proposal<T> {
    Proposal { value, origin: Origin::RemoteModel { name: "a stranger".into() } }
}

pub(crate) fn int(int: i64) -> Operand {
    Operand::Literal(Value::Int(int))
}

pub(crate) fn text(text: &str) -> Operand {
    Operand::Literal(Value::text(text))
}

pub(crate) fn call(name: &str, operands: Vec<Operand>) -> Call {
    Call::new(name, operands).expect("a call that fits")
}

pub(crate) fn inner(call: Call) -> Operand {
    Operand::Call(Box::new(call))
}

/// Returns the call `letter_count(strawberry, r) + 4`, whose result is 7.
pub(crate) fn count_then_add() -> Call {
    let count = call("letter_count", vec![text("strawberry"), text("r")]);
    call("add", vec![inner(count), int(4)])
}

pub(crate) fn seven() -> Contract {
    Contract::computed(Form::Integer, count_then_add()).expect("an integer is an answer")
}

pub(crate) fn proposed(form: Form, expectation: Expectation) -> Contract {
    Contract::proposed(proposal(ContractDraft { form, expectation })).expect("a contract that can be stated")
}

pub(crate) fn judged(contract: &Contract, subject: Value) -> Result<Judged<Value>, JudgeError> {
    judge(&Validators::builtin(), TASK, contract, vec![], proposal(subject))
}

/// Returns `depth` lists nested in each other, the innermost of which holds `Null`.
pub(crate) fn nested(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]))
}
