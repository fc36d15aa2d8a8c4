//! The facts block: the text in which a proposer reads facts.
//!
//! The block has one line for each fact, `label = value`, ended by a line feed. Characters that could end a
//! line, open a delimiter or hide are escaped, and long labels and values are cut, so that no operand taken
//! from a prompt can carry an instruction out of the block.

use std::fmt::Write;

use abi::{Fact, Value};
use sched::Remembered;

/// The largest number of characters of a label or of a value in the block.
const MAX_CHARS: usize = 200;

/// Returns the body of the facts block for `facts`: one line for each, and the empty text if there are none.
#[must_use]
pub fn block(facts: &[Fact]) -> String {
    facts.iter().map(line).collect()
}

/// Returns the body of the facts block for what a memory recalled: one line for each entry, and the empty text if nothing
/// was recalled.
///
/// Each line ends with the mark of its origin, which is the word `memory` and [`Remembered::mark`]. The
/// label and the value are escaped and cut as those of a fact are, so nothing that was stored can imitate another line or
/// another origin.
#[must_use]
pub fn recalled_block(entries: &[Remembered]) -> String {
    entries.iter().map(recalled_line).collect()
}

fn recalled_line(entry: &Remembered) -> String {
    let Remembered { label, value, .. } = entry;
    format!("{} = {} <memory {}>\n", escaped(label), escaped(&rendered(value)), entry.mark())
}

/// Returns the line of one fact in the facts block, escaped, with its line feed.
#[must_use]
pub fn line(fact: &Fact) -> String {
    format!("{} = {}\n", escaped(&fact.label), escaped(&rendered(&fact.value)))
}

/// Returns a value as people and models read it. The text is not escaped; of maps, bytes and lists of
/// anything but integers only the size is given.
#[must_use]
pub fn rendered(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => float.get().to_string(),
        Value::Decimal(decimal) => decimal.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::List(items) => match items.iter().map(Value::as_int).collect::<Option<Vec<i64>>>() {
            Some(integers) => format!("{integers:?}"),
            None => format!("a list of {}", items.len()),
        },
        Value::Map(map) => format!("a map of {}", map.len()),
    }
}

/// Returns `text` with characters escaped that could end a line or open a delimiter, cut after [`MAX_CHARS`].
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == MAX_CHARS {
            out.push('…');
            break;
        }
        if c.is_control() || matches!(c, '<' | '>' | '|' | '=' | '\\' | '\u{2028}' | '\u{2029}') {
            write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a String takes every write");
        } else {
            out.push(c);
        }
    }
    out
}
