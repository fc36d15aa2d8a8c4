//! The count of a letter in a text.
//!
//! A letter is one code point that Unicode calls alphabetic. It occurs where a code point of the text has
//! the same lower-case mapping, so `R` and `r` are one letter, as are `ẞ` and `ß`, and the Kelvin sign
//! and `k`. There is no normalisation and no folding beyond that mapping:
//!
//! - a combining mark is a code point of its own, so `e` occurs in `e` + U+0301 and not in `é`, and a
//!   letter that is written as two code points is not a single letter;
//! - `ß` is not `ss`, final `ς` is not `σ`, and `İ` (whose lower case has two code points) is not `i`.
//!
//! The mapping is the standard library's. If a toolchain changes the mapping, the primitive changes too and
//! gets a new version; a frozen digest over the whole mapping shows the change.

use abi::Value;

use crate::operands::text;
use crate::{CallError, Kind, Primitive, Record, Sample};

pub(crate) const LETTER_COUNT: Primitive = Primitive {
    name: "letter_count",
    version: 1,
    parameters: &[text("text"), text("letter")],
    returns: Kind::Int,
    summary: "how often a letter occurs in a text, upper and lower case alike",
    example: &[Sample::Text("strawberry"), Sample::Text("r")],
    eval: letter_count,
    steps: 8,
    record: Record::exhaustive(
        15_624,
        "texts of 0 to 5 characters out of `a`, `A`, `b`, `é` and the space, with the letters `a`, `A`, `b` and `é`",
        "a table of the characters that are one letter",
    ),
};

pub(crate) const TEXT_LENGTH: Primitive = Primitive {
    name: "text_length",
    version: 1,
    parameters: &[text("text")],
    returns: Kind::Int,
    summary: "how many letters a text has; spaces, digits and marks are not letters",
    example: &[Sample::Text("strawberry")],
    eval: text_length,
    steps: 8,
    record: Record::exhaustive(
        19_531,
        "texts of 0 to 6 characters out of `a`, `é`, `1`, `-` and the space",
        "a table of the characters that are letters",
    ),
};

fn letter_count(operands: &[Value]) -> Result<Value, CallError> {
    let [Value::Text(text), Value::Text(letter)] = operands else {
        unreachable!("the signature was checked")
    };
    let mut chars = letter.chars();
    let (Some(letter), None) = (chars.next(), chars.next()) else {
        return Err(CallError::OutOfDomain { primitive: "letter_count", demand: "a single letter" });
    };
    if !letter.is_alphabetic() {
        return Err(CallError::OutOfDomain { primitive: "letter_count", demand: "a letter of an alphabet" });
    }
    let count = text.chars().filter(|&c| c.to_lowercase().eq(letter.to_lowercase())).count();
    i64::try_from(count).map(Value::Int).map_err(|_| CallError::Overflow { primitive: "letter_count" })
}

fn text_length(operands: &[Value]) -> Result<Value, CallError> {
    let [Value::Text(text)] = operands else { unreachable!("the signature was checked") };
    let count = text.chars().filter(|c| c.is_alphabetic()).count();
    i64::try_from(count).map(Value::Int).map_err(|_| CallError::Overflow { primitive: "text_length" })
}
