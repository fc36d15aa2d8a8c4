//! `nmk memory export` and `nmk memory import`: all entries as lines of JSON.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use abi::counted;
use clap::Args;
use memory::{Steward, export_line};
use serde_json::json;

use super::Place;
use crate::cli::Outcome;
use crate::console::Console;
use crate::{Error, bounded};

/// The longest file that is imported, in bytes.
const MAX_IMPORT_BYTES: usize = 1 << 30;

#[derive(Args, Debug)]
#[command(after_help = "\
The governance entry is not exported. A value that JSON cannot hold without loss is written in its canonical
encoding, in hexadecimal digits.

Example:
  nmk memory export --to entries.jsonl")]
pub(crate) struct ExportArguments {
    /// The file to write. A file that is there is not written over.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Each line is an object with the keys key and value, and if wanted kind, worth and pinned. An entry that has the
key is replaced; no other entry is removed. If a line is refused or there is no room, nothing is stored.

Example:
  nmk memory import entries.jsonl")]
pub(crate) struct ImportArguments {
    /// The file to read.
    file: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn export(arguments: &ExportArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let store = arguments.place.open_to_read()?;
    let failed = |cause| Error::MemoryFile { path: arguments.to.clone(), cause };
    let file = File::options().write(true).create_new(true).open(&arguments.to).map_err(failed)?;
    let (mut out, mut entries) = (BufWriter::new(file), 0_u64);
    store.export(|entry| {
        entries += 1;
        writeln!(out, "{}", export_line(&entry)).map_err(failed)
    })?;
    out.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
    if arguments.json {
        let object = json!({"entries": entries, "to": arguments.to.display().to_string()});
        console.result(&object.to_string())?;
    } else {
        let to = arguments.to.display();
        console.prose(&format!("exported: {} to {to}", counted(entries, "entry")))?;
    }
    Ok(Outcome::Done)
}

pub(super) fn import(arguments: &ImportArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let failed = |cause| Error::MemoryFile { path: arguments.file.clone(), cause };
    let file = File::open(&arguments.file).map_err(failed)?;
    let bytes = bounded::read(file, MAX_IMPORT_BYTES).map_err(failed)?;
    let too_long = || std::io::Error::new(std::io::ErrorKind::FileTooLarge, "larger than 1 GiB");
    let bytes = bytes.ok_or_else(|| failed(too_long()))?;
    let not_text = |_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not UTF-8");
    let text = String::from_utf8(bytes).map_err(not_text).map_err(failed)?;
    let imported = arguments.place.open()?.import(text.lines(), Some(&Steward::for_owner()))?;
    if arguments.json {
        let object = json!({"entries": imported.entries, "replaced": imported.replaced});
        console.result(&object.to_string())?;
    } else {
        console.prose(&format!(
            "imported: {}; replaced: {}",
            counted(imported.entries, "entry"),
            imported.replaced
        ))?;
    }
    Ok(Outcome::Done)
}
