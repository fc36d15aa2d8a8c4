//! What is asked of the scheduler: jobs and their tasks.

use std::sync::Arc;

use abi::{JobId, Value};
use det::{Contract, Level};

use crate::{Budget, Limits, Rights};

/// Which jobs run first. Within a class jobs take turns; between classes turns are weighted, so that
/// none starves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Somebody waits for it.
    High,
    /// The ordinary class.
    #[default]
    Normal,
    /// Whenever there is room.
    Low,
}

impl Priority {
    /// Every class, the first first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// Starts in a row while other classes wait.
    #[must_use]
    pub fn quantum(self) -> u32 {
        match self {
            Self::High => 8,
            Self::Normal => 4,
            Self::Low => 1,
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

/// A point in time, in milliseconds since the clock's own beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub u64);

/// One request, with everything that is fixed when it is opened.
#[derive(Clone, Debug)]
pub struct JobSpec {
    /// Its id, new to the kernel.
    pub job: JobId,
    /// What its answer must satisfy.
    pub contract: Arc<Contract>,
    /// The least level at which an answer is committed.
    pub required: Level,
    /// The rights that its tasks hold; none for all that the registry grants.
    pub rights: Option<Rights>,
    /// What it may spend.
    pub budget: Budget,
    /// Which jobs run first.
    pub priority: Priority,
    /// When it is called off, if it has not ended.
    pub deadline: Option<Millis>,
}

impl JobSpec {
    /// A job with the reference's budget, all granted rights, at the normal priority, without a deadline.
    #[must_use]
    pub fn new(job: JobId, contract: impl Into<Arc<Contract>>, required: Level) -> Self {
        let (contract, budget, priority) = (contract.into(), Budget::REFERENCE, Priority::Normal);
        Self { job, contract, required, rights: None, budget, priority, deadline: None }
    }
}

/// What a task is to its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its result may become the job's answer; it stands under the job's contract.
    Answer,
    /// Its result is for other tasks; it stands under a contract of its own.
    Support,
}

/// One task of a plan.
#[derive(Clone, Debug)]
pub struct TaskSpec {
    /// A name that is unique in the job.
    pub name: String,
    /// The registered operation that it runs.
    pub operation: String,
    /// Names of tasks of the same job that must have passed first.
    pub after: Vec<String>,
    /// What it is to the job.
    pub role: Role,
    /// What its result must satisfy.
    pub contract: Arc<Contract>,
    /// The least level that its own result must reach; an answer must reach the job's too.
    pub at_least: Level,
    /// The rights that it holds, a part of those of whoever asks for it; none for all of them.
    pub rights: Option<Rights>,
    /// What its operation is given beside the results that it waits for.
    pub input: Value,
    /// What each of its runs may spend.
    pub limits: Limits,
}

impl TaskSpec {
    /// A supporting task at any level, with nothing to wait for and the reference's limits.
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

    /// The same, as a candidate for the job's answer.
    #[must_use]
    pub fn answering(mut self) -> Self {
        self.role = Role::Answer;
        self
    }

    /// The same, after tasks of these names.
    #[must_use]
    pub fn after<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.after.extend(names.into_iter().map(Into::into));
        self
    }

    /// The same, with an input.
    #[must_use]
    pub fn given(mut self, input: Value) -> Self {
        self.input = input;
        self
    }

    /// The same, with other limits.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// Tasks for one job. Dependencies name tasks of the plan or tasks that the job has already.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The job.
    pub job: JobId,
    /// The tasks, in any order.
    pub tasks: Vec<TaskSpec>,
}
