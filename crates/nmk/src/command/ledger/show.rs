//! `nmk ledger show`: the jobs of a ledger for people, one job with all its steps, or the entries.

use abi::{Digest, Entry, EntryKind, JobId, Value, counted};
use clap::Args;
use ledger::StoredEntry;
use serde_json::{Value as Json, json};

use super::jobs::{End, ToldJob, jobs};
use super::texts::Texts;
use super::{Common, beyond_head, job_among, unreadable};
use crate::cli::Outcome;
use crate::console::Console;
use crate::utc::time;
use crate::wrap::cut;
use crate::{Error, excerpt};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// The job whose steps are shown, or the first digits of its id.
    #[arg(value_name = "JOB")]
    job: Option<String>,
    /// The same as JOB.
    #[arg(long = "job", value_name = "JOB", conflicts_with = "job", hide = true)]
    of: Option<String>,
    /// Only the last N jobs, or the last N entries with --entries, --json or a job.
    #[arg(long, value_name = "N")]
    last: Option<usize>,
    /// One line for each entry.
    #[arg(long)]
    entries: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let folder = arguments.common.folder()?;
    let mut stored: Vec<StoredEntry> =
        ledger::read(&folder).and_then(Iterator::collect).map_err(|cause| unreadable(&folder, cause))?;
    let named = arguments.job.as_ref().or(arguments.of.as_ref());
    let job = named.map(|word| job_among(&folder, &stored, word)).transpose()?;
    let beyond = beyond_head(&folder, console)?;
    let texts = Texts::new(&folder, &stored);
    let total = stored.len();
    if let Some(job) = job {
        stored.retain(|stored| stored.entry.task.job == job);
    }
    let last = |length: usize| arguments.last.map_or(0, |last| length.saturating_sub(last));
    let shown = &stored[last(stored.len())..];
    if arguments.common.json {
        let entries: Vec<Json> = shown.iter().map(entry).collect();
        let object =
            json!({"ledger": folder.display().to_string(), "entries": entries, "bytes_beyond_head": beyond});
        console.result(&object.to_string())?;
    } else if arguments.entries {
        let width = if console.is_terminal() { console.width() } else { usize::MAX };
        for stored in shown {
            console.result(&cut(&line(stored), width))?;
        }
        console.note(&format!(
            "{} of {total}; nmk ledger verify checks them",
            shown.len(),
            total = counted(total, "entry")
        ));
    } else if let Some(job) = job {
        show_job(&texts, job, &stored, shown, console)?;
    } else {
        let jobs = jobs(stored.iter());
        let shown = &jobs[last(jobs.len())..];
        for (id, job) in shown {
            console.result(&block(&texts, *id, job, console.width()))?;
        }
        console.note(&format!(
            "{} of {}; nmk ledger show JOB has every step, nmk ledger verify checks them",
            shown.len(),
            counted(jobs.len(), "job")
        ));
    }
    Ok(Outcome::Done)
}

/// Returns a job in a few lines: id, time, model and level, then prompt, reading and answer, each cut to `width`.
fn block(texts: &Texts, id: JobId, job: &ToldJob, width: usize) -> String {
    let time = job.at.map(|at| format!(" · {}", time(at))).unwrap_or_default();
    if let Some(exam) = &job.exam {
        let outcome = exam.outcome.as_deref().unwrap_or("the exam did not end");
        let mut lines = vec![format!("{id}{time} · exam of {} · {outcome}", exam.entry)];
        lines.extend(exam.record.map(|record| format!("  record: {record}")));
        let cut: Vec<String> = lines.iter().map(|line| cut(&one_line(line), width)).collect();
        return cut.join("\n");
    }
    let models = if job.models.is_empty() { "no model".to_owned() } else { job.models.join(", ") };
    let level = match &job.end {
        Some(End::Committed { level, .. }) => level.as_str(),
        Some(End::Abstained { .. }) => "not proven",
        None => "open",
    };
    let mut lines = vec![format!("{id}{time} · {level} · {models}")];
    match job.prompt(texts) {
        Ok(prompt) => {
            lines.push(format!("  asked: {prompt}"));
            lines.extend(job.reading(&prompt).map(|reading| format!("  read as: {reading}")));
        }
        Err(lack) => lines.push(format!("  asked: {lack}")),
    }
    match &job.end {
        Some(End::Committed { value: blob, .. }) => {
            let answer = match blob {
                Some(blob) => texts.text(*blob).unwrap_or_else(|lack| lack.to_string()),
                None => "(no entry names its blob)".to_owned(),
            };
            lines.push(format!("  answer: {answer}"));
        }
        Some(End::Abstained { reason }) => lines.push(format!("  no answer: {reason}")),
        None => {}
    }
    let cut: Vec<String> = lines.iter().map(|line| cut(&one_line(line), width)).collect();
    cut.join("\n")
}

/// Returns `line` with the blanks that it begins with, and every other run of white space or control characters as one
/// blank.
fn one_line(line: &str) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    format!("{}{}", &line[..indent], excerpt::one_line(line))
}

/// Shows a job in a few lines, then its steps in `shown` with their texts.
fn show_job(
    texts: &Texts,
    id: JobId,
    entries: &[StoredEntry],
    shown: &[StoredEntry],
    console: &mut Console<'_>,
) -> Result<(), Error> {
    for (_, job) in jobs(entries.iter()) {
        console.prose(&block(texts, id, &job, usize::MAX))?;
    }
    for stored in shown {
        console.prose(&step(texts, stored))?;
    }
    console.note(&format!(
        "{} of {} of {id}; nmk ledger blob DIGEST prints the bytes of a blob",
        shown.len(),
        counted(entries.len(), "entry")
    ));
    Ok(())
}

/// Returns an entry as a step of its job: what happened, and the blobs that it names with their texts.
fn step(texts: &Texts, stored: &StoredEntry) -> String {
    let Entry { kind, task, body, .. } = &stored.entry;
    let word = |key: &str| body.get(key).and_then(Value::as_text).map(excerpt::one_line);
    let what = match kind {
        EntryKind::Opened => word("required").map(|level| format!("at least {level}{}", consulted(body))),
        EntryKind::Admitted => {
            word("operation").map(|operation| format!("{} · {operation}", word("name").unwrap_or_default()))
        }
        EntryKind::Judged => Some(verdict(body)),
        EntryKind::Failed => body.get("cause").map(cause_in_words),
        EntryKind::Decided | EntryKind::Abstained => word("reason"),
        EntryKind::Committed => word("level"),
        _ => None,
    };
    let what = what.map(|what| format!(" · {what}")).unwrap_or_default();
    let mut lines = vec![format!("{:>6} {} task {}{what}", stored.index, kind.word(), task.number)];
    for (name, digest) in blobs(*kind, body) {
        lines.push(format!("         {name} {digest}"));
        let text = texts.text(digest).unwrap_or_else(|lack| lack.to_string());
        lines.extend(text.lines().map(|line| format!("           {}", line.trim_end())));
    }
    lines.join("\n")
}

/// Returns what the opening of a job says about the memory, in words. Old entries say nothing.
fn consulted(body: &Value) -> String {
    let Some(consulted) = body.get("consulted") else { return String::new() };
    match (
        consulted.get("abstained").and_then(Value::as_text),
        consulted.get("recalled").and_then(Value::as_int),
    ) {
        (Some(why), _) => format!(" · no memory: {}", excerpt::one_line(why)),
        (None, Some(entries)) => format!(" · memory recalled {entries}"),
        (None, None) => String::new(),
    }
}

/// Returns the outcome of a judgement in words.
fn verdict(body: &Value) -> String {
    let part = |key: &str| body.get("verdict").and_then(|verdict| verdict.get(key));
    let text = |key: &str| part(key).and_then(Value::as_text).map(excerpt::one_line).unwrap_or_default();
    let validator = text("validator");
    match part("satisfied") {
        Some(Value::Bool(true)) => format!("satisfied at {} by {validator}", text("level")),
        _ => format!("refuted by {validator}: {}", text("finding")),
    }
}

fn cause_in_words(cause: &Value) -> String {
    let text = |key: &str| cause.get(key).and_then(Value::as_text).map(excerpt::one_line);
    let name = text("cause").unwrap_or_default();
    text("why").or_else(|| text("message")).map_or(name.clone(), |why| format!("{name}: {why}"))
}

/// Returns the blobs that an entry names, each once, with the word for what it has.
fn blobs(kind: EntryKind, body: &Value) -> Vec<(&'static str, Digest)> {
    let of_record = |key: &str| body.get("record")?.get("blobs")?.get(key)?.as_digest();
    // A task is admitted with an input, and proposes a value.
    let subject = if kind == EntryKind::Admitted { "input" } else { "value" };
    let known = [
        ("contract", body.get("contract_blob").and_then(Value::as_digest)),
        ("prompt", of_record("prompt")),
        ("facts", of_record("facts")),
        ("thoughts", of_record("thoughts")),
        ("reply", of_record("reply")),
        (subject, body.get("subject_blob").and_then(Value::as_digest)),
    ];
    let mut found: Vec<(&'static str, Digest)> =
        known.into_iter().filter_map(|(name, digest)| Some((name, digest?))).collect();
    if let Some(Value::List(all)) = body.get("blobs") {
        for digest in all.iter().filter_map(Value::as_digest) {
            if found.iter().all(|(_, known)| *known != digest) {
                found.push(("blob", digest));
            }
        }
    }
    found
}

/// Returns an entry on one line.
fn line(stored: &StoredEntry) -> String {
    let StoredEntry { index, digest, entry, .. } = stored;
    let body = excerpt::from_text(&crate::json::short(&entry.body).to_string());
    format!("{index:>6} {:<9} {} {} {body}", entry.kind.word(), entry.task, digest.short())
}

fn entry(stored: &StoredEntry) -> Json {
    let entry = &stored.entry;
    json!({
        "index": stored.index,
        "kind": entry.kind.word(),
        "job": entry.task.job.to_string(),
        "task": entry.task.number,
        "inputs": entry.inputs.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "body": factloop::to_json(&entry.body),
        "digest": stored.digest.to_string(),
        "head": stored.head.to_string(),
    })
}
