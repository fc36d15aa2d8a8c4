//! Benchmarks of the trusted core, and of a local model with sessions and traps, on this machine.

mod cell;
mod clock;
mod constrained;
pub(crate) mod decode;
pub(crate) mod gate;
pub(crate) mod memory;
pub(crate) mod park;
pub(crate) mod policy;
pub(crate) mod prefill;
mod random;
mod report;
pub(crate) mod sched;
mod subject;
pub(crate) mod trap;

pub(crate) use cell::{Cell, Figure, Ratio};
pub(crate) use report::{Group, Report, Row};
pub(crate) use subject::{Effort, Subject};
