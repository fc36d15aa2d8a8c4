//! Topics: what a contract asks about, and what is true of it, so that the working of a reply can be computed again.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use abi::Value;

use super::tokens::{Token, tokens};
use crate::{Call, Contract, Expectation, Operand};

/// The most bytes of a text whose pieces are looked for in a reply. Behind a longer one only the answer is read.
const MAX_TEXT: usize = 256;
/// The most results of inner calls that a reply may name.
const MAX_INNER: usize = 8;

/// The subject of a reply: a question of a contract with its operands, or anything at all.
#[derive(Debug)]
pub(super) struct Topic {
    /// The kind of question.
    pub(super) asked: Asked,
    /// The text that is asked about, in lower case. Empty if there is none.
    pub(super) text: String,
    /// The words of the text.
    pub(super) words: Vec<String>,
    /// The letter or word that is counted in the text, in lower case. Empty if there is none.
    pub(super) counted: String,
    /// The numbers that are asked about.
    pub(super) numbers: Vec<i128>,
    /// The questions whose results the computation uses.
    pub(super) inner: Vec<(Topic, i128)>,
}

/// The kinds of question whose working is known.
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
        Self {
            asked,
            text: String::new(),
            words: Vec::new(),
            counted: String::new(),
            numbers: Vec::new(),
            inner: Vec::new(),
        }
    }

    /// Returns the topic of a contract: that of the call that it expects, or anything.
    pub(super) fn from_contract(contract: &Contract) -> Self {
        match contract.expectation() {
            Expectation::Computed(call) => Self::from_call(call),
            _ => Self::anything(),
        }
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
        while let Some(next) = open.pop() {
            for operand in next.operands() {
                match operand {
                    Operand::Call(inner) => {
                        if inner.primitive().name != call.primitive().name {
                            topic.asked = Asked::Steps;
                        }
                        topic.add_result(inner);
                        open.push(inner);
                    }
                    // The literals of an inner call are those of its own topic, unless all of it is one sum.
                    Operand::Literal(value) => topic.add(value),
                }
            }
        }
        topic
    }

    /// Adds the result of an inner call that a reply may name.
    fn add_result(&mut self, call: &Call) {
        if let (Ok(Value::Int(result)), true) = (call.evaluate(), self.inner.len() < MAX_INNER) {
            self.inner.push((Self::from_call(call), i128::from(result)));
        }
    }

    /// Adds an operand. The first text is the one that is asked about, and the second is counted in it.
    fn add(&mut self, value: &Value) {
        match value {
            Value::Text(text) if text.len() <= MAX_TEXT => {
                let lower = text.to_lowercase();
                if self.text.is_empty() {
                    let words = tokens(&lower, &lower).unwrap_or_default();
                    self.words = words
                        .iter()
                        .map(Token::word)
                        .filter(|word| !word.is_empty())
                        .map(ToString::to_string)
                        .collect();
                    self.text = lower;
                } else {
                    self.counted = lower;
                }
            }
            Value::Int(int) => self.numbers.push(i128::from(*int)),
            _ => {}
        }
    }

    /// Returns the letter that is counted, if one is.
    pub(super) fn letter(&self) -> Option<char> {
        let mut letters = self.counted.chars();
        letters.next().filter(|_| letters.next().is_none())
    }

    /// Returns how often what is counted occurs in a piece of the text.
    pub(super) fn count(&self, piece: &str) -> i128 {
        let count = match self.letter() {
            Some(letter) => piece.chars().filter(|c| *c == letter).count(),
            None => piece.split(|c: char| !c.is_alphanumeric()).filter(|word| *word == self.counted).count(),
        };
        i128::try_from(count).unwrap_or(0)
    }

    /// Returns the letters of the text without spaces and marks, as positions number them.
    pub(super) fn letters(&self) -> impl Iterator<Item = char> + '_ {
        self.text.chars().filter(|c| c.is_alphabetic())
    }

    /// Returns true if `letter` stands at `position` of the text, counted from 0 or from 1, with or without its spaces.
    pub(super) fn has_at(&self, letter: char, position: i128) -> bool {
        let Ok(position) = usize::try_from(position) else { return false };
        [position.checked_sub(1), Some(position)]
            .into_iter()
            .flatten()
            .any(|at| self.letters().nth(at) == Some(letter) || self.text.chars().nth(at) == Some(letter))
    }
}
