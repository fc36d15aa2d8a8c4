//! A proposal is offered for judgement; a judged proposal is offered for commit.

use abi::{Proposal, TaskId, Value};
use det::{Contract, Form, Validators, judge};
use sched::Event;

fn offer(task: TaskId, subject: Proposal<Value>) -> Event {
    Event::Proposed { task, subject, record: Value::Null, inputs: vec![], tokens: 0 }
}

fn offer_judged(task: TaskId, subject: Proposal<Value>) -> Event {
    let contract = Contract::from_form(Form::Text);
    let judged = judge(&Validators::builtin(), task, &contract, vec![], subject).unwrap();
    Event::Judged { task, judged }
}

fn main() {
    let _ = (offer, offer_judged);
}
