//! Clauses about a number that is prime or composite.

use super::clauses::{Clauses, Stated};
use super::parts::Part;
use super::tokens::Token;
use super::topic::Asked;

impl Clauses<'_> {
    /// Returns the yes or no that a clause states by what it says of the number: prime or composite.
    pub(super) fn predicate(&self, parts: &[Part<'_>]) -> Option<Stated> {
        if self.topic.asked != Asked::Prime {
            return None;
        }
        let prime = self.primality(parts)?;
        let value = if prime { "yes" } else { "no" };
        Some(Stated { value: value.into(), is_label: false })
    }

    /// Returns true for words that call the number prime, and false for words that call it composite. Returns None if
    /// they do neither, or say anything else.
    fn primality(&self, parts: &[Part<'_>]) -> Option<bool> {
        let (mut called, mut is_not) = (None, false);
        for part in parts {
            match part {
                Part::Number { value, .. } if self.topic.numbers.contains(value) => {}
                Part::Number { .. } => return None,
                Part::Mark(_) | Part::About | Part::Unit => {}
                Part::Word(word) => match (*word, called) {
                    ("prime" | "primes", None) => called = Some(true),
                    ("composite" | "nonprime" | "non-prime", None) => called = Some(false),
                    ("not" | "never" | "cannot" | "n't", _) => is_not = !is_not,
                    (word, _) if word.ends_with("n't") => is_not = !is_not,
                    (word, _) if self.words.states(word) => {}
                    _ => return None,
                },
            }
        }
        called.map(|prime| prime != is_not)
    }

    /// Returns what a yes or no answers that stands behind `before`, the words before it in its sentence: the
    /// question itself (`Some(true)`), its opposite (`Some(false)`), or another question (`None`).
    pub(super) fn answered(&self, before: &[Token]) -> Option<bool> {
        let parts = self.parts(before);
        let says_nothing = |part: &Part<'_>| match part {
            Part::Word(word) => self.words.states(word),
            Part::Number { value, .. } => self.topic.numbers.contains(value),
            Part::About | Part::Unit | Part::Mark(_) => true,
        };
        match self.topic.asked {
            Asked::Prime => self.primality(&parts).or_else(|| parts.iter().all(says_nothing).then_some(true)),
            _ => Some(true),
        }
    }
}
