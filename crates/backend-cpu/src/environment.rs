//! The state of the floating-point unit.

use std::hint::black_box;

use thiserror::Error;

/// A thread whose floating-point unit does not compute IEEE arithmetic. A library loaded into the process
/// switched it; the bits would differ from every other machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EnvironmentError {
    /// The rounding mode is not to nearest.
    #[error("this thread does not round to nearest; a library in the process changed the rounding mode")]
    Rounding,
    /// Subnormal numbers are flushed to zero.
    #[error("this thread flushes subnormal numbers to zero; a library in the process switched them off")]
    Subnormals,
}

/// Checks that the calling thread rounds to nearest, ties to even, and keeps subnormal numbers.
///
/// # Errors
/// [`EnvironmentError`], saying which does not hold.
pub fn check_environment() -> Result<(), EnvironmentError> {
    let half_ulp = black_box(f32::EPSILON / 2.0);
    let (one, next) = (black_box(1.0f32), black_box(1.0 + f32::EPSILON));
    let up = next + half_ulp == 1.0 + 2.0 * f32::EPSILON;
    if one + half_ulp != 1.0 || -one - half_ulp != -1.0 || !up {
        return Err(EnvironmentError::Rounding);
    }
    let subnormal = black_box(f32::from_bits(3));
    let made = black_box(f32::MIN_POSITIVE) * black_box(0.5);
    if subnormal * one != f32::from_bits(3) || made != f32::from_bits(1 << 22) {
        return Err(EnvironmentError::Subnormals);
    }
    Ok(())
}
