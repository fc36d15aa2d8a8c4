//! `nmk policy`: the branching policy, asked by hand.

mod decide;

use clap::Subcommand;

use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Decide how many attempts and checks some signals are worth.
    Decide(decide::Arguments),
}

pub(crate) fn run(command: Command, console: &mut Console<'_>) -> Result<Outcome, Error> {
    match command {
        Command::Decide(arguments) => decide::run(&arguments, console),
    }
}
