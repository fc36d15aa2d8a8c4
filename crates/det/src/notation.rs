//! The notation of Python, in which values and calls of programs are shown to people and models.

use alloc::string::String;
use core::fmt::{self, Write};

use abi::Value;

/// The most bytes of a shown value, or of the arguments of a shown call. What is longer ends in `…`.
const MAX_BYTES: usize = 200;

/// Returns a value as Python writes it, on one line and cut where it is long. The value nests at most as deeply as one that was decoded.
#[must_use]
pub fn python_value(value: &Value) -> String {
    let mut out = Cut { text: String::new() };
    // Writing fails where the text is cut, and for no other reason.
    let _ = write(&mut out, value);
    out.text
}

/// Returns a call as Python writes it, with arguments that are cut where they are long. Without a name for the function it is
/// the arguments in parentheses.
#[must_use]
pub fn python_call(entry: &str, arguments: &[Value]) -> String {
    let mut out = Cut { text: String::new() };
    let _ = items(&mut out, arguments);
    alloc::format!("{}({})", line(entry), out.text)
}

/// Returns a text on one line, cut where it is long. Characters that break lines or are not seen are escaped.
pub(crate) fn line(text: &str) -> String {
    let mut out = Cut { text: String::new() };
    let _ = text.chars().try_for_each(|c| match c {
        '\'' | '"' | '\\' => out.write_char(c),
        c => write!(out, "{}", c.escape_debug()),
    });
    out.text
}

/// A text that takes no more than [`MAX_BYTES`].
struct Cut {
    text: String,
}

impl fmt::Write for Cut {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = MAX_BYTES.saturating_sub(self.text.len());
        if part.len() <= room {
            self.text.push_str(part);
            return Ok(());
        }
        let end = (0..=room).rev().find(|end| part.is_char_boundary(*end)).unwrap_or(0);
        self.text.push_str(&part[..end]);
        self.text.push('…');
        Err(fmt::Error)
    }
}

/// Recursion is bounded by the depth to which a decoded value nests.
fn write(out: &mut Cut, value: &Value) -> fmt::Result {
    match value {
        Value::Null => out.write_str("None"),
        Value::Bool(true) => out.write_str("True"),
        Value::Bool(false) => out.write_str("False"),
        Value::Int(int) => write!(out, "{int}"),
        Value::Float(float) => write!(out, "{:?}", float.get()),
        Value::Decimal(decimal) => {
            let sign = if decimal.is_negative() { "-" } else { "" };
            write!(out, "{sign}{}e{}", decimal.digits(), decimal.exponent())
        }
        Value::Text(text) => quoted(out, text),
        Value::Bytes(bytes) => {
            out.write_str("b\"")?;
            bytes.iter().try_for_each(|byte| write!(out, "{}", byte.escape_ascii()))?;
            out.write_str("\"")
        }
        Value::List(list) => {
            out.write_str("[")?;
            items(out, list)?;
            out.write_str("]")
        }
        Value::Map(map) => {
            out.write_str("{")?;
            for (index, (key, item)) in map.iter().enumerate() {
                out.write_str(if index == 0 { "" } else { ", " })?;
                quoted(out, key)?;
                out.write_str(": ")?;
                write(out, item)?;
            }
            out.write_str("}")
        }
    }
}

fn items(out: &mut Cut, list: &[Value]) -> fmt::Result {
    list.iter().enumerate().try_for_each(|(index, item)| {
        out.write_str(if index == 0 { "" } else { ", " })?;
        write(out, item)
    })
}

/// Writes a text character by character, because a long one is cut and need not be escaped as a whole.
fn quoted(out: &mut Cut, text: &str) -> fmt::Result {
    out.write_str("\"")?;
    text.chars().try_for_each(|c| match c {
        '\'' => out.write_char(c),
        c => write!(out, "{}", c.escape_debug()),
    })?;
    out.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::{line, python_call, python_value};
    use abi::{Float, Value};

    #[test]
    fn values_are_written_as_python_writes_them() {
        let value = Value::map([
            ("a", Value::List([Value::Null, Value::Bool(true), Value::Int(-3)].into())),
            ("b", Value::text("it's\n\"\u{202e}")),
            ("c", Float::new(2.0).map_or(Value::Null, Value::Float)),
            ("d", Value::Bytes([0, 65].into())),
        ]);
        let expected =
            "{\"a\": [None, True, -3], \"b\": \"it's\\n\\\"\\u{202e}\", \"c\": 2.0, \"d\": b\"\\x00A\"}";
        assert_eq!(python_value(&value), expected);
        assert_eq!(python_call("f", &[Value::Int(1), Value::text("x")]), "f(1, \"x\")");
        assert_eq!(line("a\nb"), "a\\nb");
    }

    #[test]
    fn what_is_long_is_cut() {
        let long = python_value(&Value::text("ä".repeat(1 << 20)));
        assert!(long.len() < 210 && long.ends_with('…'), "{long}");
        assert!(python_call("f", &[Value::text("x".repeat(1000))]).ends_with("…)"));
    }
}
