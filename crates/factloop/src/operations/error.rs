//! The reasons why an operation proposed nothing.

use abi::{FieldError, counted};
use std::fmt;

use abi::bounds::MAX_PROMPT_BYTES;
use sched::Cause;

/// The reason why an operation proposed nothing that could be judged. `M` is the error of the model.
///
/// A wrong proposal is not an error: the judgement finds it.
#[derive(Clone, Debug)]
pub enum OperationError<M> {
    /// The model could not generate a complete draft.
    Model(M),
    /// A primitive has no result for its operands.
    Call(prims::CallError),
    /// The input of a generation has no prompt.
    NoPrompt {
        /// The name of the task whose input has no prompt.
        task: String,
    },
    /// The model stated no answer to a prompt for which any answer would do.
    NoAnswer {
        /// The name of the task that would have answered.
        task: String,
        /// The reason, in words.
        why: String,
    },
    /// A generation may spend no tokens.
    NoTokens {
        /// Name of the task.
        task: String,
    },
    /// The rule of decoding in the input of a generation is none.
    Decoding {
        /// Name of the task.
        task: String,
        /// The fault of the rule.
        error: FieldError,
    },
    /// A placeholder of a template names no result that the task was given.
    UnknownPlaceholder {
        /// Name of the task.
        task: String,
        /// The name in the placeholder.
        placeholder: String,
    },
    /// The prompt would be longer than the ledger keeps.
    PromptTooLong {
        /// Name of the task.
        task: String,
        /// The bytes that the prompt would have at least.
        bytes: usize,
    },
    /// A repair was not started for a refuted proposal.
    NothingToRepair {
        /// The name of the task that was planned so.
        task: String,
    },
    /// An operation that passes on the result of one task waits for no task, or for several.
    NotOneInput {
        /// The name of the task that passes on a result.
        task: String,
        /// The number of results that it was given.
        found: usize,
    },
    /// The contract of a task does not name a primitive call that could be computed.
    NothingToCompute {
        /// The name of the operation that would compute the call.
        operation: String,
    },
    /// The input of a delegation does not name the operation of its child task.
    NothingToDelegate {
        /// The name of the task that delegates.
        task: String,
    },
    /// The child task of a delegation did not pass.
    Child {
        /// The name of the child task that did not pass.
        task: String,
        /// The cause with which the child task ended.
        cause: Cause,
    },
}

impl<M: fmt::Display> fmt::Display for OperationError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::NoPrompt { task } => write!(f, "{task} has no prompt; give it one"),
            Self::NoAnswer { task, why } => write!(f, "{task} has no answer: {why}"),
            Self::NoTokens { task } => write!(f, "{task} may spend no tokens; raise its limits"),
            Self::Decoding { task, error } => write!(
                f,
                "{task} states how to decode, and {error}; write `greedy`, or temperature_ppm and seed"
            ),
            Self::UnknownPlaceholder { task, placeholder } => {
                write!(f, "{task} was given no result for {{{placeholder}}}; let it wait for that task")
            }
            Self::PromptTooLong { task, bytes } => write!(
                f,
                "the prompt of {task} would have {bytes} or more and {MAX_PROMPT_BYTES} is the limit; use \
                 fewer or shorter results",
                bytes = counted(*bytes, "byte")
            ),
            Self::NothingToRepair { task } => write!(
                f,
                "{task} repairs nothing: model.repair runs where a proposal was refuted, never by itself"
            ),
            Self::NotOneInput { task, found } => {
                write!(f, "{task} passes one result on and waits for {found}; let it wait for one task")
            }
            Self::NothingToCompute { operation } => write!(f, "{operation} was given nothing to compute"),
            Self::NothingToDelegate { task } => {
                write!(f, "{task} delegates nothing: give it the operation to ask for")
            }
            Self::Child { task, cause } => write!(f, "{task} did not pass: {cause}"),
        }
    }
}

impl<M: std::error::Error> std::error::Error for OperationError<M> {}
