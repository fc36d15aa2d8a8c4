//! Texts as rows of characters: order, equality, distance.

use alloc::string::String;
use alloc::vec::Vec;

use abi::Value;
use unicode_segmentation::UnicodeSegmentation;

use crate::operands::{fitted, one_text, outside, text, two_texts};
use crate::{CallError, Kind, Primitive, Record, Sample};

/// The most characters of a text whose distance to another one is computed.
const MAX_DISTANCE: usize = 1_000;

const PIECES: &str =
    "texts of 0 to 20 pieces, each a letter, a mark upon the letter before, a line end or a flag";

pub(crate) const REVERSE_TEXT: Primitive = Primitive {
    name: "reverse_text",
    version: 1,
    parameters: &[text("text")],
    returns: Kind::Text,
    summary: "the text with its characters in the opposite order; a letter keeps its accents",
    example: &[Sample::Text("stressed")],
    eval: reverse_text,
    steps: 1 << 22,
    record: Record::sampled(5_000, PIECES, "the pieces that the text was made of"),
};

pub(crate) const GRAPHEME_COUNT: Primitive = Primitive {
    name: "grapheme_count",
    version: 1,
    parameters: &[text("text")],
    returns: Kind::Int,
    summary: "how many characters a text has, as a reader sees them (extended grapheme clusters, UAX 29)",
    example: &[Sample::Text("strawberry")],
    eval: grapheme_count,
    steps: 1 << 22,
    record: Record::sampled(5_000, PIECES, "the pieces that the text was made of"),
};

pub(crate) const IS_PALINDROME: Primitive = Primitive {
    name: "is_palindrome",
    version: 1,
    parameters: &[text("text")],
    returns: Kind::Bool,
    summary: "whether the letters and digits of a text read the same backwards, upper and lower case alike",
    example: &[Sample::Text("Never odd or even")],
    eval: is_palindrome,
    steps: 1 << 20,
    record: Record::exhaustive(
        97_648,
        "texts of 1 to 7 characters out of `a`, `B`, `b`, `1` and the space that have a letter or a digit",
        "pairs of characters from both ends, without spaces",
    ),
};

pub(crate) const LEVENSHTEIN: Primitive = Primitive {
    name: "levenshtein",
    version: 1,
    parameters: &[text("a"), text("b")],
    returns: Kind::Int,
    summary: "the least number of characters to insert, delete or replace that makes b of a",
    example: &[Sample::Text("kitten"), Sample::Text("sitting")],
    eval: levenshtein,
    steps: 1 << 22,
    record: Record::exhaustive(
        14_641,
        "pairs of texts of 0 to 4 characters out of `a`, `b` and `c`",
        "the definition by recursion over both texts",
    ),
};

pub(crate) const TEXT_INDEX: Primitive = Primitive {
    name: "text_index",
    version: 1,
    parameters: &[text("text"), text("part")],
    returns: Kind::Int,
    summary: "how many code points of a text stand before the first occurrence of a part; -1 if it has none",
    example: &[Sample::Text("strawberry"), Sample::Text("berry")],
    eval: text_index,
    steps: 1 << 20,
    record: Record::exhaustive(
        14_209,
        "texts of 0 to 6 characters out of `a`, `é` and `b`, and parts of 1 to 2 of them and of `c`",
        "a comparison at every place",
    ),
};

fn reverse_text(operands: &[Value]) -> Result<Value, CallError> {
    let text = one_text("reverse_text", operands)?;
    Ok(Value::Text(text.graphemes(true).rev().collect::<String>()))
}

fn grapheme_count(operands: &[Value]) -> Result<Value, CallError> {
    fitted("grapheme_count", one_text("grapheme_count", operands)?.graphemes(true).count())
}

fn is_palindrome(operands: &[Value]) -> Result<Value, CallError> {
    let text = one_text("is_palindrome", operands)?;
    let said: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if said.is_empty() {
        return Err(outside("is_palindrome", "a text with a letter or a digit"));
    }
    Ok(Value::Bool(said.iter().eq(said.iter().rev())))
}

/// The algorithm of Wagner and Fischer ("The string-to-string correction problem", 1974), one row at a time.
fn levenshtein(operands: &[Value]) -> Result<Value, CallError> {
    let (a, b) = two_texts("levenshtein", operands)?;
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().max(b.len()) > MAX_DISTANCE {
        return Err(outside("levenshtein", "texts of at most 1000 characters"));
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (above, left) in a.iter().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (at, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    fitted("levenshtein", row[b.len()])
}

fn text_index(operands: &[Value]) -> Result<Value, CallError> {
    let (text, part) = two_texts("text_index", operands)?;
    if part.is_empty() {
        return Err(outside("text_index", "a part that is not empty"));
    }
    match text.find(part) {
        Some(at) => fitted("text_index", text[..at].chars().count()),
        None => Ok(Value::Int(-1)),
    }
}
