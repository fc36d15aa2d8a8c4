//! The trust root of the workshop, which vouches for the corpus' own functions as oracles of exams.

/// The value that vouches for the oracles of measurements, all of which are in this crate.
#[derive(Debug)]
pub(crate) struct Root;

// SAFETY: the trait has no memory contract. The oracles that enter beside this value are functions of the corpus, and
// nothing that a measurement admits leaves the process.
#[allow(unsafe_code, reason = "the one unsafe implementation of the workshop")]
unsafe impl det::TrustRoot for Root {}
