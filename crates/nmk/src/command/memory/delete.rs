//! `nmk memory delete`: remove an entry.

use clap::Args;
use memory::Steward;

use super::{Place, about_key};
use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Args, Debug)]
#[command(after_help = "\
The exit code is 1 if no entry has the key. The bytes of the entry may stay in unused pages of the file until
other entries need these.

Example:
  nmk memory delete lunch --pinned")]
pub(crate) struct Arguments {
    /// The key of the entry.
    key: String,
    /// Remove the entry also if it is pinned.
    #[arg(long)]
    pinned: bool,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let store = arguments.place.open_to_read()?;
    let removed = match arguments.pinned {
        true => store.delete_as(&Steward::for_owner(), &arguments.key)?,
        false => store.delete(&arguments.key)?,
    };
    about_key(&arguments.key, removed, "deleted", arguments.json, console)
}
