//! The driver with one worker: the order of durable writes, the values that tasks get, and refusals for size.

mod common;

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use abi::{Digest, Entry, EntryKind, JobId, Journal, Origin, Proposal, Receipt, Value};
use common::{JOB, task};
use det::{Contract, Form, Level, Validators};
use sched::{
    Cause, Clock, Consulted, DriveError, DriveOutcome, Driver, DriverEvent, Execution, Executor, Inline,
    JobSpec, Kernel, Limits, Millis, Operation, Outcome, Plan, Pool, Registry, Returned, StoppedClock,
    TaskSpec, TaskState, Tier, Work,
};

/// The error of the test's journal when no space is left.
#[derive(Debug)]
struct Full;

impl std::fmt::Display for Full {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the disk is full")
    }
}

impl std::error::Error for Full {}

/// A journal in memory that can be told to be full. The test keeps a second handle to look inside.
#[derive(Default)]
struct Tape {
    entries: Vec<Entry>,
    /// The number of entries in each append, in the order of the appends.
    groups: Vec<usize>,
    full: bool,
}

#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Tape>>);

impl Journal for Shared {
    type Error = Full;

    fn refused_entry(_: &Full) -> Option<usize> {
        None
    }

    fn append<B: abi::Body>(&mut self, entries: &[Entry<B>]) -> Result<Vec<Receipt>, Full> {
        let mut tape = self.0.borrow_mut();
        if tape.full {
            return Err(Full);
        }
        let first = tape.entries.len() as u64;
        tape.entries
            .extend(entries.iter().map(|entry| entry.with_value_body().expect("a body that is read")));
        tape.groups.push(entries.len());
        let receipt =
            |index| Receipt { index, entry: Digest::from_bytes([1; 32]), head: Digest::from_bytes([2; 32]) };
        Ok((first..first + entries.len() as u64).map(receipt).collect())
    }

    fn store_blob(&mut self, bytes: &[u8]) -> Result<Digest, Full> {
        Ok(Digest::hash_blob(bytes))
    }
}

type Script<'a> = Box<dyn FnMut(&Work) -> Outcome + 'a>;

struct Scripted<'a>(Script<'a>);

impl Executor for Scripted<'_> {
    type Error = Infallible;

    fn run(&mut self, work: &Work) -> Result<Outcome, Infallible> {
        Ok((self.0)(work))
    }
}

type TestDriver<'a> = Driver<'a, Inline<Scripted<'a>>, Shared, StoppedClock>;

fn driver<'a>(tape: &'a mut Shared, script: impl FnMut(&Work) -> Outcome + 'a) -> TestDriver<'a> {
    over(tape, Inline::new(Scripted(Box::new(script))))
}

fn over<P: Pool>(tape: &mut Shared, pool: P) -> Driver<'_, P, Shared, StoppedClock> {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("draft", Tier::Model));
    registry.register(Operation::new("touch", Tier::Tool));
    let kernel = Kernel::new(registry, 4);
    let mut driver = Driver::new(kernel, pool, tape, StoppedClock);
    driver
        .open(
            JobSpec::new(JOB, Contract::from_form(Form::Text), Level::Syntax)
                .consulting(Consulted::no_memory("a test")),
        )
        .unwrap();
    driver
}

fn proposed(value: Value) -> Outcome {
    Outcome::Proposed(Execution::from_proposal(Proposal { value, origin: Origin::User }))
}

fn answer(name: &str) -> TaskSpec {
    TaskSpec::new(name, "draft", Contract::from_form(Form::Text)).answering()
}

fn support(name: &str, operation: &str) -> TaskSpec {
    let limits = Limits { retries: 0, ..Limits::REFERENCE };
    TaskSpec::new(name, operation, Contract::from_form(Form::Value)).within(limits)
}

fn plan(tasks: Vec<TaskSpec>) -> Plan {
    Plan { job: JOB, tasks }
}

/// A pool that ends no run until it is waited for, as one with threads does.
struct Slow<P>(P);

impl<P: Pool> Pool for Slow<P> {
    type Error = P::Error;

    fn start(&mut self, work: Work) {
        self.0.start(work);
    }

    fn poll(&mut self) -> Option<Returned<P::Error>> {
        None
    }

    fn wait(&mut self, _: Option<Millis>) -> Option<Returned<P::Error>> {
        self.0.poll()
    }
}

/// A caller hears that a task was started before the driver waits for its end.
#[test]
fn a_start_is_told_before_the_end_is_waited_for() {
    let ended = Rc::new(RefCell::new(false));
    let mut tape = Shared::default();
    let flag = Rc::clone(&ended);
    let run = move |_: &Work| {
        *flag.borrow_mut() = true;
        proposed(Value::text("done"))
    };
    let mut driver = over(&mut tape, Slow(Inline::new(Scripted(Box::new(run)))));
    driver.admit(plan(vec![answer("a")])).unwrap();
    let mut told = None;
    driver
        .finish(JOB, &mut |_, news| {
            if matches!(news, DriverEvent::Moved { to: TaskState::Running, .. }) {
                told = Some(*ended.borrow());
            }
        })
        .unwrap();
    assert_eq!((told, *ended.borrow()), (Some(false), true));
}

#[test]
fn nothing_is_told_before_the_journal_has_it() {
    let mut tape = Shared::default();
    let outside = tape.clone();
    let mut driver = driver(&mut tape, |_| proposed(Value::text("done")));
    driver.admit(plan(vec![answer("a")])).unwrap();
    outside.0.borrow_mut().full = true;
    let mut news = Vec::new();
    for _ in 0..3 {
        while let Ok(active) = driver.turn(&mut news) {
            assert!(active, "the journal is full");
        }
    }
    // The kernel has committed, but nobody was told, and the journal has nothing.
    assert_eq!(driver.kernel().state(task(0)), Some(TaskState::Committed));
    assert!(!news.iter().any(|item| matches!(item, DriverEvent::Committed(..))));
    assert!(outside.0.borrow().entries.is_empty());
    outside.0.borrow_mut().full = false;
    driver.sync(&mut news).unwrap();
    let receipt = news.iter().find_map(|item| match item {
        DriverEvent::Committed(_, receipt) => Some(*receipt),
        _ => None,
    });
    let tape = outside.0.borrow();
    let kinds: Vec<EntryKind> = tape.entries.iter().map(|entry| entry.kind).collect();
    use EntryKind::{Admitted, Committed, Judged, Opened, Proposed};
    assert_eq!(kinds, [Opened, Admitted, Proposed, Judged, Committed]);
    assert_eq!(receipt.unwrap().index, 4);
}

/// A clock that the test sets.
#[derive(Clone, Default)]
struct Set(Rc<std::cell::Cell<u64>>);

impl Clock for Set {
    fn now(&mut self) -> Millis {
        Millis(self.0.get())
    }
}

/// A run that comes back after the deadline of its job, or its own, is not used; one in time is.
#[test]
fn a_run_that_comes_back_late_is_not_used() {
    let ends_at = |took: u64, deadline: Option<Millis>, wall_ms: u64| {
        let (mut tape, clock) = (Shared::default(), Set::default());
        let during = clock.clone();
        let mut registry = Registry::new(Validators::builtin());
        registry.register(Operation::new("draft", Tier::Model));
        let script: Script<'_> = Box::new(move |_| {
            during.0.set(took);
            proposed(Value::text("done"))
        });
        let pool = Inline::new(Scripted(script));
        let mut driver = Driver::new(Kernel::new(registry, 1), pool, &mut tape, clock);
        let spec = JobSpec::new(JOB, Contract::from_form(Form::Text), Level::Syntax)
            .consulting(Consulted::no_memory("a test"));
        driver.open(JobSpec { deadline, ..spec }).unwrap();
        let limits = Limits { retries: 0, wall_ms, ..Limits::REFERENCE };
        let ended = driver.drive(plan(vec![answer("a").within(limits)])).unwrap();
        let is_committed = matches!(ended, DriveOutcome::Committed(..));
        assert_eq!(driver.ignored(), u64::from(!is_committed));
        is_committed
    };
    assert!(ends_at(40, Some(Millis(50)), 1_000), "in time");
    assert!(!ends_at(50, Some(Millis(50)), 1_000), "at the deadline of the job");
    assert!(!ends_at(900, Some(Millis(50)), 1_000), "after the deadline of the job");
    assert!(ends_at(40, None, 50), "within the limit of the run");
    assert!(!ends_at(60, None, 50), "beyond the limit of the run");
}

#[test]
fn a_tool_starts_only_when_its_admission_is_durable() {
    let mut tape = Shared::default();
    let outside = tape.clone();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (inside, runs) = (tape.clone(), Rc::clone(&seen));
    let mut driver = driver(&mut tape, move |work| {
        let tape = inside.0.borrow();
        let admitted = |entry: &Entry| entry.kind == EntryKind::Admitted && entry.task == work.task;
        runs.borrow_mut().push(tape.entries.iter().any(admitted));
        proposed(Value::Int(1))
    });
    outside.0.borrow_mut().full = true;
    driver.admit(plan(vec![support("t", "touch")])).unwrap();
    for _ in 0..2 {
        assert!(matches!(driver.turn(&mut Vec::new()), Err(DriveError::Journal(Full))));
        assert!(seen.borrow().is_empty(), "it ran before its admission was durable");
    }
    outside.0.borrow_mut().full = false;
    driver.finish(JOB, &mut |_, _| {}).unwrap();
    assert_eq!(*seen.borrow(), [true]);
}

#[test]
fn a_parked_task_gets_values_and_reasons() {
    let mut tape = Shared::default();
    let mut driver = driver(&mut tape, |work| match (work.spec.name.as_str(), work.run) {
        ("a", 1) => {
            let blank = TaskSpec::new("blank", "draft", Contract::from_form(Form::Text));
            let blank = blank.within(Limits { retries: 0, ..Limits::REFERENCE });
            let tasks = vec![support("seven", "touch"), blank];
            Outcome::Parked { tasks, frame: Value::text("left"), tokens: 0 }
        }
        ("a", 2) => {
            assert!(det::equal(work.frame.as_ref().unwrap(), &Value::text("left")));
            let names: Vec<&str> = work.replies.iter().map(|reply| reply.name.as_str()).collect();
            assert_eq!(names, ["seven", "blank"]);
            assert!(det::equal(&work.replies[0].result.as_ref().unwrap().value, &Value::Int(7)));
            assert_eq!(work.replies[1].result.as_ref().unwrap_err().word(), "refuted");
            proposed(Value::text("both came back"))
        }
        ("seven", 1) => proposed(Value::Int(7)),
        ("blank", 1) => proposed(Value::text("")),
        (name, run) => panic!("run {run} of {name}"),
    });
    let ended = driver.drive(plan(vec![answer("a")])).unwrap();
    let DriveOutcome::Committed(committed, _) = ended else { panic!("{ended:?}") };
    assert!(det::equal(committed.value(), &Value::text("both came back")));
}

#[test]
fn a_request_that_is_refused_is_the_tasks_cause() {
    let mut tape = Shared::default();
    let mut driver = driver(&mut tape, |_| Outcome::Parked {
        tasks: vec![support("s", "unheard")],
        frame: Value::Null,
        tokens: 0,
    });
    driver.drive(plan(vec![answer("a")])).unwrap();
    assert_eq!(driver.kernel().state(task(0)), Some(TaskState::Failed));
    let Some(Cause::RequestRefused { refusal }) = driver.kernel().cause(task(0)) else { panic!() };
    assert_eq!(refusal.gate(), sched::Gate::Operation);
}

#[test]
fn results_beyond_the_limits_are_refused_unharmed() {
    let deep = || (0..100_000).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    let large = || Value::Text("x".repeat(100 << 20));
    for make in [&deep as &dyn Fn() -> Value, &large] {
        let mut tape = Shared::default();
        let mut driver = driver(&mut tape, |_| proposed(make()));
        driver.drive(plan(vec![support("s", "draft")])).unwrap();
        assert_eq!(driver.kernel().state(task(0)), Some(TaskState::Failed));
        let Some(Cause::Oversize(excess)) = driver.kernel().cause(task(0)) else { panic!() };
        assert!(excess.found > excess.size.limit(), "{excess}");
    }
}

#[test]
fn one_append_covers_many_jobs_and_each_has_its_receipt() {
    let mut tape = Shared::default();
    let outside = tape.clone();
    let mut driver = driver(&mut tape, |_| proposed(Value::text("done")));
    let jobs: Vec<JobId> = (100..150).map(JobId).collect();
    for job in &jobs {
        driver
            .open(
                JobSpec::new(*job, Contract::from_form(Form::Text), Level::Syntax)
                    .consulting(Consulted::no_memory("a test")),
            )
            .unwrap();
        driver.admit(Plan { job: *job, tasks: vec![answer("a")] }).unwrap();
    }
    let mut news = Vec::new();
    while driver.turn(&mut news).unwrap() {}
    let tape = outside.0.borrow();
    assert_eq!(tape.groups.len(), 1, "{:?}", tape.groups);
    let mut told = 0;
    for item in &news {
        if let DriverEvent::Committed(committed, receipt) = item {
            let entry = &tape.entries[usize::try_from(receipt.index).unwrap()];
            assert_eq!((entry.kind, entry.task), (EntryKind::Committed, committed.task()));
            told += 1;
        }
    }
    assert_eq!(told, jobs.len());
}
