//! The command line of `nmk-train`, which is parsed once at the start.

use crate::restart::Failure;
use std::path::PathBuf;

/// The command to perform.
pub(crate) enum Verb {
    /// Train a model.
    Run(RunOptions),
    /// Print accuracy and calibration of a folder.
    Eval { folder: PathBuf, items: usize, threads: usize },
    /// Copy a run's model, curve and calibration to where they are shipped from.
    Ship { run: PathBuf, conditions: String, threads: usize },
    /// Write the report and the fixtures of the shipped model.
    Report { threads: usize },
    /// Fit the head of the entry trap, and write it to a folder or to the place from which it is shipped.
    Entry { out: Option<PathBuf>, plan: train::entry::Plan, threads: usize },
    /// Train the injectors of the model, and write them to a folder or to the place from which they are
    /// shipped.
    Injector { out: Option<PathBuf>, plan: train::injector::Plan, threads: usize },
    /// Copy a run's model and curve of the coder to where they are shipped from.
    ShipCoder { run: PathBuf, conditions: String },
    /// Print what the model in a folder solves of held-out gaps.
    Solve { folder: PathBuf, items: usize, threads: usize },
    /// Write the report of the shipped coder.
    ReportCoder { items: usize, threads: usize },
    /// Check that runs repeat and resume.
    Repro { steps: u64, tiny: bool, coder: bool, threads: usize },
    /// Print the usage.
    Help,
}

/// The options of a run.
pub(crate) struct RunOptions {
    pub(crate) out: PathBuf,
    pub(crate) steps: Option<u64>,
    pub(crate) seed: Option<u64>,
    pub(crate) threads: usize,
    pub(crate) resume: bool,
    pub(crate) minutes: Option<f64>,
    pub(crate) tiny: bool,
    pub(crate) coder: bool,
}

/// The number of gaps of each set by which the coder is measured.
const GAPS: usize = 100;

/// The usage text.
pub(crate) const USAGE: &str = "usage:
  nmk-train run [--out DIR] [--steps N] [--seed S] [--threads N] [--resume] [--minutes M] [--tiny]
  nmk-train eval DIR [--items N] [--threads N]
  nmk-train ship DIR --conditions TEXT [--threads N]
  nmk-train report [--threads N]
  nmk-train entry [--out DIR] [--items N] [--seed S] [--threads N]
  nmk-train injector [--out DIR] [--steps N] [--items N] [--seed S] [--threads N]
  nmk-train repro [--steps N] [--tiny] [--threads N]
  nmk-train coder [run] [--out DIR] [--steps N] [--seed S] [--threads N] [--resume] [--minutes M] [--tiny]
  nmk-train coder eval DIR [--items N] [--threads N]
  nmk-train coder ship DIR --conditions TEXT
  nmk-train coder report [--items N] [--threads N]
  nmk-train coder repro [--steps N] [--tiny] [--threads N]
";

/// The arguments as given.
#[derive(Default)]
struct Raw {
    words: Vec<String>,
    out: Option<PathBuf>,
    steps: Option<u64>,
    seed: Option<u64>,
    threads: Option<usize>,
    items: Option<usize>,
    minutes: Option<f64>,
    conditions: Option<String>,
    resume: bool,
    tiny: bool,
}

fn read() -> Result<Raw, lexopt::Error> {
    use lexopt::prelude::*;
    let (mut raw, mut parser) = (Raw::default(), lexopt::Parser::from_env());
    while let Some(argument) = parser.next()? {
        match argument {
            Long("out") => raw.out = Some(parser.value()?.into()),
            Long("steps") => raw.steps = Some(parser.value()?.parse()?),
            Long("seed") => raw.seed = Some(parser.value()?.parse()?),
            Long("threads") => raw.threads = Some(parser.value()?.parse()?),
            Long("items") => raw.items = Some(parser.value()?.parse()?),
            Long("minutes") => raw.minutes = Some(parser.value()?.parse()?),
            Long("conditions") => raw.conditions = Some(parser.value()?.string()?),
            Long("resume") => raw.resume = true,
            Long("tiny") => raw.tiny = true,
            Long("help") | Short('h') => raw.words.insert(0, "help".to_owned()),
            Value(word) => raw.words.push(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(raw)
}

/// Parses the command line.
pub(crate) fn parse() -> Result<Verb, Failure> {
    let raw = read()?;
    let threads = match raw.threads {
        Some(0) => return Err("--threads 0: at least one is needed".into()),
        Some(threads) => threads,
        None => std::thread::available_parallelism()?.get(),
    };
    let coder = raw.words.first().is_some_and(|word| word == "coder");
    let words = if coder { &raw.words[1..] } else { &raw.words[..] };
    let folder = |verb| words.get(1).map(PathBuf::from).ok_or(format!("{verb} needs a folder\n{USAGE}"));
    let conditions =
        || raw.conditions.clone().ok_or("ship needs --conditions: machine and load of the run".to_owned());
    Ok(match (coder, words.first().map(String::as_str)) {
        (false, Some("run")) | (true, Some("run") | None) => Verb::Run(RunOptions {
            coder,
            out: raw.out.unwrap_or_else(|| if coder { "target/coder" } else { "target/train" }.into()),
            steps: raw.steps,
            seed: raw.seed,
            threads,
            resume: raw.resume,
            minutes: raw.minutes,
            tiny: raw.tiny,
        }),
        (_, Some("repro")) => Verb::Repro { steps: raw.steps.unwrap_or(50), tiny: raw.tiny, coder, threads },
        (true, Some("eval")) => {
            Verb::Solve { folder: folder("eval")?, items: raw.items.unwrap_or(GAPS), threads }
        }
        (true, Some("ship")) => Verb::ShipCoder { run: folder("ship")?, conditions: conditions()? },
        (true, Some("report")) => Verb::ReportCoder { items: raw.items.unwrap_or(GAPS), threads },
        (true, Some(other)) => return Err(format!("no command `coder {other}`\n{USAGE}").into()),
        (false, Some("eval")) => {
            Verb::Eval { folder: folder("eval")?, items: raw.items.unwrap_or(400), threads }
        }
        (false, Some("ship")) => Verb::Ship { run: folder("ship")?, conditions: conditions()?, threads },
        (false, Some("report")) => Verb::Report { threads },
        (false, Some("entry")) => {
            let shipped = train::entry::Plan::SHIPPED;
            let items = raw.items.unwrap_or(shipped.items).max(1);
            let plan = train::entry::Plan { items, seed: raw.seed.unwrap_or(shipped.seed) };
            Verb::Entry { out: raw.out, plan, threads }
        }
        (false, Some("injector")) => {
            let shipped = train::injector::Plan::SHIPPED;
            let plan = train::injector::Plan {
                steps: raw.steps.unwrap_or(shipped.steps).max(1),
                items: raw.items.map_or(shipped.items, |items| items.max(1) as u64),
                seed: raw.seed.unwrap_or(shipped.seed),
            };
            Verb::Injector { out: raw.out, plan, threads }
        }
        (false, Some("help") | None) => Verb::Help,
        (false, Some(other)) => return Err(format!("no command `{other}`\n{USAGE}").into()),
    })
}
