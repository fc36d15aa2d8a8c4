//! The letters and texts that can be operands of a question.
//!
//! A letter that looks like another one, or that changes under case mapping, would be counted as the
//! character that it is and not as the one that a person sees. So operands are made of the letters of ISO
//! 8859-1, and a letter is not counted in a text that has the same letter with an accent.

use std::fmt;

use super::parse::{Bindings, Bound, Standing};
use super::{subjects, words};

/// The longest text in which letters or words are counted, in characters.
const MAX_TEXT: usize = 200;

/// The reason why a question that was understood is not answered: one of its operands could be mistaken for
/// another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperandRefusal {
    /// An operand has a letter outside ISO 8859-1, which may look like another letter.
    Unlike {
        /// The letter that was found in the operand.
        found: char,
    },
    /// The text has a character that may or may not count as the letter to be counted, such as `é` for `e`.
    Alike {
        /// The letter that the question counts.
        letter: char,
        /// The character of the text that may or may not count as the letter.
        found: char,
    },
}

impl fmt::Display for OperandRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlike { found } => write!(
                f,
                "the character {found:?} (U+{:04X}) may look like a Latin letter without being one; spell the question \
                 with the letters of your keyboard",
                u32::from(*found)
            ),
            Self::Alike { letter, found } => write!(
                f,
                "it is not clear whether {found:?} in the text counts as the letter {letter:?}; ask for a letter that \
                 the text has without an accent"
            ),
        }
    }
}

impl std::error::Error for OperandRefusal {}

/// Returns the lower case of a letter, or the letter itself if its lower case is not a single character.
pub(super) fn lower(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// Checks the operands of a derivation. Returns false if the derivation is no reading at all.
///
/// # Errors
/// [`OperandRefusal`] if the sentence is understood and an operand could be mistaken for another one.
pub(super) fn check(bound: &Bindings) -> Result<bool, OperandRefusal> {
    let text = |name: &str| {
        bound.iter().find_map(|(own, bound)| match bound {
            Bound::Text { text, .. } if *own == name => Some(text.as_str()),
            _ => None,
        })
    };
    // "How many days after A is B" is asked of a later day B.
    if let (Some(from), Some(to)) = (text("from"), text("to"))
        && from >= to
    {
        return Ok(false);
    }
    let standing = bound.iter().find_map(|(own, bound)| match bound {
        Bound::Text { standing, .. } if *own == "text" => Some(*standing),
        _ => None,
    });
    let letter = bound.iter().find_map(|(_, bound)| match bound {
        Bound::Letter { letter, bare, unmarked } => Some((*letter, *bare, *unmarked)),
        _ => None,
    });
    for text in [text("text"), text("wanted")].into_iter().flatten() {
        if !is_text(text) {
            return Ok(false);
        }
        plain(text)?;
    }
    if text("wanted").is_some_and(|wanted| !wanted.chars().all(char::is_alphabetic)) {
        return Ok(false);
    }
    // "Romeo and Juliet" in quotation marks is a play, in which words occur.
    if text("wanted").is_some() && standing == Some(Standing::Quoted) && text("text").is_some_and(is_title) {
        return Ok(false);
    }
    let Some((letter, bare, unmarked)) = letter else {
        // The length of a text is that of one word: whether spaces and hyphens count is nowhere said.
        let word = text("text").is_none_or(|text| text.chars().all(char::is_alphabetic));
        return Ok(word || text("wanted").is_some());
    };
    plain(&letter.to_string())?;
    let Some(text) = text("text") else { return Ok(false) };
    // In "a banana", a bare "a" may be the letter or the word.
    if bare && text.contains(' ') && matches!(lower(letter), 'a' | 'i' | 'o') {
        return Ok(false);
    }
    let (is_named, lower_text) = (standing != Some(Standing::Bare), text.to_lowercase());
    if standing == Some(Standing::Quoted)
        && is_title(text)
        && text.contains(' ')
        && text.split(' ').any(is_joining)
    {
        return Ok(false);
    }
    // "How many ss are in Mississippi?" asks for the letter, or for the two letters.
    if unmarked && lower_text.contains(&format!("{}s", lower(letter))) {
        return Ok(false);
    }
    // "Count us in tomorrow", "how many is in gross": the plural is a word.
    if unmarked && !is_named && matches!(lower(letter), 'a' | 'i' | 'u') {
        return Ok(false);
    }
    // "How many g's are in kilogram?", "How many K's are in MB?"
    let is_abbreviated = text.chars().count() < 3;
    if !is_named
        && (words::is_unit(&lower_text)
            || subjects::is_subject(&lower_text)
            || subjects::is_formula(text, letter)
            || is_abbreviated)
    {
        return Ok(false);
    }
    // Nothing calls "Q" a letter in 'How many times does Q appear in "Star Trek"?', and the title has none: it may be a
    // person.
    if bare && letter.is_uppercase() && !text.contains(letter) {
        return Ok(false);
    }
    match text.chars().find(|&found| is_alike(lower(letter), lower(found))) {
        Some(found) => Err(OperandRefusal::Alike { letter, found }),
        None => Ok(true),
    }
}

/// Returns true for a text that is written as titles are: every word of it begins with a capital, but for small words
/// inside.
fn is_title(text: &str) -> bool {
    let is_large = |word: &str| word.starts_with(char::is_uppercase);
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    words.clone().any(is_large) && words.all(|word| is_large(word) || is_joining(word))
}

/// Returns true for a small word that titles write in lower case.
fn is_joining(word: &str) -> bool {
    matches!(
        word,
        "a" | "an"
            | "and"
            | "as"
            | "at"
            | "by"
            | "for"
            | "from"
            | "in"
            | "of"
            | "on"
            | "or"
            | "the"
            | "to"
            | "with"
    )
}

/// Returns true for letters with spaces, hyphens, apostrophes and commas between them, up to [`MAX_TEXT`].
fn is_text(text: &str) -> bool {
    let fits = (1..=MAX_TEXT).contains(&text.chars().count());
    let clean = text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | ','));
    fits && clean && text.chars().any(char::is_alphabetic)
}

fn plain(text: &str) -> Result<(), OperandRefusal> {
    let known = |c: &char| !c.is_alphabetic() || c.is_ascii() || matches!(c, 'À'..='ÿ');
    match text.chars().find(|c| !known(c)) {
        Some(found) => Err(OperandRefusal::Unlike { found }),
        None => Ok(()),
    }
}

/// Returns true if `found`, in lower case, is another character than `letter` and could be meant as that
/// letter.
fn is_alike(letter: char, found: char) -> bool {
    let stands_for = match found {
        'à'..='å' => "a",
        'æ' => "ae",
        'ç' => "c",
        'è'..='ë' => "e",
        'ì'..='ï' => "i",
        'ð' => "d",
        'ñ' => "n",
        'ò'..='ö' | 'ø' => "o",
        'ù'..='ü' => "u",
        'ý' | 'ÿ' => "y",
        'ß' => "s",
        'þ' => "p",
        _ => "",
    };
    letter != found && stands_for.contains(letter)
}
