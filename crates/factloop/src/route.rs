//! Routing: what a prompt asks for, with its operands, or nothing.
//!
//! A prompt is routed when, and only when, all of it is understood: the words that state the question,
//! the operands in the places that the question gives them, and words from a closed list around them.
//! One word that is none of these leaves the prompt to plain conversation.

mod letters;
mod numbers;

use abi::Value;
use det::{Call, Contract, ContractError, Form, Operand};

use crate::words::{Token, tokens};

/// The longest prompt that is looked at, in bytes; no question of these forms needs more.
const MAX_PROMPT: usize = 2_000;

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Specification {
    /// How often a letter occurs in a text.
    LetterCount,
    /// That count plus a number.
    CountThenAdd,
    /// That count minus a number.
    CountThenSubtract,
    /// The greatest common divisor of two numbers.
    Gcd,
    /// Whether a number is prime.
    IsPrime,
}

impl Specification {
    /// Every specification.
    pub const ALL: [Self; 5] =
        [Self::LetterCount, Self::CountThenAdd, Self::CountThenSubtract, Self::Gcd, Self::IsPrime];

    /// Its name in reports and in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::LetterCount => "letter_count",
            Self::CountThenAdd => "count_then_add",
            Self::CountThenSubtract => "count_then_subtract",
            Self::Gcd => "gcd",
            Self::IsPrime => "is_prime",
        }
    }

    /// The form in which a reply states the answer.
    #[must_use]
    pub fn form(self) -> Form {
        match self {
            Self::IsPrime => Form::YesNo,
            _ => Form::Integer,
        }
    }
}

/// A question with its operands.
#[derive(Clone, Debug)]
pub struct Routed {
    /// What is asked for.
    pub specification: Specification,
    /// The call whose value is the operand that the model is unreliable at.
    pub fact: Call,
    /// The call whose value is the answer. The same as `fact` where one primitive answers.
    pub answer: Call,
    /// What a reply must satisfy: it states the answer.
    pub contract: Contract,
}

impl Routed {
    /// Whether one primitive answers the whole question.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        matches!(self.specification, Specification::LetterCount | Specification::Gcd | Specification::IsPrime)
    }

    fn new(specification: Specification, fact: Call, answer: Call) -> Result<Self, ContractError> {
        let contract = Contract::computed(specification.form(), answer.clone())?;
        Ok(Self { specification, fact, answer, contract })
    }
}

/// Reads what `prompt` asks for; none when any part of it is not understood.
#[must_use]
pub fn route(prompt: &str) -> Option<Routed> {
    if prompt.len() > MAX_PROMPT {
        return None;
    }
    let tokens = tokens(prompt)?;
    let routed =
        letters::read(&tokens).or_else(|| numbers::gcd(&tokens)).or_else(|| numbers::is_prime(&tokens))?;
    // A question whose answer has no value (an overflow, say) is not one that can be judged.
    routed.answer.evaluate().is_ok().then_some(routed)
}

fn literal(value: Value) -> Operand {
    Operand::Literal(value)
}

/// Whether `words` stand in `tokens` from `at` on.
fn stands_at(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    tokens.len() >= at + words.len() && words.iter().zip(&tokens[at..]).all(|(word, token)| token.is(word))
}

/// Where `words` stand in `tokens` for the first time.
fn find(tokens: &[Token], words: &[&str]) -> Option<usize> {
    (0..tokens.len()).find(|&at| stands_at(tokens, at, words))
}
