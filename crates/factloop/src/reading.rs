//! Reading a prompt: what it asks for, with its operands, or nothing.
//!
//! A prompt has a reading only where the grammar derives the whole of it, in order. No word and no mark is skipped:
//! what may stand around a question has its own places in the grammar. A prompt with two different readings has none.
//! What a sentence means is written as data beside its form (`rules`); the parser knows no question.

mod cardinal;
mod operand;
mod parse;
mod pattern;
mod rules;
mod template;
mod token;

use det::{Call, Contract};

use crate::Specification;
use operand::check;
use parse::Parser;
use rules::GRAMMAR;
use template::{call, words};
use token::{Commas, has_loose_comma, tokens};

pub use operand::OperandRefusal;

/// A question with its operands, and the contract that a right answer satisfies.
#[derive(Clone, Debug)]
pub struct Routed {
    /// The specification that the question is an instance of.
    pub specification: Specification,
    /// The call whose value is the operand that the model is unreliable at.
    pub fact: Call,
    /// The call whose value is the answer; the same as `fact` where one primitive answers.
    pub answer: Call,
    /// The contract that a reply must satisfy: it states the answer.
    pub contract: Contract,
    /// The reading in words, to be shown beside every checked answer.
    pub reading: String,
}

impl Routed {
    /// Returns true if one primitive, applied once or in a chain, answers the whole question.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.fact.to_string() == self.answer.to_string()
    }
}

/// The reading of a prompt: a question, a refused question, or conversation.
#[derive(Clone, Debug)]
pub enum Reading {
    /// A question that a contract can be made for.
    Question(Box<Routed>),
    /// A question of a kind that is read, with an operand that could be mistaken for another one.
    Refused(OperandRefusal),
    /// Everything else.
    Conversation,
}

/// A prompt that stands beside a production, to show what the grammar reads and what it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The specification that the example belongs to.
    pub specification: Specification,
    /// The prompt.
    pub prompt: &'static str,
    /// The call that answers it; none for a counter-example, which has no reading.
    pub answer: Option<&'static str>,
}

/// Returns the examples and counter-examples of every specification, as they stand beside the productions.
pub fn examples() -> impl Iterator<Item = Example> {
    rules::ALL.iter().flat_map(|rules| {
        let specification = rules.specification;
        let read = rules.examples.iter().map(move |(prompt, answer)| (*prompt, Some(*answer)));
        let unread = rules.counter_examples.iter().map(|prompt| (*prompt, None));
        read.chain(unread).map(move |(prompt, answer)| Example { specification, prompt, answer })
    })
}

/// Returns what `prompt` asks for, or nothing where any part of it is not understood.
#[must_use]
pub fn route(prompt: &str) -> Option<Routed> {
    match read(prompt) {
        Reading::Question(routed) => Some(*routed),
        Reading::Refused(_) | Reading::Conversation => None,
    }
}

/// Reads `prompt`.
///
/// A comma between digits is tried in both of its meanings. If that gives two different questions, neither is returned; and
/// outside of parentheses a comma that separates digits only ever makes a prompt unclear.
#[must_use]
pub fn read(prompt: &str) -> Reading {
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
                let Some(routed) = routed(rules, production, &bound) else { continue };
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

/// The question of one derivation; none if its answer has no value, because of an overflow for example.
fn routed(rules: &rules::Rules, production: &rules::Production, bound: &parse::Bindings) -> Option<Routed> {
    let specification = rules.specification;
    let answer = call(production.answer, bound)?;
    answer.evaluate().ok()?;
    let fact = match rules.fact {
        Some(fact) => call(fact, bound)?,
        None => answer.clone(),
    };
    let contract = Contract::computed(specification.form(), answer.clone()).ok()?;
    Some(Routed { specification, fact, answer, contract, reading: words(production.shown, bound) })
}

#[cfg(test)]
mod tests;
