//! The driver: performs the kernel's effects in the order in which they were emitted.
//!
//! The [`Driver`] is the only part of the crate that does I/O. It starts runs in a pool, appends entries to a
//! journal, reads a clock, and has proposals judged by `det`. It reports a committed value to the caller only
//! after a durable head of the journal covers the entry of the commit.

mod blobs;
mod event;
mod inputs;
mod unstorable;

use std::collections::VecDeque;

use abi::bounds::check_entry;
use abi::{Body, Canonical, Digest, Entry, JobId, Journal, Receipt, TaskId, Value};
use det::Subject;

use crate::pool::{Completion, Outcome, Panicked, Pool, Returned, caught};
use crate::{
    Cause, Clock, Committed, Effect, Event, JobSpec, Kernel, Millis, Plan, Record, Refusal, TaskState, Tier,
    size,
};

pub use event::{DriveError, DriveOutcome, DriverEvent, Unmet};

use blobs::BlobStore;
use inputs::TaskInputs;

/// The number of pending entries at which the driver appends them even if more runs are coming back.
const GROUP: usize = 1024;

/// A kernel together with a pool that runs tasks, a journal that stores the history, and a clock.
///
/// The driver is generic over pool, journal and clock, so the simulator runs this code with ones that fail,
/// stall, lie and crash. Callers with one job use [`open`](Self::open) and [`drive`](Self::drive); callers
/// with many jobs call [`turn`](Self::turn) in a loop.
///
/// No part of a driver can be taken out or replaced, and its debug form shows no values: a committed value leaves it
/// as news, after a durable head covers the commit, and in no other way.
pub struct Driver<'a, P: Pool, J, C> {
    /// The state machine that decides. Private: whoever steps it is given the values that it reveals.
    kernel: Kernel,
    pool: P,
    journal: &'a mut J,
    clock: C,
    /// The effects that the driver has not performed yet, the oldest first.
    effects: VecDeque<Effect>,
    /// The effects of the latest event. Empty between steps; kept here so that its memory is reused.
    step_effects: Vec<Effect>,
    /// Entries that the journal has not been given yet.
    pending: Vec<Entry<Canonical>>,
    /// Committed values that no durable head covers yet, each with the position of its entry in `pending`.
    unacknowledged: Vec<(Committed, usize)>,
    blobs: BlobStore,
    inputs: TaskInputs,
    /// Events of calls that have no list for them. The next [`turn`](Driver::turn) reports them.
    unreported: Vec<DriverEvent<P::Error>>,
    /// The number of runs that came back and were not used.
    ignored: u64,
    /// The receipt of the last entry that was appended. None before the first one.
    last: Option<Receipt>,
}

type Failure<J> = DriveError<<J as Journal>::Error>;

impl<P: Pool, J, C> Driver<'_, P, J, C> {
    /// The state machine that decides, to look at. Only the driver steps it.
    #[must_use]
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// Returns the pool that runs the operations, to look at. Its runs are not judged.
    #[must_use]
    pub fn pool(&self) -> &P {
        &self.pool
    }

    /// The pool that runs the operations, to be changed. A pool has results that nobody has judged, and is not
    /// trusted anyway.
    pub fn pool_mut(&mut self) -> &mut P {
        &mut self.pool
    }
}

impl<'a, P: Pool, J: Journal, C: Clock> Driver<'a, P, J, C> {
    /// Returns a driver over these parts. Nothing runs and nothing is written until a job is opened.
    pub fn new(kernel: Kernel, pool: P, journal: &'a mut J, clock: C) -> Self {
        Self {
            kernel,
            pool,
            journal,
            clock,
            effects: VecDeque::new(),
            step_effects: Vec::new(),
            pending: Vec::new(),
            unacknowledged: Vec::new(),
            blobs: BlobStore::default(),
            inputs: TaskInputs::default(),
            unreported: Vec::new(),
            ignored: 0,
            last: None,
        }
    }

    /// Opens a job, whose contract, level, rights and budget are fixed from here on.
    ///
    /// # Errors
    /// Returns the kernel's refusal: the id is taken, a right is not granted, or the contract cannot show the
    /// required level. The driver is unchanged then.
    pub fn open(&mut self, spec: JobSpec) -> Result<(), Refusal> {
        let contract = std::sync::Arc::clone(&spec.contract);
        self.step(Event::Open(spec))?;
        self.blobs.remember(contract);
        Ok(())
    }

    /// Admits a plan as a whole, or refuses it as a whole. No task runs before the next [`turn`](Self::turn).
    ///
    /// # Errors
    /// Returns the kernel's [`Refusal`], which names the gate. The driver is unchanged then.
    pub fn admit(&mut self, plan: Plan) -> Result<(), Refusal> {
        self.step(Event::Admit(plan))
    }

    /// Cancels a task. The tasks that it asked for are cancelled too, and the tasks that wait for it fail.
    ///
    /// # Errors
    /// Returns the kernel's refusal if the task is unknown or has ended. The driver is unchanged then.
    pub fn cancel(&mut self, task: TaskId, reason: String) -> Result<(), Refusal> {
        self.step(Event::Cancel { task, reason })
    }

    /// Adds an entry of the caller to the history, after the entries of everything that happened so far. The
    /// entry becomes durable with the next append.
    ///
    /// # Errors
    /// Fails if no journal could store an entry of this size, or if the journal fails; the entry was not added
    /// then.
    pub fn note<B: Body>(&mut self, entry: Entry<B>) -> Result<(), Failure<J>> {
        check_entry(&entry).map_err(DriveError::TooLarge)?;
        self.keep_news(Self::perform)?;
        let Entry { kind, task, inputs, body } = entry;
        self.pending.push(Entry { kind, task, inputs, body: Canonical::from_body(&body) });
        Ok(())
    }

    /// Ends the job without an answer, and returns the receipt of the durable entry that says so.
    ///
    /// # Errors
    /// Fails if the job is not open. Fails if the journal fails; the job has ended nevertheless, and the next
    /// call that writes appends the entry.
    pub fn abstain(&mut self, job: JobId, reason: String) -> Result<Receipt, Failure<J>> {
        self.step(Event::Abstain { job, reason })?;
        self.keep_news(Self::perform)?;
        let last = self.keep_news(Self::flush)?;
        Ok(last.expect("an abstention leaves an entry"))
    }

    /// Makes everything durable that has happened to a job which has ended, and returns the receipt of the last entry.
    pub(crate) fn ended(&mut self) -> Result<Receipt, Failure<J>> {
        self.record_so_far()?;
        Ok(self.last.expect("the end of a job leaves an entry"))
    }

    /// Makes everything that has happened so far durable, and keeps the events for the next turn. Runs that were started
    /// have not been polled for.
    pub(crate) fn record_so_far(&mut self) -> Result<(), Failure<J>> {
        self.keep_news(|driver, news| {
            driver.perform(news)?;
            driver.flush(news).map(drop)
        })
    }

    /// Keeps what a job was asked, for the entry of its end, if no task of it is admitted before.
    pub(crate) fn remember_asked(&mut self, job: JobId, asked: &Value) {
        self.blobs.remember_asked(job, asked);
    }

    /// Adds the entry of a job that was turned away at the time `at`, and returns its receipt once it is durable.
    pub(crate) fn turned_away(
        &mut self,
        job: JobId,
        reason: String,
        at: Option<i64>,
    ) -> Result<Receipt, Failure<J>> {
        let record = Record::Abstained { job, reason, at };
        let kept = self.blobs.keep_for(&record, self.journal).map_err(DriveError::Journal)?;
        self.note(record.into_entry(&kept))?;
        let last = self.keep_news(Self::flush)?;
        Ok(last.expect("a note leaves an entry"))
    }

    /// Calls `act` with a list for its news, and keeps those news for the next listener.
    fn keep_news<T>(
        &mut self,
        act: impl FnOnce(&mut Self, &mut Vec<DriverEvent<P::Error>>) -> Result<T, Failure<J>>,
    ) -> Result<T, Failure<J>> {
        let mut news = std::mem::take(&mut self.unreported);
        let done = act(self, &mut news);
        self.unreported = news;
        done
    }

    /// Admits `plan` to an open job and runs it until the job's answer is committed or no task is left to
    /// run. Callers with many jobs use [`turn`](Self::turn) instead.
    ///
    /// # Errors
    /// Fails if the kernel refuses the plan, or if the journal fails.
    pub fn drive(&mut self, plan: Plan) -> Result<DriveOutcome<P::Error>, Failure<J>> {
        let job = plan.job;
        self.admit(plan)?;
        self.finish(job, &mut |_, _| {})
    }

    /// Runs until the answer of `job` is committed or none of its tasks is left to run. `watch` is called
    /// with the driver and each event that happens in the meantime.
    ///
    /// # Errors
    /// Fails if the journal fails.
    pub fn finish(
        &mut self,
        job: JobId,
        watch: &mut dyn FnMut(&Self, &DriverEvent<P::Error>),
    ) -> Result<DriveOutcome<P::Error>, Failure<J>> {
        let (mut unmet, mut failed) = (Vec::new(), Vec::new());
        loop {
            let mut news = Vec::new();
            let active = self.turn(&mut news)?;
            for item in news {
                watch(self, &item);
                match item {
                    DriverEvent::Committed(committed, receipt) if committed.task().job == job => {
                        return Ok(DriveOutcome::Committed(committed, receipt));
                    }
                    DriverEvent::Idle(quiet) if quiet == job => {
                        return Ok(DriveOutcome::Idle { unmet, failed });
                    }
                    DriverEvent::Unmet(one) if one.task.job == job => unmet.push(one),
                    DriverEvent::Failed { task, error } if task.job == job => failed.push((task, error)),
                    _ => {}
                }
            }
            if !active {
                return Ok(DriveOutcome::Idle { unmet, failed });
            }
        }
    }

    /// Performs the pending effects and takes at most one run that came back. Returns false when nothing is
    /// left to do or to wait for. A turn never waits for a run while it has news, because the caller would hear of a
    /// start only after the end.
    ///
    /// A commit is added to `news` only after a durable head covers it. The driver gathers entries as long as
    /// runs come back without waiting, so that one head covers many entries.
    ///
    /// # Errors
    /// Fails if the journal fails. Nothing is lost then: the next turn tries again. If the journal says that it
    /// can never store an entry, the job of the entry has ended, and the next turn goes on with the others.
    pub fn turn(&mut self, news: &mut Vec<DriverEvent<P::Error>>) -> Result<bool, Failure<J>> {
        let known = news.len();
        news.append(&mut self.unreported);
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
        if news.len() > known {
            return Ok(true);
        }
        match self.pool.wait(due.map(|due| Millis(due.0 - now.0))) {
            Some(returned) => self.take(returned, news)?,
            None if due.is_some() => self.tick(news)?,
            // The pool has lost its runs, and no deadline ends them: nothing can happen any more.
            None => return Ok(false),
        }
        Ok(true)
    }

    /// Makes everything that has happened so far durable, and adds the resulting events to `news`.
    ///
    /// # Errors
    /// Fails if the journal fails. Nothing is lost then: the next call tries again.
    pub fn sync(&mut self, news: &mut Vec<DriverEvent<P::Error>>) -> Result<(), Failure<J>> {
        news.append(&mut self.unreported);
        self.perform(news)?;
        self.flush(news).map(drop)
    }

    /// Returns the number of runs that came back and were not used, because they were stopped or came back
    /// twice. Such a run changes nothing.
    #[must_use]
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Returns the judged value that stands for a task's result: its own, or that of the repair that passed
    /// in its place. Returns None if the task has not passed, or its job was retired.
    #[must_use]
    pub fn value(&self, task: TaskId) -> Option<&Value> {
        self.inputs.value(self.kernel.holder(task))
    }

    /// Removes a job that has ended, and the values of its tasks, to free their memory. No later job may take
    /// its id. An open job stays in the kernel and loses the stored values.
    pub fn retire(&mut self, job: JobId) {
        for task in self.kernel.tasks(job) {
            self.inputs.forget(task);
        }
        self.kernel.retire(job);
    }

    /// Gives one event to the kernel and appends the resulting effects to those that wait.
    fn step(&mut self, event: Event) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.kernel.step_into(now, event, &mut self.step_effects)?;
        self.effects.extend(self.step_effects.drain(..));
        Ok(())
    }

    /// Tells the kernel the time, and performs the effects that follow.
    fn tick(&mut self, news: &mut Vec<DriverEvent<P::Error>>) -> Result<(), Failure<J>> {
        self.step(Event::Tick)?;
        self.perform(news)
    }

    /// Performs all waiting effects in order, including the effects that they lead to.
    fn perform(&mut self, news: &mut Vec<DriverEvent<P::Error>>) -> Result<(), Failure<J>> {
        while let Some(effect) = self.effects.pop_front() {
            match effect {
                Effect::Record(record) => self.record(record)?,
                Effect::Run(task) => self.run(task, news)?,
                Effect::Stop(task) => self.inputs.stop(task),
                Effect::Judge { task, subject, inputs } => self.judge(task, inputs, subject),
                Effect::Deliver(judged) => self.inputs.deliver(judged),
                Effect::Unmet(judged) => news.push(DriverEvent::Unmet(self.inputs.refuted(judged))),
                Effect::Reveal(committed) => {
                    self.unacknowledged.push((committed, self.pending.len() - 1));
                }
                Effect::Moved { task, to, .. } => news.push(DriverEvent::Moved { task, to }),
                Effect::Idle(job) => news.push(DriverEvent::Idle(job)),
                Effect::Closed(_) => {}
            }
        }
        Ok(())
    }

    /// Turns a record into a pending entry, after storing the blobs that belong to it.
    fn record(&mut self, record: Record) -> Result<(), Failure<J>> {
        match self.blobs.keep_for(&record, self.journal) {
            Ok(kept) => {
                self.pending.push(record.into_entry(&kept));
                Ok(())
            }
            Err(error) if J::refused_entry(&error).is_some() => {
                let job = record.task().job;
                self.give_up(job, self.pending.len(), Some(&record));
                Err(DriveError::Unstorable { job, error })
            }
            Err(error) => {
                self.effects.push_front(Effect::Record(record));
                Err(DriveError::Journal(error))
            }
        }
    }

    /// Starts a run of a task in the pool.
    fn run(&mut self, task: TaskId, news: &mut Vec<DriverEvent<P::Error>>) -> Result<(), Failure<J>> {
        let operation =
            self.kernel.spec(task).and_then(|spec| self.kernel.registry().operation(&spec.operation));
        if operation.is_some_and(|operation| operation.tier == Tier::Tool)
            && let Err(error) = self.flush(news)
        {
            // A tool touches the world, so its admission must be durable before it starts.
            self.effects.push_front(Effect::Run(task));
            return Err(error);
        }
        // The task may have been cancelled after the effect was emitted.
        if self.kernel.state(task) == Some(TaskState::Running)
            && let Some(work) = self.inputs.work(&self.kernel, task)
        {
            self.pool.start(work);
        }
        Ok(())
    }

    /// Takes a run that came back. A run that the kernel does not wait for changes nothing, and it waits for none whose
    /// deadline, or its job's, has passed.
    fn take(
        &mut self,
        returned: Returned<P::Error>,
        news: &mut Vec<DriverEvent<P::Error>>,
    ) -> Result<(), Failure<J>> {
        let now = self.clock.now();
        if self.kernel.next_deadline().is_some_and(|due| due <= now) {
            self.tick(news)?;
        }
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
                news.push(DriverEvent::Failed { task, error });
                Event::Failed { task, cause: Cause::Executor { message } }
            }
            Completion::Panicked(message) => {
                Event::Failed { task, cause: Cause::Panicked { message: message.into() } }
            }
        };
        self.step(event)?;
        self.perform(news)
    }

    /// Handles a run that asks for more tasks. If admission refuses them, the task fails with the refusal as
    /// its cause.
    fn parked(
        &mut self,
        task: TaskId,
        tasks: Vec<crate::TaskSpec>,
        frame: Value,
        tokens: u64,
        news: &mut Vec<DriverEvent<P::Error>>,
    ) -> Result<(), Failure<J>> {
        if let Err(excess) = size::frame(&frame) {
            self.step(Event::Failed { task, cause: Cause::Oversize(excess) })?;
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

    /// Has `det` judge a proposal. If judging fails or panics, the task fails and nothing is accepted.
    fn judge(&mut self, task: TaskId, inputs: Vec<Digest>, subject: Subject) {
        // The task may have been cancelled after the effect was emitted.
        if self.kernel.state(task) != Some(TaskState::Validating) {
            return;
        }
        self.inputs.propose(task, subject.origin().clone());
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

    /// Appends the pending entries to the journal, reports the commits that are now durable, and returns the
    /// receipt of the last entry. Returns None if no entry was pending.
    fn flush(&mut self, news: &mut Vec<DriverEvent<P::Error>>) -> Result<Option<Receipt>, Failure<J>> {
        if self.pending.is_empty() {
            return Ok(None);
        }
        let receipts = match self.journal.append(&self.pending) {
            Ok(receipts) => receipts,
            Err(error) => return Err(self.not_appended(error)),
        };
        self.pending.clear();
        for (committed, at) in self.unacknowledged.drain(..) {
            news.push(DriverEvent::Committed(Box::new(committed), receipts[at]));
        }
        self.last = receipts.last().copied().or(self.last);
        Ok(self.last)
    }
}
