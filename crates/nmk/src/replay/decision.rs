//! The decisions of the policy, made again from the signals in their entries.

use abi::{Value, encode};
use factloop::to_json;
use kpolicy::{RecordError, Recorded};

/// The result of making a decision again.
pub(super) enum Again {
    /// The decision follows from its signals.
    Same,
    /// The decision does not follow from its signals. Both are shown as JSON, or as the reason.
    Other { recorded: String, found: String },
    /// The entry does not say what the decision was made from.
    Unproven(RecordError),
}

/// Makes the decision again whose entry has this body.
pub(super) fn again(body: &Value) -> Again {
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
