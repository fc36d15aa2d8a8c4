//! Why an operation produced nothing.

use sched::Cause;

use crate::ModelFailure;

/// Why an operation produced nothing to judge.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// The model failed.
    #[error(transparent)]
    Model(#[from] ModelFailure),
    /// A tool gave nothing.
    #[error(transparent)]
    Tool(#[from] tools::ToolError),
    /// The prompt cannot be asked.
    #[error("{0}")]
    Prompt(String),
    /// A primitive has no value there.
    #[error(transparent)]
    Call(#[from] prims::CallError),
    /// A generation was given no prompt.
    #[error("{task} has no prompt; give it one")]
    NoPrompt {
        /// The task.
        task: String,
    },
    /// A repair that repairs nothing.
    #[error("{task} repairs nothing: model.repair runs where a proposal was refuted, never by itself")]
    NothingToRepair {
        /// The task.
        task: String,
    },
    /// An operation that passes one result on has none, or several.
    #[error("{task} passes one result on and waits for {found}; let it wait for one task")]
    NotOneInput {
        /// The task.
        task: String,
        /// How many results it was given.
        found: usize,
    },
    /// The task's contract computes nothing.
    #[error("{operation} was given nothing to compute")]
    NothingToCompute {
        /// The operation.
        operation: String,
    },
    /// A delegation without a description of the task.
    #[error("{task} delegates nothing: give it the operation to ask for")]
    NothingToDelegate {
        /// The task.
        task: String,
    },
    /// The task that was asked for did not pass.
    #[error("{task} did not pass: {cause}")]
    Child {
        /// The task.
        task: String,
        /// Why.
        cause: Cause,
    },
}
