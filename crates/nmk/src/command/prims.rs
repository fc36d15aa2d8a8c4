//! `nmk prims`: the functions that count: primitives of this kernel, and those that the gate admitted.

mod call;
mod find;
mod import;
mod kernel;
mod list;
mod recheck;
mod revoke;
mod show;
mod trust;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use det::TrustRoot;
use escalate::Store;

use crate::Error;
use crate::cli::Outcome;
use crate::command::ledger_flags::LedgerFlags;
use crate::config::{Config, ConfigError};
use crate::console::Console;
use crate::primitives::{self, Primitive, PrimitiveError};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the primitives of this kernel, and the functions that the gate admitted here.
    List(list::Arguments),
    /// Find functions that fit some words.
    Find(find::Arguments),
    /// Show a function and the evidence for it: the code of an admitted one, the proof of a primitive.
    Show(show::Arguments),
    /// Call a primitive of this kernel, or an admitted function after its record was checked.
    Call(call::Arguments),
    /// Write an admitted function with its record to a file, for another machine.
    Export(show::ExportArguments),
    /// Take in functions that another machine admitted, as far as their records count here.
    Import(import::Arguments),
    /// Let a record count no more, and remove its function.
    Revoke(revoke::Arguments),
    /// Hold the exam of an admitted function again.
    Recheck(recheck::Arguments),
    /// List the keys of other machines whose records count here, or withdraw one.
    Trust(trust::Arguments),
}

/// The flags that place the store and the ledger.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// The folder of admitted functions; without the flag, it lies beside the ledger.
    #[arg(long, value_name = "DIR")]
    primitives: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerFlags,
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Place {
    fn config(&self) -> Result<Config, Error> {
        Ok(self.ledger.config(self.config.as_deref())?)
    }

    /// Returns the configuration. None on a machine that has no home, where nothing was admitted.
    fn config_if_placed(&self) -> Result<Option<Config>, Error> {
        match self.ledger.config(self.config.as_deref()) {
            Ok(config) => Ok(Some(config)),
            Err(ConfigError::NoHome { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the store, which is created if it is missing. Functions of searches that were killed are kept first.
    fn store(&self, config: &Config, root: &impl TrustRoot) -> Result<Store, Error> {
        let folder = primitives::folder(config, self.primitives.as_deref());
        let folder = folder.ok_or(PrimitiveError::NoFolder)?;
        let store = Store::open(&folder).map_err(PrimitiveError::from)?;
        primitives::recover(&store, config, root)?;
        Ok(store)
    }

    /// Opens the store and takes a function from it whose record was checked.
    fn primitive(&self, name: &str, root: &impl TrustRoot) -> Result<(Config, Store, Primitive), Error> {
        let config = self.config()?;
        let store = self.store(&config, root)?;
        let kept = primitives::named(&store, name)?;
        let trusted = primitives::trusted(&store, &config)?;
        let primitive = primitives::checked(&store, kept, trusted, root)?;
        Ok((config, store, primitive))
    }
}

pub(crate) fn run(
    command: Command,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    match command {
        Command::List(arguments) => list::run(&arguments, console, root),
        Command::Find(arguments) => find::run(&arguments, console, root),
        Command::Show(arguments) => show::run(&arguments, console, root),
        Command::Call(arguments) => call::run(&arguments, console, root),
        Command::Export(arguments) => show::export(&arguments, console, root),
        Command::Import(arguments) => import::run(&arguments, console, root),
        Command::Revoke(arguments) => revoke::run(&arguments, console, root),
        Command::Recheck(arguments) => recheck::run(&arguments, console, root),
        Command::Trust(arguments) => trust::run(&arguments, console, root),
    }
}
