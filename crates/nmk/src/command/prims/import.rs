//! `nmk prims import`: functions that another machine admitted are taken in, as far as their records count here.

use std::path::{Path, PathBuf};

use abi::Digest;
use clap::Args;
use det::TrustRoot;
use escalate::{Keeping, Kept, KeptError, Store};
use serde_json::{Value as Json, json};

use super::Place;
use crate::cli::Outcome;
use crate::config::Config;
use crate::console::Console;
use crate::gate::{self, ExecutorName, Executors, Gate, PYTHON};
use crate::primitives::{self, Primitive, PrimitiveError};
use crate::{Error, bounded, excerpt};

/// The largest file that is read, in bytes.
const MOST_BYTES: usize = 256 << 20;

#[derive(Args, Debug)]
#[command(after_help = "\
FILE is one that nmk prims export wrote, or the learned_primitives.json of an evaluation. A function is taken
in if its record's signature is one that counts here: this machine's own, or that of a key that was named
with --trust, now or before. With --recheck, each function takes an exam here instead, and nobody else is
believed.

Examples:
  nmk prims import reverse_words.primitive --recheck
  nmk prims import learned_primitives.json --recheck")]
pub(crate) struct Arguments {
    /// The file.
    file: PathBuf,
    /// A public key, in 64 hexadecimal digits, whose records count here from now on.
    #[arg(long, value_name = "KEY")]
    trust: Option<Digest>,
    /// Hold the exam of each function here, under a seed that is drawn here.
    #[arg(long, conflicts_with = "trust")]
    recheck: bool,
    /// The Python interpreter that runs programs in an exam, confined; python3 if it is left out.
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    if arguments.python.is_some() && !arguments.recheck {
        let why = "without --recheck nothing is examined; leave it out";
        return Err(Error::Idle { flag: "python".to_owned(), why });
    }
    let config = arguments.place.config()?;
    let all = read(&arguments.file)?;
    let store = arguments.place.store(&config, root)?;
    if all.is_empty() && !arguments.json {
        console.note("the file has no functions, so nothing was taken in");
    }
    let mut results = Vec::new();
    let mut taken = 0;
    for kept in all {
        let entry = kept.entry.clone();
        let ended = take(arguments, &config, &store, kept, root);
        taken += usize::from(ended.is_ok());
        let said = match &ended {
            Ok(said) => (*said).to_owned(),
            Err(error) => format!("not taken: {error}"),
        };
        if !arguments.json {
            console.prose(&format!("{}: {}", excerpt::one_line(&entry), excerpt::one_line(&said)))?;
        }
        results.push(json!({"entry": entry, "taken": ended.is_ok(), "detail": said}));
    }
    let is_whole = taken == results.len();
    if arguments.json {
        console.result(&json!({"taken": taken, "functions": Json::Array(results)}).to_string())?;
    }
    Ok(if is_whole { Outcome::Done } else { Outcome::Negative })
}

/// Takes one function in, and says how that went.
fn take(
    arguments: &Arguments,
    config: &Config,
    store: &Store,
    kept: Kept,
    root: &impl TrustRoot,
) -> Result<&'static str, Error> {
    let kept = if arguments.recheck { examined(arguments, config, &kept, root)? } else { kept };
    let mut trusted = primitives::trusted(store, config)?;
    trusted.extend(arguments.trust.map(|key| *key.as_bytes()));
    let primitive = primitives::checked(store, kept, trusted, root)?;
    // A key that signed nothing here is not kept.
    if let Some(key) = arguments.trust.filter(|key| primitive.record.signer() == Some(*key.as_bytes())) {
        store.trust(*key.as_bytes()).map_err(PrimitiveError::from)?;
    }
    match store.keep(&primitive.kept).map_err(PrimitiveError::from)? {
        Keeping::New(_) => Ok("taken in"),
        Keeping::There(there) if there.record == primitive.kept.record => Ok("was here already"),
        Keeping::There(_) => Ok("another function for the same specification is here, and stays"),
    }
}

/// Holds the exam of a function here. Its record is the one of this machine then.
fn examined(
    arguments: &Arguments,
    config: &Config,
    kept: &Kept,
    root: &impl TrustRoot,
) -> Result<Kept, Error> {
    let entry = || kept.entry.clone();
    let record =
        gate::read_record(&kept.record).map_err(|cause| PrimitiveError::Record { entry: entry(), cause })?;
    let executor = record.executor().and_then(ExecutorName::from_word);
    let python = arguments.python.as_deref().unwrap_or(Path::new(PYTHON));
    let executors = Executors { executor, compares: false, python };
    let mut gate = Gate::open(record.spec, &executors, holdout::Options::default(), config.clone())?;
    let checked = gate.check(&record.candidate, root)?;
    match checked.outcome() {
        Outcome::Done => Ok(Kept { record: checked.record, ..kept.clone() }),
        _ => Err(PrimitiveError::NotAdmitted { entry: entry() }.into()),
    }
}

/// Returns the one function of a file, of which nothing is believed.
pub(super) fn unchecked(path: &Path) -> Result<Primitive, Error> {
    let wrong = |what: &str| Error::Candidate { path: path.to_owned(), what: what.to_owned() };
    let mut all = read(path)?;
    let kept = all.pop().ok_or_else(|| wrong("it has no function"))?;
    if !all.is_empty() {
        return Err(wrong("it has several functions; nmk prims export writes one"));
    }
    let entry = kept.entry.clone();
    let record = gate::read_record(&kept.record).map_err(|cause| PrimitiveError::Record { entry, cause })?;
    Ok(Primitive { kept, record })
}

/// Reads the functions of a file: one that was exported, or a JSON object of many.
fn read(path: &Path) -> Result<Vec<Kept>, Error> {
    let wrong = |what: String| Error::Candidate { path: path.to_owned(), what };
    let unread = |cause: std::io::Error| match cause.kind() {
        std::io::ErrorKind::NotFound => wrong("there is no such file".to_owned()),
        std::io::ErrorKind::IsADirectory => wrong("it is a folder".to_owned()),
        _ => wrong(cause.to_string()),
    };
    let file = bounded::open_plain(path).map_err(unread)?;
    let bytes = bounded::read(file, MOST_BYTES).map_err(unread)?;
    let bytes = bytes.ok_or_else(|| wrong("it is larger than 256 MiB".to_owned()))?;
    match bytes.first() {
        Some(b'{') => learned(&bytes).map_err(|error| wrong(error.to_string())),
        _ => Kept::from_bytes(&bytes)
            .map(|kept| vec![kept])
            .map_err(|error| wrong(format!("it is no file of nmk prims export ({error})"))),
    }
}

/// The reason why a `learned_primitives.json` cannot be read.
#[derive(Debug, thiserror::Error)]
enum LearnedError {
    #[error("it is not a JSON object ({0})")]
    Syntax(#[from] serde_json::Error),
    #[error("{name} has no text `primitive` of hexadecimal digits")]
    Digits { name: String },
    #[error("{name}: {cause}")]
    Kept { name: String, cause: KeptError },
}

/// Reads the functions of a `learned_primitives.json`: an object with one object for each, which has the bytes of an
/// export in hexadecimal digits under `primitive`.
fn learned(bytes: &[u8]) -> Result<Vec<Kept>, LearnedError> {
    let all: serde_json::Map<String, Json> = serde_json::from_slice(bytes)?;
    let one = |(name, object): (String, Json)| {
        let bytes = object.get("primitive").and_then(Json::as_str).and_then(hex);
        let Some(bytes) = bytes else { return Err(LearnedError::Digits { name }) };
        Kept::from_bytes(&bytes).map_err(|cause| LearnedError::Kept { name, cause })
    };
    all.into_iter().map(one).collect()
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.is_ascii() || digits.len() % 2 == 1 {
        return None;
    }
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
