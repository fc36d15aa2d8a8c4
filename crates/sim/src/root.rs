//! The trust root of the simulation, which vouches for the validators that the games install.

/// The value that vouches for the simulation's own validators, all of which are in this crate.
#[derive(Debug)]
pub(crate) struct Root;

// SAFETY: the trait has no memory contract. The validators that enter beside this value are part of the
// games, and no proposer of a game can pass one in.
#[allow(unsafe_code, reason = "the one unsafe implementation of the simulation")]
unsafe impl det::TrustRoot for Root {}
