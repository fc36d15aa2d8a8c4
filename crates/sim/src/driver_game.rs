//! The shipped driver over the shipped ledger, in a world that lies, stalls, breaks and stops.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::path::Path;
use std::rc::Rc;

use abi::{Digest, JobId, Origin, Proposal, TaskId, Value};
use det::Level;
use fastrand::Rng;
use files::{Fault, FaultyDisk};
use ledger::{Caps, Ledger, SigningKey};
use sched::{
    Clock, Completion, Driver, Execution, History, Kernel, Millis, News, Outcome, Plan, Pool, Recorded,
    Returned, Role, TaskState, Work,
};

use crate::coverage::Coverage;
use crate::world::{Goal, KnownJob, Violation, check, job, registry, tasks, validators, vets};

const FOLDER: &str = "/ledger";
/// The most lines of a trace.
const LONGEST_TRACE: usize = 80;

/// Plays the game of `seed`, with those of its moves that `keep` admits; appends what was done to `trace`.
///
/// # Errors
/// The first promise that was not kept.
pub fn driver_game(
    seed: u64,
    keep: &dyn Fn(usize) -> bool,
    coverage: &mut Coverage,
    trace: &mut Vec<String>,
) -> Result<(), Violation> {
    let mut rng = Rng::with_seed(seed ^ 0xd15c);
    let key = SigningKey::from_seed([7; 32]).map_err(|error| Violation(error.to_string()))?;
    let disk = FaultyDisk::default();
    let (mut ledger, _) = Ledger::open_on(disk.clone(), Path::new(FOLDER), &key, Caps::default())
        .map_err(|error| Violation(format!("a sound disk was refused: {error}")))?;
    if rng.u8(..3) == 0 {
        disk.fail_after(rng.u32(..160), Fault::Stop);
    }
    if rng.u8(..3) == 0 {
        disk.fail_after(rng.u32(..110), Fault::Short);
    }
    let mut seen = Seen::default();
    let stopped = play(&mut rng, &disk, &mut ledger, &mut seen, keep, coverage, trace)?;
    drop(ledger);
    disk.heal();
    let survivor = if stopped { disk.after_crash(&mut |below| rng.usize(..below)) } else { disk };
    recover(&survivor, &key, &seen, stopped)
}

/// What the outside of the game has seen.
#[derive(Default)]
struct Seen {
    jobs: Vec<KnownJob>,
    /// Commits that were acknowledged: the entry's digest, the result, the head.
    acknowledged: BTreeMap<JobId, (Digest, Digest, Digest)>,
    /// The states in which the kernel was left.
    states: BTreeMap<TaskId, TaskState>,
    /// Whether everything was written down before the end.
    flushed: bool,
}

/// True when the machine stopped on the way.
fn play(
    rng: &mut Rng,
    disk: &FaultyDisk,
    ledger: &mut Ledger<FaultyDisk>,
    seen: &mut Seen,
    keep: &dyn Fn(usize) -> bool,
    coverage: &mut Coverage,
    trace: &mut Vec<String>,
) -> Result<bool, Violation> {
    let time = Rc::new(Cell::new(0));
    let faults = Rc::new(RefCell::new(rng.fork()));
    let moody = validators(Level::Oracle, move |text| {
        assert!(faults.borrow_mut().u8(..6) > 0, "the validator breaks");
        vets(text)
    });
    let kernel = Kernel::new(registry(moody), rng.usize(1..4));
    let pool = SimPool::new(rng.fork(), Rc::clone(&time));
    let mut driver = Driver::new(kernel, pool, ledger, SimClock(time));
    let mut names = 0;
    let moves = rng.usize(3..40);
    for index in 0..moves {
        let mut rng = rng.fork();
        if !keep(index) {
            continue;
        }
        let mut news = Vec::new();
        let told = match rng.u8(..8) {
            0 if seen.jobs.len() < 4 => {
                let (spec, known) = job(&mut rng, JobId(seen.jobs.len() as u64 + 1), driver.pool.now());
                seen.jobs.push(known);
                format!("open: {:?}", driver.open(spec).err())
            }
            0..=2 => {
                let known = seen.jobs.get(rng.usize(..seen.jobs.len().max(1))).cloned();
                match known {
                    Some(known) => {
                        let tasks = tasks(&mut rng, &known, &mut names);
                        let plan = Plan { job: known.id, tasks };
                        format!("admit to {}: {:?}", known.id, driver.admit(plan).err())
                    }
                    None => "no job".to_owned(),
                }
            }
            _ => match driver.turn(&mut news) {
                Ok(active) => format!("turn: {active}, {} news", news.len()),
                Err(error) if disk.has_stopped() => {
                    trace.push(format!("{index}: the machine stops: {error}"));
                    hear(news, seen)?;
                    return Ok(true);
                }
                Err(error) => format!("turn: {error}"),
            },
        };
        trace.push(format!("{index}: {told}"));
        hear(news, seen)?;
        driver.pool.looked_at(&seen.jobs)?;
    }
    // Let everything come to its end: time passes, and nothing new is asked for.
    for _ in 0..4_000 {
        let mut news = Vec::new();
        let turned = driver.turn(&mut news);
        if trace.len() < LONGEST_TRACE {
            trace.push(format!("to the end: {turned:?} {news:?} at {:?}", driver.pool.now()));
        }
        hear(news, seen)?;
        driver.pool.looked_at(&seen.jobs)?;
        match turned {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) if disk.has_stopped() => return Ok(true),
            Err(_) => {}
        }
    }
    for known in &seen.jobs {
        if driver.kernel.is_open(known.id) {
            let running = driver.kernel.tasks(known.id).find_map(|task| {
                let state = driver.kernel.state(task)?;
                (!state.is_settled()).then_some((task, state))
            });
            check(running.is_none(), || format!("{running:?} did not end though nothing is left to do"))?;
            let ended = driver.abstain(known.id, "the end".to_owned());
            if ended.is_err() && disk.has_stopped() {
                return Ok(true);
            }
        }
    }
    let mut news = Vec::new();
    // A full disk is full once; the second attempt finds room.
    seen.flushed = driver.sync(&mut news).is_ok() || driver.sync(&mut news).is_ok();
    hear(news, seen)?;
    for known in &seen.jobs {
        for task in driver.kernel.tasks(known.id) {
            let state = driver.kernel.state(task).unwrap_or(TaskState::Waiting);
            check(state.is_settled(), || format!("{task} ended as {state}"))?;
            seen.states.insert(task, state);
        }
    }
    coverage.see(seen.states.values().copied());
    Ok(disk.has_stopped())
}

/// Checks what the driver tells.
fn hear(news: Vec<News<Broken>>, seen: &mut Seen) -> Result<(), Violation> {
    for item in news {
        let News::Committed(committed, receipt) = item else { continue };
        let id = committed.task().job;
        let Some(known) = seen.jobs.iter().find(|job| job.id == id) else {
            return Err(Violation(format!("{id} was never opened and is answered")));
        };
        let (level, required) = (committed.level(), known.required);
        check(level >= required, || format!("committed at {level}, {required} is required"))?;
        check(known.goal.is_right(committed.value()), || format!("{id} was given a wrong value"))?;
        let result = committed.verdict().subject();
        let before = seen.acknowledged.insert(id, (receipt.entry, result, receipt.head));
        check(before.is_none(), || format!("{id} was answered twice"))?;
    }
    Ok(())
}

/// Opens the ledger again, as the next process would, and compares it with what was seen.
fn recover(disk: &FaultyDisk, key: &SigningKey, seen: &Seen, stopped: bool) -> Result<(), Violation> {
    let folder = Path::new(FOLDER);
    let opened = Ledger::open_on(disk.clone(), folder, key, Caps::default());
    let (ledger, _) =
        opened.map_err(|error| Violation(format!("the ledger does not open after the end: {error}")))?;
    drop(ledger);
    let verified = ledger::verify_on(disk, folder, key.public(), None);
    verified.map_err(|error| Violation(format!("the ledger does not hold after the end: {error}")))?;
    let mut history = History::default();
    let mut entries = BTreeMap::new();
    let stored = ledger::read_on(disk, folder).map_err(|error| Violation(error.to_string()))?;
    for entry in stored {
        let entry = entry.map_err(|error| Violation(error.to_string()))?;
        history
            .take(&entry.entry)
            .map_err(|error| Violation(format!("the history contradicts itself: {error}")))?;
        entries.insert(entry.digest, entry.head);
    }
    for (job, (entry, result, head)) in &seen.acknowledged {
        let kept = entries.get(entry) == Some(head);
        check(kept, || format!("the acknowledged commit of {job} is gone"))?;
        let end = history.job(*job).and_then(|past| past.end.clone());
        let same = matches!(&end, Some(sched::JobEnd::Committed { result: found, .. }) if found == result);
        check(same, || format!("{job} was answered, its history says {end:?}"))?;
    }
    if !stopped && seen.flushed {
        for (task, state) in &seen.states {
            let past = history.job(task.job).and_then(|job| job.tasks.get(&task.number));
            let found = past.map(|past| past.state);
            check(found == Some(recorded(*state)), || {
                format!("{task} is {state}, its history says {found:?}")
            })?;
        }
        check(history.unfinished().next().is_none(), || {
            "a job ended and its history does not say so".to_owned()
        })?;
    }
    Ok(())
}

/// How the history tells of a settled state.
fn recorded(state: TaskState) -> Recorded {
    match state {
        TaskState::Passed => Recorded::Passed,
        TaskState::Repaired => Recorded::Repaired,
        TaskState::Committed => Recorded::Committed,
        TaskState::Refuted => Recorded::Refuted,
        TaskState::Failed => Recorded::Failed,
        TaskState::Cancelled => Recorded::Cancelled,
        TaskState::Waiting | TaskState::Ready | TaskState::Running | TaskState::Parked => Recorded::Pending,
        TaskState::Validating => Recorded::Proposed,
        TaskState::Repairing => Recorded::Repairing,
    }
}

/// A clock that the pool turns.
struct SimClock(Rc<Cell<u64>>);

impl Clock for SimClock {
    fn now(&mut self) -> Millis {
        Millis(self.0.get())
    }
}

/// What an executor of the simulation says when it fails.
#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it broke")
    }
}

impl std::error::Error for Broken {}

/// A pool whose executors do as they please.
struct SimPool {
    rng: Rng,
    time: Rc<Cell<u64>>,
    running: VecDeque<Work>,
    /// Returned once; they may come back a second time.
    returned: Vec<(TaskId, u32)>,
    started: Vec<Work>,
    runs: BTreeMap<JobId, (u32, BTreeMap<String, u32>)>,
    names: u32,
}

impl SimPool {
    fn new(rng: Rng, time: Rc<Cell<u64>>) -> Self {
        let (running, returned, started) = (VecDeque::new(), Vec::new(), Vec::new());
        Self { rng, time, running, returned, started, runs: BTreeMap::new(), names: 0 }
    }

    fn now(&self) -> Millis {
        Millis(self.time.get())
    }

    /// Checks what was started since the last look.
    fn looked_at(&mut self, jobs: &[KnownJob]) -> Result<(), Violation> {
        for work in std::mem::take(&mut self.started) {
            let Some(job) = jobs.iter().find(|job| job.id == work.task.job) else {
                return Err(Violation(format!("{} runs for no job", work.task)));
            };
            let spec = &work.spec;
            check(spec.operation != "forbidden", || format!("{} runs what is forbidden", work.task))?;
            let complete = work.inputs.len() == spec.after.len();
            check(complete, || format!("{} runs without a result that it waits for", work.task))?;
            let answers = spec.role == Role::Answer;
            let under = spec.contract.digest() == job.goal.contract().digest();
            check(!answers || under, || format!("{} answers under another contract", work.task))?;
            let (runs, same) = self.runs.entry(job.id).or_default();
            *runs += 1;
            let same = same.entry(spec.operation.clone()).or_default();
            *same += 1;
            let paid = *runs <= job.budget.traps && *same <= job.budget.same_operation;
            check(paid, || format!("{} runs and {} was not paid for it", work.task, job.id))?;
        }
        Ok(())
    }

    fn finish(&mut self, work: &Work) -> Returned<Broken> {
        let (task, run) = (work.task, work.run);
        self.returned.push((task, run));
        let goal = Goal::ALL
            .into_iter()
            .find(|goal| goal.contract().digest() == work.spec.contract.digest())
            .unwrap_or(Goal::Talk);
        let completion = match self.rng.u8(..16) {
            0 => Completion::Failed(Broken),
            1 => Completion::Panicked("it panics".to_owned()),
            2 if work.replies.is_empty() => self.park(),
            3..=5 => Completion::Done(Outcome::Proposed(self.execution(goal.wrong(), work))),
            // What it was given, passed on.
            6 if !work.inputs.is_empty() => {
                let value = Value::clone(&work.inputs[0].value);
                Completion::Done(Outcome::Proposed(self.execution(value, work)))
            }
            7 => {
                let deep = (0..300).fold(Value::Null, |inner, _| Value::List(vec![inner]));
                Completion::Done(Outcome::Proposed(self.execution(deep, work)))
            }
            _ => Completion::Done(Outcome::Proposed(self.execution(goal.right(), work))),
        };
        Returned { task, run, completion }
    }

    fn execution(&mut self, value: Value, work: &Work) -> Execution {
        // It claims whatever origin it likes; nothing follows from it.
        let origin = match self.rng.u8(..3) {
            0 => Origin::Primitive { digest: Digest::of("nmk.sim.v1", b"claimed") },
            1 => Origin::User,
            _ => Origin::RemoteModel { name: "stranger".to_owned() },
        };
        let limit = work.spec.limits.tokens;
        let tokens = if self.rng.u8(..10) == 0 { limit + 1 } else { self.rng.u64(..=limit) };
        let blobs = (0..self.rng.usize(..3)).map(|_| vec![self.rng.u8(..); 9]).collect();
        Execution { blobs, tokens, ..Execution::of(Proposal { value, origin }) }
    }

    fn park(&mut self) -> Completion<Broken> {
        let known = KnownJob {
            id: JobId(0),
            goal: Goal::ALL[self.rng.usize(..Goal::ALL.len())],
            required: Level::None,
            budget: sched::Budget::REFERENCE,
            rights: sched::Rights::new(),
        };
        self.names += 1;
        let mut names = 1_000_000 + self.names * 100;
        let mut tasks = tasks(&mut self.rng, &known, &mut names);
        tasks.iter_mut().for_each(|task| task.role = Role::Support);
        let frame = Value::Int(i64::from(self.names));
        Completion::Done(Outcome::Parked { tasks, frame, tokens: 0 })
    }
}

impl Pool for SimPool {
    type Error = Broken;

    fn start(&mut self, work: Work) {
        self.started.push(work.clone());
        self.running.push_back(work);
    }

    fn poll(&mut self) -> Option<Returned<Broken>> {
        match self.rng.u8(..8) {
            // Nothing is ready, or a run that returned comes back once more, or one nobody started.
            0 | 1 => None,
            2 => {
                let (task, run) = *self.returned.get(self.rng.usize(..self.returned.len().max(1)))?;
                let subject = Proposal { value: Value::text("once more"), origin: Origin::User };
                let again = Outcome::Proposed(Execution::of(subject));
                Some(Returned { task, run, completion: Completion::Done(again) })
            }
            3 => {
                self.time.set(self.time.get() + self.rng.u64(..30));
                None
            }
            _ => {
                let at = self.rng.usize(..self.running.len().max(1));
                // Some never come back.
                let work = self.running.remove(at)?;
                (self.rng.u8(..12) > 0).then(|| self.finish(&work))
            }
        }
    }

    fn wait(&mut self, limit: Option<Millis>) -> Option<Returned<Broken>> {
        let limit = limit.map_or(10, |limit| limit.0);
        if self.rng.bool()
            && let Some(work) = self.running.pop_front()
        {
            self.time.set(self.time.get() + self.rng.u64(..=limit));
            return Some(self.finish(&work));
        }
        self.time.set(self.time.get() + limit);
        None
    }
}
