//! The errors of the workshop, each with the file or the name it is about.

use std::path::PathBuf;

/// The reason why a step of corpus, training, saving or evaluation failed.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The tensor library refused an operation.
    #[error("tensor operation: {0}")]
    Tensor(#[from] candle_core::Error),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The tokenizer library refused.
    #[error("tokenizer: {0}")]
    Tokenizer(#[from] tokenizers::Error),
    /// A JSON document of ours did not parse.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// A safetensors file did not parse or could not be written.
    #[error("safetensors: {0}")]
    Safetensors(#[from] safetensors::SafeTensorError),
    /// The shipped forward pass refused to start on this machine.
    #[error("backend: {0}")]
    Backend(#[from] backend_cpu::BackendError),
    /// The shipped forward pass refused the model.
    #[error(transparent)]
    Load(#[from] proposer::LoadError),
    /// The shipped forward pass refused a sequence.
    #[error(transparent)]
    Session(#[from] neural::SessionError),
    /// A head of the entry trap does not fit the model.
    #[error(transparent)]
    Entry(#[from] neural::EntryError),
    /// The shipped forward pass refused a prompt.
    #[error(transparent)]
    Propose(#[from] proposer::ProposeError),
    /// A parameter is absent or has another size than the configuration says.
    #[error("parameter {name}: not there, or of another size than the configuration says")]
    Parameter {
        /// The tensor's name.
        name: String,
    },
    /// The saved state belongs to a run with other settings.
    #[error("{path}: saved by a run with another seed, number of steps or settings; resume with those")]
    OtherPlan {
        /// The state.
        path: PathBuf,
    },
    /// A line of a loss curve does not have the form that this crate writes.
    #[error("loss curve: cannot read `{line}`")]
    Curve {
        /// The line.
        line: String,
    },
    /// The loss became infinite or not a number.
    #[error("loss is not finite at step {step}")]
    Diverged {
        /// The optimiser step.
        step: u64,
    },
}

impl TrainError {
    /// Returns a function that turns an I/O error into one that names the file.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
