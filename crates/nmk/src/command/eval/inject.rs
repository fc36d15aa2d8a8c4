//! `nmk eval inject`: a verified fact as tokens beside the same fact as an addition to the residual.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use crate::cli::Outcome;
use crate::compute::ComputeFlags;
use crate::config::Flags;
use crate::console::Console;
use crate::eval::conditions::{conditions, write_log};
use crate::eval::finding::Finding;
use crate::eval::inject::{Arm, Course, HEADINGS, Injectors, Measured, differences_json, drawn};
use crate::eval::setting::opened;
use crate::{Error, placebo};

#[derive(Debug, Args)]
#[command(after_help = "\
The embedded model answers questions that it was never trained on, a quarter each: the count of a letter, a
greatest common divisor, a count to which a number is added, and one from which a number is subtracted. Mode A
gives it the verified value as a fact block ahead of the prompt. Mode B gives the same value as an addition to
the residual, by an injector whose training had bare counts alone. Each mode is also given a wrong value, and
that of another question. A column has the answers that follow from the value that was given. mode_b_sums is an
injector whose training had counts with an addition too. Rates have 95 % intervals by Wilson, and differences of
rates over the same questions by Newcombe. The verdict is about the questions in which the value is an operand.

Exit codes: 0 measured; 1 if a control fails: an injector that is not armed, or whose `up` is zero, changes a
logit; a mode does not follow wrong values; the placebo follows as they do; or the kernel is satisfied with a
wrong answer; 2 bad input.

Examples:
  nmk eval inject --items 100")]
pub(crate) struct Arguments {
    /// The questions of each seed.
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(8..=10_000))]
    items: usize,
    /// The seeds, from 1 on.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    seeds: u64,
    /// The model: embedded (the default), or placebo.
    #[arg(long, value_name = "NAME")]
    model: Option<OsString>,
    /// The most tokens of one reply.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..))]
    max_new: u32,
    /// The file for the result with its conditions, in JSON.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    #[command(flatten)]
    compute: ComputeFlags,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let (config, mut model) =
        opened(arguments.model.as_ref(), arguments.max_new, arguments.compute, Flags::default())?;
    let is_control = arguments.model.as_ref().is_some_and(|model| model == placebo::NAME);
    let seeds: Vec<u64> = (1..=arguments.seeds).collect();
    let questions: Vec<_> = seeds.iter().flat_map(|seed| drawn(*seed, arguments.items)).collect();
    let conditions = conditions(&model, config.compute, &seeds);
    let local = model.local_mut().ok_or(Error::NoResidual)?;
    let injectors = Injectors::open(local, is_control)?;
    let mut course = Course::new(local, &injectors, &questions, arguments.max_new)?;
    for arm in Arm::ALL {
        console.progress(&format!("{}…", arm.word()));
        let begun = Instant::now();
        course.measure(arm)?;
        course.took(begun.elapsed());
    }
    console.progress("comparing logits…");
    let bits = course.bits()?;
    console.clear();
    let measured = Measured(&course.sums);
    let found = measured.findings(bits, &course.chance(), course.judged);
    let (differences, verdict) = measured.differences();
    let holds = found.iter().all(|finding| finding.holds);
    let mut object = json!({
        "arms": course.sums.iter().map(crate::eval::inject::Sums::json).collect::<Vec<_>>(),
        "untaught": course.untaught(),
        "differences": differences_json(&differences),
        "verdict": verdict,
        "findings": found.iter().map(Finding::json).collect::<Vec<_>>(),
        "holds": holds,
    });
    object["conditions"] = conditions;
    if let Some(path) = &arguments.log {
        write_log(path, &object)?;
    }
    if arguments.json {
        console.result(&object.to_string())?;
    } else {
        console.raw(format!("{HEADINGS}\n").as_bytes())?;
        for sums in &course.sums {
            console.raw(format!("{}\n", sums.line()).as_bytes())?;
        }
        for (name, difference) in &differences {
            console.prose(&format!("A - B, {name}: {difference}"))?;
        }
        found.iter().try_for_each(|finding| console.prose(&finding.line()))?;
        console.prose(verdict)?;
    }
    Ok(if holds { Outcome::Done } else { Outcome::Negative })
}
