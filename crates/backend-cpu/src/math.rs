//! The functions of the forward pass, as polynomials of this project.

/// 1 / ln 2, which is 1.442695.
const LOG2_E: f32 = f32::from_bits(0x3fb8_aa3b);
/// The upper part of ln 2, 0.693359375: nine bits, so that its products with exponents are exact.
const LN2_HIGH: f32 = f32::from_bits(0x3f31_8000);
/// The rest of ln 2, which is -2.1219444e-4.
const LN2_LOW: f32 = f32::from_bits(0xb95e_8083);
/// 1.5 * 2^23. Adding and subtracting it rounds to a whole number, to nearest with ties to even.
const ROUNDER: f32 = 12_582_912.0;
/// Coefficients of `(e^r - 1 - r) / r^2` on `|r| <= ln 2 / 2`, from the highest power down: 1.9875691e-4,
/// 1.3981999e-3, 8.333452e-3, 4.1665796e-2, 1.6666666e-1, 0.5.
const EXP: [f32; 6] = [
    f32::from_bits(0x3950_6967),
    f32::from_bits(0x3ab7_43ce),
    f32::from_bits(0x3c08_8908),
    f32::from_bits(0x3d2a_a9c1),
    f32::from_bits(0x3e2a_aaaa),
    f32::from_bits(0x3f00_0000),
];
/// The argument below which `exp` is 0 in any case.
const LOWEST: f32 = -104.0;
/// The argument above which `exp` is infinite in any case.
const HIGHEST: f32 = 89.0;

/// Returns `e^x`: 0 if the result would be subnormal, infinity above the largest f32, and exactly 1 at 0.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let x = if x < LOWEST { LOWEST } else { x };
    let x = if x > HIGHEST { HIGHEST } else { x };
    let shifted = x.mul_add(LOG2_E, ROUNDER);
    let power = shifted - ROUNDER;
    let exponent = (shifted.to_bits() as i32).wrapping_sub(ROUNDER.to_bits() as i32);
    let r = power.mul_add(-LN2_LOW, power.mul_add(-LN2_HIGH, x));
    let mut polynomial = EXP[0];
    for coefficient in &EXP[1..] {
        polynomial = polynomial.mul_add(r, *coefficient);
    }
    let mantissa = polynomial.mul_add(r * r, r) + 1.0;
    // Two factors, each a normal number for exponents from -150 to 128.
    let half = exponent >> 1;
    let scaled = mantissa * power_of_two(half) * power_of_two(exponent.wrapping_sub(half));
    if scaled < f32::MIN_POSITIVE { 0.0 } else { scaled }
}

#[inline(always)]
fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits((exponent.wrapping_add(127) as u32) << 23)
}

/// Returns the logistic function `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Returns `x / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::{exp, sigmoid, silu};

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        let mut worst = 0.0f64;
        let mut x = -87.0f32;
        while x < 88.0 {
            let exact = libm::exp(f64::from(x));
            let unit = f64::from(f32::EPSILON) * exact;
            worst = worst.max((f64::from(exp(x)) - exact).abs() / unit);
            x += 1.3e-3;
        }
        assert!(worst < 2.0, "{worst} units");
    }

    #[test]
    fn exp_has_its_corners() {
        let lowest_normal = -87.336_54f32;
        let cases = [
            (0.0, 1.0f32),
            (-0.0, 1.0),
            (-87.4, 0.0),
            (-103.9, 0.0),
            (-1e30, 0.0),
            (f32::NEG_INFINITY, 0.0),
            (88.73, f32::INFINITY),
            (1e30, f32::INFINITY),
            (f32::INFINITY, f32::INFINITY),
        ];
        for (x, expected) in cases {
            assert_eq!(exp(x).to_bits(), expected.to_bits(), "exp({x})");
        }
        assert!(exp(lowest_normal) >= f32::MIN_POSITIVE || exp(lowest_normal) == 0.0);
        assert!(exp(88.7).is_finite() && exp(f32::NAN).is_nan());
    }

    #[test]
    fn the_logistic_functions_stay_finite() {
        for x in [-200.0f32, -90.0, -1.0, -0.0, 0.0, 1.0, 90.0, 200.0] {
            assert!((0.0..=1.0).contains(&sigmoid(x)), "sigmoid({x})");
            let exact = f64::from(x) / (1.0 + libm::exp(-f64::from(x)));
            assert!((f64::from(silu(x)) - exact).abs() <= 1e-6 * exact.abs() + 1e-30, "silu({x})");
        }
    }
}
