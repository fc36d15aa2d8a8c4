//! Sums in a fixed order.

use std::ops::Range;

use crate::numerics::{LANES, SEGMENT};

/// Returns the sum of `count` terms in segments of [`SEGMENT`], the last one shorter. `of_segment` returns
/// the sum of one segment by itself. The total starts as the first segment's sum, and the others are added in
/// ascending order.
pub(super) fn in_segments(count: usize, of_segment: impl Fn(Range<usize>) -> f32) -> f32 {
    let mut total = of_segment(0..SEGMENT.min(count));
    let mut start = SEGMENT;
    while start < count {
        total += of_segment(start..(start + SEGMENT).min(count));
        start += SEGMENT;
    }
    total
}

/// Returns the product of two vectors: in each segment one sum from +0, fused, in ascending order.
pub(super) fn dot(weights: &[f32], x: &[f32]) -> f32 {
    in_segments(weights.len(), |segment| {
        let mut sum = 0.0;
        for k in segment {
            sum = weights[k].mul_add(x[k], sum);
        }
        sum
    })
}

/// Folds sixteen lanes by a fixed tree: lane `l` with lane `l + 8`, then with `l + 4`, `l + 2` and `l + 1`.
pub(super) fn fold(mut lanes: [f32; LANES], join: impl Fn(f32, f32) -> f32) -> f32 {
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] = join(lanes[lane], lanes[lane + half]);
        }
    }
    lanes[0]
}

/// Returns `b` if it is larger than `a`, and `a` otherwise, which includes equal numbers and NaN.
pub(super) fn max(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_summed_by_itself() {
        // In f32 the million takes in no more of such terms, but it does of their sum.
        let mut terms = vec![0.01; 2 * SEGMENT];
        terms[0] = 1e6;
        let ones = vec![1.0; 2 * SEGMENT];
        assert_eq!(dot(&terms, &ones), 1e6 + (SEGMENT as f32) * 0.01);
        assert_eq!(dot(&terms[..SEGMENT], &ones[..SEGMENT]), 1e6);
    }

    #[test]
    fn the_first_segment_is_not_added_to_zero() {
        // A negative product that is too small for f32 leaves -0, which +0 would swallow.
        let tiny = f32::MIN_POSITIVE;
        assert_eq!(dot(&[-tiny], &[tiny]).to_bits(), (-0.0_f32).to_bits());
    }

    #[test]
    fn lanes_are_folded_as_a_tree() {
        let mut lanes = [0.0; LANES];
        (lanes[0], lanes[8], lanes[1]) = (1e8, -1e8, 1.0);
        assert_eq!(fold(lanes, |a, b| a + b), 1.0);
        (lanes[8], lanes[1], lanes[2]) = (0.0, -1e8, 1.0);
        assert_eq!(fold(lanes, |a, b| a + b), 0.0, "1 is lost in 1e8, which lane 1 joins after it");
    }
}
