//! One job over a driver: how its plans end, and how the job does.

mod common;

use std::fmt;

use abi::{Digest, Entry, EntryKind, Journal, Origin, Proposal, Receipt, Value};
use common::{JOB, task};
use det::{Contract, Form, Level, Validators, Verification};
use sched::{
    Budget, Consulted, DriveError, Driver, DriverEvent, Execution, Executor, Inline, JobError, JobRunner,
    JobSpec, Kernel, Limits, Operation, Outcome, PlanEnd, Registry, StoppedClock, TaskReport, TaskSpec,
    TaskState, Tier, Work,
};

/// A journal in memory that refuses entries when it is full.
#[derive(Default)]
struct Tape {
    entries: Vec<Entry>,
    full: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it broke")
    }
}

impl std::error::Error for Broken {}

impl Journal for Tape {
    type Error = Broken;

    fn refused_entry(_: &Broken) -> Option<usize> {
        None
    }

    fn append<B: abi::Body>(&mut self, entries: &[Entry<B>]) -> Result<Vec<Receipt>, Broken> {
        if self.full {
            return Err(Broken);
        }
        let receipts = entries.iter().map(|entry| {
            self.entries.push(entry.with_value_body().expect("a body that is read"));
            let digest = Digest::from_bytes([1; 32]);
            Receipt { index: self.entries.len() as u64 - 1, entry: digest, head: digest }
        });
        Ok(receipts.collect())
    }

    fn store_blob(&mut self, bytes: &[u8]) -> Result<Digest, Broken> {
        Ok(Digest::hash_blob(bytes))
    }
}

/// An executor that proposes the text in a task's input, and fails if the input is no text.
struct Says;

impl Executor for Says {
    type Error = Broken;

    fn run(&mut self, work: &Work) -> Result<Outcome, Broken> {
        let value = Value::text(work.spec.input.as_text().ok_or(Broken)?);
        Ok(Outcome::Proposed(Execution::from_proposal(Proposal { value, origin: Origin::User })))
    }
}

type TestRunner<'a> = JobRunner<'a, Inline<Says>, Tape, StoppedClock>;

/// Returns the runner of a job whose answer is the text "right".
fn runner(tape: &mut Tape) -> TestRunner<'_> {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("say", Tier::Model));
    registry.register(Operation::new("repeat", Tier::Primitive));
    let driver = Driver::new(Kernel::new(registry, 1), Inline::new(Says), tape, StoppedClock);
    let budget = Budget { tasks: 3, ..Budget::REFERENCE };
    JobRunner::new(
        driver,
        JobSpec {
            budget,
            ..JobSpec::new(JOB, contract(), Level::Schema).consulting(Consulted::no_memory("a test"))
        },
    )
}

fn contract() -> Contract {
    Contract::from_form(Form::Text).including(vec!["right".to_owned()]).expect("a text has parts")
}

fn answer(name: &str, operation: &str, text: &str) -> TaskSpec {
    let limits = Limits { retries: 0, ..Limits::REFERENCE };
    TaskSpec::new(name, operation, contract()).answering().given(Value::text(text)).within(limits)
}

fn kinds(tape: &Tape) -> Vec<EntryKind> {
    tape.entries.iter().map(|entry| entry.kind).collect()
}

fn nothing(_: &Driver<'_, Inline<Says>, Tape, StoppedClock>, _: &DriverEvent<Broken>) {}

#[test]
fn an_answer_is_committed_after_a_plan_that_fell_short() {
    let mut tape = Tape::default();
    let mut runner = runner(&mut tape);
    runner.open().unwrap();
    let mut heard = Vec::new();
    let first = runner.run(vec![answer("first", "say", "wrong")], &mut |driver, news| {
        if let DriverEvent::Moved { task, to } = news {
            heard.push((driver.kernel().spec(*task).unwrap().name.clone(), *to));
        }
    });
    assert!(matches!(first, Ok(PlanEnd::Unanswered)), "{first:?}");
    assert_eq!(heard.last(), Some(&("first".to_owned(), TaskState::Refuted)));
    assert!(runner.last_finding().contains("right"), "{}", runner.last_finding());
    assert_eq!(runner.unmet()[0].proposed.as_text(), Some("wrong"));
    let second = runner.run(vec![answer("second", "repeat", "right")], &mut nothing);
    let Ok(PlanEnd::Committed(committed, receipt)) = second else { panic!("{second:?}") };
    assert_eq!((committed.task(), committed.value().as_text()), (task(1), Some("right")));
    assert_eq!(runner.generations(), 1, "a run of a primitive is no generation");
    let report = |name: &str, operation: &str, tier, state, level, verification| TaskReport {
        name: name.to_owned(),
        operation: operation.to_owned(),
        tier: Some(tier),
        state,
        level,
        verification,
        cause: None,
    };
    let mut tasks = runner.tasks();
    let cause = tasks[0].cause.take().expect("the first task fell short");
    assert_eq!(runner.first_cause(0), Some(format!("first: {cause}")));
    assert_eq!(runner.first_cause(1), None);
    let (refuted, unverified) = (TaskState::Refuted, Verification::Unverified);
    assert_eq!(tasks[0], report("first", "say", Tier::Model, refuted, Level::None, unverified));
    let (committed, checked) = (TaskState::Committed, Verification::Checked);
    assert_eq!(tasks[1], report("second", "repeat", Tier::Primitive, committed, Level::Schema, checked));
    assert_eq!(receipt.index as usize, tape.entries.len() - 1);
}

#[test]
fn a_job_ends_with_a_reason_whatever_was_in_its_way() {
    // Refused at the door: nothing was opened, and the history says that the job was turned away.
    let mut tape = Tape::default();
    let mut refused = runner(&mut tape);
    refused.open().unwrap();
    let refusal = refused.open().unwrap_err();
    drop(refused);
    tape.entries.clear();
    let mut away = runner(&mut tape);
    assert!(matches!(away.refuse(refusal), JobError::Drive(DriveError::Refused(_))));
    assert_eq!(kinds(&tape), [EntryKind::Abstained]);

    // A plan that is refused, and a caller to whom that is an error.
    let mut tape = Tape::default();
    let mut job = runner(&mut tape);
    job.open().unwrap();
    let Ok(PlanEnd::Refused(refusal)) = job.run(vec![answer("a", "fly", "right")], &mut nothing) else {
        panic!("an unknown operation is admitted")
    };
    let error = job.refuse(refusal);
    assert!(error.to_string().contains("fly"), "{error}");
    assert_eq!(kinds(&tape), [EntryKind::Opened, EntryKind::Abstained]);

    // An operation that fails, and a caller to whom that is an error.
    let mut tape = Tape::default();
    let mut job = runner(&mut tape);
    job.open().unwrap();
    let fails = TaskSpec { input: Value::Null, ..answer("a", "say", "") };
    let ended = job.run(vec![fails], &mut nothing);
    assert!(matches!(ended, Ok(PlanEnd::Unanswered)), "{ended:?}");
    assert_eq!(job.last_finding(), "nothing was proposed");
    assert!(matches!(job.give_up_on_failure(), Err(JobError::Operation(Broken))));
    assert_eq!(kinds(&tape).last(), Some(&EntryKind::Abstained));

    // No failure, and an abstention for a reason of the caller's.
    let mut tape = Tape::default();
    let mut job = runner(&mut tape);
    job.open().unwrap();
    job.run(vec![answer("a", "say", "wrong")], &mut nothing).unwrap();
    job.give_up_on_failure().unwrap();
    let receipt = job.abstain("it is wrong".to_owned()).unwrap();
    // A job that has ended keeps the reason of its end.
    assert_eq!(job.abstain("twice".to_owned()).unwrap(), receipt);
    assert!(job.has_ended());
    assert_eq!(tape.entries.len() as u64, receipt.index + 1);
    let last = &tape.entries[receipt.index as usize];
    assert_eq!(
        (last.kind, last.body.get("reason").and_then(Value::as_text)),
        (EntryKind::Abstained, Some("it is wrong"))
    );
}
