//! Claims about divisors and prime numbers, each computed again.

mod clause;
mod divisors;
mod lists;

use super::parts::Part;
use super::working::Working;
use clause::Clause;

/// Words that deny. Two of them cancel.
const DENYING: [&str; 12] = [
    "no", "not", "isn't", "aren't", "doesn't", "don't", "cannot", "can't", "none", "neither", "without",
    "nothing",
];
/// Words of what is only looked for.
const INQUIRING: [&str; 10] = [
    "whether",
    "check",
    "checking",
    "test",
    "testing",
    "determine",
    "verify",
    "verifying",
    "trying",
    "trial",
];
/// Words that relate a number before them to its divisors behind them.
const FORWARD: [&str; 3] = ["divisible", "multiple", "multiples"];
/// Words that relate a divisor before them to a number behind them.
const BACKWARD: [&str; 6] = ["divides", "divide", "divisor", "divisors", "factor", "factors"];
/// Words that begin a clause.
const JOINTS: [&str; 10] =
    ["because", "since", "so", "therefore", "thus", "hence", "then", "which", "and", "while"];

/// The sentence in which a clause stands, as far as it matters to its claims.
#[derive(Clone, Copy)]
struct Frame {
    /// True if the sentence says what a prime number is.
    defines: bool,
    inquires: bool,
}

impl Working<'_> {
    /// Returns true if every claim of a line under a question for a yes or no is true, or leads to the answer.
    pub(super) fn claims(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
        if parts.iter().any(|part| matches!(part, Part::Letter(letter) if !matches!(letter, 'a' | 'i'))) {
            return false;
        }
        let mut start = 0;
        for at in 0..=parts.len() {
            let is_end = parts.get(at).is_none_or(|part| matches!(part, Part::Mark('.' | '!' | '?' | ';')));
            if is_end {
                if !self.sentence(&parts[start..at], &known[start..at], parts.get(at)) {
                    return false;
                }
                start = at + 1;
            }
        }
        true
    }

    fn sentence(&mut self, parts: &[Part], known: &[bool], end: Option<&Part>) -> bool {
        let word = |at: usize| parts.get(at).map_or("", Part::word);
        let article =
            usize::from(matches!(parts.first(), Some(Part::Letter('a')))) + usize::from(word(0) == "the");
        let is_own =
            parts.iter().any(|part| part.whole().is_some_and(|number| self.topic.numbers.contains(&number)))
                || parts.iter().any(|part| matches!(part.word(), "it's" | "this" | "that's"));
        let names = matches!(
            word(article),
            "prime" | "primes" | "number" | "numbers" | "composite" | "definition" | "natural" | "whole"
        );
        let frame = Frame {
            defines: names
                && !is_own
                && matches!(word(article + 1), "number" | "numbers" | "is" | "are" | "of" | "if"),
            inquires: parts.iter().any(|part| INQUIRING.contains(&part.word()))
                || end == Some(&Part::Mark('?')),
        };
        let mut start = 0;
        for at in 0..=parts.len() {
            let number = |at: Option<usize>| at.and_then(|at| parts.get(at)).and_then(Part::whole).is_some();
            let is_list = number(at.checked_sub(1))
                && (number(Some(at + 1)) || matches!(word(at + 1), "and" | "or" | "nor" | "itself"));
            let is_end = match parts.get(at) {
                None => true,
                // "7 | 97" says that 7 divides 97.
                Some(Part::Mark('|')) if number(at.checked_sub(1)) && number(Some(at + 1)) => return false,
                Some(Part::Mark(',' | ':' | '|' | '>' | '-' | '(' | ')')) => {
                    !(known[at] || is_list && parts[at] == Part::Mark(','))
                }
                Some(part) => JOINTS.contains(&part.word()) && !is_list && word(at + 1) != "itself",
            };
            if !is_end {
                continue;
            }
            let mark = parts.get(at).or(end);
            let clause = || Clause::new(&parts[start..at], &known[start..at], frame, mark);
            if start < at && !self.clause(&clause()) {
                return false;
            }
            start = at + 1;
        }
        true
    }
}
