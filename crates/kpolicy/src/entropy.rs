//! The entropy of a distribution, scaled to the range from 0 to 1.

use crate::Unit;

/// Returns the Shannon entropy of `weights`, divided by the logarithm of their number: 0 for one certain
/// outcome, 1 for a uniform choice.
///
/// Weights need not sum to 1. A weight that is not positive and finite counts as 0. The result is 0 for fewer
/// than two weights, and if no weight is positive.
#[must_use]
pub fn normalized_entropy(weights: &[f64]) -> Unit {
    let positive = || weights.iter().copied().filter(|weight| *weight > 0.0 && weight.is_finite());
    // Divide by the largest weight first, because the plain sum of huge weights would overflow.
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
    // A slice that fits in memory has a length that a float holds exactly enough.
    Unit::clamped(entropy / (weights.len() as f64).ln()).unwrap_or(Unit::ZERO)
}
