//! `nmk eval`: what the parts of the kernel are worth on given problems.

mod dispatch;
mod entropy;
mod factloop;
mod humaneval;
mod inject;
mod memory;
mod novel;
mod width;

use clap::Subcommand;
use det::TrustRoot;

use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure the head that reads what a prompt asks for beside the grammar, on held-out wordings.
    Dispatch(dispatch::Arguments),
    /// Measure if the entropy of the routers predicts a wrong answer, and certify it if so.
    Entropy(Box<entropy::Arguments>),
    /// Measure what a verified fact is worth to a model, and what the policy saves of it.
    Factloop(Box<factloop::Arguments>),
    /// Measure the hold-out gate on problems in the HumanEval format.
    Humaneval(humaneval::Arguments),
    /// Measure a verified fact as tokens beside the same fact as an addition to the residual.
    Inject(inject::Arguments),
    /// Measure what the memory of earlier jobs is worth to later ones, and what a hostile one can do.
    Memory(memory::Arguments),
    /// Measure a model on novel tasks: functions that the gate admits, and questions with graders.
    Novel(Box<novel::Arguments>),
    /// Measure how wide a search becomes on an idle machine, a busy one, and on a budget.
    Width(width::Arguments),
}

pub(crate) fn run(
    command: Command,
    console: &mut Console<'_>,
    root: impl TrustRoot + Copy + 'static,
) -> Result<Outcome, Error> {
    match command {
        Command::Dispatch(arguments) => dispatch::run(&arguments, console),
        Command::Entropy(arguments) => entropy::run(&arguments, console),
        Command::Factloop(arguments) => factloop::run(&arguments, console),
        Command::Humaneval(arguments) => humaneval::run(&arguments, console, &root),
        Command::Inject(arguments) => inject::run(&arguments, console),
        Command::Memory(arguments) => memory::run(&arguments, console),
        Command::Novel(arguments) => novel::run(&arguments, console, root),
        Command::Width(arguments) => width::run(&arguments, console, root),
    }
}
