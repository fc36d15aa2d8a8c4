//! No candidate holds up the gate, forges its lines, or has code run outside of a worker.

use std::time::{Duration, Instant};

use det::Fate;
use holdout::{Confined, Driver, Options, Program};
use sandbox::{Fault, Launcher, Limits, Pool, Python, Signature};

use crate::Test;
use crate::common::{examined, examined_by, outcome, spec};

pub(crate) const TESTS: &[Test] = &[
    ("slow_candidates_are_refused_in_time", slow_candidates_are_refused_in_time),
    ("shrinking_ends_in_time", shrinking_ends_in_time),
    ("what_was_not_run_to_its_end_is_not_equivalent", what_was_not_run_to_its_end_is_not_equivalent),
    ("no_call_gets_more_than_the_limit", no_call_gets_more_than_the_limit),
    ("refusals_are_one_line", refusals_are_one_line),
    ("nothing_of_the_working_folder_runs_unconfined", nothing_of_the_working_folder_runs_unconfined),
];

const REVERSED: &str = r#"{
    "entry": "reversed_items",
    "args": [{"name": "items", "type": "list", "of": {"type": "int", "min": 0, "max": 99}, "max_length": 12}],
    "returns": {"type": "list", "of": {"type": "int", "min": 0, "max": 99}, "max_length": 12},
    "oracle": {"python": "def oracle(items):\n    return list(reversed(items))\n"},
    "exam": {"n": 50}
}"#;

/// Returns a driver with calls of at most one second.
fn hurried() -> Confined {
    let limits = Limits { call: Duration::from_secs(1), ..Limits::DEFAULT };
    let python = Python::find("python3").expect("python3");
    Confined::new(Pool::new(Launcher::from_this_program(python, limits).expect("a path"), 1))
}

/// Each call is far inside its own limit. All of them together are not, unless the gate has the time.
fn slow_candidates_are_refused_in_time() {
    let spec = spec(REVERSED);
    let slow = "import time\ndef reversed_items(items):\n    time.sleep(0.005)\n    return items[::-1]\n";
    let options = |most_time| Options { most_mutants: 2, most_time, ..Options::default() };
    let python = hurried();
    let report =
        examined_by(&python, &spec, slow, options(Duration::from_millis(200)), 1).expect("a verdict");
    assert_eq!(outcome(&report), "development too_slow");
    let patient = examined_by(&python, &spec, slow, options(Duration::from_secs(60)), 1).expect("a verdict");
    assert_eq!(outcome(&patient), "admitted", "{:?}", patient.refusal);
    // Only the repeats of the purity stage make more calls than this in one process.
    let late = "import time\ncalls = 0\ndef reversed_items(items):\n    global calls\n    calls += 1\n    \
                time.sleep(0.2 * (calls > 90))\n    return items[::-1]\n";
    let report = examined_by(&python, &spec, late, options(Duration::from_secs(1)), 1).expect("a verdict");
    assert_eq!(outcome(&report), "purity too_slow");
}

/// A candidate that is wrong about one instance and hangs on every simpler one costs a limit for each try.
fn shrinking_ends_in_time() {
    let spec = spec(REVERSED);
    let trap = "seen = []\ndef reversed_items(items):\n    while len(items) < len(seen) - 1:\n        pass\n    \
                if len(items) == 12:\n        seen[:] = items\n        return None\n    return items[::-1]\n";
    let began = Instant::now();
    let options = Options { most_time: Duration::from_secs(2), ..Options::default() };
    let report = examined_by(&hurried(), &spec, trap, options, 1).expect("a verdict");
    assert_eq!(report.refusal.as_ref().map(|refusal| refusal.stage.word()), Some("development"));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

/// On a domain that was tried as a whole, a survivor is equivalent, unless the time ended before it was tried on all.
fn what_was_not_run_to_its_end_is_not_equivalent() {
    let spec = spec(
        r#"{"entry": "f", "args": [{"type": "int", "min": 0, "max": 30}], "returns": "int",
        "oracle": {"python": "def oracle(x):\n    return x + 7\n"}, "exam": {"n": 60, "min_kill_rate": 0}}"#,
    );
    let idle = "import time\ndef f(x):\n    time.sleep(0.002)\n    if x < -1:\n        x = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8\n    return 7 + x\n";
    let python = hurried();
    let survivors = |most_time| {
        let options = Options { most_time, ..Options::default() };
        let report = examined_by(&python, &spec, idle, options, 1).expect("a verdict");
        assert_eq!(outcome(&report), "admitted", "{:?}", report.refusal);
        assert!(report.exhaustive);
        let with = |fate| report.wrong.iter().filter(|wrong| wrong.fate == fate).count();
        (with(Fate::Survived), with(Fate::Equivalent))
    };
    let (survived, equivalent) = survivors(Duration::from_secs(60));
    assert!(survived == 0 && equivalent > 10, "{survived} {equivalent}");
    let (survived, fewer) = survivors(Duration::from_secs(3));
    assert!(survived > 0 && fewer < equivalent, "{survived} {fewer}");
}

fn no_call_gets_more_than_the_limit() {
    let mut running = hurried().start().expect("a process");
    running.limit_calls(Duration::from_secs(60));
    let signature = Signature::PLAIN;
    let source = "def f():\n    while True:\n        pass\n";
    running.load(Program { source, entry: "f", signature: &signature }).expect("it loads");
    let began = Instant::now();
    assert_eq!(running.call(&[]).map(|value| abi::encode(&value)), Err(Fault::OutOfTime));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

/// A candidate may have the name of a module, and lie where the gate is started.
fn nothing_of_the_working_folder_runs_unconfined() {
    let folder = std::env::temp_dir().join(format!("nmk-gate-folder-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("bisect.py"), "open('ran', 'w').close()\n").expect("a file");
    let before = std::env::current_dir().expect("a folder");
    std::env::set_current_dir(&folder).expect("the folder");
    let python = Python::find("python3");
    let has_run = folder.join("ran").exists();
    let plain = std::process::Command::new("python3").args(["-S", "-B", "-c", "import bisect"]).status();
    let has_run_plainly = folder.join("ran").exists();
    std::env::set_current_dir(before).expect("the folder");
    std::fs::remove_dir_all(&folder).expect("the folder");
    assert!(python.is_ok() && !has_run, "the interpreter was asked with a module of the working folder");
    assert!(plain.is_ok_and(|status| status.success()) && has_run_plainly, "the file does nothing at all");
}

/// A text of the candidate cannot look like a line of the gate.
fn refusals_are_one_line() {
    let spec = spec(REVERSED);
    let forged = "\\nadmitted: reversed_items\\r\\x1b[2K\\u2028\\u202e";
    for (body, reason) in [
        (format!("raise ValueError('it\\'s {forged}')"), "raised"),
        (format!("raise type('E{forged}', (Exception,), {{}})"), "raised"),
        (format!("return type('T{forged}', (), {{}})()"), "no_value"),
    ] {
        let source = format!("def reversed_items(items):\n    {body}\n");
        let refusal = examined(&spec, &source).expect("a verdict").refusal.expect("a refusal");
        assert_eq!(refusal.reason, reason);
        let is_plain = |c: char| c == '\'' || c == '"' || c == '\\' || c.escape_debug().eq([c]);
        assert!(refusal.what.chars().all(is_plain), "{:?}", refusal.what);
        assert!(refusal.what.contains("\\nadmitted: reversed_items"), "{}", refusal.what);
        assert!(!body.starts_with("raise V") || refusal.what.contains("it's "), "{}", refusal.what);
    }
}
