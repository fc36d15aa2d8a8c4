//! The specifications of jobs, tasks and plans, as a caller hands them in.

use std::sync::Arc;

use abi::{JobId, Value};
use det::{Contract, Level};

use crate::{Budget, Limits, Rights};

/// The priority class of a job. Jobs of one class take turns; turns between classes are weighted, so that no
/// class starves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// For a job that somebody waits for.
    High,
    /// The ordinary class.
    #[default]
    Normal,
    /// For a job that runs when there is room.
    Low,
}

impl Priority {
    /// Every class in the order in which a free worker looks at them, the highest first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// The number of tasks that the class may start in a row while other classes wait.
    #[must_use]
    pub fn quantum(self) -> u32 {
        match self {
            Self::High => 8,
            Self::Normal => 4,
            Self::Low => 1,
        }
    }

    /// The name of the class, in graph files, reports and the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

/// A point in time, in milliseconds since the start of the driver's clock. The kernel compares such times and
/// reads no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub u64);

/// A job to be opened. All of its fields are fixed when the job is opened.
#[derive(Clone, Debug)]
pub struct JobSpec {
    /// The id of the job, which must be new to the kernel.
    pub job: JobId,
    /// The contract that the answer must satisfy.
    pub contract: Arc<Contract>,
    /// The least level at which an answer is committed.
    pub required: Level,
    /// The rights that tasks of the job may hold. None means all that the registry grants.
    pub rights: Option<Rights>,
    /// The most that the job may spend.
    pub budget: Budget,
    /// The priority class.
    pub priority: Priority,
    /// The time at which the job is ended if it has not ended yet.
    pub deadline: Option<Millis>,
}

impl JobSpec {
    /// Returns a job with the default budget, all granted rights and normal priority, without a deadline.
    /// Other values can be set with a struct update.
    #[must_use]
    pub fn new(job: JobId, contract: impl Into<Arc<Contract>>, required: Level) -> Self {
        let (contract, budget, priority) = (contract.into(), Budget::REFERENCE, Priority::Normal);
        Self { job, contract, required, rights: None, budget, priority, deadline: None }
    }
}

/// The role of a task in its job: to answer it, or to support other tasks. The first answer that is judged
/// well enough ends the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The result may become the answer of the job. The task must have the contract of the job.
    Answer,
    /// The result is for other tasks. The task has a contract of its own.
    Support,
}

/// One task of a plan: an operation, its input, and the contract that its result must satisfy.
///
/// Build one with [`new`](Self::new) and the methods after it, or as a struct literal.
#[derive(Clone, Debug)]
pub struct TaskSpec {
    /// The name of the task, unique in its job.
    pub name: String,
    /// The name of the registered operation that the task runs.
    pub operation: String,
    /// Names of tasks of the same job that must pass first.
    pub after: Vec<String>,
    /// The role of the task in its job.
    pub role: Role,
    /// The contract that the result must satisfy.
    pub contract: Arc<Contract>,
    /// The least level of the result. An answer must also reach the level of its job.
    pub at_least: Level,
    /// The rights that the task holds, a part of its asker's. None means all of the asker's.
    pub rights: Option<Rights>,
    /// The input of the operation, beside the results that the task waits for.
    pub input: Value,
    /// The most that each run of the task may spend.
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

    /// Returns the task with the role of an answer. Its contract must be the job's.
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

    /// Returns the task with these limits for each of its runs.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// Tasks to be admitted together to one job. A task may wait for tasks of the plan, or for tasks that were
/// admitted to the job before.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The job.
    pub job: JobId,
    /// The tasks, in any order.
    pub tasks: Vec<TaskSpec>,
}
