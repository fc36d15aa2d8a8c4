//! Constants that fix the order of operations.
//!
//! Every value here is part of the bits that come out: changing one is a new
//! [`NUMERICS_VERSION`]. `docs/numerics.md` says what each is used for.

/// Names the order of operations, the polynomials and the version of `libm`.
///
/// Two runs of one model under one version give the same logits at every position, bit for bit.
pub const NUMERICS_VERSION: &str = "nmk-numerics-2";

/// Outputs in a panel of packed weights, positions in a panel of keys, strided partial sums of a norm.
pub const LANES: usize = 16;

/// Inputs in a segment of a sum: products and the sums of norms add up each segment by itself, then the segments in
/// ascending order. The last segment of a sum is shorter where the inputs are no multiple of 128.
pub const SEGMENT: usize = 128;

/// Positions in an attention block. Blocks start at absolute positions that are multiples of it.
pub const BLOCK: usize = 64;

/// Positions in a page of keys and values: a multiple of [`BLOCK`].
pub const PAGE: usize = BLOCK;
