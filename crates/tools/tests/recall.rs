//! The tools of the memory: each action needs its capability, and a wrong one is named.

use std::sync::{Arc, Mutex};

use abi::{JobId, Value};
use det::{Level, Validators};
use sched::{Consulted, Event, Gate, JobSpec, Kernel, Limits, Millis, Plan, Refusal, Registry, TaskSpec};
use tools::{Recall, RecallRefusal, Tool, Toolbox, memory, memory_write};

/// A tool, its arguments, and what is wanted of it.
type Case<'a> = (&'a Tool, &'a [(&'a str, &'a str)], &'a str);

/// A memory that notes what it is asked for.
#[derive(Default)]
struct Noting(Mutex<Vec<String>>);

impl Noting {
    fn note(&self, what: String) -> Result<Value, RecallRefusal> {
        self.0.lock().unwrap().push(what.clone());
        match what.contains("full") {
            true => Err(RecallRefusal::Store { message: "the disk is full".to_owned() }),
            false => Ok(Value::text(what)),
        }
    }
}

impl Recall for Noting {
    fn consult(&self, request: &str, tokens: u64) -> Result<Value, RecallRefusal> {
        self.note(format!("consult {request} {tokens}"))
    }
    fn get(&self, key: &str) -> Result<Value, RecallRefusal> {
        self.note(format!("get {key}"))
    }
    fn list(&self) -> Result<Value, RecallRefusal> {
        self.note("list".to_owned())
    }
    fn stats(&self) -> Result<Value, RecallRefusal> {
        self.note("stats".to_owned())
    }
    fn put(&self, key: &str, kind: &str, value: &Value) -> Result<Value, RecallRefusal> {
        self.note(format!("put {key} {kind} {}", value.as_text().unwrap_or_default()))
    }
    fn delete(&self, key: &str) -> Result<Value, RecallRefusal> {
        self.note(format!("delete {key}"))
    }
}

fn both(noting: &Arc<Noting>) -> (Tool, Tool) {
    let recall: Arc<dyn Recall> = Arc::clone(noting) as Arc<dyn Recall>;
    (memory(Arc::clone(&recall)).unwrap(), memory_write(recall).unwrap())
}

fn arguments<'a>(parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    Value::map(parts.into_iter().map(|(name, text)| (name, Value::text(text))).collect::<Vec<_>>())
}

#[test]
fn every_action_reaches_the_memory_and_its_results_are_marked() {
    let noting = Arc::default();
    let (read, write) = both(&noting);
    let cases: [Case<'_>; 6] = [
        (&read, &[("action", "consult"), ("request", "r")], "consult r 1000"),
        (&read, &[("action", "get"), ("key", "k")], "get k"),
        (&read, &[("action", "list")], "list"),
        (&read, &[("action", "stats")], "stats"),
        (&write, &[("action", "put"), ("key", "k"), ("value", "v")], "put k note v"),
        (&write, &[("action", "delete"), ("key", "k")], "delete k"),
    ];
    for (tool, stated, wanted) in cases {
        let result = tool.call(&arguments(stated.iter().copied())).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(result.get("trust").and_then(Value::as_text), Some("untrusted"));
        assert_eq!(result.get("found").and_then(Value::as_text), Some(wanted));
    }
}

#[test]
fn a_wrong_action_and_a_missing_argument_are_named() {
    let noting = Arc::default();
    let (read, write) = both(&noting);
    let cases: [Case<'_>; 7] = [
        (&read, &[("action", "forget")], "there is no action forget"),
        (&write, &[("action", "")], "there is no action"),
        (&read, &[("action", "put"), ("key", "k")], "needs the capability op:memory_write"),
        (&write, &[("action", "get"), ("key", "k")], "needs the capability op:memory"),
        (&read, &[("action", "get")], "get needs `key`"),
        (&write, &[("action", "put"), ("key", "k")], "put needs `value`"),
        (&read, &[("action", "get"), ("key", "full")], "the disk is full"),
    ];
    for (tool, stated, wanted) in cases {
        let error = tool.call(&arguments(stated.iter().copied())).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
    assert_eq!(*noting.0.lock().unwrap(), ["get full"], "a refused action reaches no memory");
}

#[test]
fn each_tool_needs_its_own_capability_and_reaches_schema_at_most() {
    let noting = Arc::default();
    let (read, write) = both(&noting);
    let admit = |granted: &[&Tool], tool: &Tool, level: Level| {
        let mut toolbox = Toolbox::default();
        [&read, &write].into_iter().for_each(|tool| toolbox.add(tool.clone()));
        let mut registry = Registry::new(Validators::builtin());
        toolbox.register(&mut registry);
        granted.iter().for_each(|tool| registry.grant(tool.capability().clone()));
        let mut kernel = Kernel::new(registry, 1);
        let job = JobSpec::new(JobId(1), tool.contract().clone(), Level::Schema);
        kernel.step(Millis(0), Event::Open(job.consulting(Consulted::no_memory("a test")))).unwrap();
        let limits = Limits { retries: 0, ..Limits::REFERENCE };
        let task =
            TaskSpec::new("look", tool.operation(), tool.contract().clone()).answering().within(limits);
        let tasks = vec![TaskSpec { at_least: level, ..task }];
        kernel.step(Millis(0), Event::Admit(Plan { job: JobId(1), tasks })).map(drop)
    };
    for (tool, other) in [(&read, &write), (&write, &read)] {
        let refused = admit(&[other], tool, Level::Schema).unwrap_err();
        assert_eq!(refused.gate(), Gate::Capability, "{refused}");
        assert_eq!(admit(&[tool], tool, Level::Schema), Ok(()));
        let over = admit(&[tool], tool, Level::Property).unwrap_err();
        assert!(matches!(over, Refusal::LevelOutOfReach { ceiling: Level::Schema, .. }), "{over}");
    }
}
