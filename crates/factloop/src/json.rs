//! Conversion of values to JSON.

use abi::Value;
use serde_json::{Value as Json, json};

/// Returns a value as JSON. Bytes become hexadecimal text; a float that JSON cannot hold becomes a text such
/// as `inf`.
#[must_use]
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(int) => json!(int),
        Value::Float(float) if float.get().is_finite() => json!(float.get()),
        Value::Float(float) => json!(float.get().to_string()),
        Value::Text(text) => json!(text),
        Value::Bytes(bytes) => json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(map) => map.iter().map(|(key, item)| (key.clone(), to_json(item))).collect(),
    }
}
