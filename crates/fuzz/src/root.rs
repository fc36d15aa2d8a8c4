//! The trust root of the fuzz targets, which vouches for expectations in made-up graphs.

/// The value that vouches for the expectations in the graphs that a target makes up.
#[derive(Debug)]
pub(crate) struct Root;

// SAFETY: the trait has no memory contract. The expectations that enter beside this value are random bytes
// of a fuzz target, and no verdict of a target leaves it.
#[allow(unsafe_code, reason = "the one unsafe implementation of the fuzz targets")]
unsafe impl det::TrustRoot for Root {}
