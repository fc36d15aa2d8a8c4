//! Fuzz targets for every parser of untrusted bytes.
//!
//! A [`Target`] takes any bytes and panics if a property is broken, for example: accepted bytes are written
//! back unchanged; input that one reader refuses is refused by all; two ways to compute a value agree. A
//! target is a plain function, so three engines can call it. libFuzzer is guided by the code that an input
//! reaches (`src/bin/guided.rs`). Seeded mutations need no C++ compiler (`src/bin/mutate.rs`). The tests of
//! this crate run a few thousand mutations of each target's seeds.
//!
//! To add a target: write a file under `src/targets/` with a function `fn name(bytes: &[u8])`, add its `mod`
//! line and its row in [`TARGETS`], and put at least one small file under `seeds/<name>/`. No other list of
//! targets exists.
//!
//! A run without a finding shows only that its own inputs broke nothing. The target [`planted`] has a
//! deliberate bug: a run that does not find this bug has shown nothing.

#![deny(unsafe_code)]

mod binary_seeds;
mod control;
mod engine;
mod mutator;
mod root;
mod sealed;
mod targets;

pub use binary_seeds::binary_seeds;
pub use control::{PLANTED, planted};
pub use engine::{Broken, hunt, run_one};
pub use mutator::Mutator;
pub use targets::{TARGETS, Target, find};
