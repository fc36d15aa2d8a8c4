//! Prompts of tasks: templates that are filled once, prompts that are used as they are, and the tokens they may spend.

mod common;

use std::sync::Arc;

use abi::bounds::MAX_PROMPT_BYTES;
use abi::{JobId, TaskId, Value};
use common::{Memory, Script};
use det::{Contract, Form, Level};
use factloop::operations::{CHILD, DELEGATE, DRAFT, Notice, OperationExecutor, PROMPT, TEMPLATE, registry};
use sched::{
    Budget, Cause, Consulted, DriveError, Driver, Gate, Inline, JobSpec, Kernel, Limits, Plan, Refusal,
    StoppedClock, TaskSpec, TaskState,
};

const JOB: JobId = JobId(1);

/// The states and causes of tasks that were run, and the prompts that the model was asked.
struct Ran {
    states: Vec<TaskState>,
    causes: Vec<Option<String>>,
    left: u64,
    asked: Vec<String>,
    entries: Vec<abi::Entry>,
}

/// Runs `tasks` with a model that gives `replies` in order, under a budget of `tokens`.
fn run(tasks: Vec<TaskSpec>, replies: &[&'static str], tokens: u64) -> Result<Ran, Refusal> {
    let (mut script, mut memory) = (Script::new(replies), Memory::default());
    let executor = OperationExecutor { proposer: &mut script, max_new: 1_000, notify: |_: Notice<'_>| {} };
    let mut driver =
        Driver::new(Kernel::new(registry(), 1), Inline::new(executor), &mut memory, StoppedClock);
    let budget = Budget { tokens, ..Budget::REFERENCE };
    driver
        .open(JobSpec {
            budget,
            ..JobSpec::new(JOB, Contract::from_form(Form::Free), Level::None)
                .consulting(Consulted::no_memory("a test"))
        })
        .unwrap();
    match driver.drive(Plan { job: JOB, tasks }) {
        Ok(_) => {}
        Err(DriveError::Refused(refusal)) => return Err(refusal),
        Err(error) => panic!("{error}"),
    }
    driver.sync(&mut Vec::new()).unwrap();
    let ids: Vec<TaskId> = driver.kernel().tasks(JOB).collect();
    let states = ids.iter().map(|task| driver.kernel().state(*task).unwrap()).collect();
    let causes = ids.iter().map(|task| driver.kernel().cause(*task).map(Cause::to_string)).collect();
    let left = driver.kernel().budget_left(JOB).unwrap().tokens;
    drop(driver);
    let asked = script.heard.into_iter().map(|(prompt, _)| prompt).collect();
    Ok(Ran { states, causes, left, asked, entries: memory.entries })
}

fn draft(name: &str, key: &str, text: impl Into<String>, after: &[&str]) -> TaskSpec {
    let contract: Arc<Contract> = Contract::from_form(Form::Text).into();
    TaskSpec::new(name, DRAFT, contract)
        .given(Value::map([(key, Value::text(text.into()))]))
        .after(after.iter().copied())
        .within(Limits { tokens: 100, retries: 0, ..Limits::REFERENCE })
}

#[test]
fn a_template_is_filled_in_one_pass() {
    let tasks = vec![
        draft("a", PROMPT, "first {b} {x}", &[]),
        draft("b", PROMPT, "second", &[]),
        draft("c", TEMPLATE, "{a}{b} {{a}} {\"n\": 1} {a}", &["a", "b"]),
    ];
    let ran = run(tasks, &["{b}{a}", "B{c}", "done"], 1_000).unwrap();
    assert_eq!(ran.states, [TaskState::Passed; 3], "{:?}", ran.causes);
    // What results say is text, whatever it looks like; a prompt that is no template stays as it is.
    assert_eq!(ran.asked, ["first {b} {x}", "second", "{b}{a}B{c} {a} {\"n\": 1} {b}{a}"]);
}

#[test]
fn a_placeholder_without_its_task_is_refused_at_the_plan_gate() {
    for template in ["{b}", "{a} and {nobody}", "{c}"] {
        let tasks = vec![draft("a", PROMPT, "x", &[]), draft("c", TEMPLATE, template, &["a"])];
        let refusal = run(tasks, &[], 1_000).map(|_| ()).unwrap_err();
        assert_eq!(refusal.gate(), Gate::Plan, "{refusal}");
        assert!(matches!(refusal, Refusal::UnknownPlaceholder { .. }), "{refusal}");
    }
}

#[test]
fn a_prompt_that_would_be_too_large_is_not_built() {
    let long: &'static str = Box::leak("y".repeat(1 << 20).into_boxed_str());
    // 2^20 placeholders of 2^20 bytes each would be a tebibyte.
    let tasks = vec![
        draft("a", PROMPT, "x", &[]),
        draft("c", TEMPLATE, "{a}".repeat(1 << 20), &["a"]),
        draft("d", PROMPT, "z", &[]),
    ];
    let ran = run(tasks, &[long, "other"], 1_000_000).unwrap();
    // Tasks that wait come last.
    assert_eq!(ran.states, [TaskState::Passed, TaskState::Passed, TaskState::Failed], "{:?}", ran.causes);
    assert!(ran.causes[2].as_ref().unwrap().contains(&MAX_PROMPT_BYTES.to_string()));
    assert_eq!(ran.asked.len(), 2);
}

#[test]
fn a_delegation_fills_its_template_before_it_asks() {
    let delegate = |template: &str| {
        let input = [(CHILD, Value::text(DRAFT)), (TEMPLATE, Value::text(template))];
        let spec = draft("d", PROMPT, "", &["a"]).given(Value::map(input));
        TaskSpec { operation: DELEGATE.to_owned(), ..spec }
    };
    let tasks = vec![draft("a", PROMPT, "x", &[]), delegate("say {a}")];
    let ran = run(tasks, &["{a} {z}", "said"], 1_000).unwrap();
    assert_eq!(ran.states, [TaskState::Passed; 3], "{:?}", ran.causes);
    assert_eq!(ran.asked, ["x", "say {a} {z}"]);
}

#[test]
fn drafts_are_charged_what_they_used_and_the_budget_binds() {
    // The model states no tokens, so three bytes count as one.
    let three = || {
        vec![draft("a", PROMPT, "x", &[]), draft("b", PROMPT, "x", &["a"]), draft("c", PROMPT, "x", &["b"])]
    };
    let replies = ["123456789", "123456789", "123456789"];
    let ran = run(three(), &replies, 1_000).unwrap();
    assert_eq!((ran.left, ran.states), (1_000 - 9, vec![TaskState::Passed; 3]));
    let spent = |entry: &abi::Entry| entry.body.get("spent")?.get("tokens")?.as_int();
    assert_eq!(ran.entries.iter().filter_map(spent).collect::<Vec<_>>(), [3, 3, 3]);
    // 105 tokens pay for two runs of at most 100, because the first one used three.
    let ran = run(three(), &replies, 105).unwrap();
    assert_eq!(ran.states, [TaskState::Passed, TaskState::Passed, TaskState::Failed], "{:?}", ran.causes);
    assert_eq!((ran.left, ran.asked.len()), (99, 2));
}

#[test]
fn a_budget_of_zero_admits_no_generation() {
    let refused = |task: TaskSpec, tokens| run(vec![task], &["said"], tokens).map(|_| ()).unwrap_err();
    for (of_task, of_job) in [(0, 1_000), (0, 0), (1, 0), (100, 99)] {
        let task = draft("a", PROMPT, "x", &[]);
        let limits = Limits { tokens: of_task, ..task.limits };
        let refusal = refused(task.within(limits), of_job);
        assert_eq!(refusal.gate(), Gate::Budget, "{refusal}");
    }
    // A delegation that may spend nothing would ask for a child that may spend nothing.
    let input = [(CHILD, Value::text(DRAFT)), (PROMPT, Value::text("x"))];
    let spec =
        TaskSpec { operation: DELEGATE.to_owned(), ..draft("d", PROMPT, "x", &[]) }.given(Value::map(input));
    let limits = Limits { tokens: 0, ..spec.limits };
    let refusal = refused(spec.within(limits), 1_000);
    assert_eq!(refusal, Refusal::NoTokens { task: "d.child".to_owned() });
}

#[test]
fn a_generation_asks_for_no_more_than_it_may_spend() {
    // The script ignores the limit, and its reply is longer than the nine bytes that three tokens may have.
    let task = draft("a", PROMPT, "x", &[]);
    let limits = Limits { tokens: 3, ..task.limits };
    let ran = run(vec![task.within(limits)], &["1234567890123456789"], 1_000).unwrap();
    // An estimate is at most what was asked for.
    assert_eq!((ran.states, ran.left), (vec![TaskState::Passed], 997));
}
