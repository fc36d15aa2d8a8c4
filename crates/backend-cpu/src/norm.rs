//! Norms: sixteen strided partial sums in each segment, folded by a fixed tree; then the segments, ascending.

use neural::{LANES, NormConfig, NormKind, SEGMENT};

use crate::isa::kernel;
use crate::lanes::{Lanes, Stored, sum};

kernel! {
    /// Writes every row of `x`, `[rows, weight.len()]`, normalised and multiplied by `weight`, to `out`.
    pub(crate) fn norm_rows(norm: &NormConfig, weight: &[f32], x: &[f32], out: &mut [f32]);
    portable: rows,
    avx2: rows,
    avx512: rows,
}

#[inline(always)]
fn rows(norm: &NormConfig, weight: &[f32], x: &[f32], out: &mut [f32]) {
    for (x, out) in x.chunks_exact(weight.len()).zip(out.chunks_exact_mut(weight.len())) {
        let mean = match norm.kind {
            NormKind::Layer => by_segments(x, |sum, x| sum + x) / x.len() as f32,
            NormKind::RootMeanSquare => 0.0,
        };
        let square = by_segments(x, |sum, x| (x - mean).mul_add(x - mean, sum)) / x.len() as f32;
        let inverse = 1.0 / (square + norm.epsilon).sqrt();
        for ((out, x), weight) in out.iter_mut().zip(x).zip(weight) {
            *out = (x - mean) * inverse * weight;
        }
    }
}

/// Returns the sums of the segments of `x`, added to the first of them in ascending order.
#[inline(always)]
fn by_segments(x: &[f32], take: impl Fn(f32, f32) -> f32) -> f32 {
    let (first, others) = x.split_at(x.len().min(SEGMENT));
    let mut total = strided(first, &take);
    for segment in others.chunks(SEGMENT) {
        total += strided(segment, &take);
    }
    total
}

/// Returns the sum of one segment: lane `l` takes the elements `l, l + 16, ...` in ascending order.
#[inline(always)]
fn strided(x: &[f32], take: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = Lanes::ZERO;
    let (whole, rest) = x.as_chunks::<LANES>();
    for chunk in whole {
        for (lane, x) in lanes.0.iter_mut().zip(chunk) {
            *lane = take(*lane, *x);
        }
    }
    for (lane, x) in lanes.0.iter_mut().zip(rest) {
        *lane = take(*lane, *x);
    }
    lanes.fold(sum)
}
