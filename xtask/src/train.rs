//! `cargo xtask train`: the trainer as a process, so that nothing here waits for its build.

use std::process::ExitStatus;

use crate::Outcome;
use crate::error::Error;
use crate::process;

pub(crate) const ABOUT: &str = "train the embedded model; arguments go to nmk-train run";

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<Outcome, Error> {
    let root = process::workspace_root();
    let mut command = process::cargo_in(&root, &["run", "--release", "--package", "nmk-train", "--", "run"]);
    command.args(arguments.raw_args()?);
    let status: Result<ExitStatus, _> = command.status();
    let status = status.map_err(|source| Error::Spawn { program: process::words(&command), source })?;
    Ok(if status.success() { Outcome::Done } else { Outcome::Refused })
}
