//! What time passed.

use std::hint::black_box;
use std::time::Instant;

/// Seconds that `run` takes, and what it gives.
pub(super) fn timed<T>(run: impl FnOnce() -> T) -> (f64, T) {
    let begun = Instant::now();
    let out = black_box(run());
    (begun.elapsed().as_secs_f64(), out)
}

/// As [`timed`], of what can fail; the time of a failure is nobody's.
pub(super) fn tried<T, E>(run: impl FnOnce() -> Result<T, E>) -> Result<(f64, T), E> {
    let (seconds, out) = timed(run);
    Ok((seconds, out?))
}

/// How much `values` grow for each step of `at`: the slope of the line with the least squares.
pub(super) fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (mut product, mut square) = (0.0, 0.0);
    for point in points {
        product += (point.0 - x) * (point.1 - y);
        square += (point.0 - x) * (point.0 - x);
    }
    if square > 0.0 { product / square } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::slope;

    #[test]
    fn the_slope_is_that_of_a_line() {
        assert_eq!(slope(&[(16.0, 5.0), (128.0, 5.0)]), 0.0);
        assert!((slope(&[(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)]) - 2.0).abs() < 1e-12);
        assert_eq!(slope(&[(7.0, 3.0)]), 0.0, "no line goes through one point alone");
    }
}
