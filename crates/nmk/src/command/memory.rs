//! `nmk memory`: what is worth remembering, under a quota.

mod consult;
mod delete;
mod get;
mod lines;
mod list;
mod pin;
mod put;
mod stats;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use memory::{Entry, MemoryError, Options, Store};
use serde_json::{Value as Json, json};

use crate::cli::Outcome;
use crate::config::{Config, Flags, Needless};
use crate::console::Console;
use crate::surroundings::{Surroundings, time_of_day};
use crate::{Error, excerpt};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Store an entry, and remove those that are worth least if there is no room.
    Put(put::Arguments),
    /// Show an entry.
    Get(get::Arguments),
    /// List entries, the pinned ones first, then the last changed ones first.
    List(list::Arguments),
    /// Remove an entry.
    Delete(delete::Arguments),
    /// Pin an entry, so that it is never removed to make room.
    Pin(pin::Arguments),
    /// Take the pin of an entry back.
    Unpin(pin::UnpinArguments),
    /// Show how full the memory is.
    Stats(stats::Arguments),
    /// Find the entries that fit a request, within a budget of tokens.
    Consult(consult::Arguments),
    /// Write all entries to a file, one line of JSON each.
    Export(lines::ExportArguments),
    /// Store the entries of such a file, all of them or none.
    Import(lines::ImportArguments),
}

/// The flags that place the memory.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// The memory's folder; without the flag, it lies beside the ledger.
    #[arg(long, value_name = "DIR")]
    memory: Option<PathBuf>,
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Place {
    /// Opens the memory. One that is missing is made.
    fn open(&self) -> Result<Store, Error> {
        self.with(Store::open)
    }

    /// Opens the memory for a command that adds nothing. One that is missing is empty, and is not made.
    fn open_to_read(&self) -> Result<Store, Error> {
        self.with(Store::open_to_read)
    }

    fn with(&self, open: fn(&Path, &Options, i64) -> Result<Store, MemoryError>) -> Result<Store, Error> {
        let flags =
            Flags { config: self.config.clone(), needless: Needless::LedgerAndKey, ..Flags::default() };
        let config = Config::load(&flags, &Surroundings::read())?;
        let stated = || config.memory.folder.as_deref();
        let folder = self.memory.as_deref().or_else(stated).ok_or(Error::NoMemoryPlace)?;
        let options = Options { quota: config.memory.quota, busy: config.memory.wait };
        Ok(open(folder, &options, now())?)
    }
}

/// Returns the time of day in milliseconds since 1970, or 0 if the clock stands before that.
fn now() -> i64 {
    time_of_day().unwrap_or(0)
}

pub(crate) fn run(command: Command, console: &mut Console<'_>) -> Result<Outcome, Error> {
    match command {
        Command::Put(arguments) => put::run(&arguments, console),
        Command::Get(arguments) => get::run(&arguments, console),
        Command::List(arguments) => list::run(&arguments, console),
        Command::Delete(arguments) => delete::run(&arguments, console),
        Command::Pin(arguments) => pin::pin(&arguments, console),
        Command::Unpin(arguments) => pin::unpin(&arguments, console),
        Command::Stats(arguments) => stats::run(&arguments, console),
        Command::Consult(arguments) => consult::run(&arguments, console),
        Command::Export(arguments) => lines::export(&arguments, console),
        Command::Import(arguments) => lines::import(&arguments, console),
    }
}

/// Returns an entry as one JSON object.
fn object(entry: &Entry) -> Json {
    json!({
        "key": entry.key,
        "kind": entry.kind,
        "value": factloop::to_json(&entry.value),
        "digest": entry.digest.to_string(),
        "worth": entry.worth,
        "pinned": entry.pinned,
        "created_ms": entry.created_ms,
        "updated_ms": entry.updated_ms,
        "accessed_ms": entry.accessed_ms,
        "uses": entry.uses,
    })
}

/// Prints the result of a command about one key that may have no entry.
fn about_key(
    key: &str,
    found: bool,
    done: &str,
    json: bool,
    console: &mut Console<'_>,
) -> Result<Outcome, Error> {
    if json {
        console.result(&json!({"key": key, done: found}).to_string())?;
    } else if found {
        console.prose(&format!("{done}: {}", excerpt::one_line(key)))?;
    } else {
        console.note(&MemoryError::NoEntry { key: excerpt::from_text(key) }.to_string());
    }
    Ok(if found { Outcome::Done } else { Outcome::Negative })
}
