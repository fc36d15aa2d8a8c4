//! The description of a function in English, made of the phrases of its operations.

use super::datum::{Datum, Kind};
use super::operation::Operation;
use super::pipeline::{Operand, Pipeline};
use crate::held_out::{self, Split};
use crate::rng::Rng;

/// A description, with the phrasings that it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The text, one or two sentences.
    pub text: String,
    /// The indices of the phrasings that were used, each in its list.
    pub phrasings: Vec<usize>,
}

/// The ways to say two things one after the other. Every fifth is held out.
const ORDERS: [&str; 6] = [
    "{1}, then {2}.",
    "First {1}, then {2}.",
    "{1}. Then {2}.",
    "{1} and then {2}.",
    "Begin with this: {1}. After that, {2}.",
    "First {1}. Then {2}.",
];

const VERBS: [&str; 8] = ["return", "return", "return", "return", "find", "compute", "get", "give"];
const NUMBERS: [&str; 13] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];

/// Returns the words for an input of this kind, with `{a}` for its name.
fn nouns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Int | Kind::Bool => {
            &["{a}", "{a}", "the number {a}", "the number", "a number", "the integer {a}"]
        }
        Kind::Text => &["{a}", "the text {a}", "the text", "a text", "a string", "the string {a}"],
        Kind::Ints => {
            &["{a}", "the list {a}", "the numbers", "a list of numbers", "the list", "a list of integers"]
        }
        Kind::Texts => {
            &["{a}", "the list {a}", "the list", "a list of texts", "a list of strings", "the texts {a}"]
        }
    }
}

/// The words for the result of the first operation.
const RESULTS: [&str; 4] = ["the result", "it", "that", "the result of that"];

/// Describes a function with phrasings of one side of the hold-out split.
pub(super) fn describe(function: &Pipeline, rng: &mut Rng, split: Split) -> Description {
    let mut phrasings = Vec::new();
    let mut parts = Vec::new();
    for (at, step) in function.steps.iter().enumerate() {
        let phrase = draw_phrase(step.operation, rng, split, &mut phrasings);
        let noun = match at {
            0 => rng.pick(nouns(step.operation.takes.kind())).replace("{a}", function.input),
            _ => (*rng.pick(&RESULTS)).to_owned(),
        };
        let text = phrase.replace('@', VERBS[rng.below(VERBS.len())]).replace("{x}", &noun);
        parts.push(text.replace("{k}", &operand(&step.operand, rng)));
    }
    let text = match parts.as_slice() {
        [first, second] => {
            let choices: Vec<usize> =
                (0..ORDERS.len()).filter(|at| split.admits(held_out::phrasing(*at))).collect();
            let at = *rng.pick(&choices);
            phrasings.push(at);
            ORDERS[at].replace("{1}", first).replace("{2}", second)
        }
        _ => format!("{}.", parts.concat()),
    };
    Description { text: capital(&text), phrasings }
}

fn draw_phrase(operation: &Operation, rng: &mut Rng, split: Split, used: &mut Vec<usize>) -> &'static str {
    let admitted = (0..operation.phrases.len()).filter(|at| split.admits(held_out::phrasing(*at)));
    let at = *rng.pick(&admitted.collect::<Vec<_>>());
    used.push(at);
    operation.phrases[at]
}

fn operand(operand: &Operand, rng: &mut Rng) -> String {
    match operand {
        Operand::Constant(Datum::Int(int)) if rng.percent(15) => {
            let word = usize::try_from(*int).ok().and_then(|at| NUMBERS.get(at));
            word.map_or_else(|| int.to_string(), |word| (*word).to_owned())
        }
        Operand::Constant(Datum::Text(text)) if rng.percent(30) => format!("'{text}'"),
        Operand::Constant(constant) => det::python_value(&constant.value()),
        Operand::Argument(name) => (*name).to_owned(),
        Operand::None => String::new(),
    }
}

fn capital(text: &str) -> String {
    let starts_with_name = text.starts_with(|c: char| !c.is_ascii_lowercase());
    if starts_with_name { text.to_owned() } else { text[..1].to_uppercase() + &text[1..] }
}
