//! Batteries: schedules of a forward pass that must have one set of bits, and faults that must not.

#![forbid(unsafe_code)]

mod batteries;
mod bench;
mod faulty;
mod matrix;
mod models;
mod said;
mod schedules;
pub mod synthetic;

pub use batteries::{Battery, Control, NAMES, Options, Progress, Report, run};
pub use faulty::{BothWays, Fault, Faulty, POISON};
pub use matrix::work;
pub use models::{ModelChoice, NoModel, Parts, only_experts};
pub use said::freeze;
