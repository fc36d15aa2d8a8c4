//! The trust root of the simulation: it vouches for the validators that the games install.

/// The simulation speaks for itself: what enters beside this value is written down in this crate.
#[derive(Debug)]
pub(crate) struct Root;

// SAFETY: no memory is at stake. The validators that enter beside the value are part of the games, and no
// proposer of a game has a parameter that takes one.
#[allow(unsafe_code, reason = "the one unsafe implementation of the simulation")]
unsafe impl det::TrustRoot for Root {}
