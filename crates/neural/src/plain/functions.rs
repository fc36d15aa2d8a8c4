//! Functions of one number.

/// 1 / ln 2.
const L: f32 = f32::from_bits(0x3fb8_aa3b);
/// 1.5 * 2^23. Adding and subtracting it rounds to a whole number.
const R: f32 = f32::from_bits(0x4b40_0000);
/// The upper part of ln 2, 0.693359375, whose products with whole numbers are exact here.
const LN2_HIGH: f32 = f32::from_bits(0x3f31_8000);
/// The rest of ln 2, about -2.1219444e-4.
const LN2_LOW: f32 = f32::from_bits(0xb95e_8083);
/// The coefficients c0 to c5 of the polynomial.
const COEFFICIENTS: [u32; 6] = [0x3950_6967, 0x3ab7_43ce, 0x3c08_8908, 0x3d2a_a9c1, 0x3e2a_aaaa, 0x3f00_0000];

/// Returns e to the power of `x`: 0 where the result would be subnormal, infinity above 88.73, and exactly 1
/// at 0.
pub(super) fn exp(x: f32) -> f32 {
    let x = if x < -104.0 { -104.0 } else { x };
    let x = if x > 89.0 { 89.0 } else { x };
    // x = n * ln 2 + r with a whole number n.
    let n = x.mul_add(L, R) - R;
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
    // e^r = 1 + r + r^2 * p(r).
    let mut p = 0.0;
    for (place, coefficient) in COEFFICIENTS.into_iter().map(f32::from_bits).enumerate() {
        p = if place == 0 { coefficient } else { p.mul_add(r, coefficient) };
    }
    let e = p.mul_add(r * r, r) + 1.0;
    // Two factors, because 2^n itself may be no normal number.
    let n = n as i32;
    let first = n.div_euclid(2);
    let y = (e * power_of_two(first)) * power_of_two(n - first);
    if y < f32::MIN_POSITIVE { 0.0 } else { y }
}

/// Returns 2 to the power of `exponent`, which is from -126 to 127.
fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127) as u32) << 23)
}

/// Returns `1 / (1 + e^-x)`.
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Returns `x / (1 + e^-x)`.
pub(super) fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

/// Returns `x` clamped to `limit` in magnitude.
pub(super) fn within(limit: f32, x: f32) -> f32 {
    if x > limit {
        limit
    } else if x < -limit {
        -limit
    } else {
        x
    }
}

/// Returns the bf16 number that is nearest to `x`; of two that are equally near, the one whose last bit is 0.
/// The result is infinite beyond the largest bf16, and NaN stays NaN.
pub(super) fn nearest_bf16(x: f32) -> f32 {
    if x.is_nan() {
        return f32::NAN;
    }
    // Half of what the last bit of the upper half is worth, less 1 where that bit is 0: so a tie goes to the even one.
    let half = 0x7fff + ((x.to_bits() >> 16) & 1);
    f32::from_bits((x.to_bits() + half) & 0xffff_0000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_near_the_exact_one() {
        let mut x = -87.0_f32;
        while x < 88.0 {
            let exact = libm::exp(f64::from(x));
            let error = (f64::from(exp(x)) - exact).abs();
            assert!(error < 2.0 * f64::from(f32::EPSILON) * exact, "exp({x}) is {}", exp(x));
            x += 1.7e-3;
        }
    }

    #[test]
    fn the_exponential_has_its_corners() {
        let infinite = f32::INFINITY;
        for (x, expected) in [
            (0.0, 1.0_f32),
            (-0.0, 1.0),
            (-87.4, 0.0),
            (-infinite, 0.0),
            (88.73, infinite),
            (infinite, infinite),
        ] {
            assert_eq!(exp(x).to_bits(), expected.to_bits(), "exp({x})");
        }
        assert!(exp(f32::NAN).is_nan() && exp(88.7).is_finite());
        assert_eq!((silu(-100.0).to_bits(), sigmoid(-100.0)), ((-0.0_f32).to_bits(), 0.0));
    }

    #[test]
    fn bf16_rounds_to_the_nearest_and_ties_to_even() {
        for (from, to) in [
            (0x3f80_8000, 0x3f80_0000),
            (0x3f80_8001, 0x3f81_0000),
            (0x3f81_8000, 0x3f82_0000),
            (0x8000_0001, 0x8000_0000),
            (0x0001_8000, 0x0002_0000),
            (0x7f7f_7fff, 0x7f7f_0000),
            (0xff7f_8000, 0xff80_0000),
        ] {
            assert_eq!(nearest_bf16(f32::from_bits(from)).to_bits(), to, "{from:08x}");
        }
        assert!(nearest_bf16(f32::from_bits(0x7fff_ffff)).is_nan());
    }
}
