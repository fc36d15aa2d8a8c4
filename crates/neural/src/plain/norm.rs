//! Layer norm and root-mean-square norm of one row.

use super::sums::{fold, in_segments};
use crate::config::{NormConfig, NormKind};
use crate::numerics::LANES;

/// Returns `x` normalised and multiplied by `weight`.
pub(super) fn norm(norm: &NormConfig, weight: &[f32], x: &[f32]) -> Vec<f32> {
    let count = x.len() as f32;
    let mean = match norm.kind {
        NormKind::Layer => strided_sum(x, |sum, x| sum + x) / count,
        NormKind::RootMeanSquare => 0.0,
    };
    let variance = strided_sum(x, |sum, x| (x - mean).mul_add(x - mean, sum)) / count;
    let inverse = 1.0 / (variance + norm.epsilon).sqrt();
    x.iter().zip(weight).map(|(x, weight)| ((x - mean) * inverse) * weight).collect()
}

/// Returns a sum over the row in segments. In a segment there are sixteen sums from +0: lane `l` takes the
/// elements `l`, `l + 16` and so on of the segment in ascending order, and the lanes are folded.
fn strided_sum(x: &[f32], take: impl Fn(f32, f32) -> f32) -> f32 {
    in_segments(x.len(), |segment| {
        let mut lanes = [0.0; LANES];
        for (number, x) in x[segment].iter().enumerate() {
            let lane = &mut lanes[number % LANES];
            *lane = take(*lane, *x);
        }
        fold(lanes, |a, b| a + b)
    })
}
