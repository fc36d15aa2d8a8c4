//! The errors of the workshop, each with the file or the name that it is about.

use std::path::PathBuf;

/// The reason why a step of the workshop failed: corpus, training, saving or evaluation.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The tensor library refused an operation, for example because shapes do not fit.
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
    /// The tokenizer library refused a text or a `tokenizer.json`.
    #[error("tokenizer: {0}")]
    Tokenizer(#[from] tokenizers::Error),
    /// A JSON document of the workshop could not be parsed or written.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// A safetensors file could not be parsed or written.
    #[error("safetensors: {0}")]
    Safetensors(#[from] safetensors::SafeTensorError),
    /// The shipped CPU backend could not be created on this machine.
    #[error("backend: {0}")]
    Backend(#[from] backend_cpu::BackendError),
    /// The model files could not be loaded for the shipped forward pass.
    #[error(transparent)]
    Load(#[from] proposer::LoadError),
    /// The shipped forward pass refused a sequence, for example because it is too long.
    #[error(transparent)]
    Session(#[from] neural::SessionError),
    /// A head of the entry trap does not fit the model.
    #[error(transparent)]
    Entry(#[from] neural::EntryError),
    /// An injector does not fit the model, or cannot tell a value.
    #[error(transparent)]
    Injector(#[from] neural::InjectorError),
    /// The shipped model refused a prompt, or failed to answer it.
    #[error(transparent)]
    Propose(#[from] proposer::ProposeError),
    /// The gate refuses the specification of a gap.
    #[error(transparent)]
    Specification(#[from] holdout::SpecError),
    /// The gate cannot examine anything.
    #[error(transparent)]
    Exam(#[from] Box<holdout::ExperimentError>),
    /// The machine cannot isolate candidates.
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    /// A tensor is missing from a checkpoint, or has another size than the configuration says.
    #[error("parameter {name}: not there, or of another size than the configuration says")]
    Parameter {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
    },
    /// The saved state belongs to a run with another plan, and cannot be resumed under this one.
    #[error("{path}: saved by a run with another seed, number of steps or settings; resume with those")]
    OtherPlan {
        /// The path of the saved state.
        path: PathBuf,
    },
    /// A line of a loss curve does not have the form that this crate writes.
    #[error("loss curve: cannot read `{line}`")]
    Curve {
        /// The text of that line.
        line: String,
    },
    /// The loss or its gradient became infinite or not a number, so the run cannot go on.
    #[error("loss is not finite at step {step}")]
    Diverged {
        /// Number of optimiser steps that were finished before it happened.
        step: u64,
    },
}

impl TrainError {
    /// Returns a function that turns an error of the operating system into one that names the file.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
