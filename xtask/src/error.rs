//! Errors of the commands: the reasons why one could not run at all. A finding is not an error.

use std::fmt;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(crate) enum Error {
    Usage(lexopt::Error),
    UnknownVerb(String),
    UnknownSuite(String),
    UnknownCrate(String),
    UnknownTarget {
        target: String,
        known: String,
    },
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    Spawn {
        program: String,
        source: std::io::Error,
    },
    Command {
        command: String,
        stderr: String,
    },
    Json {
        command: String,
        source: serde_json::Error,
    },
    /// The output of a tool lacks a field that its documentation names.
    Shape {
        command: &'static str,
        field: &'static str,
    },
    /// A prepared edit of a self-test no longer applies, because the text that it replaces is gone.
    StaleCase {
        case: &'static str,
        file: &'static str,
        missing: String,
    },
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
        move |source| Error::Io { path: path.to_path_buf(), source }
    }
}

impl From<lexopt::Error> for Error {
    fn from(error: lexopt::Error) -> Error {
        Error::Usage(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(error) => write!(out, "{error}; see cargo xtask --help"),
            Error::UnknownVerb(verb) => {
                write!(out, "no command `{verb}`; cargo xtask --help lists them")
            }
            Error::UnknownSuite(suite) => {
                write!(out, "no suite `{suite}`; cargo xtask verify --list names them")
            }
            Error::UnknownCrate(name) => write!(out, "no crate `{name}` with doc comments"),
            Error::UnknownTarget { target, known } => {
                write!(out, "no target `{target}`; the targets are {known}")
            }
            Error::Io { path, source } => write!(out, "{}: {source}", path.display()),
            Error::Spawn { program, source } => write!(out, "cannot start {program}: {source}"),
            Error::Command { command, stderr } => write!(out, "{command} failed\n{stderr}"),
            Error::Json { command, source } => {
                write!(out, "{command} printed something that is not JSON: {source}")
            }
            Error::Shape { command, field } => {
                write!(out, "the output of {command} has no field `{field}`")
            }
            Error::StaleCase { case, file, missing } => write!(
                out,
                "case `{case}` edits {file}, which no longer contains `{missing}`; update the case"
            ),
        }
    }
}
