//! Specifications of everyday tasks tell right programs from subtly wrong ones, and from changed copies of the right one.
//!
//! Each folder of `fixtures/gate` has a specification, a right program, three wrong ones, and the reason of every
//! changed copy that survives.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use abi::Value;
use det::Fate;
use holdout::{Confined, Options, Report, Spec, Stage};

use crate::Test;
use crate::common::{cpython, examined_by, examined_in, monty, outcome, spec as spec_of, value_of};

pub(crate) const TESTS: &[Test] = &[
    ("everyday_tasks_are_told_apart", everyday_tasks_are_told_apart),
    ("the_built_in_interpreter_tells_them_apart_too", the_built_in_interpreter_tells_them_apart_too),
    ("a_demanded_executor_is_the_only_one", a_demanded_executor_is_the_only_one),
];

/// The draws of each exam. It is less than the default, because the changed copies of thirty programs are run.
const DRAWS: i64 = 500;
/// The changed copies of a program that are tried. It is more than any of the programs has.
const MOST_MUTANTS: u32 = 1000;
/// The least number of tasks.
const TASKS: usize = 20;
/// The least share of wrong programs that fail, over all tasks.
const KILL_RATE: f64 = 0.95;
const WRONG: [&str; 3] = ["wrong_1.py", "wrong_2.py", "wrong_3.py"];

/// The verdicts of the gate on the programs of one task.
struct Task {
    name: String,
    line: String,
    killed: usize,
    tried: usize,
    faults: Vec<String>,
}

fn everyday_tasks_are_told_apart() {
    let began = std::time::Instant::now();
    let folders = folders();
    assert!(folders.len() >= TASKS, "{} tasks", folders.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let python = cpython();
        let number = || folders.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(number).map(|folder| judged(&python, folder)).collect::<Vec<Task>>()
    };
    let mut tasks = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut tasks = work();
        tasks.extend(other.join().expect("no panic"));
        tasks
    });
    tasks.sort_by(|a, b| a.name.cmp(&b.name));
    println!("task                  n  killed      rate  wrong programs");
    tasks.iter().for_each(|task| print!("{}", task.line));
    let killed: usize = tasks.iter().map(|task| task.killed).sum();
    let tried: usize = tasks.iter().map(|task| task.tried).sum();
    #[allow(clippy::cast_precision_loss, reason = "a count of programs is small")]
    let rate = killed as f64 / tried as f64;
    let taken = began.elapsed().as_secs();
    println!("{} tasks: {killed} of {tried} wrong programs fail, {rate:.4}, in {taken} s", tasks.len());
    let faults: Vec<&String> = tasks.iter().flat_map(|task| &task.faults).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(rate >= KILL_RATE, "{rate}");
}

/// The built-in interpreter admits the right programs, but for those that use what it lacks, and none of the wrong ones.
fn the_built_in_interpreter_tells_them_apart_too() {
    let (monty, python) = (monty(), cpython());
    let options = Options { most_mutants: 0, ..Options::default() };
    let (mut admitted, mut lacks, mut faults) = (0, Vec::new(), Vec::new());
    let folders = folders();
    for folder in &folders {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let spec = read_spec(folder);
        let examined = |file: &str| {
            let report = examined_in([&monty, &python], &spec, &read(&folder.join(file)), options, 1);
            report.unwrap_or_else(|error| panic!("{name}, {file}: {error}"))
        };
        let right = examined("right.py");
        match &right.refusal {
            None => admitted += 1,
            Some(refusal) if ["unsupported", "raised"].contains(&refusal.reason) => {
                assert!(refusal.what.ends_with("; --executor cpython may run it"), "{}", refusal.what);
                lacks.push(format!("{name}: {}", refusal.what));
            }
            Some(refusal) => faults.push(format!("{name}: the right program is refused: {refusal:?}")),
        }
        let wrong = WRONG.into_iter().filter(|file| examined(file).admission.is_some());
        faults.extend(wrong.map(|file| format!("{name}, {file}: it is admitted")));
    }
    println!("{admitted} of {} right programs admitted by the built-in interpreter", folders.len());
    lacks.iter().for_each(|line| println!("    {line}"));
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(admitted * 2 > folders.len(), "{admitted}");
}

fn a_demanded_executor_is_the_only_one() {
    let (monty, python) = (monty(), cpython());
    let right = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n";
    let outcome_of = |executor: &str, runs: &Confined| {
        let spec = format!(
            r#"{{"entry": "gcd", "args": [{{"type": "int", "min": 0}}, {{"type": "int", "min": 0}}],
                "returns": "int", "oracle": {{"builtin": "gcd"}}, "exam": {{"n": 50}}, "executor": "{executor}"}}"#
        );
        examined_in([runs, &python], &spec_of(&spec), right, Options::default(), 1)
            .map_or_else(|error| error.to_string(), |report| outcome(&report))
    };
    let version = {
        use holdout::Driver;
        python.start().expect("a worker").executor().version
    };
    let major = version.split('.').next().expect("a version").to_owned();
    for demanded in ["cpython".to_owned(), format!("cpython {major}"), format!("cpython {version}")] {
        assert_eq!(outcome_of(&demanded, &python), "admitted", "{demanded}");
        let said = outcome_of(&demanded, &monty);
        let expected = format!("the specification demands the executor {demanded}, and this is monty");
        assert!(said.starts_with(&expected), "{said}");
    }
    assert_eq!(outcome_of("monty", &monty), "admitted");
    // Parts of a version are compared whole.
    let said = outcome_of(&format!("cpython {major}1"), &python);
    assert!(said.contains("and this is cpython"), "{said}");
    for wrong in ["pypy", "cpython ", "cpython x", "cpython 3.", "CPython"] {
        let source = format!(
            r#"{{"entry": "f", "args": [], "returns": "int", "oracle": {{"python": "x"}}, "executor": "{wrong}"}}"#
        );
        let read = Spec::from_value(crate::common::parsed(&source));
        assert_eq!(read.err().map(|error| error.place).as_deref(), Some("executor"), "{wrong:?}");
    }
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gate");
    let entries = fs::read_dir(root).expect("fixtures/gate").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reads a specification, with the draws of this test unless it states its own.
fn read_spec(folder: &Path) -> Spec {
    let path = folder.join("spec.toml");
    let mut source: toml::Table = read(&path).parse().expect("TOML");
    let exam = source.entry("exam").or_insert_with(|| toml::Value::Table(toml::Table::new()));
    exam.as_table_mut().expect("a table").entry("n").or_insert(toml::Value::Integer(DRAWS));
    let source: Value = value_of(&toml::Value::Table(source));
    Spec::from_value(source).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the surviving copies that are known, each with its reason.
fn known_survivors(folder: &Path) -> BTreeMap<String, String> {
    let path = folder.join("survivors.toml");
    if !path.exists() {
        return BTreeMap::new();
    }
    let table: toml::Table = read(&path).parse().expect("TOML");
    let reason = |reason: toml::Value| reason.as_str().expect("a reason").to_owned();
    table.into_iter().map(|(name, value)| (name, reason(value))).collect()
}

fn judged(python: &Confined, folder: &Path) -> Task {
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    let spec = read_spec(folder);
    let options = Options { most_mutants: MOST_MUTANTS, ..Options::default() };
    let mut faults = Vec::new();
    let right = examined_by(python, &spec, &read(&folder.join("right.py")), options, 1)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    if right.admission.is_none() {
        faults.push(format!("{name}: the right program is refused: {:?}", right.refusal));
    }
    let count = |fate| right.wrong.iter().filter(|wrong| wrong.fate == fate).count();
    let (killed, survived) = (count(Fate::Killed), count(Fate::Survived));
    let mut wrong = Vec::new();
    for file in WRONG {
        let report = examined_by(python, &spec, &read(&folder.join(file)), options, 1)
            .unwrap_or_else(|error| panic!("{name}, {file}: {error}"));
        faults.extend(fault_of_refusal(&report).map(|fault| format!("{name}, {file}: {fault}")));
        wrong.push(outcome(&report));
    }
    let rate = right.kill_rate().unwrap_or(0.0);
    let mut line = format!(
        "{name:20} {:4} {killed:4}/{:<4} {rate:6.3}  {}\n",
        right.draws,
        killed + survived,
        wrong.join(", ")
    );
    faults.extend(survivors(&name, &right, &known_survivors(folder), &mut line));
    Task { name, line, killed, tried: killed + survived, faults }
}

/// Returns the fault of a wrong program's report: it is admitted, refused for nothing that it does, or refused without
/// a counterexample.
fn fault_of_refusal(report: &Report) -> Option<String> {
    let Some(refusal) = &report.refusal else { return Some("it is admitted".to_owned()) };
    if refusal.stage <= Stage::Load {
        return Some(format!("it is refused in the stage {}: {}", refusal.stage.word(), refusal.what));
    }
    refusal.counterexample.is_none().then(|| format!("no counterexample: {}", refusal.what))
}

/// Writes every surviving copy with its reason into `line`. Returns those without a reason.
fn survivors(name: &str, right: &Report, known: &BTreeMap<String, String>, line: &mut String) -> Vec<String> {
    let mut faults = Vec::new();
    let of = |fate| right.wrong.iter().filter(move |wrong| wrong.fate == fate).map(|wrong| &wrong.name);
    for survivor in of(Fate::Survived) {
        let reason = known.get(survivor).map_or("no reason is known", String::as_str);
        writeln!(line, "    survives: {survivor}: {reason}").expect("a text grows");
        if !known.contains_key(survivor) {
            faults.push(format!("{name}: {survivor} survives, and survivors.toml has no reason"));
        }
    }
    for same in of(Fate::Equivalent) {
        writeln!(line, "    the same on the whole domain: {same}").expect("a text grows");
    }
    // A slow machine may stop a copy that is the same, so that this is told and no fault.
    for known in known.keys().filter(|known| !of(Fate::Survived).any(|survivor| survivor == *known)) {
        writeln!(line, "    survivors.toml has {known}, which failed here").expect("a text grows");
    }
    faults
}
