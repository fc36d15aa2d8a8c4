//! How evenly a distribution is spread.

use crate::Unit;

/// The Shannon entropy of `weights` over the logarithm of their number: 0 for one certain outcome,
/// 1 for a uniform choice. Weights need not sum to 1; those that are not positive and finite count
/// as 0. Fewer than two weights, or no positive one, give 0.
#[must_use]
pub fn normalized_entropy(weights: &[f64]) -> Unit {
    let positive = || weights.iter().copied().filter(|weight| *weight > 0.0 && weight.is_finite());
    // Scaled by the largest first: the plain sum of huge weights would overflow.
    let largest = positive().fold(0.0, f64::max);
    let total: f64 = positive().map(|weight| weight / largest).sum();
    if weights.len() < 2 || largest == 0.0 {
        return Unit::ZERO;
    }
    let entropy: f64 = positive()
        .map(|weight| weight / largest / total)
        .filter(|share| *share > 0.0)
        .map(|share| -share * share.ln())
        .sum();
    // The count of a slice that fits in memory is exact enough in a float.
    Unit::clamped(entropy / (weights.len() as f64).ln()).unwrap_or(Unit::ZERO)
}
