//! The benchmark of the hold-out gate: workers, calls, whole exams, and what people do in place of a gate.

use std::path::Path;
use std::process::{Command, Stdio};

use abi::{Digest, Value};
use det::TrustRoot;
use holdout::{Drawn, ExperimentError, Notary, NotaryError, Options, Sealed, Spec};
use sandbox::{Fault, Interpreter, Launcher, Limits, Pool, Python, SandboxError};
use serde_json::json;

use super::clock::{Took, tried};
use super::{Cell, Figure, Group, Report, Row};
use crate::gate::{Drivers, ExecutorName, examine};

/// The runs of each measurement. The median is reported, with the least and the most.
const REPEATS: usize = 7;
/// The calls of one run.
const CALLS: usize = 20_000;
/// The instances of an exam, and of a process that runs a batch of them.
const INSTANCES: usize = 2_000;
/// The processes of their own that one run starts, one for each instance.
const PROCESSES: usize = 8;

const GCD: &str = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n";
const SPEC: &str = r#"{"entry": "gcd", "args": [{"name": "a", "type": "int", "min": 0, "max": 1000000000},
    {"name": "b", "type": "int", "min": 0, "max": 1000000000}], "returns": {"type": "int"},
    "samples": [{"args": [12, 18], "returns": 6}], "oracle": {"builtin": "gcd"}}"#;

/// The reason why the gate was not measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GateBenchError {
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Exam(#[from] ExperimentError),
    #[error("the candidate of the benchmark failed: {0}")]
    Fault(#[from] Fault),
    #[error("a process of its own failed: {0}")]
    Process(std::io::Error),
}

/// A notary of the benchmark: nothing is kept, and the exam repeats.
struct Unkept;

impl Notary for Unkept {
    fn seal(&mut self, sealed: &Sealed) -> Result<Drawn, NotaryError> {
        Ok(Drawn { head: sealed.candidate, entropy: *Digest::hash_blob(b"benchmark").as_bytes() })
    }
}

/// Measures everything: both executors, and what people do in place of a gate with the interpreter `python`.
pub(crate) fn measure(
    python: &Path,
    watch: &mut dyn FnMut(&str),
    root: &impl TrustRoot,
) -> Result<Report, GateBenchError> {
    let machines = Python::find(python)?;
    let version = machines.version().to_owned();
    let mut rows = Vec::new();
    for executor in [ExecutorName::Cpython, ExecutorName::Monty] {
        let interpreter = match executor {
            ExecutorName::Cpython => Interpreter::from(machines.clone()),
            ExecutorName::Monty => Interpreter::Monty,
        };
        let launcher = Launcher::from_this_program(interpreter, Limits::DEFAULT)?;
        rows.extend(of_workers(&launcher, watch)?);
        watch(&format!("exams in {}", executor.word()));
        let drivers = Drivers::new(executor, python)?;
        rows.push(of_exams(&drivers, root)?);
    }
    watch("processes of their own");
    rows.extend(of_processes(machines.program()).map_err(GateBenchError::Process)?);
    let conditions = vec![
        ("python", json!(version)),
        ("runs", json!(REPEATS)),
        ("processors", json!(std::thread::available_parallelism().map_or(1, usize::from))),
    ];
    Ok(Report { conditions, groups: vec![Group { name: "gate", rows }] })
}

/// Measures the start of workers, and calls in one.
fn of_workers(launcher: &Launcher, watch: &mut dyn FnMut(&str)) -> Result<Vec<Row>, GateBenchError> {
    let name = launcher.interpreter().name();
    watch(&format!("workers of {name}"));
    let mut cold = Vec::new();
    for _ in 0..REPEATS {
        cold.push(tried(|| launcher.start())?.0);
    }
    let pool = Pool::new(launcher.clone(), 2);
    let mut warm = Vec::new();
    for _ in 0..REPEATS {
        // The pool needs the time of a start to have a worker ready.
        std::thread::sleep(std::time::Duration::from_millis(150));
        warm.push(tried(|| pool.take())?.0);
    }
    watch(&format!("calls in {name}"));
    let mut worker = launcher.start()?;
    worker.load(GCD, "gcd")?;
    let mut calls = Vec::new();
    for _ in 0..REPEATS {
        calls.push(tried(|| (0..CALLS).try_for_each(|n| worker.call(&instance(n)).map(|_| ())))?.0);
    }
    Ok(vec![
        row(&format!("{name}: worker, cold"), vec![("ms", milliseconds(&cold, 1))]),
        row(&format!("{name}: worker from the pool"), vec![("ms", milliseconds(&warm, 1))]),
        row(&format!("{name}: instance in a worker"), vec![("per_second", rate(&calls, CALLS))]),
    ])
}

/// Measures whole exams.
fn of_exams(drivers: &Drivers, root: &impl TrustRoot) -> Result<Row, GateBenchError> {
    let spec = Spec::from_value(det::parse_json(SPEC).expect("JSON")).expect("a specification");
    let mut exams = Vec::new();
    let mut admitted = 0;
    for _ in 0..REPEATS {
        let (took, report) = tried(|| examine(&spec, GCD, drivers, Options::default(), Unkept, root))?;
        admitted += usize::from(report.admission.is_some());
        exams.push(took);
    }
    let cells = vec![("ms", milliseconds(&exams, 1)), ("admitted", Cell::Number(admitted as f64))];
    Ok(row(&format!("{}: exam of 2000 with its wrong programs", drivers.executor.word()), cells))
}

/// Measures processes that nothing confines.
fn of_processes(python: &Path) -> std::io::Result<[Row; 2]> {
    let mut each = Vec::new();
    let mut batches = Vec::new();
    for _ in 0..REPEATS {
        each.push(tried(|| (0..PROCESSES).try_for_each(|n| process(python, n, 1)))?.0);
        batches.push(tried(|| process(python, 0, INSTANCES))?.0);
    }
    Ok([
        row("unconfined process per instance", vec![("per_second", rate(&each, PROCESSES))]),
        row(
            "unconfined process per batch of 2000",
            vec![("per_second", rate(&batches, INSTANCES)), ("ms", milliseconds(&batches, 1))],
        ),
    ])
}

fn row(name: &str, cells: Vec<(&'static str, Cell)>) -> Row {
    Row { settings: vec![("of", json!(name))], cells }
}

fn instance(number: usize) -> [Value; 2] {
    let int = |n: usize| Value::Int(i64::try_from(n * 7919 % 1_000_000_007).unwrap_or(1));
    [int(number + 1), int(number * 31 + 5)]
}

/// Runs the function on `count` instances in a process of its own, as a test harness does, and compares nothing.
fn process(python: &Path, first: usize, count: usize) -> std::io::Result<()> {
    let source = format!(
        "{GCD}\nfor n in range({first}, {first} + {count}):\n    print(gcd((n + 1) * 7919 % 1000000007, (n * 31 + 5) * 7919 % 1000000007))\n"
    );
    let status = Command::new(python)
        .args(["-S", "-c", &source])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()?;
    if status.success() { Ok(()) } else { Err(std::io::Error::other(status.to_string())) }
}

fn milliseconds(runs: &[Took], count: usize) -> Cell {
    let each = runs.iter().map(|took| took.seconds * 1e3 / count as f64).collect();
    Cell::Figure(Figure::from_runs(each))
}

fn rate(runs: &[Took], count: usize) -> Cell {
    Cell::Figure(Figure::from_runs(runs.iter().map(|took| count as f64 / took.seconds).collect()))
}
