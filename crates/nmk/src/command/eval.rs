//! `nmk eval`: what the parts of the kernel are worth on given problems.

mod humaneval;

use clap::Subcommand;
use det::TrustRoot;

use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure the hold-out gate on problems in the HumanEval format.
    Humaneval(humaneval::Arguments),
}

pub(crate) fn run(
    command: Command,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let Command::Humaneval(arguments) = command;
    humaneval::run(&arguments, console, root)
}
