//! The parts of a line: its tokens, as far as each is known under the question.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::fraction::Fraction;
use super::number_word::{number_word, number_words};
use super::tokens::{Token, tokens};
use super::topic::{Asked, Topic};
use super::vocabulary::{Meaning, Vocabulary};

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// A word of the vocabulary.
    Word(Cow<'static, str>),
    /// A letter alone.
    Letter(char),
    /// A part of the text that is asked about.
    Piece(Cow<'static, str>),
    /// The whole text that is asked about.
    Whole,
    /// The plural of what is counted, such as `r's`, or a word that is counted.
    Unit,
    /// A number, and its digits behind the point.
    Number(Fraction, u32),
    /// A number that counts by the way, such as `twice` or `one`.
    Held(i128),
    /// The place of something in an order: `3rd`, `third`.
    Ordinal(i128),
    /// A mark.
    Mark(char),
}

impl Part {
    /// Returns the word, or the empty text for anything else.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Word(word) => word,
            _ => "",
        }
    }

    /// Returns the whole number that the part is.
    pub(super) fn whole(&self) -> Option<i128> {
        match self {
            Self::Number(number, _) => number.whole(),
            Self::Held(number) => Some(*number),
            _ => None,
        }
    }
}

const ORDINALS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/// Returns the parts of a line, or None if one is not known.
pub(super) fn parts(line: &str, topic: &Topic, vocabulary: &Vocabulary) -> Option<Vec<Part>> {
    let tokens = tokens(line, &topic.text)?;
    let word = |at: usize| tokens.get(at).map_or("", Token::word);
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(token) = tokens.get(at) {
        let named = topic.words.iter().enumerate().all(|(more, known)| word(at + more) == known);
        if named && !topic.words.is_empty() {
            out.push(Part::Whole);
            at += topic.words.len();
        } else if let Some((meaning, length)) = vocabulary.phrase(&tokens[at..]) {
            match meaning {
                Meaning::Nothing => {}
                Meaning::Mark(mark) => out.push(Part::Mark(mark)),
                Meaning::Word(word) => out.push(Part::Word(Cow::Borrowed(word))),
            }
            at += length;
        } else if let Some((number, end)) = number_words(word, at) {
            out.push(Part::Number(Fraction::new(i128::from(number), 1)?, 0));
            at = end;
        } else {
            match token {
                Token::Number(number, places) => out.push(Part::Number(*number, *places)),
                Token::Ordinal(number) => out.push(Part::Ordinal(*number)),
                Token::Mark(mark) => out.push(Part::Mark(*mark)),
                Token::Word(word) => read(word, topic, vocabulary, &mut out)?,
            }
            at += 1;
        }
    }
    Some(out)
}

/// Adds what a word stands for. Returns None if the word is not known.
fn read(word: &str, topic: &Topic, vocabulary: &Vocabulary, out: &mut Vec<Part>) -> Option<()> {
    let part = match (word, number_word(word)) {
        ("one", _) => Some(Part::Held(1)),
        ("once", _) => Some(Part::Held(1)),
        ("twice", _) => Some(Part::Held(2)),
        ("thrice", _) => Some(Part::Held(3)),
        (_, Some(number)) => Some(Part::Number(Fraction::new(i128::from(number), 1)?, 0)),
        _ if is_unit(word, topic) => Some(Part::Unit),
        _ => ORDINALS.iter().zip(1..).find(|(known, _)| **known == word).map(|(_, at)| Part::Ordinal(at)),
    };
    let mut letters = word.chars();
    let letter = letters.next().filter(|_| letters.next().is_none());
    let part = match (part, letter) {
        (Some(part), _) => part,
        (None, Some(letter)) => Part::Letter(letter),
        (None, None) if vocabulary.knows(word) => Part::Word(Cow::Owned(word.into())),
        (None, None) if is_piece(word, topic) => Part::Piece(Cow::Owned(word.into())),
        (None, None) => {
            // "s-t-r-a-w", "double-check"
            let mut pieces = word.split('-').peekable();
            if !word.contains('-') {
                return None;
            }
            while let Some(piece) = pieces.next() {
                read(piece, topic, vocabulary, out)?;
                if pieces.peek().is_some() {
                    out.push(Part::Mark('-'));
                }
            }
            return Some(());
        }
    };
    out.push(part);
    Some(())
}

/// Returns true for the plural of what is counted, and for a word that is counted.
fn is_unit(word: &str, topic: &Topic) -> bool {
    match topic.asked {
        Asked::Anything => word.strip_suffix("'s").is_some_and(|letter| letter.chars().count() == 1),
        _ if topic.counted.is_empty() => false,
        _ => word.strip_prefix(&*topic.counted).is_some_and(|rest| {
            matches!(rest, "'s" | "s" | "es" | "'") || (rest.is_empty() && topic.letter().is_none())
        }),
    }
}

/// Returns true for two or more letters that stand together in the text. Words that deny or judge are none, so that a
/// question about such a word does not let them in.
fn is_piece(word: &str, topic: &Topic) -> bool {
    const NONE: [&str; 16] = [
        "no", "not", "non", "none", "never", "nor", "nope", "nah", "nay", "more", "less", "wrong", "false",
        "lie", "off", "plus",
    ];
    topic.text.contains(word) && !NONE.contains(&word)
}
