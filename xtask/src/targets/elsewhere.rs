//! The check that a ledger of this machine is replayed by a program of another processor.
//!
//! The whole `nmk` is built for both. What one of them writes, the other must replay with equal digests of
//! the logits throughout. One flipped bit of the weights must be reported at the first token that it touches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::process;
use crate::programs::Programs;
use crate::scratch::Scratch;
use crate::targets::Target;

/// The prompts that are asked. The first is counted and has facts, the second is conversation.
const PROMPTS: [&str; 2] =
    ["How many times does the letter r appear in strawberry? Add 4 to it.", "Good morning!"];
/// The option for the widest instruction set, with which the ledger is written if this machine has it.
const WIDEST: [&str; 2] = ["--isa", "avx512"];
/// The options with which a ledger is written: drafts verified in one pass, two threads, and chunks of many
/// tokens.
const WRITTEN: [&str; 6] = ["--threads", "2", "--chunk", "64", "--speculate", "4"];
/// The options with which the ledger is replayed, once for each list.
const REPLAYED: [&[&str]; 2] = [&["--isa", "portable", "--threads", "1", "--chunk", "1"], &["--isa", "neon"]];

/// The folder with the files of the embedded model.
const MODEL: &str = "crates/embedded/model";
const WEIGHTS: &str = "model.safetensors";
/// The name of the tensor whose bit is flipped: the norm after the last layer, on which every logit of every
/// token depends.
const TENSOR: &str = "model.norm.weight";

/// Builds the program for this machine and for `target`, and lets each replay what the other wrote.
pub(crate) fn run(root: &Path, target: &Target, programs: Programs) -> Result<Outcome, Error> {
    let built = process::target_folder(root)?;
    let nmk = programs.binary(root, "nmk", "nmk")?.display().to_string();
    process::stdout(&mut target.cargo(root, "build", &["--package", "nmk"]))?;
    let scratch = Scratch::new("elsewhere")?;
    let foreign = built.join(target.triple).join("release/nmk").display().to_string();
    let emulator = target.runner.split_whitespace().map(str::to_owned);
    let here = Program { words: vec![nmk], home: scratch.path().join("here") };
    let there = emulator.chain([foreign]).collect();
    let there = Program { words: there, home: scratch.path().join("here") };
    let mut checks = Findings::new();
    let isa = written(&here, &mut checks)?;
    for schedule in REPLAYED {
        replayed(&there, schedule, &isa, &mut checks)?;
    }
    let flipped = flipped_model(root, scratch.path())?;
    noticed(&there, &flipped, &mut checks)?;
    let home = scratch.path().join("there");
    let (here, there) = (Program { home: home.clone(), ..here }, Program { home, ..there });
    asked(&there, &["--isa", "neon"], &mut checks)?;
    replayed(&here, &[], "neon", &mut checks)?;
    checks.print("targets");
    Ok(if checks.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// A program, and the home in which it keeps its ledger.
struct Program {
    words: Vec<String>,
    home: PathBuf,
}

impl Program {
    fn run(&self, words: &[&str]) -> Result<Output, Error> {
        fs::create_dir_all(&self.home).map_err(Error::io(&self.home))?;
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).args(words).env("HOME", &self.home);
        // No settings of whoever runs this.
        for variable in ["XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
            command.env_remove(variable);
        }
        process::output(&mut command)
    }

    /// Runs the program, and returns its exit code and the JSON object that it prints, `null` if it prints
    /// none.
    fn object(&self, words: &[&str]) -> Result<(Option<i32>, Value), Error> {
        let output = self.run(words)?;
        Ok((output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default()))
    }

    /// Returns the entries of the program's ledger that record a generation. A task that passes on what another one
    /// generated has no record, and spent no token.
    fn proposals(&self) -> Result<Vec<Value>, Error> {
        let (_, shown) = self.object(&["ledger", "show", "--json"])?;
        let entries = shown["entries"].as_array().cloned().unwrap_or_default();
        let is_passed_on =
            |entry: &Value| entry["body"]["record"].is_null() && entry["body"]["spent"]["tokens"] == 0;
        let is_generation = |entry: &Value| entry["kind"] == "proposed" && !is_passed_on(entry);
        Ok(entries.into_iter().filter(is_generation).collect())
    }
}

/// Asks all prompts with the widest instruction set, and returns the name of that set.
fn written(here: &Program, checks: &mut Findings<String>) -> Result<String, Error> {
    let probe = here.run(&[&["model", "logits", "embedded", "--tokens", "1"][..], &WIDEST].concat())?;
    if probe.status.code() == Some(2) {
        asked(here, &WRITTEN, checks)?;
        println!("this machine has no AVX-512: the ledger is written with the widest set it has");
        return Ok("the widest set of this machine".to_owned());
    }
    asked(here, &[&WIDEST[..], &WRITTEN].concat(), checks)?;
    Ok("avx512".to_owned())
}

fn asked(program: &Program, schedule: &[&str], checks: &mut Findings<String>) -> Result<(), Error> {
    for prompt in PROMPTS {
        let (code, object) = program.object(&[&["ask", prompt, "--json"][..], schedule].concat())?;
        checks.check(code == Some(0), || format!("{prompt:?} is not answered: {object}"));
    }
    Ok(())
}

/// Replays the whole ledger, and checks that nothing differs. The text `writer` is for the message.
fn replayed(
    program: &Program,
    schedule: &[&str],
    writer: &str,
    checks: &mut Findings<String>,
) -> Result<(), Error> {
    let (code, object) = program.object(&[&["ledger", "replay", "--json"][..], schedule].concat())?;
    let how = || format!("written with {writer}, replayed with {schedule:?}: {object}");
    checks.check(code == Some(0) && object["difference"].is_null(), how);
    let proposals = program.proposals()?;
    let tokens = |proposal: &Value| proposal["body"]["record"]["logits"].as_array().map_or(0, Vec::len);
    let digests: usize = proposals.iter().map(tokens).sum();
    let all = proposals.len() >= PROMPTS.len() && proposals.iter().all(|proposal| tokens(proposal) > 0);
    checks.check(all && object["generations"] == proposals.len(), how);
    checks.check(object["unproven"].as_array().is_some_and(Vec::is_empty), how);
    println!(
        "{} generations written with {writer}, {digests} digests of logits, replayed with {}",
        proposals.len(),
        if schedule.is_empty() { "the widest set of this machine".to_owned() } else { schedule.join(" ") },
    );
    Ok(())
}

/// Returns a folder with a copy of the embedded model in which one bit of one weight is flipped.
fn flipped_model(root: &Path, scratch: &Path) -> Result<String, Error> {
    let (from, to) = (root.join(MODEL), scratch.join("flipped"));
    fs::create_dir_all(&to).map_err(Error::io(&to))?;
    for name in ["config.json", "tokenizer.json", WEIGHTS] {
        let path = from.join(name);
        let mut bytes = fs::read(&path).map_err(Error::io(&path))?;
        if name == WEIGHTS {
            flip(&mut bytes)?;
        }
        let path = to.join(name);
        fs::write(&path, bytes).map_err(Error::io(&path))?;
    }
    Ok(to.display().to_string())
}

fn flip(weights: &mut [u8]) -> Result<(), Error> {
    let shape = || Error::Shape { command: "safetensors", field: TENSOR };
    let length = weights.first_chunk().and_then(|length| usize::try_from(u64::from_le_bytes(*length)).ok());
    let start = 8 + length.ok_or_else(shape)?;
    let header: Value =
        weights.get(8..start).and_then(|header| serde_json::from_slice(header).ok()).ok_or_else(shape)?;
    let offset = header[TENSOR]["data_offsets"][0].as_u64().ok_or_else(shape)?;
    *weights.get_mut(start + offset as usize).ok_or_else(shape)? ^= 1;
    Ok(())
}

/// Replays with other weights, and checks that the first difference is at the first token of the first
/// proposal.
fn noticed(program: &Program, model: &str, checks: &mut Findings<String>) -> Result<(), Error> {
    let (code, object) = program.object(&["ledger", "replay", "--json", "--model", model])?;
    let first = program.proposals()?.into_iter().next().unwrap_or_default();
    let logits = first["body"]["record"]["logits"][0].as_str().unwrap_or("none");
    let difference = &object["difference"];
    let how = || format!("one flipped bit of the weights: {object}");
    let text = |key: &str| difference[key].as_str().unwrap_or_default();
    checks.check(code == Some(1) && difference["entry"] == first["index"], how);
    checks.check(text("what").contains("logits") && text("recorded").contains(logits), how);
    println!("one flipped bit of the weights is reported: {}, {}", text("what"), difference["entry"]);
    Ok(())
}
