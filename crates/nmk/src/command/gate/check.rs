//! `nmk gate check`: one candidate, or a batch of them.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use det::TrustRoot;
use holdout::{Options, Spec};

use super::{Running, batch};
use crate::cli::Outcome;
use crate::console::Console;
use crate::gate::{self, ExecutorName, Executors, Gate};
use crate::{Error, bounded};

/// The largest candidate or record that is read, in bytes: as large as a blob of the ledger.
const MOST_BYTES: usize = 16 << 20;

#[derive(Args, Debug)]
#[command(after_help = "\
The candidate is a Python file that defines the function of the specification. It runs confined, apart from the
oracle. Its digest is sealed in the ledger before the seed of the exam is drawn; a candidate that was judged before
gets the same verdict again. What was admitted is stated as a bound, never as certainty (docs/gate.md).

Exit codes: 0 admitted, 1 not admitted, 2 bad input, 3 where this machine cannot isolate a candidate.

Examples:
  nmk gate check --spec docs/gate/gcd.toml --candidate docs/gate/gcd.py
  nmk gate check --spec docs/gate/gcd.toml --batch docs/gate/gcd.jsonl --json")]
pub(crate) struct Arguments {
    /// The specification, in TOML.
    #[arg(long, value_name = "FILE")]
    spec: PathBuf,
    /// The candidate, in Python; `-` reads it from standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "batch")]
    candidate: Option<PathBuf>,
    /// Many candidates, one JSON object a line: {"id": ..., "code": "..."}. Each gets one line of result.
    #[arg(long, value_name = "FILE", conflicts_with = "candidate")]
    batch: Option<PathBuf>,
    /// The number of the attempt at the same gap, from 1: the chance of passing by luck is halved for each. 0 for a
    /// candidate on its own.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=15))]
    attempt: u32,
    /// Further draws on which each surviving wrong program is compared with the candidate; a million show that it is
    /// none.
    #[arg(long, value_name = "N", default_value_t = 0)]
    further_draws: u32,
    /// Write the record to this file too.
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    record: Option<PathBuf>,
    /// The executor of the candidate. Without the flag: the one that the specification demands, or else cpython.
    #[arg(long, value_name = "NAME")]
    executor: Option<Executor>,
    #[command(flatten)]
    running: Running,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// The executors that can be asked for.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Executor {
    /// The machine's own Python, confined.
    Cpython,
    /// The interpreter that is built in, confined too. It lacks a part of Python.
    Monty,
    /// The verdict of cpython, and beside it where monty differs.
    Both,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let spec = read_spec(&arguments.spec)?;
    let options =
        Options { attempt: arguments.attempt, further_draws: arguments.further_draws, ..Options::default() };
    let open = |spec| {
        let executor = match arguments.executor {
            Some(Executor::Monty) => Some(ExecutorName::Monty),
            Some(Executor::Cpython | Executor::Both) => Some(ExecutorName::Cpython),
            None => None,
        };
        let compares = matches!(arguments.executor, Some(Executor::Both));
        let python = arguments.running.interpreter.python.as_path();
        let executors = Executors { executor, compares, python };
        Gate::open(spec, &executors, options, arguments.running.config()?)
    };
    if let Some(batch) = &arguments.batch {
        let mut gate = open(spec)?;
        return batch::run(batch, &mut gate, console, root);
    }
    let path = arguments.candidate.as_deref().unwrap_or(Path::new("-"));
    let candidate = read_candidate(path)?;
    let mut gate = open(spec)?;
    let checked = gate.check(&candidate, root)?;
    if let Some(path) = &arguments.record {
        std::fs::write(path, &checked.record)
            .map_err(|cause| Error::Candidate { path: path.clone(), what: cause.to_string() })?;
    }
    if arguments.json {
        console.result(&checked.json().to_string())?;
    } else {
        console.prose(&gate::shown(&checked.report))?;
        match &checked.difference {
            Some(difference) => console.note(difference),
            None if gate.compares() => console.note("both executors say the same"),
            None => {}
        }
        if let Some(digest) = checked.digest {
            let again = if checked.is_repeated { " (the verdict of an earlier exam)" } else { "" };
            console.note(&format!("record: {digest}{again}"));
        }
    }
    Ok(checked.outcome())
}

/// Reads a specification.
pub(super) fn read_spec(path: &Path) -> Result<Spec, Error> {
    gate::read_spec(path)
        .map_err(|cause| Error::Specification { path: path.to_owned(), cause: Box::new(cause) })
}

/// Reads a candidate. One that is no UTF-8 is bad input.
fn read_candidate(path: &Path) -> Result<String, Error> {
    let bytes =
        if path == Path::new("-") { read_all(std::io::stdin().lock(), path) } else { read_file(path) }?;
    let wrong = |_| Error::Candidate { path: path.to_owned(), what: "it is not UTF-8".to_owned() };
    let text = String::from_utf8(bytes).map_err(wrong)?;
    // A file of Python may begin with a byte order mark, which is no part of the program.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Reads a file of at most 16 MiB.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let file = bounded::open_plain(path);
    let file = file.map_err(|cause| Error::Candidate { path: path.to_owned(), what: cause.to_string() })?;
    read_all(file, path)
}

fn read_all(reader: impl Read, path: &Path) -> Result<Vec<u8>, Error> {
    let wrong = |what: String| Error::Candidate { path: path.to_owned(), what };
    let bytes = bounded::read(reader, MOST_BYTES).map_err(|cause| wrong(cause.to_string()))?;
    bytes.ok_or_else(|| wrong("it is larger than 16 MiB".to_owned()))
}
