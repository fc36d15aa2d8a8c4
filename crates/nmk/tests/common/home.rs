//! A home folder for every scenario, and runs of the program in it.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use synthetic::Scratch;

/// A fresh folder with a home, a working folder and room for more; removed when dropped.
pub struct Home {
    root: Scratch,
}

/// The result of a run of the program: its exit code and the text of both of its streams.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    /// Creates a fresh folder for the scenario `name`, with a home and a working folder in it.
    pub fn new(name: &str) -> Self {
        let root = Scratch::new(env!("CARGO_TARGET_TMPDIR"), name).expect("a scratch folder");
        for folder in ["home", "work"] {
            std::fs::create_dir_all(root.join(folder)).expect("a scratch folder");
        }
        Self { root }
    }

    /// Returns the path of `name` below the folder of the scenario.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file below the folder of the scenario, with the folders above it, and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a scratch folder");
        std::fs::write(&path, content).expect("a scratch file");
        path
    }

    /// Returns the default folder of the ledger for a program that runs in this home.
    pub fn ledger(&self) -> PathBuf {
        self.path("home/.local/state/nmk")
    }

    /// Runs the program in the working folder, with no environment variable but `HOME`, and returns its result.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ended {
        self.run_with(arguments, &[])
    }

    /// Runs the program as [`run`](Self::run) does, with these environment variables besides.
    pub fn run_with<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        variables: &[(&str, &str)],
    ) -> Ended {
        Ended::from_output(self.command(arguments, variables).output().expect("the program runs"))
    }

    /// Starts the program here without waiting for its end; its streams are kept.
    pub fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Child {
        let mut command = self.command(arguments, &[]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program runs")
    }

    /// Returns the command that runs the program in the working folder, with these environment variables and `HOME`.
    pub fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        variables: &[(&str, &str)],
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nmk"));
        command.args(arguments).current_dir(self.path("work")).env_clear().env("HOME", self.path("home"));
        command.envs(variables.iter().copied());
        command
    }
}

impl Ended {
    pub fn from_output(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Returns the JSON object on standard output. Panics unless the output is exactly one line with one.
    pub fn json(&self) -> Value {
        assert_eq!(self.out.matches('\n').count(), 1, "one object on one line: {self:?}");
        serde_json::from_str(&self.out).expect("JSON")
    }

    /// Asserts exit code 2, nothing on standard output, and one line on standard error that has all of `parts`.
    pub fn is_refused(&self, parts: &[&str]) {
        assert_eq!(self.code, 2, "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        let line = self.err.strip_suffix('\n').unwrap_or_else(|| panic!("no line: {self:?}"));
        assert!(line.starts_with("nmk: ") && !line.contains('\n'), "not one line of ours: {self:?}");
        assert!(!line.contains("panicked"), "{self:?}");
        for part in parts {
            assert!(line.contains(part), "`{part}` is not in: {line}");
        }
    }
}
