//! One job, from its opening to its end, over a driver.
//!
//! Every way from a request to an answer is a plan over [`JobRunner`]: it opens the job, runs tasks, and ends
//! the job durably, with an answer or with a reason. The caller decides which tasks follow which result, and
//! what a refusal or a failed operation means to it.

use std::fmt;

use abi::{Body, Entry, Journal, Receipt, TaskId, Value};
use det::{Level, Verification};

use crate::{
    Cause, Clock, Committed, DriveError, DriveOutcome, Driver, DriverEvent, JobSpec, Plan, Pool, Refusal,
    TaskSpec, TaskState, Tier, Unmet,
};

/// The end of one plan. The job itself stays open until its answer is committed or it abstains.
#[derive(Debug)]
pub enum PlanEnd {
    /// The job's answer was committed. The receipt names the durable entry of the commit.
    Committed(Box<Committed>, Receipt),
    /// All tasks of the plan have ended, and none was committed.
    Unanswered,
    /// The kernel refused the plan, so none of its tasks ran.
    Refused(Refusal),
}

/// The reason why a job reached neither an answer nor an abstention. `E` is the error of an operation, `J`
/// that of the journal.
#[derive(Debug)]
pub enum JobError<E, J> {
    /// The kernel refused an event, or the journal failed.
    Drive(DriveError<J>),
    /// An operation failed. The job was ended, and the history says so.
    Operation(E),
}

impl<E: fmt::Display, J: fmt::Display> fmt::Display for JobError<E, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drive(error) => error.fmt(f),
            Self::Operation(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error, J: std::error::Error> std::error::Error for JobError<E, J> {}

impl<E, J> From<DriveError<J>> for JobError<E, J> {
    fn from(error: DriveError<J>) -> Self {
        Self::Drive(error)
    }
}

/// The outcome of one task, for a report that is shown after the job has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskReport {
    /// The name of the task in its plan.
    pub name: String,
    /// The name of the operation that the task runs.
    pub operation: String,
    /// The tier of that operation. None if the operation is not registered.
    pub tier: Option<Tier>,
    /// The state in which the job leaves the task.
    pub state: TaskState,
    /// The level that was shown for its result. `Level::None` unless the task passed.
    pub level: Level,
    /// The word for how well the result is verified at that level. `Unverified` unless the task passed.
    pub verification: Verification,
    /// The reason why the task ended without passing, in words. None if it passed or has not ended.
    pub cause: Option<String>,
}

/// A runner of one job over a driver, which also remembers the failures of the job's tasks.
#[derive(Debug)]
pub struct JobRunner<'a, P: Pool, J, C> {
    driver: Driver<'a, P, J, C>,
    spec: JobSpec,
    is_open: bool,
    generations: u32,
    unmet: Vec<Unmet>,
    failed: Vec<P::Error>,
}

/// A function that is called, while a plan runs, with the driver and each event that happens.
pub type Watch<'w, 'a, P, J, C> = dyn FnMut(&Driver<'a, P, J, C>, &DriverEvent<<P as Pool>::Error>) + 'w;

type Failure<P, J> = JobError<<P as Pool>::Error, <J as Journal>::Error>;

impl<'a, P: Pool, J: Journal, C: Clock> JobRunner<'a, P, J, C> {
    /// Returns a runner of the job that `spec` describes. The job is not opened yet.
    pub fn new(driver: Driver<'a, P, J, C>, spec: JobSpec) -> Self {
        Self { driver, spec, is_open: false, generations: 0, unmet: Vec::new(), failed: Vec::new() }
    }

    /// Returns the same runner, which keeps `input` in the history if the job ends before a task is admitted: otherwise
    /// nothing tells what was asked.
    #[must_use]
    pub fn asked(mut self, input: &Value) -> Self {
        self.driver.remember_asked(self.spec.job, input);
        self
    }

    /// Opens the job.
    ///
    /// # Errors
    /// Returns the kernel's refusal. The history has no entry of the job then; [`abstain`](Self::abstain) can
    /// record that the job was refused.
    pub fn open(&mut self) -> Result<(), Refusal> {
        self.driver.open(self.spec.clone())?;
        self.is_open = true;
        Ok(())
    }

    /// Returns true if the job was opened and has ended since: by its answer, by an abstention, or because its deadline
    /// has passed.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.is_open && !self.driver.kernel().is_open(self.spec.job)
    }

    /// Admits `tasks` as one plan and runs them until the job's answer is committed or none of them is left
    /// to run. `watch` is called with the driver and each event that happens in the meantime.
    ///
    /// The job and the plan are durable before a model generates. A generation can take minutes, in which the process may
    /// be killed; the next process then finds the open job in the history, and ends it.
    ///
    /// # Errors
    /// Fails if the journal fails. A refusal of the plan is not an error but [`PlanEnd::Refused`].
    pub fn run(
        &mut self,
        tasks: Vec<TaskSpec>,
        watch: &mut Watch<'_, 'a, P, J, C>,
    ) -> Result<PlanEnd, Failure<P, J>> {
        let job = self.spec.job;
        if self.has_ended() {
            return Ok(PlanEnd::Unanswered);
        }
        let generates = tasks.iter().any(|task| is_generation(&self.driver, task));
        if let Err(refusal) = self.driver.admit(Plan { job, tasks }) {
            return Ok(PlanEnd::Refused(refusal));
        }
        if generates {
            self.driver.record_so_far()?;
        }
        let generations = &mut self.generations;
        let ended = self.driver.finish(job, &mut |driver, news| {
            *generations += u32::from(starts_generation(driver, news));
            watch(driver, news);
        })?;
        Ok(match ended {
            DriveOutcome::Committed(committed, receipt) => PlanEnd::Committed(committed, receipt),
            DriveOutcome::Idle { unmet, failed } => {
                self.unmet.extend(unmet);
                self.failed.extend(failed.into_iter().map(|(_, error)| error));
                PlanEnd::Unanswered
            }
        })
    }

    /// Adds an entry of the caller to the history, after the entries of everything that happened so far.
    ///
    /// # Errors
    /// Fails if the journal fails; the entry was not added then.
    pub fn note<B: Body>(&mut self, entry: Entry<B>) -> Result<(), Failure<P, J>> {
        Ok(self.driver.note(entry)?)
    }

    /// Ends the job without an answer, and returns the receipt of the durable entry that says so. The entry
    /// is also written for a job that could not be opened. A job that [has ended](Self::has_ended) already keeps the reason
    /// of its end.
    ///
    /// # Errors
    /// Fails if the journal fails.
    pub fn abstain(&mut self, reason: String) -> Result<Receipt, Failure<P, J>> {
        let job = self.spec.job;
        if self.has_ended() {
            return Ok(self.driver.ended()?);
        }
        if self.is_open {
            return Ok(self.driver.abstain(job, reason)?);
        }
        Ok(self.driver.turned_away(job, reason, self.spec.at)?)
    }

    /// Ends the job with the text of `refusal` as the reason, and returns the refusal as the error of the
    /// job.
    ///
    /// This is for a caller that treats every refusal as an error. If ending the job fails, that error is
    /// returned instead.
    pub fn refuse(&mut self, refusal: Refusal) -> Failure<P, J> {
        match self.abstain(refusal.to_string()) {
            Ok(_) => JobError::Drive(DriveError::Refused(refusal)),
            Err(error) => error,
        }
    }

    /// Ends the job if the executor of one of its tasks failed, with the first such error as the reason.
    ///
    /// # Errors
    /// Returns that error as [`JobError::Operation`], or the error of the journal if ending the job fails.
    pub fn give_up_on_failure(&mut self) -> Result<(), Failure<P, J>> {
        if self.failed.is_empty() {
            return Ok(());
        }
        let error = self.failed.remove(0);
        self.abstain(error.to_string())?;
        Err(JobError::Operation(error))
    }

    /// Returns the driver, for reading its kernel and the judged values of tasks.
    #[must_use]
    pub fn driver(&self) -> &Driver<'a, P, J, C> {
        &self.driver
    }

    /// Returns the specification of the job, unchanged since the runner was made.
    #[must_use]
    pub fn spec(&self) -> &JobSpec {
        &self.spec
    }

    /// Returns the number of generations that were started: runs of operations of the tier `Model`.
    #[must_use]
    pub fn generations(&self) -> u32 {
        self.generations
    }

    /// Returns the judgements that did not let their task pass, in order. Only plans that ended without an
    /// answer count.
    #[must_use]
    pub fn unmet(&self) -> &[Unmet] {
        &self.unmet
    }

    /// Returns the reason, in words, why the task that was judged last did not pass. If none was judged, the reason
    /// says if a judgement was begun and could not be ended.
    #[must_use]
    pub fn last_finding(&self) -> String {
        match self.unmet.last() {
            None => self.unjudged().unwrap_or_else(|| "nothing was proposed".to_owned()),
            Some(Unmet { finding: Some(finding), .. }) => finding.clone(),
            Some(Unmet { level, .. }) => format!("only level {level} was shown"),
        }
    }

    /// Returns the cause of the first task whose proposal could not be judged, in words.
    fn unjudged(&self) -> Option<String> {
        let kernel = self.driver.kernel();
        let mut causes = kernel.tasks(self.spec.job).filter_map(|task| kernel.cause(task));
        causes.find(|cause| matches!(cause, Cause::Unjudged { .. })).map(ToString::to_string)
    }

    /// Returns the name of a task and the cause with which it ended, in words: the first task, from number
    /// `first` on, that did not pass for a reason of its own and not because of another task. Returns None if
    /// no task did.
    #[must_use]
    pub fn first_cause(&self, first: u32) -> Option<String> {
        let kernel = self.driver.kernel();
        let causes = kernel.tasks(self.spec.job).filter_map(|task| Some((task, kernel.cause(task)?)));
        let mut own = causes.filter(|(_, cause)| !matches!(cause, Cause::Dependency { .. }));
        let (task, cause) = own.find(|(task, _)| task.number >= first)?;
        Some(format!("{}: {cause}", kernel.spec(task)?.name))
    }

    /// Returns a report of every task of the job, in order of admission.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskReport> {
        self.driver.kernel().tasks(self.spec.job).filter_map(|task| self.task(task)).collect()
    }

    fn task(&self, task: TaskId) -> Option<TaskReport> {
        let kernel = self.driver.kernel();
        let (spec, state) = (kernel.spec(task)?, kernel.state(task)?);
        let shown = kernel.level(task).filter(|_| state.has_passed());
        Some(TaskReport {
            name: spec.name.clone(),
            operation: spec.operation.clone(),
            tier: kernel.registry().operation(&spec.operation).map(|operation| operation.tier),
            state,
            level: shown.unwrap_or(Level::None),
            verification: shown.map_or(Verification::Unverified, Verification::intended),
            cause: kernel.cause(task).map(ToString::to_string),
        })
    }
}

/// Returns true if the event says that a run of an operation of the tier `Model` was started.
fn starts_generation<P: Pool, J, C>(driver: &Driver<'_, P, J, C>, news: &DriverEvent<P::Error>) -> bool {
    let DriverEvent::Moved { task, to: TaskState::Running } = news else { return false };
    driver.kernel().spec(*task).is_some_and(|spec| is_generation(driver, spec))
}

/// Returns true if the task runs an operation of the tier `Model`.
fn is_generation<P: Pool, J, C>(driver: &Driver<'_, P, J, C>, spec: &TaskSpec) -> bool {
    let operation = driver.kernel().registry().operation(&spec.operation);
    operation.is_some_and(|operation| operation.tier == Tier::Model)
}
