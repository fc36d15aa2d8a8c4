//! The constants that fix the order of all floating-point operations.
//!
//! Every value here changes the bits of the logits, so a change of one is a new [`NUMERICS_VERSION`].
//! `docs/numerics.md` says what each is used for.

/// The name of the numerics version: one fixed order of all floating-point operations, the polynomials, and
/// the version of `libm`.
///
/// Two runs of one model under one version give the same logits at every position, bit for bit.
pub const NUMERICS_VERSION: &str = "nmk-numerics-2";

/// The number of lanes that values are grouped in: outputs in a panel of packed weights, positions in a panel
/// of keys, and strided partial sums of a norm. The width of the processor's vectors does not change it.
pub const LANES: usize = 16;

/// The number of inputs in a segment of a sum. Matrix products and the sums of norms add up each segment by
/// itself, then the segments in ascending order. The last segment is shorter if the number of inputs is no
/// multiple of it.
pub const SEGMENT: usize = 128;

/// The number of positions in a block of attention, whose scores and values are summed together. Blocks start
/// at absolute positions that are multiples of this number.
pub const BLOCK: usize = 64;

/// The number of positions in a page of keys and values, a multiple of [`BLOCK`]. Sessions share and drop
/// whole pages.
pub const PAGE: usize = BLOCK;
