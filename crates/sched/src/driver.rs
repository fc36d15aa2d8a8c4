//! The driver: performs effects in the order in which they were emitted.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use abi::{Digest, Entry, JobId, Journal, Proposal, Receipt, TaskId, Value};
use det::{JudgeError, Judged, Level, judge};

use crate::{Committed, Effect, Event, Kernel, Plan, Refusal, TaskSpec};

/// What an executor made, with how it made it.
#[derive(Debug)]
pub struct Execution {
    /// What it proposes.
    pub subject: Proposal<Value>,
    /// How it was made, for the history.
    pub record: Value,
    /// What the record refers to, kept as blobs.
    pub blobs: Vec<Vec<u8>>,
    /// Digests of what it was made from.
    pub inputs: Vec<Digest>,
}

/// Runs operations. It proposes; what it returns is judged before anyone sees it.
pub trait Executor {
    /// What can go wrong while running. A wrong result is no error.
    type Error: std::error::Error;

    /// Runs the task, given the values of the tasks that it waited for, in the order of its
    /// specification.
    ///
    /// # Errors
    /// There is nothing to judge.
    fn run(&mut self, task: TaskId, spec: &TaskSpec, inputs: &[&Value]) -> Result<Execution, Self::Error>;
}

/// A task whose contract or level was not met.
#[derive(Debug)]
pub struct Unmet {
    /// The task.
    pub task: TaskId,
    /// The level that was reached.
    pub level: Level,
    /// Why the contract is not satisfied; none when it is, at too low a level.
    pub finding: Option<String>,
}

/// How a drive ended.
#[derive(Debug)]
pub enum Verdicted {
    /// The job's answer was committed, and the receipt covers it.
    Committed(Box<Committed>, Receipt),
    /// Nothing is left to run and nothing was committed.
    Unmet(Vec<Unmet>),
}

/// Why a drive could not go on.
#[derive(Debug)]
pub enum DriveError<E, J> {
    /// The kernel refused.
    Refused(Refusal),
    /// An executor failed.
    Executor(E),
    /// The journal failed; nothing of this drive was acknowledged.
    Journal(J),
    /// No judgement was possible.
    Judge(JudgeError),
}

impl<E: fmt::Display, J: fmt::Display> fmt::Display for DriveError<E, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Executor(error) => error.fmt(f),
            Self::Journal(error) => error.fmt(f),
            Self::Judge(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error, J: std::error::Error> std::error::Error for DriveError<E, J> {}

/// A kernel with the world around it.
#[derive(Debug)]
pub struct Driver<'a, X, J> {
    /// The state machine.
    pub kernel: Kernel,
    /// Runs the operations.
    pub executor: X,
    /// Keeps the history.
    pub journal: &'a mut J,
    pending: Vec<Entry>,
    results: BTreeMap<TaskId, Value>,
}

type Failure<X, J> = DriveError<<X as Executor>::Error, <J as Journal>::Error>;

impl<'a, X: Executor, J: Journal> Driver<'a, X, J> {
    /// A driver at rest.
    pub fn new(kernel: Kernel, executor: X, journal: &'a mut J) -> Self {
        Self { kernel, executor, journal, pending: Vec::new(), results: BTreeMap::new() }
    }

    /// Admits `plan` and performs effects until an answer is committed or nothing is left to run.
    ///
    /// # Errors
    /// As [`DriveError`] says. After an executor's error the job is closed and the history says so.
    pub fn drive(&mut self, plan: Plan) -> Result<Verdicted, Failure<X, J>> {
        let mut effects: VecDeque<Effect> = self.step(Event::Admit(plan))?.into();
        let mut unmet = Vec::new();
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Record(entry) => self.pending.push(entry),
                Effect::Run(task) => effects.extend(self.run(task)?),
                Effect::Judge { task, subject, inputs } => effects.extend(self.judge(task, inputs, subject)?),
                Effect::Deliver(judged) => self.deliver(judged),
                Effect::Unmet(judged) => unmet.push(describe(&judged)),
                Effect::Reveal(committed) => {
                    let receipt = self.flush()?;
                    return Ok(Verdicted::Committed(Box::new(committed), receipt));
                }
            }
        }
        Ok(Verdicted::Unmet(unmet))
    }

    /// Adds an entry of the caller's to the history, after what was emitted so far.
    pub fn note(&mut self, entry: Entry) {
        self.pending.push(entry);
    }

    /// Ends the job without an answer.
    ///
    /// # Errors
    /// The job is not open, or the journal failed.
    pub fn abstain(&mut self, job: JobId, reason: String) -> Result<Receipt, Failure<X, J>> {
        for effect in self.step(Event::Abstain { job, reason })? {
            if let Effect::Record(entry) = effect {
                self.pending.push(entry);
            }
        }
        self.flush()
    }

    fn step(&mut self, event: Event) -> Result<Vec<Effect>, Failure<X, J>> {
        self.kernel.step(event).map_err(DriveError::Refused)
    }

    fn run(&mut self, task: TaskId) -> Result<Vec<Effect>, Failure<X, J>> {
        let spec = self.kernel.spec(task).expect("an emitted task was admitted");
        let inputs: Vec<&Value> =
            self.kernel.dependencies(task).iter().filter_map(|before| self.results.get(before)).collect();
        let execution = match self.executor.run(task, spec, &inputs) {
            Ok(execution) => execution,
            Err(error) => return Err(self.give_up(task, error)),
        };
        let Execution { subject, record, blobs, inputs } = execution;
        let kept: Result<_, _> = blobs.iter().map(|blob| self.journal.keep(blob)).collect();
        let blobs = kept.map_err(DriveError::Journal)?;
        self.step(Event::Proposed { task, subject, record, inputs, blobs })
    }

    /// Closes the job after an executor's error. The error is what the caller must hear, so one of the
    /// journal on top of it is not reported.
    fn give_up(&mut self, task: TaskId, error: X::Error) -> Failure<X, J> {
        let cause = error.to_string();
        let failed = self.kernel.step(Event::Failed { task, cause: cause.clone() }).unwrap_or_default();
        for effect in failed {
            if let Effect::Record(entry) = effect {
                self.pending.push(entry);
            }
        }
        match self.abstain(task.job, cause) {
            Err(DriveError::Journal(journal)) => DriveError::Journal(journal),
            _ => DriveError::Executor(error),
        }
    }

    fn judge(
        &mut self,
        task: TaskId,
        inputs: Vec<Digest>,
        subject: Proposal<Value>,
    ) -> Result<Vec<Effect>, Failure<X, J>> {
        let contract = &self.kernel.spec(task).expect("an emitted task was admitted").contract;
        let validators = self.kernel.registry().validators();
        let judged = judge(validators, task, contract, inputs, subject).map_err(DriveError::Judge)?;
        self.step(Event::Judged { task, judged })
    }

    fn deliver(&mut self, judged: Judged<Value>) {
        let (value, verdict) = judged.into_parts();
        self.results.insert(verdict.task(), value);
    }

    fn flush(&mut self) -> Result<Receipt, Failure<X, J>> {
        let entries = std::mem::take(&mut self.pending);
        self.journal.append(&entries).map_err(DriveError::Journal)
    }
}

fn describe(judged: &Judged<Value>) -> Unmet {
    let verdict = judged.verdict();
    let finding = match verdict.outcome() {
        det::Outcome::Satisfied => None,
        det::Outcome::Refuted(finding) => Some(finding.to_string()),
    };
    Unmet { task: verdict.task(), level: verdict.level(), finding }
}
