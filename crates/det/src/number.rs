//! The order of numbers, compared without rounding.

use alloc::format;
use alloc::string::{String, ToString};
use core::cmp::Ordering;

use abi::{Decimal, Value};

use crate::fuel::{Fuel, Spent};

/// 2^63, the first float above every `i64`.
const I64_END: f64 = 9_223_372_036_854_775_808.0;

/// The steps for writing a float in full, which has up to 767 digits.
const EXPANSION_STEPS: u64 = 20_000;

/// Returns the order of two numbers, or None if one of them is not a number.
pub(crate) fn compare(left: &Value, right: &Value, fuel: &mut Fuel) -> Result<Option<Ordering>, Spent> {
    Ok(Some(match (left, right) {
        (Value::Decimal(a), Value::Decimal(b)) => {
            fuel.spend_for(a.digits().len().min(b.digits().len()) / 16, 1)?;
            written(a).cmp(&written(b))
        }
        (Value::Decimal(a), Value::Int(b)) => decimal_to_int(a, *b),
        (Value::Int(a), Value::Decimal(b)) => decimal_to_int(b, *a).reverse(),
        (Value::Decimal(a), Value::Float(b)) => decimal_to_float(a, b.get(), fuel)?,
        (Value::Float(a), Value::Decimal(b)) => decimal_to_float(b, a.get(), fuel)?.reverse(),
        _ => return Ok(compare_binary(left, right)),
    }))
}

/// Returns the order of two numbers, none of which is a decimal, or None for anything else.
pub(crate) fn compare_binary(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.get().partial_cmp(&b.get()),
        (Value::Float(a), Value::Int(b)) => Some(float_to_int(a.get(), *b)),
        (Value::Int(a), Value::Float(b)) => Some(float_to_int(b.get(), *a).reverse()),
        _ => None,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the range was checked")]
fn float_to_int(float: f64, int: i64) -> Ordering {
    if float >= I64_END {
        return Ordering::Greater;
    }
    if float < -I64_END {
        return Ordering::Less;
    }
    let whole = float as i64;
    // A float with a fraction is below 2^53, so its whole part is exact as a float.
    whole.cmp(&int).then_with(|| float.partial_cmp(&(whole as f64)).unwrap_or(Ordering::Equal))
}

/// A number that is not zero, as its digits from the first one on, without zeros at the end.
struct Written<'a> {
    negative: bool,
    /// The power of ten of the first digit.
    magnitude: i64,
    digits: &'a str,
}

impl Written<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.negative != other.negative {
            return other.negative.cmp(&self.negative);
        }
        // Digits at the same places compare as texts do, and one that goes on is the larger one.
        let size = self.magnitude.cmp(&other.magnitude).then_with(|| self.digits.cmp(other.digits));
        if self.negative { size.reverse() } else { size }
    }
}

fn written(decimal: &Decimal) -> Written<'_> {
    Written { negative: decimal.is_negative(), magnitude: decimal.magnitude(), digits: decimal.digits() }
}

/// Returns the order of a decimal and zero.
fn sign(decimal: &Decimal) -> Ordering {
    if decimal.is_negative() { Ordering::Less } else { Ordering::Greater }
}

fn decimal_to_int(decimal: &Decimal, int: i64) -> Ordering {
    if int == 0 {
        return sign(decimal);
    }
    let digits = int.unsigned_abs().to_string();
    let magnitude = i64::try_from(digits.len()).unwrap_or(i64::MAX) - 1;
    let int = Written { negative: int < 0, magnitude, digits: digits.trim_end_matches('0') };
    written(decimal).cmp(&int)
}

fn decimal_to_float(decimal: &Decimal, float: f64, fuel: &mut Fuel) -> Result<Ordering, Spent> {
    if float == 0.0 {
        return Ok(sign(decimal));
    }
    if float.is_infinite() {
        return Ok(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    fuel.spend(20)?;
    // Sixteen digits are wrong by less than the tolerance, and decide unless the two are neighbours.
    let near = rounded(decimal);
    let tolerance = float.abs() * 1e-14;
    if tolerance > f64::MIN_POSITIVE && (near - float).abs() > tolerance {
        return Ok(near.partial_cmp(&float).unwrap_or(Ordering::Equal));
    }
    fuel.spend(EXPANSION_STEPS)?;
    let text = format!("{:.766e}", float.abs());
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = digits.replace('.', "");
    let float = Written {
        negative: float < 0.0,
        magnitude: exponent.parse().unwrap_or(0),
        digits: digits.trim_end_matches('0'),
    };
    Ok(written(decimal).cmp(&float))
}

/// Returns a float near a decimal, infinite or zero beyond the floats.
fn rounded(decimal: &Decimal) -> f64 {
    let digits = decimal.digits();
    let kept = digits.len().min(16);
    let sign = if decimal.is_negative() { "-" } else { "" };
    let exponent = decimal.magnitude() + 1 - i64::try_from(kept).unwrap_or(0);
    let text: String = format!("{sign}{}e{exponent}", &digits[..kept]);
    text.parse().unwrap_or(0.0)
}

/// Returns true if a value is a number without a fraction.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "round trip is the test")]
pub(crate) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::Float(float) => {
            let float = float.get();
            // From 2^53 on every finite float is whole.
            float.is_finite() && (float.abs() >= I64_END || (float as i64) as f64 == float)
        }
        Value::Decimal(decimal) => decimal.exponent() >= 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use core::cmp::Ordering::{self, Equal, Greater, Less};

    use abi::{Float, Value};

    use super::{compare, is_whole};
    use crate::fuel::Fuel;

    fn float(float: f64) -> Value {
        Value::Float(Float::new(float).unwrap())
    }

    fn order(left: &Value, right: &Value) -> Option<Ordering> {
        compare(left, right, &mut Fuel::for_judgement()).unwrap()
    }

    #[test]
    fn integers_and_floats_are_compared_without_rounding() {
        let table: [(f64, i64, Ordering); 9] = [
            (1.0, 1, Equal),
            (1.5, 1, Greater),
            (-1.5, -1, Less),
            (-0.0, 0, Equal),
            (9_007_199_254_740_992.0, 9_007_199_254_740_993, Less),
            (9_223_372_036_854_775_808.0, i64::MAX, Greater),
            (-9_223_372_036_854_775_808.0, i64::MIN, Equal),
            (f64::INFINITY, i64::MAX, Greater),
            (f64::NEG_INFINITY, i64::MIN, Less),
        ];
        for (left, right, expected) in table {
            assert_eq!(order(&float(left), &Value::Int(right)), Some(expected), "{left} against {right}");
            assert_eq!(order(&Value::Int(right), &float(left)), Some(expected.reverse()));
        }
        assert_eq!(order(&Value::Bool(true), &Value::Int(1)), None);
    }

    #[test]
    fn decimals_are_compared_as_they_are_written() {
        let number = |text: &str| Value::from_number(text).unwrap();
        // In ascending order, each with its nearest neighbours among floats and ints.
        let ascending = [
            "-1e400",
            "-1.7976931348623157e308",
            "-12345678901234567891",
            "-12345678901234567890",
            "-1",
            "-0.1",
            "-1e-400",
            "0",
            "1e-400",
            "3e-324",
            "5e-324",
            "0.0999",
            "0.1",
            "0.1000000000000000055",
            "0.1000000000000000056",
            "0.10001",
            "0.3",
            "0.5",
            "0.50000000000000000001",
            "0.9999999999999999999",
            "1",
            "1.0000000000000000001",
            "9223372036854775807",
            "9223372036854775808",
            "9223372036854775809",
            "12345678901234567890",
            "12345678901234567891",
            "99999999999999999999",
            "1e22",
            "1e23",
            "1.7e308",
            "1e400",
            "1e401",
        ];
        for (at, left) in ascending.iter().enumerate() {
            for (place, right) in ascending.iter().enumerate() {
                assert_eq!(
                    order(&number(left), &number(right)),
                    Some(at.cmp(&place)),
                    "{left} against {right}"
                );
            }
        }
        // The floats nearest to 0.1 and 1e23, which are a little more and a little less.
        assert_eq!(order(&number("0.1"), &float(0.1)), Some(Less));
        assert_eq!(order(&number("1e23"), &float(1e23)), Some(Greater));
        assert_eq!(order(&number("5e-324"), &float(5e-324)), Some(Greater));
        assert_eq!(order(&number("1e400"), &float(f64::INFINITY)), Some(Less));
        assert_eq!(order(&number("-1e400"), &float(f64::NEG_INFINITY)), Some(Greater));
    }

    #[test]
    fn a_float_is_whole_where_it_has_no_fraction() {
        assert!(is_whole(&float(3.0)) && is_whole(&float(1e300)) && is_whole(&float(-0.0)));
        assert!(!is_whole(&float(3.5)) && !is_whole(&float(f64::INFINITY)) && !is_whole(&Value::Null));
        let number = |text: &str| Value::from_number(text).unwrap();
        assert!(is_whole(&number("1e400")) && is_whole(&number("12345678901234567890")));
        assert!(!is_whole(&number("0.1")) && !is_whole(&number("12345678901234567890.5")));
    }
}
