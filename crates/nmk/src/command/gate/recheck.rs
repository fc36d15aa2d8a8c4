//! `nmk gate recheck`: an exam is made again from its record, and must come out the same.

use std::path::Path;

use abi::{Digest, Value};
use clap::Args;
use det::TrustRoot;

use serde_json::json;

use super::Running;
use super::check::read_file;
use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;
use crate::gate::{self, Drivers, ExecutorName, RecordError};

#[derive(Args, Debug)]
#[command(after_help = "\
The signature of an admission is checked against the key beside the ledger's, or against --trust. Then the exam is made
again with the recorded seed, and every instance, result and wrong program must be what the record says.

Exit codes: 0 the same, 1 not the same or not to be believed, 2 bad input, 3 where this machine cannot isolate a
candidate.

Example:
  nmk gate recheck RECORD --json")]
pub(crate) struct Arguments {
    /// The record: its digest in the ledger, or a file.
    record: String,
    /// The public key of the one who signed, as 64 hexadecimal digits.
    #[arg(long, value_name = "HEX")]
    trust: Option<ledger::PublicKey>,
    /// The executor of the candidate. Without the flag: the one that ran it when the record was made.
    #[arg(long, value_name = "NAME")]
    executor: Option<ExecutorName>,
    #[command(flatten)]
    running: Running,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let config = arguments.running.config()?;
    let wrong = |cause| Error::GateRecord { record: arguments.record.clone(), cause: Box::new(cause) };
    let bytes = match arguments.record.parse::<Digest>() {
        Ok(digest) => ledger::blob(&config.ledger, &digest)
            .map_err(|cause| Error::GateHistory { path: config.ledger.clone(), cause: Box::new(cause) })?,
        Err(_) => read_file(Path::new(&arguments.record))?,
    };
    let record = gate::read_record(&bytes).map_err(wrong)?;
    let trusted = match &arguments.trust {
        Some(key) => vec![*key.as_bytes()],
        // Without a signature there is nothing to compare a key with.
        None if !record.is_signed() => Vec::new(),
        None => vec![
            *ledger::keys::load_public(&config.key)
                .map_err(|cause| Error::LedgerKey { path: config.key.clone(), cause })?
                .key
                .as_bytes(),
        ],
    };
    let admitted = match record.is_admitted(trusted, root) {
        Ok(admitted) => admitted,
        Err(cause @ (RecordError::Admission(_) | RecordError::Report)) => {
            return said(arguments, console, false, &cause.to_string());
        }
        Err(cause) => return Err(wrong(cause)),
    };
    let then = |key| record.evidence.get("executor").and_then(|of| of.get(key)).and_then(Value::as_text);
    let recorded = match then("name") {
        None => None,
        Some(name) => {
            let unknown = RecordError::NotARecord("its executor is none of this program's");
            Some(ExecutorName::from_word(name).ok_or_else(|| wrong(unknown))?)
        }
    };
    let executor = arguments.executor.or(recorded).unwrap_or(ExecutorName::Cpython);
    let drivers = Drivers::new(executor, &arguments.running.interpreter.python)?;
    let again = gate::examine_again(&record, &drivers, root)?;
    let ran = then("name").zip(then("version"));
    let other = match (ran, &again.executor) {
        (Some((name, version)), Some(now)) if (name, version) != (now.name, now.version.as_str()) => {
            format!(" (it ran in {name} {version}, and now in {} {})", now.name, now.version)
        }
        _ => String::new(),
    };
    let difference = record.difference(&again.evidence);
    // What an exam without a ledger admits, nobody has signed.
    let claimed = record.report.get("admitted").and_then(Value::as_bool) == Some(true);
    match difference {
        None if again.admission.is_some() == claimed && (claimed || !admitted) => {
            let what = if claimed { "admitted again" } else { "refused again" };
            let unsigned = if claimed && !admitted {
                "; the record is not signed, because no ledger was kept"
            } else {
                ""
            };
            said(arguments, console, true, &format!("{what}: every result is the same{other}{unsigned}"))
        }
        None => said(arguments, console, false, &format!("the verdict differs{other}")),
        Some(part) => said(arguments, console, false, &format!("{part} differs{other}")),
    }
}

fn said(arguments: &Arguments, console: &mut Console<'_>, same: bool, what: &str) -> Result<Outcome, Error> {
    let line =
        if arguments.json { json!({"same": same, "detail": what}).to_string() } else { what.to_owned() };
    if arguments.json {
        console.result(&line)?
    } else {
        console.prose(&line)?
    };
    Ok(if same { Outcome::Done } else { Outcome::Negative })
}
