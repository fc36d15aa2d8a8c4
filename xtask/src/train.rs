//! `cargo xtask train`: starts the trainer as a process, so that no other verb waits for its build.

use std::process::{Command, ExitStatus};

use crate::Outcome;
use crate::error::Error;
use crate::process;
use crate::programs::Programs;

pub(crate) const ABOUT: &str = "train the embedded model, with `entry` its entry head, with `injector` its injector, or with `coder` the model of functions; arguments go to nmk-train";

/// The verbs of the trainer. Without one of them, the model is trained.
const VERBS: [&str; 9] = ["run", "eval", "ship", "report", "entry", "injector", "repro", "coder", "--help"];

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let root = process::workspace_root();
    let mut command = Command::new(programs.binary(&root, "nmk-train", "nmk-train")?);
    command.current_dir(&root);
    let arguments: Vec<_> = arguments.raw_args()?.collect();
    if !arguments.first().is_some_and(|first| VERBS.iter().any(|verb| first == verb)) {
        command.arg("run");
    }
    command.args(arguments);
    let status: Result<ExitStatus, _> = command.status();
    let status = status.map_err(|source| Error::Spawn { program: process::words(&command), source })?;
    Ok(if status.success() { Outcome::Done } else { Outcome::Refused })
}
