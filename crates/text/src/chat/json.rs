//! The filter `tojson` of chat templates, which writes as `json.dumps` of Python does.

use std::fmt::Write as _;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Error, ErrorKind, Value};

/// The deepest value that is written. Deeper ones come from no conversation.
const DEPTH: usize = 64;
/// The widest indent, in spaces.
const MOST_INDENT: usize = 64;

/// The arguments of the filter: those of `json.dumps` that templates use.
struct Writer {
    ensure_ascii: bool,
    sort_keys: bool,
    indent: Option<String>,
    /// The texts between two items, and between a key and its value.
    separators: (String, String),
    out: String,
}

/// Returns `value` as JSON. The defaults are those of the reference: no escapes but those that JSON needs, and a space
/// after each separator. The arguments are named, but for the first two.
///
/// # Errors
/// An error of the template if an argument is unknown or of the wrong type, or if the value is no JSON.
pub(super) fn tojson(
    value: &Value,
    ensure_ascii: Option<Value>,
    indent: Option<Value>,
    options: Kwargs,
) -> Result<String, Error> {
    let argument = |name, placed: Option<Value>| -> Result<Option<Value>, Error> {
        let named = options.get::<Option<Value>>(name)?;
        Ok(named.or(placed).filter(|value| !value.is_none()))
    };
    let indent = argument("indent", indent)?.map(|indent| indent_of(&indent)).transpose()?;
    let separators = match argument("separators", None)? {
        None => (if indent.is_some() { "," } else { ", " }.to_owned(), ": ".to_owned()),
        Some(both) => match both.try_iter()?.map(|part| part.to_string()).collect::<Vec<_>>().as_slice() {
            [item, key] => (item.clone(), key.clone()),
            _ => return Err(refused("tojson takes two separators")),
        },
    };
    let is_set = |value: Option<Value>| value.is_some_and(|value| value.is_true());
    let ensure_ascii = is_set(argument("ensure_ascii", ensure_ascii)?);
    let sort_keys = is_set(argument("sort_keys", None)?);
    options.assert_all_used()?;
    let mut writer = Writer { ensure_ascii, sort_keys, indent, separators, out: String::new() };
    writer.value(value, 0)?;
    Ok(writer.out)
}

/// Returns the text of one step of indentation, which is given as a number of spaces or as a text.
fn indent_of(indent: &Value) -> Result<String, Error> {
    if let Some(text) = indent.as_str() {
        return Ok(text.chars().take(MOST_INDENT).collect());
    }
    let spaces =
        usize::try_from(indent.clone()).map_err(|_| refused("the indent of tojson is a number or a text"))?;
    Ok(" ".repeat(spaces.min(MOST_INDENT)))
}

fn refused(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, what.into())
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        if depth > DEPTH {
            return Err(refused(format!("tojson writes at most {DEPTH} levels")));
        }
        match value.kind() {
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self.out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => self.out.push_str(&number(value)),
            ValueKind::String => self.text(value.as_str().unwrap_or_default()),
            ValueKind::Seq | ValueKind::Iterable => {
                let items = value.try_iter()?.checked().collect::<Result<Vec<_>, _>>()?;
                self.group(['[', ']'], items, depth, |writer, item| writer.value(&item, depth + 1))?;
            }
            ValueKind::Map => {
                let mut pairs = Vec::new();
                for key in value.try_iter()?.checked() {
                    let key = key?;
                    pairs.push((key_of(&key)?, value.get_item(&key)?));
                }
                if self.sort_keys {
                    pairs.sort_by(|(left, _), (right, _)| left.cmp(right));
                }
                self.group(['{', '}'], pairs, depth, |writer, (key, item)| {
                    writer.text(&key);
                    let separator = writer.separators.1.clone();
                    writer.out.push_str(&separator);
                    writer.value(&item, depth + 1)
                })?;
            }
            kind => return Err(refused(format!("tojson cannot write a value of the type {kind}"))),
        }
        Ok(())
    }

    /// Writes the items of a list or of a map between two brackets.
    fn group<T>(
        &mut self,
        brackets: [char; 2],
        items: Vec<T>,
        depth: usize,
        mut item: impl FnMut(&mut Self, T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let is_empty = items.is_empty();
        self.out.push(brackets[0]);
        for (index, value) in items.into_iter().enumerate() {
            if index > 0 {
                let separator = self.separators.0.clone();
                self.out.push_str(&separator);
            }
            self.line(depth + 1);
            item(self, value)?;
        }
        if !is_empty {
            self.line(depth);
        }
        self.out.push(brackets[1]);
        Ok(())
    }

    /// Begins a line, if the output has lines.
    fn line(&mut self, depth: usize) {
        if let Some(indent) = &self.indent {
            self.out.push('\n');
            self.out.push_str(&indent.repeat(depth));
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for char in text.chars() {
            match char {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                char if char < ' '
                    || (self.ensure_ascii && !char.is_ascii())
                    || (self.ensure_ascii && char == '\u{7f}') =>
                {
                    for unit in char.encode_utf16(&mut [0; 2]) {
                        let _ = write!(self.out, "\\u{unit:04x}");
                    }
                }
                char => self.out.push(char),
            }
        }
        self.out.push('"');
    }
}

/// Returns a number as Python writes it in JSON: the shortest digits that name it, with an exponent if the number is
/// large or small, and three names that JSON does not have.
fn number(value: &Value) -> String {
    let float = (!value.is_integer()).then(|| f64::try_from(value.clone()).ok()).flatten();
    let Some(float) = float else { return value.to_string() };
    if !float.is_finite() {
        let infinite = if float > 0.0 { "Infinity" } else { "-Infinity" };
        return if float.is_nan() { "NaN" } else { infinite }.to_owned();
    }
    let written = format!("{float:e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..16).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => format!("{float:?}"),
    }
}

/// Returns the key of a map as a text.
fn key_of(key: &Value) -> Result<String, Error> {
    match key.kind() {
        ValueKind::String => Ok(key.to_string()),
        ValueKind::None => Ok("null".to_owned()),
        ValueKind::Bool => Ok(key.is_true().to_string()),
        ValueKind::Number => Ok(number(key)),
        kind => Err(refused(format!("tojson cannot write a key of the type {kind}"))),
    }
}
