//! Topics: what a contract asks about, so that a reader can tell a statement about it from a step on the way.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use abi::Value;

use super::fold::folded;
use super::tokens::{Token, tokens};
use crate::{Call, Contract, Expectation, Operand};

/// The most words and marks of a text that is looked for in a reply.
const MAX_TOKENS: usize = 64;

/// The subject of a reply: a question of a contract with its operands, or anything at all.
#[derive(Debug)]
pub(super) struct Topic {
    /// The kind of question.
    pub(super) asked: Asked,
    /// The text that is asked about. Empty if there is none.
    pub(super) text: Vec<Token<'static>>,
    /// The letter or word that is counted in the text. Empty if there is none.
    pub(super) counted: Vec<Token<'static>>,
    /// The numbers that are asked about, as [`plain`](super::statements::plain) writes them.
    pub(super) numbers: Vec<String>,
}

/// The kinds of question that the reader of clauses knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing is known about the question.
    Anything,
    /// The number of times that something occurs in a text.
    Times,
    /// The number of letters of a text.
    Letters,
    /// The question if a number is prime.
    Prime,
    /// A sum, a difference or a product of the numbers, with its sign.
    Sign(char),
    /// The greatest common divisor of the numbers.
    Divisor,
    /// A computation of several steps, whose parts have counts and results of their own.
    Steps,
}

impl Topic {
    /// Returns the topic of a reply about which nothing is known.
    pub(super) fn anything() -> Self {
        Self::new(Asked::Anything)
    }

    fn new(asked: Asked) -> Self {
        Self { asked, text: Vec::new(), counted: Vec::new(), numbers: Vec::new() }
    }

    /// Returns the topic of a contract: that of the call that it expects, or anything.
    pub(super) fn from_contract(contract: &Contract) -> Self {
        match contract.expectation() {
            Expectation::Computed(call) => Self::from_call(call),
            _ => Self::anything(),
        }
    }

    /// Returns true if `number` is one of those that are asked about.
    pub(super) fn asks_about(&self, number: &str) -> bool {
        self.numbers.iter().any(|asked| asked == number)
    }

    fn from_call(call: &Call) -> Self {
        let asked = match call.primitive().name {
            "letter_count" | "word_count" => Asked::Times,
            "text_length" => Asked::Letters,
            "is_prime" => Asked::Prime,
            "add" => Asked::Sign('+'),
            "subtract" => Asked::Sign('-'),
            "multiply" => Asked::Sign('*'),
            "gcd" => Asked::Divisor,
            _ => return Self::anything(),
        };
        let mut topic = Self::new(asked);
        let mut open = alloc::vec![call];
        while let Some(inner) = open.pop() {
            if inner.primitive().name != call.primitive().name {
                return Self::new(Asked::Steps);
            }
            for operand in inner.operands() {
                match operand {
                    Operand::Call(call) => open.push(call),
                    Operand::Literal(value) => topic.add(value),
                }
            }
        }
        topic
    }

    /// Adds an operand. The first text is the one that is asked about, and the second is counted in it.
    fn add(&mut self, value: &Value) {
        match value {
            Value::Text(text) => {
                let place = if self.text.is_empty() { &mut self.text } else { &mut self.counted };
                *place = tokens(&folded(text).to_lowercase()).into_iter().map(Token::into_owned).collect();
                // A reply is searched for the text in linear time only if the text is short.
                place.truncate(if place.len() > MAX_TOKENS { 0 } else { MAX_TOKENS });
            }
            Value::Int(int) => self.numbers.push(int.to_string()),
            _ => {}
        }
    }
}
