//! `nmk ledger trace`: jobs and tasks, read back from the entries as a second opinion on the kernel.

use abi::counted;
use clap::Args;
use sched::{Contradiction, History, JobEnd, PastJob};
use serde_json::{Value as Json, json};

use super::{Common, beyond_head, named_job, unreadable};
use crate::cli::Outcome;
use crate::console::Console;
use crate::{Error, excerpt};

/// The largest number of contradictions that are listed. All of them are counted.
const LISTED: usize = 50;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Only this job, or the first digits of its id.
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
}

/// The jobs and tasks that the entries describe, and the contradictions among the entries.
#[derive(Default)]
struct Trace {
    history: History,
    entries: u64,
    /// The first entries that cannot follow those before them, by number, with the rule that each breaks.
    listed: Vec<(u64, Contradiction)>,
    contradictions: usize,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let folder = arguments.common.folder()?;
    let job = arguments.job.as_deref().map(|word| named_job(&folder, word)).transpose()?;
    let mut trace = Trace::default();
    for stored in ledger::read(&folder).map_err(|cause| unreadable(&folder, cause))? {
        let stored = stored.map_err(|cause| unreadable(&folder, cause))?;
        if job.is_some_and(|job| stored.entry.task.job != job) {
            continue;
        }
        trace.entries += 1;
        if let Err(contradiction) = trace.history.take(&stored.entry) {
            trace.contradictions += 1;
            if trace.listed.len() < LISTED {
                trace.listed.push((stored.index, contradiction));
            }
        }
    }
    let beyond = beyond_head(&folder, console)?;
    if arguments.common.json {
        let mut object = trace.object();
        object["bytes_beyond_head"] = json!(beyond);
        console.result(&object.to_string())?;
    } else {
        trace.show(console)?;
    }
    // A trace of nothing shows nothing, so it is no success.
    Ok(if trace.passed() { Outcome::Done } else { Outcome::Negative })
}

impl Trace {
    fn passed(&self) -> bool {
        self.entries > 0 && self.contradictions == 0
    }

    fn show(&self, console: &mut Console<'_>) -> Result<(), Error> {
        for (id, job) in self.history.jobs() {
            console.prose(&format!("{id}: {}", end(job)))?;
            for (number, task) in &job.tasks {
                let (name, operation) = (excerpt::from_text(&task.name), excerpt::from_text(&task.operation));
                let (state, level) = (task.state.word(), task.level());
                console.prose(&format!("  {number} {name} · {operation} · {state} · {level}"))?;
            }
        }
        for (index, contradiction) in &self.listed {
            console.note(&format!("nmk: entry {index} cannot follow those before it: {contradiction}"));
        }
        let (jobs, open) = (self.history.jobs().count(), self.history.unfinished().count());
        let (entries, wrong) = (self.entries, self.contradictions);
        console.note(&format!(
            "{entries} of {jobs}, {open} open, {wrong}",
            entries = counted(entries, "entry"),
            jobs = counted(jobs, "job"),
            wrong = counted(wrong, "contradiction")
        ));
        Ok(())
    }

    fn object(&self) -> Json {
        let jobs = self.history.jobs().map(|(id, job)| {
            let tasks = job.tasks.iter().map(|(number, task)| {
                json!({
                    "task": number, "name": task.name, "operation": task.operation, "state": task.state.word(),
                    "level": task.level().word(),
                })
            });
            let result = match &job.end {
                Some(JobEnd::Committed { result, .. }) => json!(result.to_string()),
                _ => Json::Null,
            };
            let tasks: Vec<Json> = tasks.collect();
            json!({"job": id.to_string(), "end": word(job), "result": result, "tasks": tasks})
        });
        let listed = self.listed.iter().map(|(index, contradiction)| {
            json!({"entry": index, "task": contradiction.task.to_string(), "what": contradiction.what})
        });
        json!({
            "passed": self.passed(),
            "entries": self.entries,
            "jobs": jobs.collect::<Vec<_>>(),
            "contradictions": self.contradictions,
            "first": listed.collect::<Vec<_>>(),
        })
    }
}

fn word(job: &PastJob) -> &'static str {
    match job.end {
        Some(JobEnd::Committed { .. }) => "committed",
        Some(JobEnd::Abstained) => "abstained",
        None => "open",
    }
}

fn end(job: &PastJob) -> String {
    match &job.end {
        Some(JobEnd::Committed { result, level }) => format!("committed {} at {level}", result.short()),
        _ => word(job).to_owned(),
    }
}
