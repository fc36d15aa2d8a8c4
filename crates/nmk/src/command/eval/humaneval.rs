//! `nmk eval humaneval`: the gate beside the tests of published problems.

use std::path::PathBuf;

use clap::Args;
use det::TrustRoot;

use crate::Error;
use crate::cli::Outcome;
use crate::command::python_flag::PythonFlag;
use crate::console::Console;
use crate::eval::conditions::{conditions_without_model, write_log};
use crate::eval::humaneval::{Choices, Summary, evaluate, read};
use crate::gate::{Drivers, ExecutorName};

#[derive(Args, Debug)]
#[command(after_help = "\
Each problem's tests are run once against its own solution, and the calls that they make give the types of a
specification; the solution is its oracle. Then the solution, and wrong programs made of it, are judged by the tests and
by the gate. No wrong program is left out, also where it does the same as the solution.

Example:
  nmk eval humaneval --problems fixtures/gate/problems.jsonl --limit 2")]
pub(crate) struct Arguments {
    /// The problems, one JSON object a line; a name that ends in .gz is decompressed.
    #[arg(long, value_name = "FILE")]
    problems: PathBuf,
    /// The most problems that are evaluated, from the first on.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// The wrong programs that are made of each solution.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    mutants: u32,
    /// The draws of each exam.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    draws: u32,
    /// The executor of the solutions and the wrong programs before the gate. The tests always run in cpython.
    #[arg(long, value_name = "NAME", default_value = "cpython")]
    executor: ExecutorName,
    #[command(flatten)]
    interpreter: PythonFlag,
    /// The file for the result with its conditions, in JSON.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let path = &arguments.problems;
    let problems =
        read(path).map_err(|cause| Error::Candidate { path: path.clone(), what: cause.to_string() })?;
    let choices = Choices { mutants: arguments.mutants, draws: arguments.draws };
    let drivers = Drivers::new(arguments.executor, &arguments.interpreter.python)?;
    let count = problems.len().min(arguments.limit.unwrap_or(usize::MAX));
    let mut findings = Vec::new();
    for (place, problem) in problems.iter().take(count).enumerate() {
        console.progress(&format!("{} ({} of {count})…", problem.task, place + 1));
        findings.push(evaluate(problem, &drivers, choices, root)?);
    }
    console.clear();
    let summary = Summary::new(&findings);
    let mut object = summary.object(&findings, choices);
    object["conditions"] = conditions_without_model(&[]);
    if let Some(path) = &arguments.log {
        write_log(path, &object)?;
    }
    if arguments.json {
        console.result(&object.to_string())?;
    } else {
        for line in summary.lines(&findings) {
            console.prose(&line)?;
        }
    }
    Ok(Outcome::Done)
}
