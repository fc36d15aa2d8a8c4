//! Sixteen values that are computed side by side.
//!
//! A lane never reads another one, except in [`Lanes::fold`], which is a fixed tree. So it does not matter
//! whether the compiler puts the sixteen into one register, two, four or sixteen.

use neural::LANES;

/// Sixteen f32, aligned for the widest vector.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Lanes(pub(crate) [f32; LANES]);

/// Sixteen bf16, as bits.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(32))]
pub(crate) struct HalfLanes(pub(crate) [u16; LANES]);

/// Weights that widen exactly to f32.
pub(crate) trait Stored: Copy {
    fn widen(&self) -> Lanes;
}

impl Stored for Lanes {
    #[inline(always)]
    fn widen(&self) -> Lanes {
        *self
    }
}

impl Stored for HalfLanes {
    #[inline(always)]
    fn widen(&self) -> Lanes {
        let mut wide = [0.0; LANES];
        for (wide, half) in wide.iter_mut().zip(&self.0) {
            *wide = f32::from_bits(u32::from(*half) << 16);
        }
        Lanes(wide)
    }
}

impl Lanes {
    pub(crate) const ZERO: Self = Self([0.0; LANES]);

    /// `fma(weights[l], factor, self[l])` in every lane.
    #[inline(always)]
    pub(crate) fn fma(self, weights: Self, factor: f32) -> Self {
        let mut sum = self.0;
        for (sum, weight) in sum.iter_mut().zip(&weights.0) {
            *sum = weight.mul_add(factor, *sum);
        }
        Self(sum)
    }

    /// Folds the lanes in a fixed tree: `l` with `l + 8`, then `+ 4`, `+ 2`, `+ 1`.
    #[inline(always)]
    pub(crate) fn fold(self, join: impl Fn(f32, f32) -> f32) -> f32 {
        let mut lanes = self.0;
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                lanes[lane] = join(lanes[lane], lanes[lane + half]);
            }
        }
        lanes[0]
    }
}

/// `if b > a { b } else { a }`: the first of equals, and `a` where either is not a number.
#[inline(always)]
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// `a + b`.
#[inline(always)]
pub(crate) fn sum(a: f32, b: f32) -> f32 {
    a + b
}
