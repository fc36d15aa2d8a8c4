//! `nmk memory list`: the entries, without their values.

use clap::Args;
use memory::Listed;
use serde_json::{Value as Json, json};

use super::Place;
use crate::cli::Outcome;
use crate::console::Console;
use crate::{Error, excerpt};

#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  nmk memory list --most 20")]
pub(crate) struct Arguments {
    /// The most entries that are listed.
    #[arg(long, value_name = "N", default_value_t = 100)]
    most: u32,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let listed = arguments.place.open_to_read()?.list(arguments.most)?;
    if arguments.json {
        let entries: Vec<Json> = listed.iter().map(object).collect();
        console.result(&json!({"entries": entries}).to_string())?;
        return Ok(Outcome::Done);
    }
    for one in &listed {
        let pin = if one.pinned { ", pinned" } else { "" };
        let (key, kind) = (excerpt::one_line(&one.key), excerpt::one_line(&one.kind));
        console.prose(&format!("{key}\n  {kind}, {} bytes, worth {}{pin}", one.bytes, one.worth))?;
    }
    Ok(Outcome::Done)
}

fn object(one: &Listed) -> Json {
    json!({
        "key": one.key,
        "kind": one.kind,
        "pinned": one.pinned,
        "worth": one.worth,
        "bytes": one.bytes,
        "updated_ms": one.updated_ms,
        "accessed_ms": one.accessed_ms,
        "uses": one.uses,
    })
}
