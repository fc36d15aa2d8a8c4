//! Numbers, lists of numbers and places, as prompts state them.

use super::super::token::{Placed, Token};
use super::super::words;
use super::{Bound, Parser, cardinal};

/// The largest number of numbers in a list.
const MAX_NUMBERS: usize = 16;

/// Places in an order, in words.
const ORDINALS: [&str; 12] = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
];

impl Parser<'_> {
    /// Returns a number that is at least `least`.
    pub(super) fn number_from(&self, at: usize, least: i64) -> Vec<(Bound, usize)> {
        let number = self.number(at).filter(|(number, _)| *number >= least);
        number.map(|(number, next)| (Bound::Int(number), next)).into_iter().collect()
    }

    /// Returns a place in an order, in digits or in words.
    pub(super) fn ordinal(&self, at: usize) -> Option<i64> {
        match self.token(at)? {
            Token::Ordinal(number) => Some(*number),
            Token::Word { lower, .. } => {
                let place = ORDINALS.iter().position(|ordinal| ordinal == lower)?;
                i64::try_from(place + 1).ok()
            }
            _ => None,
        }
    }

    /// Returns a number in digits, with a minus sign if one touches it, or in words.
    pub(super) fn number(&self, at: usize) -> Option<(i64, usize)> {
        match self.token(at)? {
            Token::Number(number) => Some((*number, at + 1)),
            Token::Mark('-') => {
                let Placed { token: Token::Number(number), apart: false, .. } = self.tokens.get(at + 1)?
                else {
                    return None;
                };
                let opens =
                    self.tokens[at].apart || self.token(at.checked_sub(1)?) == Some(&Token::Mark('('));
                opens.then_some((-number, at + 2))
            }
            Token::Word { lower, .. } if lower == "negative" => {
                self.number(at + 1).filter(|(number, _)| *number > 0).map(|(number, next)| (-number, next))
            }
            _ => {
                let words = self.tokens[at..].iter().map_while(|placed| match &placed.token {
                    Token::Word { lower, .. } => Some(lower.as_str()),
                    _ => None,
                });
                let words: Vec<&str> = words.take(8).collect();
                let (number, used) = cardinal(&words)?;
                // "two hundred and five" is one number, and "two hundred, five" may be meant as one.
                let scaled = words[..used].iter().any(|word| words::SCALES.contains(word));
                (!(scaled && self.goes_on(at + used))).then_some((number, at + used))
            }
        }
    }

    /// Returns true if "and" or a comma, and then a number in words, stand at `at`.
    pub(super) fn goes_on(&self, at: usize) -> bool {
        let joins = match self.token(at) {
            Some(Token::Word { lower, .. }) => lower == "and",
            other => other == Some(&Token::Mark(',')),
        };
        let next =
            usize::from(matches!(self.token(at + 1), Some(Token::Word { lower, .. }) if lower == "and"));
        let word = match self.token(at + 1 + next) {
            Some(Token::Word { lower, .. }) => cardinal(&[lower.as_str()]).is_some(),
            _ => false,
        };
        joins && word
    }

    /// Returns the lists of two numbers or more: `a and b`, `a, b`, `a, b and c`, `a, b, and c`.
    pub(super) fn numbers(&self, at: usize) -> Vec<(Bound, usize)> {
        let Some((first, mut at)) = self.number(at) else { return Vec::new() };
        let (mut list, mut found) = (vec![first], Vec::new());
        let is = |at: usize, word: &str| matches!(self.token(at), Some(Token::Word { lower, .. }) if lower == word);
        while list.len() < MAX_NUMBERS {
            let comma = self.token(at) == Some(&Token::Mark(','));
            let after_comma = at + usize::from(comma);
            let last = is(after_comma, "and");
            let Some((number, next)) = self.number(after_comma + usize::from(last)) else { break };
            if !comma && !last {
                break;
            }
            list.push(number);
            at = next;
            found.push((Bound::Ints(list.clone()), at));
            if last {
                // "12 and 18" may be a part of "12 and 18 and 24", which is no list: only the end is one.
                break;
            }
        }
        found
    }
}
