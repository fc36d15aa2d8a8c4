//! Sixteen values that are computed side by side, each in a lane.
//!
//! A lane never reads another one, except in [`Lanes::fold`], which is a fixed tree. So the bits are the same
//! whether the compiler puts the sixteen into one register, two, four or sixteen.

use neural::LANES;

use crate::half;

/// Sixteen f32 numbers, aligned for the widest vector register.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Lanes(pub(crate) [f32; LANES]);

/// Sixteen bf16 numbers, as bits.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(32))]
pub(crate) struct HalfLanes(pub(crate) [u16; LANES]);

/// Sixteen numbers as they are stored, which widen exactly to f32.
pub(crate) trait Stored: Copy + Send + Sync {
    /// The type of one stored number.
    type Number: Copy + Default + Send + Sync;
    /// Sixteen zeros.
    const ZERO: Self;
    /// Returns the sixteen stored numbers.
    fn lanes(&mut self) -> &mut [Self::Number; LANES];
    /// Returns the sixteen values, widened to f32.
    fn widen(&self) -> Lanes;
    /// Returns the number of this type that is nearest to `value`.
    fn nearest(value: f32) -> Self::Number;
    /// Returns the value of a stored number as f32.
    fn value(number: Self::Number) -> f32;
}

impl Stored for Lanes {
    type Number = f32;
    const ZERO: Self = Self([0.0; LANES]);

    #[inline(always)]
    fn lanes(&mut self) -> &mut [f32; LANES] {
        &mut self.0
    }

    #[inline(always)]
    fn widen(&self) -> Lanes {
        *self
    }

    #[inline(always)]
    fn nearest(value: f32) -> f32 {
        value
    }

    #[inline(always)]
    fn value(number: f32) -> f32 {
        number
    }
}

impl Stored for HalfLanes {
    type Number = u16;
    const ZERO: Self = Self([0; LANES]);

    #[inline(always)]
    fn lanes(&mut self) -> &mut [u16; LANES] {
        &mut self.0
    }

    #[inline(always)]
    fn widen(&self) -> Lanes {
        Lanes(self.0.map(half::widen))
    }

    #[inline(always)]
    fn nearest(value: f32) -> u16 {
        half::round(value)
    }

    #[inline(always)]
    fn value(number: u16) -> f32 {
        half::widen(number)
    }
}

impl Lanes {
    /// Returns `fma(weights[l], factor, self[l])` in every lane `l`.
    #[inline(always)]
    pub(crate) fn fma(self, weights: Self, factor: f32) -> Self {
        let mut sum = self.0;
        for (sum, weight) in sum.iter_mut().zip(&weights.0) {
            *sum = weight.mul_add(factor, *sum);
        }
        Self(sum)
    }

    /// Returns `self[l] + other[l]` in every lane `l`.
    #[inline(always)]
    pub(crate) fn plus(self, other: Self) -> Self {
        let mut total = self.0;
        for (total, other) in total.iter_mut().zip(&other.0) {
            *total += other;
        }
        Self(total)
    }

    /// Folds the lanes in a fixed tree: lane `l` with `l + 8`, then with `l + 4`, `l + 2` and `l + 1`.
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

/// Returns `b` if it is larger than `a`, and `a` otherwise, which includes equal numbers and NaN.
#[inline(always)]
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// Returns `a + b`, for [`Lanes::fold`].
#[inline(always)]
pub(crate) fn sum(a: f32, b: f32) -> f32 {
    a + b
}
