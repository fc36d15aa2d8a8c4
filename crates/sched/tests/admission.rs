//! Admission: the three gates, the budget, and plans that are admitted as a whole or not at all.

mod common;

use abi::Value;
use common::*;
use det::{Contract, Level, ValidatorClass};
use sched::{
    Budget, Capability, Consulted, Effect, Event, Gate, JobSpec, Kernel, Operation, Refusal, Resource,
    Shortage, TaskSpec, TaskState, Tier,
};

/// Admits `tasks` into a new job, and checks the refusal and that it left nothing behind.
fn check(tasks: Vec<TaskSpec>, expected: Refusal, gate: Gate) {
    let mut kernel = open_kernel();
    let refusal = admit(&mut kernel, tasks).unwrap_err();
    assert_eq!(refusal, expected);
    assert_eq!(refusal.gate(), gate);
    assert!(refusal.to_string().contains(gate.word()), "{refusal}");
    assert_eq!(kernel.state(task(0)), None);
    admit(&mut kernel, vec![spec("good", "draft", &[])]).expect("the whole budget is left");
}

#[test]
fn every_gate_refuses_and_names_what_is_missing() {
    let name = || "bad".to_owned();
    let good = || spec("good", "draft", &[]);
    let operation = "unheard".to_owned();
    check(
        vec![good(), spec("bad", "unheard", &[])],
        Refusal::UnknownOperation { task: name(), operation },
        Gate::Operation,
    );
    let capability = Capability("world:secret".to_owned());
    check(
        vec![good(), spec("bad", "secret", &[])],
        Refusal::MissingCapability { task: name(), capability },
        Gate::Capability,
    );
    let contract = Contract::checked_by("linter");
    let class = ValidatorClass::External("linter".to_owned());
    check(
        vec![good(), TaskSpec { contract: contract.into(), ..support("bad", &[]) }],
        Refusal::MissingValidator { task: name(), class },
        Gate::Validator,
    );
    check(
        vec![good(), TaskSpec { contract: counting("carrier").into(), ..spec("bad", "draft", &[]) }],
        Refusal::AnswerContract { task: name() },
        Gate::Plan,
    );
}

/// A task whose operation says which child it asks for is refused with its child, before anything runs.
#[test]
fn a_child_that_is_known_passes_the_gates_with_its_task() {
    const KEY: &str = "child";
    let asking = |operation: &str| {
        TaskSpec { operation: "ask".to_owned(), ..support("a", &[]) }
            .given(Value::map([(KEY, Value::text(operation))]))
    };
    let refusal = |spec: TaskSpec| {
        let mut registry = registry();
        registry.register(Operation::new("ask", Tier::Agent).asking(KEY));
        let mut kernel = Kernel::new(registry, 1);
        step(
            &mut kernel,
            Event::Open(
                JobSpec::new(JOB, counting("strawberry"), Level::Oracle)
                    .consulting(Consulted::no_memory("a test")),
            ),
        )
        .unwrap();
        admit(&mut kernel, vec![spec]).err()
    };
    let (task, child) = ("a".to_owned(), "a.child".to_owned());
    let unheard = Refusal::UnknownOperation { task: child.clone(), operation: "unheard".to_owned() };
    assert_eq!(refusal(asking("unheard")), Some(unheard));
    let capability = Capability("world:secret".to_owned());
    assert_eq!(refusal(asking("secret")), Some(Refusal::MissingCapability { task: child, capability }));
    assert_eq!(refusal(asking("ask")), Some(Refusal::AsksForItself { task, operation: "ask".to_owned() }));
    // One that would be admitted, and a task that does not say what it asks for, pass.
    assert_eq!(refusal(asking("draft")), None);
    assert_eq!(refusal(TaskSpec { operation: "ask".to_owned(), ..support("a", &[]) }), None);
}

#[test]
fn plans_name_their_faults() {
    let name = |name: &str| name.to_owned();
    check(
        vec![spec("a", "draft", &[]), spec("a", "draft", &[])],
        Refusal::DuplicateTask { task: name("a") },
        Gate::Plan,
    );
    check(
        vec![spec("a", "draft", &["b"])],
        Refusal::UnknownDependency { task: name("a"), dependency: name("b") },
        Gate::Plan,
    );
    check(
        vec![
            spec("a", "draft", &["c"]),
            spec("b", "draft", &["a"]),
            spec("c", "draft", &["b"]),
            spec("d", "draft", &[]),
        ],
        Refusal::Cycle { tasks: vec![name("a"), name("c"), name("b")] },
        Gate::Plan,
    );
    let nine = (0..9).map(|number| spec(&number.to_string(), "draft", &[])).collect();
    let shortage = Shortage { resource: Resource::Tasks, wanted: 9, left: 8 };
    check(nine, Refusal::Budget { task: None, shortage }, Gate::Budget);
}

/// Each task of a plan runs at least once, so a plan with more tasks than runs are left can never be carried out.
#[test]
fn a_plan_that_the_runs_cannot_carry_out_is_refused_before_the_first_run() {
    let plan = || (0..3).map(|number| spec(&number.to_string(), "draft", &[])).collect::<Vec<_>>();
    let within = |runs, same_operation| {
        let mut kernel = kernel();
        let budget = Budget { runs, same_operation, ..job().budget };
        step(&mut kernel, sched::Event::Open(JobSpec { budget, ..job() })).unwrap();
        let refused = admit(&mut kernel, plan()).err();
        assert_eq!(kernel.state(task(0)).is_some(), refused.is_none());
        refused
    };
    let short = |resource| {
        let shortage = Shortage { resource, wanted: 3, left: 2 };
        Some(Refusal::Budget { task: None, shortage })
    };
    assert_eq!(within(2, 8), short(Resource::Runs));
    assert_eq!(within(8, 2), short(Resource::SameOperation));
    assert_eq!(within(3, 3), None);
}

#[test]
fn a_task_waits_for_its_dependency_and_gets_its_value() {
    let mut kernel = open_kernel();
    let effects = admit(&mut kernel, vec![spec("reread", "draft", &["fact"]), support("fact", &[])]).unwrap();
    // Dependencies are installed first, so the fact is task 0 whatever the order of the plan.
    let running: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::Run(_))).collect();
    assert!(matches!(running.as_slice(), [Effect::Run(id)] if *id == task(0)));
    assert_eq!(kernel.state(task(1)), Some(TaskState::Waiting));
    propose(&mut kernel, task(0), Value::Int(3)).unwrap();
    let judged = verdict(task(0), &support("fact", &[]).contract, Value::Int(3));
    let effects = step(&mut kernel, sched::Event::Judged { task: task(0), judged }).unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Run(id) if *id == task(1))));
    assert_eq!(kernel.dependencies(task(1)).collect::<Vec<_>>(), [task(0)]);
}

#[test]
fn dependents_of_what_failed_never_run() {
    let mut kernel = open_kernel();
    let chain = vec![support("a", &[]), support("b", &["a"]), spec("c", "draft", &["b"])];
    admit(&mut kernel, chain).unwrap();
    propose(&mut kernel, task(0), Value::Int(4)).unwrap();
    let judged = verdict(task(0), &support("a", &[]).contract, Value::Int(4));
    step(&mut kernel, sched::Event::Judged { task: task(0), judged }).unwrap();
    assert_eq!(kernel.state(task(0)), Some(TaskState::Refuted));
    assert_eq!(kernel.state(task(1)), Some(TaskState::Failed));
    assert_eq!(kernel.state(task(2)), Some(TaskState::Failed));
}
