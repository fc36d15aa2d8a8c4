//! The state machine: events in, effects out.

mod admit;
mod judge;
mod overview;
mod run;
mod settle;
mod task;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::collections::BTreeSet;
use std::sync::Arc;

use abi::{Digest, JobId, Proposal, TaskId, Value};
use det::{Judged, Subject};

use crate::queue::ReadyQueue;
use crate::{Asker, Cause, Committed, JobSpec, Millis, Plan, Record, Refusal, Registry, TaskSpec, TaskState};

pub use overview::{Overview, OwnJob, OwnTask};

use admit::check_job;
use task::{Job, Workers};

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A job asks to be opened.
    Open(JobSpec),
    /// A plan asks for admission.
    Admit(Plan),
    /// A running task asks for tasks of its own and waits for them.
    Request {
        /// The task.
        task: TaskId,
        /// What it asks for, admitted together with its rights at most, or not at all.
        tasks: Vec<TaskSpec>,
        /// Tokens that it used so far in this run.
        tokens: u64,
    },
    /// A task's executor returned; `record` and `inputs` go into the history.
    Proposed {
        /// The task.
        task: TaskId,
        /// What it proposes.
        subject: Proposal<Value>,
        /// How it was made.
        record: Value,
        /// Digests of what it was made from, beside what it waited for and was given.
        inputs: Vec<Digest>,
        /// Tokens that it used in this run.
        tokens: u64,
    },
    /// A task produced nothing to judge.
    Failed {
        /// The task.
        task: TaskId,
        /// Why.
        cause: Cause,
    },
    /// A task's proposal was judged.
    Judged {
        /// The task that the verdict is offered for.
        task: TaskId,
        /// The proposal with its verdict.
        judged: Judged<Value>,
    },
    /// A task's proposal could not be judged.
    Unjudged {
        /// The task.
        task: TaskId,
        /// Why.
        why: String,
    },
    /// Time has passed.
    Tick,
    /// A task is called off, and what waits for it.
    Cancel {
        /// The task.
        task: TaskId,
        /// Why.
        reason: String,
    },
    /// The job is to end without an answer; what runs is called off.
    Abstain {
        /// The job.
        job: JobId,
        /// Why, for the history and the caller.
        reason: String,
    },
}

/// Something to do, in the order of emission.
#[derive(Debug)]
pub enum Effect {
    /// Append to the history.
    Record(Record),
    /// Run the task's executor.
    Run(TaskId),
    /// The result of the task's run is not wanted any more.
    Stop(TaskId),
    /// Judge the proposal under the task's contract.
    Judge {
        /// The task.
        task: TaskId,
        /// The proposal.
        subject: Subject,
        /// Digests of what it was made from, which the verdict binds.
        inputs: Vec<Digest>,
    },
    /// The task passed and its value is for the tasks that wait for it.
    Deliver(Judged<Value>),
    /// The task was judged and the contract, or the level needed, is not met.
    Unmet(Judged<Value>),
    /// Show the caller, once the history is durable.
    Reveal(Committed),
    /// A task changed its state. For who watches; nothing depends on it.
    Moved {
        /// The task.
        task: TaskId,
        /// Its state before.
        from: TaskState,
        /// Its state now.
        to: TaskState,
    },
    /// All tasks of the job have ended and none was committed; it may be given a plan, or abstain.
    Quiet(JobId),
    /// The job has ended; nothing of it runs or waits.
    Closed(JobId),
}

/// The scheduler's core.
#[derive(Debug)]
pub struct Kernel {
    registry: Registry,
    jobs: HashMap<JobId, Job>,
    retired: HashSet<JobId>,
    job_deadlines: BTreeSet<(Millis, JobId)>,
    workers: Workers,
}

/// One step's work on one job: the parts of the kernel that it may touch.
struct Step<'a> {
    now: Millis,
    id: JobId,
    registry: &'a Registry,
    job: &'a mut Job,
    workers: &'a mut Workers,
    out: &'a mut Vec<Effect>,
}

impl Kernel {
    /// A kernel without jobs that runs at most `workers` tasks at a time, one at least.
    #[must_use]
    pub fn new(registry: Registry, workers: usize) -> Self {
        let workers =
            Workers { count: workers.max(1), running: 0, queue: ReadyQueue::default(), due: BTreeSet::new() };
        Self {
            registry,
            jobs: HashMap::new(),
            retired: HashSet::new(),
            job_deadlines: BTreeSet::new(),
            workers,
        }
    }

    /// Operations, grants and validators.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Takes one event at the time `now`, which never goes back.
    ///
    /// # Errors
    /// The event is refused and nothing has changed.
    pub fn step(&mut self, now: Millis, event: Event) -> Result<Vec<Effect>, Refusal> {
        let mut out = Vec::new();
        self.step_into(now, event, &mut out)?;
        Ok(out)
    }

    /// As [`step`](Self::step); the effects go into `out`, which is empty, and stays so where it refuses.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn step_into(&mut self, now: Millis, event: Event, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        debug_assert!(out.is_empty(), "effects of another step are left");
        match self.take(now, event, out) {
            Ok(()) => {
                self.dispatch(now, out);
                Ok(())
            }
            Err(refusal) => {
                out.clear();
                Err(refusal)
            }
        }
    }

    fn take(&mut self, now: Millis, event: Event, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        match event {
            Event::Open(spec) => self.open(spec, out),
            Event::Admit(Plan { job, tasks }) => self.on(now, job, out)?.admit(tasks, Asker::Owner).map(drop),
            Event::Request { task, tasks, tokens } => {
                self.on_task(now, task, TaskState::Running, out)?.request(task.number, tasks, tokens)
            }
            Event::Proposed { task, subject, record, inputs, tokens } => {
                let mut step = self.on_task(now, task, TaskState::Running, out)?;
                step.proposed(task.number, subject, record, inputs, tokens);
                Ok(())
            }
            Event::Failed { task, cause } => {
                let mut step = self.on_task(now, task, TaskState::Running, out)?;
                step.failed(task.number, cause);
                Ok(())
            }
            Event::Judged { task, judged } => {
                let mut step = self.on_task(now, task, TaskState::Validating, out)?;
                if step.judged(task.number, judged)? {
                    self.close(task.job, out);
                }
                Ok(())
            }
            Event::Unjudged { task, why } => {
                let mut step = self.on_task(now, task, TaskState::Validating, out)?;
                step.settle(task.number, TaskState::Failed, Some(Cause::Unjudged { why: why.into() }));
                Ok(())
            }
            Event::Tick => {
                self.expire(now, out);
                Ok(())
            }
            Event::Cancel { task, reason } => self.on(now, task.job, out)?.cancel(task.number, &reason),
            Event::Abstain { job, reason } => self.abstain(now, job, reason, out),
        }
    }

    /// The open job, as a step works on it.
    fn on<'a>(&'a mut self, now: Millis, id: JobId, out: &'a mut Vec<Effect>) -> Result<Step<'a>, Refusal> {
        let job = self.jobs.get_mut(&id).filter(|job| job.open).ok_or(Refusal::JobNotOpen { job: id })?;
        Ok(Step { now, id, registry: &self.registry, job, workers: &mut self.workers, out })
    }

    /// The open job of a task that must be in `state`.
    fn on_task<'a>(
        &'a mut self,
        now: Millis,
        task: TaskId,
        state: TaskState,
        out: &'a mut Vec<Effect>,
    ) -> Result<Step<'a>, Refusal> {
        let step = self.on(now, task.job, out)?;
        match step.job.tasks.get(task.number as usize) {
            None => Err(Refusal::UnknownTask { task }),
            Some(known) if known.state == state => Ok(step),
            Some(known) => Err(Refusal::WrongState { task, state: known.state }),
        }
    }

    /// Opens a job: what its specification says is fixed from here on.
    fn open(&mut self, spec: JobSpec, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let id = spec.job;
        if self.jobs.contains_key(&id) || self.retired.contains(&id) {
            return Err(Refusal::JobExists { job: id });
        }
        check_job(&self.registry, &spec)?;
        let job = Job::open(spec, self.registry.granted());
        out.push(Effect::Record(job.record(id)));
        if let Some(deadline) = job.deadline {
            self.job_deadlines.insert((deadline, id));
        }
        self.jobs.insert(id, job);
        Ok(())
    }

    fn abstain(
        &mut self,
        now: Millis,
        job: JobId,
        reason: String,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.on(now, job, out)?.call_off();
        out.push(Effect::Record(Record::Abstained { job, reason }));
        self.close(job, out);
        Ok(())
    }

    /// Starts what may start, and says which jobs have nothing left to do.
    fn dispatch(&mut self, now: Millis, out: &mut Vec<Effect>) {
        while self.workers.running < self.workers.count {
            let Some(task) = self.workers.queue.pop() else { break };
            // A job that ended took its tasks out of the queue.
            if let Ok(mut step) = self.on(now, task.job, out) {
                step.start(task.number);
            }
        }
        let mut touched: Vec<JobId> = out.iter().filter_map(moved_job).collect();
        touched.sort_unstable();
        touched.dedup();
        for job in touched {
            if let Some(known) = self.jobs.get_mut(&job)
                && known.is_newly_quiet()
            {
                out.push(Effect::Quiet(job));
            }
        }
    }

    /// Stops what has run out of time.
    fn expire(&mut self, now: Millis, out: &mut Vec<Effect>) {
        while let Some(&(due, task)) = self.workers.due.first().filter(|(due, _)| *due <= now) {
            self.workers.due.remove(&(due, task));
            if let Ok(mut step) = self.on_task(now, task, TaskState::Running, out) {
                step.out_of_time(task.number);
            }
        }
        while let Some(&(due, job)) = self.job_deadlines.first().filter(|(due, _)| *due <= now) {
            self.job_deadlines.remove(&(due, job));
            let reason = "the job's deadline has passed".to_owned();
            drop(self.abstain(now, job, reason, out));
        }
    }

    /// The next time at which a [`Event::Tick`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        let task = self.workers.due.first().map(|(due, _)| *due);
        let job = self.job_deadlines.first().map(|(due, _)| *due);
        task.into_iter().chain(job).min()
    }

    /// Ends a job whose tasks have all ended.
    fn close(&mut self, id: JobId, out: &mut Vec<Effect>) {
        let job = self.jobs.get_mut(&id).expect("the job was looked up");
        job.open = false;
        self.workers.queue.forget(job.priority, id);
        if let Some(deadline) = job.deadline {
            self.job_deadlines.remove(&(deadline, id));
        }
        out.push(Effect::Closed(id));
    }

    /// Lets go of a job that has ended; its id stays taken.
    pub fn retire(&mut self, job: JobId) {
        if self.jobs.get(&job).is_some_and(|known| !known.open) {
            self.jobs.remove(&job);
            self.retired.insert(job);
        }
    }

    /// Whether the job is open.
    #[must_use]
    pub fn is_open(&self, job: JobId) -> bool {
        self.jobs.get(&job).is_some_and(|known| known.open)
    }

    /// Tasks that run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.workers.running
    }

    /// What is left of a job's budget; what runs has its share set aside.
    #[must_use]
    pub fn budget_left(&self, job: JobId) -> Option<&crate::Budget> {
        self.jobs.get(&job).map(|known| known.account.left())
    }

    /// The tasks of a job in order of admission.
    pub fn tasks(&self, job: JobId) -> impl Iterator<Item = TaskId> {
        let count = self.jobs.get(&job).map_or(0, |known| known.tasks.len());
        (0..u32::try_from(count).unwrap_or(u32::MAX)).map(move |number| TaskId { job, number })
    }

    fn task(&self, task: TaskId) -> Option<&task::Task> {
        self.jobs.get(&task.job)?.tasks.get(task.number as usize)
    }

    /// The state of a task, if it was admitted.
    #[must_use]
    pub fn state(&self, task: TaskId) -> Option<TaskState> {
        self.task(task).map(|task| task.state)
    }

    /// Why a task ended without passing.
    #[must_use]
    pub fn cause(&self, task: TaskId) -> Option<&Cause> {
        self.task(task)?.cause.as_ref()
    }

    /// The level that a task's result was shown at, its operation's ceiling observed.
    #[must_use]
    pub fn level(&self, task: TaskId) -> Option<det::Level> {
        self.task(task)?.level
    }

    /// What an admitted task was specified as.
    #[must_use]
    pub fn spec(&self, task: TaskId) -> Option<&Arc<TaskSpec>> {
        self.task(task).map(|task| &task.spec)
    }

    /// Who asked for a task.
    #[must_use]
    pub fn asker(&self, task: TaskId) -> Option<Asker> {
        self.task(task).map(|task| task.asker)
    }

    /// The tasks that a task waits for, in the order of its specification.
    pub fn dependencies(&self, task: TaskId) -> impl Iterator<Item = TaskId> {
        let after: &[u32] = self.task(task).map_or(&[], |task| &task.after);
        after.iter().map(move |number| TaskId { job: task.job, number: *number })
    }

    /// The tasks that a task asked for when it last parked.
    pub fn requested(&self, task: TaskId) -> impl Iterator<Item = TaskId> {
        let asked: &[u32] = self.task(task).map_or(&[], |task| &task.requested);
        asked.iter().map(move |number| TaskId { job: task.job, number: *number })
    }

    /// The task whose value stands for `task`'s result: itself, or its repair.
    #[must_use]
    pub fn holder(&self, task: TaskId) -> TaskId {
        let repaired = self.task(task).and_then(|known| known.repaired_by);
        repaired.map_or(task, |number| self.holder(TaskId { job: task.job, number }))
    }

    /// Of a repair, the task whose refuted proposal it is to mend.
    #[must_use]
    pub fn mends(&self, task: TaskId) -> Option<TaskId> {
        self.task(task)?.mends.map(|number| TaskId { job: task.job, number })
    }
}

fn moved_job(effect: &Effect) -> Option<JobId> {
    match effect {
        Effect::Moved { task, to, .. } if to.is_settled() => Some(task.job),
        _ => None,
    }
}
