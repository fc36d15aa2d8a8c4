//! The structural comparator of the project; there is no other one.
//!
//! | left | right | equal | why |
//! |---|---|---|---|
//! | `null` | `null` | yes | |
//! | `true` | `1`, `1.0` | no | a bool is never a number |
//! | `1` | `1.0` | yes | the float is exactly that integer |
//! | `9007199254740993` | `9007199254740992.0` | no | compared exactly, never by rounding |
//! | `0.0` | `-0.0`, `0` | yes | they are one number |
//! | infinity | infinity | yes | and never an integer |
//! | NaN | | | cannot be held |
//! | text | bytes | no | even of the same bytes |
//! | text | text | by code points | no normalisation of Unicode or of case |
//! | list | list | item by item | there is no tuple; the length counts |
//! | map | map | same keys, equal values | the order of keys is no property of a map |

use abi::Value;

/// 2^63, the first float above every `i64`.
const I64_END: f64 = 9_223_372_036_854_775_808.0;

/// Returns true if two values are the same, by the table at the head of this module: `1` equals `1.0`, a bool
/// never equals a number, texts are compared by code points. The relation is symmetric and transitive.
///
/// ```
/// use det::{Float, Value, equal};
///
/// let one = Value::Float(Float::new(1.0).expect("a number"));
/// assert!(equal(&one, &Value::Int(1)));
/// assert!(!equal(&Value::Bool(true), &Value::Int(1)));
/// ```
#[must_use]
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.get() == b.get(),
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            is_exactly(float.get(), *int)
        }
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((ka, a), (kb, b))| ka == kb && equal(a, b))
        }
        _ => false,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the range and the fraction were checked")]
fn is_exactly(float: f64, int: i64) -> bool {
    let in_range = (-I64_END..I64_END).contains(&float);
    in_range && float as i64 == int && is_whole(float)
}

/// Returns true if a float in the range of `i64` has no fraction. `core` has no `trunc` that could tell.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "round trip is the test")]
fn is_whole(float: f64) -> bool {
    (float as i64) as f64 == float
}
