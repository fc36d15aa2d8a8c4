//! The worth of governing: the fact loop on counted questions, beside a model alone and one that always has facts.

mod arm;
mod course;
mod picture;
mod sums;
mod verdict;

pub(crate) use arm::Arm;
pub(crate) use course::{Course, Spend, run};
pub(crate) use picture::picture;
pub(crate) use sums::{HEADINGS, Sums};
pub(crate) use verdict::findings;
