//! The specifications of jobs, tasks and plans, as a caller submits them.

use std::sync::Arc;

use abi::{JobId, Value};
use det::{Contract, Level};

use crate::{Budget, Consulted, Limits, Rights};

/// The priority class of a job, which decides how often its tasks are started while other jobs wait.
///
/// A free worker looks at the highest class first. Turns between classes are weighted by
/// [`quantum`](Self::quantum), so that no class starves; jobs of one class take turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// The class of a job that somebody waits for, such as a question at a terminal.
    High,
    /// The ordinary class, which a job has unless another is stated.
    #[default]
    Normal,
    /// The class of a job that may wait until no job of a higher class has a task to start.
    Low,
}

impl Priority {
    /// Every class, in the order in which a free worker looks for a task to start: the highest first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// Returns the number of tasks that the class may start in each round while tasks of other classes wait.
    #[must_use]
    pub fn quantum(self) -> u32 {
        match self {
            Self::High => 8,
            Self::Normal => 4,
            Self::Low => 1,
        }
    }

    /// Returns the word that stands for the class in graph files, reports and the ledger, for example `high`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

/// A point in time, in milliseconds since the start of the driver's clock.
///
/// The kernel compares such times and reads no clock itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub u64);

/// The description of a job to be opened: one request with its contract, rights and budget. All fields are
/// fixed when the job is opened.
#[derive(Clone, Debug)]
pub struct JobSpec {
    /// The id of the job, which must be new to the kernel.
    pub job: JobId,
    /// The contract that the answer must satisfy. Tasks with [`Role::Answer`] must have the same contract.
    pub contract: Arc<Contract>,
    /// The least level at which an answer is committed. A contract that cannot show it is refused.
    pub required: Level,
    /// The rights that tasks of the job may hold, a part of those that the registry grants. None means all of
    /// them.
    pub rights: Option<Rights>,
    /// The most that the tasks of the job may spend together.
    pub budget: Budget,
    /// The priority class of the job: tasks of a higher class are started before those of a lower one.
    pub priority: Priority,
    /// The time at which the job is ended without an answer if it is still open then. None means no deadline.
    pub deadline: Option<Millis>,
    /// The time of day at which the job is opened, in milliseconds since 1970, as its process claims. The history has it;
    /// no judgement and no deadline uses it.
    pub at: Option<i64>,
    /// The record that the memory was consulted for the job. A job without one is refused.
    pub consulted: Option<Consulted>,
}

impl JobSpec {
    /// Returns a job with the default budget, all granted rights and normal priority, without a deadline.
    /// Other values can be set with a struct update: `JobSpec { priority, ..JobSpec::new(…) }`.
    ///
    /// The job has no record of a consultation yet, without which it is refused: see [`consulting`](Self::consulting).
    #[must_use]
    pub fn new(job: JobId, contract: impl Into<Arc<Contract>>, required: Level) -> Self {
        let (contract, budget, priority) = (contract.into(), Budget::REFERENCE, Priority::Normal);
        Self {
            job,
            contract,
            required,
            rights: None,
            budget,
            priority,
            deadline: None,
            at: None,
            consulted: None,
        }
    }

    /// Returns the job with the record that the memory was consulted for it.
    #[must_use]
    pub fn consulting(self, consulted: Consulted) -> Self {
        Self { consulted: Some(consulted), ..self }
    }
}

/// The role of a task in its job: to answer it, or to support other tasks.
///
/// The first passed result of an answering task is committed and ends the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The result may become the answer of the job, whose contract the task must have.
    Answer,
    /// The result is for other tasks of the job. The task has a contract of its own.
    Support,
}

/// One task of a plan: an operation, its input, and the contract that its result must satisfy.
///
/// Build one with [`new`](Self::new) and the methods after it, or as a struct literal.
#[derive(Clone, Debug)]
pub struct TaskSpec {
    /// The name of the task, unique in its job. Other tasks name it in `after`.
    pub name: String,
    /// The name of the [`Operation`](crate::Operation) that the task runs. It must be registered.
    pub operation: String,
    /// Names of tasks of the same job that must pass before this one runs. Their values are given to its
    /// runs.
    pub after: Vec<String>,
    /// The role of the task in its job.
    pub role: Role,
    /// The contract that the result must satisfy. It is fixed when the task is admitted.
    pub contract: Arc<Contract>,
    /// The least level that the result must reach. An answer must also reach the level of its job.
    pub at_least: Level,
    /// The rights that the task holds, a part of those of the job or task that asks for it. None means all of
    /// them.
    pub rights: Option<Rights>,
    /// The input of the operation. The operation is also given the results of the tasks in `after`.
    pub input: Value,
    /// The most that each run of the task may spend, and the number of repairs.
    pub limits: Limits,
}

impl TaskSpec {
    /// Returns a supporting task with the default limits. It waits for no task, has no input, and may pass at
    /// any level.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        operation: impl Into<String>,
        contract: impl Into<Arc<Contract>>,
    ) -> Self {
        Self {
            name: name.into(),
            operation: operation.into(),
            after: Vec::new(),
            role: Role::Support,
            contract: contract.into(),
            at_least: Level::None,
            rights: None,
            input: Value::Null,
            limits: Limits::REFERENCE,
        }
    }

    /// Returns the task with [`Role::Answer`]. Its contract must then be the job's, or admission refuses it.
    #[must_use]
    pub fn answering(mut self) -> Self {
        self.role = Role::Answer;
        self
    }

    /// Returns the task with further tasks that must pass before it runs. Their values are given to its runs.
    #[must_use]
    pub fn after<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.after.extend(names.into_iter().map(Into::into));
        self
    }

    /// Returns the task with this input for its operation, instead of none.
    #[must_use]
    pub fn given(mut self, input: Value) -> Self {
        self.input = input;
        self
    }

    /// Returns the name of the one child for which a task named `name` asks.
    #[must_use]
    pub fn childs_name(name: &str) -> String {
        format!("{name}.child")
    }

    /// Returns the task with these limits for each of its runs.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// Tasks to be admitted together to one job, or refused together.
///
/// A task may wait for tasks of the plan, or for tasks that were admitted to the job before.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The open job that the tasks are admitted to.
    pub job: JobId,
    /// The tasks, in any order: admission sorts them so that dependencies come first.
    pub tasks: Vec<TaskSpec>,
}
