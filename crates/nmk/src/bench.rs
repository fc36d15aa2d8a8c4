//! The speed of this machine: the trusted core, and a local model with the kernel's mechanisms around it.

mod cell;
mod clock;
pub(crate) mod decode;
pub(crate) mod park;
pub(crate) mod prefill;
mod random;
mod report;
pub(crate) mod sched;
mod subject;
pub(crate) mod trap;

pub(crate) use cell::{Cell, Figure, Ratio};
pub(crate) use report::{Group, Report, Row};
pub(crate) use subject::{Effort, Subject};
