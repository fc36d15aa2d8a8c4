//! The branching policy as the command line states it: signals, limits, readings and lanes, in JSON.

pub(crate) mod certificate;
mod flags;
mod input;

pub use certificate::SignatureError;
pub use flags::SpendingFlags;
pub(crate) use flags::{budget, share};
pub use input::PolicyInputError;
pub(crate) use input::{checks, cost_model, lanes, policy, readings, signals};
