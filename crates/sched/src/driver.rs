//! The driver: performs effects in the order in which they were emitted.

mod blobs;
mod inputs;

use std::collections::VecDeque;
use std::fmt;

use abi::{Body, Canonical, Digest, Entry, JobId, Journal, Receipt, TaskId, Value};
use det::{Judged, Level, Subject};

use crate::pool::{Completion, Outcome, Panicked, Pool, Returned, caught};
use crate::size::fit;
use crate::{
    Cause, Clock, Committed, Effect, Event, JobSpec, Kernel, Millis, Plan, Record, Refusal, TaskState, Tier,
};

use blobs::BlobStore;
use inputs::TaskInputs;

/// Entries that are gathered before they are appended, while there is work that comes back at once.
const GROUP: usize = 1024;

/// A task whose contract or level was not met.
#[derive(Clone, Debug)]
pub struct Unmet {
    /// The task.
    pub task: TaskId,
    /// The level that was reached.
    pub level: Level,
    /// Why the contract is not satisfied; none when it is, at too low a level.
    pub finding: Option<String>,
}

/// Something that a caller may want to hear of.
#[derive(Debug)]
pub enum News<E> {
    /// A task changed its state.
    Moved {
        /// The task.
        task: TaskId,
        /// Its state now.
        to: TaskState,
    },
    /// A task was judged and found short.
    Unmet(Unmet),
    /// A task's executor failed.
    Failed {
        /// The task.
        task: TaskId,
        /// Why.
        error: E,
    },
    /// A job's answer was committed, and the receipt covers it.
    Committed(Box<Committed>, Receipt),
    /// All tasks of a job have ended and none was committed.
    Quiet(JobId),
}

/// How a drive ended.
#[derive(Debug)]
pub enum Ended<E> {
    /// The job's answer was committed, and the receipt covers it.
    Committed(Box<Committed>, Receipt),
    /// Nothing is left to run and nothing was committed.
    Quiet {
        /// What was judged and found short, in order.
        unmet: Vec<Unmet>,
        /// What executors said that failed, in order.
        failed: Vec<(TaskId, E)>,
    },
}

/// Why a drive could not go on.
#[derive(Debug)]
pub enum DriveError<J> {
    /// The kernel refused.
    Refused(Refusal),
    /// The journal failed; what it did not take is kept, and acknowledged to nobody.
    Journal(J),
}

impl<J: fmt::Display> fmt::Display for DriveError<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Journal(error) => error.fmt(f),
        }
    }
}

impl<J: std::error::Error> std::error::Error for DriveError<J> {}

impl<J> From<Refusal> for DriveError<J> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A kernel with the world around it: a pool that runs, a journal that remembers, a clock.
#[derive(Debug)]
pub struct Driver<'a, P: Pool, J, C> {
    /// The state machine.
    pub kernel: Kernel,
    /// Runs the operations.
    pub pool: P,
    /// Keeps the history.
    pub journal: &'a mut J,
    clock: C,
    effects: VecDeque<Effect>,
    /// Effects of the step at work.
    fresh: Vec<Effect>,
    pending: Vec<Entry<Canonical>>,
    /// Committed values that no durable head covers yet, and where their entries are in `pending`.
    unacknowledged: Vec<(Committed, usize)>,
    blobs: BlobStore,
    inputs: TaskInputs,
    /// What happened while nobody listened; the next turn tells it.
    unheard: Vec<News<P::Error>>,
    ignored: u64,
}

type Failure<J> = DriveError<<J as Journal>::Error>;

impl<'a, P: Pool, J: Journal, C: Clock> Driver<'a, P, J, C> {
    /// A driver at rest.
    pub fn new(kernel: Kernel, pool: P, journal: &'a mut J, clock: C) -> Self {
        Self {
            kernel,
            pool,
            journal,
            clock,
            effects: VecDeque::new(),
            fresh: Vec::new(),
            pending: Vec::new(),
            unacknowledged: Vec::new(),
            blobs: BlobStore::default(),
            inputs: TaskInputs::default(),
            unheard: Vec::new(),
            ignored: 0,
        }
    }

    /// Opens a job.
    ///
    /// # Errors
    /// The kernel refuses.
    pub fn open(&mut self, spec: JobSpec) -> Result<(), Refusal> {
        let contract = std::sync::Arc::clone(&spec.contract);
        self.step(Event::Open(spec))?;
        self.blobs.remember(contract);
        Ok(())
    }

    /// Admits a plan. Nothing runs before the next [`turn`](Self::turn).
    ///
    /// # Errors
    /// The kernel refuses.
    pub fn admit(&mut self, plan: Plan) -> Result<(), Refusal> {
        self.step(Event::Admit(plan))
    }

    /// Calls a task off, and what waits for it.
    ///
    /// # Errors
    /// The kernel refuses.
    pub fn cancel(&mut self, task: TaskId, reason: String) -> Result<(), Refusal> {
        self.step(Event::Cancel { task, reason })
    }

    /// Adds an entry of the caller's to the history, after what was emitted so far.
    ///
    /// # Errors
    /// The journal failed; the entry was not added.
    pub fn note<B: Body>(&mut self, entry: Entry<B>) -> Result<(), Failure<J>> {
        self.unheard(Self::perform)?;
        let Entry { kind, task, inputs, body } = entry;
        self.pending.push(Entry { kind, task, inputs, body: Canonical::of(&body) });
        Ok(())
    }

    /// Ends the job without an answer, durably.
    ///
    /// # Errors
    /// The job is not open, or the journal failed.
    pub fn abstain(&mut self, job: JobId, reason: String) -> Result<Receipt, Failure<J>> {
        self.step(Event::Abstain { job, reason })?;
        self.unheard(Self::perform)?;
        let last = self.unheard(Self::flush)?;
        Ok(last.expect("an abstention leaves an entry"))
    }

    /// Does something whose news have no listener yet.
    fn unheard<T>(
        &mut self,
        act: impl FnOnce(&mut Self, &mut Vec<News<P::Error>>) -> Result<T, Failure<J>>,
    ) -> Result<T, Failure<J>> {
        let mut news = std::mem::take(&mut self.unheard);
        let done = act(self, &mut news);
        self.unheard = news;
        done
    }

    /// Opens nothing and admits `plan`, then turns until the job's answer is committed or nothing of it is
    /// left to run. For a caller with one job.
    ///
    /// # Errors
    /// As [`DriveError`] says.
    pub fn drive(&mut self, plan: Plan) -> Result<Ended<P::Error>, Failure<J>> {
        let job = plan.job;
        self.admit(plan)?;
        self.finish(job, &mut |_, _| {})
    }

    /// Turns until the job's answer is committed or nothing of it is left to run; `watch` hears the rest.
    ///
    /// # Errors
    /// The journal failed.
    pub fn finish(
        &mut self,
        job: JobId,
        watch: &mut dyn FnMut(&Kernel, &News<P::Error>),
    ) -> Result<Ended<P::Error>, Failure<J>> {
        let (mut unmet, mut failed) = (Vec::new(), Vec::new());
        loop {
            let mut news = Vec::new();
            let active = self.turn(&mut news)?;
            for item in news {
                watch(&self.kernel, &item);
                match item {
                    News::Committed(committed, receipt) if committed.task().job == job => {
                        return Ok(Ended::Committed(committed, receipt));
                    }
                    News::Quiet(quiet) if quiet == job => return Ok(Ended::Quiet { unmet, failed }),
                    News::Unmet(one) if one.task.job == job => unmet.push(one),
                    News::Failed { task, error } if task.job == job => failed.push((task, error)),
                    _ => {}
                }
            }
            if !active {
                return Ok(Ended::Quiet { unmet, failed });
            }
        }
    }

    /// Performs what is to be done, takes one run that came back, and tells what happened. False when
    /// nothing is left to do or to wait for.
    ///
    /// What was committed is told only once a durable head covers it. Entries are gathered while runs come
    /// back without waiting, so that one head covers many.
    ///
    /// # Errors
    /// The journal failed. Nothing is lost: the next turn tries again.
    pub fn turn(&mut self, news: &mut Vec<News<P::Error>>) -> Result<bool, Failure<J>> {
        news.append(&mut self.unheard);
        self.perform(news)?;
        if self.pending.len() >= GROUP {
            self.flush(news)?;
        }
        if let Some(returned) = self.pool.poll() {
            self.take(returned, news)?;
            return Ok(true);
        }
        self.flush(news)?;
        let now = self.clock.now();
        let due = self.kernel.next_deadline();
        if due.is_some_and(|due| due <= now) {
            self.tick(news)?;
            return Ok(true);
        }
        if self.kernel.running() == 0 && due.is_none() {
            return Ok(false);
        }
        match self.pool.wait(due.map(|due| Millis(due.0 - now.0))) {
            Some(returned) => self.take(returned, news)?,
            None if due.is_some() => self.tick(news)?,
            // A pool that neither waits nor returns has lost its runs, and nothing limits their time.
            None => return Ok(false),
        }
        Ok(true)
    }

    /// Makes everything durable that has happened so far, and tells it.
    ///
    /// # Errors
    /// The journal failed. Nothing is lost: the next call tries again.
    pub fn sync(&mut self, news: &mut Vec<News<P::Error>>) -> Result<(), Failure<J>> {
        news.append(&mut self.unheard);
        self.perform(news)?;
        self.flush(news).map(drop)
    }

    /// Runs that came back and were not taken: stopped ones, or returned twice.
    #[must_use]
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// The judged value that stands for a task's result, while its job is known.
    #[must_use]
    pub fn value(&self, task: TaskId) -> Option<&Value> {
        self.inputs.value(self.kernel.holder(task))
    }

    /// Lets go of a job that has ended, and of its values.
    pub fn retire(&mut self, job: JobId) {
        for task in self.kernel.tasks(job) {
            self.inputs.forget(task);
        }
        self.kernel.retire(job);
    }

    fn step(&mut self, event: Event) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.kernel.step_into(now, event, &mut self.fresh)?;
        self.effects.extend(self.fresh.drain(..));
        Ok(())
    }

    fn tick(&mut self, news: &mut Vec<News<P::Error>>) -> Result<(), Failure<J>> {
        self.step(Event::Tick)?;
        self.perform(news)
    }

    /// Performs effects, in order, those that they bring about too.
    fn perform(&mut self, news: &mut Vec<News<P::Error>>) -> Result<(), Failure<J>> {
        while let Some(effect) = self.effects.pop_front() {
            match effect {
                Effect::Record(record) => self.record(record)?,
                Effect::Run(task) => self.run(task, news)?,
                Effect::Stop(task) => self.inputs.stop(task),
                Effect::Judge { task, subject, inputs } => self.judge(task, inputs, subject),
                Effect::Deliver(judged) => self.inputs.deliver(judged),
                Effect::Unmet(judged) => {
                    news.push(News::Unmet(describe(&judged)));
                    self.inputs.refuted(judged);
                }
                Effect::Reveal(committed) => {
                    self.unacknowledged.push((committed, self.pending.len() - 1));
                }
                Effect::Moved { task, to, .. } => news.push(News::Moved { task, to }),
                Effect::Quiet(job) => news.push(News::Quiet(job)),
                Effect::Closed(_) => {}
            }
        }
        Ok(())
    }

    /// Seals a record as an entry, with the blobs that belong to it.
    fn record(&mut self, record: Record) -> Result<(), Failure<J>> {
        match self.blobs.keep_for(&record, self.journal) {
            Ok(kept) => {
                self.pending.push(record.into_entry(&kept));
                Ok(())
            }
            Err(error) => {
                self.effects.push_front(Effect::Record(record));
                Err(DriveError::Journal(error))
            }
        }
    }

    fn run(&mut self, task: TaskId, news: &mut Vec<News<P::Error>>) -> Result<(), Failure<J>> {
        let operation =
            self.kernel.spec(task).and_then(|spec| self.kernel.registry().operation(&spec.operation));
        if operation.is_some_and(|operation| operation.tier == Tier::Tool)
            && let Err(error) = self.flush(news)
        {
            // What touches the world is in the history before it does.
            self.effects.push_front(Effect::Run(task));
            return Err(error);
        }
        // It may have been called off since the effect was emitted.
        if self.kernel.state(task) == Some(TaskState::Running)
            && let Some(work) = self.inputs.work(&self.kernel, task)
        {
            self.pool.start(work);
        }
        Ok(())
    }

    /// Takes a run that came back. One that nobody waits for changes nothing.
    fn take(
        &mut self,
        returned: Returned<P::Error>,
        news: &mut Vec<News<P::Error>>,
    ) -> Result<(), Failure<J>> {
        let Returned { task, run, completion } = returned;
        if !self.inputs.expects(task, run) || self.kernel.state(task) != Some(TaskState::Running) {
            self.ignored += 1;
            return Ok(());
        }
        let event = match completion {
            Completion::Done(Outcome::Proposed(execution)) => self.blobs.proposed(task, execution),
            Completion::Done(Outcome::Parked { tasks, frame, tokens }) => {
                return self.parked(task, tasks, frame, tokens, news);
            }
            Completion::Failed(error) => {
                let message = error.to_string().into();
                news.push(News::Failed { task, error });
                Event::Failed { task, cause: Cause::Executor { message } }
            }
            Completion::Panicked(message) => {
                Event::Failed { task, cause: Cause::Panicked { message: message.into() } }
            }
        };
        self.step(event)?;
        self.perform(news)
    }

    /// A run that asks for tasks. Where they are refused, the task fails with the refusal as its cause.
    fn parked(
        &mut self,
        task: TaskId,
        tasks: Vec<crate::TaskSpec>,
        frame: Value,
        tokens: u64,
        news: &mut Vec<News<P::Error>>,
    ) -> Result<(), Failure<J>> {
        if let Err(cause) = fit(&[&frame]) {
            det::dismantle(frame);
            self.step(Event::Failed { task, cause })?;
            return self.perform(news);
        }
        self.inputs.leave(task, frame);
        match self.step(Event::Request { task, tasks, tokens }) {
            Ok(()) => {}
            Err(refusal) => {
                let cause = Cause::RequestRefused { refusal: refusal.into() };
                self.step(Event::Failed { task, cause })?;
            }
        }
        self.perform(news)
    }

    /// Has a proposal judged. Whatever goes wrong while judging counts against the proposal.
    fn judge(&mut self, task: TaskId, inputs: Vec<Digest>, subject: Subject) {
        // It may have been called off since the effect was emitted.
        if self.kernel.state(task) != Some(TaskState::Validating) {
            return;
        }
        let contract = &self.kernel.spec(task).expect("an emitted task was admitted").contract;
        let validators = self.kernel.registry().validators();
        let event = match caught(|| subject.judge(validators, task, contract, inputs)) {
            Ok(Ok(judged)) => Event::Judged { task, judged },
            Ok(Err(error)) => Event::Unjudged { task, why: error.to_string() },
            Err(Panicked(message)) => {
                Event::Unjudged { task, why: format!("the validator panicked: {message}") }
            }
        };
        if let Err(refusal) = self.step(event) {
            let why = refusal.to_string();
            self.step(Event::Unjudged { task, why }).expect("a validating task can be left unjudged");
        }
    }

    /// Appends what is pending and tells what was committed.
    fn flush(&mut self, news: &mut Vec<News<P::Error>>) -> Result<Option<Receipt>, Failure<J>> {
        if self.pending.is_empty() {
            return Ok(None);
        }
        let receipts = self.journal.append(&self.pending).map_err(DriveError::Journal)?;
        self.pending.clear();
        for (committed, at) in self.unacknowledged.drain(..) {
            news.push(News::Committed(Box::new(committed), receipts[at]));
        }
        Ok(receipts.last().copied())
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
