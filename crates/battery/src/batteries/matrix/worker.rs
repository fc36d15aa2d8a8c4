//! The process that restores sessions which another process wrote.
//!
//! The process reads everything from one folder: the model, the inputs, the snapshot of the first half, and
//! the logits and the session that it must arrive at.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use backend_cpu::{CpuBackend, SupportedIsa};
use neural::{NoTraps, Session, Snapshot, StateDtype};
use serde_json::{Value, json};
use synthetic::Scratch;

use super::cell::sizes;
use super::{Ways, cpu_backends};
use crate::checkpoints::NamedCheckpoint;
use crate::error::BatteryError;
use crate::inputs::Inputs;
use crate::runner::Options;
use crate::subject::Subject;
use crate::tally::Tally;

const CONFIG: &str = "config.json";
const HALF: &str = "half.snapshot";
const WHOLE: &str = "whole.snapshot";
const LOGITS: &str = "logits";
/// The file with the names, the numbers of the cells and the inputs.
const TASK: &str = "task.json";

fn shard(number: usize) -> String {
    format!("{number}.safetensors")
}

/// Writes a subject into a folder, starts the process on the cells with these numbers, and returns its tally.
pub(super) fn send(subject: &Subject, numbers: &[usize], options: &Options) -> Result<Tally, BatteryError> {
    let parent = std::env::temp_dir();
    let folder = Scratch::new(&parent, "nmk-battery").map_err(BatteryError::file(&parent))?;
    write(&folder, subject, numbers)?;
    let program = options.worker.as_ref().ok_or(BatteryError::NoWorker)?;
    let output = Command::new(program).arg("--worker").arg(folder.path()).stderr(Stdio::inherit()).output();
    let output = output.map_err(BatteryError::file(program))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let found: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match found.as_slice() {
        [cases, residual_bits] if output.status.success() => {
            Ok(Tally { cases: *cases, possible: *cases, residual_bits: *residual_bits })
        }
        _ => Err(BatteryError::Worker(output.status)),
    }
}

fn write(folder: &Scratch, subject: &Subject, numbers: &[usize]) -> Result<(), BatteryError> {
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).map_err(BatteryError::file(folder.join(name)))
    };
    let Subject { checkpoint, model, inputs, logits, snapshot } = subject;
    write(CONFIG, &checkpoint.files.config)?;
    for (number, bytes) in checkpoint.files.shards.iter().enumerate() {
        write(&shard(number), bytes)?;
    }
    let mut session = Session::open(model);
    inputs.feed(&mut session, inputs.len() / 2, 9, &mut NoTraps)?;
    session.snapshot().write(&folder.join(HALF))?;
    snapshot.write(&folder.join(WHOLE))?;
    let logits: Vec<u8> = logits.iter().flat_map(|word| word.to_le_bytes()).collect();
    write(LOGITS, &logits)?;
    let row = |(position, row): (&usize, &Vec<f32>)| json!([position, synthetic::bits(row)]);
    let task = json!({
        "name": checkpoint.name, "state": subject.state().to_string(), "shards": checkpoint.files.shards.len(),
        "ids": inputs.ids, "rows": inputs.rows.iter().map(row).collect::<Vec<Value>>(), "cells": numbers,
    });
    write(TASK, task.to_string().as_bytes())
}

/// Does the work of the process that restores sessions: reads the subject and the cells from `folder`,
/// computes each cell from the snapshot of the first half, and prints one line with the number of cells and
/// the number of bits that differ.
///
/// # Errors
/// [`BatteryError`] if a file is not as the other process wrote it, or a pass fails.
pub fn work(folder: &Path) -> Result<(), BatteryError> {
    let (subject, cells) = read(folder)?;
    let sizes = sizes(SupportedIsa::all().len());
    let half = Snapshot::read(&folder.join(HALF))?;
    let ways = Ways::new(&subject, Some(&half), cpu_backends()?)?;
    let mut tally = Tally::default();
    for number in cells {
        ways.run(number as usize, &sizes, &mut tally)?;
    }
    let line = writeln!(std::io::stdout(), "{} {}", tally.cases, tally.residual_bits);
    line.map_err(BatteryError::file(folder))
}

fn read(folder: &Path) -> Result<(Subject, Vec<u64>), BatteryError> {
    let read = |name: &str| std::fs::read(folder.join(name)).map_err(BatteryError::file(folder.join(name)));
    let wrong = |part| BatteryError::Handed { path: folder.join(TASK), part };
    let task: Value = serde_json::from_slice(&read(TASK)?).map_err(|_| wrong("the whole file"))?;
    let text = |key: &'static str| task[key].as_str().ok_or_else(|| wrong(key));
    let numbers = |key: &'static str| numbers(&task[key]).ok_or_else(|| wrong(key));
    let shards = task["shards"].as_u64().ok_or_else(|| wrong("shards"))? as usize;
    let files = synthetic::Checkpoint {
        config: read(CONFIG)?,
        shards: (0..shards).map(|number| read(&shard(number))).collect::<Result<_, _>>()?,
    };
    let checkpoint = NamedCheckpoint { name: text("name")?.to_owned(), files };
    let state: StateDtype = text("state")?.parse().map_err(|_| wrong("state"))?;
    let rows = task["rows"].as_array().and_then(|rows| rows.iter().map(row).collect());
    let inputs = Inputs {
        ids: numbers("ids")?.iter().map(|id| *id as u32).collect(),
        rows: rows.ok_or_else(|| wrong("rows"))?,
    };
    let logits = read(LOGITS)?.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let model = checkpoint.load(state, CpuBackend::best()?)?;
    let snapshot = Snapshot::read(&folder.join(WHOLE))?;
    Ok((Subject { checkpoint, model, inputs, logits, snapshot }, numbers("cells")?))
}

fn numbers(value: &Value) -> Option<Vec<u64>> {
    value.as_array()?.iter().map(Value::as_u64).collect()
}

fn row(row: &Value) -> Option<(usize, Vec<f32>)> {
    let bits = numbers(row.get(1)?)?;
    Some((row.get(0)?.as_u64()? as usize, bits.iter().map(|bits| f32::from_bits(*bits as u32)).collect()))
}
