//! Batteries: schedules of a forward pass that must give one set of bits, and faults that must not.
//!
//! A battery computes the same sequences in many ways and counts the bits in which logits, keys and values
//! differ. It passes if none differs, and if each fault that is put into the backend on purpose makes some
//! differ. The table of batteries is in `batteries.rs`, and [`run`] runs them.

#![forbid(unsafe_code)]

mod batteries;
mod battery;
mod checkpoints;
mod error;
mod inputs;
mod runner;
mod subject;
mod tally;

pub use batteries::matrix::work;
pub use batteries::{NAMES, freeze};
pub use checkpoints::{ModelChoice, NamedCheckpoint};
pub use error::BatteryError;
pub use runner::{Compute, Control, Options, Outcome, Progress, Report, run};
