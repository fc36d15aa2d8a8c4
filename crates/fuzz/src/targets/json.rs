use abi::Value;
use det::{JsonError, parse_json};

use super::{normal, text};

/// Checks JSON text against another parser: both must read the same value, which must survive being written
/// and read again. Text that only the other parser accepts must be refused for one of the stated reasons.
pub(super) fn json(bytes: &[u8]) {
    let text = text(bytes);
    let other: Result<serde_json::Value, _> = serde_json::from_str(&text);
    match (parse_json(&text), other) {
        (Ok(value), Ok(other)) => {
            assert!(agree(&value, &other), "read as {value:?} and as {other:?}");
            let again = to_other(&value).map(|other| other.to_string());
            let again = again.map(|text| parse_json(&text).expect("JSON that was written"));
            assert!(again.is_some_and(|again| normal(&again) == normal(&value)), "{value:?} changed");
        }
        (Ok(value), Err(error)) => {
            let beyond = error.to_string().contains("number out of range");
            assert!(beyond, "accepted as {value:?}, but {error}");
        }
        (Err(error), Ok(_)) => refused(&text, error, true),
        (Err(error), Err(_)) => refused(&text, error, false),
    }
}

fn refused(text: &str, error: JsonError, other_accepts: bool) {
    assert!((1..=text.matches('\n').count() + 1).contains(&error.line), "{error}");
    assert!(error.column >= 1 && error.column <= text.chars().count() + 1, "{error}");
    let ours_alone = ["the key comes twice", "it nests too deeply", "the number is too large"];
    assert!(!other_accepts || ours_alone.contains(&error.what), "refused, and is JSON: {error}");
}

/// Returns true if both values hold the same. The other parser rounds decimals less exactly than that of
/// `det`.
fn agree(value: &Value, other: &serde_json::Value) -> bool {
    match (value, other) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(a), serde_json::Value::Bool(b)) => a == b,
        (Value::Text(a), serde_json::Value::String(b)) => a == b,
        (Value::Int(a), serde_json::Value::Number(b)) => {
            b.as_i64() == Some(*a) || (*a == 0 && b.as_f64() == Some(0.0))
        }
        (Value::Float(a), serde_json::Value::Number(b)) => b.as_f64().is_some_and(|b| near(a.get(), b)),
        (Value::List(a), serde_json::Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b))
        }
        (Value::Map(a), serde_json::Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| agree(a, b)))
        }
        _ => false,
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON + f64::MIN_POSITIVE
}

/// Returns the value in the type of the other parser. Returns `None` if it holds a type that JSON does not
/// have.
fn to_other(value: &Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(bool) => (*bool).into(),
        Value::Int(int) => (*int).into(),
        Value::Float(float) => serde_json::Number::from_f64(float.get())?.into(),
        Value::Text(text) => text.as_str().into(),
        Value::Bytes(_) => return None,
        Value::List(items) => items.iter().map(to_other).collect::<Option<Vec<_>>>()?.into(),
        Value::Map(map) => {
            let pair = |(key, item): (&String, &Value)| Some((key.clone(), to_other(item)?));
            serde_json::Value::Object(map.iter().map(pair).collect::<Option<_>>()?)
        }
    })
}
