//! `cargo xtask fuzz`: runs every parser of untrusted bytes on mutated input.
//!
//! The targets are the folders of `crates/fuzz/seeds`. If there is a C++ compiler, libFuzzer runs them over
//! instrumented code, after it has shown that it finds a planted bug. Otherwise seeded mutations run them,
//! and the guided part is unproven. Corpora and findings stay in `target/fuzz`, so that a later run goes on
//! from them.

mod build;
mod guided;
mod mutations;
mod report;

use std::fs;
use std::path::{Path, PathBuf};

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::fuzz::build::Missing;
use crate::fuzz::report::{Report, Row};
use crate::process;
use crate::programs::Programs;

pub(crate) const ABOUT: &str = "run every fuzz target: --seconds S each, --target NAME, --json, --input FILE";

const USAGE: &str = "\
usage: cargo xtask fuzz [--seconds S] [--target NAME]... [--json]
       cargo xtask fuzz --target NAME --input FILE

  --seconds S     how long each target runs (default 10)
  --target NAME   this target alone; may come again
  --input FILE    run one target on one input, as after a finding
  --json          one JSON object on standard output, the table on standard error

example: cargo xtask fuzz --seconds 600 --target ledger
exit: 0 nothing broke, 1 a finding, 3 nothing broke but without a C++ compiler";

/// The folders that a run reads and writes.
pub(crate) struct Places {
    pub(crate) root: PathBuf,
    pub(crate) seeds: PathBuf,
    /// The folder `target/fuzz`, for corpora, findings and logs.
    pub(crate) work: PathBuf,
}

struct Options {
    seconds: u64,
    targets: Vec<String>,
    input: Option<PathBuf>,
    json: bool,
    help: bool,
}

pub(crate) fn run(arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
    let options = parse(arguments)?;
    if options.help {
        println!("{USAGE}");
        return Ok(Outcome::Done);
    }
    let root = process::workspace_root();
    let seeds = root.join("crates/fuzz/seeds");
    let work = process::target_folder(&root)?.join("fuzz");
    let places = Places { root, seeds, work };
    let targets = choose(&places.seeds, options.targets)?;
    if let Some(input) = options.input {
        let [target] = &targets[..] else {
            return Err(lexopt::Error::from("--input needs one --target, the one that broke").into());
        };
        return mutations::once(&places, target, &input);
    }
    let report = hunt(&places, &targets, options.seconds)?;
    report.print(options.json);
    Ok(report.outcome())
}

fn parse(mut arguments: lexopt::Parser) -> Result<Options, Error> {
    let mut options = Options { seconds: 10, targets: Vec::new(), input: None, json: false, help: false };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("seconds") => options.seconds = arguments.value()?.parse()?,
            Long("target") => options.targets.push(arguments.value()?.string()?),
            Long("input") => options.input = Some(arguments.value()?.into()),
            Long("json") => options.json = true,
            Short('h') | Long("help") => options.help = true,
            other => return Err(other.unexpected().into()),
        }
    }
    if options.seconds == 0 {
        return Err(lexopt::Error::from("--seconds is 0; give each target 1 at least").into());
    }
    Ok(options)
}

/// Returns the targets that were asked for, or all if none were.
fn choose(seeds: &Path, asked: Vec<String>) -> Result<Vec<String>, Error> {
    let known = names(seeds)?;
    match asked.iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(Error::UnknownTarget { target: unknown.clone(), known: known.join(", ") }),
        None if asked.is_empty() => Ok(known),
        None => Ok(asked),
    }
}

/// Returns the names in a folder, in alphabetical order.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(Error::io(folder))?;
    let mut names: Vec<String> =
        entries.into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

fn hunt(places: &Places, targets: &[String], seconds: u64) -> Result<Report, Error> {
    let (run, unproven): (Hunter, Option<Missing>) = match build::guided(places)? {
        Ok(binary) => {
            let control = guided::control(places, &binary)?;
            if !control {
                return Ok(Report::blind(seconds));
            }
            (Box::new(move |target| guided::hunt(places, &binary, target, seconds)), None)
        }
        Err(missing) => {
            eprintln!("UNPROVEN: {missing}; seeded mutations run instead, without sight of what they reach");
            let binary = build::mutate(places)?;
            (Box::new(move |target| mutations::hunt(places, &binary, target, seconds)), Some(missing))
        }
    };
    eprintln!("{}", report::HEADER);
    let mut rows: Vec<Row> = Vec::new();
    for target in targets {
        let row = run(target)?;
        eprintln!("{}", row.line());
        rows.push(row);
    }
    Ok(Report { seconds, rows, blind: false, unproven: unproven.map(|missing| missing.to_string()) })
}

/// A function that runs one target until its time is over.
type Hunter<'a> = Box<dyn Fn(&str) -> Result<Row, Error> + 'a>;
