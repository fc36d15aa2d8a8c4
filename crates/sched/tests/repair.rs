//! Repair: the cases in which one is tried, the gates that it passes, and its limits.

mod common;

use abi::Value;
use common::{JOB, admit, respond, task};
use det::{Contract, Form, Level, Validators};
use sched::{
    Budget, Capability, Cause, Consulted, Event, JobSpec, Kernel, Limits, Millis, Operation, Refusal,
    Registry, Resource, Rights, TaskOrigin, TaskSpec, TaskState, Tier,
};

const RIGHT: &str = "op:mend";

fn kernel(budget: Budget) -> Kernel {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("draft", Tier::Model));
    registry.register(Operation::new("mended", Tier::Model).repaired_by("mend"));
    registry.register(Operation::new("mend", Tier::Model).demanding(Capability(RIGHT.to_owned())));
    registry.grant(Capability(RIGHT.to_owned()));
    let mut kernel = Kernel::new(registry, 4);
    let job = JobSpec {
        budget,
        ..JobSpec::new(JOB, Contract::from_form(Form::Free), Level::None)
            .consulting(Consulted::no_memory("a test"))
    };
    kernel.step(Millis(0), Event::Open(job)).unwrap();
    kernel
}

/// Returns a contract that is judged at level `schema`, which is inside the range in which a repair helps.
fn json() -> Contract {
    Contract::from_form(Form::Json).requiring_keys(["name"]).unwrap()
}

fn good() -> Value {
    Value::text(r#"{"name": 1}"#)
}

fn bad() -> Value {
    Value::text("{}")
}

fn named(operation: &str, contract: Contract, retries: u32) -> TaskSpec {
    TaskSpec::new("a", operation, contract).within(Limits { retries, ..Limits::REFERENCE })
}

#[test]
fn a_repair_that_passes_stands_for_the_task() {
    let mut kernel = kernel(Budget::REFERENCE);
    let next = TaskSpec::new("b", "draft", json()).after(["a"]);
    admit(&mut kernel, vec![named("draft", json(), 1), next]).unwrap();
    respond(&mut kernel, task(0), bad());
    assert_eq!(kernel.state(task(0)), Some(TaskState::Repairing));
    let (repair, dependent) = (task(2), task(1));
    assert_eq!(kernel.asker(repair), Some(TaskOrigin::Repair(0)));
    assert_eq!(kernel.repairs(repair), Some(task(0)));
    assert_eq!(kernel.spec(repair).unwrap().contract.digest(), json().digest());
    assert_eq!(kernel.state(dependent), Some(TaskState::Waiting));
    respond(&mut kernel, repair, good());
    assert_eq!(kernel.state(task(0)), Some(TaskState::Repaired));
    assert_eq!(kernel.holder(task(0)), repair);
    assert_eq!(kernel.level(task(0)), Some(Level::Schema));
    assert_eq!(kernel.state(dependent), Some(TaskState::Running));
}

/// Runs a task that proposes `value` and returns the cause with which it was refuted. Checks that no repair
/// was admitted.
fn refuted(mut kernel: Kernel, spec: TaskSpec, value: Value) -> Cause {
    admit(&mut kernel, vec![spec]).unwrap();
    respond(&mut kernel, task(0), value);
    assert_eq!(kernel.state(task(0)), Some(TaskState::Refuted));
    assert_eq!(kernel.tasks(JOB).count(), 1);
    kernel.cause(task(0)).unwrap().clone()
}

#[test]
fn what_is_not_worth_a_repair_gets_none() {
    let reference = || kernel(Budget::REFERENCE);
    assert_eq!(refuted(reference(), named("draft", json(), 0), bad()).word(), "refuted");
    // The oracle's verdict is final: a second attempt without new information is a guess.
    let oracle = named("draft", common::contract(), 1);
    assert_eq!(refuted(reference(), oracle, Value::Int(4)).word(), "outside_repair_band");
}

#[test]
fn what_was_passed_through_is_not_run_again() {
    let mut kernel = kernel(Budget::REFERENCE);
    let first = TaskSpec::new("first", "draft", Contract::from_form(Form::Json));
    admit(&mut kernel, vec![first, named("draft", json(), 1).after(["first"])]).unwrap();
    respond(&mut kernel, task(0), bad());
    respond(&mut kernel, task(1), bad());
    assert_eq!(kernel.state(task(1)), Some(TaskState::Refuted));
    assert_eq!(kernel.cause(task(1)).unwrap().word(), "passed_through");
}

#[test]
fn a_dedicated_repair_is_exempt_from_band_and_pass_through() {
    let mut kernel = kernel(Budget::REFERENCE);
    let wrong = Value::Int(4);
    let first = TaskSpec::new("first", "draft", Contract::from_form(Form::Integer));
    admit(&mut kernel, vec![first, named("mended", common::contract(), 1).after(["first"])]).unwrap();
    respond(&mut kernel, task(0), wrong.clone());
    respond(&mut kernel, task(1), wrong);
    assert_eq!(kernel.state(task(1)), Some(TaskState::Repairing));
    assert_eq!(kernel.spec(task(2)).unwrap().operation, "mend");
    respond(&mut kernel, task(2), Value::Int(3));
    assert_eq!(kernel.state(task(1)), Some(TaskState::Repaired));
    assert_eq!(kernel.level(task(1)), Some(Level::Oracle));
}

#[test]
fn retries_bound_the_repairs() {
    for retries in 1..4 {
        let mut kernel = kernel(Budget::REFERENCE);
        admit(&mut kernel, vec![named("draft", json(), retries)]).unwrap();
        for number in 0..=retries {
            respond(&mut kernel, task(number), bad());
        }
        assert_eq!(kernel.state(task(0)), Some(TaskState::Refuted));
        assert_eq!(kernel.cause(task(0)).unwrap().word(), "repair_failed");
        assert_eq!(kernel.tasks(JOB).count(), 1 + retries as usize);
        // Each repair corrects the proposal that was refuted last.
        let repaired: Vec<_> =
            (1..=retries).map(|number| kernel.repairs(task(number)).unwrap().number).collect();
        assert_eq!(repaired, (0..retries).collect::<Vec<_>>());
    }
}

#[test]
fn a_repair_has_no_more_rights_than_what_it_repairs() {
    let spec = TaskSpec { rights: Some(Rights::new()), ..named("mended", json(), 1) };
    let cause = refuted(kernel(Budget::REFERENCE), spec, bad());
    let Cause::RepairRefused { refusal } = cause else { panic!("{cause}") };
    let capability = Capability(RIGHT.to_owned());
    assert_eq!(*refusal, Refusal::MissingCapability { task: "a.repair1".to_owned(), capability });
}

#[test]
fn a_repair_is_paid_for() {
    let one = |budget| match refuted(kernel(budget), named("draft", json(), 1), bad()) {
        Cause::RepairRefused { refusal } => match &*refusal {
            Refusal::Budget { shortage, .. } => shortage.resource,
            other => panic!("{other}"),
        },
        other => panic!("{other}"),
    };
    assert_eq!(one(Budget { tasks: 1, ..Budget::REFERENCE }), Resource::Tasks);
    assert_eq!(one(Budget { runs: 1, ..Budget::REFERENCE }), Resource::Runs);
    assert_eq!(one(Budget { same_operation: 1, ..Budget::REFERENCE }), Resource::SameOperation);
}
