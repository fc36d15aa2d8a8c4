//! The benchmark of the trusted core: scheduler and ledger.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use abi::{Digest, Entry, EntryKind, JobId, Journal, Origin, Proposal, TaskId, Value};
use det::{Contract, Form, Level, TrustRoot, Validators};
use ledger::{Disk, Ledger, LedgerError, MemoryDisk, OsDisk, SigningKey, SizeLimits};
use sched::{
    Budget, Consulted, Driver, DriverEvent, Effect, Event, Execution, Executor, Inline, JobSpec, Kernel,
    Limits, Millis, Operation, Outcome, Plan, Registry, StoppedClock, TaskSpec, Tier, Work,
};

use super::Figure;
use crate::operations::builtin_toolbox;
use crate::programs::JudgesAsMet;
use crate::replay::replay;

/// The number of admissions that are timed one by one.
const ADMISSIONS: usize = 50_000;
/// The number of governed actions (a job from its opening to its committed answer) in one run.
const ACTIONS: u64 = 20_000;
/// The number of jobs that are open at the same time, so that one durable head covers many.
const OPEN: u64 = 256;
/// The number of entries in the ledger that is verified.
const ENTRIES: usize = 100_000;
/// The number of tasks in the graph that is one circle, which is nearly the most that a job may hold.
pub(crate) const CYCLE: usize = 131_000;
/// The number of runs of each measurement. The median is reported, with the least and the most.
const REPEATS: usize = 5;

/// Everything that this benchmark measured.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// The median time of admitting a plan of one task, in nanoseconds.
    pub(crate) admission_median_ns: Figure,
    /// The 99th percentile of the time of admitting a plan of one task, in nanoseconds.
    pub(crate) admission_p99_ns: Figure,
    /// The number of admissions per second.
    pub(crate) admissions: Figure,
    /// The number of governed actions per second over a ledger in memory.
    pub(crate) in_memory: Figure,
    /// The number of governed actions per second over a ledger on disk, each durable before it is reported.
    pub(crate) durable: Figure,
    /// The number of entries that are verified per second.
    pub(crate) verified: Figure,
    /// The number of entries that are replayed per second from a ledger on disk: every judgement is made
    /// again from its blobs.
    pub(crate) replayed: Figure,
    /// The time for each task in nanoseconds, by the number of tasks in one graph.
    pub(crate) growth: Vec<(usize, Figure)>,
    /// The time in milliseconds until a graph of [`CYCLE`] tasks that wait for each other in one circle is refused,
    /// from the text of its file on.
    pub(crate) cycle_ms: Figure,
}

/// Measures everything; `folder` gets the ledger of the durable runs.
pub(crate) fn measure(
    folder: &Path,
    watch: &mut dyn FnMut(&str),
    root: &impl TrustRoot,
) -> Result<Measured, LedgerError> {
    let key = SigningKey::from_seed([7; 32]).expect("the seed of the benchmark is a key");
    watch("admissions");
    let admissions: Vec<(f64, f64, f64)> = (0..REPEATS).map(|_| admissions()).collect();
    let by = |part: fn(&(f64, f64, f64)) -> f64| Figure::from_runs(admissions.iter().map(part).collect());
    watch("governed actions in memory");
    let mut in_memory = Vec::new();
    for _ in 0..REPEATS {
        in_memory.push(actions(MemoryDisk::default(), Path::new("/bench"), &key)?);
    }
    watch("governed actions on disk");
    let mut durable = Vec::new();
    for run in 0..REPEATS {
        durable.push(actions(OsDisk, &folder.join(format!("run-{run}")), &key)?);
    }
    watch("verification");
    let verified = verification(&key)?;
    watch("replay");
    let replayed = replays(&folder.join("run-0"), root)?;
    watch("growth");
    let growth = [100, 1_000, 10_000, 100_000]
        .map(|tasks| (tasks, Figure::from_runs((0..3).map(|_| growth(tasks)).collect())));
    watch("a circle of tasks");
    let text = circle();
    let cycle_ms = Figure::from_runs((0..REPEATS).map(|_| refusal_ms(&text, root)).collect());
    Ok(Measured {
        admission_median_ns: by(|run| run.0),
        admission_p99_ns: by(|run| run.1),
        admissions: by(|run| run.2),
        in_memory: Figure::from_runs(in_memory),
        durable: Figure::from_runs(durable),
        verified,
        replayed,
        growth: growth.to_vec(),
        cycle_ms,
    })
}

fn registry() -> Registry {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new("nothing", Tier::Primitive));
    registry
}

fn contract() -> Arc<Contract> {
    Arc::new(Contract::from_form(Form::Text))
}

/// Returns a budget that no benchmark exhausts.
fn plenty() -> Budget {
    let most = Budget::MAX_TASKS;
    Budget { tasks: most, runs: most, same_operation: most, tokens: 0, wall_ms: u64::MAX / 2 }
}

fn open(job: JobId) -> JobSpec {
    JobSpec {
        budget: plenty(),
        ..JobSpec::new(job, contract(), Level::Syntax)
            .consulting(Consulted::no_memory("a measurement keeps none"))
    }
}

fn nanoseconds(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1e9
}

/// Returns the median and the 99th percentile of the time of an admission in nanoseconds, and the admissions
/// per second.
fn admissions() -> (f64, f64, f64) {
    let (job, contract) = (JobId(1), contract());
    let mut kernel = Kernel::new(registry(), 1);
    kernel.step(Millis(0), Event::Open(open(job))).expect("the job is sound");
    let plans = (0..ADMISSIONS).map(|number| {
        let task = TaskSpec::new(format!("task {number}"), "nothing", Arc::clone(&contract));
        Event::Admit(Plan { job, tasks: vec![task] })
    });
    let plans: Vec<Event> = plans.collect();
    let mut times = Vec::with_capacity(ADMISSIONS);
    let begun = Instant::now();
    for plan in plans {
        let before = Instant::now();
        let effects = kernel.step(Millis(0), plan).expect("the plan is sound");
        times.push(nanoseconds(before.elapsed()));
        drop(effects);
    }
    let whole = begun.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    (times[ADMISSIONS / 2], times[ADMISSIONS * 99 / 100], ADMISSIONS as f64 / whole)
}

/// An executor that proposes the same words for every task.
struct Nothing;

impl Executor for Nothing {
    type Error = std::convert::Infallible;

    fn run(&mut self, _: &Work) -> Result<Outcome, Self::Error> {
        let subject = Proposal { value: Value::text("nothing"), origin: Origin::User };
        Ok(Outcome::Proposed(Execution::from_proposal(subject)))
    }
}

/// Returns the governed actions per second: a job is opened, its task admitted, run and judged, its value
/// committed, appended and reported.
fn actions<D: Disk>(disk: D, folder: &Path, key: &SigningKey) -> Result<f64, LedgerError> {
    let (mut ledger, _) = Ledger::open_on(disk, folder, key, SizeLimits::default())?;
    let kernel = Kernel::new(registry(), 1);
    let mut driver = Driver::new(kernel, Inline::new(Nothing), &mut ledger, StoppedClock);
    let contract = contract();
    let limits = Limits { retries: 0, wall_ms: 1_000, tokens: 0 };
    let (mut next, mut told) = (0, 0);
    let begun = Instant::now();
    while told < ACTIONS {
        while next < ACTIONS && next < told + OPEN {
            let job = JobId(next);
            next += 1;
            driver
                .open(
                    JobSpec::new(job, Arc::clone(&contract), Level::Syntax)
                        .consulting(Consulted::no_memory("a measurement keeps none")),
                )
                .expect("the job is sound");
            let task = TaskSpec::new("task", "nothing", Arc::clone(&contract)).answering().within(limits);
            driver.admit(Plan { job, tasks: vec![task] }).expect("the plan is sound");
        }
        let mut news = Vec::new();
        driver.turn(&mut news).map_err(|error| match error {
            sched::DriveError::Journal(error) | sched::DriveError::Unstorable { error, .. } => error,
            sched::DriveError::Refused(refusal) => unreachable!("a sound job was {refusal}"),
            sched::DriveError::TooLarge(unstorable) => unreachable!("nothing was noted: {unstorable}"),
        })?;
        for item in news {
            if let DriverEvent::Committed(committed, _) = item {
                told += 1;
                driver.retire(committed.task().job);
            }
        }
    }
    Ok(ACTIONS as f64 / begun.elapsed().as_secs_f64())
}

/// Returns the entries that are verified per second, in a ledger in memory.
fn verification(key: &SigningKey) -> Result<Figure, LedgerError> {
    let (disk, folder) = (MemoryDisk::default(), Path::new("/bench"));
    let (mut ledger, _) = Ledger::open_on(disk.clone(), folder, key, SizeLimits::default())?;
    for group in 0..ENTRIES / 1_000 {
        let entries: Vec<Entry> = (0..1_000)
            .map(|number| Entry {
                kind: EntryKind::Judged,
                task: TaskId { job: JobId(group as u64), number },
                inputs: vec![Digest::hash("nmk.bench.v1", &number.to_le_bytes())],
                body: Value::map([("level", Value::text("oracle")), ("met", Value::Bool(true))]),
            })
            .collect();
        ledger.append(&entries)?;
    }
    drop(ledger);
    let mut runs = Vec::new();
    for _ in 0..REPEATS {
        let begun = Instant::now();
        let verified = ledger::verify_on(&disk, folder, key.public(), None)?;
        runs.push(verified.count as f64 / begun.elapsed().as_secs_f64());
    }
    Ok(Figure::from_runs(runs))
}

/// Entries run again a second, of the ledger that a durable run left.
fn replays(folder: &Path, root: &impl TrustRoot) -> Result<Figure, LedgerError> {
    let entries = ledger::read(folder)?.count() as f64;
    let mut runs = Vec::new();
    for _ in 0..REPEATS {
        let begun = Instant::now();
        let replayed = replay(folder, None, crate::replay::AtHand::nothing(), JudgesAsMet::new(None), root)?;
        let elapsed = begun.elapsed().as_secs_f64();
        let same = replayed.difference.is_none() && replayed.unproven.is_empty();
        assert!(same && replayed.judgements == ACTIONS, "the benchmark's own ledger comes out otherwise");
        runs.push(entries / elapsed);
    }
    Ok(Figure::from_runs(runs))
}

/// Returns the time for each task in nanoseconds, in a graph of `count` tasks that each wait for the two
/// before, admitted and run to its end.
fn growth(count: usize) -> f64 {
    let (job, contract) = (JobId(1), contract());
    let mut kernel = Kernel::new(registry(), 4);
    kernel.step(Millis(0), Event::Open(open(job))).expect("the job is sound");
    let tasks = (0..count).map(|number| {
        let before = number.saturating_sub(2)..number;
        let limits = Limits { wall_ms: 1, ..Limits::REFERENCE };
        TaskSpec::new(format!("t{number}"), "nothing", Arc::clone(&contract))
            .after(before.map(|before| format!("t{before}")))
            .within(limits)
    });
    let plan = Event::Admit(Plan { job, tasks: tasks.collect() });
    let begun = Instant::now();
    let mut events = vec![plan];
    while let Some(event) = events.pop() {
        for effect in kernel.step(Millis(0), event).expect("every step is sound") {
            match effect {
                Effect::Run(task) => {
                    let subject = Proposal { value: Value::text("nothing"), origin: Origin::User };
                    let (record, inputs) = (Value::Null, Vec::new());
                    events.push(Event::Proposed { task, subject, record, inputs, tokens: 0 });
                }
                Effect::Judge { task, subject, inputs } => {
                    let validators = kernel.registry().validators();
                    let judged =
                        subject.judge(validators, task, &contract, inputs).expect("text can be judged");
                    events.push(Event::Judged { task, judged });
                }
                _ => {}
            }
        }
    }
    nanoseconds(begun.elapsed()) / count as f64
}

/// Returns the file of a graph in which every task waits for the next one, and the last for the first.
fn circle() -> String {
    let task = |number: usize| {
        let next = (number + 1) % CYCLE;
        format!("[[task]]\nname = \"t{number}\"\noperation = \"commit\"\nafter = [\"t{next}\"]\n\n")
    };
    (0..CYCLE).map(task).collect()
}

/// Returns the milliseconds from the text of a graph to the refusal of its plan.
fn refusal_ms(text: &str, root: &impl TrustRoot) -> f64 {
    let begun = Instant::now();
    let graph = crate::graph::parse(text, root).expect("the graph of the benchmark can be read");
    let job = JobId(1);
    let mut kernel = Kernel::new(crate::operations::registry(builtin_toolbox()), 1);
    kernel
        .step(
            Millis(0),
            Event::Open(graph.job(job, Millis(0), Consulted::no_memory("a measurement keeps none"))),
        )
        .expect("the job is sound");
    let refused = kernel.step(Millis(0), Event::Admit(Plan { job, tasks: graph.tasks }));
    let elapsed = nanoseconds(begun.elapsed()) / 1e6;
    let cycle =
        |refusal: &sched::Refusal| matches!(refusal, sched::Refusal::Cycle { tasks } if tasks.len() == CYCLE);
    assert!(refused.as_ref().is_err_and(cycle), "the circle of the benchmark is refused as one");
    elapsed
}
