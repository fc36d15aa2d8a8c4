//! The branching policy as the command line states it: signals, limits, readings and lanes, in JSON.

mod flags;
mod input;

pub(crate) use flags::budget;
pub use input::PolicyInputError;
pub(crate) use input::{cost_model, lanes, policy, readings, signals};
