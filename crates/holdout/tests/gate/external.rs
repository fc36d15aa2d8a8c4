//! Candidates that a program of another kind runs, over lines of JSON.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use abi::Value;
use holdout::{Driver, Experiment, External, Laboratory, Options, Program, Report};
use sandbox::{Fault, Signature};

use crate::Test;
use crate::common::{Fixed, Root, outcome, spec};

pub(crate) const TESTS: &[Test] = &[
    ("an_external_program_runs_candidates", an_external_program_runs_candidates),
    ("an_external_program_is_not_believed", an_external_program_is_not_believed),
];

/// A runner of a small language: the candidate is one word, which names a function.
const RUNNER: &str = r#"
import json, sys, math, time
known = {"gcd": math.gcd, "least": min, "none": lambda a, b: None, "echo": lambda a: a}
chosen = None
for line in sys.stdin:
    request = json.loads(line)
    if "load" in request:
        chosen = known.get(request["load"].strip())
        print(json.dumps({"loaded": chosen is not None}), flush=True)
    else:
        try:
            print(json.dumps({"value": chosen(*request["call"])}), flush=True)
        except Exception as error:
            print(json.dumps({"error": str(error)}), flush=True)
"#;

fn runner(source: &str, within: Duration) -> External {
    External::new("python3", ["-c".to_owned(), source.to_owned()], "0.1", within, clock)
}

fn clock() -> Duration {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    BEGAN.get_or_init(Instant::now).elapsed()
}

fn examined(candidate: &str) -> Report {
    let spec = spec(
        r#"{"entry": "gcd", "args": [{"type": "int", "min": 0}, {"type": "int", "min": 0}], "returns": "int",
            "samples": [{"args": [12, 18], "returns": 6}], "oracle": {"builtin": "gcd"}, "exam": {"n": 60}}"#,
    );
    let driver = runner(RUNNER, Duration::from_secs(5));
    let laboratory = Laboratory { candidate: &driver, helper: None };
    let experiment = Experiment::new(&spec, candidate, laboratory, Options::default(), Fixed(1));
    experiment.run(&Root).expect("a verdict")
}

fn an_external_program_runs_candidates() {
    let right = examined("gcd");
    assert_eq!(outcome(&right), "admitted", "{:?}", right.refusal);
    let executor = right.executor.expect("an executor");
    assert_eq!((executor.name, executor.isolation.as_str()), ("external", "none"));
    assert_eq!(outcome(&examined("least")), "samples wrong");
    assert_eq!(outcome(&examined("nothing")), "load no_entry");
    // Values come back as they were sent.
    let mut running = runner(RUNNER, Duration::from_secs(5)).start().expect("a process");
    let signature = Signature::PLAIN;
    running.load(Program { source: "echo", entry: "f", signature: &signature }).expect("it loads");
    for text in [
        "[1, -2.5, \"a\\\"\\u0007\\u00e4\\ud83e\\udd80\", null, true, {\"k\": [12345678901234567890]}]",
        "9007199254740993",
        "1e300",
    ] {
        let value = det::parse_json(text).expect("JSON");
        let again = running.call(std::slice::from_ref(&value)).expect("a value");
        assert_eq!(abi::encode(&again), abi::encode(&value), "{text}");
    }
}

fn an_external_program_is_not_believed() {
    let within = Duration::from_secs(4);
    let forged =
        |says: &str| runner(&format!("import sys, time\nfor line in sys.stdin:\n    {says}\n"), within);
    let table = [
        ("print('PASSED', flush=True)", "forged"),
        ("print('{\"value\": 1, \"verdict\": true}', flush=True)", "forged"),
        ("print('{}', flush=True)", "forged"),
        ("print('{\"loaded\": 1}\\n{\"value\": 1}', flush=True)", "no_entry"),
        ("sys.exit(0)", "ended"),
        ("time.sleep(60)", "out_of_time"),
        ("print('{\"error\": \"no\"}', flush=True)", "raised"),
        ("sys.stdout.write('x' * (5 << 20))", "ended"),
    ];
    for (says, word) in table {
        let began = Instant::now();
        let mut running = forged(says).start().expect("a process");
        let signature = Signature::PLAIN;
        let fault = running.load(Program { source: "x", entry: "f", signature: &signature }).expect_err(says);
        assert_eq!(fault.word(), word, "{says}: {fault}");
        assert!(began.elapsed() < within + Duration::from_secs(1), "{says}");
        if fault.ends_worker() {
            let after = running.call(&[Value::Int(1)]).expect_err(says);
            assert!(matches!(after, Fault::Ended { .. }), "{says}: {after}");
        }
    }
}
