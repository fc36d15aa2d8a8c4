//! The reasons why a question of a known kind was not read.
//!
//! A reason is found by a change of the prompt: a prompt that is read with smaller numbers, or without its negation, was
//! not read because of them. Nothing is answered by that: the prompt stays conversation, and a note says the reason.

use std::fmt;

use prims::CallError;

use super::seems::seeming_kind;
use super::suggest::suggestion;
use super::{Reading, examples, read, understood};
use crate::Specification;

/// The longest prompt for which a reason is looked for, in bytes.
const MOST_BYTES: usize = 400;
/// The digits from which on a number may be too large, alone or together with another.
const MANY_DIGITS: usize = 10;

/// The reason why a question of a known kind was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnreadReason {
    /// A number or the answer does not fit 64 bits.
    Large,
    /// The question was understood, and the primitive that answers it takes no such operands.
    Beyond(CallError),
    /// A number is not whole.
    NotWhole,
    /// The question is negated, and a yes to it could mean either answer.
    Negated,
    /// The words are those of such a question, in a form that is not read.
    Form {
        /// The kind of question that the words belong to.
        specification: Specification,
        /// A prompt of this kind that is read.
        example: &'static str,
    },
}

impl fmt::Display for UnreadReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Large => {
                f.write_str("a number or the answer does not fit 64 bits; ask with smaller numbers")
            }
            Self::Beyond(error @ CallError::Overflow { .. }) => {
                write!(f, "{error}; ask with smaller numbers")
            }
            Self::Beyond(error) => write!(f, "{error}; ask with such operands"),
            Self::NotWhole => f.write_str("only whole numbers are computed; ask with whole numbers"),
            Self::Negated => f.write_str("a negated question is not read; ask it without the negation"),
            Self::Form { specification, example } => {
                let kind = specification.word().replace('_', " ");
                write!(f, "a question of the kind {kind} is worded so, for example: {example}")
            }
        }
    }
}

/// Returns the reason why `prompt`, which seems to ask a question of a known kind, was not read. Returns None if it is
/// read, if another wording of it would be ([`suggestion`]), or if it seems to ask no such question.
#[must_use]
pub fn unread_reason(prompt: &str) -> Option<UnreadReason> {
    if prompt.len() > MOST_BYTES
        || !matches!(read(prompt), Reading::Conversation)
        || suggestion(prompt).is_some()
    {
        return None;
    }
    let mut beyond = None;
    understood(prompt, &mut |error| beyond = beyond.or(Some(error)));
    if let Some(error) = beyond {
        let is_overflow = matches!(error, CallError::Overflow { .. });
        return Some(if is_overflow { UnreadReason::Large } else { UnreadReason::Beyond(error) });
    }
    let positive = positive(prompt);
    let asked = |changed: &str| changed != prompt && asks(changed);
    if positive.as_deref().is_some_and(&asked) {
        return Some(UnreadReason::Negated);
    }
    if asked(&numbers(prompt, |digits| digits.len() >= MANY_DIGITS)) {
        return Some(UnreadReason::Large);
    }
    if asked(&numbers(prompt, |digits| digits.contains('.'))) {
        return Some(UnreadReason::NotWhole);
    }
    let specification = seeming_kind(prompt)?;
    let is_read =
        |example: &super::Example| example.specification == specification && example.answer.is_some();
    let example = examples().find(is_read)?.prompt;
    Some(UnreadReason::Form { specification, example })
}

/// Returns true if `prompt` has a number, a text in quotes, or a word of questions that can be checked. A model that takes
/// any other prompt for such a question is wrong, and nobody need be told.
#[must_use]
pub fn may_ask(prompt: &str) -> bool {
    super::seems::may_ask(prompt)
}

/// Returns true if `prompt` is read, or has a wording that is.
fn asks(prompt: &str) -> bool {
    !matches!(read(prompt), Reading::Conversation) || suggestion(prompt).is_some()
}

/// Returns the prompt with small numbers in the places of those that `is_changed` chooses. A number is a run of digits,
/// and of commas and points between digits.
fn numbers(prompt: &str, is_changed: impl Fn(&str) -> bool) -> String {
    let (mut out, mut rest, mut next) = (String::new(), prompt, 2_u32);
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let end = tail.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(tail.len());
        let number = tail[..end].trim_end_matches([',', '.']);
        if is_changed(number) {
            out.push_str(&next.to_string());
            next += 1;
        } else {
            out.push_str(number);
        }
        rest = &tail[number.len()..];
    }
    out + rest
}

/// Returns the prompt without its negation. None if it has none.
fn positive(prompt: &str) -> Option<String> {
    let mut is_negated = false;
    let words: Vec<String> = prompt
        .split_whitespace()
        .filter_map(|word| {
            let lower = word.to_lowercase().replace('\u{2019}', "'");
            if matches!(lower.as_str(), "not" | "never") {
                is_negated = true;
                return None;
            }
            match lower.strip_suffix("n't") {
                Some("is" | "are" | "does" | "do") => {
                    is_negated = true;
                    Some(word[..lower.len() - "n't".len()].to_owned())
                }
                _ => Some(word.to_owned()),
            }
        })
        .collect();
    is_negated.then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{UnreadReason, unread_reason};

    #[test]
    fn every_question_that_was_nearly_asked_has_a_reason() {
        use UnreadReason::{Beyond, Large, Negated, NotWhole};
        let table = [
            ("What is 9223372036854775807 plus 1?", Large),
            ("What is 99999999999999999999 plus 1?", Large),
            ("What is 12,345,678,901,234,567,890 plus 1?", Large),
            ("What is the product of 9000000000 and 9000000000?", Large),
            ("Is 99999999999999999999999 prime?", Large),
            ("gcd of 99999999999999999999 and 3", Large),
            ("What is 3.5 plus 2?", NotWhole),
            ("Is 7.5 a prime number?", NotWhole),
            ("What is 2.5 minus 1?", NotWhole),
            ("97 not prime?", Negated),
            ("Is 97 not prime?", Negated),
            ("Isn't 97 prime?", Negated),
            ("Isn\u{2019}t 97 a prime number?", Negated),
        ];
        for (prompt, reason) in table {
            assert_eq!(unread_reason(prompt), Some(reason), "{prompt}");
        }
        let beyond = |primitive: &'static str, demand: &'static str| {
            Beyond(prims::CallError::OutOfDomain { primitive, demand })
        };
        let table = [
            ("What is the 200000th prime number?", beyond("nth_prime", "a place from 1 to 100000")),
            ("How many primes are there below 3000000?", beyond("prime_count", "a number up to 2000000")),
            ("What is 4000 in Roman numerals?", beyond("roman", "a number from 1 to 3999")),
            (
                "What is the prime factorization of 9000000000000000?",
                beyond("prime_factors", "a number from 2 to 1000000000000"),
            ),
        ];
        for (prompt, reason) in table {
            assert_eq!(unread_reason(prompt), Some(reason), "{prompt}");
        }
        for prompt in ["Is 91 really prime?", "twice 5", "(3 + 4) * 2", "Length of banana"] {
            let reason = unread_reason(prompt);
            assert!(matches!(reason, Some(UnreadReason::Form { .. })), "{prompt}: {reason:?}");
        }
        for prompt in ["gcd of 12", "prime 97 98", "sum 1 2 3 4 5", "How many r and s in \"strawberry\"?"] {
            let reason = unread_reason(prompt);
            assert!(matches!(reason, Some(UnreadReason::Form { .. })), "{prompt}: {reason:?}");
        }
    }

    #[test]
    fn a_question_that_is_read_and_conversation_have_none() {
        for prompt in [
            "What is 3 plus 2?",
            "Is 97 prime?",
            "97 prime?",
            "How many r in strawberry?",
            "Is Amazon Prime worth 15 dollars?",
            "I do not know what to cook.",
            "My number is 01234567890.",
            "Pi is 3.14159.",
            "How long is a marathon?",
            "How many days are in a week?",
            "Add 2.5 cups of flour.",
            "Why is 97 not divisible by 3?",
            "",
        ] {
            assert_eq!(unread_reason(prompt), None, "{prompt}");
        }
    }
}
