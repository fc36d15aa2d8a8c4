//! The comparison of a program's result with the true one, in which floats may differ by a stated tolerance.

use abi::Value;

use crate::equal;

/// The largest tolerance that may be stated, as a share of the larger number.
const MAX_TOLERANCE: f64 = 0.1;

/// The difference up to which two floats count as one number.
///
/// Two floats `a` and `b` agree if `|a - b| <= tolerance * max(1, |a|, |b|)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance(f64); // Invariant: in [0, MAX_TOLERANCE].

impl Tolerance {
    /// No difference is tolerated.
    pub const NONE: Self = Self(0.0);

    /// Returns the tolerance, or None unless it lies in [0, 0.1].
    #[must_use]
    pub fn new(tolerance: f64) -> Option<Self> {
        (0.0..=MAX_TOLERANCE).contains(&tolerance).then_some(Self(tolerance))
    }

    /// Returns the tolerance as a number in [0, 0.1].
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// Returns true if `got` is `truth` by the table of [`equal`](fn@equal), or differs from it only in floats that
/// agree within `tolerance`. The recursion is bounded by the depth of `truth`, which the canonical encoding limits.
#[must_use]
pub fn agrees(truth: &Value, got: &Value, tolerance: Tolerance) -> bool {
    if tolerance == Tolerance::NONE {
        return equal(truth, got);
    }
    match (truth, got) {
        (Value::List(truth), Value::List(got)) => {
            truth.len() == got.len()
                && truth.iter().zip(got).all(|(truth, got)| agrees(truth, got, tolerance))
        }
        (Value::Map(truth), Value::Map(got)) => {
            truth.len() == got.len()
                && truth
                    .iter()
                    .zip(got)
                    .all(|((key, truth), (other, got))| key == other && agrees(truth, got, tolerance))
        }
        (Value::Float(truth), Value::Float(got)) => near(truth.get(), got.get(), tolerance),
        // A function may return 3 where the truth is 3.0, and 3.0000000001 where it is 3.
        (Value::Float(truth), Value::Int(got)) => {
            within_f64(*got).is_some_and(|got| near(truth.get(), got, tolerance))
        }
        (Value::Int(truth), Value::Float(got)) => {
            within_f64(*truth).is_some_and(|truth| near(truth, got.get(), tolerance))
        }
        (truth, got) => equal(truth, got),
    }
}

/// Returns the integer as a float if a float holds it exactly.
#[allow(clippy::cast_precision_loss, reason = "integers below 2^53 are exact")]
fn within_f64(int: i64) -> Option<f64> {
    (int.unsigned_abs() <= 1 << 53).then_some(int as f64)
}

fn near(truth: f64, got: f64, tolerance: Tolerance) -> bool {
    // Infinities agree with themselves alone; their difference is no number.
    truth == got || {
        let size = 1.0_f64.max(truth.abs()).max(got.abs());
        size.is_finite() && (truth - got).abs() <= tolerance.0 * size
    }
}
