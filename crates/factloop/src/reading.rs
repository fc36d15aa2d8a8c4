//! The reading of a prompt: the question that it asks, with its operands, or nothing.
//!
//! A prompt has a reading only if the grammar derives the whole of it, in order. No word and no mark is
//! skipped: words that may stand around a question have their own places in the grammar. A prompt with two
//! different readings has none. The meaning of a sentence is data beside its form (`rules`); the parser
//! itself knows no question.

mod cardinal;
mod dates;
mod operand;
mod parse;
mod pattern;
mod rules;
mod seems;
mod subjects;
mod suggest;
mod template;
mod token;
mod unread;
mod words;

use det::{Call, Contract};
use prims::CallError;

use crate::Specification;
use operand::check;
use parse::Parser;
use rules::GRAMMAR;
use template::{call, words};
use token::{Commas, has_loose_comma, tokens};

pub use operand::OperandRefusal;
pub use suggest::suggestion;
pub use unread::{UnreadReason, may_ask, unread_reason};

/// A question that the grammar read from a prompt, with its operands and the contract of a right answer.
#[derive(Clone, Debug)]
pub struct Routed {
    /// The kind of question, for example the count of a letter.
    pub specification: Specification,
    /// The call whose result is the operand that a model is unreliable at, for example a count of letters.
    pub fact: Call,
    /// The call whose result is the answer. Equal to `fact` if one primitive answers the question.
    pub answer: Call,
    /// The contract that a reply must satisfy: it must state the result of `answer`.
    pub contract: Contract,
    /// The reading in words, to be shown beside every checked answer.
    pub reading: String,
}

impl Routed {
    /// Returns true if the fact is already the answer, so that a primitive can answer without a model.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.fact.to_string() == self.answer.to_string()
    }
}

/// The result of reading a prompt: a question, a refused question, or conversation.
#[derive(Clone, Debug)]
pub enum Reading {
    /// A question for which the answer can be checked.
    Question(Box<Routed>),
    /// A question of a known kind, one of whose operands could be mistaken for another one.
    Refused(OperandRefusal),
    /// Every other prompt, for which there is nothing to check.
    Conversation,
}

/// A prompt that shows what the grammar reads, or what it does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The kind of question that the example belongs to.
    pub specification: Specification,
    /// The text of the prompt, as a user would type it.
    pub prompt: &'static str,
    /// The call that answers the prompt. None for a counter-example, which must have no reading.
    pub answer: Option<&'static str>,
}

/// Returns the examples and counter-examples of every kind of question, which are written beside its forms.
pub fn examples() -> impl Iterator<Item = Example> {
    rules::ALL.iter().flat_map(|rules| {
        let specification = rules.specification;
        let read = rules.examples.iter().map(move |(prompt, answer)| (*prompt, Some(*answer)));
        let unread = rules.counter_examples.iter().map(|prompt| (*prompt, None));
        read.chain(unread).map(move |(prompt, answer)| Example { specification, prompt, answer })
    })
}

/// Returns the question that `prompt` asks. Returns None if any part of the prompt is not understood, or if
/// an operand could be mistaken for another one.
#[must_use]
pub fn route(prompt: &str) -> Option<Routed> {
    match read(prompt) {
        Reading::Question(routed) => Some(*routed),
        Reading::Refused(_) | Reading::Conversation => None,
    }
}

/// Reads `prompt` with the closed grammar.
///
/// A comma between digits may be part of a number or separate two, so both are tried. If that gives two
/// different questions, the prompt is conversation. Outside of parentheses, reading a comma as a separator
/// never gives a question of its own and only shows that a prompt is ambiguous.
#[must_use]
pub fn read(prompt: &str) -> Reading {
    understood(prompt, &mut |_| {})
}

/// Reads `prompt` as [`read`] does, and gives `beyond` the error of each question that the grammar derives and that no
/// primitive answers, for example because its result overflows.
fn understood(prompt: &str, beyond: &mut dyn FnMut(CallError)) -> Reading {
    let mut found: Option<Routed> = None;
    let mut refused = None;
    for commas in [Commas::Group, Commas::Separate] {
        let Some(tokens) = tokens(prompt, commas) else { continue };
        let doubts = commas == Commas::Separate && has_loose_comma(prompt);
        let mut parser = Parser::new(&GRAMMAR, &tokens);
        for (rules, production, node) in &GRAMMAR.whole {
            let Some(derivations) = parser.derive(node) else {
                return Reading::Conversation;
            };
            for bound in derivations {
                match check(&bound) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(refusal) => {
                        refused = Some(refusal);
                        continue;
                    }
                }
                let Some(routed) = routed(rules, production, &bound, beyond) else { continue };
                match &found {
                    Some(earlier) if earlier.contract.digest() != routed.contract.digest() => {
                        return Reading::Conversation;
                    }
                    None if !doubts => found = Some(routed),
                    Some(_) | None => {}
                }
            }
        }
    }
    match (found, refused) {
        (_, Some(refusal)) => Reading::Refused(refusal),
        (Some(routed), None) => Reading::Question(Box::new(routed)),
        (None, None) => Reading::Conversation,
    }
}

/// Returns the question of one derivation. Returns None if its answer has no value, for example because of an overflow;
/// `beyond` is then given the error.
fn routed(
    rules: &rules::Rules,
    production: &rules::Production,
    bound: &parse::Bindings,
    beyond: &mut dyn FnMut(CallError),
) -> Option<Routed> {
    let specification = rules.specification;
    let answer = call(production.answer, bound)?;
    answer.evaluate().map_err(beyond).ok()?;
    let fact = match rules.fact {
        Some(fact) => call(fact, bound)?,
        None => answer.clone(),
    };
    let contract = Contract::computed(specification.form(), answer.clone()).ok()?;
    Some(Routed { specification, fact, answer, contract, reading: words(production.shown, bound) })
}

#[cfg(test)]
mod tests;
