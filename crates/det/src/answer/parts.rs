//! The parts of a line, as the reader of clauses takes them, and the places where a clause ends.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::clauses::Clauses;
use super::collective::counted;
use super::number_word::number_word;
use super::statements::written;
use super::tokens::Token;
use super::topic::Asked;
use super::words::held_number;

/// A part of a clause.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part<'t> {
    /// The text or the thing in it that the question is about.
    About,
    /// A unit that counts what the question is about: `r's`.
    Unit,
    /// A number; `held` is true for a word that counts and does more than that, such as `twice` or `one`.
    Number { value: Cow<'t, str>, held: bool },
    /// Any other word.
    Word(&'t str),
    /// A mark.
    Mark(char),
}

/// Words that begin a clause of their own.
const BEGINNING: [&str; 12] = [
    "because",
    "since",
    "so",
    "and",
    "but",
    "therefore",
    "thus",
    "hence",
    "which",
    "although",
    "though",
    "where",
];

/// Words behind a noun, or behind a word that stands for one.
const BEHIND_A_NOUN: [&str; 8] = ["is", "was", "must", "should", "would", "we", "i", "you"];

impl Clauses<'_> {
    /// Returns the parts of the tokens of a line.
    pub(super) fn parts<'t>(&self, tokens: &'t [Token<'_>]) -> Vec<Part<'t>> {
        let (mut out, mut at) = (Vec::new(), 0);
        while let Some(token) = tokens.get(at) {
            let about = [&self.topic.text, &self.topic.counted];
            let found = about.iter().find(|about| !about.is_empty() && tokens[at..].starts_with(about));
            let phrase = self.words.phrases.at(&tokens[at..]);
            let phrase = phrase.filter(|(_, length)| found.is_none_or(|about| about.len() < *length));
            if let Some((meaning, length)) = phrase {
                out.push(Part::Word(meaning));
                at += length;
            } else if let Some((number, held, length)) = counted(tokens, at).filter(|_| found.is_none()) {
                out.push(Part::Number { value: Cow::Owned(number.to_string()), held });
                at += length;
            } else if let Some(about) = found {
                out.push(Part::About);
                at += about.len();
            } else {
                let number =
                    |at: Option<usize>| matches!(at.and_then(|at| tokens.get(at)), Some(Token::Number(_)));
                // "4x", "r × 4": how often something occurs.
                let is_times = self.topic.asked == Asked::Times
                    && (matches!(token, Token::Mark('\u{d7}' | '*')) || token.word() == "x")
                    && number(at.checked_sub(1)) != number(Some(at + 1));
                let next = tokens.get(at + 1).map_or("", Token::word);
                out.push(match out.last() {
                    _ if is_times => Part::Word("times"),
                    // "The biggest common one is 4": the word stands for a noun and counts nothing.
                    Some(Part::Word(before))
                        if token.word() == "one"
                            && BEHIND_A_NOUN.contains(&next)
                            && !matches!(
                                *before,
                                "and" | "but" | "plus" | "of" | "is" | "are" | "only" | "just"
                            ) =>
                    {
                        Part::Word("it")
                    }
                    _ => self.part(token),
                });
                at += 1;
            }
        }
        out
    }

    pub(super) fn part<'t>(&self, token: &'t Token<'_>) -> Part<'t> {
        let number = |value: u8, held| Part::Number { value: Cow::Owned(value.to_string()), held };
        match token {
            Token::Number(text) => Part::Number { value: written(text), held: false },
            Token::Mark(mark) => Part::Mark(*mark),
            Token::Word(word) if self.is_unit(word) => Part::Unit,
            Token::Word(word) => match (number_word(word), held_number(word), self.words.number(word)) {
                (Some(value), _, _) => number(value, value == 1),
                (None, Some(value), _) => number(value, true),
                (None, None, Some(value)) => number(value, false),
                (None, None, None) => Part::Word(word),
            },
        }
    }

    /// Returns true for the plural of what is counted: `r's`, `rs`, `the's`. Without a question to look at, a single
    /// letter is what is counted.
    fn is_unit(&self, word: &str) -> bool {
        match (self.topic.asked, self.topic.counted.as_slice()) {
            (Asked::Anything, _) => word.strip_suffix("'s").is_some_and(|letter| letter.chars().count() == 1),
            (_, [Token::Word(counted)]) => {
                word.strip_prefix(&**counted).is_some_and(|rest| matches!(rest, "'s" | "s" | "es" | "'"))
            }
            _ => false,
        }
    }

    /// Returns true if a clause ends at the part at `at`.
    pub(super) fn splits(&self, parts: &[Part<'_>], at: usize) -> bool {
        let is_number = |at: usize| matches!(parts.get(at), Some(Part::Number { .. }));
        match &parts[at] {
            Part::Mark('.' | '!' | '?' | ';') => true,
            Part::Mark(',') => !is_number(at + 1) || at == 0 || !is_number(at - 1),
            // "So far" and "anything but" are no new clauses.
            Part::Word(word) => {
                BEGINNING.contains(word)
                    && !(*word == "but"
                        && at > 0
                        && matches!(parts[at - 1], Part::Word("anything" | "everything" | "nothing")))
                    && !is_number(at + 1)
                    && parts.get(at + 1) != Some(&Part::Word("far"))
            }
            Part::Mark(_) | Part::About | Part::Unit | Part::Number { .. } => false,
        }
    }
}
