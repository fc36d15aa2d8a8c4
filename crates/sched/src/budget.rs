//! The budget of a job, and the account of what is left of it.
//!
//! A run's share is reserved before the run starts, so the budget that is left is never negative.

use std::collections::BTreeMap;
use std::fmt;

/// The most that a job may spend over all its tasks. Admission refuses a plan that the budget cannot pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The number of tasks that may be admitted, including repairs and tasks that a running task asks for.
    pub tasks: u32,
    /// Runs of executors. Each start of a task is a run, and so is each resumption after it parked.
    pub runs: u32,
    /// Runs of any single operation.
    pub same_operation: u32,
    /// The number of tokens that may be generated, summed over runs.
    pub tokens: u64,
    /// The running time in milliseconds, summed over runs.
    pub wall_ms: u64,
}

impl Budget {
    /// The most tasks that one job may hold, whatever its budget says. This limit bounds the memory that a
    /// plan can claim.
    pub const MAX_TASKS: u32 = 1 << 17;

    /// The default budget: 64 runs, 8 of one operation, 64 tasks, a million tokens, ten minutes.
    ///
    /// The two limits on runs are those of the reference design; the others are generous.
    pub const REFERENCE: Self =
        Self { tasks: 64, runs: 64, same_operation: 8, tokens: 1_000_000, wall_ms: 600_000 };
}

/// The most that one run of a task may spend, and the number of repairs of the task. Fixed at admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The number of tokens that one run may use. The run reserves them from the job's budget before it
    /// starts.
    pub tokens: u64,
    /// The time in milliseconds after which a run is stopped. The run reserves this time from the job's
    /// budget.
    pub wall_ms: u64,
    /// The number of repairs that may be tried after the task was refuted. A repair is a new task that is
    /// shown the refuted proposal and the finding.
    pub retries: u32,
}

impl Limits {
    /// The default limits of one run: no tokens, ten seconds, one repair. A task that generates text needs
    /// tokens and states limits of its own.
    pub const REFERENCE: Self = Self { tokens: 0, wall_ms: 10_000, retries: 1 };
}

/// A resource that a [`Budget`] limits. A [`Shortage`] names the one that does not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// The number of tasks that are admitted to the job; see [`Budget::tasks`].
    Tasks,
    /// Runs of executors.
    Runs,
    /// Runs of one operation.
    SameOperation,
    /// The number of generated tokens, over all runs; see [`Budget::tokens`].
    Tokens,
    /// The running time in milliseconds, over all runs; see [`Budget::wall_ms`].
    WallMs,
}

impl Resource {
    /// Returns the word that stands for the resource in messages and reports, spelled like the field of
    /// [`Budget`].
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            Self::Runs => "runs",
            Self::SameOperation => "same_operation",
            Self::Tokens => "tokens",
            Self::WallMs => "wall_ms",
        }
    }
}

/// A resource that does not suffice, with the amounts wanted and left.
///
/// The `Display` form is a sentence for users that says which setting of the budget to raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The resource of which there is too little, and which the message asks the user to raise.
    pub resource: Resource,
    /// The amount that is wanted, in the unit of the resource: a count, or milliseconds.
    pub wanted: u64,
    /// The amount that is left in the budget, or that was reserved for the run.
    pub left: u64,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, wanted, left } = self;
        write!(f, "{wanted} {} wanted and {left} left; raise the job's {0}", resource.word())
    }
}

/// The amounts that one run used, as the history records them. Tokens are the executor's claim; the kernel
/// measures the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// The number of tokens used, as the executor states it.
    pub tokens: u64,
    /// The milliseconds from the start to the end of the run.
    pub wall_ms: u64,
}

/// The account of a job: the budget that is left, with the reservations of running tasks deducted.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    left: Budget,
    /// The runs that are left for each operation. An operation without an entry has not run yet.
    by_operation: BTreeMap<String, u32>,
    /// The number of runs that hold a reservation now.
    open: u32,
}

/// Returns an error unless at least `wanted` of a resource are left.
fn enough(resource: Resource, wanted: u64, left: u64) -> Result<(), Shortage> {
    if wanted <= left { Ok(()) } else { Err(Shortage { resource, wanted, left }) }
}

impl Account {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { left: budget, by_operation: BTreeMap::new(), open: 0 }
    }

    pub(crate) fn left(&self) -> &Budget {
        &self.left
    }

    /// Returns true if a run holds a reservation now, a part of which it may return.
    pub(crate) fn is_reserved(&self) -> bool {
        self.open > 0
    }

    /// Deducts the tasks of a plan for its admission. `operations` has the operation of each task.
    ///
    /// Deducts nothing and fails if fewer tasks are left, or if the runs that are left do not suffice for one run of
    /// each task. Runs are only looked at here; each run takes its own when it starts.
    pub(crate) fn take_plan<'p>(
        &mut self,
        operations: impl ExactSizeIterator<Item = &'p str>,
    ) -> Result<(), Shortage> {
        let tasks = operations.len() as u64;
        enough(Resource::Tasks, tasks, u64::from(self.left.tasks))?;
        enough(Resource::Runs, tasks, u64::from(self.left.runs))?;
        let mut runs: BTreeMap<&str, u64> = BTreeMap::new();
        operations.for_each(|operation| *runs.entry(operation).or_default() += 1);
        for (operation, wanted) in runs {
            enough(Resource::SameOperation, wanted, u64::from(self.runs_left(operation)))?;
        }
        self.left.tasks -= u32::try_from(tasks).expect("no more tasks than are left");
        Ok(())
    }

    /// Returns an error unless the budget that is left now could pay for a run with these limits.
    pub(crate) fn could_pay(&self, operation: &str, limits: &Limits) -> Result<(), Shortage> {
        enough(Resource::Runs, 1, u64::from(self.left.runs))?;
        enough(Resource::SameOperation, 1, u64::from(self.runs_left(operation)))?;
        enough(Resource::Tokens, limits.tokens, self.left.tokens)?;
        enough(Resource::WallMs, limits.wall_ms, self.left.wall_ms)
    }

    /// Reserves the budget of one run. The run itself, of the job and of the operation, is spent for good;
    /// unused tokens and time come back with [`settle`](Self::settle). Reserves nothing and fails if a
    /// resource is short.
    pub(crate) fn reserve(&mut self, operation: &str, limits: &Limits) -> Result<(), Shortage> {
        self.could_pay(operation, limits)?;
        let runs = self.runs_left(operation) - 1;
        match self.by_operation.get_mut(operation) {
            Some(left) => *left = runs,
            None => drop(self.by_operation.insert(operation.to_owned(), runs)),
        }
        self.left.runs -= 1;
        self.left.tokens -= limits.tokens;
        self.left.wall_ms -= limits.wall_ms;
        self.open += 1;
        Ok(())
    }

    /// Returns the unused rest of a reservation to the budget. A run that used more tokens than it reserved
    /// is charged for all of them, as far as the budget goes, and the error says how many it used.
    pub(crate) fn settle(&mut self, limits: &Limits, spent: &Spent) -> Result<(), Shortage> {
        self.open -= 1;
        self.left.tokens += limits.tokens.saturating_sub(spent.tokens);
        self.left.wall_ms += limits.wall_ms.saturating_sub(spent.wall_ms);
        let over = |resource, wanted, left| Err(Shortage { resource, wanted, left });
        if spent.tokens > limits.tokens {
            self.left.tokens = self.left.tokens.saturating_sub(spent.tokens - limits.tokens);
            return over(Resource::Tokens, spent.tokens, limits.tokens);
        }
        Ok(())
    }

    /// Returns the number of runs that are left for one operation.
    fn runs_left(&self, operation: &str) -> u32 {
        self.by_operation.get(operation).copied().unwrap_or(self.left.same_operation)
    }
}
