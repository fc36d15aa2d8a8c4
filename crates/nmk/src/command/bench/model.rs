//! `nmk bench prefill`, `decode`, `park` and `trap`: the speed of a local model on this machine.

use std::path::PathBuf;

use backend_cpu::Isa;
use clap::Args;
use neural::StateDtype;

use crate::bench::{
    Effort, Report, Subject, decode as decoding, park as parking, prefill as prompts, trap as traps,
};
use crate::cli::Outcome;
use crate::compute::Compute;
use crate::console::Console;
use crate::{Error, surroundings};

#[derive(Debug, Args)]
struct Common {
    /// A folder in the layout of the Hugging Face Hub, or the word embedded or coder.
    #[arg(long, value_name = "MODEL", default_value = "embedded")]
    model: PathBuf,
    /// Measure a model of random weights, larger than the caches and with a long context.
    #[arg(long, conflicts_with = "model")]
    random: bool,
    /// The instruction set: portable, avx2, avx512, neon or wasm. By default the widest of this machine.
    #[arg(long, value_name = "NAME")]
    isa: Option<Isa>,
    /// The type in which keys, values and the residual are stored: f32 or bf16.
    #[arg(long, value_name = "TYPE", default_value_t = StateDtype::F32)]
    state: StateDtype,
    /// Run everything once on little data; the figures are then meaningless.
    #[arg(long)]
    quick: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PrefillArguments {
    #[command(flatten)]
    common: Common,
    /// Numbers of threads to compute on, measured one after the other.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1,2")]
    threads: Vec<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Number of threads to compute on.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threads: usize,
}

#[derive(Debug, Args)]
pub(crate) struct ParkArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// The folder for snapshots. By default a fresh folder among the system's temporary files.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Common {
    fn subject(&self) -> Result<Subject, Error> {
        let compute = Compute { isa: self.isa, state: self.state, ..Compute::default() };
        if self.random { Ok(Subject::random(compute)) } else { Subject::open(&self.model, compute) }
    }

    fn effort(&self) -> Effort {
        if self.quick { Effort::Quick } else { Effort::Full }
    }

    fn print(&self, report: &Report, console: &mut Console<'_>) -> Result<Outcome, Error> {
        console.clear();
        if self.json {
            console.result(&report.object().to_string())?;
        } else {
            for line in report.lines() {
                console.result(&line)?;
            }
        }
        Ok(Outcome::Done)
    }
}

pub(super) fn prefill(arguments: &PrefillArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let (common, subject) = (&arguments.common, arguments.common.subject()?);
    let mut watch = |what: &str| console.progress(&format!("{what}…"));
    let report = prompts::measure(&subject, &arguments.threads, common.effort(), &mut watch)?;
    common.print(&report, console)
}

pub(super) fn decode(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let (common, subject) = (&arguments.common, arguments.common.subject()?);
    let mut watch = |what: &str| console.progress(&format!("{what}…"));
    let report = decoding::measure(&subject, arguments.threads, common.effort(), &mut watch)?;
    common.print(&report, console)
}

pub(super) fn trap(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let (common, subject) = (&arguments.common, arguments.common.subject()?);
    let mut watch = |what: &str| console.progress(&format!("{what}…"));
    let report = traps::measure(&subject, arguments.threads, common.effort(), &mut watch)?;
    common.print(&report, console)
}

pub(super) fn park(arguments: &ParkArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let Arguments { common, threads } = &arguments.arguments;
    let subject = common.subject()?;
    let fresh = surroundings::scratch(&surroundings::draw_job()?.to_string());
    let folder = arguments.folder.as_ref().unwrap_or(&fresh);
    let file = folder.join("bench.snapshot");
    if folder == &fresh {
        // Where it cannot be made no snapshot can be written, which names the place.
        drop(std::fs::create_dir_all(folder));
    }
    let mut watch = |what: &str| console.progress(&format!("{what}…"));
    let report = parking::measure(&subject, *threads, &file, common.effort(), &mut watch);
    // What was made for the measurement is of no use to anyone; a folder of the caller's is left alone.
    drop(std::fs::remove_file(&file));
    drop(std::fs::remove_dir_all(&fresh));
    common.print(&report?, console)
}
