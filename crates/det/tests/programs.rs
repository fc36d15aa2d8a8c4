//! Programs are judged by what they do on the cases of their contract, by a runner that only runs them.
//!
//! The runner of these tests knows its programs by their names, and runs them in this process.

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::{Root, TASK, proposal};
use det::{
    CallEnd, Case, Contract, Executor, Expected, ExpectedFrom, Finding, JudgeError, Judged, Level, Outcome,
    ProgramFault, ProgramProcess, ProgramRunner, RunnerError, Tolerance, Validator, ValidatorClass,
    Validators, Value, judge,
};

/// The calls that a program was given, over all of its processes.
type Seen = Rc<RefCell<Vec<i64>>>;

struct Runner {
    seen: Seen,
    starts: RefCell<u32>,
    /// The number of processes that can be started.
    most: u32,
}

struct Process {
    seen: Seen,
    program: String,
    calls: i64,
    /// The number of the process.
    number: u32,
}

impl ProgramRunner for Runner {
    fn start(&self) -> Result<Box<dyn ProgramProcess>, RunnerError> {
        *self.starts.borrow_mut() += 1;
        let number = *self.starts.borrow();
        if number > self.most {
            return Err(RunnerError { what: "no process".into() });
        }
        Ok(Box::new(Process { seen: Rc::clone(&self.seen), program: String::new(), calls: 0, number }))
    }
}

impl ProgramProcess for Process {
    fn executor(&self) -> Executor {
        Executor { name: "table 1".into(), isolation: "none".into() }
    }

    fn load(&mut self, source: &str, entry: &str) -> Result<(), ProgramFault> {
        self.program = source.trim().to_owned();
        let found = source != "nothing" && entry == "double" && (source != "loads once" || self.number == 1);
        if found { Ok(()) } else { Err(ProgramFault::Other { what: "no function of that name".into() }) }
    }

    fn call(&mut self, arguments: &[Value]) -> CallEnd {
        let n = arguments[0].as_int().expect("an integer");
        self.seen.borrow_mut().push(n);
        self.calls += 1;
        let raised = |kind: &str| ProgramFault::Raised { kind: kind.into(), what: "no".into(), line: 2 };
        match self.program.as_str() {
            "right" if n < 0 => Err(raised("ValueError")),
            "right" | "loads once" => Ok(Value::Int(2 * n)),
            "float" => Ok(Value::Float(det::Float::new(2.0 * n as f64 + 1e-12).expect("a number"))),
            "table" if n < 10 => Ok(Value::Int(2 * n)),
            "counts" => Ok(Value::Int(2 * n + self.calls / 4)),
            "other process" => Ok(Value::Int(2 * n + i64::from(self.number > 1))),
            "deep" => Ok(common::nested(100_000)),
            _ => Err(raised("KeyError")),
        }
    }
}

/// A judgement, with the calls that were made for it.
fn tried(cases: Vec<Case>, program: &str, most: u32) -> (Result<Judged<Value>, JudgeError>, Vec<i64>) {
    let contract = Contract::cases("python", "double", cases, &Root).expect("shallow");
    let seen = Seen::default();
    let runner = Runner { seen: Rc::clone(&seen), starts: RefCell::new(0), most };
    let mut validators = Validators::builtin();
    validators.install(Validator::isolated("python", runner, &Root)).expect("the first of its class");
    let judged = judge(&validators, TASK, &contract, vec![], proposal(Value::text(program)));
    let seen = seen.borrow().clone();
    (judged, seen)
}

fn case(n: i64, twice: i64) -> Case {
    Case::returning(vec![Value::Int(n)], Value::Int(twice), ExpectedFrom::User)
}

fn held_out(n: i64) -> Case {
    Case { is_held_out: true, ..case(n, 2 * n) }
}

fn cases() -> Vec<Case> {
    let raises = Case { expected: Expected::Raises("ValueError".into()), ..case(-1, 0) };
    vec![held_out(11), case(3, 6), raises, held_out(12)]
}

#[test]
fn a_program_that_holds_every_case_twice_shows_a_property() {
    let (judged, seen) = tried(cases(), "right", 2);
    let judged = judged.expect("a judgement");
    let verdict = judged.verdict();
    assert!(verdict.shows(Level::Property) && !verdict.shows(Level::Oracle), "{verdict:?}");
    assert_eq!(verdict.executor().expect("it ran").to_string(), "table 1 (none)");
    // What is held out comes last, and the second process is asked in the opposite order.
    assert_eq!(seen, [3, -1, 11, 12, 12, 11, -1, 3]);
    let written = verdict.to_value();
    assert_eq!(written.get("validator").and_then(Value::as_text), Some("isolated:python"));
    assert_eq!(written.get("executor").and_then(Value::as_text), Some("table 1 (none)"));
    assert!(written.get("cases").and_then(Value::as_digest).is_some());
    assert_eq!(verdict.to_canonical().as_bytes(), abi::encode(&written));
}

/// Returns the words of the finding against a program.
fn finding(cases: Vec<Case>, program: &str) -> String {
    let (judged, _) = tried(cases, program, 2);
    let judged = judged.expect("a judgement");
    assert!(judged.verdict().level() < Level::Property, "{program}");
    match judged.verdict().outcome() {
        Outcome::Refuted(finding) => finding.to_string(),
        Outcome::Satisfied => panic!("{program} holds"),
    }
}

#[test]
fn a_wrong_program_is_refuted_with_the_first_case_that_is_told() {
    let reply = "Here:\n```python\nright\n```";
    let table = [
        ("nothing", "the program does not load: no function of that name"),
        (reply, "the reply states no single program"),
        ("wrong", "double(3) == 6 does not hold: it raises KeyError in line 2 (no)"),
        ("float", "double(3) == 6 does not hold: it returns 6.000000000001"),
        ("deep", "the result nests too deeply"),
        ("counts", "2 of 2 held-out cases do not hold"),
        ("  ", "the reply is blank"),
    ];
    let told = || vec![held_out(11), case(3, 6), case(4, 8), case(5, 10), held_out(12)];
    for (program, words) in table {
        let found = finding(told(), program);
        assert!(found.contains(words), "{program}: {found}");
        assert!(!found.contains("11") && !found.contains("12"), "{program}: {found}");
    }
    assert!(finding(cases(), "table").contains("double(-1) raises ValueError does not hold: it returns -2"));
    let table = finding(vec![case(3, 6), held_out(11)], "table");
    assert_eq!(table, "1 of 1 held-out case does not hold");
}

/// The negative control: the same program under the same cases with one of them flipped.
#[test]
fn a_flipped_case_refutes_what_held() {
    for flipped in 0..cases().len() {
        let mut cases = cases();
        cases[flipped].expected = Expected::Returns(Value::Int(99));
        let (judged, _) = tried(cases, "right", 2);
        assert!(!judged.expect("a judgement").verdict().is_satisfied(), "{flipped}");
    }
}

#[test]
fn a_program_that_changes_is_refuted() {
    let shown = finding(vec![case(3, 6), case(4, 8)], "other process");
    assert!(shown.starts_with("double(4) == 8 does not hold again"), "{shown}");
    let kept = finding(vec![case(3, 6), held_out(4)], "other process");
    assert!(kept.starts_with("the program does something else"), "{kept}");
    let loads_once = finding(vec![case(3, 6)], "loads once");
    assert!(loads_once.starts_with("the program does something else"), "{loads_once}");
}

#[test]
fn a_tolerance_is_that_of_its_case() {
    let near = Case { tolerance: Tolerance::new(1e-9).expect("small"), ..case(3, 6) };
    assert!(tried(vec![near.clone()], "float", 2).0.expect("a judgement").verdict().is_satisfied());
    assert!(!tried(vec![near, case(3, 6)], "float", 2).0.expect("a judgement").verdict().is_satisfied());
}

#[test]
fn nothing_is_concluded_where_nothing_runs() {
    for most in [0, 1] {
        let (judged, _) = tried(cases(), "right", most);
        let error = judged.expect_err("no judgement");
        assert!(matches!(error, JudgeError::NotRun(_)), "{error}");
    }
    let class = ValidatorClass::Isolated("ruby".into());
    let validators = Validators::builtin();
    assert!(validators.find(&class).is_none());
}

#[test]
fn without_cases_a_program_must_load() {
    let (judged, seen) = tried(Vec::new(), "right", 1);
    assert!(judged.expect("a judgement").verdict().shows(Level::Syntax) && seen.is_empty());
    let (judged, _) = tried(Vec::new(), "nothing", 1);
    let judged = judged.expect("a judgement");
    assert!(matches!(judged.verdict().outcome(), Outcome::Refuted(Finding::NotLoaded { .. })));
}
