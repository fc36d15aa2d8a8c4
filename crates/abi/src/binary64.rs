//! The floats that decimal digits name exactly.
//!
//! Time is proportional to the digits: whatever cannot be exact is turned away by its number of digits, or by
//! its lowest 64 bits, before any long arithmetic.

use alloc::vec::Vec;

/// The digits of one step of the long arithmetic, the most that fit into 64 bits.
const STEP: usize = 19;
/// The end of the whole numbers that fit into the mantissa of a float.
const MANTISSA_END: u64 = 1 << 53;
/// The inverse of 5 modulo 2^64.
const INVERSE_OF_5: u64 = 0xcccc_cccc_cccc_cccd;

/// Returns the float that is exactly `digits * 10^exponent`, if there is one. The digits are ASCII digits, of
/// which neither the first nor the last is 0.
pub(crate) fn binary64(digits: &str, exponent: i32) -> Option<f64> {
    if exponent < 0 { fraction(digits, exponent.unsigned_abs()) } else { whole(digits, exponent) }
}

/// Returns `digits * 10^exponent` for an exponent of 0 or more.
fn whole(digits: &str, exponent: i32) -> Option<f64> {
    // 5^23 does not fit into the mantissa, and the largest float has 309 digits.
    if exponent > 22 || digits.len() > 309 {
        return None;
    }
    let natural = Natural::from_digits(digits);
    let twos = natural.trailing_zeros();
    let odd = natural.shifted(twos)?;
    let odd = u128::from(odd) * 5_u128.pow(exponent.unsigned_abs());
    let mantissa = u64::try_from(odd).ok().filter(|odd| *odd < MANTISSA_END)?;
    scaled(mantissa, i32::try_from(twos).ok()? + exponent)
}

/// Returns `digits / 10^places` for one place or more. A float with that many places is `m / 2^places` for an
/// odd `m`, so the digits are `m * 5^places`.
fn fraction(digits: &str, places: u32) -> Option<f64> {
    // 5^places has `least` digits or one more, and m has 16 at most.
    let least = usize::try_from(u64::from(places) * 69_897 / 100_000).ok()?;
    if places > 1074 || !(least..=least + 18).contains(&digits.len()) {
        return None;
    }
    let low =
        digits.bytes().fold(0, |low: u64, byte| low.wrapping_mul(10).wrapping_add(u64::from(byte - b'0')));
    let mantissa = low.wrapping_mul(INVERSE_OF_5.wrapping_pow(places));
    if mantissa == 0 || mantissa >= MANTISSA_END {
        return None;
    }
    // The digits agree modulo 2^64; whether they agree is seen only in full.
    let mut product = Natural { limbs: [mantissa].into() };
    for _ in 0..places / 27 {
        product.multiply_and_add(5_u64.pow(27), 0);
    }
    product.multiply_and_add(5_u64.pow(places % 27), 0);
    let places = i32::try_from(places).ok()?;
    (product == Natural::from_digits(digits)).then(|| scaled(mantissa, -places)).flatten()
}

/// Returns `mantissa * 2^exponent`, if it is not too large for a float. A product that a float holds is exact,
/// and so is every step on the way to it.
#[allow(clippy::cast_precision_loss, reason = "the mantissa has 53 bits")]
fn scaled(mantissa: u64, exponent: i32) -> Option<f64> {
    let bits = i32::try_from(u64::BITS - mantissa.leading_zeros()).ok()?;
    if bits + exponent > 1024 {
        return None;
    }
    let mut number = mantissa as f64;
    let mut left = exponent;
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        number *= f64::from_bits(u64::from((1023 + step).unsigned_abs()) << 52);
        left -= step;
    }
    Some(number)
}

/// A whole number of any length, the lowest 64 bits first, without zeros at its end.
#[derive(PartialEq)]
struct Natural {
    limbs: Vec<u64>,
}

impl Natural {
    fn from_digits(digits: &str) -> Self {
        let mut natural = Self { limbs: Vec::with_capacity(digits.len() / STEP + 1) };
        for step in digits.as_bytes().chunks(STEP) {
            let value = step.iter().fold(0, |value, byte| value * 10 + u64::from(byte - b'0'));
            natural.multiply_and_add(10_u64.pow(u32::try_from(step.len()).unwrap_or(0)), value);
        }
        natural
    }

    #[allow(clippy::cast_possible_truncation, reason = "the lower half is kept, the upper half is carried")]
    fn multiply_and_add(&mut self, factor: u64, add: u64) {
        let mut carry = u128::from(add);
        for limb in &mut self.limbs {
            let product = u128::from(*limb) * u128::from(factor) + carry;
            (*limb, carry) = (product as u64, product >> 64);
        }
        if carry > 0 {
            self.limbs.push(carry as u64);
        }
    }

    fn trailing_zeros(&self) -> usize {
        let zeros = self.limbs.iter().take_while(|limb| **limb == 0).count();
        let next = self.limbs.get(zeros).map_or(0, |limb| limb.trailing_zeros());
        zeros * 64 + usize::try_from(next).unwrap_or(0)
    }

    /// Returns the number without its lowest `bits` bits, if what is left has 64 bits at most.
    fn shifted(&self, bits: usize) -> Option<u64> {
        let (limbs, bits) = (self.limbs.get(bits / 64..)?, bits % 64);
        let low = limbs.first()? >> bits;
        match limbs.get(1..)? {
            [] => Some(low),
            [high] if bits > 0 && high >> bits == 0 => Some(low | high << (64 - bits)),
            _ => None,
        }
    }
}
