//! Budgets, deadlines, cancellation, and the order in which ready tasks start.

mod common;

use abi::{JobId, TaskId, Value};
use common::{JOB, task};
use det::{Contract, Form, Level, Validators};
use proptest::prelude::*;
use sched::{
    Budget, Cause, Consulted, Effect, Event, JobSpec, Kernel, Limits, Millis, Operation, Plan, Priority,
    Refusal, Registry, Resource, TaskSpec, TaskState, Tier,
};

fn kernel(workers: usize) -> Kernel {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("draft", Tier::Model));
    registry.register(Operation::new("other", Tier::Model));
    Kernel::new(registry, workers)
}

fn job(job: JobId, budget: Budget) -> JobSpec {
    JobSpec {
        budget,
        ..JobSpec::new(job, Contract::from_form(Form::Free), Level::None)
            .consulting(Consulted::no_memory("a test"))
    }
}

fn opened(workers: usize, budget: Budget) -> Kernel {
    let mut kernel = kernel(workers);
    at(&mut kernel, 0, Event::Open(job(JOB, budget))).unwrap();
    kernel
}

fn at(kernel: &mut Kernel, now: u64, event: Event) -> Result<Vec<Effect>, Refusal> {
    kernel.step(Millis(now), event)
}

fn limited(name: &str, tokens: u64, wall_ms: u64) -> TaskSpec {
    let limits = Limits { tokens, wall_ms, retries: 0 };
    TaskSpec::new(name, "draft", Contract::from_form(Form::Text)).within(limits)
}

fn admit(kernel: &mut Kernel, now: u64, tasks: Vec<TaskSpec>) -> Result<Vec<Effect>, Refusal> {
    at(kernel, now, Event::Admit(Plan { job: JOB, tasks }))
}

fn propose(kernel: &mut Kernel, now: u64, task: TaskId, tokens: u64) -> Result<Vec<Effect>, Refusal> {
    let (subject, record) = (common::user_proposal(Value::text("said")), Value::Null);
    at(kernel, now, Event::Proposed { task, subject, record, inputs: Vec::new(), tokens })
}

fn left(kernel: &Kernel) -> Budget {
    kernel.budget_left(JOB).unwrap().clone()
}

#[test]
fn every_resource_refuses_what_it_cannot_pay() {
    let none = [
        (Budget { tasks: 0, ..Budget::REFERENCE }, Resource::Tasks),
        (Budget { runs: 0, ..Budget::REFERENCE }, Resource::Runs),
        (Budget { same_operation: 0, ..Budget::REFERENCE }, Resource::SameOperation),
        (Budget { tokens: 9, ..Budget::REFERENCE }, Resource::Tokens),
        (Budget { wall_ms: 99, ..Budget::REFERENCE }, Resource::WallMs),
    ];
    for (budget, resource) in none {
        let mut kernel = opened(4, budget.clone());
        let refusal = admit(&mut kernel, 0, vec![limited("a", 10, 100)]).unwrap_err();
        let Refusal::Budget { shortage, .. } = &refusal else { panic!("{refusal}") };
        assert_eq!(shortage.resource, resource);
        assert_eq!(left(&kernel), budget);
    }
}

#[test]
fn what_a_run_may_spend_is_set_aside_and_the_rest_comes_back() {
    let mut kernel = opened(4, Budget { tokens: 15, wall_ms: 1000, ..Budget::REFERENCE });
    admit(&mut kernel, 0, vec![limited("a", 10, 100), limited("b", 10, 100)]).unwrap();
    // The second task waits, because the first may return a part of its ten tokens.
    assert_eq!(kernel.state(task(0)), Some(TaskState::Running));
    assert_eq!(kernel.state(task(1)), Some(TaskState::Ready));
    assert_eq!((left(&kernel).tokens, left(&kernel).wall_ms), (5, 900));
    propose(&mut kernel, 40, task(0), 4).unwrap();
    assert_eq!(kernel.state(task(1)), Some(TaskState::Running));
    assert_eq!((left(&kernel).tokens, left(&kernel).wall_ms), (1, 860));
}

#[test]
fn a_held_task_fails_when_nothing_comes_back() {
    let mut kernel = opened(4, Budget { tokens: 15, ..Budget::REFERENCE });
    admit(&mut kernel, 0, vec![limited("a", 10, 100), limited("b", 10, 100)]).unwrap();
    propose(&mut kernel, 0, task(0), 10).unwrap();
    assert_eq!(kernel.state(task(1)), Some(TaskState::Failed));
    let Some(Cause::Budget(shortage)) = kernel.cause(task(1)) else { panic!() };
    assert_eq!((shortage.resource, shortage.wanted, shortage.left), (Resource::Tokens, 10, 5));
}

#[test]
fn spending_beyond_the_reservation_fails_the_task_and_is_charged() {
    for (spent, rest) in [(12, 3), (15, 0), (16, 0), (u64::MAX, 0)] {
        let mut kernel = opened(4, Budget { tokens: 15, ..Budget::REFERENCE });
        admit(&mut kernel, 0, vec![limited("a", 10, 100)]).unwrap();
        propose(&mut kernel, 0, task(0), spent).unwrap();
        assert_eq!(kernel.cause(task(0)).unwrap().word(), "overspent");
        assert_eq!(left(&kernel).tokens, rest);
    }
}

#[test]
fn a_run_that_is_late_is_stopped_and_its_result_is_not_taken() {
    let mut kernel = opened(1, Budget { tokens: 15, ..Budget::REFERENCE });
    let after = limited("b", 0, 100).after(["a"]);
    admit(&mut kernel, 0, vec![limited("a", 10, 100), after]).unwrap();
    assert_eq!(kernel.next_deadline(), Some(Millis(100)));
    let effects = at(&mut kernel, 99, Event::Tick).unwrap();
    assert!(effects.is_empty(), "{effects:?}");
    let effects = at(&mut kernel, 100, Event::Tick).unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Stop(id) if *id == task(0))));
    assert_eq!(kernel.cause(task(0)), Some(&Cause::Deadline { wall_ms: 100 }));
    // The spending of a stopped run is not known, so all of its tokens count as used.
    assert_eq!(left(&kernel).tokens, 5);
    assert_eq!(kernel.cause(task(1)).unwrap().word(), "dependency");
    let late = propose(&mut kernel, 101, task(0), 1).unwrap_err();
    assert_eq!(late, Refusal::WrongState { task: task(0), state: TaskState::Failed });
    assert_eq!((kernel.running(), kernel.next_deadline()), (0, None));
}

#[test]
fn a_result_after_its_time_is_late_without_a_tick() {
    let mut kernel = opened(1, Budget::REFERENCE);
    admit(&mut kernel, 0, vec![limited("a", 10, 100)]).unwrap();
    propose(&mut kernel, 101, task(0), 1).unwrap();
    assert_eq!(kernel.cause(task(0)), Some(&Cause::Deadline { wall_ms: 100 }));
}

#[test]
fn a_jobs_deadline_ends_everything_of_it() {
    let mut kernel = kernel(1);
    let spec = JobSpec { deadline: Some(Millis(50)), ..job(JOB, Budget::REFERENCE) };
    at(&mut kernel, 0, Event::Open(spec)).unwrap();
    admit(&mut kernel, 0, vec![limited("a", 0, 100), limited("b", 0, 100)]).unwrap();
    let effects = at(&mut kernel, 50, Event::Tick).unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Closed(JOB))));
    for number in 0..2 {
        assert_eq!(kernel.state(task(number)), Some(TaskState::Cancelled));
    }
    assert!(!kernel.is_open(JOB));
    assert_eq!((kernel.running(), kernel.next_deadline()), (0, None));
}

#[test]
fn cancelling_reaches_dependents_and_children_and_nobody_else() {
    let mut kernel = opened(4, Budget::REFERENCE);
    let chain = vec![
        limited("a", 0, 100),
        limited("b", 0, 100).after(["a"]),
        limited("c", 0, 100).after(["b"]),
        limited("bystander", 0, 100),
    ];
    admit(&mut kernel, 0, chain).unwrap();
    let number = |kernel: &Kernel, name: &str| {
        kernel.tasks(JOB).find(|id| kernel.spec(*id).unwrap().name == name).unwrap()
    };
    let [a, b, c, bystander] = ["a", "b", "c", "bystander"].map(|name| number(&kernel, name));
    at(&mut kernel, 0, Event::Request { task: a, tasks: vec![limited("child", 0, 100)], tokens: 0 }).unwrap();
    let child = number(&kernel, "child");
    assert_eq!((kernel.state(a), kernel.state(child)), (Some(TaskState::Parked), Some(TaskState::Running)));
    let effects = at(&mut kernel, 0, Event::Cancel { task: a, reason: "enough".to_owned() }).unwrap();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Stop(id) if *id == child)));
    assert_eq!(kernel.state(a), Some(TaskState::Cancelled));
    assert_eq!(kernel.state(child), Some(TaskState::Cancelled));
    assert_eq!(kernel.state(bystander), Some(TaskState::Running));
    // Each waiting task's cause names the task that failed first, however far away it is.
    for waiting in [b, c] {
        assert_eq!(kernel.state(waiting), Some(TaskState::Failed));
        let Some(Cause::Dependency { task, because }) = kernel.cause(waiting) else { panic!() };
        assert_eq!((&**task, &**because), ("a", "it was called off: enough"));
    }
    let again = at(&mut kernel, 0, Event::Cancel { task: a, reason: String::new() }).unwrap_err();
    assert_eq!(again, Refusal::WrongState { task: a, state: TaskState::Cancelled });
}

/// Runs jobs of every class with `tasks` tasks each on one worker. Returns the class and job of each start,
/// in order.
fn starts(jobs_per_class: u64, tasks: usize) -> Vec<(Priority, JobId)> {
    let mut kernel = kernel(1);
    let count = u32::try_from(tasks).unwrap();
    let budget = Budget { same_operation: count, runs: count, tasks: count, ..Budget::REFERENCE };
    let mut started = Vec::new();
    let mut running = None;
    let class = |job: JobId| Priority::ALL[usize::try_from(job.0 / 100).unwrap()];
    let mut watch = |effects: Vec<Effect>, running: &mut Option<TaskId>| {
        for effect in effects {
            if let Effect::Run(task) = effect {
                started.push((class(task.job), task.job));
                *running = Some(task);
            }
        }
    };
    for id in (0..3).flat_map(|class| (0..jobs_per_class).map(move |number| JobId(class * 100 + number))) {
        let spec = JobSpec { priority: class(id), ..job(id, budget.clone()) };
        at(&mut kernel, 0, Event::Open(spec)).unwrap();
        let tasks = (0..tasks).map(|number| limited(&number.to_string(), 0, 1)).collect();
        let effects = at(&mut kernel, 0, Event::Admit(Plan { job: id, tasks })).unwrap();
        watch(effects, &mut running);
    }
    while let Some(task) = running.take() {
        let effects = propose(&mut kernel, 0, task, 0).unwrap();
        watch(effects, &mut running);
    }
    started
}

#[test]
fn nobody_starves() {
    let (jobs, tasks) = (3, 20);
    let started = starts(jobs, tasks);
    assert_eq!(started.len(), 9 * tasks);
    for class in Priority::ALL {
        let others: u32 =
            Priority::ALL.iter().filter(|other| **other != class).map(|other| other.quantum()).sum();
        let mut since = 0;
        // A class waits until its last start. The first start of all came before the other jobs were there.
        let last = started.iter().rposition(|(started, _)| *started == class).unwrap();
        for (started, _) in &started[1..=last] {
            since = if *started == class { 0 } else { since + 1 };
            assert!(since <= others, "{class:?} waited for {since} starts");
        }
    }
    // Within a class jobs take turns, so no job is two starts ahead of another that waits.
    for class in Priority::ALL {
        let mut counts = std::collections::BTreeMap::new();
        for (_, job) in started[1..].iter().filter(|(started, _)| *started == class) {
            *counts.entry(*job).or_insert(0_usize) += 1;
            let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
            assert!(counts.len() < 3 || most - least <= 2, "{counts:?}");
        }
    }
}

#[derive(Clone, Debug)]
enum Move {
    Admit { tokens: u64, wall_ms: u64 },
    Propose { task: u32, tokens: u64 },
    Fail(u32),
    Cancel(u32),
    Wait(u64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (0..12_u64, 1..60_u64).prop_map(|(tokens, wall_ms)| Move::Admit { tokens, wall_ms }),
        (0..12_u32, 0..20_u64).prop_map(|(task, tokens)| Move::Propose { task, tokens }),
        (0..12_u32).prop_map(Move::Fail),
        (0..12_u32).prop_map(Move::Cancel),
        (0..40_u64).prop_map(Move::Wait),
    ];
    prop::collection::vec(one, 0..60)
}

proptest! {
    #[test]
    fn a_budget_is_never_exceeded_and_comes_back(history in moves()) {
        let whole = Budget { tasks: 10, runs: 9, same_operation: 8, tokens: 30, wall_ms: 200 };
        let mut kernel = opened(3, whole.clone());
        let (mut now, mut admitted) = (0, 0_u32);
        for (index, next) in history.iter().enumerate() {
            let event = match next {
                Move::Admit { tokens, wall_ms } => {
                    let tasks = vec![limited(&index.to_string(), *tokens, *wall_ms)];
                    Event::Admit(Plan { job: JOB, tasks })
                }
                Move::Propose { task: number, tokens } => {
                    drop(propose(&mut kernel, now, task(*number), *tokens));
                    Event::Tick
                }
                Move::Fail(number) => {
                    let cause = Cause::Executor { message: "it fell".into() };
                    Event::Failed { task: task(*number), cause }
                }
                Move::Cancel(number) => Event::Cancel { task: task(*number), reason: String::new() },
                Move::Wait(ms) => { now += ms; Event::Tick }
            };
            let is_plan = matches!(event, Event::Admit(_));
            if at(&mut kernel, now, event).is_ok() && is_plan { admitted += 1; }
            let left = left(&kernel);
            // An underflow would panic in a debug build, or leave more than the whole budget.
            prop_assert!(left.tokens <= whole.tokens && left.wall_ms <= whole.wall_ms);
            prop_assert!(left.runs <= whole.runs);
            prop_assert_eq!(left.tasks, whole.tasks - admitted);
            let states: Vec<_> = kernel.tasks(JOB).map(|id| (id, kernel.state(id).unwrap())).collect();
            let running: Vec<_> =
                states.iter().filter(|(_, state)| *state == TaskState::Running).map(|(id, _)| *id).collect();
            prop_assert_eq!(running.len(), kernel.running());
            let reserved: u64 = running.iter().map(|id| kernel.spec(*id).unwrap().limits.tokens).sum();
            prop_assert!(reserved + left.tokens <= whole.tokens);
            // No ready task waits while nothing runs.
            let ready = states.iter().any(|(_, state)| *state == TaskState::Ready);
            prop_assert!(!ready || !running.is_empty(), "{:?}", states);
        }
    }
}
