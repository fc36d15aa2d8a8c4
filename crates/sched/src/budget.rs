//! What a job may spend. Everything is reserved before it is spent, so nothing is ever negative.

use std::collections::BTreeMap;
use std::fmt;

/// What a job may spend in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Tasks that may be admitted, repairs and children among them.
    pub tasks: u32,
    /// Runs of an executor: every start and every resumption is one.
    pub traps: u32,
    /// Runs of one and the same operation.
    pub same_operation: u32,
    /// Tokens that may be generated.
    pub tokens: u64,
    /// Milliseconds of running, summed over tasks.
    pub wall_ms: u64,
}

impl Budget {
    /// The most tasks that one job may hold, whatever its budget says.
    pub const MAX_TASKS: u32 = 1 << 17;

    /// The reference's limits on runs, and generous ones on the rest: 64 traps, 8 of one operation,
    /// 64 tasks, a million tokens, ten minutes.
    pub const REFERENCE: Self =
        Self { tasks: 64, traps: 64, same_operation: 8, tokens: 1_000_000, wall_ms: 600_000 };
}

/// What one run of a task may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tokens.
    pub tokens: u64,
    /// Milliseconds until the run is stopped.
    pub wall_ms: u64,
    /// Repairs after a refutation.
    pub retries: u32,
}

impl Limits {
    /// No tokens, ten seconds, one repair.
    pub const REFERENCE: Self = Self { tokens: 0, wall_ms: 10_000, retries: 1 };
}

/// A resource of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Admissions.
    Tasks,
    /// Runs.
    Traps,
    /// Runs of one operation.
    SameOperation,
    /// Generated tokens.
    Tokens,
    /// Milliseconds of running.
    WallMs,
}

impl Resource {
    /// The word for it, as a budget names it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            Self::Traps => "traps",
            Self::SameOperation => "same_operation",
            Self::Tokens => "tokens",
            Self::WallMs => "wall_ms",
        }
    }
}

/// A resource that does not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Of what.
    pub resource: Resource,
    /// How much is wanted.
    pub wanted: u64,
    /// How much is left.
    pub left: u64,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, wanted, left } = self;
        write!(f, "{wanted} {} wanted and {left} left; raise the job's {0}", resource.word())
    }
}

/// What a run used of its reservation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tokens.
    pub tokens: u64,
    /// Milliseconds.
    pub wall_ms: u64,
}

/// What is left of a job's budget.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    left: Budget,
    /// Runs left by operation; of an operation that has not run yet there is no row.
    by_operation: BTreeMap<String, u32>,
    /// Runs whose reservation has not been settled.
    open: u32,
}

impl Account {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { left: budget, by_operation: BTreeMap::new(), open: 0 }
    }

    pub(crate) fn left(&self) -> &Budget {
        &self.left
    }

    /// Whether a run holds a reservation of which a part may come back.
    pub(crate) fn is_reserved(&self) -> bool {
        self.open > 0
    }

    pub(crate) fn take_tasks(&mut self, wanted: usize) -> Result<(), Shortage> {
        let taken = u32::try_from(wanted).ok().and_then(|wanted| self.left.tasks.checked_sub(wanted));
        let (wanted, left) = (wanted as u64, u64::from(self.left.tasks));
        self.left.tasks = taken.ok_or(Shortage { resource: Resource::Tasks, wanted, left })?;
        Ok(())
    }

    /// Whether a run with these limits could be paid for if nothing else ran.
    pub(crate) fn could_pay(&self, operation: &str, limits: &Limits) -> Result<(), Shortage> {
        let least = |resource, wanted: u64, left: u64| {
            if wanted <= left { Ok(()) } else { Err(Shortage { resource, wanted, left }) }
        };
        least(Resource::Traps, 1, u64::from(self.left.traps))?;
        least(Resource::SameOperation, 1, u64::from(self.runs_left(operation)))?;
        least(Resource::Tokens, limits.tokens, self.left.tokens)?;
        least(Resource::WallMs, limits.wall_ms, self.left.wall_ms)
    }

    /// Sets aside what a run may spend. A trap and a run of the operation are spent by it.
    pub(crate) fn reserve(&mut self, operation: &str, limits: &Limits) -> Result<(), Shortage> {
        self.could_pay(operation, limits)?;
        let runs = self.runs_left(operation) - 1;
        match self.by_operation.get_mut(operation) {
            Some(left) => *left = runs,
            None => drop(self.by_operation.insert(operation.to_owned(), runs)),
        }
        self.left.traps -= 1;
        self.left.tokens -= limits.tokens;
        self.left.wall_ms -= limits.wall_ms;
        self.open += 1;
        Ok(())
    }

    /// Gives back what a run left of its reservation. Spending beyond it counts as all of it, and is
    /// reported.
    pub(crate) fn settle(&mut self, limits: &Limits, spent: &Spent) -> Result<(), Shortage> {
        self.open -= 1;
        self.left.tokens += limits.tokens.saturating_sub(spent.tokens);
        self.left.wall_ms += limits.wall_ms.saturating_sub(spent.wall_ms);
        let over = |resource, wanted, left| Err(Shortage { resource, wanted, left });
        if spent.tokens > limits.tokens {
            return over(Resource::Tokens, spent.tokens, limits.tokens);
        }
        Ok(())
    }

    fn runs_left(&self, operation: &str) -> u32 {
        self.by_operation.get(operation).copied().unwrap_or(self.left.same_operation)
    }
}
