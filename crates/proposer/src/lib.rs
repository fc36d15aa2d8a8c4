//! A model of this machine as a proposer.

#![forbid(unsafe_code)]

mod checkpoint;
mod forbidden_text;
mod interrupt;
mod likelihood;
mod local;
mod propose;

pub use abi;
pub use checkpoint::{Checkpoint, GenerationDefaults, GenerationDefaultsError};
pub use forbidden_text::{Unsaid, UnsaidError};
pub use interrupt::{Forbidden, ForbiddenError, Interrupt};
pub use local::{LoadError, LocalModel, ProposeError, Schedule};
pub use neural;
pub use text;
