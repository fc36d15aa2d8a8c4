//! Multiples, decided exactly in decimal arithmetic.
//!
//! A number is `2^two * 5^five * rest`. It is a multiple of a divisor exactly if it has each of the divisor's
//! twos and fives and its rest, so no long arithmetic is needed: the digits of a long number are read once.

use abi::{Float, Value};

use crate::fuel::{Fuel, Spent};

/// The divisor of `multipleOf`, in its factors.
#[derive(Clone, Debug)]
pub(super) struct Divisor {
    two: i64,
    five: i64,
    rest: u64,
    /// The divisor as it was written, for findings.
    pub(super) written: Value,
}

/// A whole number of 64 bits with a power of ten.
type Scaled = (u64, i64);

/// 5^27, the largest power of five below 2^64.
const FIVES: u64 = 5_u64.pow(27);

impl Divisor {
    /// Returns the divisor that a value states. It must be above zero, and its significant digits must fit into
    /// 64 bits, as any 19 digits do.
    pub(super) fn from_value(value: &Value) -> Option<Self> {
        let (number, exponent) = match value {
            Value::Int(int) => (u64::try_from(*int).ok()?, 0),
            Value::Float(float) => scaled(*float)?,
            Value::Decimal(decimal) if !decimal.is_negative() => {
                (decimal.digits().parse().ok()?, i64::from(decimal.exponent()))
            }
            _ => return None,
        };
        if number == 0 {
            return None;
        }
        let (two, five) = (twos(number), fives(number));
        let rest = (number >> two) / 5_u64.pow(five);
        let (two, five) = (i64::from(two) + exponent, i64::from(five) + exponent);
        Some(Self { two, five, rest, written: value.clone() })
    }

    /// Returns true if a number is a multiple of the divisor, or None if the value is not a number.
    pub(super) fn divides(&self, value: &Value, fuel: &mut Fuel) -> Result<Option<bool>, Spent> {
        fuel.spend(8)?;
        Ok(Some(match value {
            Value::Int(int) => self.divides_binary(int.unsigned_abs(), 0),
            Value::Float(float) => match parts(*float) {
                Some((mantissa, exponent)) => self.divides_binary(mantissa, exponent),
                None => false,
            },
            Value::Decimal(decimal) => {
                fuel.spend_for(decimal.digits().len(), 4)?;
                self.divides_digits(decimal.digits().as_bytes(), i64::from(decimal.exponent()))
            }
            _ => return Ok(None),
        }))
    }

    /// Decides for `number * 2^exponent`.
    fn divides_binary(&self, number: u64, exponent: i64) -> bool {
        number == 0
            || number.is_multiple_of(self.rest)
                && exponent + i64::from(twos(number)) >= self.two
                && i64::from(fives(number)) >= self.five
    }

    /// Decides for `digits * 10^exponent`, where the last digit is not 0. So the digits do not have a two and a
    /// five both. If the divisor has the larger power of ten, they lack one of the two that they need;
    /// otherwise they need no more of either than 64 bits show.
    fn divides_digits(&self, digits: &[u8], exponent: i64) -> bool {
        let (mut rest, mut low, mut high) = (0, 0_u64, 0);
        for digit in digits {
            let digit = u64::from(digit - b'0');
            low = low.wrapping_mul(10).wrapping_add(digit);
            high = remainder(high, digit, FIVES);
            rest = remainder(rest, digit, self.rest);
        }
        let two = if low == 0 { u64::BITS } else { twos(low) };
        let five = if high == 0 { 27 } else { fives(high) };
        rest == 0 && exponent + i64::from(two) >= self.two && exponent + i64::from(five) >= self.five
    }
}

/// Returns `(before * 10 + digit) % divisor`.
#[allow(clippy::cast_possible_truncation, reason = "a remainder is below its divisor of 64 bits")]
fn remainder(before: u64, digit: u64, divisor: u64) -> u64 {
    ((u128::from(before) * 10 + u128::from(digit)) % u128::from(divisor)) as u64
}

fn twos(number: u64) -> u32 {
    number.trailing_zeros()
}

/// Returns how often 5 divides a number that is not zero.
fn fives(mut number: u64) -> u32 {
    let mut count = 0;
    while number.is_multiple_of(5) {
        (number, count) = (number / 5, count + 1);
    }
    count
}

/// Returns the size of a finite float as `mantissa * 2^exponent`, with an odd mantissa unless it is 0.
fn parts(float: Float) -> Option<(u64, i64)> {
    let bits = float.get().to_bits();
    let (fraction, biased) = (bits & ((1 << 52) - 1), (bits >> 52) & 0x7ff);
    let (mantissa, exponent) = match biased {
        0x7ff => return None,
        0 => (fraction, -1074),
        biased => (fraction | 1 << 52, i64::try_from(biased).ok()? - 1075),
    };
    let twos = if mantissa == 0 { 0 } else { mantissa.trailing_zeros() };
    Some((mantissa >> twos, exponent + i64::from(twos)))
}

/// Returns a positive float as a whole number of 64 bits and a power of ten, if it is one exactly.
fn scaled(float: Float) -> Option<Scaled> {
    let (mantissa, exponent) = parts(float).filter(|_| float.get() > 0.0)?;
    let Ok(twos) = u32::try_from(exponent) else {
        let places = u32::try_from(-exponent).ok()?;
        return Some((mantissa.checked_mul(5_u64.checked_pow(places)?)?, exponent));
    };
    let tens = fives(mantissa).min(twos);
    let number = u128::from(mantissa / 5_u64.pow(tens)).checked_mul(1_u128.checked_shl(twos - tens)?)?;
    Some((u64::try_from(number).ok()?, i64::from(tens)))
}

#[cfg(test)]
mod tests {
    use abi::{Float, Value};

    use super::Divisor;
    use crate::fuel::Fuel;

    fn number(text: &str) -> Value {
        Value::from_number(text).unwrap()
    }

    #[test]
    fn multiples_are_exact() {
        let table = [
            ("0.01", "0.07", true),
            ("0.01", "1.005", false),
            ("0.1", "0.3", true),
            ("0.1", "0.30000000000000004", false),
            ("2", "12345678901234567890", true),
            ("2", "12345678901234567891", false),
            ("3", "12345678901234567890", true),
            ("7", "1e400", false),
            ("8", "1e400", true),
            ("1e23", "1e400", true),
            ("1e23", "3e22", false),
            ("1e-300", "1", true),
            ("0.3", "1", false),
            ("0.5", "4.5", true),
            ("1.5", "-4.5", true),
            ("0.0009765625", "0.0029296875", true),
            ("1e20", "3e20", true),
            ("1e20", "1e19", false),
            ("5", "0", true),
            ("123456789", "0.0", true),
            ("4", "123456789012345678901234567892", true),
            ("4", "123456789012345678901234567890", false),
            ("3", "9007199254740993.0", true),
        ];
        for (divisor, value, expected) in table {
            let found = Divisor::from_value(&number(divisor)).expect(divisor);
            let divides = found.divides(&number(value), &mut Fuel::for_judgement()).unwrap();
            assert_eq!(divides, Some(expected), "{value} by {divisor}");
        }
        let two = Divisor::from_value(&number("2")).unwrap();
        let mut fuel = Fuel::for_judgement();
        assert_eq!(
            two.divides(&Value::Float(Float::new(f64::INFINITY).unwrap()), &mut fuel).unwrap(),
            Some(false)
        );
        assert_eq!(two.divides(&Value::text("4"), &mut fuel).unwrap(), None);
        for refused in ["0", "-1", "0.0", "-0.1", "123456789012345678901", "5e-324"] {
            let divisor = Divisor::from_value(&number(refused));
            assert_eq!(divisor.is_some(), refused == "5e-324", "{refused}");
        }
    }
}
