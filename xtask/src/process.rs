//! Child processes, and where the workspace is.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::error::Error;

/// The workspace that this binary was built in.
pub(crate) fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The cargo that started this process, so that children use the same toolchain.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"))
}

/// A cargo command in `root`.
pub(crate) fn cargo_in(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo());
    command.args(arguments).current_dir(root);
    command
}

/// The compiler of the toolchain that `root` names.
pub(crate) fn rustc(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc")));
    command.current_dir(root);
    command
}

/// The folder that cargo builds into for `root`.
pub(crate) fn target_folder(root: &Path) -> Result<PathBuf, Error> {
    let metadata = json(&mut cargo_in(root, &["metadata", "--no-deps", "--format-version", "1"]))?;
    let folder = metadata["target_directory"].as_str();
    folder.map(PathBuf::from).ok_or(Error::Shape { command: "cargo metadata", field: "target_directory" })
}

/// Runs to the end and keeps what was printed, whatever the exit code.
pub(crate) fn output(command: &mut Command) -> Result<Output, Error> {
    command.output().map_err(|source| Error::Spawn { program: words(command), source })
}

/// Runs to the end and returns standard output; another exit code than 0 is an error.
pub(crate) fn stdout(command: &mut Command) -> Result<String, Error> {
    let output = output(command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Error::Command { command: words(command), stderr })
}

/// Like [`stdout`], for a command that prints one JSON value.
pub(crate) fn json(command: &mut Command) -> Result<Value, Error> {
    let text = stdout(command)?;
    serde_json::from_str(&text).map_err(|source| Error::Json { command: words(command), source })
}

/// The processor-seconds of all children that have ended, with theirs; nothing where there is no
/// `/proc`.
pub(crate) fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses and may hold blanks.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = |field: usize| fields.split_whitespace().nth(field)?.parse::<f64>().ok();
    // User and system time of ended children are the 16th and 17th field of all, in hundredths.
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

/// The command as a person would type it.
pub(crate) fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
