//! The count of a word in a text.
//!
//! A word of a text is a longest run of code points that Unicode calls alphabetic, with single apostrophes or
//! hyphens between two of them, so `it's` and `well-known` are one word each. Two words are the same if their
//! lower-case mappings are, as with letters.

use alloc::string::String;

use abi::Value;

use crate::operands::text;
use crate::{CallError, Kind, Primitive, Record, Sample};

pub(crate) const WORD_COUNT: Primitive = Primitive {
    name: "word_count",
    version: 1,
    parameters: &[text("text"), text("word")],
    returns: Kind::Int,
    summary: "how often a word occurs in a text as a whole word, upper and lower case alike",
    example: &[Sample::Text("the cat and the dog"), Sample::Text("the")],
    eval: word_count,
    steps: 8,
    record: Record::sampled(
        15_000,
        "sentences of 0 to 8 words with marks between them, with the words `the`, `cat` and `it's`",
        "the words that the sentence was made of",
    ),
};

fn word_count(operands: &[Value]) -> Result<Value, CallError> {
    let [Value::Text(text), Value::Text(word)] = operands else { unreachable!("the signature was checked") };
    let mut wanted = words(word);
    let (Some(wanted), None) = (wanted.next(), wanted.next()) else {
        return Err(CallError::OutOfDomain { primitive: "word_count", demand: "a single word" });
    };
    if wanted != word.to_lowercase() {
        return Err(CallError::OutOfDomain {
            primitive: "word_count",
            demand: "a word without marks around it",
        });
    }
    let count = words(text).filter(|own| *own == wanted).count();
    i64::try_from(count).map(Value::Int).map_err(|_| CallError::Overflow { primitive: "word_count" })
}

/// Returns the words of a text in lower case, in the order of the text.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let runs = text.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '-');
    // A mark at the end of a run belongs to no word, and two marks in a row end one.
    let parts = runs.flat_map(split_at_double_marks);
    parts.map(|word| word.trim_matches(['\'', '-']).to_lowercase()).filter(|word| !word.is_empty())
}

/// Splits a run of letters and marks wherever two or more apostrophes or hyphens stand next to each other.
fn split_at_double_marks(run: &str) -> impl Iterator<Item = &str> {
    let is_mark = |c: char| matches!(c, '\'' | '-');
    let mut rest = Some(run);
    core::iter::from_fn(move || {
        let text = rest?;
        let double = text
            .char_indices()
            .zip(text.chars().skip(1))
            .find(|((_, left), right)| is_mark(*left) && is_mark(*right))
            .map(|((at, _), _)| at);
        match double {
            Some(at) => {
                rest = Some(text[at..].trim_start_matches(is_mark));
                Some(&text[..at])
            }
            None => {
                rest = None;
                Some(text)
            }
        }
    })
}
