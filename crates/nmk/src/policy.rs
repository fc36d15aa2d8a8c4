//! The branching policy as the command line states it: signals, limits, readings and lanes, in JSON.

mod flags;
mod input;

pub use flags::SpendingFlags;
pub(crate) use flags::{budget, share};
pub use input::PolicyInputError;
pub(crate) use input::{checks, cost_model, lanes, policy, readings, signals};
