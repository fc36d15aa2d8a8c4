//! Values as JSON, and as the text of an answer.

use abi::{Decimal, Value};
use serde_json::{Value as Json, json};

/// Returns a value as JSON. Bytes become hexadecimal text; a float that JSON cannot hold becomes its name, and a
/// decimal that would be rounded becomes its text.
#[must_use]
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(int) => json!(int),
        Value::Float(float) if float.get().is_finite() => json!(float.get()),
        Value::Float(float) => json!(float.get().to_string()),
        Value::Decimal(decimal) => written(decimal),
        Value::Text(text) => json!(text),
        Value::Bytes(bytes) => json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(map) => map.iter().map(|(key, item)| (key.clone(), to_json(item))).collect(),
    }
}

/// Returns a value as a person reads it in an answer: a text as it is, yes and no as words, anything else as JSON.
#[must_use]
pub fn stated_text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        other => to_json(other).to_string(),
    }
}

/// Returns a decimal as a number, if the number that is written then is the same one.
fn written(decimal: &Decimal) -> Json {
    let text = decimal.to_string();
    let number: Option<Json> = serde_json::from_str(&text).ok();
    let is_same = |number: &Json| {
        let written = Value::from_number(&number.to_string());
        matches!(&written, Some(Value::Decimal(written)) if written == decimal)
    };
    number.filter(is_same).unwrap_or(Json::String(text))
}

#[cfg(test)]
mod tests {
    use abi::Value;

    use super::to_json;

    #[test]
    fn a_decimal_is_written_without_loss() {
        let json = |text: &str| to_json(&Value::from_number(text).expect("a number")).to_string();
        assert_eq!(json("0.1"), "0.1");
        assert_eq!(json("12345678901234567890"), "12345678901234567890");
        assert_eq!(json("0.10000000000000001"), "\"0.10000000000000001\"");
        assert_eq!(json("123456789012345678901"), "\"123456789012345678901\"");
        assert_eq!(json("1e400"), "\"1e400\"");
    }
}
