//! `nmk gate`: code from any model or person is admitted by experiment, or refused with the reason.

mod batch;
mod check;
mod init;
mod recheck;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use det::TrustRoot;

use crate::Error;
use crate::cli::Outcome;
use crate::command::ledger_flags::LedgerFlags;
use crate::command::python_flag::PythonFlag;
use crate::config::Config;
use crate::console::Console;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge code by an exam that it cannot see.
    Check(check::Arguments),
    /// Make an exam again, with the seed that its record has.
    Recheck(recheck::Arguments),
    /// Write a specification to begin with.
    Init(init::Arguments),
}

/// The flags of the commands that run candidates.
#[derive(Args, Debug)]
pub(crate) struct Running {
    #[command(flatten)]
    interpreter: PythonFlag,
    #[command(flatten)]
    place: LedgerFlags,
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Running {
    fn config(&self) -> Result<Config, Error> {
        Ok(self.place.config(self.config.as_deref())?)
    }
}

pub(crate) fn run(
    command: Command,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    match command {
        Command::Check(arguments) => check::run(&arguments, console, root),
        Command::Recheck(arguments) => recheck::run(&arguments, console, root),
        Command::Init(arguments) => init::run(&arguments, console),
    }
}
