//! The distance of two results from each other.

/// Returns the bits of each value, so that a comparison tells zeros of different sign apart.
#[must_use]
pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Returns the largest absolute difference between two results, divided by the standard deviation of
/// `expected`.
///
/// # Panics
/// If `found` and `expected` have different lengths.
#[must_use]
pub fn relative_difference(found: &[impl Into<f64> + Copy], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len(), "results of one length");
    let count = expected.len() as f64;
    let mean = expected.iter().sum::<f64>() / count;
    let variance = expected.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    let differences = found.iter().zip(expected).map(|(a, b)| ((*a).into() - b).abs());
    differences.fold(0.0, f64::max) / variance.sqrt()
}
