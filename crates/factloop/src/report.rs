//! How a question was answered, or why it was not.

use std::fmt;

use abi::{Fact, Identity, Receipt};
use det::Level;
use sched::Capability;

use crate::Specification;

/// What the policy did, for the reader of a report.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The signal that decided.
    pub used_signal: &'static str,
    /// The decision in words.
    pub reason: String,
    /// The pressure that it saw, in [0, 1].
    pub cost: f64,
    /// What the budget said.
    pub budget_note: String,
    /// Whether the first attempt met the contract.
    pub base_validated: bool,
    /// Whether what was proposed last met the contract.
    pub final_validated: bool,
}

/// Why nothing was committed, and what would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abstention {
    /// The reason.
    pub reason: String,
    /// The change that would help.
    pub remedy: String,
}

impl fmt::Display for Abstention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.reason, self.remedy)
    }
}

/// The end of a question. `answer` is there exactly when something was committed.
#[derive(Debug)]
pub struct Report {
    /// The committed text.
    pub answer: Option<String>,
    /// The last text proposed, where nothing was committed. Unproven: show it only to who asked for it.
    pub unproven: Option<String>,
    /// The level that was shown of the answer; `None` where there is none.
    pub level: Level,
    /// The level that was required.
    pub required: Level,
    /// What the prompt was read as; none for conversation.
    pub routed: Option<Specification>,
    /// The facts that were computed.
    pub facts: Vec<Fact>,
    /// Generations spent.
    pub generations: u32,
    /// Continuations that the policy bought after the first attempt.
    pub k: u32,
    /// What the policy did.
    pub audit: Audit,
    /// Who proposed.
    pub identity: Identity,
    /// Where it is in the ledger.
    pub receipt: Receipt,
    /// Why nothing was committed.
    pub abstained: Option<Abstention>,
    /// The capability that the proposer took the prompt to ask for, where it may be used at all. It decided nothing.
    pub requested: Option<Capability>,
}

impl Report {
    /// Whether an answer was committed.
    #[must_use]
    pub fn is_committed(&self) -> bool {
        self.answer.is_some()
    }
}
