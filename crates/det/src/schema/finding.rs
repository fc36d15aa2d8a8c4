//! The findings of a check, with every part cut to a stated length.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use abi::Value;

use crate::fuel::JUDGEMENT_FUEL;

/// The most characters of a place, of a demand and of what was found. A subject chooses how long its keys are,
/// and a finding is stored and shown.
const MAX_CHARS: usize = 200;
/// The most characters of one text or one name inside them.
const MAX_WORD_CHARS: usize = 40;

/// The first place at which a subject does not satisfy a schema, with the demand and the value there.
///
/// A finding is a result of a judgement, and its words are shown to the model that is asked for a repair. Each
/// of its texts has 200 characters at most; one that was cut ends in `…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaFinding {
    /// JSON pointer into the subject; empty for the whole of it.
    pub at: String,
    /// The keyword that the subject does not satisfy.
    pub keyword: &'static str,
    /// The demand of the keyword.
    pub expected: String,
    /// The value, or a description of it.
    pub found: String,
}

impl fmt::Display for SchemaFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, keyword, expected, found } = self;
        let at = if at.is_empty() { "the whole" } else { at };
        match *keyword {
            "false" => write!(f, "at {at}: the schema allows no value here, found {found}"),
            "not" => write!(f, "at {at}: the schema's `not` excludes this value, found {found}"),
            _ => write!(f, "at {at}: {keyword} demands {expected}, found {found}"),
        }
    }
}

/// The reason why a check against a schema does not end in agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckError {
    /// The subject does not satisfy the schema.
    Finding(SchemaFinding),
    /// The check takes more steps than [`JUDGEMENT_FUEL`], so it does not tell if the subject satisfies the schema.
    OutOfFuel,
    /// The subject nests more deeply than the canonical encoding allows.
    TooDeep {
        /// Depth of the subject.
        depth: usize,
    },
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finding(finding) => finding.fmt(f),
            Self::OutOfFuel => write!(
                f,
                "the check takes more than {JUDGEMENT_FUEL} steps; give it a smaller value or a simpler schema"
            ),
            Self::TooDeep { depth } => {
                write!(f, "the value nests {depth} deep; {} is the limit", abi::MAX_DEPTH)
            }
        }
    }
}

impl core::error::Error for CheckError {}

/// A key or an index on the way from the whole subject to the part that is checked now.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Key(&'a str),
    Index(usize),
}

/// Returns the JSON pointer of a path, cut to its bound.
pub(super) fn pointer(path: &[Part<'_>]) -> String {
    let mut out = String::new();
    for part in path {
        // Nothing beyond the bound is kept, so nothing beyond it is built.
        if out.len() > 4 * MAX_CHARS {
            break;
        }
        out.push('/');
        match part {
            Part::Index(number) => out.push_str(&number.to_string()),
            Part::Key(key) => out.push_str(&escaped(start(key, MAX_CHARS + 1))),
        }
    }
    cut(out)
}

/// Returns a text of at most [`MAX_CHARS`] characters, with `…` in the place of what was cut.
pub(super) fn cut(text: String) -> String {
    let kept = start(&text, MAX_CHARS);
    if kept.len() == text.len() { text } else { format!("{}…", start(kept, MAX_CHARS - 1)) }
}

/// Returns a name as a finding quotes it.
pub(super) fn name(name: &str) -> String {
    let kept = start(name, MAX_WORD_CHARS);
    if kept.len() == name.len() { name.to_owned() } else { format!("{kept}…") }
}

/// Returns a token in the form that it has inside a JSON pointer.
pub(super) fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn start(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}

/// Returns these values as a finding lists them.
pub(super) fn listed<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    let mut out = String::new();
    for value in values {
        if out.len() > 4 * MAX_CHARS {
            break;
        }
        out.push_str(if out.is_empty() { "" } else { ", " });
        out.push_str(&shown(value));
    }
    out
}

/// Returns a value as a finding shows it: short scalars as they are, everything else by its type and size.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => float.get().to_string(),
        Value::Decimal(decimal) if decimal.digits().len() > MAX_WORD_CHARS => {
            let sign = if decimal.is_negative() { "-" } else { "" };
            let (digits, magnitude) = (decimal.digits(), decimal.magnitude());
            format!("{sign}{}.{}…e{magnitude}", &digits[..1], &digits[1..MAX_WORD_CHARS])
        }
        Value::Decimal(decimal) => decimal.to_string(),
        Value::Text(text) => {
            let kept = start(text, MAX_WORD_CHARS);
            let more = if kept.len() == text.len() { "" } else { " and more" };
            format!("{kept:?}{more}")
        }
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Map(map) => format!("an object of {}", map.len()),
    }
}
