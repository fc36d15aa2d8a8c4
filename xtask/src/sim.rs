//! `cargo xtask sim`: plays seeds against the trusted core, and against broken copies of it, which must be
//! noticed.

mod variants;

use std::path::Path;
use std::process::Command;

use lexopt::prelude::*;
use serde_json::{Value as Json, json};

use crate::Outcome;
use crate::error::Error;
use crate::process;
use crate::programs::Programs;
use variants::{VARIANTS, Workbench};

pub(crate) const ABOUT: &str =
    "play seeds against the trusted core and its broken variants; --seeds N, --json";

/// The number of seeds within which every broken variant must be noticed.
const VARIANT_SEEDS: u64 = 2_000;
/// Seeds from which on every transition and refusal must have been met. Fewer may miss rare ones by chance.
const COVERAGE_SEEDS: u64 = 20_000;

struct Arguments {
    seeds: u64,
    json: bool,
}

pub(crate) fn run(arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let arguments = parse(arguments)?;
    let root = process::workspace_root();
    let binary = programs.binary(&root, "nmk-sim", "nmk-sim")?;
    let sound = play(&binary, arguments.seeds)?;
    let coverage = coverage(&sound, arguments.seeds);
    let kept = sound["violations"].as_array().is_some_and(Vec::is_empty);
    if !arguments.json {
        tell(&sound);
        println!("coverage: {}", coverage.words());
    }
    let mut caught = Vec::new();
    let bench = Workbench::new(&root)?;
    for variant in VARIANTS {
        let binary = bench.build(variant)?;
        let played = play(&binary, VARIANT_SEEDS)?;
        let seed = played["violations"][0]["seed"].as_u64();
        let how = played["violations"][0]["violation"].as_str().unwrap_or("").to_owned();
        if !arguments.json {
            match seed {
                Some(seed) => println!("{}: caught at seed {seed}: {how}", variant.name),
                None => println!("{}: NOT CAUGHT within {VARIANT_SEEDS} seeds", variant.name),
            }
        }
        caught.push(json!({"name": variant.name, "caught_at_seed": seed, "violation": how}));
    }
    let missed = caught.iter().filter(|variant| variant["caught_at_seed"].is_null()).count();
    let demanded = usize::from(coverage != Coverage::NotDemanded);
    let failed = usize::from(coverage == Coverage::Missing) + usize::from(!kept) + missed;
    let passed = 1 + demanded + caught.len() - failed;
    if arguments.json {
        let mut object = sound;
        object["broken_variants"] = json!(caught);
        object["coverage"] = json!(coverage.words());
        println!("{object}");
    } else {
        println!("checks: {passed} passed; {failed} failed");
    }
    Ok(if failed == 0 { Outcome::Done } else { Outcome::Refused })
}

/// The outcome of the check that the games met every transition and refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coverage {
    /// All were met.
    Whole,
    /// Some were not met, and there were enough seeds to meet all.
    Missing,
    /// Some were not met, and there were too few seeds to demand all.
    NotDemanded,
}

impl Coverage {
    fn words(self) -> String {
        match self {
            Self::Whole => "whole".to_owned(),
            Self::Missing => format!("not whole, which is demanded from {COVERAGE_SEEDS} seeds on"),
            Self::NotDemanded => format!("not whole, and not demanded below {COVERAGE_SEEDS} seeds"),
        }
    }
}

/// Compares the transitions and refusals that the games met with all of them.
fn coverage(sound: &Json, seeds: u64) -> Coverage {
    match field(sound, "transitions_covered") == field(sound, "transitions_total") {
        true => Coverage::Whole,
        false if seeds >= COVERAGE_SEEDS => Coverage::Missing,
        false => Coverage::NotDemanded,
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Arguments, Error> {
    let mut parsed = Arguments { seeds: 20_000, json: false };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seeds") => parsed.seeds = parser.value()?.parse()?,
            Long("json") => parsed.json = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(parsed)
}

/// Runs a simulator and returns its report. Exit code 1 means a broken guarantee, which is a report too.
fn play(binary: &Path, seeds: u64) -> Result<Json, Error> {
    let mut command = Command::new(binary);
    command.args(["--json", "--seeds", &seeds.to_string()]);
    let output = process::output(&mut command)?;
    serde_json::from_slice(&output.stdout)
        .map_err(|source| Error::Json { command: process::words(&command), source })
}

fn field(object: &Json, name: &str) -> u64 {
    object[name].as_u64().unwrap_or(0)
}

fn tell(sound: &Json) {
    let seconds = sound["seconds"].as_f64().unwrap_or(f64::NAN);
    let seeds = field(sound, "seeds");
    println!(
        "{seeds} seeds, {:.0} a second; {} states; {} of {} transitions and refusals",
        seeds as f64 / seconds,
        field(sound, "states"),
        field(sound, "transitions_covered"),
        field(sound, "transitions_total"),
    );
    for missing in sound["missing"].as_array().into_iter().flatten() {
        println!("not met: {}", missing.as_str().unwrap_or(""));
    }
    for violation in sound["violations"].as_array().into_iter().flatten() {
        println!(
            "violation at seed {} of the {} game: {}",
            violation["seed"], violation["game"], violation["violation"]
        );
        for line in violation["trace"].as_array().into_iter().flatten() {
            println!("  {}", line.as_str().unwrap_or(""));
        }
    }
}
