//! The machine's own Python interpreter: where it is, and which files it needs.

use std::path::{Path, PathBuf};
use std::process::Command;

use abi::Value;

use crate::SandboxError;

/// Imports what everyday code uses, and prints the interpreter, its folders, and the files that it has mapped.
const PROBE: &str = include_str!("probe.py");
/// The program that runs in the worker.
pub(crate) const RUNNER: &str = include_str!("runner.py");
/// The flags of the interpreter: no user's or site's packages, and no compiled files. The environment is empty but for
/// the seed of hashes, which isolated mode would not read.
pub(crate) const FLAGS: [&str; 4] = ["-s", "-S", "-B", "-c"];
/// The flags of the probe, which is not confined: isolated, so that no file of the working folder and nothing of
/// `PYTHONPATH` is taken for a module.
const PROBE_FLAGS: [&str; 4] = ["-I", "-S", "-B", "-c"];

/// A Python interpreter of the machine, with what it may read in the sandbox: its own folders and libraries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    program: PathBuf,
    version: String,
    reads: Vec<PathBuf>,
}

impl Python {
    /// Asks `program` (a path, or a name such as `python3` that is looked up in `PATH`) where it is and what it needs.
    ///
    /// The program is run once, unconfined, and imports nothing but its own modules. The real interpreter behind a link or a shim is what it states as its own
    /// executable.
    ///
    /// # Errors
    /// [`SandboxError::Python`] if it cannot be run, is older than Python 3.8, or prints something else.
    pub fn find(program: impl AsRef<Path>) -> Result<Self, SandboxError> {
        let program = program.as_ref();
        let wrong = |what: String| SandboxError::Python { program: program.to_owned(), what };
        let output = Command::new(program)
            .args(PROBE_FLAGS)
            .arg(PROBE)
            .stdin(std::process::Stdio::null())
            .output()
            .map_err(|error| wrong(error.to_string()))?;
        if !output.status.success() {
            return Err(wrong(format!("it ended with {}", output.status)));
        }
        let printed =
            String::from_utf8(output.stdout).map_err(|_| wrong("it printed no UTF-8".to_owned()))?;
        let all = |key: &'static str| {
            printed
                .lines()
                .filter_map(move |line| line.split_once('=').filter(|pair| pair.0 == key))
                .map(|pair| pair.1)
        };
        let one = |key| all(key).next().ok_or_else(|| wrong(format!("it does not state its {key}")));
        let (executable, version) = (one("executable")?, one("version")?);
        if one("recent")? != "yes" {
            return Err(wrong(format!("it is Python {version}, and 3.8 is the oldest that is used")));
        }
        let reads = all("read").map(PathBuf::from).collect();
        Ok(Self { program: PathBuf::from(executable), version: version.to_owned(), reads })
    }

    /// Returns the version of the interpreter, for example `3.11.7`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the path of the interpreter itself.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Returns what the worker must know about the interpreter, as a part of its first frame.
    pub(crate) fn to_value(&self) -> Option<Value> {
        let text = |path: &Path| path.to_str().map(Value::text);
        let reads = self.reads.iter().map(|path| text(path)).collect::<Option<Vec<_>>>()?;
        Some(Value::map([("program", text(&self.program)?), ("reads", Value::List(reads))]))
    }
}
