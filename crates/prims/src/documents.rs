//! JSON documents: one canonical text for each, and the value at a pointer.
//!
//! A document is one of RFC 8259 whose numbers are whole and fit 64 bits, and whose objects have no name twice.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use abi::Value;

use crate::operands::{MAX_TEXT, one_text, outside, text, two_texts};
use crate::{CallError, Kind, Primitive, Record, Sample};

/// The deepest nesting of lists and objects.
const MAX_DEPTH: usize = 32;

const DOCUMENTS: &str = "documents of up to 4 levels, with escapes and spaces";

pub(crate) const JSON_CANONICAL: Primitive = Primitive {
    name: "json_canonical",
    version: 1,
    parameters: &[text("document")],
    returns: Kind::Text,
    summary: "a JSON document without spaces and with its names in order; its numbers are whole",
    example: &[Sample::Text("{\"b\": 1, \"a\": [true, null]}")],
    eval: json_canonical,
    steps: 1 << 22,
    record: Record::sampled(10_000, DOCUMENTS, "the crate serde_json"),
};

pub(crate) const JSON_GET: Primitive = Primitive {
    name: "json_get",
    version: 1,
    parameters: &[text("document"), text("pointer")],
    returns: Kind::Text,
    summary: "the value at a JSON pointer (RFC 6901) of a document, as canonical JSON; its numbers are whole",
    example: &[Sample::Text("{\"a\": [1, {\"b\": 2}]}"), Sample::Text("/a/1/b")],
    eval: json_get,
    steps: 1 << 22,
    record: Record::sampled(
        10_000,
        "documents of up to 4 levels with pointers into them",
        "the crate serde_json",
    ),
};

/// The value of a document.
enum Json {
    /// `null`, `true`, `false` or a number, as it is written.
    Plain(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

struct Reader<'a> {
    rest: &'a str,
    primitive: &'static str,
}

impl Reader<'_> {
    fn refused(&self) -> CallError {
        let demand = "a JSON document at most 32 deep with whole numbers of 64 bits and no name twice";
        outside(self.primitive, demand)
    }

    fn eat(&mut self, mark: &str) -> bool {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let shorter = self.rest.strip_prefix(mark);
        self.rest = shorter.unwrap_or(self.rest);
        shorter.is_some()
    }

    /// Recursion is bounded by [`MAX_DEPTH`].
    fn value(&mut self, depth: usize) -> Result<Json, CallError> {
        if depth > MAX_DEPTH {
            return Err(self.refused());
        }
        if let Some(word) = ["null", "true", "false"].into_iter().find(|word| self.eat(word)) {
            return Ok(Json::Plain(String::from(word)));
        }
        if self.eat("\"") {
            return self.string().map(Json::Text);
        }
        if self.eat("[") {
            let mut items = Vec::new();
            while !self.eat("]") {
                if !items.is_empty() && !self.eat(",") {
                    return Err(self.refused());
                }
                items.push(self.value(depth + 1)?);
            }
            return Ok(Json::List(items));
        }
        if self.eat("{") {
            return self.object(depth);
        }
        self.number()
    }

    fn object(&mut self, depth: usize) -> Result<Json, CallError> {
        let mut members = BTreeMap::new();
        while !self.eat("}") {
            if !members.is_empty() && !self.eat(",") || !self.eat("\"") {
                return Err(self.refused());
            }
            let name = self.string()?;
            if !self.eat(":") || members.insert(name, self.value(depth + 1)?).is_some() {
                return Err(self.refused());
            }
        }
        Ok(Json::Object(members))
    }

    fn number(&mut self) -> Result<Json, CallError> {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (written, rest) = self.rest.split_at(end);
        self.rest = rest;
        let number: Option<i64> = written.parse().ok();
        // A number has one text: neither `+1`, `01` nor `-0` is it.
        match number.map(|number| format!("{number}")).filter(|canonical| canonical == written) {
            Some(canonical) => Ok(Json::Plain(canonical)),
            None => Err(self.refused()),
        }
    }

    fn string(&mut self) -> Result<String, CallError> {
        let mut text = String::new();
        loop {
            let mut chars = self.rest.chars();
            let c = chars.next().filter(|c| *c >= ' ').ok_or(self.refused())?;
            self.rest = chars.as_str();
            match c {
                '"' => return Ok(text),
                '\\' => text.push(self.escaped()?),
                c => text.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, CallError> {
        let mut chars = self.rest.chars();
        let mark = chars.next().ok_or(self.refused())?;
        self.rest = chars.as_str();
        Ok(match mark {
            '"' | '\\' | '/' => mark,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.unit()?;
                let code = match first {
                    0xD800..=0xDBFF => {
                        self.rest = self.rest.strip_prefix("\\u").ok_or(self.refused())?;
                        let second = self.unit()?;
                        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400);
                        0x1_0000 + ((first - 0xD800) << 10) + low.ok_or(self.refused())?
                    }
                    code => code,
                };
                char::from_u32(code).ok_or(self.refused())?
            }
            _ => return Err(self.refused()),
        })
    }

    fn unit(&mut self) -> Result<u32, CallError> {
        let digits = self.rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or(self.refused())?;
        self.rest = &self.rest[4..];
        Ok(unit)
    }
}

fn parse(primitive: &'static str, document: &str) -> Result<Json, CallError> {
    let mut reader = Reader { rest: document, primitive };
    let value = reader.value(0)?;
    if reader.rest.trim_start_matches([' ', '\t', '\n', '\r']).is_empty() {
        Ok(value)
    } else {
        Err(reader.refused())
    }
}

/// Writes a value without spaces, with the names of objects in the order of their code points. Recursion is bounded by
/// [`MAX_DEPTH`].
fn write(value: &Json, out: &mut String) {
    match value {
        Json::Plain(written) => out.push_str(written),
        Json::Text(text) => write_text(text, out),
        Json::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { "," });
                write(item, out);
            }
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (place, (name, member)) in members.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { "," });
                write_text(name, out);
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn json_canonical(operands: &[Value]) -> Result<Value, CallError> {
    let value = parse("json_canonical", one_text("json_canonical", operands)?)?;
    Ok(Value::Text(canonical(&value)))
}

fn canonical(value: &Json) -> String {
    let mut out = String::with_capacity(MAX_TEXT.min(256));
    write(value, &mut out);
    out
}

fn json_get(operands: &[Value]) -> Result<Value, CallError> {
    let (document, pointer) = two_texts("json_get", operands)?;
    let value = parse("json_get", document)?;
    let found = at(&value, pointer).map(canonical).map(Value::Text);
    found.ok_or(outside("json_get", "a pointer to a value of the document"))
}

fn at<'v>(mut value: &'v Json, pointer: &str) -> Option<&'v Json> {
    if pointer.is_empty() {
        return Some(value);
    }
    for token in pointer.strip_prefix('/')?.split('/') {
        value = match value {
            Json::Object(members) => members.get(&unescaped(token)?)?,
            Json::List(items) => {
                let index: usize = token.parse().ok()?;
                items.get(index).filter(|_| format!("{index}") == token)?
            }
            Json::Plain(_) | Json::Text(_) => return None,
        };
    }
    Some(value)
}

/// Returns a part of a pointer as the name that it stands for. A `~` before anything but 0 and 1 is no pointer.
fn unescaped(token: &str) -> Option<String> {
    let mut parts = token.split('~');
    let mut name = String::from(parts.next()?);
    for part in parts {
        let (mark, rest) = match (part.strip_prefix('0'), part.strip_prefix('1')) {
            (Some(rest), _) => ('~', rest),
            (_, Some(rest)) => ('/', rest),
            _ => return None,
        };
        name.push(mark);
        name.push_str(rest);
    }
    Some(name)
}
