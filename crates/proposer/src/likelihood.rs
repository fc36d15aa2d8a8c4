//! The likelihood of a text under a model.

use neural::Logits;

/// Returns the mean of `-ln p(targets[i] | row i)` over the rows of `logits`, in nats. `targets` has one id
/// for each row, at least one. The sum is in f64, in ascending order, with the pinned `libm`, so that the
/// mean has the same bits on every machine.
pub(crate) fn mean_nll(logits: &Logits, targets: &[u32]) -> f64 {
    let rows = targets.iter().enumerate();
    let sum: f64 = rows.map(|(row, target)| nll(logits.row(row), *target)).sum();
    sum / targets.len() as f64
}

fn nll(row: &[f32], target: u32) -> f64 {
    let largest = row.iter().fold(f32::NEG_INFINITY, |a, b| if *b > a { *b } else { a });
    let shifted = |value: f32| f64::from(value) - f64::from(largest);
    let sum: f64 = row.iter().map(|value| libm::exp(shifted(*value))).sum();
    libm::log(sum) - shifted(row[target as usize])
}

#[cfg(test)]
mod tests {
    use super::nll;

    #[test]
    fn equal_logits_cost_the_logarithm_of_their_number() {
        assert!((nll(&[2.5; 8], 3) - 8f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_certain_target_costs_nothing_and_an_excluded_one_its_distance() {
        let row = [100.0, 0.0];
        assert!(nll(&row, 0).abs() < 1e-12);
        assert!((nll(&row, 1) - 100.0).abs() < 1e-9);
    }
}
