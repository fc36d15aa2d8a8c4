//! `nmk memory get`: show an entry.

use clap::Args;
use serde_json::json;

use super::{Place, about_key, now, object};
use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Args, Debug)]
#[command(after_help = "\
The exit code is 1 if no entry has the key. The rules of the memory are the entry __governance__.

Example:
  nmk memory get __governance__")]
pub(crate) struct Arguments {
    /// The key of the entry.
    key: String,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let found = arguments.place.open_to_read()?.get(&arguments.key, now())?;
    let Some(entry) = found else {
        return about_key(&arguments.key, false, "found", arguments.json, console);
    };
    if arguments.json {
        console.result(&json!({"found": true, "entry": object(&entry)}).to_string())?;
    } else {
        console.result(&factloop::stated_text(&entry.value))?;
    }
    Ok(Outcome::Done)
}
