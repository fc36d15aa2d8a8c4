//! Child processes, and the places of the workspace.

use std::env;
use std::ffi::OsString;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

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

/// The output of a command that has ended, and the processor-seconds that it took.
pub(crate) struct Metered {
    pub(crate) output: Output,
    /// The processor-seconds of the process, and of the children that it waited for. `None` if the machine
    /// has no `/proc`.
    pub(crate) processor: Option<f64>,
}

/// Runs a command to its end, and returns its output and what it cost, whatever its exit code is. Commands that
/// run at the same time are not counted.
pub(crate) fn metered(command: &mut Command) -> Result<Metered, Error> {
    run_metered(command).map_err(|source| Error::Spawn { program: words(command), source })
}

fn run_metered(command: &mut Command) -> io::Result<Metered> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = thread::scope(|scope| {
        let stderr = scope.spawn(|| read_all(stderr));
        let stdout = read_all(stdout);
        (stdout, stderr.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    // The process has closed both pipes, so its work is done. The system keeps its times until the wait.
    let processor = processor_seconds(&format!("/proc/{}/stat", child.id()), 11..15);
    let status = child.wait()?;
    Ok(Metered { output: Output { status, stdout: stdout?, stderr: stderr? }, processor })
}

fn read_all(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Returns the processor-seconds of all children of this process that have ended, and of their children.
/// Returns `None` if the machine has no `/proc`.
pub(crate) fn children_processor_seconds() -> Option<f64> {
    processor_seconds("/proc/self/stat", 13..15)
}

/// Returns the sum of some times of a process, in seconds. Of the fields behind the program's name, 11 and 12
/// are the process's own user and system time, and 13 and 14 those of its ended children, in hundredths.
fn processor_seconds(stat: &str, fields: Range<usize>) -> Option<f64> {
    let stat = std::fs::read_to_string(stat).ok()?;
    // The second field is the program's name in parentheses and may hold blanks.
    let (_, times) = stat.rsplit_once(')')?;
    let times: Vec<&str> = times.split_whitespace().collect();
    let ticks = times.get(fields)?.iter().map(|time| time.parse::<f64>().ok());
    Some(ticks.sum::<Option<f64>>()? / 100.0)
}

/// Returns the command as a person would type it.
pub(crate) fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}
