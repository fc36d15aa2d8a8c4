//! `nmk jobs`: what became of the jobs of a ledger.

mod json;
mod text;
mod view;
mod watch;

use clap::Args;

use super::ledger::{Common, KeyFlag, is_verdict, trusted_key, unreadable};
use crate::cli::Outcome;
use crate::config::Needless;
use crate::console::Console;
use crate::jobs::{Chronicle, KINDS};
use crate::{Error, excerpt, utc};

use view::{Selection, View};

#[derive(Debug, Args)]
#[command(after_help = "\
Everything is counted from the entries of the ledger, whose chain and signature are checked; a ledger that does not
verify is said, with exit code 1. The blobs are not read: nmk ledger verify does that. Success is stated with its 95 %
interval (Wilson), and is that of the jobs whose proposals were judged; answers that nothing checked, those at the level
none, are counted as unchecked. Templates and learnings are those of the whole ledger, and are described in
docs/jobs.md.

Examples:
  nmk jobs
  nmk jobs --kind structured_output --last 5 --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    key: KeyFlag,
    /// The number of recent jobs that are listed.
    #[arg(long, value_name = "N", default_value_t = 10)]
    last: usize,
    /// Only jobs of this kind, as the table names it.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<String>,
    /// Only jobs that began on this day or later, in UTC, as 2026-11-28.
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<i64>,
    /// Draw anew whenever the ledger has grown, until q or ctrl-c is pressed; needs a terminal.
    #[arg(long, conflicts_with = "json")]
    watch: bool,
}

/// The error of a text that is no day.
#[derive(Debug, thiserror::Error)]
#[error("it is no day of the calendar; write it as 2026-11-28")]
struct NoDay;

fn day(text: &str) -> Result<i64, NoDay> {
    utc::day_start(text).ok_or(NoDay)
}

/// The error of a word that names no kind of job.
#[derive(Debug, thiserror::Error)]
#[error("no kind of job is called so; they are {}", KINDS.join(", "))]
struct NoKind;

fn kind(word: &str) -> Result<String, NoKind> {
    KINDS.contains(&word).then(|| word.to_owned()).ok_or(NoKind)
}

/// A ledger that was found wrong, in words.
struct Unverified(String);

pub(crate) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let config = arguments.common.config_with(arguments.key.private(), Needless::Nothing)?;
    let trusted = trusted_key(&config)?;
    let folder = config.ledger.as_path();
    let look = || match Chronicle::read(folder, &trusted.key) {
        Ok(chronicle) => Ok(Ok(chronicle)),
        Err(cause) if is_verdict(&cause) => Ok(Err(Unverified(excerpt::one_line(&cause.to_string())))),
        Err(cause) => Err(unreadable(folder, cause)),
    };
    let selection = arguments.selection();
    if arguments.watch {
        return watch::watch(folder, &selection, &look, console);
    }
    let chronicle = match look()? {
        Ok(chronicle) => chronicle,
        Err(Unverified(reason)) => {
            console.note(&format!("nmk: verification failed: {reason}"));
            if arguments.common.json {
                console.result(&json::unverified(folder, &reason).to_string())?;
            }
            return Ok(Outcome::Negative);
        }
    };
    let view = View::new(&chronicle, &selection, |job| ledger::is_claimed(folder, job))
        .map_err(|cause| unreadable(folder, cause))?;
    if arguments.common.json {
        console.result(&json::object(folder, &view).to_string())?;
    } else {
        let width = if console.is_terminal() { console.width() } else { usize::MAX };
        for line in text::lines(folder, &view) {
            console.result(&crate::wrap::cut(&line, width))?;
        }
    }
    Ok(Outcome::Done)
}

impl Arguments {
    fn selection(&self) -> Selection {
        Selection { last: self.last, kind: self.kind.clone(), since: self.since }
    }
}
