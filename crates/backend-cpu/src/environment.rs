//! The state of the floating-point unit.

use std::hint::black_box;

use thiserror::Error;

/// The reason why a thread is not used: its floating-point unit does not compute IEEE arithmetic, so its bits
/// would differ from every other machine's. Some libraries switch it when they are loaded into the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EnvironmentError {
    /// The thread does not round to nearest.
    #[error("this thread does not round to nearest; a library in the process changed the rounding mode")]
    Rounding,
    /// The thread flushes subnormal numbers to zero.
    #[error("this thread flushes subnormal numbers to zero; a library in the process switched them off")]
    Subnormals,
    /// The fused multiply-add rounds twice, after the product and after the sum.
    #[error("the fused multiply-add of this machine rounds twice; its bits would differ from every other's")]
    Fused,
}

/// Checks that the calling thread rounds to nearest with ties to even, keeps subnormal numbers, and rounds a
/// fused multiply-add once.
///
/// # Errors
/// [`EnvironmentError`], which names the first condition that does not hold.
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
    if FUSED.iter().any(|[a, b, c, sum]| black_box(*a).mul_add(black_box(*b), black_box(*c)) != *sum) {
        return Err(EnvironmentError::Fused);
    }
    Ok(())
}

/// Quadruples of `a`, `b`, `c` and `a * b + c` rounded once. In the first, nothing is left if the product is
/// rounded by itself. In the others the sum lies half way between two numbers, and `c` is too small for an
/// f64 to hold the sum.
const FUSED: [[f32; 4]; 5] = {
    let (unit, half) = (f32::EPSILON, 4096.0);
    let (little, up) = (unit * unit * unit * unit, 1.0 + unit);
    [
        [up, up, -1.0 - 2.0 * unit, unit * unit],
        [24929.0 / half, 673.0 / half, little, up],
        [24929.0 / half, 673.0 / half, -little, 1.0],
        [10831.0 / half, 1549.0 / half, -little, up],
        [-10831.0 / half, 1549.0 / half, -little, -1.0 - 2.0 * unit],
    ]
};
