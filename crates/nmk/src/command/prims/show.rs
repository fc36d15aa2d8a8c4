//! `nmk prims show` and `nmk prims export`: a function with the evidence for it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use det::TrustRoot;
use serde_json::json;

use super::{Place, import, kernel};
use crate::cli::Outcome;
use crate::console::Console;
use crate::primitives::Primitive;
use crate::{Error, gate};

#[derive(Args, Debug)]
#[command(after_help = "\
The record is checked first: the digests of code and specification, and the signature. With --file, what
nmk prims export wrote is shown before it is taken in; nothing is checked then, and nothing is believed. Of a
primitive of the kernel the proof is shown: its cases, and the oracle that they were compared with.

Examples:
  nmk prims show gcd
  nmk prims show reverse_words")]
pub(crate) struct Arguments {
    /// The name of the function, or at least 8 digits of its record's digest.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    name: Option<String>,
    /// A file of nmk prims export.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The file has the function, its specification, and the signed record of its exam. Whether that record counts
on another machine is decided there, by nmk prims import.

Example:
  nmk prims export reverse_words --to reverse_words.primitive")]
pub(crate) struct ExportArguments {
    /// The name of the function, or at least 8 digits of its record's digest.
    name: String,
    /// The file to write. A file that is there is not written over.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
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
    let name = arguments.name.as_deref().unwrap_or_default();
    let Primitive { kept, record } = match &arguments.file {
        None => match arguments.place.primitive(name, root) {
            Ok((_, _, primitive)) => primitive,
            Err(missing) => return kernel::show(kernel::instead(name, missing)?, arguments.json, console),
        },
        Some(path) => import::unchecked(path)?,
    };
    if arguments.json {
        let mut object = factloop::to_json(&record.report);
        object["code"] = record.candidate.as_str().into();
        object["record"] = kept.record_digest().to_string().into();
        object["rung"] = kept.rung.as_str().into();
        object["attempt"] = kept.attempt.into();
        object["model"] = kept.model.as_str().into();
        object["description"] = record.spec.description().into();
        object["signer"] = record.signer().map(|signer| abi::Digest::from_bytes(signer).to_string()).into();
        object["checked"] = arguments.file.is_none().into();
        console.result(&object.to_string())?;
        return Ok(Outcome::Done);
    }
    console.result(record.candidate.trim_end())?;
    console.note(&gate::shown(&record.report));
    let by = if kept.model.is_empty() { String::new() } else { format!(" · written by {}", kept.model) };
    console.note(&format!("  {}{by}", kept.rung));
    console.note(&format!("record {}", kept.record_digest()));
    if let (Some(_), Some(signer)) = (&arguments.file, record.signer()) {
        let signer = abi::Digest::from_bytes(signer);
        console.note(&format!("signer {signer}, as the file says; nothing was checked"));
    }
    Ok(Outcome::Done)
}

pub(super) fn export(
    arguments: &ExportArguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let (_, _, Primitive { kept, record }) = arguments.place.primitive(&arguments.name, root)?;
    write_new(&arguments.to, &kept.to_bytes())?;
    let signer = record.signer().map(|signer| abi::Digest::from_bytes(signer).to_string());
    if arguments.json {
        let object =
            json!({"entry": kept.entry, "record": kept.record_digest().to_string(), "signer": signer});
        console.result(&object.to_string())?;
    } else {
        let signer = signer.unwrap_or_default();
        console.prose(&format!("{} is in {}; its signer is {signer}", kept.entry, arguments.to.display()))?;
    }
    Ok(Outcome::Done)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |cause: std::io::Error| {
        let what = match cause.kind() {
            ErrorKind::AlreadyExists => {
                "it is there already, and nothing is written over; name another file".to_owned()
            }
            ErrorKind::NotFound => "its folder is not there".to_owned(),
            _ => cause.to_string(),
        };
        Error::Candidate { path: path.to_owned(), what }
    };
    let mut file = std::fs::File::options().write(true).create_new(true).open(path).map_err(failed)?;
    std::io::Write::write_all(&mut file, bytes).map_err(|cause| {
        // Half a file is of no use, and would be in the way of the next one.
        let _ = std::fs::remove_file(path);
        failed(cause)
    })
}
