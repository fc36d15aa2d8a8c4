//! Words and numbers in disguise: `f0ur`, `4nswer`, `0x4`, `0b100`.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};

use super::number_word::number_word;
use super::statements::LABELS;
use super::tokens::Token;

/// The longest run of letters and digits that is looked at, in bytes. A longer one is no word.
const MOST_BYTES: usize = 32;
/// Words beside labels and numbers that are known in disguise.
const KNOWN: [&str; 10] =
    ["yes", "no", "nope", "true", "false", "prime", "composite", "not", "wrong", "incorrect"];
/// The letters for which digits stand. A one stands for either of two.
const LETTERS: [(char, &str); 7] =
    [('0', "o"), ('1', "il"), ('3', "e"), ('4', "a"), ('5', "s"), ('7', "t"), ('9', "g")];

/// Returns the word or the number that the letters and digits at the start of `text` disguise, and its length in bytes.
/// Returns None if they have no letter or no digit, or mean nothing.
pub(super) fn disguised(text: &str) -> Option<(Token<'static>, usize)> {
    let length = run(text);
    let run = text.get(..length)?;
    let is_mixed = length <= MOST_BYTES
        && run.bytes().any(|byte| byte.is_ascii_digit())
        && run.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !text[length..].starts_with(char::is_alphanumeric);
    if !is_mixed {
        return None;
    }
    let run = run.to_ascii_lowercase();
    if let Some(number) = with_base(&run) {
        return Some((Token::Number(Cow::Owned(number.to_string())), length));
    }
    ['i', 'l'].into_iter().find_map(|one| {
        let word: String = run.chars().map(|c| letter(c, one)).collect();
        if let Some(number) = number_word(&word) {
            return Some((Token::Number(Cow::Owned(number.to_string())), length));
        }
        let is_known = KNOWN.contains(&word.as_str()) || LABELS.contains(&word.as_str());
        is_known.then_some((Token::Word(Cow::Owned(word)), length))
    })
}

/// Returns the length of the letters and digits at the start of `text`, with the hyphens between them.
fn run(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_inside = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut end = 0;
    while is_inside(end) || (end > 0 && bytes.get(end) == Some(&b'-') && is_inside(end + 1)) {
        end += 1;
    }
    end
}

/// Returns the number that digits behind `0x`, `0o` or `0b` write.
fn with_base(run: &str) -> Option<u64> {
    [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(prefix, base)| u64::from_str_radix(run.strip_prefix(prefix)?, base).ok())
}

/// Returns the letter for which a digit stands, or `c`. `one` is that of a one.
fn letter(c: char, one: char) -> char {
    match LETTERS.iter().find(|(digit, _)| *digit == c) {
        Some((_, letters)) if letters.contains(one) => one,
        Some((_, letters)) => letters.chars().next().unwrap_or(c),
        None => c,
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, disguised};

    #[test]
    fn digits_stand_for_letters_and_prefixes_for_a_base() {
        let number = |number: &'static str| Some(Token::Number(number.into()));
        let word = |word: &'static str| Some(Token::Word(word.into()));
        let table = [
            ("f0ur r's", number("4")),
            ("F1VE", number("5")),
            ("e1even.", number("11")),
            ("5ix", number("6")),
            ("forty-thr33", number("43")),
            ("4nsw3r: 4", word("answer")),
            ("n0", word("no")),
            ("c0mpos1te", word("composite")),
            ("0x1F", number("31")),
            ("0b100", number("4")),
            ("0o17", number("15")),
            ("0b12", None),
            ("0x", None),
            ("1st", None),
            ("4x", None),
            ("10s", None),
            ("r3", None),
            ("four", None),
            ("44", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(disguised(text).map(|(token, _)| token), expected, "{text}");
        }
    }
}
