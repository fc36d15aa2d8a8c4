//! The decisions in a ledger, made again from what their entries say that they were made from.

use abi::{Value, encode};
use factloop::to_json;
use kpolicy::{RecordError, Recorded};
use ledger::StoredEntry;

use crate::jobs::{self as choices, Chronicle, SEAM};

/// The result of making a decision again.
pub(crate) enum Again {
    /// The decision follows from its signals.
    Same,
    /// The decision does not follow from its signals. Both are shown as JSON, or as the reason.
    Other { recorded: String, found: String },
    /// The entry does not say what the decision was made from.
    Unproven(RecordError),
}

/// Makes the decision of an entry again. `jobs` has every entry up to this one.
pub(crate) fn again(stored: &StoredEntry, jobs: &Chronicle) -> Again {
    let body = &stored.entry.body;
    if body.get("seam").and_then(Value::as_text) == Some(SEAM) {
        let opened = jobs.opened(stored.entry.task.job).unwrap_or(0);
        return match choices::again(body, &jobs.outcomes, opened) {
            choices::Again::Same => Again::Same,
            choices::Again::Other { recorded, found } => Again::Other { recorded, found },
        };
    }
    let recorded = || to_json(body).to_string();
    match Recorded::from_value(body) {
        Ok(stated) => {
            let found = stated.to_value();
            match encode(&found) == encode(body) {
                true => Again::Same,
                false => Again::Other { recorded: recorded(), found: to_json(&found).to_string() },
            }
        }
        Err(error @ RecordError::NoSignals) => Again::Unproven(error),
        // A writer has no such signals, so somebody else wrote them.
        Err(error) => Again::Other { recorded: recorded(), found: format!("nothing, because {error}") },
    }
}
