//! The process that restores a session that another one wrote.
//!
//! It is told everything by files of one folder: the model, the sequence, the snapshot of the first half, and what
//! must come out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use backend_cpu::SupportedIsa;
use neural::{NoTraps, Session, Snapshot, State};
use serde_json::{Value, json};

use crate::batteries::Options;
use crate::bench::{Bench, Sequence, Tally, clean, load};
use crate::matrix::{Ways, cell::sizes};
use crate::models::{NoModel, Parts};

fn wrong(what: &Path, error: impl std::fmt::Display) -> NoModel {
    NoModel(format!("{}: {error}", what.display()))
}

/// Writes what the process must know, runs it over the cells, and returns what it found.
pub(super) fn send(bench: &Bench, numbers: &[usize], options: &Options) -> Result<Tally, NoModel> {
    let folder = Folder::fresh()?;
    let path = folder.0.as_path();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(path.join(name), bytes).map_err(|error| wrong(&path.join(name), error))
    };
    write("config.json", &bench.parts.config)?;
    for (number, shard) in bench.parts.shards.iter().enumerate() {
        write(&format!("{number}.safetensors"), shard)?;
    }
    let mut session = Session::open(&bench.model);
    let half = bench.sequence.len() / 2;
    bench.sequence.feed(&mut session, half, 9, &mut NoTraps)?;
    session.snapshot().write(&path.join("half.snapshot")).map_err(|error| NoModel(error.to_string()))?;
    bench.held.write(&path.join("whole.snapshot")).map_err(|error| NoModel(error.to_string()))?;
    let bits: Vec<u8> = bench.reference.iter().flat_map(|word| word.to_le_bytes()).collect();
    write("logits", &bits)?;
    let rows: Vec<Value> = bench
        .sequence
        .rows
        .iter()
        .map(|(position, row)| json!([position, row.iter().map(|value| value.to_bits()).collect::<Vec<_>>()]))
        .collect();
    let told = json!({
        "name": bench.parts.name, "state": bench.state().to_string(), "shards": bench.parts.shards.len(),
        "ids": bench.sequence.ids, "rows": rows, "cells": numbers,
    });
    write("told.json", told.to_string().as_bytes())?;
    let program =
        options.worker.as_ref().ok_or_else(|| NoModel("there is no program to restore in".to_owned()))?;
    let output = Command::new(program).arg("--worker").arg(path).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| wrong(program, error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [cases, residual_bits] if output.status.success() => {
            Ok(Tally { cases: *cases, possible: *cases, residual_bits: *residual_bits })
        }
        _ => Err(NoModel(format!("the process that restores ended with {}", output.status))),
    }
}

/// What the process does: the cells that it is told, each from the snapshot, and a line with their number and the
/// bits that differ.
///
/// # Errors
/// A file is not as it was written, or a pass fails.
pub fn work(folder: &Path) -> Result<(), NoModel> {
    let read =
        |name: &str| std::fs::read(folder.join(name)).map_err(|error| wrong(&folder.join(name), error));
    let told: Value = serde_json::from_slice(&read("told.json")?).map_err(|error| wrong(folder, error))?;
    let numbers = |value: &Value| -> Vec<u64> {
        value.as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
    };
    let shards =
        (0..told["shards"].as_u64().unwrap_or(0)).map(|number| read(&format!("{number}.safetensors")));
    let parts = Parts {
        name: told["name"].as_str().unwrap_or_default().to_owned(),
        config: read("config.json")?,
        shards: shards.collect::<Result<_, _>>()?,
    };
    let state: State =
        told["state"].as_str().unwrap_or_default().parse().map_err(|error| wrong(folder, error))?;
    let row = |row: &Value| {
        let bits = numbers(&row[1]);
        let values = bits.iter().map(|bits| f32::from_bits(*bits as u32)).collect();
        Some((row[0].as_u64()? as usize, values))
    };
    let sequence = Sequence {
        ids: numbers(&told["ids"]).iter().map(|id| *id as u32).collect(),
        rows: told["rows"].as_array().into_iter().flatten().filter_map(row).collect(),
    };
    let snapshot =
        |name: &str| Snapshot::read(&folder.join(name)).map_err(|error| NoModel(error.to_string()));
    let reference: Vec<u32> =
        read("logits")?.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let model = load(&parts, state, clean()?)?;
    let bench = Bench { parts, model, sequence, reference, held: snapshot("whole.snapshot")? };
    let sizes = sizes(SupportedIsa::all().len());
    let ways = Ways::new(&bench, Some(&snapshot("half.snapshot")?))?;
    let mut tally = Tally::default();
    for number in numbers(&told["cells"]) {
        ways.run(number as usize, &sizes, &mut tally)?;
    }
    let mut out = std::io::stdout();
    writeln!(out, "{} {}", tally.cases, tally.residual_bits).map_err(|error| wrong(folder, error))
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn fresh() -> Result<Self, NoModel> {
        let name = format!("nmk-battery-{}-{:016x}", std::process::id(), fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).map_err(|error| wrong(&path, error))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the folder of temporary files harms nobody.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
