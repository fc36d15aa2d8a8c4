//! `nmk gate check`: one candidate, or a batch of them.

use std::io::Read;
use std::path::{Path, PathBuf};

use abi::{Digest, Entry, EntryKind, Journal, TaskId, Value};
use clap::Args;
use det::TrustRoot;
use holdout::{Drawn, ExperimentError, Options, Spec};
use ledger::SigningKey;

use super::{Running, batch};
use crate::book::{Book, OpenedBook};
use crate::cli::Outcome;
use crate::config::Config;
use crate::console::Console;
use crate::engine::{refused, signing_key};
use crate::gate::{self, Drivers, ExecutorName, LedgerNotary, RecordedNotary};
use crate::{Error, bounded, surroundings};

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
    if let Some(batch) = &arguments.batch {
        let mut gate = Gate::open(&spec, options, arguments)?;
        return batch::run(batch, &mut gate, console, root);
    }
    let path = arguments.candidate.as_deref().unwrap_or(Path::new("-"));
    let candidate = read_candidate(path)?;
    let mut gate = Gate::open(&spec, options, arguments)?;
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
    let file = std::fs::File::open(path);
    let file = file.map_err(|cause| Error::Candidate { path: path.to_owned(), what: cause.to_string() })?;
    read_all(file, path)
}

fn read_all(reader: impl Read, path: &Path) -> Result<Vec<u8>, Error> {
    let wrong = |what: String| Error::Candidate { path: path.to_owned(), what };
    let bytes = bounded::read(reader, MOST_BYTES).map_err(|cause| wrong(cause.to_string()))?;
    bytes.ok_or_else(|| wrong("it is larger than 16 MiB".to_owned()))
}

/// The verdict on one candidate.
pub(super) struct Checked {
    pub(super) report: Value,
    /// The canonical bytes of the record.
    record: Vec<u8>,
    /// The digest by which the ledger has the record. None if no ledger is kept.
    digest: Option<Digest>,
    /// True if the exam had taken place before.
    is_repeated: bool,
    /// The difference between two executors, where both were asked for and there is one.
    difference: Option<String>,
}

impl Checked {
    pub(super) fn json(&self) -> serde_json::Value {
        let mut object = factloop::to_json(&self.report);
        object["record"] = self.digest.map_or(serde_json::Value::Null, |digest| digest.to_string().into());
        object["repeated"] = self.is_repeated.into();
        object["difference"] = self.difference.as_deref().into();
        object
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self.report.get("admitted").and_then(Value::as_bool) {
            Some(true) => Outcome::Done,
            _ => Outcome::Negative,
        }
    }
}

/// The gate for one specification, with the ledger open and workers ready.
pub(super) struct Gate<'a> {
    spec: &'a Spec,
    options: Options,
    config: Config,
    book: Book,
    key: Option<SigningKey>,
    drivers: Drivers,
    /// The other executor, where both are asked for.
    other: Option<Drivers>,
    earlier: Vec<gate::Judged>,
}

impl<'a> Gate<'a> {
    pub(super) fn open(spec: &'a Spec, options: Options, arguments: &Arguments) -> Result<Self, Error> {
        let config = arguments.running.config()?;
        let python = &arguments.running.interpreter.python;
        let demanded = spec.executor().and_then(|demanded| ExecutorName::from_word(&demanded.name));
        if let (Some(Executor::Both), Some(demanded)) = (arguments.executor, spec.executor()) {
            let (demanded, found) = (demanded.to_string(), "a comparison of both".to_owned());
            return Err(ExperimentError::Executor { demanded, found }.into());
        }
        let executor = match arguments.executor {
            Some(Executor::Monty) => ExecutorName::Monty,
            Some(Executor::Cpython | Executor::Both) => ExecutorName::Cpython,
            None => demanded.unwrap_or(ExecutorName::Cpython),
        };
        let drivers = Drivers::new(executor, python)?;
        let other = match arguments.executor {
            Some(Executor::Both) => Some(Drivers::new(ExecutorName::Monty, python)?),
            _ => None,
        };
        let OpenedBook { book, .. } = Book::open(&config)?;
        let (key, earlier) = match book.kept() {
            None => (None, Vec::new()),
            Some(_) => {
                let earlier = gate::earlier(&config.ledger, spec.digest()).map_err(|cause| {
                    Error::GateHistory { path: config.ledger.clone(), cause: Box::new(cause) }
                })?;
                (Some(signing_key(&config)?), earlier)
            }
        };
        Ok(Self { spec, options, config, book, key, drivers, other, earlier })
    }

    /// Returns true if the candidate is run by both executors.
    fn compares(&self) -> bool {
        self.other.is_some()
    }

    /// Judges a candidate, or finds the verdict that it was given before.
    pub(super) fn check(&mut self, candidate: &str, root: &impl TrustRoot) -> Result<Checked, Error> {
        let digest = det::subject_digest(&Value::text(candidate));
        if let Some((mut checked, record)) = self.found(digest, root) {
            let first = (&record.report, &record.evidence);
            checked.difference = self.difference(candidate, record.drawn, first, root)?;
            return Ok(checked);
        }
        let failed = |cause| refused(&self.config.ledger, cause);
        let blobs = [candidate.as_bytes().to_vec(), abi::encode(self.spec.source())];
        let [own, spec] = blobs.map(|bytes| self.book.store_blob(&bytes));
        let blobs = [own.map_err(failed)?, spec.map_err(failed)?];
        let task = TaskId { job: surroundings::draw_job()?, number: 0 };
        let notary = LedgerNotary { book: &mut self.book, task, entry: self.spec.entry(), blobs };
        let report = gate::examine(self.spec, candidate, &self.drivers, self.options, notary, root)?;
        let record = gate::written(&report, self.spec, candidate, self.key.as_ref());
        let failed = |cause| refused(&self.config.ledger, cause);
        let record_digest = self.book.store_blob(&record).map_err(failed)?;
        let outcome = match &report.refusal {
            None => "admitted".to_owned(),
            Some(refusal) => format!("not admitted: {} · {}", refusal.stage.word(), refusal.reason),
        };
        let body = Value::map([
            ("at", surroundings::time_of_day().map_or(Value::Null, Value::Int)),
            ("entry", Value::text(self.spec.entry())),
            ("outcome", Value::Text(outcome)),
            ("blobs", Value::List([record_digest, blobs[0], blobs[1]].map(Digest::to_value).into())),
            ("candidate", digest.to_value()),
            ("executor", Value::text(self.drivers.executor.word())),
            ("specification", self.spec.digest().to_value()),
            ("record", record_digest.to_value()),
            ("admitted", Value::Bool(report.admission.is_some())),
        ]);
        let entry = Entry { kind: EntryKind::Examined, task, inputs: Vec::new(), body };
        self.book.append(&[entry]).map_err(failed)?;
        let kept = self.book.kept().is_some();
        if kept {
            let executor = Some(self.drivers.executor);
            self.earlier.push(gate::Judged { candidate: digest, record: record_digest, executor });
        }
        let (drawn, evidence) = (report.drawn, report.evidence.clone());
        let report = gate::report(&report, self.spec);
        let difference = self.difference(candidate, drawn, (&report, &evidence), root)?;
        let digest = kept.then_some(record_digest);
        Ok(Checked { report, record, digest, is_repeated: false, difference })
    }

    /// Returns the difference of the other executor, on the same instances. None without another, or without a difference.
    fn difference(
        &self,
        candidate: &str,
        drawn: Option<Drawn>,
        first: (&Value, &Value),
        root: &impl TrustRoot,
    ) -> Result<Option<String>, Error> {
        let Some(other) = &self.other else { return Ok(None) };
        // Where the verdict came before the exam, nothing was drawn, and a fixed seed is as good as any: this exam decides
        // nothing.
        let fixed = Drawn { head: self.spec.digest(), entropy: [0; 32] };
        let notary = RecordedNotary(drawn.unwrap_or(fixed));
        let second = gate::examine(self.spec, candidate, other, self.options, notary, root)?;
        Ok(gate::difference(first, (&gate::report(&second, self.spec), &second.evidence)))
    }

    /// Returns the verdict that the ledger has on a candidate. A record that was forgotten counts for nothing, and so
    /// does an admission that this ledger's key did not sign.
    fn found(&self, candidate: Digest, root: &impl TrustRoot) -> Option<(Checked, gate::Record)> {
        // Executors may run one candidate differently, so each has its own verdict.
        let executor = Some(self.drivers.executor);
        let is_same = |judged: &&gate::Judged| judged.candidate == candidate && judged.executor == executor;
        let judged = self.earlier.iter().rev().find(is_same)?;
        let bytes = ledger::blob(&self.config.ledger, &judged.record).ok()?;
        let record = gate::read_record(&bytes).ok()?;
        let admitted = record.is_admitted(vec![*self.key.as_ref()?.public().as_bytes()], root).ok()?;
        if record.report.get("admitted").and_then(Value::as_bool) != Some(admitted) {
            return None;
        }
        let (report, digest) = (record.report.clone(), Some(judged.record));
        let checked = Checked { report, record: bytes, digest, is_repeated: true, difference: None };
        Some((checked, record))
    }
}
