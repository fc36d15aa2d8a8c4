//! `cargo xtask kill`: a dozen processes share a ledger, and they are killed at every moment of their lives; so are searches.

mod search;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lexopt::prelude::*;
use serde_json::Value as Json;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::process;
use crate::programs::Programs;
use crate::readme::stub;
use crate::scratch::Scratch;

pub(crate) const ABOUT: &str = "kill processes that share a ledger; --moments N (200 is the full form)";

/// The processes that ask and share a ledger.
const ASKING: usize = 12;
/// The processes beside them that run a graph, whose tasks have threads of their own.
const RUNNING: usize = 3;
const PROCESSES: usize = ASKING + RUNNING;
/// Moments of the quick form.
const MOMENTS: usize = 16;
/// Moments after which a new ledger is begun, so that reading its history does not take most of the time.
const MOMENTS_OF_A_LEDGER: usize = 10;
/// Time that the endpoint takes for an answer.
const PAUSE: Duration = Duration::from_millis(250);
const PROMPT: &str = "Is 7 a prime number?";

/// A home with a ledger, and the program that is run there.
struct Place {
    nmk: PathBuf,
    home: PathBuf,
    endpoint: String,
}

/// The end of all processes of one moment.
struct Round {
    /// Heads that were printed, each after the entries that it covers were acknowledged.
    heads: BTreeSet<String>,
    /// Processes that were not killed and did not answer.
    silent: usize,
    /// Processes that were killed.
    killed: usize,
}

pub(crate) fn run(mut parser: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let mut moments = MOMENTS;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("moments") => moments = parser.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let nmk = programs.binary(&process::workspace_root(), "nmk", "nmk")?;
    let scratch = Scratch::new("kill")?;
    let endpoint = stub::start_slow(PAUSE)?;
    let place = |number: usize| Place {
        nmk: nmk.clone(),
        home: scratch.path().join(format!("home-{number}")),
        endpoint: endpoint.clone(),
    };
    let mut checks = Findings::new();
    let begun = Instant::now();
    let whole = place(0).round(None, 0)?;
    let span = begun.elapsed();
    checks.check(whole.heads.len() == PROCESSES, || "not so: all answer that are not killed".to_owned());
    place(0).check(&whole, "without a kill", &mut checks)?;
    let (mut killed, mut acknowledged) = (0, whole.heads.len());
    for moment in 0..moments {
        let place = place(1 + moment / MOMENTS_OF_A_LEDGER);
        let at = span.mul_f64((moment as f64 + 0.5) / moments as f64);
        // Every other time half of them live on, beside what the dead ones left.
        let spared = if moment % 2 == 0 { 0 } else { PROCESSES / 2 };
        let round = place.round(Some(at), spared)?;
        (killed, acknowledged) = (killed + round.killed, acknowledged + round.heads.len());
        place.check(&round, &format!("killed after {} ms", at.as_millis()), &mut checks)?;
    }
    println!(
        "{moments} moments within {} ms: {killed} killed, {acknowledged} answers acknowledged",
        span.as_millis()
    );
    checks.check(killed > 0, || "not so: a process was killed".to_owned());
    search::run(&nmk, scratch.path(), &endpoint, moments, &mut checks)?;
    checks.print("kill");
    Ok(if checks.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

impl Place {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.nmk);
        command.args(words).env_clear().env("HOME", &self.home);
        command
    }

    /// Starts all processes at once, kills all but the first `spared` after a while, and waits for the rest.
    fn round(&self, kill_after: Option<Duration>, spared: usize) -> Result<Round, Error> {
        let model = ["--json", "--model", &self.endpoint, "--model-name", "stub"];
        let (asks, runs) =
            (["ask", PROMPT].as_slice(), ["run", "--request", "Say yes.", "--kind", "text"].as_slice());
        let spawn = |source| Error::Spawn { program: "nmk ask".to_owned(), source };
        let start = |number| {
            let words = if number % (PROCESSES / RUNNING) == 0 { runs } else { asks };
            let mut command = self.command(&[words, &model].concat());
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(spawn)
        };
        let mut children = (0..PROCESSES).map(start).collect::<Result<Vec<Child>, Error>>()?;
        if let Some(after) = kill_after {
            thread::sleep(after);
            for child in &mut children[spared..] {
                // One that has ended by itself cannot be killed.
                let _ = child.kill();
            }
        }
        let mut round = Round { heads: BTreeSet::new(), silent: 0, killed: 0 };
        for child in children {
            let output = child.wait_with_output().map_err(spawn)?;
            round.heads.extend(head(&output));
            match output.status.code() {
                None => round.killed += 1,
                Some(0) => {}
                Some(_) => {
                    eprintln!("kill: {}", String::from_utf8_lossy(&output.stderr).trim());
                    round.silent += 1;
                }
            }
        }
        Ok(round)
    }

    /// Checks that the next writer finds everything that was acknowledged, and leaves no job open.
    fn check(&self, round: &Round, when: &str, checks: &mut Findings<String>) -> Result<(), Error> {
        let mut holds = |holds, what: &str| checks.check(holds, || format!("not so, {when}: {what}"));
        holds(round.silent == 0, "who is not killed answers");
        let next = process::output(&mut self.command(&["ask", PROMPT, "--direct", "--json"]))?;
        if !next.status.success() {
            eprintln!("kill: {}", String::from_utf8_lossy(&next.stderr).trim());
        }
        holds(next.status.success(), "the next writer goes on");
        let verified = process::output(&mut self.command(&["ledger", "verify"]))?;
        holds(verified.status.success(), "the ledger verifies");
        let shown = process::json(&mut self.command(&["ledger", "show", "--json"]))?;
        let entries = shown["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let heads: BTreeSet<&str> = entries.iter().filter_map(|entry| entry["head"].as_str()).collect();
        let kept = round.heads.iter().all(|head| heads.contains(head.as_str()));
        holds(kept, "everything acknowledged is there");
        let traced = process::output(&mut self.command(&["ledger", "trace", "--json"]))?;
        let trace: Json = serde_json::from_slice(&traced.stdout).unwrap_or_default();
        holds(trace["passed"] == Json::Bool(true), "the history contradicts nothing");
        let jobs = trace["jobs"].as_array().map(Vec::as_slice).unwrap_or_default();
        holds(jobs.iter().all(|job| job["end"] != "open"), "no job of a dead process stays open");
        let claims = self.home.join(".local/state/nmk/jobs");
        let left = std::fs::read_dir(&claims).map_err(Error::io(&claims))?.count();
        holds(left == 0, "no claim of a dead process stays behind");
        Ok(())
    }
}

/// The head that a process printed, which is its acknowledgement, even if it was killed right after.
fn head(output: &Output) -> Option<String> {
    let object: Json = serde_json::from_slice(&output.stdout).ok()?;
    object["ledger"]["head"].as_str().map(str::to_owned)
}
