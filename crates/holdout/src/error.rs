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
    #[error("the {part} of the specification {fault}{instance}")]
    SpecificationFault {
        /// The part: oracle, verifier, generator or precondition.
        part: &'static str,
        /// The fault, in words that go on after the part.
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
    /// The specification needs Python code to be run, and no driver of Python was given.
    #[error("the specification has Python code, and nothing that runs Python was given")]
    NoHelper,
}
