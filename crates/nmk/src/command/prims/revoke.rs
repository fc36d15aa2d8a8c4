//! `nmk prims revoke`: a record counts no more.

use clap::Args;
use det::TrustRoot;
use serde_json::json;

use super::Place;
use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;
use crate::primitives::{self, PrimitiveError};

#[derive(Args, Debug)]
#[command(after_help = "\
The function is removed from the store, and its record is not taken in again here. The ledger still has it.

Example:
  nmk prims revoke reverse_words --because \"wrong for empty texts\"")]
pub(crate) struct Arguments {
    /// The name of the function, or at least 8 digits of its record's digest.
    name: String,
    /// The reason, which the store keeps.
    #[arg(long, value_name = "TEXT")]
    because: String,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let config = arguments.place.config()?;
    let store = arguments.place.store(&config, root)?;
    // One whose record does not count can be revoked too.
    let kept = primitives::named(&store, &arguments.name)?;
    let record = kept.record_digest();
    store.revoke(&record, &arguments.because).map_err(PrimitiveError::from)?;
    if arguments.json {
        console.result(
            &json!({"entry": kept.entry, "record": record.to_string(), "revoked": true}).to_string(),
        )?;
    } else {
        console.prose(&format!("revoked: {}, record {record}", kept.entry))?;
    }
    Ok(Outcome::Done)
}
