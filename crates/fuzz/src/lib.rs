//! Parsers of untrusted bytes, under input that was mutated until something gives.
//!
//! A [`Target`] takes any bytes and panics where a promise is broken: what a reader accepts is written back to
//! the same bytes, what one door refuses no other lets in, two ways to compute the same agree. It is a plain
//! function, so that three engines can call it: libFuzzer, which sees what code the input reached
//! (`src/bin/guided.rs`); seeded mutations of the seeds, where there is no C++ compiler
//! (`src/bin/mutate.rs`); and the tests of this crate, a few thousand mutations of each seed corpus.
//!
//! To add a target: one file under `src/targets/` with a function `fn name(bytes: &[u8])`, its `mod` line and
//! its row in [`TARGETS`], and at least one small file under `seeds/<name>/`. Nothing else lists targets.
//!
//! A run without a finding shows that these inputs broke nothing. [`planted`] has a bug on purpose: a run
//! that does not find it has shown nothing.

#![forbid(unsafe_code)]

mod control;
mod engine;
mod made;
mod mutator;
mod sealed;
mod targets;

pub use control::{PLANTED, planted};
pub use engine::{Broken, hunt, run_one};
pub use made::made;
pub use mutator::Mutator;
pub use targets::{TARGETS, Target, find};
