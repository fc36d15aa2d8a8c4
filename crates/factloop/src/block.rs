//! The facts block: how facts are written for a proposer to read.
//!
//! One line a fact, `label = value`, each ended by a line feed. Whatever could end a line, open a
//! delimiter or hide is escaped, and labels and values are cut at a length, so that no operand taken
//! from a prompt can carry an instruction across the block's edge.

use std::fmt::Write;

use abi::{Fact, Value};

/// The most characters of a label or a value that are written.
const MAX_CHARS: usize = 200;

/// The body of the block for `facts`; empty for none.
#[must_use]
pub fn block(facts: &[Fact]) -> String {
    facts.iter().map(line).collect()
}

/// One fact as its line in the block.
#[must_use]
pub fn line(fact: &Fact) -> String {
    format!("{} = {}\n", escaped(&fact.label), escaped(&rendered(&fact.value)))
}

/// A value as people and models read it; unescaped.
#[must_use]
pub fn rendered(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => float.get().to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Map(map) => format!("a map of {}", map.len()),
    }
}

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
