//! Child processes, and the places of the workspace.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::error::Error;

/// Returns the folder of the workspace that this binary was built in.
pub(crate) fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Returns the cargo that started this process, so that children use the same toolchain.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"))
}

/// Returns a cargo command that runs in `root`.
pub(crate) fn cargo_in(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo());
    command.args(arguments).current_dir(root);
    command
}

/// Returns a command of the compiler whose toolchain `root` names.
pub(crate) fn rustc(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc")));
    command.current_dir(root);
    command
}

/// Returns the folder that cargo builds into for the workspace `root`.
pub(crate) fn target_folder(root: &Path) -> Result<PathBuf, Error> {
    let metadata = json(&mut cargo_in(root, &["metadata", "--no-deps", "--format-version", "1"]))?;
    let folder = metadata["target_directory"].as_str();
    folder.map(PathBuf::from).ok_or(Error::Shape { command: "cargo metadata", field: "target_directory" })
}

/// Runs a command to its end, and returns its output, whatever its exit code is.
pub(crate) fn output(command: &mut Command) -> Result<Output, Error> {
    command.output().map_err(|source| Error::Spawn { program: words(command), source })
}

/// Runs a command to its end, and returns its standard output. An exit code other than 0 is an error.
pub(crate) fn stdout(command: &mut Command) -> Result<String, Error> {
    let output = output(command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Error::Command { command: words(command), stderr })
}

/// Runs a command as [`stdout`] does, and returns the one JSON value that it prints.
pub(crate) fn json(command: &mut Command) -> Result<Value, Error> {
    let text = stdout(command)?;
    serde_json::from_str(&text).map_err(|source| Error::Json { command: words(command), source })
}

/// Returns the processor-seconds of all children that have ended, and of their children. Returns `None` if
/// the machine has no `/proc`.
pub(crate) fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses and may hold blanks.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = |field: usize| fields.split_whitespace().nth(field)?.parse::<f64>().ok();
    // User and system time of ended children are the 16th and 17th field of all, in hundredths.
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

/// Returns the command as a person would type it.
pub(crate) fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
