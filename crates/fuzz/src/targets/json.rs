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
            let again = written(&value).map(|text| parse_json(&text).expect("JSON that was written"));
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
    let ours_alone = ["the key comes twice", "it nests too deeply", "the exponent has more than 32 bits"];
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
            // The other parser makes a float of what is written with a point or an exponent.
            b.as_i64().map_or_else(|| b.as_f64().is_some_and(|b| near(*a as f64, b)), |b| b == *a)
        }
        (Value::Decimal(a), serde_json::Value::Number(b)) => {
            let a: f64 = a.to_string().parse().expect("a decimal is a number");
            b.as_f64().is_some_and(|b| near(a, b))
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

/// The value as JSON text, without loss. None if it holds a type that JSON does not have.
fn written(value: &Value) -> Option<String> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    Some(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        // All digits of a float: the shortest ones mean a decimal beside it.
        Value::Float(float) if float.get().is_finite() => format!("{:.766e}", float.get()),
        Value::Float(_) | Value::Bytes(_) => return None,
        Value::Decimal(decimal) => decimal.to_string(),
        Value::Text(text) => quoted(text),
        Value::List(items) => {
            format!("[{}]", items.iter().map(written).collect::<Option<Vec<_>>>()?.join(","))
        }
        Value::Map(map) => {
            let pair = |(key, item): (&String, &Value)| Some(format!("{}:{}", quoted(key), written(item)?));
            format!("{{{}}}", map.iter().map(pair).collect::<Option<Vec<_>>>()?.join(","))
        }
    })
}
