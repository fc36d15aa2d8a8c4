//! Clauses about a number that is prime or composite.

use super::clauses::{Clauses, Stated};
use super::parts::Part;
use super::tokens::Token;
use super::topic::Asked;

/// The claim about the number that the words of a sentence make, up to a place in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    /// True for words that call the number prime, false for words that call it composite.
    called: Option<bool>,
    is_not: bool,
    /// True if a word or a number says something else.
    is_other: bool,
    /// True if a word says something else or calls the number prime or composite.
    says: bool,
}

impl Said {
    /// The state before the first word.
    pub(super) const NOTHING: Self = Self { called: None, is_not: false, is_other: false, says: false };

    /// Returns true if no word says anything about a number.
    pub(super) fn is_nothing(self) -> bool {
        !self.says && self.called.is_none()
    }

    /// Returns true if the words call the number prime, and false if they call it composite. Returns None if they do
    /// neither, or say anything else.
    fn prime(self) -> Option<bool> {
        self.called.filter(|_| !self.is_other).map(|prime| prime != self.is_not)
    }
}

impl Clauses<'_> {
    /// Returns the yes or no that a clause states by what it says of the number: prime or composite.
    pub(super) fn predicate(&self, parts: &[Part<'_>]) -> Option<Stated<'static>> {
        if self.topic.asked != Asked::Prime {
            return None;
        }
        let prime = parts.iter().fold(Said::NOTHING, |said, part| self.after(said, part)).prime()?;
        let value = if prime { "yes" } else { "no" };
        Some(Stated { value: value.into(), is_label: false })
    }

    /// Returns what is said after one more part.
    fn after(&self, mut said: Said, part: &Part<'_>) -> Said {
        match part {
            Part::Number { value, .. } if !self.topic.asks_about(value) => {
                (said.is_other, said.says) = (true, true);
            }
            Part::Number { .. } | Part::Mark(_) | Part::About | Part::Unit => {}
            Part::Word(word) => {
                let states = self.words.states(word);
                said.says |= !states;
                match (*word, said.called) {
                    ("prime" | "primes", None) => said.called = Some(true),
                    ("composite" | "nonprime" | "non-prime", None) => said.called = Some(false),
                    ("not" | "never" | "cannot" | "n't", _) => said.is_not = !said.is_not,
                    (word, _) if word.ends_with("n't") => said.is_not = !said.is_not,
                    _ => said.is_other |= !states,
                }
            }
        }
        said
    }

    /// Returns what is said after one more token.
    pub(super) fn after_token(&self, said: Said, token: &Token<'_>) -> Said {
        // Only a question about a number has to be told from others.
        if self.topic.asked == Asked::Prime { self.after(said, &self.part(token)) } else { said }
    }

    /// Returns what a yes or no answers that stands behind the words of `said` in their sentence: the question itself
    /// (`Some(true)`), its opposite (`Some(false)`), or another question (`None`).
    pub(super) fn answers(&self, said: Said) -> Option<bool> {
        match self.topic.asked {
            Asked::Prime => said.prime().or_else(|| (!said.says).then_some(true)),
            _ => Some(true),
        }
    }
}
