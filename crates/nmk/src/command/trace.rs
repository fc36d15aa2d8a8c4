//! `nmk trace`: the check of the invariants of jobs.

use std::path::Path;

use abi::counted;
use clap::{Args, Subcommand};
use ledger::VerifyError;
use serde_json::{Value as Json, json};

use super::ledger::{Common, KeyFlag, is_verdict, named_job, trusted_key, unreadable};
use crate::cli::Outcome;
use crate::config::Needless;
use crate::console::Console;
use crate::jobs::check::{Checked, Checker, Invariant, Violation};
use crate::{Error, excerpt};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check that the entries of jobs keep the invariants, each violation with its place.
    #[command(after_help = "\
The invariants are: bracketed (a job begins with its opening and has one end), planned (a request is classified first,
and only admitted tasks run), judged (a committed value was judged at the job's level), proven (a task passed with a
verdict on its proposal), effective_repair (a repair proposes something else than what was refuted), calibrated (no
confidence of 0.7 where the verdict is worth 0.5), one_run (a job has the entries of one run), follows (decisions follow
from their entries), and continuation (nmk ledger trace). docs/jobs.md explains them. Exit code 1 if one is broken, or
if the ledger does not verify; the blobs are not read.

Examples:
  nmk trace check
  nmk trace check job-4f1c… --except effective_repair")]
    Check(Arguments),
}

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    key: KeyFlag,
    /// Only this job, or the first digits of its id.
    #[arg(value_name = "JOB")]
    job: Option<String>,
    /// An invariant that is not checked; may be repeated.
    #[arg(long, value_name = "INVARIANT", value_parser = invariant)]
    except: Vec<Invariant>,
}

/// The error of a word that names no invariant.
#[derive(Debug, thiserror::Error)]
#[error("no invariant is called so; they are {}", Invariant::ALL.map(Invariant::word).join(", "))]
struct NoInvariant;

fn invariant(word: &str) -> Result<Invariant, NoInvariant> {
    Invariant::ALL.into_iter().find(|invariant| invariant.word() == word).ok_or(NoInvariant)
}

pub(crate) fn run(command: Command, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let Command::Check(arguments) = command;
    let config = arguments.common.config_with(arguments.key.private(), Needless::Nothing)?;
    let trusted = trusted_key(&config)?;
    let folder = config.ledger.as_path();
    let mut job = None;
    if let Some(word) = &arguments.job {
        // Which job is meant is asked of entries that were verified.
        if let Err(cause) = ledger::read_signed(folder, &trusted.key, |_| {}) {
            return unverified(cause, folder, &arguments, console);
        }
        job = Some(named_job(folder, word)?);
    }
    let mut checker = Checker::new(job);
    if let Err(cause) = ledger::read_signed(folder, &trusted.key, |stored| checker.take(stored)) {
        return unverified(cause, folder, &arguments, console);
    }
    let checked = checker.end(|job| ledger::is_claimed(folder, job));
    let mut checked = checked.map_err(|cause| unreadable(folder, cause))?;
    checked.violations.retain(|violation| !arguments.except.contains(&violation.invariant));
    let has_invariant = Invariant::ALL.iter().any(|invariant| !arguments.except.contains(invariant));
    let passed = checked.entries > 0 && has_invariant && checked.violations.is_empty();
    if arguments.common.json {
        console.result(&object(&checked, &arguments.except, passed).to_string())?;
    } else {
        show(&checked, &arguments.except, console)?;
    }
    // A check of nothing shows nothing, so it is no success.
    Ok(if passed { Outcome::Done } else { Outcome::Negative })
}

/// Says that the ledger does not verify. A ledger that could not be read is an error.
fn unverified(
    cause: VerifyError,
    folder: &Path,
    arguments: &Arguments,
    console: &mut Console<'_>,
) -> Result<Outcome, Error> {
    if !is_verdict(&cause) {
        return Err(unreadable(folder, cause));
    }
    let line = excerpt::one_line(&cause.to_string());
    console.note(&format!("nmk: verification failed: {line}"));
    if arguments.common.json {
        let object = json!({"verified": false, "passed": false, "reason": line});
        console.result(&object.to_string())?;
    }
    Ok(Outcome::Negative)
}

fn show(checked: &Checked, except: &[Invariant], console: &mut Console<'_>) -> Result<(), Error> {
    let Checked { violations, entries, jobs, running } = checked;
    for violation in violations {
        console.result(&line(violation))?;
    }
    let checked = Invariant::ALL.len() - Invariant::ALL.iter().filter(|one| except.contains(one)).count();
    let at_work = if *running > 0 { format!(", {running} at work") } else { String::new() };
    console.note(&format!(
        "{} of {}{at_work}: {}, {}",
        counted(*entries, "entry"),
        counted(*jobs, "job"),
        counted(checked, "invariant"),
        counted(violations.len(), "violation")
    ));
    Ok(())
}

/// Returns a violation on one line.
fn line(violation: &Violation) -> String {
    let Violation { invariant, job, task, entry, what } = violation;
    let task = task.map(|task| format!(" · task {task}")).unwrap_or_default();
    format!("{} · {job}{task} · entry {entry} · {what}", invariant.word())
}

fn object(checked: &Checked, except: &[Invariant], passed: bool) -> Json {
    let violations = checked.violations.iter().map(|violation| {
        json!({
            "invariant": violation.invariant.word(), "job": violation.job.to_string(), "task": violation.task,
            "entry": violation.entry, "what": violation.what,
        })
    });
    let invariants: Vec<&str> =
        Invariant::ALL.into_iter().filter(|one| !except.contains(one)).map(Invariant::word).collect();
    json!({
        "verified": true, "passed": passed, "entries": checked.entries, "jobs": checked.jobs,
        "running": checked.running, "invariants": invariants, "violations": violations.collect::<Vec<_>>(),
    })
}
