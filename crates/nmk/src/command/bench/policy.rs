//! `nmk bench policy`: the speed of decisions on this machine.

use clap::Args;

use crate::Error;
use crate::bench::policy::measure;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let report = measure(&mut |what| console.progress(&format!("{what}…")));
    console.clear();
    if arguments.json {
        console.result(&report.object().to_string())?;
    } else {
        for line in report.lines() {
            console.result(&line)?;
        }
    }
    Ok(Outcome::Done)
}
