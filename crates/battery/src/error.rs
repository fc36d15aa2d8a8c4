//! The reasons why batteries could not be run.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use backend_cpu::BackendError;
use neural::{ModelError, SequenceRefusal, SessionError, SnapshotError, SnapshotFileError};
use proposer::{LoadError, PatternError, ProposeError};
use thiserror::Error;

/// The reason why batteries could not be run. Bits that differ are not an error: then the battery has run and
/// failed.
#[derive(Debug, Error)]
pub enum BatteryError {
    /// The folder of a checkpoint could not be read.
    #[error(transparent)]
    Folder(#[from] LoadError),
    /// The configuration or the weights of a checkpoint are refused.
    #[error("{checkpoint}: {source}")]
    Model {
        /// The name of the checkpoint in reports, for example `embedded`.
        checkpoint: String,
        /// The reason why it is refused.
        source: ModelError,
    },
    /// The weights of a checkpoint could not be cut to bf16, because a file of it is not a whole
    /// safetensors file.
    #[error("{checkpoint}: the weights are no safetensors files")]
    NotSafetensors {
        /// The name of the checkpoint in reports, for example `embedded`.
        checkpoint: String,
    },
    /// The context of a model is too short for the sequences of batteries.
    #[error("{checkpoint} has a context of {context}; batteries need {needed} positions")]
    Context {
        /// The name of the checkpoint in reports, for example `embedded`.
        checkpoint: String,
        /// Number of positions that the model's context has.
        context: usize,
        /// Number of positions that batteries need.
        needed: usize,
    },
    /// The CPU backend could not be created on this machine.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The device has no room for a model, or failed.
    #[error(transparent)]
    Device(#[from] gpu::DeviceError),
    /// A forward pass or a rewind failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A snapshot that the battery wrote was refused.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The file of a snapshot could not be written or read.
    #[error(transparent)]
    SnapshotFile(#[from] SnapshotFileError),
    /// A sequence was not admitted to the sequence scheduler.
    #[error(transparent)]
    Sequence(#[from] SequenceRefusal),
    /// A pattern of forbidden text was refused.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The embedded model failed to answer a frozen question.
    #[error(transparent)]
    Answer(#[from] ProposeError),
    /// The file of frozen answers is not JSON of the right form.
    #[error("the frozen answers: {0}")]
    Frozen(serde_json::Error),
    /// A file or a program could not be read, written or started.
    #[error("{}: {source}", path.display())]
    File {
        /// The path of the file or program.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file for the process that restores sessions is not as the other process wrote it.
    #[error("{}: {part} is not as it was written", path.display())]
    Handed {
        /// The path of the file.
        path: PathBuf,
        /// The name of the part that is wrong.
        part: &'static str,
    },
    /// No program was named that could restore sessions in a process of its own.
    #[error("there is no program to restore sessions in; give the path of nmk-battery")]
    NoWorker,
    /// The process that restores sessions failed, with this exit status.
    #[error("the process that restores sessions ended with {0}")]
    Worker(ExitStatus),
}

impl BatteryError {
    /// Returns a function that turns an error of the operating system into one that names `path`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}
