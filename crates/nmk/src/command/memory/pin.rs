//! `nmk memory pin` and `nmk memory unpin`: the privilege over pins, for the owner of the memory.

use clap::Args;
use memory::{MemoryError, Steward};

use super::{Place, about_key};
use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Args, Debug)]
#[command(after_help = "\
The owner can pin up to half of the room for data, and a put with --pin up to a quarter. The exit code is 1 if
no entry has the key.

Example:
  nmk memory pin lunch")]
pub(crate) struct Arguments {
    /// The key of the entry.
    key: String,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The exit code is 1 if no entry has the key.

Example:
  nmk memory unpin lunch")]
pub(crate) struct UnpinArguments {
    /// The key of the entry.
    key: String,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn pin(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let found = set(&arguments.place, &arguments.key, true)?;
    about_key(&arguments.key, found, "pinned", arguments.json, console)
}

pub(super) fn unpin(arguments: &UnpinArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let found = set(&arguments.place, &arguments.key, false)?;
    about_key(&arguments.key, found, "unpinned", arguments.json, console)
}

/// Sets or takes back a pin. Returns false if no entry has the key.
fn set(place: &Place, key: &str, pin: bool) -> Result<bool, Error> {
    match place.open_to_read()?.pin_as(&Steward::for_owner(), key, pin) {
        Ok(()) => Ok(true),
        Err(MemoryError::NoEntry { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
