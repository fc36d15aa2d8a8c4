//! `cargo xtask tamper`: edits a ledger in many ways, and checks that two verifiers which share no code
//! notice each edit.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lexopt::prelude::*;
use serde_json::json;

use crate::Outcome;
use crate::error::Error;
use crate::process;
use crate::programs::Programs;
use crate::scratch::{self, Scratch};

pub(crate) const ABOUT: &str =
    "edit ledgers by byte and by structure; both verifiers must notice; --edits N, --json";

/// The answers of both verifiers about one ledger.
struct Case<'a> {
    name: &'a str,
    passes: bool,
    ours: &'a str,
    theirs: Option<&'a str>,
}

pub(crate) fn run(mut parser: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let (mut edits, mut as_json) = (20_000_u64, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("edits") => edits = parser.value()?.parse()?,
            Long("json") => as_json = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let root = process::workspace_root();
    let scratch = Scratch::new("tamper")?;
    let folder = scratch.path().display().to_string();
    let count = edits.to_string();
    let mut command = Command::new(programs.example(&root, "nmk-ledger", "tamper")?);
    command.args(["--edits", &count, "--folder", &folder]);
    let ours = process::stdout(&mut command)?;
    let second = second_verifier(&root).and_then(|python| check(&python, &root, scratch.path()));
    let theirs = second.as_ref().ok().map(|told| told.lines().collect::<Vec<_>>());
    let cases: Vec<Case<'_>> = ours
        .lines()
        .enumerate()
        .filter_map(|(at, line)| {
            let (expected, rest) = line.split_once('\t')?;
            let (name, ours) = rest.split_once('\t')?;
            let theirs = theirs.as_ref().map(|lines| lines.get(at).copied().unwrap_or("no answer"));
            Some(Case { name, passes: expected == "pass", ours, theirs })
        })
        .collect();
    let (ours_wrong, theirs_wrong) =
        (wrong(&cases, "nmk", |case| Some(case.ours)), wrong(&cases, "the second", |case| case.theirs));
    let ours_wrong = ours_wrong + unlike(&cases);
    let sound = cases.iter().filter(|case| case.passes).count();
    let failed = ours_wrong + theirs_wrong;
    let looked = cases.len() * if theirs.is_some() { 2 } else { 1 };
    if as_json {
        let object = json!({
            "checks": cases.len(), "sound": sound, "edits": cases.len() - sound,
            "undetected_by_nmk": ours_wrong, "undetected_by_python": theirs.as_ref().map(|_| theirs_wrong),
        });
        println!("{object}");
    } else {
        println!(
            "{} edits and {sound} ledgers that hold: nmk is wrong about {ours_wrong}",
            cases.len() - sound
        );
        if theirs.is_some() {
            println!("the second verifier is wrong about {theirs_wrong}");
        }
        if let Err(error) = &second {
            let why = error.to_string();
            println!("UNPROVEN: the second verifier does not run here: {}", why.trim().replace('\n', "; "));
        }
        let unproven = if second.is_err() { format!("; {} unproven", cases.len()) } else { String::new() };
        println!("checks: {} passed; {failed} failed{unproven}", looked - failed);
    }
    Ok(if failed > 0 || cases.is_empty() { Outcome::Refused } else { Outcome::Done })
}

/// The number of cases that a verifier is wrong about. Each of them is shown.
fn wrong<'a>(cases: &[Case<'a>], whose: &str, told: impl Fn(&Case<'a>) -> Option<&'a str>) -> usize {
    let mut count = 0;
    for case in cases {
        if let Some(told) = told(case).filter(|told| told.starts_with("ok ") != case.passes) {
            let should = if case.passes { "pass" } else { "be refused" };
            eprintln!("tamper: {} should {should}, and {whose} says: {told}", case.name);
            count += 1;
        }
    }
    count
}

/// The words with which both verifiers say that an append was announced and is whole.
const FINISHED: &str = "the next writer finishes it";

/// The number of cases in which one verifier calls an announced append whole and the other does not. Each is shown.
fn unlike(cases: &[Case<'_>]) -> usize {
    let is_whole = |told: &str| told.contains(FINISHED);
    let differs =
        |case: &&Case<'_>| case.theirs.is_some_and(|theirs| is_whole(theirs) != is_whole(case.ours));
    let mut count = 0;
    for case in cases.iter().filter(differs) {
        let theirs = case.theirs.unwrap_or_default();
        eprintln!("tamper: {}: nmk says {}, and the second says {theirs}", case.name, case.ours);
        count += 1;
    }
    count
}

/// Returns the path of a Python with what the second verifier needs, after installing that if it is missing.
fn second_verifier(root: &Path) -> Result<PathBuf, Error> {
    let home = process::target_folder(root)?.join("verifier");
    let python = home.join("bin").join("python");
    let has = |python: &Path| {
        let mut probe = Command::new(python);
        probe.args(["-c", "import blake3, nacl.signing"]).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    };
    if has(&python) {
        return Ok(python);
    }
    process::stdout(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
    let needs = root.join("crates/ledger/verifier/requirements.txt");
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    process::stdout(Command::new(&python).args(install).arg(needs))?;
    Ok(python)
}

/// Returns the answer of the second verifier to each line of the batch. Exit code 1 means that it refused a
/// ledger.
fn check(python: &Path, root: &Path, folder: &Path) -> Result<String, Error> {
    let batch = folder.join("batch");
    let mut command = Command::new(python);
    command.arg(root.join("crates/ledger/verifier/verify_ledger.py"));
    command.arg("--key").arg(folder.join("key.pub")).args(["--batch", "-"]);
    command.stdin(File::open(&batch).map_err(Error::io(&batch))?);
    let output = process::output(&mut command)?;
    let told = folder.join("told");
    std::fs::write(&told, output.stdout).map_err(Error::io(&told))?;
    scratch::read(&told)
}
