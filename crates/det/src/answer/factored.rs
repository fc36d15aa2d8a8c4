//! Clauses that give a number divisors which no prime has: `97 can be factored`, `7 goes into 97`, `97 has other factors`.

use alloc::vec::Vec;

use super::clauses::{Clauses, MAX_PARTS};
use super::parts::Part;

/// Adverbs and the like, which change nothing.
const BESIDE: [&str; 20] = [
    "evenly",
    "exactly",
    "also",
    "easily",
    "clearly",
    "cleanly",
    "nicely",
    "actually",
    "indeed",
    "further",
    "well",
    "certainly",
    "obviously",
    "really",
    "surely",
    "perfectly",
    "completely",
    "neatly",
    "simply",
    "just",
];
/// Participles of what is done to a composite number.
const TAKEN_APART: [&str; 8] =
    ["factored", "factorized", "factorised", "decomposed", "split", "broken", "factorable", "reduced"];
/// Adjectives of a composite number.
const COMPOSITE: [&str; 12] = [
    "semiprime",
    "semi-prime",
    "biprime",
    "pseudoprime",
    "divisible",
    "factorable",
    "factorizable",
    "factorisable",
    "reducible",
    "decomposable",
    "compound",
    "non-prime",
];
/// Verbs of a number that is the product of others.
const SPLITS: [&str; 12] = [
    "splits",
    "factors",
    "factorizes",
    "factorises",
    "decomposes",
    "breaks",
    "split",
    "factor",
    "factored",
    "factorized",
    "decomposed",
    "broken",
];
/// Words of divisors in general.
const DIVISORS: [&str; 4] = ["divisor", "divisors", "factor", "factors"];
/// Words before divisors that no prime has.
const MORE: [&str; 20] = [
    "a",
    "some",
    "other",
    "another",
    "more",
    "several",
    "many",
    "proper",
    "nontrivial",
    "non-trivial",
    "smaller",
    "real",
    "additional",
    "extra",
    "various",
    "integer",
    "whole",
    "prime",
    "different",
    "further",
];
/// Words of the parts of a product, without saying which.
const PARTS: [&str; 15] = [
    "smaller", "other", "factors", "factor", "divisors", "primes", "numbers", "integers", "parts", "whole",
    "prime", "two", "the", "of", "product",
];
/// Words that begin what is said of 1 and the number itself: "other than 1 and itself".
const EXCEPT: [&str; 6] = ["other", "besides", "beyond", "except", "apart", "than"];

type Parts<'p, 't> = &'p [Part<'t>];

fn is(part: &Part<'_>, words: &[&str]) -> bool {
    matches!(part, Part::Word(word) if words.contains(word))
}

impl Clauses<'_> {
    /// Returns true if a clause says of the number of the question that it has divisors beside one and itself.
    pub(super) fn is_factored(&self, parts: Parts<'_, '_>) -> bool {
        if parts.len() > MAX_PARTS {
            return false;
        }
        let parts: Vec<Part<'_>> = parts.iter().filter(|part| !is(part, &BESIDE)).cloned().collect();
        let parts = match parts.as_slice() {
            [first, rest @ ..]
                if is(first, &["so", "thus", "hence", "therefore", "but", "and", "because"]) =>
            {
                rest
            }
            all => all,
        };
        self.has_divisors(parts) || self.is_taken_apart(parts) || self.is_divided_by(parts)
    }

    fn is_asked(&self, part: &Part<'_>) -> bool {
        match part {
            Part::Number { value, .. } => self.topic.asks_about(value),
            part => is(part, &["it"]),
        }
    }

    /// Returns true for a number that is no divisor of a prime.
    fn is_divisor(&self, part: &Part<'_>) -> bool {
        matches!(part, Part::Number { value, .. } if !self.topic.asks_about(value) && !matches!(&**value, "0" | "1" | "-1"))
    }

    /// `97 has other divisors`, `there is a divisor of 97`, `7 is a factor of 97`, `97 is a multiple of 7`.
    fn has_divisors(&self, parts: Parts<'_, '_>) -> bool {
        let is_more = |parts: Parts<'_, '_>| {
            let at = parts.iter().position(|part| is(part, &DIVISORS));
            at.is_some_and(|at| {
                let behind = &parts[at + 1..];
                let of = match behind {
                    [of, number, rest @ ..] if is(of, &["of"]) && self.is_asked(number) => rest,
                    rest => rest,
                };
                parts[..at].iter().all(|part| is(part, &MORE))
                    && of.first().is_none_or(|part| is(part, &EXCEPT))
            })
        };
        match parts {
            [number, Part::Word("has" | "have" | "got" | "contains"), rest @ ..] => {
                self.is_asked(number) && is_more(rest)
            }
            [Part::Word("there"), Part::Word("is" | "are" | "exists" | "exist"), rest @ ..] => is_more(rest),
            [Part::Word("there's"), rest @ ..] => is_more(rest),
            [
                divisor,
                Part::Word("is"),
                Part::Word("a" | "another" | "one"),
                noun,
                Part::Word("of"),
                number,
            ] if is(noun, &DIVISORS) => self.is_divisor(divisor) && self.is_asked(number),
            [number, Part::Word("is"), rest @ .., Part::Word("multiple"), Part::Word("of"), divisor] => {
                self.is_asked(number)
                    && self.is_divisor(divisor)
                    && rest.iter().all(|part| is(part, &["a", "some"]))
            }
            _ => false,
        }
    }

    /// `97 can be factored`, `97 is divisible`, `97 splits into 7 and 13`.
    fn is_taken_apart(&self, parts: Parts<'_, '_>) -> bool {
        let [number, rest @ ..] = parts else { return false };
        if !self.is_asked(number) {
            return false;
        }
        match rest {
            [
                Part::Word("can" | "could" | "may"),
                Part::Word("be"),
                Part::Word("divided"),
                Part::Word("by"),
                divisor,
            ] => self.is_divisor(divisor),
            [Part::Word("can" | "could" | "may"), Part::Word("be"), done] => is(done, &TAKEN_APART),
            [Part::Word("can" | "could" | "may"), Part::Word("be"), done, rest @ ..] => {
                let is_written = is(done, &["written", "expressed", "represented"]);
                (is_written || is(done, &SPLITS)) && self.is_product(rest, is_written)
            }
            [Part::Word("is"), Part::Word("divisible"), Part::Word("by"), divisor] => {
                self.is_divisor(divisor)
            }
            // Two is even, and prime.
            [Part::Word("is"), Part::Word("even")] => !self.topic.asks_about("2"),
            [Part::Word("is"), Part::Word("a"), kind] => is(kind, &COMPOSITE),
            [Part::Word("fails")] | [Part::Word("fails"), Part::Word("the"), Part::Word("test")] => true,
            [Part::Word("doesn't"), verb] | [Part::Word("does"), Part::Word("not"), verb] => {
                is(verb, &["pass", "qualify"])
            }
            [Part::Word("is"), kind] => is(kind, &COMPOSITE) || is(kind, &TAKEN_APART),
            [Part::Word("is"), Part::Word("a"), kind, Part::Word("number" | "integer")] => {
                is(kind, &COMPOSITE)
            }
            [
                Part::Word("is"),
                Part::Word("a" | "the"),
                Part::Word("product"),
                Part::Word("of"),
                rest @ ..,
            ] => !rest.is_empty() && rest.iter().all(|part| self.is_part(part)),
            [verb] => is(verb, &["factors", "factorizes", "factorises", "decomposes"]),
            [verb, rest @ ..] => is(verb, &SPLITS) && self.is_product(rest, false),
            [] => false,
        }
    }

    /// Returns true for what a composite number is taken apart into: `into 7 and 13`, `as a product of primes`. A number
    /// that is written as others may be their sum, so there the sign or the word for a product stands.
    fn is_product(&self, parts: Parts<'_, '_>, is_written: bool) -> bool {
        let [joint, rest @ ..] = parts else { return false };
        let rest = match rest {
            [Part::Word("into" | "to"), rest @ ..] if is(joint, &["down", "up", "apart"]) => rest,
            rest => rest,
        };
        let is_sign =
            |part: &Part<'_>| matches!(part, Part::Mark('*' | '\u{d7}' | '\u{b7}') | Part::Word("times"));
        let multiplies =
            rest.iter().any(|part| is_sign(part) || is(part, &["product", "factors", "divisors", "primes"]));
        is(joint, &["into", "as", "in", "down", "up", "apart", "to"])
            && (multiplies || !is_written)
            && !rest.is_empty()
            && rest.iter().all(|part| is_sign(part) || is(part, &["a", "and"]) || self.is_part(part))
    }

    /// Returns true for a divisor, and for a word of the parts of a product.
    fn is_part(&self, part: &Part<'_>) -> bool {
        self.is_divisor(part) || is(part, &PARTS)
    }

    /// `7 goes into 97`, `97 mod 7 = 0`, `97 leaves no remainder when divided by 7`.
    fn is_divided_by(&self, parts: Parts<'_, '_>) -> bool {
        let is_zero = |part: &Part<'_>| matches!(part, Part::Number { value, .. } if value == "0");
        let pair = |number: &Part<'_>, divisor: &Part<'_>| self.is_asked(number) && self.is_divisor(divisor);
        match parts {
            [divisor, Part::Word("divides"), number] if self.is_divisor(divisor) => self.is_asked(number),
            [
                left,
                Part::Word("x"),
                right,
                Part::Mark('=') | Part::Word("is" | "equals" | "makes" | "gives"),
                number,
            ] => pair(number, left) && self.is_divisor(right),
            [Part::Word("a"), noun, Part::Word("of"), number, Part::Word("is"), divisor] => {
                is(noun, &DIVISORS) && pair(number, divisor)
            }
            [divisor, Part::Word("goes" | "fits"), Part::Word("into" | "in"), number] => {
                pair(number, divisor)
            }
            [number, Part::Word("divides"), Part::Word("by" | "into"), divisor] => pair(number, divisor),
            [number, Part::Mark('%') | Part::Word("mod" | "modulo"), divisor, sign @ .., zero] => {
                let is_equal = |part: &Part<'_>| {
                    *part == Part::Mark('=') || is(part, &["is", "equals", "leaves", "gives"])
                };
                pair(number, divisor) && is_zero(zero) && !sign.is_empty() && sign.iter().all(is_equal)
            }
            [
                number,
                Part::Word("leaves" | "has" | "gives" | "is"),
                Part::Word("no"),
                Part::Word("remainder" | "rest"),
                ..,
                by,
                divisor,
            ] => is(by, &["by"]) && pair(number, divisor),
            [number, Part::Word("divided"), Part::Word("by"), divisor, verb, rest @ ..]
            | [number, Part::Mark('/' | '\u{f7}'), divisor, verb, rest @ ..]
            | [Part::Word("dividing"), number, Part::Word("by"), divisor, verb, rest @ ..] => {
                let is_whole = match rest {
                    [Part::Word("no"), noun] => is(noun, &["remainder", "rest"]),
                    [zero] => is_zero(zero),
                    _ => false,
                };
                pair(number, divisor) && is(verb, &["leaves", "has", "gives", "is"]) && is_whole
            }
            _ => false,
        }
    }
}
