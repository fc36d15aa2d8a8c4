//! Two searches for the same function at once, which are killed at every moment of their lives.
//!
//! Nothing is half admitted then: what the store lists counts. Nothing admitted is lost: what the ledger admits is listed,
//! and the next search finds it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::error::Error;
use crate::findings::Findings;
use crate::process;

/// The searches that run at once.
const SEARCHES: usize = 2;
/// Moments after which a new home is begun, so that the history stays short.
const MOMENTS_OF_A_HOME: usize = 20;

/// Kills searches at `moments` moments, and checks what is left after each.
pub(super) fn run(
    nmk: &Path,
    scratch: &Path,
    endpoint: &str,
    moments: usize,
    checks: &mut Findings<String>,
) -> Result<(), Error> {
    let search = |moment: usize| Search {
        nmk: nmk.to_owned(),
        home: scratch.join(format!("searches-{}", moment / MOMENTS_OF_A_HOME)),
        spec: scratch.join(format!("spec-{moment}.toml")),
        endpoint: endpoint.to_owned(),
    };
    let whole = search(moments);
    whole.write(moments)?;
    let begun = Instant::now();
    let first = process::output(&mut whole.solve())?;
    let span = begun.elapsed();
    if first.status.code() == Some(3) {
        println!("UNPROVEN searches that are killed: this machine cannot isolate a candidate");
        return Ok(());
    }
    checks.check(first.status.success(), || {
        format!("not so: a search that is not killed ends: {}", String::from_utf8_lossy(&first.stderr).trim())
    });
    let (mut killed, mut admitted) = (0, 0);
    for moment in 0..moments {
        let search = search(moment);
        search.write(moment)?;
        // Two at once take longer than one alone, and some moments are to lie beyond the admission.
        let at = span.mul_f64(3.0 * (moment as f64 + 0.5) / moments as f64);
        killed += search.killed_after(at)?;
        admitted += usize::from(search.check(&format!("killed after {} ms", at.as_millis()), checks)?);
    }
    println!("{moments} moments of two searches: {killed} killed, {admitted} of them after the admission");
    checks.check(killed > 0, || "not so: a search was killed".to_owned());
    Ok(())
}

/// A search for one function in one home.
struct Search {
    nmk: PathBuf,
    home: PathBuf,
    spec: PathBuf,
    endpoint: String,
}

impl Search {
    /// Writes the specification, which is another one for each moment.
    fn write(&self, moment: usize) -> Result<(), Error> {
        // A function that adds 0 has wrong programs that are none.
        let number = moment + 1;
        let text = format!(
            "entry = \"f\"\ndescription = \"Return {number} more than n.\"\n\
             args = [{{ name = \"n\", type = \"int\", min = 0, max = 99999 }}]\nreturns = \"int\"\n\
             [[samples]]\nargs = [1]\nreturns = {}\n\
             [exam]\nn = 100\n\
             [oracle]\npython = \"def oracle(n):\\n    return sum([n, {number}])\"\n",
            number + 1
        );
        std::fs::write(&self.spec, text).map_err(Error::io(&self.spec))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.nmk);
        command.args(words).env_clear().env("HOME", &self.home);
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    fn solve(&self) -> Command {
        let mut command = self.command(&["solve"]);
        command.arg(&self.spec).args([
            "--json",
            "--k",
            "0",
            "--model-name",
            "stub",
            "--model",
            &self.endpoint,
        ]);
        command
    }

    /// Starts the searches at once, kills them after a while, and returns the number of those that were killed.
    fn killed_after(&self, at: Duration) -> Result<usize, Error> {
        let spawn = |source| Error::Spawn { program: "nmk solve".to_owned(), source };
        let mut children = Vec::new();
        for _ in 0..SEARCHES {
            let mut command = self.solve();
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            children.push(command.spawn().map_err(spawn)?);
        }
        thread::sleep(at);
        let mut killed = 0;
        for child in &mut children {
            // One that has ended by itself cannot be killed.
            let _ = child.kill();
            killed += usize::from(child.wait().map_err(spawn)?.code().is_none());
        }
        Ok(killed)
    }

    /// Checks what the killed searches left behind. Returns true if the ledger has an admission.
    fn check(&self, when: &str, checks: &mut Findings<String>) -> Result<bool, Error> {
        let mut holds =
            |holds, what: &str| checks.check(holds, || format!("not so, a search, {when}: {what}"));
        let specification = |listed: &Json| listed["specification"].as_str().map(str::to_owned);
        let shown = process::json(&mut self.command(&["ledger", "show", "--json"])).unwrap_or_default();
        let entries = shown["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let listed = process::json(&mut self.command(&["prims", "list", "--json"]))?;
        let listed = listed["admitted"].as_array().map(Vec::as_slice).unwrap_or_default();
        holds(listed.iter().all(|one| one["counts"] == true), "everything that is listed counts");
        let next = process::output(&mut self.solve())?;
        let solved: Json = serde_json::from_slice(&next.stdout).unwrap_or_default();
        if !next.status.success() {
            eprintln!("kill: {}", String::from_utf8_lossy(&next.stderr).trim());
        }
        holds(next.status.success(), "the next search ends with a function");
        let own = specification(&solved);
        let is_own = |one: &&Json| specification(one) == own;
        let kept: Vec<&Json> = listed.iter().filter(is_own).collect();
        holds(kept.len() <= 1, "one function is kept for one specification");
        let is_admitted = entries.iter().any(|entry| {
            entry["kind"] == "examined"
                && entry["body"]["admitted"] == true
                && entry["body"]["specification"].as_str().map(str::to_owned) == own
        });
        holds(!is_admitted || kept.len() == 1, "what was admitted is listed");
        holds(kept.is_empty() || is_admitted, "what is listed was admitted");
        let found = kept
            .first()
            .is_none_or(|kept| solved["outcome"] == "found" && solved["record"] == kept["record"]);
        holds(found, "the next search finds what was admitted");
        let verified = process::output(&mut self.command(&["ledger", "verify"]))?;
        holds(verified.status.success(), "the ledger verifies");
        let traced = process::json(&mut self.command(&["ledger", "trace", "--json"]))?;
        holds(traced["passed"] == true, "the history contradicts nothing");
        Ok(is_admitted)
    }
}
