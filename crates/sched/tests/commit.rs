//! The commit takes only a judged value, for its own task, under the job's contract, at its level, once.

mod common;

use abi::{JobId, TaskId, Value};
use common::*;
use det::{Contract, ContractDraft, Level};
use sched::{Committed, Effect, Event, Gate, JobSpec, Kernel, Refusal, TaskState};

const RIGHT: i64 = 3;
const WRONG: i64 = 4;

/// Returns the committed value among the effects, or `None` if nothing was committed.
fn revealed(effects: Vec<Effect>) -> Option<Committed> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::Reveal(committed) => Some(committed),
        _ => None,
    })
}

/// A kernel whose task 0 has proposed `stated`.
fn proposed(stated: i64) -> Kernel {
    let mut kernel = open_kernel();
    admit(&mut kernel, vec![spec("base", "draft", &[])]).unwrap();
    propose(&mut kernel, task(0), Value::Int(stated)).unwrap();
    kernel
}

/// Offers the kernel a verdict for task 0, and returns its effects or its refusal.
fn offer(kernel: &mut Kernel, judged: det::Judged<Value>) -> Result<Vec<Effect>, Refusal> {
    step(kernel, Event::Judged { task: task(0), judged })
}

#[test]
fn a_right_answer_is_revealed_with_its_verdict() {
    let mut kernel = proposed(RIGHT);
    let committed = revealed(offer(&mut kernel, verdict(task(0), &contract(), Value::Int(RIGHT))).unwrap());
    let committed = committed.expect("a right answer is committed");
    assert_eq!(committed.level(), Level::Oracle);
    assert_eq!(committed.task(), task(0));
    assert_eq!(kernel.state(task(0)), Some(TaskState::Committed));
}

#[test]
fn a_wrong_answer_is_unmet() {
    let mut kernel = proposed(WRONG);
    let effects = offer(&mut kernel, verdict(task(0), &contract(), Value::Int(WRONG))).unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Unmet(_))));
    assert!(revealed(effects).is_none());
    assert_eq!(kernel.state(task(0)), Some(TaskState::Refuted));
}

#[test]
fn a_wrong_answer_is_unmet_at_any_level() {
    for required in [Level::None, Level::Syntax, Level::Schema] {
        let mut kernel = kernel();
        step(&mut kernel, Event::Open(JobSpec { required, ..job() })).unwrap();
        admit(&mut kernel, vec![spec("base", "draft", &[])]).unwrap();
        propose(&mut kernel, task(0), Value::Int(WRONG)).unwrap();
        let judged = verdict(task(0), &contract(), Value::Int(WRONG));
        assert!(revealed(offer(&mut kernel, judged).unwrap()).is_none(), "required {required}");
    }
}

#[test]
fn a_verdict_of_another_task_or_job_is_refused() {
    let foreign = [task(1), TaskId { job: JobId(8), number: 0 }];
    for other in foreign {
        let mut kernel = proposed(RIGHT);
        let refusal = offer(&mut kernel, verdict(other, &contract(), Value::Int(RIGHT))).unwrap_err();
        assert_eq!(refusal, Refusal::ForeignVerdict { task: task(0), verdict: other });
        assert_eq!(refusal.gate(), Gate::Commit);
        // Nothing has changed: the right verdict is still taken.
        assert!(offer(&mut kernel, verdict(task(0), &contract(), Value::Int(RIGHT))).is_ok());
    }
}

#[test]
fn a_verdict_under_another_contract_is_refused() {
    let mut kernel = proposed(RIGHT);
    // "carrier" has three r as well, so the verdict itself is satisfied at oracle.
    let judged = verdict(task(0), &counting("carrier"), Value::Int(RIGHT));
    assert!(judged.verdict().is_satisfied());
    assert!(matches!(offer(&mut kernel, judged), Err(Refusal::OtherContract { .. })));
}

#[test]
fn a_verdict_on_something_else_is_refused() {
    let mut kernel = proposed(WRONG);
    let judged = verdict(task(0), &contract(), Value::Int(RIGHT));
    assert_eq!(offer(&mut kernel, judged).unwrap_err(), Refusal::OtherSubject { task: task(0) });
}

#[test]
fn nothing_is_committed_twice() {
    let mut kernel = proposed(RIGHT);
    offer(&mut kernel, verdict(task(0), &contract(), Value::Int(RIGHT))).unwrap();
    let again = offer(&mut kernel, verdict(task(0), &contract(), Value::Int(RIGHT)));
    assert_eq!(again.unwrap_err(), Refusal::JobNotOpen { job: JOB });
    let reopened = step(&mut kernel, Event::Open(job()));
    assert_eq!(reopened.unwrap_err(), Refusal::JobExists { job: JOB });
}

#[test]
fn a_verdict_before_its_proposal_is_refused() {
    let mut kernel = open_kernel();
    admit(&mut kernel, vec![spec("base", "draft", &[])]).unwrap();
    let early = offer(&mut kernel, verdict(task(0), &contract(), Value::Int(RIGHT)));
    assert_eq!(early.unwrap_err(), Refusal::WrongState { task: task(0), state: TaskState::Running });
}

#[test]
fn a_contract_of_a_proposer_opens_no_job_at_oracle() {
    let draft = ContractDraft { form: contract().form(), expectation: contract().expectation().clone() };
    let proposers = Contract::proposed(user_proposal(Value::Null).map(|_| draft)).unwrap();
    let refusal =
        step(&mut kernel(), Event::Open(JobSpec { contract: proposers.into(), ..job() })).unwrap_err();
    let (required, ceiling) = (Level::Oracle, Level::Property);
    assert_eq!(refusal, Refusal::LevelOutOfReach { task: None, required, ceiling });
}

#[test]
fn an_abstained_job_commits_nothing() {
    let mut kernel = proposed(RIGHT);
    step(&mut kernel, Event::Abstain { job: JOB, reason: "enough".to_owned() }).unwrap();
    let late = offer(&mut kernel, verdict(task(0), &contract(), Value::Int(RIGHT)));
    assert_eq!(late.unwrap_err(), Refusal::JobNotOpen { job: JOB });
    assert_eq!(kernel.state(task(0)), Some(TaskState::Cancelled));
}
