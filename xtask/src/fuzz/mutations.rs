//! The run of seeded mutations on a target: the program is started, and its output is read.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::Outcome;
use crate::error::Error;
use crate::fuzz::report::Row;
use crate::fuzz::{Places, build};
use crate::process;

/// Runs one target on the input in one file.
pub(crate) fn once(places: &Places, target: &str, input: &Path) -> Result<Outcome, Error> {
    let mut command = Command::new(build::mutate(places)?);
    let status = command.args(["once", target]).arg(input).status();
    let status: ExitStatus =
        status.map_err(|source| Error::Spawn { program: process::words(&command), source })?;
    match status.code() {
        Some(0) => Ok(Outcome::Done),
        Some(2) => Err(Error::Command { command: process::words(&command), stderr: String::new() }),
        _ => Ok(Outcome::Refused),
    }
}

/// Runs one target for `seconds`, over mutations of its seeds.
pub(crate) fn hunt(places: &Places, binary: &Path, target: &str, seconds: u64) -> Result<Row, Error> {
    let findings = places.work.join("findings").join(target);
    let mut command = Command::new(binary);
    command.args(["hunt", target, "--seconds", &seconds.to_string()]);
    command.arg("--seeds").arg(places.seeds.join(target)).arg("--findings").arg(&findings);
    let output = process::output(command.env("RUST_BACKTRACE", "0"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(2) {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Command { command: process::words(&command), stderr });
    }
    let written = text.lines().find_map(|line| line.strip_prefix("finding: "));
    // A process that was killed left the input that it ran last.
    let running = || (!output.status.success()).then(|| findings.join("running"));
    let executions = text.lines().find_map(|line| line.strip_prefix("executions: "));
    let executions = executions.and_then(|line| line.split(' ').next()?.parse().ok()).unwrap_or(0);
    Ok(Row {
        target: target.to_owned(),
        executions,
        per_second: executions / seconds,
        corpus: None,
        edges: None,
        peak_mb: None,
        finding: written.map(PathBuf::from).or_else(running),
    })
}
