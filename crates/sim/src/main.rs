//! The command `nmk-sim`: plays the games of a range of seeds and reports the result.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::Instant;

use lexopt::prelude::*;
use serde_json::json;
use sim::{Summary, play};

/// The arguments of the command line.
struct Arguments {
    from: u64,
    seeds: u64,
    json: bool,
}

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("nmk-sim: {error}; usage: nmk-sim [--seeds N] [--from SEED] [--json]");
            return ExitCode::from(2);
        }
    };
    // Executors and validators of the games panic on purpose, so their messages are not printed.
    std::panic::set_hook(Box::new(|_| {}));
    let begun = Instant::now();
    let summary = play(arguments.from, arguments.from.saturating_add(arguments.seeds));
    let seconds = begun.elapsed().as_secs_f64();
    report(&summary, seconds, arguments.json);
    if summary.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn arguments() -> Result<Arguments, lexopt::Error> {
    let mut parsed = Arguments { from: 0, seeds: 2_000, json: false };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seeds") => parsed.seeds = parser.value()?.parse()?,
            Long("from") => parsed.from = parser.value()?.parse()?,
            Long("json") => parsed.json = true,
            other => return Err(other.unexpected()),
        }
    }
    Ok(parsed)
}

fn report(summary: &Summary, seconds: f64, as_json: bool) {
    let (covered, total) = summary.coverage.transitions();
    let (resumed, unstopped) = summary.coverage.resumed();
    let failure = summary.failures.first();
    if as_json {
        let violations: Vec<_> = summary
            .failures
            .iter()
            .map(|failure| {
                json!({
                    "seed": failure.seed,
                    "game": failure.game,
                    "violation": failure.violation.to_string(),
                    "trace": failure.trace,
                })
            })
            .collect();
        let object = json!({
            "seeds": summary.seeds,
            "seconds": seconds,
            "states": summary.coverage.states(),
            "opened_from_a_checkpoint": resumed + unstopped,
            "of_stopped_machines": resumed,
            "transitions_covered": covered,
            "transitions_total": total,
            "missing": summary.coverage.missing(),
            "violations": violations,
        });
        println!("{object}");
        return;
    }
    println!(
        "{} seeds, {:.0} a second; {} states; {covered} of {total} transitions and refusals; {} ledgers opened from a \
         checkpoint, {resumed} of stopped machines",
        summary.seeds,
        summary.seeds as f64 / seconds,
        summary.coverage.states(),
        resumed + unstopped
    );
    for missing in summary.coverage.missing() {
        println!("not met: {missing}");
    }
    if let Some(failure) = failure {
        println!("violation at seed {} of the {} game: {}", failure.seed, failure.game, failure.violation);
        for line in &failure.trace {
            println!("  {line}");
        }
    }
}
