//! `nmk memory stats`: how full the memory is, and if it is sound.

use clap::Args;
use serde_json::json;

use super::Place;
use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;

#[derive(Args, Debug)]
#[command(after_help = "\
The quota holds for all files of the folder together. Half of it is the journal's, which has the pages that a
write replaces until it is done. With --check the whole file is read, and every entry compared with its digest.

Example:
  nmk memory stats --check")]
pub(crate) struct Arguments {
    /// Check the whole file first.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let store = arguments.place.open_to_read()?;
    if arguments.check {
        store.check()?;
    }
    let stats = store.stats()?;
    if arguments.json {
        let object = json!({
            "path": store.path().display().to_string(),
            "entries": stats.entries,
            "bytes": stats.bytes,
            "pinned": stats.pinned,
            "pinned_bytes": stats.pinned_bytes,
            "pin_quota_bytes": stats.pin_quota,
            "quota_bytes": stats.quota,
            "file_bytes": stats.file_bytes,
            "used_bytes": stats.used_bytes,
            "room_bytes": stats.room_bytes,
            "checked": arguments.check,
        });
        console.result(&object.to_string())?;
        return Ok(Outcome::Done);
    }
    let percent = 100.0 * stats.used_bytes as f64 / stats.room_bytes as f64;
    let sound = if arguments.check { ", sound" } else { "" };
    for line in [
        format!("{}{sound}", store.path().display()),
        format!("entries: {} with {} bytes", stats.entries, stats.bytes),
        format!("pinned: {}, about {} of {} bytes", stats.pinned, stats.pinned_bytes, stats.pin_quota),
        format!("room: {} of {} bytes in use, {percent:.1} %", stats.used_bytes, stats.room_bytes),
        format!("file: {} bytes, quota {}", stats.file_bytes, stats.quota),
    ] {
        console.prose(&line)?;
    }
    Ok(Outcome::Done)
}
