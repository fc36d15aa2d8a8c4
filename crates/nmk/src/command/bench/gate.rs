//! `nmk bench gate`: the speed of the hold-out gate on this machine.

use clap::Args;
use det::TrustRoot;

use crate::Error;
use crate::bench::gate::{GateBenchError, measure};
use crate::cli::Outcome;
use crate::command::python_flag::PythonFlag;
use crate::console::Console;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    interpreter: PythonFlag,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let measured =
        measure(&arguments.interpreter.python, &mut |what| console.progress(&format!("{what}…")), root);
    console.clear();
    let report = measured.map_err(|error| match error {
        GateBenchError::Sandbox(error) => Error::Sandbox(error),
        GateBenchError::Exam(error) => error.into(),
        other => Error::Operation(other.to_string()),
    })?;
    if arguments.json {
        console.result(&report.object().to_string())?;
    } else {
        for line in report.lines() {
            console.result(&line)?;
        }
    }
    Ok(Outcome::Done)
}
