//! The budget of a job, and the account that is kept of it.
//!
//! A run's share is reserved before the run starts, so the budget that is left is never negative.

use std::collections::BTreeMap;
use std::fmt;

/// The most that a job may spend over all its tasks. Admission refuses a plan that the budget cannot pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Tasks that may be admitted, including repairs and the tasks that tasks ask for.
    pub tasks: u32,
    /// Runs of executors. Each start of a task is a run, and so is each resumption after it parked.
    pub runs: u32,
    /// Runs of any single operation.
    pub same_operation: u32,
    /// Tokens that may be generated.
    pub tokens: u64,
    /// Running time in milliseconds, summed over tasks.
    pub wall_ms: u64,
}

impl Budget {
    /// The most tasks that one job may hold, whatever its budget says. It bounds the memory that a plan can
    /// claim.
    pub const MAX_TASKS: u32 = 1 << 17;

    /// The default budget: 64 runs, 8 of one operation, 64 tasks, a million tokens, ten minutes.
    ///
    /// The two limits on runs are those of the reference design; the others are generous.
    pub const REFERENCE: Self =
        Self { tasks: 64, runs: 64, same_operation: 8, tokens: 1_000_000, wall_ms: 600_000 };
}

/// The most that one run of a task may spend, and the number of its repairs. Fixed at admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tokens of one run.
    pub tokens: u64,
    /// Milliseconds after which the run is stopped.
    pub wall_ms: u64,
    /// Repairs that may be tried after the task was refuted.
    pub retries: u32,
}

impl Limits {
    /// The default limits of one run: no tokens, ten seconds, one repair. A task that generates text needs
    /// tokens and states limits of its own.
    pub const REFERENCE: Self = Self { tokens: 0, wall_ms: 10_000, retries: 1 };
}

/// A resource that a [`Budget`] limits. A [`Shortage`] names the resource that does not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Admitted tasks.
    Tasks,
    /// Runs of executors.
    Runs,
    /// Runs of one operation.
    SameOperation,
    /// Generated tokens.
    Tokens,
    /// Milliseconds of running time.
    WallMs,
}

impl Resource {
    /// The name of the resource in messages and reports, spelled as the field of [`Budget`].
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

/// A resource that does not suffice, with the amount that is wanted and the amount left. Shown to users as a
/// sentence that says which setting of the budget to raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The resource that does not suffice.
    pub resource: Resource,
    /// The amount that is wanted.
    pub wanted: u64,
    /// The amount that is left.
    pub left: u64,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, wanted, left } = self;
        write!(f, "{wanted} {} wanted and {left} left; raise the job's {0}", resource.word())
    }
}

/// The amounts that one run used, as they are written into the history. Tokens are the executor's claim; the
/// kernel measures the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tokens used.
    pub tokens: u64,
    /// Milliseconds from the start to the end of the run.
    pub wall_ms: u64,
}

/// The account of a job: the budget that is left, with the reservations of running tasks deducted.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    left: Budget,
    /// Runs left for each operation. An operation without a row has not run yet.
    by_operation: BTreeMap<String, u32>,
    /// The number of runs that hold a reservation.
    open: u32,
}

impl Account {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { left: budget, by_operation: BTreeMap::new(), open: 0 }
    }

    pub(crate) fn left(&self) -> &Budget {
        &self.left
    }

    /// Returns true if a run holds a reservation, of which a part may come back.
    pub(crate) fn is_reserved(&self) -> bool {
        self.open > 0
    }

    /// Pays for the admission of `wanted` tasks. If there is not enough left, nothing is taken.
    pub(crate) fn take_tasks(&mut self, wanted: usize) -> Result<(), Shortage> {
        let taken = u32::try_from(wanted).ok().and_then(|wanted| self.left.tasks.checked_sub(wanted));
        let (wanted, left) = (wanted as u64, u64::from(self.left.tasks));
        self.left.tasks = taken.ok_or(Shortage { resource: Resource::Tasks, wanted, left })?;
        Ok(())
    }

    /// Checks that the budget that is left now could pay for a run with these limits.
    pub(crate) fn could_pay(&self, operation: &str, limits: &Limits) -> Result<(), Shortage> {
        let least = |resource, wanted: u64, left: u64| {
            if wanted <= left { Ok(()) } else { Err(Shortage { resource, wanted, left }) }
        };
        least(Resource::Runs, 1, u64::from(self.left.runs))?;
        least(Resource::SameOperation, 1, u64::from(self.runs_left(operation)))?;
        least(Resource::Tokens, limits.tokens, self.left.tokens)?;
        least(Resource::WallMs, limits.wall_ms, self.left.wall_ms)
    }

    /// Reserves the budget of one run. One run and one run of the operation are spent for good.
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

    /// The runs that are left for one operation.
    fn runs_left(&self, operation: &str) -> u32 {
        self.by_operation.get(operation).copied().unwrap_or(self.left.same_operation)
    }
}
