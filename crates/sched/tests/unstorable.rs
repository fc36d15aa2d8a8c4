//! The driver over a journal that refuses entries: what can never be stored ends its own job, and a disk that fails
//! now is tried again.

mod common;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;

use abi::bounds::{MAX_BLOB_BYTES, MAX_ENTRY_BYTES, check_entry};
use abi::{Body, Digest, Entry, EntryKind, JobId, Journal, Origin, Proposal, Receipt, TaskId, Value};
use det::{Contract, Form, Level, Validators};
use sched::{
    Cause, Consulted, DriveError, Driver, DriverEvent, Execution, Executor, History, Inline, JobSpec, Kernel,
    Operation, Outcome, Plan, Registry, StoppedClock, TaskSpec, TaskState, Tier, Work,
};

/// The journal's error: an entry that it never takes, or a disk that fails this time.
#[derive(Debug)]
enum Refused {
    Entry(usize),
    Disk,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(at) => write!(f, "entry {at} is not stored"),
            Self::Disk => f.write_str("the disk fails"),
        }
    }
}

impl std::error::Error for Refused {}

/// A journal in memory that refuses one kind of entry of some jobs, and blobs of a length.
#[derive(Default)]
struct Picky {
    history: History,
    entries: Vec<Entry>,
    refuses: Option<EntryKind>,
    jobs: BTreeSet<JobId>,
    blob: Option<usize>,
    /// The number of calls that still fail because of the disk.
    failing: u32,
}

impl Journal for Picky {
    type Error = Refused;

    fn append<B: Body>(&mut self, entries: &[Entry<B>]) -> Result<Vec<Receipt>, Refused> {
        if self.failing > 0 {
            self.failing -= 1;
            return Err(Refused::Disk);
        }
        let refused =
            |entry: &Entry<B>| Some(entry.kind) == self.refuses && self.jobs.contains(&entry.task.job);
        if let Some(at) = entries.iter().position(|entry| refused(entry) || check_entry(entry).is_err()) {
            return Err(Refused::Entry(at));
        }
        let receipts = entries.iter().map(|entry| {
            let entry = entry.with_value_body().expect("it nests as deeply as is read at most");
            self.history.take(&entry).expect("what is stored is a legal history");
            self.entries.push(entry);
            let digest = Digest::from_bytes([1; 32]);
            Receipt { index: self.entries.len() as u64 - 1, entry: digest, head: digest }
        });
        Ok(receipts.collect())
    }

    fn refused_entry(error: &Refused) -> Option<usize> {
        match error {
            Refused::Entry(at) => Some(*at),
            Refused::Disk => None,
        }
    }

    fn store_blob(&mut self, bytes: &[u8]) -> Result<Digest, Refused> {
        let refused = bytes.len() > MAX_BLOB_BYTES || Some(bytes.len()) == self.blob;
        if refused { Err(Refused::Entry(0)) } else { Ok(Digest::hash_blob(bytes)) }
    }
}

/// Proposes the input of its task.
struct Echo;

impl Executor for Echo {
    type Error = Infallible;

    fn run(&mut self, work: &Work) -> Result<Outcome, Infallible> {
        if work.spec.name == "large" {
            return Ok(Outcome::Proposed(Execution {
                record: Value::text("x".repeat(2 << 20)),
                ..Execution::from_proposal(proposal(Value::text("small")))
            }));
        }
        Ok(Outcome::Proposed(Execution::from_proposal(proposal(work.spec.input.clone()))))
    }
}

fn proposal(value: Value) -> Proposal<Value> {
    Proposal { value, origin: Origin::User }
}

type TestDriver<'a> = Driver<'a, Inline<Echo>, Picky, StoppedClock>;

/// A driver with the open jobs 0 to `jobs`, each with one answering task.
fn driver(journal: &mut Picky, jobs: u64) -> TestDriver<'_> {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("echo", Tier::Model));
    let mut driver = Driver::new(Kernel::new(registry, 2), Inline::new(Echo), journal, StoppedClock);
    for job in (0..jobs).map(JobId) {
        let contract = Contract::from_form(Form::Text);
        driver
            .open(
                JobSpec::new(job, contract.clone(), Level::Syntax).consulting(Consulted::no_memory("a test")),
            )
            .unwrap();
        let answer =
            TaskSpec::new("a", "echo", contract).answering().given(Value::text(format!("job {job}")));
        driver.admit(Plan { job, tasks: vec![answer] }).unwrap();
    }
    driver
}

/// Turns the driver until nothing is left to do. Returns the jobs that were answered, and those that were ended
/// because of an entry. Every call makes progress, so the number of calls is bounded.
fn run(driver: &mut TestDriver<'_>) -> (BTreeSet<JobId>, Vec<JobId>) {
    let (mut news, mut ended) = (Vec::new(), Vec::new());
    let finished = (0..1_000).any(|_| match driver.turn(&mut news) {
        Ok(active) => !active,
        Err(DriveError::Unstorable { job, .. }) => {
            ended.push(job);
            false
        }
        Err(DriveError::Journal(Refused::Disk)) => false,
        Err(error) => panic!("{error}"),
    });
    assert!(finished, "the driver repeats itself");
    let answered = news.iter().filter_map(|item| match item {
        DriverEvent::Committed(committed, _) => Some(committed.task().job),
        _ => None,
    });
    (answered.collect(), ended)
}

#[test]
fn a_job_whose_entry_is_never_stored_ends_and_the_others_are_answered() {
    let kinds = [
        EntryKind::Opened,
        EntryKind::Admitted,
        EntryKind::Proposed,
        EntryKind::Judged,
        EntryKind::Committed,
    ];
    for kind in kinds {
        let bad: BTreeSet<JobId> = [1, 3].map(JobId).into();
        let mut journal = Picky { refuses: Some(kind), jobs: bad.clone(), ..Picky::default() };
        let mut driver = driver(&mut journal, 5);
        let (answered, ended) = run(&mut driver);
        assert_eq!(answered, [0, 2, 4].map(JobId).into(), "{kind:?}");
        assert_eq!(ended, [1, 3].map(JobId), "{kind:?}");
        for job in &bad {
            assert!(!driver.kernel().is_open(*job));
        }
        drop(driver);
        // The history says that the job ended, and never that it was answered.
        let abstained = journal.entries.iter().filter(|entry| entry.kind == EntryKind::Abstained);
        assert_eq!(abstained.map(|entry| entry.task.job).collect::<BTreeSet<_>>(), bad, "{kind:?}");
        assert_eq!(journal.history.unfinished().count(), 0);
    }
}

#[test]
fn a_blob_that_is_never_stored_ends_its_job() {
    let input = Value::text(format!("job {}", JobId(0)));
    let mut journal = Picky { blob: Some(abi::encode(&input).len()), ..Picky::default() };
    let mut driver = driver(&mut journal, 1);
    let (answered, ended) = run(&mut driver);
    assert_eq!((answered.len(), ended), (0, vec![JobId(0)]));
}

#[test]
fn a_disk_that_fails_now_is_tried_again_and_nothing_is_lost() {
    let mut journal = Picky { failing: 7, ..Picky::default() };
    let mut driver = driver(&mut journal, 3);
    let (answered, ended) = run(&mut driver);
    assert_eq!((answered.len(), ended), (3, Vec::new()));
}

#[test]
fn an_oversized_account_fails_its_task_and_no_other_job() {
    let mut journal = Picky::default();
    let mut driver = driver(&mut journal, 3);
    let free = Contract::from_form(Form::Free);
    driver
        .open(JobSpec::new(JobId(9), free.clone(), Level::None).consulting(Consulted::no_memory("a test")))
        .unwrap();
    driver.admit(Plan { job: JobId(9), tasks: vec![TaskSpec::new("large", "echo", free)] }).unwrap();
    let (answered, ended) = run(&mut driver);
    assert_eq!((answered.len(), ended), (3, Vec::new()));
    let task = TaskId { job: JobId(9), number: 0 };
    assert_eq!(driver.kernel().state(task), Some(TaskState::Failed));
    assert!(matches!(driver.kernel().cause(task), Some(Cause::Oversize(_))));
    drop(driver);
    let failed =
        journal.entries.iter().find(|entry| entry.kind == EntryKind::Failed).expect("it is recorded");
    assert_eq!(failed.task, task);
}

#[test]
fn a_note_that_is_never_stored_is_refused_at_once() {
    let mut journal = Picky::default();
    let mut driver = driver(&mut journal, 1);
    let deep = (0..2_000_000).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    for body in [Value::text("x".repeat(MAX_ENTRY_BYTES)), deep] {
        let task = TaskId { job: JobId(0), number: 0 };
        let entry = Entry { kind: EntryKind::Decided, task, inputs: Vec::new(), body };
        assert!(matches!(driver.note(entry), Err(DriveError::TooLarge(_))));
    }
    assert_eq!(run(&mut driver).0.len(), 1);
}
