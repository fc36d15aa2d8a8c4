//! The reasons why batteries cannot be run.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use backend_cpu::BackendError;
use neural::{ModelError, SequenceRefusal, SessionError, SnapshotError, SnapshotFileError};
use proposer::{LoadError, PatternError, ProposeError};
use thiserror::Error;

/// The reasons why batteries cannot be run. A difference in bits is no error but a failed battery.
#[derive(Debug, Error)]
pub enum BatteryError {
    /// The folder of a checkpoint cannot be read.
    #[error(transparent)]
    Folder(#[from] LoadError),
    /// A checkpoint is not a model.
    #[error("{checkpoint}: {source}")]
    Model {
        /// The name of the checkpoint.
        checkpoint: String,
        /// The reason of the refusal.
        source: ModelError,
    },
    /// A checkpoint cannot be changed, because a file of it is not whole.
    #[error("{checkpoint}: the weights are no safetensors files")]
    NotSafetensors {
        /// The name of the checkpoint.
        checkpoint: String,
    },
    /// A model has too short a context.
    #[error("{checkpoint} has a context of {context}; batteries need {needed} positions")]
    Context {
        /// The name of the checkpoint.
        checkpoint: String,
        /// Positions of the context.
        context: usize,
        /// Positions that batteries need.
        needed: usize,
    },
    /// The backend cannot be had on this machine.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A pass failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A snapshot is refused.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The file of a snapshot cannot be written or read.
    #[error(transparent)]
    SnapshotFile(#[from] SnapshotFileError),
    /// A sequence is refused.
    #[error(transparent)]
    Sequence(#[from] SequenceRefusal),
    /// A forbidden pattern is refused.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The embedded model does not answer.
    #[error(transparent)]
    Answer(#[from] ProposeError),
    /// The file of frozen answers is not JSON of the right form.
    #[error("the frozen answers: {0}")]
    Frozen(serde_json::Error),
    /// A file cannot be written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The message of the system.
        source: io::Error,
    },
    /// A file of the process that restores is not as the other process wrote it.
    #[error("{}: {part} is not as it was written", path.display())]
    Handed {
        /// The file.
        path: PathBuf,
        /// The part that is wrong.
        part: &'static str,
    },
    /// There is no program that could be run to restore sessions in.
    #[error("there is no program to restore sessions in; give the path of nmk-battery")]
    NoWorker,
    /// The process that restores sessions failed.
    #[error("the process that restores sessions ended with {0}")]
    Worker(ExitStatus),
}

impl BatteryError {
    /// Returns what turns an error of the system into one that names `path`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}
