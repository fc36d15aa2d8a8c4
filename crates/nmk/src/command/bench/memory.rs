//! `nmk bench memory`: the speed of the memory on this machine.

use std::path::PathBuf;

use clap::Args;

use crate::bench::memory::{MemoryBenchError, measure, run_beside};
use crate::cli::Outcome;
use crate::console::Console;
use crate::{Error, surroundings};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder for the memories. By default a fresh folder among the system's temporary files.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Measure everything once on little, which takes a moment.
    #[arg(long)]
    quick: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Work on this memory beside the process that started this one.
    #[arg(long, value_name = "DIR", hide = true)]
    beside: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    if let Some(folder) = &arguments.beside {
        run_beside(folder, arguments.quick)?;
        return Ok(Outcome::Done);
    }
    let fresh = surroundings::scratch(&surroundings::draw_job()?.to_string());
    let folder = arguments.folder.as_deref().unwrap_or(&fresh).join("bench-memory");
    let report = measure(&folder, arguments.quick, &mut |what| console.progress(&format!("{what}…")));
    console.clear();
    // What was made for the measurement is of no use to anyone; a folder of the caller's is left alone.
    drop(std::fs::remove_dir_all(&folder));
    drop(std::fs::remove_dir_all(&fresh));
    let report = report.map_err(|error| match error {
        MemoryBenchError::Memory(error) => error.into(),
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
