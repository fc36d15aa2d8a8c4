//! The table of batteries, which are in files by subject.

mod coherence;
mod elsewhere;
mod generation;
pub(crate) mod matrix;
mod operations;
mod plain;
mod sessions;
mod traps;

use crate::battery::Battery;

/// The batteries in the order in which they run.
pub(crate) const BATTERIES: [&Battery; 14] = [
    &operations::OPERATIONS,
    &plain::PLAIN_BACKEND,
    &traps::TRAP_PLANE,
    &sessions::KV_PARK_RESUME,
    &elsewhere::PARKED_ELSEWHERE,
    &sessions::SPECULATE_ROLLBACK,
    &sessions::RING_CROSS_ROLLBACK,
    &traps::EXPERT_ISOLATION,
    &generation::DETERMINISTIC_INTERRUPT,
    &traps::MODE_B_IDENTITY,
    &traps::ENTROPY_TAP,
    &generation::LANES,
    &matrix::INVARIANCE_MATRIX,
    &coherence::COHERENCE,
];

/// The names of the batteries in the order in which they run, as [`Options::only`](crate::Options::only)
/// takes them.
pub const NAMES: [&str; BATTERIES.len()] = {
    let mut names = [""; BATTERIES.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = BATTERIES[at].name;
        at += 1;
    }
    names
};

pub use coherence::freeze;
