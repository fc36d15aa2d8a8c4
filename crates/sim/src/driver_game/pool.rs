//! The pool and the clock of the driver's game: executors that lie, fail, panic, stall and repeat themselves.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::rc::Rc;

use abi::bounds::MAX_TEXT_BYTES;
use abi::{Digest, JobId, Origin, Proposal, TaskId, Value};
use det::Level;
use fastrand::Rng;
use sched::{Clock, Completion, Execution, Millis, Outcome, Pool, Returned, Role, Work};

use crate::sizes;
use crate::world::{Goal, KnownJob, Violation, check, tasks};

/// A clock that shows the time which the pool sets.
pub(super) struct SimClock(pub(super) Rc<Cell<u64>>);

impl Clock for SimClock {
    fn now(&mut self) -> Millis {
        Millis(self.0.get())
    }
}

/// The error of a simulated executor, with its text.
pub(super) struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Traces show errors in this form, so it is short.
impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Broken({} bytes)", self.0.len())
    }
}

impl std::error::Error for Broken {}

/// A pool of simulated workers whose executors behave at random, right or wrong.
pub(super) struct SimPool {
    rng: Rng,
    time: Rc<Cell<u64>>,
    running: VecDeque<Work>,
    /// The runs that were returned once; the pool may return them a second time.
    returned: Vec<(TaskId, u32)>,
    /// The runs that were started since the last check.
    started: Vec<Work>,
    /// The number of runs of each job, in all and by operation.
    runs: BTreeMap<JobId, (u32, BTreeMap<String, u32>)>,
    /// The number of requests for further tasks, which gives their names.
    names: u32,
    /// Names of tasks of each job, for which requests wait.
    known: BTreeMap<JobId, Vec<String>>,
    /// Tasks of which a run returned more than the bounds allow. None of them may pass.
    oversized: BTreeSet<TaskId>,
}

impl SimPool {
    pub(super) fn new(rng: Rng, time: Rc<Cell<u64>>) -> Self {
        let (running, returned, started) = (VecDeque::new(), Vec::new(), Vec::new());
        let (runs, known, oversized) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { rng, time, running, returned, started, runs, names: 0, known, oversized }
    }

    /// Learns names of tasks of a job, so that requests can wait for them.
    pub(super) fn learn(&mut self, job: JobId, names: impl IntoIterator<Item = String>) {
        self.known.entry(job).or_default().extend(names);
    }

    /// Returns true if a run of the task returned more than the bounds allow.
    pub(super) fn is_oversized(&self, task: TaskId) -> bool {
        self.oversized.contains(&task)
    }

    pub(super) fn now(&self) -> Millis {
        Millis(self.time.get())
    }

    /// Checks the runs that were started since the last call: each must be admitted, allowed, and covered by
    /// its job's budget.
    pub(super) fn check_started(&mut self, jobs: &[KnownJob]) -> Result<(), Violation> {
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
            let paid = *runs <= job.budget.runs && *same <= job.budget.same_operation;
            check(paid, || format!("{} runs and {} was not paid for it", work.task, job.id))?;
        }
        Ok(())
    }

    /// Ends a run in one of many ways, right or wrong.
    fn finish(&mut self, work: &Work) -> Returned<Broken> {
        let (task, run) = (work.task, work.run);
        self.returned.push((task, run));
        let goal = Goal::ALL
            .into_iter()
            .find(|goal| goal.contract().digest() == work.spec.contract.digest())
            .unwrap_or(Goal::Talk);
        if self.rng.u8(..24) == 0 {
            let completion = self.sized(work, goal);
            return Returned { task, run, completion };
        }
        let completion = match self.rng.u8(..16) {
            0 => Completion::Failed(Broken(sizes::text(&mut self.rng))),
            1 => Completion::Panicked(sizes::text(&mut self.rng)),
            2 if work.replies.is_empty() => self.park(work),
            3..=5 => Completion::Done(Outcome::Proposed(self.execution(goal.wrong(), work))),
            // The task passes on the value that it was given.
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

    /// Returns a proposal with a claimed origin and a number of used tokens, which may be above the limit.
    fn execution(&mut self, value: Value, work: &Work) -> Execution {
        // The origin is a claim of the executor; no decision may depend on it.
        let origin = match self.rng.u8(..3) {
            0 => Origin::Primitive { digest: Digest::hash("nmk.sim.v1", b"claimed") },
            1 => Origin::User,
            _ => Origin::RemoteModel { name: "stranger".to_owned() },
        };
        let limit = work.spec.limits.tokens;
        let tokens = if self.rng.u8(..10) == 0 { limit + 1 } else { self.rng.u64(..=limit) };
        let blobs = (0..self.rng.usize(..3)).map(|_| vec![self.rng.u8(..); 9]).collect();
        Execution { blobs, tokens, ..Execution::from_proposal(Proposal { value, origin }) }
    }

    /// A result with a part of some size around its bound, or a finding that quotes a very long key.
    fn sized(&mut self, work: &Work, goal: Goal) -> Completion<Broken> {
        if self.rng.u8(..8) == 0 {
            let key = "k".repeat(sizes::around(&mut self.rng, MAX_TEXT_BYTES) * 64);
            let quoted = Value::Text(format!("{{\"n\": 1, \"{key}\": 1}}"));
            return Completion::Done(Outcome::Proposed(self.execution(quoted, work)));
        }
        let mut execution = self.execution(goal.right(), work);
        if !sizes::stretch(&mut self.rng, &mut execution) {
            self.oversized.insert(work.task);
        }
        Completion::Done(Outcome::Proposed(execution))
    }

    /// Asks for further tasks. Some wait for their asker, or for any other task of the job.
    fn park(&mut self, work: &Work) -> Completion<Broken> {
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
        let known = self.known.entry(work.task.job).or_default();
        for task in &mut tasks {
            if self.rng.u8(..3) == 0 {
                let other = known.get(self.rng.usize(..known.len().max(1)));
                task.after.push(other.unwrap_or(&work.spec.name).clone());
            }
        }
        known.extend(tasks.iter().map(|task| task.name.clone()));
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
            // Nothing is ready.
            0 | 1 => None,
            // A run that came back before comes back once more.
            2 => {
                let (task, run) = *self.returned.get(self.rng.usize(..self.returned.len().max(1)))?;
                let subject = Proposal { value: Value::text("once more"), origin: Origin::User };
                let again = Outcome::Proposed(Execution::from_proposal(subject));
                Some(Returned { task, run, completion: Completion::Done(again) })
            }
            3 => {
                self.time.set(self.time.get() + self.rng.u64(..30));
                None
            }
            _ => {
                let at = self.rng.usize(..self.running.len().max(1));
                // Some runs never come back.
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
