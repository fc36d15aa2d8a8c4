//! `nmk bench sched`: the speed of the trusted core on this machine.

use det::TrustRoot;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::bench::Figure;
use crate::bench::sched::{CYCLE, Measured, measure};
use crate::cli::Outcome;
use crate::console::Console;
use crate::engine::refused;
use crate::{Error, surroundings};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder for the ledgers of the durable runs. By default a fresh folder among the system's temporary
    /// files.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let fresh = surroundings::scratch(&surroundings::draw_job()?.to_string());
    let folder = arguments.folder.unwrap_or_else(|| fresh.clone());
    let measured = measure(&folder, &mut |what| console.progress(&format!("{what}…")), root);
    console.clear();
    // What was made for the measurement is of no use to anyone; a folder of the caller's is left alone.
    drop(std::fs::remove_dir_all(&fresh));
    let measured = measured.map_err(|cause| refused(&folder, cause))?;
    if arguments.json {
        console.result(&object(&measured).to_string())?;
    } else {
        for line in lines(&measured) {
            console.result(&line)?;
        }
    }
    Ok(Outcome::Done)
}

fn lines(measured: &Measured) -> Vec<String> {
    let one = |what: &str, figure: &Figure, unit: &str| {
        let Figure { median, least, most } = figure;
        format!("{what}: {median:.0} {unit} ({least:.0} to {most:.0})")
    };
    let mut lines = vec![
        one("one admission, median", &measured.admission_median_ns, "ns"),
        one("one admission, 99th percentile", &measured.admission_p99_ns, "ns"),
        one("admissions", &measured.admissions, "a second"),
        one("governed actions in memory", &measured.in_memory, "a second"),
        one("governed actions, durable", &measured.durable, "a second"),
        one("entries verified", &measured.verified, "a second"),
        one("entries replayed", &measured.replayed, "a second"),
    ];
    lines.extend(
        measured.growth.iter().map(|(tasks, figure)| one(&format!("a task of {tasks}"), figure, "ns")),
    );
    lines.push(one(
        &format!("a circle of {CYCLE} tasks, from its text to its refusal"),
        &measured.cycle_ms,
        "ms",
    ));
    lines
}

fn object(measured: &Measured) -> Json {
    let one = |figure: &Figure| json!({"median": figure.median, "least": figure.least, "most": figure.most});
    let growth: Vec<Json> = measured
        .growth
        .iter()
        .map(|(tasks, figure)| json!({"tasks": tasks, "ns_per_task": one(figure)}))
        .collect();
    json!({
        "admission_median_ns": one(&measured.admission_median_ns),
        "admission_p99_ns": one(&measured.admission_p99_ns),
        "admissions_per_second": one(&measured.admissions),
        "actions_in_memory_per_second": one(&measured.in_memory),
        "actions_durable_per_second": one(&measured.durable),
        "entries_verified_per_second": one(&measured.verified),
        "entries_replayed_per_second": one(&measured.replayed),
        "growth": growth,
        "cycle": {"tasks": CYCLE, "refused_in_ms": one(&measured.cycle_ms)},
    })
}
