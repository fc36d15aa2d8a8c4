//! `cargo xtask logs`: the kept results of batteries and evaluations in `logs/last`, and whether they still hold.
//!
//! Each file has the command, the machine's result, and what it was made with: the numerics version, the digest of the
//! embedded model, and a digest of the tracked sources of each crate that ran. Another model or numerics version is a
//! negative result, because the figures are of something else. A crate that was changed since is only named: most changes
//! move no figure, and a run anew shows it.

use std::path::Path;
use std::process::{Command, Stdio};

use lexopt::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::process;
use crate::programs::Programs;
use crate::scratch::{self, Scratch};

pub(crate) const ABOUT: &str =
    "hold the kept results in logs/last to model, numerics and crates [--write] [--only NAME]";

const FOLDER: &str = "logs/last";

/// A result that is kept.
struct Kept {
    name: &'static str,
    /// The package of the program, and its words. The path of the log is added.
    package: &'static str,
    words: &'static [&'static str],
    /// The crates on which the result depends.
    crates: &'static [&'static str],
}

const NEURAL: [&str; 4] = ["abi", "backend-cpu", "embedded", "neural"];
const EVALUATION: [&str; 12] = [
    "abi",
    "backend-cpu",
    "det",
    "embedded",
    "factloop",
    "kpolicy",
    "memory",
    "neural",
    "nmk",
    "prims",
    "proposer",
    "sched",
];
const KEPT: [Kept; 6] = [
    Kept {
        name: "eval-factloop",
        package: "nmk",
        words: &["eval", "factloop", "--items", "400", "--seeds", "5", "--json"],
        crates: &EVALUATION,
    },
    Kept {
        name: "eval-entropy",
        package: "nmk",
        words: &["eval", "entropy", "--items", "2000", "--json"],
        crates: &EVALUATION,
    },
    Kept {
        name: "eval-dispatch",
        package: "nmk",
        words: &["eval", "dispatch", "--json"],
        crates: &EVALUATION,
    },
    Kept {
        name: "eval-memory",
        package: "nmk",
        words: &["eval", "memory", "--items", "400", "--json"],
        crates: &EVALUATION,
    },
    Kept {
        name: "eval-inject",
        package: "nmk",
        words: &["eval", "inject", "--items", "400", "--seeds", "3", "--json"],
        crates: &EVALUATION,
    },
    Kept {
        name: "battery-cpu",
        package: "nmk-battery",
        words: &["--backend", "cpu", "--quick"],
        crates: &NEURAL,
    },
];

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let (mut write, mut only) = (false, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("write") => write = true,
            Long("only") => only = Some(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if let Some(unknown) = only.as_ref().filter(|only| KEPT.iter().all(|kept| kept.name != **only)) {
        return Err(Error::UnknownSuite(unknown.clone()));
    }
    let root = process::workspace_root();
    let now = Made::now(&root, programs)?;
    let mut findings = Findings::new();
    for kept in KEPT.iter().filter(|kept| only.as_ref().is_none_or(|only| kept.name == only)) {
        if write {
            kept.write(&root, programs, &now)?;
        }
        let path = root.join(FOLDER).join(format!("{}.json", kept.name));
        findings.check(path.is_file(), || {
            format!("{}: there is no log; run cargo xtask logs --write", kept.name)
        });
        if path.is_file() {
            let log: Json = serde_json::from_str(&scratch::read(&path)?)
                .map_err(|source| Error::Json { command: kept.name.to_owned(), source })?;
            for fault in now.faults(&log) {
                findings.check(false, || format!("{}: {fault}", kept.name));
            }
            findings.check(log["command"] == json!(kept.command()), || {
                format!("{}: made by another command", kept.name)
            });
            let stale = stale(&log, &kept.digests(&root)?);
            let age =
                if stale.is_empty() { "fresh".to_owned() } else { format!("stale: {}", stale.join(", ")) };
            println!("{:<16} {age}", kept.name);
        }
    }
    findings.print("logs");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// The numerics and the model that a result is made with.
struct Made {
    numerics: String,
    model: String,
}

impl Made {
    /// Asks the program of this checkout.
    fn now(root: &Path, programs: Programs) -> Result<Self, Error> {
        let nmk = programs.binary(root, "nmk", "nmk")?;
        let inspected = process::json(Command::new(nmk).args(["model", "inspect", "embedded", "--json"]))?;
        let text = |field| {
            let shape = Error::Shape { command: "nmk model inspect", field };
            inspected[field].as_str().map(str::to_owned).ok_or(shape)
        };
        Ok(Self { numerics: text("numerics")?, model: text("digest")? })
    }

    /// Returns why a log is of something else.
    fn faults(&self, log: &Json) -> Vec<String> {
        let pairs = [("numerics", &self.numerics), ("model", &self.model)];
        let differs = |(field, now): (&str, &String)| {
            (log[field] != json!(now)).then(|| format!("its {field} is {}, and now it is {now}", log[field]))
        };
        pairs.into_iter().filter_map(differs).collect()
    }
}

/// Returns the crates of a log whose sources are other ones now.
fn stale(log: &Json, now: &Map<String, Json>) -> Vec<String> {
    now.iter()
        .filter(|(name, digest)| log["crates"][*name] != **digest)
        .map(|(name, _)| name.clone())
        .collect()
}

impl Kept {
    fn command(&self) -> String {
        let program = if self.package == "nmk" { "nmk" } else { "cargo xtask battery" };
        format!("{program} {}", self.words.join(" "))
    }

    /// Returns a digest of the tracked sources of each crate.
    fn digests(&self, root: &Path) -> Result<Map<String, Json>, Error> {
        let digest = |name: &&str| {
            let mut listed = Command::new("git");
            listed.args(["ls-files", "--stage", "--"]).arg(format!("crates/{name}/src")).current_dir(root);
            let listed = process::stdout(&mut listed)?;
            let scratch = Scratch::new("logs")?;
            let file = scratch.path().join("listed");
            scratch::write(&file, &listed)?;
            let mut hash = Command::new("git");
            hash.arg("hash-object").arg(&file).current_dir(root);
            Ok(((*name).to_owned(), json!(process::stdout(&mut hash)?.trim())))
        };
        self.crates.iter().map(digest).collect()
    }

    /// Runs the command, and keeps its result. A negative result is kept too.
    fn write(&self, root: &Path, programs: Programs, now: &Made) -> Result<(), Error> {
        let binary = programs.binary(root, self.package, self.package)?;
        let scratch = Scratch::new("log")?;
        let log = scratch.path().join("log.json");
        let mut command = Command::new(binary);
        command.args(self.words).arg("--log").arg(&log).stderr(Stdio::inherit()).current_dir(scratch.path());
        let ended = process::output(&mut command)?;
        let result: Json = serde_json::from_str(&scratch::read(&log)?)
            .map_err(|source| Error::Json { command: self.command(), source })?;
        let kept = json!({
            "command": self.command(),
            "exit": ended.status.code(),
            "numerics": now.numerics,
            "model": now.model,
            "crates": self.digests(root)?,
            "result": result,
        });
        let text = serde_json::to_string_pretty(&kept).expect("JSON is text");
        scratch::write(&root.join(FOLDER).join(format!("{}.json", self.name)), &format!("{text}\n"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Made, stale};

    #[test]
    fn another_model_or_numerics_is_a_fault_and_a_changed_crate_is_stale() {
        let now = Made { numerics: "nmk-numerics-2".to_owned(), model: "ab".to_owned() };
        let log =
            json!({ "numerics": "nmk-numerics-2", "model": "ab", "crates": { "abi": "1", "det": "2" } });
        assert!(now.faults(&log).is_empty());
        for (field, other) in [("numerics", "nmk-numerics-1"), ("model", "cd")] {
            let mut log = log.clone();
            log[field] = json!(other);
            assert_eq!(now.faults(&log).len(), 1, "{field}");
        }
        assert_eq!(now.faults(&json!({})).len(), 2, "a log that says nothing");
        let crates = json!({ "abi": "1", "det": "3", "prims": "4" });
        assert_eq!(stale(&log, crates.as_object().expect("a map")), ["det", "prims"]);
    }
}
