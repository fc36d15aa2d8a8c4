//! The way from a finished run to the files that are committed.

use crate::TrainError;
use crate::calibrate::{self, Calibration};
use crate::checkpoint::{read, write_atomically};
use crate::coder::report::text as coder_text;
use crate::coder::{gaps, solve};
use crate::config::Config;
use crate::corpus::{self, Item, Task};
use crate::curve::Curve;
use crate::entry;
use crate::injector;
use crate::report;
use crate::shipped::Shipped;
use det::TrustRoot;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The number of steps that one point of the committed curve stands for.
const PERIOD: usize = 25;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn model_folder() -> PathBuf {
    repository().join("crates/embedded/model")
}

fn fixtures() -> PathBuf {
    repository().join("fixtures/embedded")
}

/// Copies the model of a finished run to the folder from which it is shipped, calibrates it, and keeps its
/// curve and the conditions of the run.
///
/// # Errors
/// [`TrainError`] if a file cannot be read or written.
pub fn ship(run: &Path, conditions: &str, threads: usize) -> Result<(), TrainError> {
    let model = model_folder();
    copy_model(run, &model)?;
    let calibration = calibrate::calibrate(&Shipped::open(&model)?, threads)?;
    write_json(&model.join("calibration.json"), &calibration)?;
    keep_curve(run, &fixtures(), conditions)
}

fn copy_model(run: &Path, model: &Path) -> Result<(), TrainError> {
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        write_atomically(&model.join(name), &read(&run.join(name))?)?;
    }
    Ok(())
}

fn keep_curve(run: &Path, fixtures: &Path, conditions: &str) -> Result<(), TrainError> {
    let curve = Curve::read(&run.join("loss.csv"))?.thinned(PERIOD);
    write_atomically(&fixtures.join("loss.csv"), curve.to_csv().as_bytes())?;
    write_atomically(&fixtures.join("conditions.txt"), format!("{}\n", conditions.trim()).as_bytes())
}

/// Evaluates the shipped model, and writes its report with the picture and the fixtures.
///
/// # Errors
/// [`TrainError`] if a file cannot be read or written, or the model refuses an item.
pub fn report(threads: usize) -> Result<(), TrainError> {
    let (model, fixtures) = (model_folder(), fixtures());
    let curve = Curve::read(&fixtures.join("loss.csv"))?;
    let conditions = String::from_utf8_lossy(&read(&fixtures.join("conditions.txt"))?).into_owned();
    let calibration: Calibration = serde_json::from_slice(&read(&model.join("calibration.json"))?)?;
    let evidence = report::Evidence::gather(&model, threads)?;
    let text = report::text(&evidence, &curve, &conditions, &calibration);
    write_atomically(&fixtures.join("REPORT.md"), text.as_bytes())?;
    write_atomically(&fixtures.join("loss.svg"), curve.to_svg().as_bytes())?;
    write_json(&fixtures.join("count_then_add_50.json"), &questions())?;
    write_json(&fixtures.join("plain_20.json"), &conversation())
}

fn coder_folder() -> PathBuf {
    model_folder().join("coder")
}

fn coder_fixtures() -> PathBuf {
    repository().join("fixtures/coder")
}

/// Copies the coder of a run to the folder from which it is shipped, and keeps its curve and the conditions of the run.
///
/// # Errors
/// [`TrainError`] if a file cannot be read or written.
pub fn coder(run: &Path, conditions: &str) -> Result<(), TrainError> {
    for folder in [coder_folder(), coder_fixtures()] {
        std::fs::create_dir_all(&folder).map_err(TrainError::file(&folder))?;
    }
    copy_model(run, &coder_folder())?;
    keep_curve(run, &coder_fixtures(), conditions)
}

/// Measures the shipped coder, and writes its report with the picture.
///
/// # Errors
/// [`TrainError`] if a file cannot be read or written, or nothing can be measured.
pub fn coder_report(
    items: usize,
    threads: usize,
    root: &(impl TrustRoot + Sync),
    tell: &dyn Fn(&solve::Row),
) -> Result<(), TrainError> {
    let (model, fixtures) = (coder_folder(), coder_fixtures());
    write_json(&fixtures.join("nmk-numerics-2-answers.json"), &gaps::frozen(&Shipped::open(&model)?)?)?;
    let rows = solve::table(&model, items, threads, root, tell)?;
    let config: Config = serde_json::from_slice(&read(&model.join("config.json"))?)?;
    let curve = Curve::read(&fixtures.join("loss.csv"))?;
    let conditions = String::from_utf8_lossy(&read(&fixtures.join("conditions.txt"))?).into_owned();
    let text = coder_text(&rows, &config, &curve, &conditions);
    write_atomically(&fixtures.join("REPORT.md"), text.as_bytes())?;
    write_atomically(&fixtures.join("loss.svg"), curve.to_svg().as_bytes())
}

/// Makes the entry head of the shipped model, and returns its report. Head and report are written to the
/// folder `out`, or to the places from which they are shipped if it is `None`.
pub fn entry(out: Option<&Path>, plan: &entry::Plan, threads: usize) -> Result<String, TrainError> {
    let fitted = entry::make(&Shipped::open(&model_folder())?, plan, threads)?;
    let text = entry::text(&fitted);
    let head = out.map_or_else(model_folder, Path::to_owned).join("entry.safetensors");
    let report = out.map_or_else(fixtures, Path::to_owned).join("ENTRY.md");
    write_atomically(&head, &fitted.head.to_safetensors())?;
    write_atomically(&report, text.as_bytes())?;
    Ok(text)
}

/// Makes the injectors of the shipped model, and returns their report. The files are written to the
/// folder `out`, or to the places from which they are shipped if it is `None`. `tell` gets each candidate.
pub fn injector(
    out: Option<&Path>,
    plan: &injector::Plan,
    threads: usize,
    tell: &(dyn Fn(&injector::Candidate) + Sync),
) -> Result<String, TrainError> {
    let folder = model_folder();
    let (config, weights) = (read(&folder.join("config.json"))?, read(&folder.join("model.safetensors"))?);
    let trained = injector::make(&Shipped::open(&folder)?, (&config, &weights), plan, threads, tell)?;
    let text = injector::text(&trained);
    let model = out.map_or_else(model_folder, Path::to_owned);
    for (name, chosen) in [
        ("injector.safetensors", &trained.bare),
        ("injector-sums.safetensors", &trained.sums),
        ("injector-placebo.safetensors", &trained.placebo),
    ] {
        write_atomically(&model.join(name), &chosen.candidate.injector.to_safetensors())?;
    }
    let report = out.map_or_else(fixtures, Path::to_owned).join("INJECT.md");
    write_atomically(&report, text.as_bytes())?;
    Ok(text)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), TrainError> {
    write_atomically(path, format!("{}\n", serde_json::to_string_pretty(value)?).as_bytes())
}

/// A held-out question of the task count-then-add with its parts, for the end-to-end test.
#[derive(Debug, Serialize)]
pub struct Question {
    prompt: String,
    word: String,
    letter: char,
    addend: i64,
    expected: i64,
}

/// The index of the first held-out item that no table of the report uses.
const FRESH: usize = 30_000;

/// Returns held-out items of a task whose prompts all differ.
fn distinct(task: Task, count: usize) -> Vec<Item> {
    let mut chosen: Vec<Item> = Vec::new();
    for item in corpus::held_out_from(task, FRESH, count * 20, false) {
        if chosen.len() < count && chosen.iter().all(|other| other.prompt != item.prompt) {
            chosen.push(item);
        }
    }
    chosen
}

/// Returns fifty held-out questions of the task count-then-add, all of them different.
#[must_use]
pub fn questions() -> Vec<Question> {
    let question = |item: Item| {
        let (count, addend) = item.pair?;
        let word = item.words.into_iter().next()?;
        Some(Question { prompt: item.prompt, word, letter: item.letter?, addend, expected: count + addend })
    };
    distinct(Task::CountThenAdd, 50).into_iter().filter_map(question).collect()
}

/// A held-out prompt of plain conversation with the expected answer, for the end-to-end test.
#[derive(Debug, Serialize)]
pub struct Remark {
    prompt: String,
    expected: String,
}

/// Returns twenty held-out prompts of plain conversation, all of them different.
#[must_use]
pub fn conversation() -> Vec<Remark> {
    let remark = |item: Item| Remark { prompt: item.prompt, expected: item.answer };
    distinct(Task::Chat, 20).into_iter().map(remark).collect()
}
