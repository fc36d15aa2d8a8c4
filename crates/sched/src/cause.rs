//! The reasons why tasks end without passing.
//!
//! Causes are part of the history: their words and texts are recorded in the ledger.

use std::fmt;
use std::sync::Arc;

use abi::Value;
use abi::bounds::{MAX_TEXT_BYTES, cut};
use det::Level;

use crate::{Excess, Refusal, Shortage};

/// The reason why a task ended without passing: it was refuted, it failed, or it was cancelled. A task that
/// passed has no cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The executor that ran the task returned an error.
    Executor {
        /// The text of the error that the executor returned.
        message: Arc<str>,
    },
    /// The executor panicked. The job may not run the operation again.
    Panicked {
        /// The message with which the executor panicked.
        message: Arc<str>,
    },
    /// The operation panicked earlier in this job, so the job may not run it again.
    Disabled {
        /// The name of the operation that panicked.
        operation: String,
    },
    /// The result, or what came with it, is larger or nests deeper than the table of bounds allows.
    Oversize(Excess),
    /// The proposal could not be judged.
    Unjudged {
        /// The reason why there is no verdict, in words.
        why: Arc<str>,
    },
    /// The proposal was judged and does not satisfy the contract.
    Refuted {
        /// The finding of the validator, in words.
        finding: Arc<str>,
    },
    /// The proposal satisfies the contract, but its verdict shows less than the level that the task needs.
    BelowLevel {
        /// The level that the verdict shows, at most the ceiling of the operation.
        shown: Level,
        /// The level that the task needs: its own least level, and for an answer also the job's.
        needed: Level,
    },
    /// The refuted proposal is the unchanged result of another task. Running the task again would change
    /// nothing.
    PassedThrough {
        /// The finding of the validator, in words.
        finding: Arc<str>,
    },
    /// The task was refuted under a contract for which a second attempt without a hint would be a guess; see
    /// [`Verification::in_repair_band`](det::Verification::in_repair_band).
    OutsideRepairBand {
        /// The finding of the validator, in words.
        finding: Arc<str>,
    },
    /// The task was refuted, and its repair did not pass admission.
    RepairRefused {
        /// The refusal of the repair, which names the gate.
        refusal: Arc<Refusal>,
    },
    /// The task was refuted, and the last of its repairs did not pass.
    RepairFailed {
        /// The cause with which that repair ended, in words.
        because: Arc<str>,
    },
    /// The running task asked for more tasks, which did not pass admission.
    RequestRefused {
        /// The refusal of those tasks, which names the gate.
        refusal: Arc<Refusal>,
    },
    /// The budget of the job could not pay for a run of the task.
    Budget(Shortage),
    /// The run used more tokens than it had reserved.
    Overspent(Shortage),
    /// The run did not end within its time limit.
    Deadline {
        /// The time limit of the run, in milliseconds.
        wall_ms: u64,
    },
    /// A task that this one waited for did not pass.
    Dependency {
        /// The name of the task that failed first, which may be further back.
        task: Arc<str>,
        /// The cause with which that task ended, in words.
        because: Arc<str>,
    },
    /// The task was cancelled by a caller, or the task that asked for it ended.
    Cancelled {
        /// The reason for the cancellation, in words for people.
        reason: Arc<str>,
    },
    /// The job ended, with an answer or without, before the task did.
    JobEnded,
}

impl Cause {
    /// Returns the word that stands for the kind of cause in reports and the ledger, for example
    /// `below_level`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Executor { .. } => "executor",
            Self::Panicked { .. } => "panicked",
            Self::Disabled { .. } => "disabled",
            Self::Oversize(_) => "oversize",
            Self::Unjudged { .. } => "unjudged",
            Self::Refuted { .. } => "refuted",
            Self::BelowLevel { .. } => "below_level",
            Self::PassedThrough { .. } => "passed_through",
            Self::OutsideRepairBand { .. } => "outside_repair_band",
            Self::RepairRefused { .. } => "repair_refused",
            Self::RepairFailed { .. } => "repair_failed",
            Self::RequestRefused { .. } => "request_refused",
            Self::Budget(_) => "budget",
            Self::Overspent(_) => "overspent",
            Self::Deadline { .. } => "deadline",
            Self::Dependency { .. } => "dependency",
            Self::Cancelled { .. } => "cancelled",
            Self::JobEnded => "job_ended",
        }
    }

    /// The cause as it is sealed into the ledger: a map of the kind and the text, which is cut if it is very
    /// long. The text is for people; a reader that must distinguish causes uses the kind.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let why = Value::text(cut(&self.to_string(), MAX_TEXT_BYTES));
        Value::map([("cause", Value::text(self.word())), ("why", why)])
    }

    /// Returns the cause with its texts cut to the table's bound. The kernel keeps no longer ones, because a
    /// cause is a part of the causes that follow from it.
    pub(crate) fn bounded(self) -> Self {
        match self {
            Self::Executor { message } => Self::Executor { message: short(message) },
            Self::Panicked { message } => Self::Panicked { message: short(message) },
            Self::Unjudged { why } => Self::Unjudged { why: short(why) },
            Self::Refuted { finding } => Self::Refuted { finding: short(finding) },
            Self::PassedThrough { finding } => Self::PassedThrough { finding: short(finding) },
            Self::OutsideRepairBand { finding } => Self::OutsideRepairBand { finding: short(finding) },
            Self::RepairFailed { because } => Self::RepairFailed { because: short(because) },
            Self::Dependency { task, because } => Self::Dependency { task, because: short(because) },
            Self::Cancelled { reason } => Self::Cancelled { reason: short(reason) },
            other @ (Self::Disabled { .. }
            | Self::Oversize(_)
            | Self::BelowLevel { .. }
            | Self::RepairRefused { .. }
            | Self::RequestRefused { .. }
            | Self::Budget(_)
            | Self::Overspent(_)
            | Self::Deadline { .. }
            | Self::JobEnded) => other,
        }
    }
}

/// The text, cut if it is longer than the table allows.
fn short(text: Arc<str>) -> Arc<str> {
    if text.len() <= MAX_TEXT_BYTES { text } else { cut(&text, MAX_TEXT_BYTES).into() }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Executor { message } => f.write_str(message),
            Self::Panicked { message } => write!(f, "its executor panicked: {message}"),
            Self::Disabled { operation } => {
                write!(f, "{operation} is disabled in this job, because a run of it panicked")
            }
            Self::Oversize(excess) => write!(f, "it has {excess}"),
            Self::Unjudged { why } => write!(f, "no judgement was possible: {why}"),
            Self::Refuted { finding } => f.write_str(finding),
            Self::BelowLevel { shown, needed } => {
                write!(f, "only level {shown} was shown and {needed} is needed")
            }
            Self::PassedThrough { finding } => {
                write!(f, "it passes on what it was given, which is refuted: {finding}")
            }
            Self::OutsideRepairBand { finding } => write!(f, "{finding} (a repair would not help)"),
            Self::RepairRefused { refusal } => write!(f, "its repair was {refusal}"),
            Self::RepairFailed { because } => write!(f, "its repair did not pass: {because}"),
            Self::RequestRefused { refusal } => write!(f, "what it asked for was {refusal}"),
            Self::Budget(shortage) => shortage.fmt(f),
            Self::Overspent(shortage) => {
                let Shortage { resource, wanted, left } = shortage;
                write!(f, "it spent {wanted} {}, {left} were set aside for it", resource.word())
            }
            Self::Deadline { wall_ms } => write!(f, "it did not end within {wall_ms} ms"),
            Self::Dependency { task, because } => write!(f, "{task} did not pass: {because}"),
            Self::Cancelled { reason } => write!(f, "it was called off: {reason}"),
            Self::JobEnded => f.write_str("its job ended first"),
        }
    }
}
