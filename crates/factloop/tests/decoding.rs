//! The rule of decoding in the input of a generation reaches the model, and the record has it.

mod common;

use std::sync::Arc;

use abi::{Decoding, EntryKind, GenerationRecord, JobId, Value};
use common::{Memory, Script};
use det::{Contract, Form, Level};
use factloop::operations::{DECODING, DRAFT, Notice, OperationExecutor, PROMPT, registry};
use sched::{
    Budget, Cause, Consulted, Driver, Inline, JobSpec, Kernel, Limits, Plan, StoppedClock, TaskSpec,
};

const JOB: JobId = JobId(1);

/// The rules that the model was asked for, those in the records, and the cause of the end of the task if it failed.
struct Ran {
    asked: Vec<Decoding>,
    recorded: Vec<Decoding>,
    cause: Option<String>,
}

/// Runs one generation whose input states `decoding`.
fn run(decoding: Option<Value>) -> Ran {
    let (mut script, mut memory) = (Script::new(&["one", "two"]), Memory::default());
    let executor = OperationExecutor { proposer: &mut script, max_new: 100, notify: |_: Notice<'_>| {} };
    let mut driver =
        Driver::new(Kernel::new(registry(), 1), Inline::new(executor), &mut memory, StoppedClock);
    let contract: Arc<Contract> = Contract::from_form(Form::Text).into();
    let budget = Budget { tokens: 1_000, ..Budget::REFERENCE };
    driver
        .open(JobSpec {
            budget,
            ..JobSpec::new(JOB, Contract::from_form(Form::Free), Level::None)
                .consulting(Consulted::no_memory("a test"))
        })
        .unwrap();
    let input = [(PROMPT, Value::text("x"))].into_iter().chain(decoding.map(|rule| (DECODING, rule)));
    let task = TaskSpec::new("a", DRAFT, contract).given(Value::map(input)).within(Limits {
        tokens: 100,
        retries: 0,
        ..Limits::REFERENCE
    });
    driver.drive(Plan { job: JOB, tasks: vec![task] }).unwrap();
    driver.sync(&mut Vec::new()).unwrap();
    let id = driver.kernel().tasks(JOB).next().unwrap();
    let cause = driver.kernel().cause(id).map(Cause::to_string);
    drop(driver);
    let proposed = memory.entries.iter().filter(|entry| entry.kind == EntryKind::Proposed);
    let recorded = proposed
        .map(|entry| GenerationRecord::from_value(entry.body.get("record").unwrap()).unwrap().decoding);
    Ran { asked: script.decodings, recorded: recorded.collect(), cause }
}

#[test]
fn a_rule_reaches_the_model_and_the_record() {
    let sampled = Decoding::Sampled { temperature_ppm: 800_000, seed: 301 };
    let stated = Value::map([("temperature_ppm", Value::Int(800_000)), ("seed", Value::Int(301))]);
    let table =
        [(None, Decoding::Greedy), (Some(Value::text("greedy")), Decoding::Greedy), (Some(stated), sampled)];
    for (stated, expected) in table {
        let ran = run(stated);
        assert_eq!((ran.asked, ran.recorded, ran.cause), (vec![expected], vec![expected], None));
    }
}

#[test]
fn a_wrong_rule_is_refused_before_the_model_is_asked() {
    let rule = |fields: &[(&'static str, i64)]| {
        Value::map(fields.iter().map(|(key, value)| (*key, Value::Int(*value))))
    };
    let table = [
        (Value::Null, "decoding must be a map"),
        (Value::text("hot"), "the word \"hot\" under decoding"),
        (rule(&[("seed", 1)]), "decoding.temperature_ppm is missing"),
        (rule(&[("temperature_ppm", 1)]), "decoding.seed is missing"),
        (rule(&[("temperature_ppm", 0), ("seed", 1)]), "decoding.temperature_ppm must be an integer from 1"),
        (rule(&[("temperature_ppm", 2_000_001), ("seed", 1)]), "must be an integer from 1 to 2000000"),
        (rule(&[("temperature_ppm", 1), ("seed", 1), ("top_k", 4)]), "decoding.top_k is not known"),
    ];
    for (stated, words) in table {
        let ran = run(Some(stated));
        let cause = ran.cause.expect("a cause");
        assert!(
            cause.contains(words) && cause.contains("write `greedy`, or temperature_ppm and seed"),
            "{cause}"
        );
        assert_eq!((ran.asked, ran.recorded), (vec![], vec![]));
    }
}
