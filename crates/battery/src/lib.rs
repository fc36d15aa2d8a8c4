//! Batteries: schedules of a forward pass that must have one set of bits, and faults that must not.

#![forbid(unsafe_code)]

mod batteries;
mod faulty;
mod matrix;
mod models;
pub mod synthetic;

pub use batteries::{Battery, Control, NAMES, Options, Report, run};
pub use faulty::{BothWays, Fault, Faulty, POISON};
pub use models::{ModelChoice, NoModel, Parts, only_experts};
