//! The kernel: a state machine that takes events and emits effects.
//!
//! All decisions of the scheduler are made here: admission, order of starts, budgets, deadlines, repair and
//! commit. The kernel has no clock, thread or I/O, so the same events at the same times give the same
//! effects.

mod admit;
mod event;
mod judge;
mod overview;
mod run;
mod settle;
mod task;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::collections::BTreeSet;
use std::sync::Arc;

use abi::{JobId, TaskId};

use crate::queue::ReadyQueue;
use crate::{
    Cause, JobSpec, Millis, Plan, Record, Refusal, Registry, Remembered, TaskOrigin, TaskSpec, TaskState,
};

pub use event::{Effect, Event};
pub use overview::{Overview, OwnJob, OwnTask};

use admit::check_job;
use task::{Job, Workers};

/// The scheduler's state machine: all jobs, their tasks, and the counts of workers.
///
/// The only ways to change a kernel are [`step`](Self::step) and [`retire`](Self::retire). The kernel asserts
/// that every change of a task's state is in the table of [`TaskState::may_become`].
///
/// ```
/// use sched::abi::JobId;
/// use sched::det::{Contract, Form, Level, Validators};
/// use sched::{Consulted, Effect, Event, JobSpec, Kernel, Millis, Operation, Plan, Registry, TaskSpec, Tier};
///
/// let mut registry = Registry::new(Validators::builtin());
/// registry.register(Operation::new("draft", Tier::Model));
/// let mut kernel = Kernel::new(registry, 1);
///
/// let (job, text) = (JobId(1), || Contract::from_form(Form::Text));
/// let none = Consulted::no_memory("this example keeps none");
/// kernel.step(Millis(0), Event::Open(JobSpec::new(job, text(), Level::Syntax).consulting(none)))?;
/// let tasks = vec![TaskSpec::new("answer", "draft", text()).answering()];
/// let effects = kernel.step(Millis(0), Event::Admit(Plan { job, tasks }))?;
/// assert!(effects.iter().any(|effect| matches!(effect, Effect::Run(_))));
/// # Ok::<(), sched::Refusal>(())
/// ```
#[derive(Debug)]
pub struct Kernel {
    /// The operations, granted rights and validators that admission consults.
    registry: Registry,
    /// The jobs that were opened and not retired, open and ended ones.
    jobs: HashMap<JobId, Job>,
    /// Ids of jobs that were retired. No new job may take one of them.
    retired: HashSet<JobId>,
    /// Deadlines of open jobs, the earliest first.
    job_deadlines: BTreeSet<(Millis, JobId)>,
    /// The workers of the pool, and the tasks that run on them or wait for one.
    workers: Workers,
}

/// One step on one job: the job, and those other parts of the kernel that the step may change.
struct Step<'a> {
    now: Millis,
    id: JobId,
    registry: &'a Registry,
    job: &'a mut Job,
    workers: &'a mut Workers,
    out: &'a mut Vec<Effect>,
}

impl Kernel {
    /// Returns a kernel without jobs that runs at most `workers` tasks at a time. Zero counts as one.
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

    /// Returns the operations, granted rights and validators that admission consults. They are fixed at the
    /// start.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Takes one event at the time `now`, and returns the effects that a driver must perform for it, in
    /// order. `now` must not be earlier than in the step before.
    ///
    /// # Errors
    /// Returns a [`Refusal`] if the event is not allowed. The kernel is unchanged then.
    pub fn step(&mut self, now: Millis, event: Event) -> Result<Vec<Effect>, Refusal> {
        let mut out = Vec::new();
        self.step_into(now, event, &mut out)?;
        Ok(out)
    }

    /// Does the same as [`step`](Self::step), but appends the effects to `out`, which must be empty. A caller
    /// with many events can thus reuse the vector's memory.
    ///
    /// # Errors
    /// Returns a [`Refusal`] if the event is not allowed. The kernel is unchanged and `out` is empty then.
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

    /// Applies one event. Waiting tasks are started afterwards, by [`dispatch`](Self::dispatch).
    fn take(&mut self, now: Millis, event: Event, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        match event {
            Event::Open(spec) => self.open(spec, out),
            Event::Admit(Plan { job, tasks }) => {
                self.on(now, job, out)?.admit(tasks, TaskOrigin::Owner).map(drop)
            }
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

    /// Returns the open job `id`, ready for a step. Fails if no such job is open.
    fn on<'a>(&'a mut self, now: Millis, id: JobId, out: &'a mut Vec<Effect>) -> Result<Step<'a>, Refusal> {
        let job = self.jobs.get_mut(&id).filter(|job| job.open).ok_or(Refusal::JobNotOpen { job: id })?;
        Ok(Step { now, id, registry: &self.registry, job, workers: &mut self.workers, out })
    }

    /// Returns the open job of `task`, ready for a step. Fails unless the task is in `state`.
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

    /// Opens a job, whose contract, level, rights and budget are fixed from here on.
    fn open(&mut self, spec: JobSpec, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let id = spec.job;
        if self.jobs.contains_key(&id) || self.retired.contains(&id) {
            return Err(Refusal::JobExists { job: id });
        }
        let consulted = check_job(&self.registry, &spec)?;
        let job = Job::open(spec, consulted, self.registry.granted());
        out.push(Effect::Record(job.record(id)));
        if let Some(deadline) = job.deadline {
            self.job_deadlines.insert((deadline, id));
        }
        self.jobs.insert(id, job);
        Ok(())
    }

    /// Ends a job without an answer and cancels its tasks.
    fn abstain(
        &mut self,
        now: Millis,
        job: JobId,
        reason: String,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.on(now, job, out)?.call_off();
        out.push(Effect::Record(Record::Abstained { job, reason, at: None }));
        self.close(job, out);
        Ok(())
    }

    /// Starts waiting tasks while workers are free, and reports each job whose tasks have now all ended.
    fn dispatch(&mut self, now: Millis, out: &mut Vec<Effect>) {
        while self.workers.running < self.workers.count {
            let Some(task) = self.workers.queue.pop() else { break };
            // The job may have ended; its tasks left the queue then.
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
                out.push(Effect::Idle(job));
            }
        }
    }

    /// Stops the tasks and ends the jobs whose deadline has passed.
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

    /// Returns the earliest deadline of a running task or an open job, at which the driver should send
    /// [`Event::Tick`]. Returns None if there is none.
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

    /// Removes a job that has ended, to free its memory. No later job may take its id. Does nothing if the
    /// job is open or not known.
    pub fn retire(&mut self, job: JobId) {
        if self.jobs.get(&job).is_some_and(|known| !known.open) {
            self.jobs.remove(&job);
            self.retired.insert(job);
        }
    }

    /// Returns true if the job was opened and has not ended. Only an open job takes plans and verdicts.
    #[must_use]
    pub fn is_open(&self, job: JobId) -> bool {
        self.jobs.get(&job).is_some_and(|known| known.open)
    }

    /// Returns the number of tasks that run now, which is at most the number of workers. Parked tasks do not
    /// count.
    #[must_use]
    pub fn running(&self) -> usize {
        self.workers.running
    }

    /// Returns the entries of the memory that were recalled for a job, the best first. There are none if the job is not
    /// known.
    #[must_use]
    pub fn recalled(&self, job: JobId) -> Arc<[Remembered]> {
        self.jobs.get(&job).map(Job::recalled).unwrap_or_default()
    }

    /// Returns the budget that is left to a job, with the reservations of running tasks deducted. Returns
    /// None if the job is not known.
    #[must_use]
    pub fn budget_left(&self, job: JobId) -> Option<&crate::Budget> {
        self.jobs.get(&job).map(|known| known.account.left())
    }

    /// Returns the tasks of a job, in the order of their admission. There are none if the job is not known.
    pub fn tasks(&self, job: JobId) -> impl Iterator<Item = TaskId> {
        let count = self.jobs.get(&job).map_or(0, |known| known.tasks.len());
        (0..u32::try_from(count).unwrap_or(u32::MAX)).map(move |number| TaskId { job, number })
    }

    /// Returns the task with this id, or None if it is not known.
    fn task(&self, task: TaskId) -> Option<&task::Task> {
        self.jobs.get(&task.job)?.tasks.get(task.number as usize)
    }

    /// Returns the state of a task. Returns None if no such task was admitted, or if its job was retired.
    #[must_use]
    pub fn state(&self, task: TaskId) -> Option<TaskState> {
        self.task(task).map(|task| task.state)
    }

    /// Returns the reason why a task ended without passing. Returns None for a task that passed, has not
    /// ended, or is not known.
    #[must_use]
    pub fn cause(&self, task: TaskId) -> Option<&Cause> {
        self.task(task)?.cause.as_ref()
    }

    /// Returns the level that was shown for a task's result: the level of its verdict, at most the ceiling of
    /// its operation. Returns None if the task was not judged.
    #[must_use]
    pub fn level(&self, task: TaskId) -> Option<det::Level> {
        self.task(task)?.level
    }

    /// Returns the specification with which a task was admitted, or None if the task is not known. A repair
    /// has a specification of its own.
    #[must_use]
    pub fn spec(&self, task: TaskId) -> Option<&Arc<TaskSpec>> {
        self.task(task).map(|task| &task.spec)
    }

    /// Returns the origin of a task: the plan of the job's owner, a request of another task, or a repair.
    /// Returns None if the task is not known.
    #[must_use]
    pub fn asker(&self, task: TaskId) -> Option<TaskOrigin> {
        self.task(task).map(|task| task.asker)
    }

    /// Returns the tasks that must pass before this task runs, in the order of its specification. There are
    /// none if the task is not known.
    pub fn dependencies(&self, task: TaskId) -> impl Iterator<Item = TaskId> {
        let after: &[u32] = self.task(task).map_or(&[], |task| &task.after);
        after.iter().map(move |number| TaskId { job: task.job, number: *number })
    }

    /// Returns the tasks that this task asked for when it last parked. There are none if it never parked.
    pub fn requested(&self, task: TaskId) -> impl Iterator<Item = TaskId> {
        let asked: &[u32] = self.task(task).map_or(&[], |task| &task.requested);
        asked.iter().map(move |number| TaskId { job: task.job, number: *number })
    }

    /// Returns the task whose value stands for the result of `task`: the repair that passed in its place, or
    /// `task` itself. Tasks that depend on `task` are given that value.
    #[must_use]
    pub fn holder(&self, task: TaskId) -> TaskId {
        let repaired = self.task(task).and_then(|known| known.repaired_by);
        repaired.map_or(task, |number| self.holder(TaskId { job: task.job, number }))
    }

    /// Returns the task whose refuted proposal the repair `task` is given to correct. Returns None if `task`
    /// is not a repair.
    #[must_use]
    pub fn repairs(&self, task: TaskId) -> Option<TaskId> {
        self.task(task)?.repaired.map(|number| TaskId { job: task.job, number })
    }
}

/// Returns the job of the task that ends with this effect, or None if the effect ends no task.
fn moved_job(effect: &Effect) -> Option<JobId> {
    match effect {
        Effect::Moved { task, to, .. } if to.is_settled() => Some(task.job),
        _ => None,
    }
}
