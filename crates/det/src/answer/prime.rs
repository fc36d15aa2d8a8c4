//! Clauses about a number that is prime or composite.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::clauses::{Clauses, MAX_PARTS, Stated};
use super::parts::Part;
use super::relation::Relation;
use super::statements::LABELS;
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

    /// Returns true if the words call a number composite, whatever else they say.
    pub(super) fn calls_composite(self) -> bool {
        self.called.is_some_and(|prime| prime == self.is_not)
    }

    /// Returns true if the words call the number prime, and false if they call it composite. Returns None if they do
    /// neither, or say anything else.
    fn prime(self) -> Option<bool> {
        self.called.filter(|_| !self.is_other).map(|prime| prime != self.is_not)
    }
}

/// Words that deny what stands behind them, or half of it.
const DENYING: [&[&str]; 33] = [
    &["outside"],
    &["false", "that"],
    &["wrong", "that"],
    &["untrue", "that"],
    &["incorrect", "that"],
    &["a", "lie", "that"],
    &["a", "myth", "that"],
    &["far", "from"],
    &["anything", "but"],
    &["everything", "but"],
    &["nowhere", "near"],
    &["nothing", "like"],
    &["by", "no", "means"],
    &["in", "no", "way"],
    &["not", "even"],
    &["not", "at", "all"],
    &["not", "really"],
    &["not", "remotely"],
    &["not", "quite"],
    &["other", "than"],
    &["less", "than"],
    &["short", "of"],
    &["the", "opposite", "of"],
    &["opposite", "of"],
    &["fails", "to", "be"],
    &["fails", "the"],
    &["failed", "the"],
    &["lacks"],
    &["hardly"],
    &["scarcely"],
    &["barely"],
    &["almost"],
    &["nearly"],
];

/// Returns the parts with each idiom that denies as one "not".
fn without_idioms<'p, 't>(parts: &'p [Part<'t>]) -> Cow<'p, [Part<'t>]> {
    let is_at = |at: usize, words: &[&str]| {
        words.iter().enumerate().all(|(more, word)| parts.get(at + more) == Some(&Part::Word(word)))
    };
    let found = |at: usize| DENYING.iter().find(|words| is_at(at, words)).map(|words| words.len());
    // "97 is no prime" denies; "97 has no prime divisor" does not.
    let is_no = |at: usize| {
        parts[at] == Part::Word("no")
            && at > 0
            && matches!(parts[at - 1], Part::Word("is" | "it's" | "that's" | "this's"))
            && parts.first() != Some(&Part::Word("there"))
    };
    if parts.len() > MAX_PARTS || !(0..parts.len()).any(|at| found(at).is_some() || is_no(at)) {
        return Cow::Borrowed(parts);
    }
    let (mut out, mut at) = (Vec::new(), 0);
    while at < parts.len() {
        let length = found(at).or_else(|| is_no(at).then_some(1));
        out.push(if length.is_some() { Part::Word("not") } else { parts[at].clone() });
        at += length.unwrap_or(1);
    }
    Cow::Owned(out)
}

impl Clauses<'_> {
    /// Returns true if a clause gives the number of the question a divisor that no prime has: `97 is divisible by 7`,
    /// `7 divides 97`, `97 = 7 * 13`.
    fn is_divided(&self, parts: &[Part<'_>]) -> bool {
        let is_asked = |part: &Part<'_>| match part {
            Part::Number { value, .. } => self.topic.asks_about(value),
            part => *part == Part::Word("it"),
        };
        let divides = |part: &Part<'_>| match part {
            Part::Number { value, .. } => {
                !self.topic.asks_about(value) && !matches!(&**value, "1" | "-1" | "0")
            }
            _ => false,
        };
        let states = |part: &Part<'_>| matches!(part, Part::Word(word) if self.words.states(word));
        match parts {
            [number, Part::Word("is"), rest @ .., Part::Word("divisible"), Part::Word("by"), divisor] => {
                is_asked(number) && divides(divisor) && rest.iter().all(states)
            }
            [divisor, rest @ .., Part::Word("divides"), number] => {
                is_asked(number) && divides(divisor) && rest.iter().all(states)
            }
            [
                number,
                Part::Mark('='),
                left,
                Part::Mark('*' | '\u{d7}' | '\u{b7}') | Part::Word("times"),
                right,
            ] => is_asked(number) && divides(left) && divides(right),
            [
                left,
                Part::Mark('*' | '\u{d7}' | '\u{b7}') | Part::Word("times"),
                right,
                Part::Mark('=') | Part::Word("is" | "equals" | "makes" | "gives"),
                number,
            ]
            | [
                number,
                Part::Word("is"),
                Part::Word("the"),
                Part::Word("product"),
                Part::Word("of"),
                left,
                Part::Word("and"),
                right,
            ]
            | [
                number,
                Part::Word("factors" | "factorizes" | "factorises" | "splits"),
                Part::Word("as" | "into"),
                left,
                Part::Mark('*' | '\u{d7}' | '\u{b7}') | Part::Word("times" | "and"),
                right,
            ] => is_asked(number) && divides(left) && divides(right),
            [number, Part::Word("has"), rest @ .., Part::Word("divisors" | "factors")] => {
                is_asked(number)
                    && match rest {
                        [Part::Number { value, .. }] => !matches!(&**value, "0" | "1" | "2"),
                        [Part::Word("more"), Part::Word("than"), Part::Number { .. }] => true,
                        _ => false,
                    }
            }
            _ => false,
        }
    }

    /// Returns true if a clause calls the number of the question both prime and composite, or one of the two.
    fn is_both(&self, parts: &[Part<'_>]) -> bool {
        let is_word =
            |part: &Part<'_>, words: &[&str]| matches!(part, Part::Word(word) if words.contains(word));
        let has = |words: &[&str]| parts.iter().any(|part| is_word(part, words));
        let named =
            |part: &Part<'_>| matches!(part, Part::Number { value, .. } if self.topic.asks_about(value));
        let known = ["prime", "composite", "neither", "nor", "both", "and", "or", "either"];
        let fits = |part: &Part<'_>| match part {
            Part::Word(word) => known.contains(word) || self.words.states(word),
            other => named(other),
        };
        has(&["prime"])
            && has(&["composite"])
            && !has(&["not"])
            && (parts.iter().any(named) || has(&["it", "it's"]))
            && parts.iter().all(fits)
    }

    /// Returns the yes or no that a clause states by what it says of the number: prime or composite.
    pub(super) fn predicate(&self, parts: &[Part<'_>]) -> Option<Stated<'static>> {
        if self.topic.asked != Asked::Prime {
            return None;
        }
        if self.is_both(parts) {
            return Some(Stated { value: "".into(), is_label: false, relation: Relation::Open });
        }
        if self.is_divided(parts) || self.is_factored(parts) {
            return Some(Stated { value: "no".into(), is_label: false, relation: Relation::Is });
        }
        // Most clauses call no number anything, and a long reply has many of them.
        let calls = |part: &Part<'_>| matches!(part, Part::Word(word) if word.contains("prim") || word.contains("composite"));
        if !parts.iter().any(calls) {
            return None;
        }
        let parts = without_idioms(parts);
        let prime = parts.iter().fold(Said::NOTHING, |said, part| self.after(said, part)).prime()?;
        let value = if prime { "yes" } else { "no" };
        Some(Stated { value: value.into(), is_label: false, relation: Relation::Is })
    }

    /// Returns what is said after one more part.
    fn after(&self, mut said: Said, part: &Part<'_>) -> Said {
        match part {
            Part::Number { value, .. } if !self.topic.asks_about(value) => {
                (said.is_other, said.says) = (true, true);
            }
            Part::Number { .. } | Part::Mark(_) | Part::About | Part::Unit => {}
            Part::Word(word) => {
                let states = self.words.states(word) || LABELS.contains(word);
                said.says |= !states;
                match (*word, said.called) {
                    ("prime" | "primes" | "isprime", None) => said.called = Some(true),
                    ("primality", None) if !said.is_other => said.called = Some(true),
                    ("composite" | "nonprime" | "non-prime" | "unprime", None) => said.called = Some(false),
                    ("not" | "never" | "cannot" | "non" | "n't", _) => said.is_not = !said.is_not,
                    (word, _) if word.ends_with("n't") => said.is_not = !said.is_not,
                    ("test", Some(true)) => {}
                    ("among" | "belong" | "belongs" | "list" | "set", None) => {}
                    // "That 97 is prime is false."
                    ("false" | "wrong" | "untrue" | "incorrect" | "lie" | "myth" | "bogus", Some(_)) => {
                        said.is_not = !said.is_not;
                    }
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
