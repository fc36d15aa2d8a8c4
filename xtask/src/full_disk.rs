//! `cargo xtask full-disk`: the shipped command with its ledger on a real volume that runs full.
//!
//! The volume is a file system in memory that only this process sees, because it is in a namespace of its
//! own.

mod memory;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lexopt::prelude::*;
use serde_json::Value as Json;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::process;
use crate::programs::Programs;
use crate::scratch::Scratch;

pub(crate) const ABOUT: &str =
    "fill a small volume with a ledger, and one with a memory; nothing acknowledged may be lost";

/// The size of a volume with room for the key, the head and some dozens of entries, as a mount option.
const SMALL: &str = "size=160k";
const LARGE: &str = "size=8m";

/// The most runs of the command, after which the volume must have been full.
const RUNS: usize = 400;

pub(crate) fn run(mut parser: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let mut inside = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("inside") => inside = Some((PathBuf::from(parser.value()?), PathBuf::from(parser.value()?))),
            other => return Err(other.unexpected().into()),
        }
    }
    match inside {
        Some((scratch, nmk)) => fill(&scratch, &nmk),
        None => outside(programs),
    }
}

/// Builds the command, and runs this verb again in a namespace in which it may mount the volume.
fn outside(programs: Programs) -> Result<Outcome, Error> {
    let root = process::workspace_root();
    let nmk = programs.binary(&root, "nmk", "nmk")?;
    let scratch = Scratch::new("full-disk")?;
    let unshare = |words: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount"]).args(words);
        command
    };
    let volume = scratch.path().join("probe");
    std::fs::create_dir_all(&volume).map_err(Error::io(&volume))?;
    let probe =
        unshare(&["mount", "-t", "tmpfs", "-o", SMALL, "tmpfs", &volume.display().to_string()]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("UNPROVEN: this machine lets no small volume be mounted (unshare, mount)");
        return Ok(Outcome::Unproven);
    }
    let program = std::env::current_exe().map_err(Error::io(Path::new("xtask")))?.display().to_string();
    let (folder, nmk) = (scratch.path().display().to_string(), nmk.display().to_string());
    let output = process::output(&mut unshare(&[&program, "full-disk", "--inside", &folder, &nmk]))?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    Ok(if output.status.success() { Outcome::Done } else { Outcome::Refused })
}

/// The places of a run: a home in the scratch folder, and a ledger on the volume.
struct Place<'a> {
    scratch: &'a Path,
    nmk: &'a Path,
    volume: PathBuf,
}

impl Place<'_> {
    fn nmk(&self, words: &[&str]) -> Result<Output, Error> {
        let mut command = Command::new(self.nmk);
        let (home, ledger) = (self.scratch.join("home"), self.volume.join("ledger"));
        command.args(words).arg("--ledger").arg(ledger).env_clear().env("HOME", home);
        process::output(&mut command)
    }

    fn mount(&self, options: &str) -> Result<(), Error> {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&self.volume);
        process::stdout(&mut command).map(drop)
    }

    /// Returns true if the ledger verifies, and if its history contains the head.
    fn holds(&self, head: &str) -> Result<bool, Error> {
        Ok(self.nmk(&["ledger", "verify", "--head", head])?.status.success())
    }
}

fn fill(scratch: &Path, nmk: &Path) -> Result<Outcome, Error> {
    let place = Place { scratch, nmk, volume: scratch.join("volume") };
    std::fs::create_dir_all(&place.volume).map_err(Error::io(&place.volume))?;
    place.mount(SMALL)?;
    let graph = process::workspace_root().join("docs/sum.toml").display().to_string();
    let run = || place.nmk(&["run", &graph, "--json"]);
    let mut heads: Vec<String> = Vec::new();
    let mut refused = None;
    for _ in 0..RUNS {
        let output = run()?;
        if output.status.success() {
            heads.push(head_of(&output)?);
        } else {
            refused = Some(output);
            break;
        }
    }
    let mut checks = Findings::new();
    checks.check(heads.len() > 2, || "not so: commits were acknowledged before the volume was full");
    let last = heads.last().cloned().unwrap_or_default();
    let Some(refused) = refused else {
        checks.check(false, || "not so: the volume was filled");
        return Ok(end(&checks));
    };
    let said = String::from_utf8_lossy(&refused.stderr);
    println!("after {} commits: {}", heads.len(), said.trim());
    checks.check(refused.status.code() == Some(2), || "not so: the refusal is an error");
    let shown: Json = serde_json::from_slice(&refused.stdout).unwrap_or_default();
    let keys = ["error", "code"];
    let only_error = shown
        .as_object()
        .is_some_and(|object| object.len() == keys.len() && keys.iter().all(|key| object.contains_key(*key)));
    checks.check(only_error, || "not so: nothing is shown that was not committed");
    checks.check(said.trim().lines().count() == 1, || "not so: it is one line");
    checks.check(
        said.contains("ledger") && said.contains("room"),
        || "not so: it names the place and the want of room",
    );
    checks.check(place.holds(&last)?, || "not so: every acknowledged commit is there");
    let again = run()?;
    checks.check(again.status.code() == Some(2), || "not so: it is refused again, the same way");
    checks.check(place.holds(&last)?, || "not so: and every acknowledged commit is still there");
    place.mount(&format!("remount,{LARGE}"))?;
    let after = run()?;
    checks.check(after.status.success(), || "not so: with room it goes on");
    let head = head_of(&after).unwrap_or_default();
    checks.check(!head.is_empty() && place.holds(&head)?, || "not so: the ledger holds with the new commit");
    checks.check(place.holds(&last)?, || "not so: and with the old ones before it");
    checks.check(
        place.nmk(&["ledger", "trace"])?.status.success(),
        || "not so: the history contradicts nothing",
    );
    memory::fill(scratch, nmk, &mut checks)?;
    Ok(end(&checks))
}

fn head_of(output: &Output) -> Result<String, Error> {
    let object: Json = serde_json::from_slice(&output.stdout)
        .map_err(|source| Error::Json { command: "nmk run".to_owned(), source })?;
    let head = object["ledger"]["head"].as_str();
    head.map(str::to_owned).ok_or(Error::Shape { command: "nmk run", field: "ledger.head" })
}

fn end(checks: &Findings<&'static str>) -> Outcome {
    checks.print("full-disk");
    if checks.broken.is_empty() { Outcome::Done } else { Outcome::Refused }
}
