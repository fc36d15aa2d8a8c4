//! A number between zero and one, for every quantity that is a share.

use core::cmp::Ordering;
use core::fmt;

/// A number from 0 to 1, for quantities that are shares. Never NaN and never -0.0, so units have a total
/// order, and equal units have equal bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit(f64); // Invariant: 0 <= self.0 <= 1; made by `new`, `clamped` and the constants only.

/// The error of [`Unit::new`] and [`Unit::clamped`], with the number that they refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{0} is not a number in [0, 1]")]
pub struct NotUnit(pub f64);

impl Unit {
    /// The number 0: no share at all, for example no doubt.
    pub const ZERO: Self = Self(0.0);
    /// The number 0.5, which is the threshold of doubt and of risk in the reference implementation.
    pub const HALF: Self = Self(0.5);
    /// The number 0.6, the cost above which the reference implementation reduces branches.
    pub(crate) const THREE_FIFTHS: Self = Self(0.6);
    /// The number 1: the whole, for example a certain disagreement.
    pub const ONE: Self = Self(1.0);

    /// Returns `number` as a unit. Negative zero becomes positive zero.
    ///
    /// # Errors
    /// Fails if `number` is NaN or outside `[0, 1]`.
    pub fn new(number: f64) -> Result<Self, NotUnit> {
        // Adding zero turns -0.0 into 0.0, so that equal units have equal bits.
        if (0.0..=1.0).contains(&number) { Ok(Self(number + 0.0)) } else { Err(NotUnit(number)) }
    }

    /// Returns `number` as a unit. A number outside the range becomes 0 or 1, whichever is nearer.
    ///
    /// # Errors
    /// Fails if `number` is NaN.
    pub fn clamped(number: f64) -> Result<Self, NotUnit> {
        Self::new(number.clamp(0.0, 1.0))
    }

    /// Returns the number as a float, which is in `[0, 1]` and never NaN.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Unit {}

impl Ord for Unit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Unit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
