//! Values as JSON, for people and for lines of an export.

use std::fmt::Write;

use abi::Value;

/// Returns a value as a person reads it: a text as it is, everything else as JSON.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        value => {
            let mut out = String::new();
            write(value, &mut out);
            out
        }
    }
}

/// Appends a value as JSON. Bytes become hexadecimal text, and a number that JSON cannot hold becomes its name.
pub(crate) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => push(out, number),
        Value::Float(number) if number.get().is_finite() => push(out, format_args!("{:?}", number.get())),
        Value::Float(number) => text(&number.get().to_string(), out),
        Value::Decimal(number) => push(out, number),
        Value::Text(content) => text(content, out),
        Value::Bytes(bytes) => text(&hex(bytes), out),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                text(key, out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
    }
}

fn push(out: &mut String, number: impl std::fmt::Display) {
    write!(out, "{number}").expect("a text takes everything");
}

fn text(content: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(content).to_string());
}

/// Returns bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the bytes of hexadecimal digits in lower case, or None if the text is anything else.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}
