//! The exact comparison of integers and floats.

use core::cmp::Ordering;

use abi::Value;

/// 2^63, the first float above every `i64`.
const I64_END: f64 = 9_223_372_036_854_775_808.0;

/// Compares two numbers without rounding, or returns None if one of the values is not a number.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
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

/// Returns true if a value is a number without a fraction.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "round trip is the test")]
pub(super) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::Float(float) => {
            let float = float.get();
            // From 2^53 on every finite float is whole.
            float.is_finite() && (float.abs() >= I64_END || (float as i64) as f64 == float)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use core::cmp::Ordering::{self, Equal, Greater, Less};

    use abi::{Float, Value};

    use super::{compare, is_whole};

    fn float(float: f64) -> Value {
        Value::Float(Float::new(float).unwrap())
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
        for (left, right, order) in table {
            assert_eq!(compare(&float(left), &Value::Int(right)), Some(order), "{left} against {right}");
            assert_eq!(compare(&Value::Int(right), &float(left)), Some(order.reverse()));
        }
        assert_eq!(compare(&Value::Bool(true), &Value::Int(1)), None);
    }

    #[test]
    fn a_float_is_whole_where_it_has_no_fraction() {
        assert!(is_whole(&float(3.0)) && is_whole(&float(1e300)) && is_whole(&float(-0.0)));
        assert!(!is_whole(&float(3.5)) && !is_whole(&float(f64::INFINITY)) && !is_whole(&Value::Null));
    }
}
