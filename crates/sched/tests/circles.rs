//! Tasks that would wait for what waits for them: every shape of such a circle is refused when it would close.

mod common;

use abi::{TaskId, Value};
use common::{JOB, task};
use det::{Contract, Form, Level, Validators};
use sched::{
    Budget, Consulted, Effect, Event, Gate, JobSpec, Kernel, Limits, Millis, Operation, Plan, Refusal,
    Registry, TaskSpec, TaskState, Tier,
};

/// A kernel with one open job, and workers for every task.
fn kernel() -> Kernel {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("do", Tier::Model));
    let mut kernel = Kernel::new(registry, 64);
    let budget = Budget { same_operation: 64, ..Budget::REFERENCE };
    let job = JobSpec {
        budget,
        ..JobSpec::new(JOB, Contract::from_form(Form::Free), Level::None)
            .consulting(Consulted::no_memory("a test"))
    };
    step(&mut kernel, Event::Open(job)).unwrap();
    kernel
}

fn step(kernel: &mut Kernel, event: Event) -> Result<Vec<Effect>, Refusal> {
    kernel.step(Millis(0), event)
}

fn spec(name: &str, after: &[&str]) -> TaskSpec {
    TaskSpec::new(name, "do", Contract::from_form(Form::Text)).after(after.iter().copied())
}

fn admit(kernel: &mut Kernel, tasks: Vec<TaskSpec>) {
    step(kernel, Event::Admit(Plan { job: JOB, tasks })).unwrap();
}

fn request(kernel: &mut Kernel, number: u32, tasks: Vec<TaskSpec>) -> Result<Vec<Effect>, Refusal> {
    assert_eq!(kernel.state(task(number)), Some(TaskState::Running), "{number}");
    step(kernel, Event::Request { task: task(number), tasks, tokens: 0 })
}

/// The refusal of a request that would close a circle. Nothing of it is admitted.
fn refused(kernel: &mut Kernel, number: u32, tasks: Vec<TaskSpec>) -> (String, String) {
    let count = kernel.tasks(JOB).count();
    let refusal = request(kernel, number, tasks).expect_err("it closes a circle");
    assert_eq!(refusal.gate(), Gate::Plan);
    assert_eq!(kernel.tasks(JOB).count(), count);
    assert_eq!(kernel.state(task(number)), Some(TaskState::Running));
    let Refusal::WaitsForAsker { task, dependency, .. } = refusal else { panic!("{refusal}") };
    (task, dependency)
}

fn names(task: &str, dependency: &str) -> (String, String) {
    (task.to_owned(), dependency.to_owned())
}

#[test]
fn a_child_does_not_wait_for_its_asker() {
    let mut kernel = kernel();
    admit(&mut kernel, vec![spec("a", &[])]);
    assert_eq!(refused(&mut kernel, 0, vec![spec("c", &["a"])]), names("c", "a"));
    // Also through another child of the same request, whatever the order.
    let both = vec![spec("d", &["c"]), spec("c", &["a"])];
    assert_eq!(refused(&mut kernel, 0, both), names("c", "a"));
    request(&mut kernel, 0, vec![spec("c", &[]), spec("d", &["c"])]).unwrap();
}

#[test]
fn a_child_does_not_wait_for_what_waits_for_its_asker() {
    let mut kernel = kernel();
    admit(&mut kernel, vec![spec("a", &[]), spec("b", &["a"]), spec("far", &["b"]), spec("free", &[])]);
    for waits in ["b", "far"] {
        assert_eq!(refused(&mut kernel, 0, vec![spec("c", &[waits])]), names("c", waits));
    }
    // A task of another plan that waits for the asker counts too; one that does not wait is fine.
    admit(&mut kernel, vec![spec("later", &["far"])]);
    assert_eq!(refused(&mut kernel, 0, vec![spec("c", &["free", "later"])]), names("c", "later"));
    request(&mut kernel, 0, vec![spec("c", &["free"])]).unwrap();
}

#[test]
fn a_grandchild_does_not_wait_for_any_ancestor_or_what_waits_for_one() {
    let mut kernel = kernel();
    admit(&mut kernel, vec![spec("a", &[]), spec("b", &["a"])]);
    request(&mut kernel, 0, vec![spec("c", &[]), spec("sister", &["c"])]).unwrap();
    request(&mut kernel, 2, vec![spec("g", &[])]).unwrap();
    for waits in ["a", "b", "c", "g", "sister"] {
        assert_eq!(refused(&mut kernel, 4, vec![spec("x", &[waits])]), names("x", waits));
    }
}

#[test]
fn two_askers_do_not_wait_for_each_others_children() {
    let mut kernel = kernel();
    admit(&mut kernel, vec![spec("p", &[]), spec("q", &[])]);
    request(&mut kernel, 0, vec![spec("c", &["q"])]).unwrap();
    for waits in ["p", "c", "q"] {
        assert_eq!(refused(&mut kernel, 1, vec![spec("d", &[waits])]), names("d", waits));
    }
}

#[test]
fn what_a_repair_asks_for_does_not_wait_for_what_it_repairs() {
    let mut kernel = kernel();
    let limits = Limits { retries: 2, ..Limits::REFERENCE };
    let contract = Contract::from_form(Form::Json).requiring_keys(["name"]).unwrap();
    let judged = TaskSpec::new("a", "do", contract).within(limits);
    admit(&mut kernel, vec![judged, spec("b", &["a"])]);
    common::respond(&mut kernel, task(0), Value::text("{}"));
    assert_eq!(kernel.state(task(0)), Some(TaskState::Repairing));
    let repair: TaskId = task(2);
    assert_eq!(kernel.repairs(repair), Some(task(0)));
    for waits in ["a", "b", "a.repair1"] {
        assert_eq!(refused(&mut kernel, 2, vec![spec("x", &[waits])]), names("x", waits));
    }
    request(&mut kernel, 2, vec![spec("x", &[])]).unwrap();
    // What the child of the repair asks for is bound by the same circle.
    assert_eq!(refused(&mut kernel, 3, vec![spec("y", &["b"])]), names("y", "b"));
}

#[test]
fn a_task_that_has_ended_is_no_part_of_a_circle() {
    let mut kernel = kernel();
    admit(&mut kernel, vec![spec("a", &[]), spec("b", &["a"])]);
    step(&mut kernel, Event::Cancel { task: task(1), reason: "enough".to_owned() }).unwrap();
    // The child fails at once, because what it waits for has, and its asker goes on.
    request(&mut kernel, 0, vec![spec("c", &["b"])]).unwrap();
    assert_eq!(kernel.state(task(2)), Some(TaskState::Failed));
    assert_eq!(kernel.state(task(0)), Some(TaskState::Running));
}
