//! Tools: the demands of registration, handlers that misbehave, and the results of the built-in tools.

use std::sync::Arc;

use abi::{JobId, Value};
use det::{Contract, Form, Level, Schema, Validators};
use sched::{
    Consulted, DriveOutcome, Event, Executor, Gate, Inline, JobSpec, Kernel, Limits, Millis, Outcome, Plan,
    Refusal, Registry, StoppedClock, TaskSpec, Work,
};
use tools::{Load, Memory, Space, Tool, ToolError, Toolbox, World, datetime, sysinfo};

struct Fixed(bool);

impl World for Fixed {
    fn since_epoch(&self) -> Option<i128> {
        self.0.then_some(1_700_000_000_123_456_789)
    }

    fn zone(&self) -> Option<String> {
        Some("UTC".to_owned())
    }

    fn system(&self) -> (Option<String>, Option<String>) {
        if self.0 { (Some("Linux".to_owned()), Some("6.1".to_owned())) } else { (None, None) }
    }

    fn machine(&self) -> Option<String> {
        self.0.then(|| "x86_64".to_owned())
    }

    fn cores(&self) -> Option<u32> {
        self.0.then_some(2)
    }

    fn memory(&self) -> Option<Memory> {
        self.0.then_some(Memory { total: 8, available: 4 })
    }

    fn load(&self) -> Option<Load> {
        self.0.then_some(Load([0.5, 0.25, f64::NAN]))
    }

    fn space(&self) -> Option<Space> {
        self.0.then_some(Space { total: 100, free: 10 })
    }
}

fn schema(text: &str) -> Schema {
    Schema::parse(text).unwrap()
}

fn misbehaving() -> Tool {
    let takes = schema(r#"{"required": ["how"]}"#);
    let returns = schema(r#"{"type": "object", "required": ["done"]}"#);
    let handler = |arguments: &Value| match arguments.get("how") {
        Some(Value::Text(how)) if how == "panic" => panic!("on purpose"),
        Some(Value::Text(how)) if how == "fail" => Err(ToolError::Failed { message: "it fell".to_owned() }),
        Some(Value::Text(how)) if how == "lie" => Ok(Value::map([("error", Value::text("none"))])),
        _ => Ok(Value::map([("done", Value::Bool(true))])),
    };
    Tool::new("act", "misbehaves as told", takes, returns, handler).unwrap()
}

#[test]
fn the_built_in_tools_say_what_their_contracts_promise() {
    for known in [true, false] {
        let world: Arc<dyn World> = Arc::new(Fixed(known));
        let (clock, machine) = (datetime(Arc::clone(&world)).unwrap(), sysinfo(world).unwrap());
        let none = Value::map::<String>([]);
        let result = machine.call(&none).unwrap();
        machine.contract().schema().unwrap().check(&result).unwrap();
        let host = result.get("host").unwrap();
        assert!(host.get("disk").is_some() && host.get("hostname").is_none());
        assert!(result.get("scheduler").is_none());
        match clock.call(&none) {
            Ok(time) => {
                clock.contract().schema().unwrap().check(&time).unwrap();
                let shown = |key: &str| match time.get(key) {
                    Some(Value::Text(text)) => text.clone(),
                    other => format!("{other:?}"),
                };
                assert_eq!(shown("utc"), "2023-11-14T22:13:20+00:00");
                assert_eq!((shown("weekday"), shown("zone")), ("Tuesday".to_owned(), "UTC".to_owned()));
            }
            Err(error) => assert!(!known && error.to_string().contains("not set"), "{error}"),
        }
        assert!(matches!(
            clock.call(&Value::map([("facet", Value::Null)])),
            Err(ToolError::Arguments { .. })
        ));
    }
}

#[test]
fn whatever_a_handler_does_is_a_value() {
    let tool = misbehaving();
    let call = |how: &str| tool.call(&Value::map([("how", Value::text(how))]));
    assert!(matches!(call("panic"), Err(ToolError::Panicked { message, .. }) if message == "on purpose"));
    assert!(matches!(call("fail"), Err(ToolError::Failed { .. })));
    assert!(call("well").is_ok());
    assert!(matches!(tool.call(&Value::map::<String>([])), Err(ToolError::Arguments { .. })));
}

fn toolbox() -> Toolbox {
    let mut toolbox = Toolbox::default();
    toolbox.add(misbehaving());
    toolbox
}

/// Returns a kernel with the tool registered, and its capability granted if `granted` is true.
fn kernel(granted: bool) -> Kernel {
    let mut registry = Registry::new(Validators::builtin());
    toolbox().register(&mut registry);
    if granted {
        registry.grant(misbehaving().capability().clone());
    }
    Kernel::new(registry, 1)
}

fn job() -> JobSpec {
    JobSpec::new(JobId(1), misbehaving().contract().clone(), Level::Schema)
        .consulting(Consulted::no_memory("a test"))
}

fn task() -> TaskSpec {
    TaskSpec::new("act", "tool.act", misbehaving().contract().clone())
}

#[test]
fn registration_owns_the_gates() {
    let admit = |granted, task: TaskSpec| {
        let mut kernel = kernel(granted);
        kernel.step(Millis(0), Event::Open(job())).unwrap();
        kernel.step(Millis(0), Event::Admit(Plan { job: JobId(1), tasks: vec![task] })).map(drop)
    };
    assert_eq!(admit(true, task()), Ok(()));
    let refused = admit(false, task()).unwrap_err();
    assert_eq!(refused.gate(), Gate::Capability);
    assert!(refused.to_string().contains("op:act; grant it"), "{refused}");
    let over = TaskSpec { at_least: Level::Oracle, ..task() };
    assert!(matches!(admit(true, over), Err(Refusal::LevelOutOfReach { ceiling: Level::Schema, .. })));
    let lax = TaskSpec { contract: Arc::new(Contract::from_form(Form::Free)), ..task() };
    assert!(matches!(admit(true, lax), Err(Refusal::OperationContract { .. })));
}

struct ToolExecutor(Toolbox);

impl Executor for ToolExecutor {
    type Error = ToolError;

    fn run(&mut self, work: &Work) -> Result<Outcome, ToolError> {
        self.0.run(work)
    }
}

/// A journal that stores nothing, because these tests need no history.
struct NullJournal(u64);

impl abi::Journal for NullJournal {
    type Error = std::convert::Infallible;

    fn append<B: abi::Body>(&mut self, entries: &[abi::Entry<B>]) -> Result<Vec<abi::Receipt>, Self::Error> {
        let digest = abi::Digest::hash("nmk.test.v1", b"");
        let receipts = entries.iter().map(|_| {
            self.0 += 1;
            abi::Receipt { index: self.0 - 1, entry: digest, head: digest }
        });
        Ok(receipts.collect())
    }

    fn refused_entry(_: &Self::Error) -> Option<usize> {
        None
    }

    fn store_blob(&mut self, bytes: &[u8]) -> Result<abi::Digest, Self::Error> {
        Ok(abi::Digest::hash_blob(bytes))
    }
}

#[test]
fn a_result_is_committed_at_schema_or_not_at_all() {
    for (how, committed) in [("well", true), ("lie", false), ("fail", false), ("panic", false)] {
        let mut journal = NullJournal(0);
        let pool = Inline::new(ToolExecutor(toolbox()));
        let mut driver = sched::Driver::new(kernel(true), pool, &mut journal, StoppedClock);
        driver.open(job()).unwrap();
        let arguments = Value::map([("how", Value::text(how))]);
        let limits = Limits { retries: 0, ..Limits::REFERENCE };
        let task = task().answering().given(Value::map([("arguments", arguments)])).within(limits);
        match driver.drive(Plan { job: JobId(1), tasks: vec![task] }).unwrap() {
            DriveOutcome::Committed(value, _) => {
                assert!(committed, "{how}");
                assert_eq!(value.level(), Level::Schema);
            }
            DriveOutcome::Idle { .. } => assert!(!committed, "{how}"),
        }
    }
}

#[test]
fn results_of_other_tasks_stand_in_arguments() {
    let takes = Schema::parse(r#"{"type": "array"}"#).unwrap();
    let echo = Tool::new("echo", "its arguments", takes, Schema::parse("{}").unwrap(), |arguments| {
        Ok(arguments.clone())
    });
    let mut toolbox = Toolbox::default();
    toolbox.add(echo.unwrap().run_as("prim.echo", sched::Capability("prim:echo".to_owned())));
    let tool = toolbox.find("prim.echo").unwrap();
    let registry = || {
        let mut registry = Registry::new(Validators::builtin());
        toolbox.register(&mut registry);
        registry.grant(tool.capability().clone());
        registry
    };
    let task = |name: &str, arguments: &str, after: &[&str]| {
        let arguments = det::parse_json(arguments).unwrap();
        let given = Value::map([("arguments", arguments)]);
        let task = TaskSpec::new(name, "prim.echo", tool.contract().clone()).given(given);
        TaskSpec { after: after.iter().map(|name| (*name).to_owned()).collect(), ..task }
    };
    let run = |arguments: &str| {
        let first = task("a.b", r#"[{"c": [5, "{a.b}"]}, "{later}"]"#, &[]);
        let second = task("later", arguments, &["a.b"]).answering();
        let mut journal = NullJournal(0);
        let pool = Inline::new(ToolExecutor(toolbox.clone()));
        let kernel = Kernel::new(registry(), 1);
        let mut driver = sched::Driver::new(kernel, pool, &mut journal, StoppedClock);
        driver
            .open(
                JobSpec::new(JobId(1), tool.contract().clone(), Level::Schema)
                    .consulting(Consulted::no_memory("a test")),
            )
            .unwrap();
        match driver.drive(Plan { job: JobId(1), tasks: vec![first, second] }).unwrap() {
            DriveOutcome::Committed(value, _) => Some(abi::encode(value.value())),
            DriveOutcome::Idle { .. } => None,
        }
    };
    let json = |text: &str| Some(abi::encode(&det::parse_json(text).unwrap()));
    // A result is not read for placeholders again, and a text that names no task that was waited for is a text.
    assert_eq!(run(r#"["{a.b}"]"#), json(r#"[[{"c": [5, "{a.b}"]}, "{later}"]]"#));
    assert_eq!(run(r#"[["{a.b.0.c.0}"], "{a.b.1}"]"#), json(r#"[[5], "{later}"]"#));
    assert_eq!(
        run(r#"["{later}", "{a}", "x{a.b}", "{}", "{a.b.}"]"#),
        json(r#"["{later}", "{a}", "x{a.b}", "{}", "{a.b.}"]"#)
    );
    for missing in ["{a.b.7}", "{a.b.x}", "{a.b.0.c.0.d}", "{a.b.-1}"] {
        assert_eq!(run(&format!(r#"["{missing}"]"#)), None, "{missing}");
    }
}

/// Runs `sysinfo` as the answer of a job that has another task with a private name.
fn seen(arguments: &[(&str, Value)]) -> String {
    let world: Arc<dyn World> = Arc::new(Fixed(true));
    let tool = sysinfo(world).unwrap();
    let mut toolbox = Toolbox::default();
    toolbox.add(tool.clone());
    let mut registry = Registry::new(Validators::builtin());
    toolbox.register(&mut registry);
    registry.grant(tool.capability().clone());
    let mut journal = NullJournal(0);
    let pool = Inline::new(ToolExecutor(toolbox));
    let mut driver = sched::Driver::new(Kernel::new(registry, 1), pool, &mut journal, StoppedClock);
    driver
        .open(
            JobSpec::new(JobId(1), tool.contract().clone(), Level::Schema)
                .consulting(Consulted::no_memory("a test")),
        )
        .unwrap();
    driver
        .open(
            JobSpec::new(JobId(2), Contract::from_form(Form::Text), Level::None)
                .consulting(Consulted::no_memory("a test")),
        )
        .unwrap();
    let arguments = Value::map(arguments.iter().map(|(key, value)| (*key, value.clone())));
    let given = Value::map([("arguments", arguments), ("prompt", Value::text("a secret prompt"))]);
    let look = TaskSpec::new("look", "tool.sysinfo", tool.contract().clone()).answering().given(given);
    let later = TaskSpec::new("rob the bank", "tool.sysinfo", tool.contract().clone()).after(["look"]);
    match driver.drive(Plan { job: JobId(1), tasks: vec![look, later] }).unwrap() {
        DriveOutcome::Committed(value, _) => format!("{:?}", value.value()),
        DriveOutcome::Idle { unmet, .. } => panic!("it was not committed: {unmet:?}"),
    }
}

#[test]
fn the_scheduler_is_seen_and_what_it_is_about_is_withheld() {
    let text = |word: &str| Value::text(word);
    let host = seen(&[]);
    assert!(host.contains("Linux") && !host.contains("scheduler"), "{host}");
    for facet in ["scheduler", "all"] {
        let result = seen(&[("facet", text(facet))]);
        for part in ["slots", "running", "waiting", "job-0000000000000001", "op:sysinfo", "wall_ms"] {
            assert!(result.contains(part), "{facet} tells no {part}: {result}");
        }
        for secret in ["rob the bank", "secret", "tool.sysinfo", "job-0000000000000002"] {
            assert!(!result.contains(secret), "{facet} tells {secret}: {result}");
        }
        assert_eq!(result.contains("Linux"), facet == "all");
    }
    let result = seen(&[("facet", text("scheduler")), ("content", Value::Bool(true))]);
    assert!(result.contains("rob the bank") && result.contains("tool.sysinfo"), "{result}");
    assert!(!result.contains("secret") && !result.contains("job-0000000000000002"), "{result}");
}

#[test]
fn a_tool_that_nobody_schedules_sees_no_scheduler() {
    let tool = sysinfo(Arc::new(Fixed(true))).unwrap();
    let result = tool.call(&Value::map([("facet", Value::text("scheduler"))])).unwrap();
    assert!(matches!(result.get("scheduler"), Some(Value::Null)));
    for (key, value) in
        [("facet", Value::text("everything")), ("content", Value::Int(1)), ("more", Value::Null)]
    {
        assert!(matches!(tool.call(&Value::map([(key, value)])), Err(ToolError::Arguments { .. })));
    }
}

#[test]
fn arguments_of_any_depth_are_refused_and_not_followed() {
    let deep = (0..500_000).fold(Value::Null, |inner, _| Value::map([("a", inner)]));
    for tool in toolbox().tools() {
        assert!(matches!(tool.call(&deep), Err(ToolError::Arguments { .. })), "{}", tool.name());
    }
}
