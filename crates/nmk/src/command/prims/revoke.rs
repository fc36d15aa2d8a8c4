//! `nmk prims revoke`: a record counts no more.

use clap::Args;
use det::TrustRoot;
use escalate::Store;
use serde_json::json;

use super::Place;
use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;
use crate::primitives::{self, PrimitiveError};

#[derive(Args, Debug)]
#[command(after_help = "\
The function is removed from the store, and its code counts no more under its specification, whatever record
says so: nmk solve, import and call refuse it. The ledger still has the exam. A file that was altered, whose
name nmk prims list shows, is taken away.

Example:
  nmk prims revoke reverse_words --because \"wrong for empty texts\"")]
pub(crate) struct Arguments {
    /// The name of the function, at least 8 digits of its record's digest, or the name of a file that was altered.
    name: String,
    /// The reason, which the store keeps.
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
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
    let kept = match primitives::named(&store, &arguments.name) {
        Ok(kept) => kept,
        Err(error) => return take_away(arguments, &store, error, console),
    };
    let record = kept.record_digest();
    store.revoke(&kept.specification, &kept.code, &arguments.because).map_err(PrimitiveError::from)?;
    if arguments.json {
        console.result(
            &json!({"entry": kept.entry, "record": record.to_string(), "revoked": true}).to_string(),
        )?;
    } else {
        console.prose(&format!("revoked: {}, record {record}", kept.entry))?;
    }
    Ok(Outcome::Done)
}

/// Takes a file away that is no function, because it was altered. Fails with `error` if there is none of that name.
fn take_away(
    arguments: &Arguments,
    store: &Store,
    error: PrimitiveError,
    console: &mut Console<'_>,
) -> Result<Outcome, Error> {
    if !store.remove_altered(&arguments.name).map_err(PrimitiveError::from)? {
        return Err(error.into());
    }
    if arguments.json {
        let object = json!({"entry": null, "record": null, "revoked": false, "removed": arguments.name});
        console.result(&object.to_string())?;
    } else {
        console.prose(&format!("taken away: {}, which was altered", arguments.name))?;
    }
    Ok(Outcome::Done)
}
