//! `cargo xtask battery`: shows on this machine that no schedule changes a bit of a forward pass.

use std::process::Stdio;

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::process;
use crate::programs::Programs;
use crate::scratch;

pub(crate) const ABOUT: &str = "compute in every way and compare bits; --backend cpu|gpu-host|cuda, --model, --only, --quick, --corrupt, --list, --json";

/// Builds the program of the batteries, passes the arguments on to it, and keeps its log under `logs/`.
pub(crate) fn run(mut parser: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let words: Vec<String> =
        parser.raw_args()?.map(|word| word.string()).collect::<Result<_, lexopt::Error>>()?;
    let root = process::workspace_root();
    let backend = words.iter().position(|word| word == "--backend").and_then(|at| words.get(at + 1));
    let backend = backend.map_or("cpu", String::as_str);
    let binary = match backend {
        "cpu" => programs.binary(&root, "nmk-battery", "nmk-battery")?,
        _ => programs.with_devices(&root)?,
    };
    let mut command = std::process::Command::new(binary);
    let quick = words.iter().any(|word| word == "--quick");
    let kind = if quick { "-quick" } else { "" };
    // Only names of backends that are known become names of files.
    let known = ["cpu", "gpu-host", "cuda"].into_iter().find(|known| *known == backend).unwrap_or("other");
    let log = root.join("logs").join(format!("battery-{known}{kind}.json"));
    // The folder comes with it, and the program writes over it.
    scratch::write(&log, "")?;
    command.args(&words).arg("--log").arg(&log).stderr(Stdio::inherit());
    let output = process::output(&mut command)?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{told}");
    match output.status.code() {
        Some(0) => Ok(Outcome::Done),
        Some(3) => Ok(Outcome::Unproven),
        Some(1) => Ok(Outcome::Refused),
        _ => Err(Error::Command { command: "nmk-battery".to_owned(), stderr: "see above".to_owned() }),
    }
}
