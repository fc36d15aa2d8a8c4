//! The reasons why a task ends without passing.
//!
//! Causes are part of the history: their words and texts are sealed into the ledger.

use std::fmt;
use std::sync::Arc;

use abi::Value;
use det::Level;

use crate::{Refusal, Shortage};

/// The reason why a task ended without passing: it was refuted, it failed, or it was cancelled. A task that
/// passed has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The executor returned an error.
    Executor {
        /// The error's text.
        message: Arc<str>,
    },
    /// The executor panicked. The job may not run the operation again.
    Panicked {
        /// The panic's text.
        message: Arc<str>,
    },
    /// The operation panicked earlier in this job, so the job may not run it again.
    Disabled {
        /// The operation.
        operation: String,
    },
    /// The result is larger, or nests deeper, than the limits of a judgement allow.
    Oversize {
        /// Bytes of the result's canonical encoding.
        bytes: usize,
        /// Depth of the result.
        depth: usize,
    },
    /// The proposal could not be judged.
    Unjudged {
        /// The reason.
        why: Arc<str>,
    },
    /// The proposal does not satisfy the contract.
    Refuted {
        /// The finding of the validator.
        finding: Arc<str>,
    },
    /// The proposal satisfies the contract, but the level that was shown is too low.
    BelowLevel {
        /// The level shown.
        shown: Level,
        /// The level needed.
        needed: Level,
    },
    /// The refuted proposal is a dependency's result, unchanged. Running the task again would change nothing.
    PassedThrough {
        /// The finding of the validator.
        finding: Arc<str>,
    },
    /// The task was refuted, and the level of its contract lies outside the range in which a repair helps.
    OutsideRepairBand {
        /// The finding of the validator.
        finding: Arc<str>,
    },
    /// The task was refuted, and its repair was not admitted.
    RepairRefused {
        /// The refusal of the repair.
        refusal: Arc<Refusal>,
    },
    /// The task was refuted, and its last repair did not pass.
    RepairFailed {
        /// The cause with which the repair ended.
        because: Arc<str>,
    },
    /// The tasks that the task asked for were not admitted.
    RequestRefused {
        /// The refusal of the request.
        refusal: Arc<Refusal>,
    },
    /// The job's budget could not pay for a run.
    Budget(Shortage),
    /// The run spent more than its reservation.
    Overspent(Shortage),
    /// The run did not end in time.
    Deadline {
        /// The time limit of the run, in milliseconds.
        wall_ms: u64,
    },
    /// A task that this one waited for did not pass.
    Dependency {
        /// The name of the task that failed first.
        task: Arc<str>,
        /// The cause of that task, in words.
        because: Arc<str>,
    },
    /// The task was cancelled.
    Cancelled {
        /// The reason.
        reason: Arc<str>,
    },
    /// The job ended before the task did.
    JobEnded,
}

impl Cause {
    /// The name of the kind of cause, in reports and in the ledger. One word for each variant.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Executor { .. } => "executor",
            Self::Panicked { .. } => "panicked",
            Self::Disabled { .. } => "disabled",
            Self::Oversize { .. } => "oversize",
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

    /// The cause as it is sealed into the ledger: a map of the kind and the text. The text is for people; a
    /// reader that must distinguish causes uses the kind.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::map([("cause", Value::text(self.word())), ("why", Value::text(self.to_string()))])
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Executor { message } => f.write_str(message),
            Self::Panicked { message } => write!(f, "its executor panicked: {message}"),
            Self::Disabled { operation } => {
                write!(f, "{operation} is disabled in this job, because a run of it panicked")
            }
            Self::Oversize { bytes, depth } => write!(
                f,
                "its result has {bytes} bytes and nests {depth} deep; {} bytes and {} are the limits",
                crate::MAX_RESULT_BYTES,
                crate::MAX_RESULT_DEPTH
            ),
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
