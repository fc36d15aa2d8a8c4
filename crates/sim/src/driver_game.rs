//! The game of the driver: the shipped driver over the shipped ledger, with faults of every kind.
//!
//! Executors and validators lie, stall, panic and repeat themselves. The disk tears, loses and refuses
//! writes, and the machine stops between any two of them.

mod pool;
mod recovery;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use abi::bounds::cut;
use abi::{Digest, JobId, TaskId};
use det::Level;
use fastrand::Rng;
use files::{Fault, FaultyDisk};
use ledger::{Ledger, LedgerError, SigningKey, SizeLimits};
use sched::{DriveError, Driver, DriverEvent, JobSpec, Kernel, Plan, Refusal, TaskState};

use crate::coverage::Coverage;
use crate::sizes;
use crate::world::{KnownJob, Violation, check, job, registry, tasks, unconsulted, validators, vets};

use pool::{Broken, SimClock, SimPool};
use recovery::recover;

/// The folder of the ledger on the simulated disk.
const FOLDER: &str = "/ledger";
/// The most lines of a trace that the last turns may fill.
const LONGEST_TRACE: usize = 80;
/// The longest line of a trace, in bytes. Names and texts may be of any size.
const LONGEST_LINE: usize = 400;
/// The most turns after the last move. A game that still runs then has a task that never ends.
const LAST_TURNS: usize = 4_000;

/// Plays the game of the driver for one seed, without the moves for which `keep` returns false. The call adds
/// what it reaches to `coverage` and a line for each move to `trace`.
///
/// # Errors
/// [`Violation`] for the first guarantee that was broken.
pub fn driver_game(
    seed: u64,
    keep: &dyn Fn(usize) -> bool,
    coverage: &mut Coverage,
    trace: &mut Vec<String>,
) -> Result<(), Violation> {
    let mut rng = Rng::with_seed(seed ^ 0xd15c);
    let key = SigningKey::from_seed([7; 32]).map_err(|error| Violation(error.to_string()))?;
    let disk = FaultyDisk::default();
    let limits = SizeLimits { unchecked: rng.u64(1..24), ..SizeLimits::default() };
    let (mut ledger, _) = Ledger::open_on(disk.clone(), Path::new(FOLDER), &key, limits)
        .map_err(|error| Violation(format!("a sound disk was refused: {error}")))?;
    if rng.u8(..3) == 0 {
        disk.fail_after(rng.u32(..160), Fault::Stop);
    }
    if rng.u8(..3) == 0 {
        disk.fail_after(rng.u32(..110), Fault::Short);
    }
    let mut observed = Observed::default();
    let stopped = play(&mut rng, &disk, &mut ledger, &mut observed, keep, coverage, trace)?;
    drop(ledger);
    disk.heal();
    let survivor = if stopped { disk.after_crash(&mut |below| rng.usize(..below)) } else { disk };
    if recover(&survivor, &key, &observed, stopped)? {
        coverage.resume(stopped);
    }
    Ok(())
}

/// The observations of somebody outside the driver, with which the recovered history is compared.
#[derive(Default)]
struct Observed {
    jobs: Vec<KnownJob>,
    /// The commits that were reported as durable, by job: the digest of the entry, of the result, and the
    /// head.
    acknowledged: BTreeMap<JobId, (Digest, Digest, Digest)>,
    /// The last known state of each task.
    states: BTreeMap<TaskId, TaskState>,
    /// True if everything was durable at the end of the game.
    flushed: bool,
}

/// Plays the moves of a game and lets every job end. Returns true if the machine stopped before that.
fn play(
    rng: &mut Rng,
    disk: &FaultyDisk,
    ledger: &mut Ledger<FaultyDisk>,
    observed: &mut Observed,
    keep: &dyn Fn(usize) -> bool,
    coverage: &mut Coverage,
    trace: &mut Vec<String>,
) -> Result<bool, Violation> {
    let time = Rc::new(Cell::new(0));
    let faults = Rc::new(RefCell::new(rng.fork()));
    let faulty = validators(Level::Oracle, move |text| {
        assert!(faults.borrow_mut().u8(..6) > 0, "the validator breaks");
        vets(text)
    });
    let kernel = Kernel::new(registry(faulty), rng.usize(1..4));
    let pool = SimPool::new(rng.fork(), Rc::clone(&time));
    let driver = Driver::new(kernel, pool, ledger, SimClock(time));
    let mut game = Game { driver, disk, observed, trace, names: 0 };
    let moves = rng.usize(3..40);
    for index in 0..moves {
        let mut rng = rng.fork();
        if keep(index) && game.play_move(&mut rng, index)? {
            return Ok(true);
        }
    }
    if game.run_to_the_end()? || game.end_jobs()? {
        return Ok(true);
    }
    game.check_endings()?;
    coverage.see(game.observed.states.values().copied());
    Ok(disk.has_stopped())
}

/// A running game: the driver, and the records that the checks need.
struct Game<'a> {
    driver: Driver<'a, SimPool, Ledger<FaultyDisk>, SimClock>,
    disk: &'a FaultyDisk,
    observed: &'a mut Observed,
    trace: &'a mut Vec<String>,
    /// The number of task names that were given out.
    names: u32,
}

impl Game<'_> {
    /// Plays one move: opens a job, admits a plan, or turns the driver. Returns true if the machine stopped.
    fn play_move(&mut self, rng: &mut Rng, index: usize) -> Result<bool, Violation> {
        let mut news = Vec::new();
        let line = match rng.u8(..8) {
            0 if self.observed.jobs.len() < 4 => {
                let id = JobId(self.observed.jobs.len() as u64 + 1);
                let (spec, known) = job(rng, id, self.driver.pool().now());
                let unheard = self.driver.open(JobSpec { consulted: None, ..spec.clone() }).err();
                check(unheard == Some(Refusal::NotConsulted { job: id }), || unconsulted(id))?;
                self.observed.jobs.push(known);
                format!("open: {:?}", self.driver.open(spec).err())
            }
            0..=2 => {
                let known = self.observed.jobs.get(rng.usize(..self.observed.jobs.len().max(1))).cloned();
                match known {
                    Some(known) => {
                        let tasks = tasks(rng, &known, &mut self.names);
                        let names: Vec<_> = tasks.iter().map(|task| task.name.clone()).collect();
                        let fits = tasks.iter().all(sizes::fits);
                        let refused = self.driver.admit(Plan { job: known.id, tasks }).err();
                        check(refused.is_some() || fits, || "an oversized plan was admitted".to_owned())?;
                        if refused.is_none() {
                            self.driver.pool_mut().learn(known.id, names);
                        }
                        format!("admit to {}: {refused:?}", known.id)
                    }
                    None => "no job".to_owned(),
                }
            }
            _ => match self.driver.turn(&mut news) {
                Ok(active) => format!("turn: {active}, {} news", news.len()),
                Err(error) if self.disk.has_stopped() => {
                    self.trace.push(format!("{index}: the machine stops: {error}"));
                    check_news(news, self.observed)?;
                    return Ok(true);
                }
                Err(error) => {
                    check_storable(&error)?;
                    format!("turn: {error}")
                }
            },
        };
        self.trace.push(format!("{index}: {}", cut(&line, LONGEST_LINE)));
        self.check(news)?;
        Ok(false)
    }

    /// Turns the driver until nothing is left to do, without new jobs or plans. Returns true if the machine
    /// stopped.
    fn run_to_the_end(&mut self) -> Result<bool, Violation> {
        for _ in 0..LAST_TURNS {
            let mut news = Vec::new();
            let turned = self.driver.turn(&mut news);
            if self.trace.len() < LONGEST_TRACE {
                let now = self.driver.pool().now();
                let line = format!("to the end: {turned:?} {news:?} at {now:?}");
                self.trace.push(cut(&line, LONGEST_LINE).into_owned());
            }
            self.check(news)?;
            match turned {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) if self.disk.has_stopped() => return Ok(true),
                Err(error) => check_storable(&error)?,
            }
        }
        Ok(false)
    }

    /// Ends the jobs that are still open, and checks that none has a task that has not ended. Returns true if
    /// the machine stopped.
    fn end_jobs(&mut self) -> Result<bool, Violation> {
        for known in &self.observed.jobs {
            let driver = &mut self.driver;
            if driver.kernel().is_open(known.id) {
                let running = driver.kernel().tasks(known.id).find_map(|task| {
                    let state = driver.kernel().state(task)?;
                    (!state.is_settled()).then_some((task, state))
                });
                check(running.is_none(), || format!("{running:?} did not end though nothing is left to do"))?;
                // A reason may be long too; its length is that of the disk's, so that a seed is one game.
                let long = driver.kernel().tasks(known.id).count() % 7 == 6;
                let ended = driver.abstain(known.id, "the end ".repeat(if long { 1 << 18 } else { 1 }));
                if ended.is_err() && self.disk.has_stopped() {
                    return Ok(true);
                }
                ended.err().map_or(Ok(()), |error| check_storable(&error))?;
            }
        }
        Ok(false)
    }

    /// Makes everything durable, and checks that every task has ended.
    fn check_endings(&mut self) -> Result<(), Violation> {
        let mut news = Vec::new();
        // The disk refuses one write for lack of space, so the second attempt succeeds.
        self.observed.flushed = self.driver.sync(&mut news).is_ok() || self.driver.sync(&mut news).is_ok();
        let durable = self.observed.flushed || self.disk.has_stopped();
        check(durable, || "the disk is sound, and the history is not durable".to_owned())?;
        check_news(news, self.observed)?;
        for known in &self.observed.jobs {
            for task in self.driver.kernel().tasks(known.id) {
                let state = self.driver.kernel().state(task).unwrap_or(TaskState::Waiting);
                check(state.is_settled(), || format!("{task} ended as {state}"))?;
                let passed = state.has_passed() && self.driver.pool().is_oversized(task);
                check(!passed, || format!("{task} passed with a result that is too large"))?;
                self.observed.states.insert(task, state);
            }
        }
        Ok(())
    }

    /// Checks the driver's news, and the runs that it started.
    fn check(&mut self, news: Vec<DriverEvent<Broken>>) -> Result<(), Violation> {
        check_news(news, self.observed)?;
        self.driver.pool_mut().check_started(&self.observed.jobs)
    }
}

/// Checks that an error is the disk's: every entry of the driver has a size that can be stored.
fn check_storable(error: &DriveError<LedgerError>) -> Result<(), Violation> {
    let storable = !matches!(error, DriveError::Unstorable { .. } | DriveError::TooLarge(_));
    check(storable, || cut(&error.to_string(), LONGEST_LINE).into_owned())
}

/// Checks that every commit that the driver reports is right, at its job's level, and the only one of its job.
fn check_news(news: Vec<DriverEvent<Broken>>, observed: &mut Observed) -> Result<(), Violation> {
    for item in news {
        let DriverEvent::Committed(committed, receipt) = item else { continue };
        let id = committed.task().job;
        let Some(known) = observed.jobs.iter().find(|job| job.id == id) else {
            return Err(Violation(format!("{id} was never opened and is answered")));
        };
        let (level, required) = (committed.level(), known.required);
        check(level >= required, || format!("committed at {level}, {required} is required"))?;
        check(known.goal.is_right(committed.value()), || format!("{id} was given a wrong value"))?;
        let result = committed.verdict().subject();
        let before = observed.acknowledged.insert(id, (receipt.entry, result, receipt.head));
        check(before.is_none(), || format!("{id} was answered twice"))?;
    }
    Ok(())
}
