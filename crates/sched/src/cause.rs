//! Why a task ended without passing.

use std::fmt;
use std::sync::Arc;

use abi::Value;
use det::Level;

use crate::{Refusal, Shortage};

/// Why a task ended without passing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its executor failed, and said so.
    Executor {
        /// What it said.
        message: Arc<str>,
    },
    /// Its executor panicked; the operation is disabled for the rest of the job.
    Panicked {
        /// What it said.
        message: Arc<str>,
    },
    /// Its operation was disabled in this job.
    Disabled {
        /// The operation.
        operation: String,
    },
    /// What it proposed is larger, or nests deeper, than is judged.
    Oversize {
        /// Bytes of its canonical encoding.
        bytes: usize,
        /// Its depth.
        depth: usize,
    },
    /// No judgement was possible.
    Unjudged {
        /// Why.
        why: Arc<str>,
    },
    /// Its contract is not satisfied.
    Refuted {
        /// What was found.
        finding: Arc<str>,
    },
    /// Its contract is satisfied, at too low a level.
    BelowLevel {
        /// The level shown.
        shown: Level,
        /// The level needed.
        needed: Level,
    },
    /// It passed a dependency's result on unchanged, so that running it again would change nothing.
    PassedThrough {
        /// What was found.
        finding: Arc<str>,
    },
    /// Its repair was not worth a run: its verification lies outside the band in which a repair helps.
    OutsideRepairBand {
        /// What was found.
        finding: Arc<str>,
    },
    /// Its repair was not admitted.
    RepairRefused {
        /// Why.
        refusal: Arc<Refusal>,
    },
    /// Its last repair did not pass.
    RepairFailed {
        /// Why.
        because: Arc<str>,
    },
    /// What it asked for was not admitted.
    RequestRefused {
        /// Why.
        refusal: Arc<Refusal>,
    },
    /// It could not be paid for.
    Budget(Shortage),
    /// It spent more than was set aside for it.
    Overspent(Shortage),
    /// It did not end in time.
    Deadline {
        /// The time that it had, in milliseconds.
        wall_ms: u64,
    },
    /// A task that it waited for did not pass.
    Dependency {
        /// The name of the task in which the trouble began.
        task: Arc<str>,
        /// What happened there.
        because: Arc<str>,
    },
    /// It was called off.
    Cancelled {
        /// Why.
        reason: Arc<str>,
    },
    /// Its job ended first.
    JobEnded,
}

impl Cause {
    /// The word for it in reports and in the ledger.
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

    /// The cause as it is sealed into the ledger.
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
