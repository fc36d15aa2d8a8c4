//! Sizes of plans and results: what is too large fails its own task, and what is admitted can be stored.

mod common;

use abi::bounds::{
    MAX_CHILDREN, MAX_DEPENDENCIES, MAX_NAME_BYTES, MAX_RECORD_BYTES, MAX_RESULT_BLOBS, MAX_RIGHTS,
    MAX_STATED_INPUTS, MAX_TEXT_BYTES, check_entry,
};
use abi::{Digest, EntryKind, JobId, Origin, Proposal, TaskId, Value};
use common::{JOB, task};
use det::{Contract, Form, Level, Schema, Validators};
use sched::{
    BlobDigests, Budget, Capability, Cause, Consulted, Effect, Event, Execution, Gate, JobSpec, Kernel,
    Limits, Millis, Operation, Plan, Record, Refusal, Registry, Rights, Size, TaskOrigin, TaskSpec,
    TaskState, Tier,
};

const BUDGET: Budget = Budget {
    tasks: Budget::MAX_TASKS,
    runs: u32::MAX,
    same_operation: u32::MAX,
    tokens: u64::MAX,
    wall_ms: u64::MAX,
};

fn registry() -> Registry {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("do", Tier::Model));
    registry.register(Operation::new("say", Tier::Model).generating());
    registry.register(Operation::new("fill", Tier::Primitive).filling("template"));
    registry
}

fn opened(workers: usize) -> Kernel {
    let mut kernel = Kernel::new(registry(), workers);
    let spec = JobSpec {
        budget: BUDGET,
        ..JobSpec::new(JOB, Contract::from_form(Form::Free), Level::None)
            .consulting(Consulted::no_memory("a test"))
    };
    step(&mut kernel, Event::Open(spec)).unwrap();
    kernel
}

fn step(kernel: &mut Kernel, event: Event) -> Result<Vec<Effect>, Refusal> {
    kernel.step(Millis(0), event)
}

fn spec(name: impl Into<String>) -> TaskSpec {
    TaskSpec::new(name, "do", Contract::from_form(Form::Free))
        .within(Limits { retries: 0, ..Limits::REFERENCE })
}

fn admit(kernel: &mut Kernel, tasks: Vec<TaskSpec>) -> Result<Vec<Effect>, Refusal> {
    step(kernel, Event::Admit(Plan { job: JOB, tasks }))
}

fn deep(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]))
}

/// The size for which a refusal was made.
fn size(refusal: Refusal) -> Size {
    assert_eq!(refusal.gate(), Gate::Plan);
    assert!(refusal.to_string().len() < 1_000, "{} bytes", refusal.to_string().len());
    let Refusal::TooLarge { excess, .. } = refusal else { panic!("{refusal}") };
    assert!(excess.found > excess.size.limit());
    excess.size
}

#[test]
fn a_part_of_a_plan_that_is_too_large_is_refused_and_the_rest_goes_on() {
    let long = |bytes: usize| "n".repeat(bytes);
    let many = |count: usize| (0..count).map(|number| number.to_string());
    let right = |name: String| Some(Rights::from([Capability(name)]));
    let rights = |count: usize| Some(many(count).map(Capability).collect::<Rights>());
    let large = Contract::checked_by(long(17 << 20));
    let cases = [
        (spec(long(MAX_NAME_BYTES + 1)), Size::NameBytes),
        (spec(long(2 << 20)), Size::NameBytes),
        (TaskSpec { operation: long(2 << 20), ..spec("a") }, Size::OperationBytes),
        (spec("a").after([long(2 << 20)]), Size::DependencyBytes),
        (spec("a").after(many(MAX_DEPENDENCIES + 1)), Size::Dependencies),
        (spec("a").after(many(40_000)), Size::Dependencies),
        (TaskSpec { rights: right(long(2 << 20)), ..spec("a") }, Size::RightBytes),
        (TaskSpec { rights: rights(MAX_RIGHTS + 1), ..spec("a") }, Size::Rights),
        (spec("a").given(Value::text(long(16 << 20))), Size::InputBytes),
        (spec("a").given(deep(65)), Size::InputDepth),
        (spec("a").given(deep(2_000_000)), Size::InputDepth),
        (TaskSpec { contract: large.into(), ..spec("a") }, Size::ContractBytes),
    ];
    let mut kernel = opened(1);
    for (case, expected) in cases {
        let refusal = admit(&mut kernel, vec![spec("other"), case]).expect_err("it is too large");
        assert_eq!(size(refusal), expected);
        assert_eq!(kernel.tasks(JOB).count(), 0);
    }
    let sound = spec(long(MAX_NAME_BYTES)).given(deep(64));
    admit(&mut kernel, vec![sound, spec("b").given(Value::text(long((16 << 20) - 5)))]).unwrap();
}

#[test]
fn a_plan_that_is_lost_on_any_path_is_dropped_whole() {
    let mut kernel = opened(1);
    let plan = |job| Event::Admit(Plan { job, tasks: vec![spec("a").given(deep(2_000_000))] });
    assert_eq!(step(&mut kernel, plan(JobId(99))).unwrap_err(), Refusal::JobNotOpen { job: JobId(99) });
    let asked = vec![spec("c").given(deep(2_000_000))];
    let refusal = step(&mut kernel, Event::Request { task: task(0), tasks: asked, tokens: 0 }).unwrap_err();
    assert_eq!(refusal, Refusal::UnknownTask { task: task(0) });
    let proposed = common::propose(&mut kernel, task(0), deep(2_000_000)).unwrap_err();
    assert_eq!(proposed, Refusal::UnknownTask { task: task(0) });
}

#[test]
fn a_job_with_too_many_capabilities_is_not_opened() {
    let mut registry = registry();
    (0..=MAX_RIGHTS).for_each(|number| registry.grant(Capability(number.to_string())));
    let mut kernel = Kernel::new(registry, 1);
    let job = || {
        JobSpec::new(JOB, Contract::from_form(Form::Free), Level::None)
            .consulting(Consulted::no_memory("a test"))
    };
    assert_eq!(size(step(&mut kernel, Event::Open(job())).unwrap_err()), Size::Rights);
    let fewer = JobSpec { rights: Some(Rights::new()), ..job() };
    step(&mut kernel, Event::Open(fewer)).unwrap();
}

#[test]
fn a_request_for_too_many_tasks_is_refused() {
    let mut kernel = opened(1);
    admit(&mut kernel, vec![spec("a")]).unwrap();
    let children = |count: usize| (0..count).map(|number| spec(number.to_string())).collect::<Vec<_>>();
    let event = |tasks| Event::Request { task: task(0), tasks, tokens: 0 };
    assert_eq!(size(step(&mut kernel, event(children(MAX_CHILDREN + 1))).unwrap_err()), Size::Children);
    step(&mut kernel, event(children(MAX_CHILDREN))).unwrap();
}

/// The cause with which a task ends whose executor returned this.
fn cause_of(change: impl FnOnce(&mut Execution)) -> Option<Size> {
    let mut execution =
        Execution::from_proposal(Proposal { value: Value::text("small"), origin: Origin::User });
    change(&mut execution);
    let mut kernel = opened(1);
    admit(&mut kernel, vec![spec("a"), spec("b")]).unwrap();
    let Execution { subject, record, inputs, tokens, .. } = execution;
    step(&mut kernel, Event::Proposed { task: task(0), subject, record, inputs, tokens }).unwrap();
    assert_eq!(kernel.state(task(1)), Some(TaskState::Running), "the other task goes on");
    match kernel.cause(task(0)) {
        Some(Cause::Oversize(excess)) => Some(excess.size),
        other => {
            assert_eq!(other, None);
            None
        }
    }
}

#[test]
fn what_comes_with_a_proposal_is_bounded_too() {
    let text = |bytes: usize| Value::text("x".repeat(bytes - 5));
    let name = |bytes: usize| Origin::RemoteModel { name: "m".repeat(bytes) };
    let digest = Digest::hash("nmk.test.v1", b"");
    assert_eq!(cause_of(|run| run.subject.value = text((16 << 20) + 1)), Some(Size::ResultBytes));
    assert_eq!(cause_of(|run| run.subject.value = deep(65)), Some(Size::ResultDepth));
    assert_eq!(cause_of(|run| run.subject.value = deep(2_000_000)), Some(Size::ResultDepth));
    assert_eq!(cause_of(|run| run.record = text(MAX_RECORD_BYTES + 1)), Some(Size::RecordBytes));
    assert_eq!(cause_of(|run| run.record = deep(63)), Some(Size::RecordDepth));
    assert_eq!(cause_of(|run| run.inputs = vec![digest; MAX_STATED_INPUTS + 1]), Some(Size::StatedInputs));
    assert_eq!(cause_of(|run| run.subject.origin = name(MAX_NAME_BYTES + 1)), Some(Size::OriginBytes));
    let page = |bytes: usize| Origin::Fetched { address: "p".repeat(bytes), digest };
    assert_eq!(cause_of(|run| run.subject.origin = page(MAX_NAME_BYTES + 1)), Some(Size::OriginBytes));
    assert_eq!(cause_of(|run| run.subject.origin = page(MAX_NAME_BYTES)), None);
    let largest = cause_of(|run| {
        run.subject = Proposal { value: text(16 << 20), origin: name(MAX_NAME_BYTES) };
        run.record = text(MAX_RECORD_BYTES);
        run.inputs = vec![digest; MAX_STATED_INPUTS];
    });
    assert_eq!(largest, None);
}

/// Every record of a kernel fits into an entry, with the most blobs that one can have.
fn storable(effects: &[Effect]) {
    let digest = Digest::hash("nmk.test.v1", b"");
    for effect in effects {
        if let Effect::Record(record) = effect {
            let is_opening = matches!(record, Record::Opened { .. });
            let blobs = BlobDigests {
                contract: Some(digest),
                subject: (!is_opening).then_some(digest),
                consulted: is_opening.then_some(digest),
                others: vec![digest; MAX_RESULT_BLOBS],
            };
            let entry = record.clone().into_entry(&blobs);
            assert_eq!(check_entry(&entry), Ok(()), "{:?}", entry.kind);
        }
    }
}

#[test]
fn the_largest_records_of_every_kind_fit_into_an_entry() {
    let long = |bytes: usize| "n".repeat(bytes);
    let mut registry = registry();
    (0..MAX_RIGHTS)
        .for_each(|number| registry.grant(Capability(format!("{number:0>width$}", width = MAX_NAME_BYTES))));
    let operation = long(MAX_NAME_BYTES);
    registry.register(Operation::new(operation.as_str(), Tier::Model));
    let mut kernel = Kernel::new(registry, usize::MAX);
    let schema = Schema::parse(r#"{"type":"object","additionalProperties":false}"#).unwrap();
    let contract = Contract::from_form(Form::Json).with_schema(schema).unwrap();
    let job = JobSpec {
        budget: BUDGET,
        ..JobSpec::new(JOB, contract.clone(), Level::Schema)
            .consulting(Consulted::no_memory(&long(MAX_TEXT_BYTES + 1)))
    };
    storable(&step(&mut kernel, Event::Open(job)).unwrap());
    let name = |number: usize| format!("{number:0>width$}", width = MAX_NAME_BYTES);
    let free = || Contract::from_form(Form::Free);
    let task_of =
        |number: usize| TaskSpec { operation: operation.clone(), ..TaskSpec::new(name(number), "", free()) };
    let before: Vec<TaskSpec> = (0..MAX_DEPENDENCIES).map(task_of).collect();
    storable(&admit(&mut kernel, before).unwrap());
    for number in 0..MAX_DEPENDENCIES {
        common::respond(&mut kernel, task(u32::try_from(number).unwrap()), Value::text("done"));
    }
    let limits = Limits { retries: 3, ..Limits::REFERENCE };
    let answer = TaskSpec { contract: contract.clone().into(), ..task_of(999_999) };
    let answer = answer.answering().after((0..MAX_DEPENDENCIES).map(name)).within(limits);
    storable(&admit(&mut kernel, vec![answer]).unwrap());
    let asking = TaskId { job: JOB, number: u32::try_from(MAX_DEPENDENCIES).unwrap() };
    let children: Vec<TaskSpec> = (0..MAX_CHILDREN).map(|child| task_of(child + 1_000_000)).collect();
    storable(&step(&mut kernel, Event::Request { task: asking, tasks: children, tokens: 0 }).unwrap());
    for child in 1..=u32::try_from(MAX_CHILDREN).unwrap() {
        common::respond(&mut kernel, TaskId { number: asking.number + child, ..asking }, Value::text("done"));
    }
    // The finding quotes a key of 1.2 MB.
    let wrong = Value::Text(format!("{{\"{}\": 1}}", "k".repeat(1_200_000)));
    let subject = Proposal { value: wrong, origin: Origin::RemoteModel { name: long(MAX_NAME_BYTES) } };
    let (record, inputs) =
        (Value::text(long(MAX_RECORD_BYTES - 5)), vec![Digest::hash("nmk.test.v1", b""); MAX_STATED_INPUTS]);
    let proposed =
        step(&mut kernel, Event::Proposed { task: asking, subject, record, inputs, tokens: 0 }).unwrap();
    storable(&proposed);
    let (subject, inputs) = proposed
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Judge { subject, inputs, .. } => Some((subject, inputs)),
            _ => None,
        })
        .expect("it is to be judged");
    let judged = subject.judge(&Validators::builtin(), asking, &contract, inputs).unwrap();
    let effects = step(&mut kernel, Event::Judged { task: asking, judged }).unwrap();
    storable(&effects);
    // The repair has a longer name, and is admitted all the same.
    assert_eq!(kernel.state(asking), Some(TaskState::Repairing));
    let repair = kernel.tasks(JOB).last().unwrap();
    assert!(kernel.spec(repair).unwrap().name.len() > MAX_NAME_BYTES);
    let message: std::sync::Arc<str> = "e".repeat(2 << 20).into();
    storable(&step(&mut kernel, Event::Failed { task: repair, cause: Cause::Executor { message } }).unwrap());
    storable(&step(&mut kernel, Event::Abstain { job: JOB, reason: long(2 << 20) }).unwrap());
}

#[test]
fn causes_are_cut_and_say_so() {
    type Make = fn(std::sync::Arc<str>) -> Cause;
    let causes: [Make; 2] = [|message| Cause::Executor { message }, |message| Cause::Panicked { message }];
    for make in causes {
        let mut kernel = opened(1);
        admit(&mut kernel, vec![spec("a"), spec("b").after(["a"]), spec("c").after(["b"])]).unwrap();
        let effects =
            step(&mut kernel, Event::Failed { task: task(0), cause: make("é".repeat(1 << 20).into()) })
                .unwrap();
        storable(&effects);
        for number in 0..3 {
            let text = kernel.cause(task(number)).unwrap().to_string();
            assert!(text.len() <= MAX_TEXT_BYTES + 3 * MAX_NAME_BYTES, "{}", text.len());
            assert!(text.contains("bytes in all]"), "{}", &text[text.len() - 60..]);
        }
    }
    let mut kernel = opened(1);
    admit(&mut kernel, vec![spec("a")]).unwrap();
    let reason = "r".repeat(2 << 20);
    storable(&step(&mut kernel, Event::Cancel { task: task(0), reason: reason.clone() }).unwrap());
    let abstained = Record::Abstained { job: JOB, reason, at: None }.into_entry(&BlobDigests::default());
    assert_eq!((abstained.kind, check_entry(&abstained)), (EntryKind::Abstained, Ok(())));
}

#[test]
fn the_refusal_of_a_large_cycle_is_short() {
    let mut kernel = opened(1);
    let count = 131_000;
    let task_of = |number: usize| spec(format!("t{number}")).after([format!("t{}", (number + 1) % count)]);
    let refusal = admit(&mut kernel, (0..count).map(task_of).collect()).unwrap_err();
    let Refusal::Cycle { tasks } = &refusal else { panic!("{refusal}") };
    assert_eq!(tasks.len(), count);
    let text = refusal.to_string();
    assert!(text.len() < 2_000 && text.ends_with("and 130992 more"), "{text}");
}

#[test]
fn a_chain_of_the_most_tasks_runs_to_its_end_on_a_flat_stack() {
    let count = Budget::MAX_TASKS as usize;
    let task_of = |number: usize| match number {
        0 => spec("t0"),
        _ => spec(format!("t{number}")).after([format!("t{}", number - 1)]),
    };
    // Given in the order in which nothing can start before the last one is read.
    let tasks: Vec<TaskSpec> = (0..count).rev().map(task_of).collect();
    let mut kernel = opened(4);
    admit(&mut kernel, tasks.clone()).unwrap();
    step(&mut kernel, Event::Cancel { task: task(0), reason: "enough".to_owned() }).unwrap();
    let last = TaskId { job: JOB, number: Budget::MAX_TASKS - 1 };
    assert_eq!(kernel.state(last), Some(TaskState::Failed));
    let Some(Cause::Dependency { task: first, .. }) = kernel.cause(last) else { panic!() };
    assert_eq!(first.as_ref(), "t0");
    let mut kernel = opened(4);
    admit(&mut kernel, tasks).unwrap();
    step(&mut kernel, Event::Abstain { job: JOB, reason: "enough".to_owned() }).unwrap();
    assert_eq!(kernel.state(last), Some(TaskState::Cancelled));
}

#[test]
fn a_generation_without_tokens_is_refused() {
    let say = |tokens| {
        TaskSpec { operation: "say".to_owned(), ..spec("a") }.within(Limits { tokens, ..Limits::REFERENCE })
    };
    let mut kernel = opened(1);
    let refusal = admit(&mut kernel, vec![say(0)]).unwrap_err();
    assert_eq!((refusal.gate(), &refusal), (Gate::Budget, &Refusal::NoTokens { task: "a".to_owned() }));
    admit(&mut kernel, vec![say(1)]).unwrap();
    // A job that may spend none admits none, whatever the task may.
    let mut kernel = Kernel::new(registry(), 1);
    let none = Budget { tokens: 0, ..BUDGET };
    let job = JobSpec {
        budget: none,
        ..JobSpec::new(JOB, Contract::from_form(Form::Free), Level::None)
            .consulting(Consulted::no_memory("a test"))
    };
    step(&mut kernel, Event::Open(job)).unwrap();
    for tokens in [0, 1, 1_000] {
        assert_eq!(admit(&mut kernel, vec![say(tokens)]).unwrap_err().gate(), Gate::Budget);
    }
}

#[test]
fn what_a_failed_run_spent_is_in_its_record() {
    let mut kernel = opened(2);
    let limits = Limits { tokens: 9, wall_ms: 100, retries: 0 };
    admit(&mut kernel, vec![spec("a").within(limits), spec("b").within(limits), spec("c").after(["a"])])
        .unwrap();
    let spent = |effects: &[Effect]| -> Vec<Option<u64>> {
        let failed = effects.iter().filter_map(|effect| match effect {
            Effect::Record(Record::Failed { spent, .. }) => Some(spent.map(|spent| spent.tokens)),
            _ => None,
        });
        failed.collect()
    };
    let cause = Cause::Executor { message: "it fell".into() };
    let effects = step(&mut kernel, Event::Failed { task: task(0), cause }).unwrap();
    // The run that failed is charged for all it reserved; the task that never ran has spent nothing.
    assert_eq!(spent(&effects), [Some(9), None]);
    let effects = kernel.step(Millis(100), Event::Tick).unwrap();
    assert_eq!(spent(&effects), [Some(9)]);
}

#[test]
fn placeholders_name_tasks_that_are_waited_for() {
    let fill = |template: &str| {
        TaskSpec { operation: "fill".to_owned(), ..spec("f") }
            .given(Value::map([("template", Value::text(template)), ("prompt", Value::text("{any}"))]))
    };
    let mut kernel = opened(1);
    admit(&mut kernel, vec![spec("a")]).unwrap();
    for template in ["{b}", "{a} {b}", "{f}", "{a}"] {
        let refusal = admit(&mut kernel, vec![fill(template)]).unwrap_err();
        assert_eq!(refusal.gate(), Gate::Plan);
        assert!(matches!(refusal, Refusal::UnknownPlaceholder { .. }), "{refusal}");
    }
    admit(&mut kernel, vec![fill("{a} {{b}} {\"json\": {}}").after(["a"])]).unwrap();
    assert_eq!(kernel.asker(task(1)), Some(TaskOrigin::Owner));
}
