//! Templates are admitted unchanged, and a model's plan can only remove tasks from one.

mod common;

use std::collections::BTreeMap;

use abi::{Origin, Proposal, Value};
use common::{JOB, admit};
use det::{Case, Contract, ContractDraft, Expectation, ExpectedFrom, Form, Level, Validators};
use proptest::prelude::*;
use sched::{
    Capability, Consulted, Event, Gate, JobSpec, Kernel, Millis, Operation, Refusal, Registry, Role, Stages,
    Step, TaskSpec, TaskState, TemplateError, Tier, Unfit, code_gen, narrow, structured_output,
};

fn stages() -> Stages {
    Stages { draft: "write".to_owned(), check: "read".to_owned(), commit: "answer".to_owned() }
}

fn contract() -> Contract {
    Contract::from_form(Form::Json).requiring_keys(["name"]).unwrap()
}

fn template() -> Vec<TaskSpec> {
    structured_output(contract(), Level::Schema, &stages(), Value::text("say json"))
}

/// Returns a kernel with the operations of the three stages and an open job under `contract`.
fn kernel(contract: &Contract, required: Level) -> Kernel {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("write", Tier::Model));
    let right = Capability("op:read".to_owned());
    registry.register(Operation::new("read", Tier::Primitive).demanding(right.clone()));
    registry.register(Operation::new("answer", Tier::Primitive));
    registry.grant(right);
    let mut kernel = Kernel::new(registry, 4);
    kernel
        .step(
            Millis(0),
            Event::Open(
                JobSpec::new(JOB, contract.clone(), required).consulting(Consulted::no_memory("a test")),
            ),
        )
        .unwrap();
    kernel
}

#[test]
fn structured_output_runs_to_a_commit() {
    let mut kernel = kernel(&contract(), Level::Schema);
    admit(&mut kernel, template()).unwrap();
    let good = Value::text(r#"{"name": "n"}"#);
    for number in 0..3 {
        let task = common::task(number);
        assert_eq!(kernel.state(task), Some(TaskState::Running));
        common::propose(&mut kernel, task, good.clone()).unwrap();
        let judged = common::verdict(task, &kernel.spec(task).unwrap().contract.clone(), good.clone());
        kernel.step(Millis(0), Event::Judged { task, judged }).unwrap();
    }
    assert_eq!(kernel.state(common::task(2)), Some(TaskState::Committed));
    assert_eq!(kernel.level(common::task(2)), Some(Level::Schema));
}

#[test]
fn what_fails_the_schema_is_not_answered() {
    let mut kernel = kernel(&contract(), Level::Schema);
    admit(&mut kernel, template()).unwrap();
    let short = Value::text("{}");
    for (number, state) in [(0, TaskState::Passed), (1, TaskState::Refuted)] {
        let task = common::task(number);
        common::propose(&mut kernel, task, short.clone()).unwrap();
        let judged = common::verdict(task, &kernel.spec(task).unwrap().contract.clone(), short.clone());
        kernel.step(Millis(0), Event::Judged { task, judged }).unwrap();
        assert_eq!(kernel.state(task), Some(state));
    }
    assert_eq!(kernel.state(common::task(2)), Some(TaskState::Failed));
    assert_eq!(kernel.cause(common::task(2)).unwrap().word(), "dependency");
}

#[test]
fn code_gen_is_refused_without_isolation() {
    let case = Case::returning(vec![Value::Int(1)], Value::Int(2), ExpectedFrom::Proposer);
    let expectation =
        Expectation::Cases { language: "python".to_owned(), entry: "f".to_owned(), cases: vec![case] };
    let draft = ContractDraft { form: Form::Text, expectation };
    let cases = Contract::proposed(Proposal { value: draft, origin: Origin::User }).unwrap();
    let plan = code_gen(cases.clone(), Level::Property, &stages(), Value::Null).unwrap();
    let names: Vec<&str> = plan.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["draft", "tests", "commit"]);
    let mut kernel = kernel(&cases, Level::Property);
    let refusal = admit(&mut kernel, plan).unwrap_err();
    assert_eq!(refusal, Refusal::MissingValidator { task: "tests".to_owned(), class: cases.class() });
    assert_eq!(refusal.gate(), Gate::Validator);
    assert!(refusal.to_string().contains("no_isolation"), "{refusal}");
    assert_eq!(kernel.tasks(JOB).count(), 0);
    let none = code_gen(contract(), Level::Schema, &stages(), Value::Null).unwrap_err();
    assert_eq!(none, TemplateError::NoCases);
}

fn proposal(steps: &[(&str, &str, &[&str])]) -> Proposal<Vec<Step>> {
    let step = |(id, operation, after): &(&str, &str, &[&str])| Step {
        id: (*id).to_owned(),
        operation: (*operation).to_owned(),
        after: after.iter().map(|name| (*name).to_owned()).collect(),
    };
    Proposal { value: steps.iter().map(step).collect(), origin: Origin::User }
}

#[test]
fn every_step_that_is_left_out_has_its_reason() {
    let name = |name: &str| name.to_owned();
    let check = |steps: &[(&str, &str, &[&str])], kept: &[&str], why: &[(&str, Unfit)]| {
        let narrowed = narrow(&template(), proposal(steps));
        let names: Vec<&str> = narrowed.tasks.iter().map(|task| task.name.as_str()).collect();
        assert_eq!(names, kept);
        let dropped: Vec<_> = narrowed.dropped.iter().map(|one| (one.id.as_str(), one.why.clone())).collect();
        assert_eq!(dropped, why);
    };
    let whole: &[(&str, &str, &[&str])] =
        &[("c", "answer", &["b"]), ("b", "read", &["a"]), ("a", "write", &[])];
    check(whole, &["draft", "schema", "commit"], &[]);
    let operation = name("shell");
    check(
        &[("a", "write", &[]), ("x", "shell", &[])],
        &["draft"],
        &[("x", Unfit::UnknownOperation { operation })],
    );
    let operation = name("write");
    check(&[("a", "write", &[]), ("b", "write", &[])], &["draft"], &[("b", Unfit::Exhausted { operation })]);
    check(&[("a", "write", &[]), ("a", "read", &[])], &["draft"], &[("a", Unfit::DuplicateId)]);
    // The commit does not run without the check before it in the template.
    let task = name("schema");
    check(&[("a", "write", &[]), ("c", "answer", &["a"])], &["draft"], &[("c", Unfit::Needs { task })]);
    let step = name("nobody");
    check(&[("a", "write", &["nobody"])], &[], &[("a", Unfit::Waits { step })]);
    let (step, task) = (name("b"), name("draft"));
    check(
        &[("a", "write", &["b"]), ("b", "read", &["a"])],
        &[],
        &[("a", Unfit::Waits { step }), ("b", Unfit::Needs { task })],
    );
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let id = || "[a-f]{0,1}";
    let operation = prop::sample::select(vec!["write", "read", "answer", "shell", "secret"]);
    let step = (id(), operation, prop::collection::vec(id(), 0..3));
    let step = step.prop_map(|(id, operation, after)| Step { id, operation: operation.to_owned(), after });
    prop::collection::vec(step, 0..12)
}

/// The template with distinct rights in its tasks, so that a plan that touches them is noticed.
fn particular() -> Vec<TaskSpec> {
    let mut tasks = template();
    tasks[1].rights = Some([Capability("op:read".to_owned())].into());
    tasks[2].rights = Some([].into());
    tasks
}

proptest! {
    #[test]
    fn a_plan_only_ever_narrows(proposed in steps()) {
        let template = particular();
        let count = proposed.len();
        let origin = Origin::User;
        let narrowed = narrow(&template, Proposal { value: proposed, origin });
        prop_assert_eq!(narrowed.tasks.len() + narrowed.dropped.len(), count);
        let mut left: BTreeMap<&str, &TaskSpec> =
            template.iter().map(|task| (task.name.as_str(), task)).collect();
        for task in &narrowed.tasks {
            // Each task of the template occurs at most once, with everything that the template states.
            let known = left.remove(task.name.as_str());
            prop_assert!(known.is_some(), "{} is nobody's, or there twice", task.name);
            let known = known.unwrap();
            prop_assert_eq!(&task.rights, &known.rights);
            prop_assert_eq!((task.at_least, task.role), (known.at_least, known.role));
            prop_assert_eq!(task.contract.digest(), known.contract.digest());
            prop_assert_eq!((&task.operation, task.limits), (&known.operation, known.limits));
            prop_assert!(det::equal(&task.input, &known.input));
            prop_assert!(known.after.iter().all(|before| task.after.contains(before)));
            prop_assert_eq!(task.role == Role::Answer, task.name == "commit");
        }
        // The plan that is left is admitted, unless it is empty.
        let nothing = narrowed.tasks.is_empty();
        let admitted = admit(&mut kernel(&contract(), Level::Schema), narrowed.tasks);
        prop_assert_eq!(admitted.is_err(), nothing, "{:?}", admitted);
    }
}
