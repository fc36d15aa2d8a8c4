//! Errors: experiments that say nothing about a candidate.

use sandbox::{Fault, SandboxError};

use crate::NotaryError;

/// The reason why an experiment could not be made. The candidate has no part in it.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// The machine cannot run programs in isolation.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The seed of the exam could not be drawn, or the candidate could not be sealed.
    #[error(transparent)]
    Notary(#[from] NotaryError),
    /// The code of the specification failed.
    #[error("the {part} of the specification fails: {fault}{instance}")]
    SpecificationFault {
        /// The part: oracle, verifier, generator or precondition.
        part: &'static str,
        /// The fault.
        fault: Fault,
        /// The instance on which it failed, with words around it; empty where there is none.
        instance: String,
    },
    /// The parts of the specification do not fit together.
    #[error("the specification is refused: {what}")]
    Specification {
        /// The fault, and what would be right.
        what: String,
    },
    /// The machine's own Python is needed, and no driver of it was given.
    #[error(
        "the machine's own Python is needed, for the code of the specification and for the wrong programs that are made \
         of a candidate: install python3"
    )]
    NoHelper,
    /// The specification demands an executor, and another one runs the candidate.
    #[error("the specification demands the executor {demanded}, and this is {found}")]
    Executor {
        /// The name and the version that are demanded.
        demanded: String,
        /// The name and the version of what runs the candidate.
        found: String,
    },
}
