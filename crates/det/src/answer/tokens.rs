//! The words, numbers and marks of one line.
//!
//! A line with a character that is not known has no tokens: letters of other scripts, look-alikes, invisible characters
//! and symbols may state anything, so a reply that has one beside its answer is not read.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::fraction::Fraction;

/// A part of a line. Marks of emphasis, quotes and square brackets are left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// A word in lower case, with apostrophes and hyphens inside it.
    Word(Cow<'t, str>),
    /// A number in digits, and the number of its digits behind the point.
    Number(Fraction, u32),
    /// A number with an ending, such as `3rd`.
    Ordinal(i128),
    /// Any other mark.
    Mark(char),
}

impl Token<'_> {
    /// Returns the word, or the empty text for anything else.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Number(..) | Self::Ordinal(_) | Self::Mark(_) => "",
        }
    }
}

/// Commands of LaTeX, and other spellings, with the marks or words for which they stand. Longer ones come first.
const SPELLED: [(&str, &str); 34] = [
    ("\\rightarrow", " -> "),
    ("\\Rightarrow", " -> "),
    ("\\implies", " -> "),
    ("\\therefore", " so "),
    ("\\approx", " \u{2248} "),
    ("\\mathbf", ""),
    ("\\mathrm", ""),
    ("\\textbf", ""),
    ("\\boxed", ""),
    ("\\times", " * "),
    ("\\ldots", "."),
    ("\\dots", "."),
    ("\\cdot", " * "),
    ("\\quad", " "),
    ("\\sqrt", "\u{221a}"),
    ("\\text", ""),
    ("\\bmod", " mod "),
    ("\\gcd", "gcd"),
    ("\\mod", " mod "),
    ("\\div", " / "),
    ("\\to", " -> "),
    ("\\\\", " "),
    ("\\(", " "),
    ("\\)", " "),
    ("\\[", " "),
    ("\\]", " "),
    ("\\,", " "),
    ("\\ ", " "),
    ("\\;", " "),
    ("**", ""),
    ("==", "="),
    ("=>", "->"),
    ("...", "."),
    ("--", "-"),
];

/// Returns a line with one spelling for each mark, or None if a character is not known. `letters` are those of the
/// question beside ASCII.
fn spelled(line: &str, letters: &str) -> Option<String> {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if matches!(c, '\\' | '*' | '=' | '.' | '-')
            && let Some((spelled, mark)) = SPELLED.iter().find(|(spelled, _)| rest.starts_with(spelled))
        {
            out.push_str(mark);
            rest = &rest[spelled.len()..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            '\u{2019}' | '\u{2018}' => out.push('\''),
            '\u{201c}' | '\u{201d}' => out.push('"'),
            '\u{2013}' | '\u{2014}' => out.push('-'),
            '\u{2212}' => out.push(c),
            '\u{d7}' | '\u{22c5}' => out.push_str(" * "),
            '\u{f7}' => out.push('/'),
            '\u{2192}' | '\u{21d2}' | '\u{2190}' => out.push_str("->"),
            '\u{2026}' => out.push('.'),
            '\u{b2}' => out.push_str("^2"),
            '\u{b3}' => out.push_str("^3"),
            '\u{a0}' | '\u{202f}' | '\t' => out.push(' '),
            '\u{2713}' | '\u{2714}' | '\u{2705}' => out.push('\u{2713}'),
            '\u{2717}' | '\u{2718}' | '\u{274c}' => out.push('\u{2717}'),
            '\u{2248}' | '\u{221a}' | '\u{2022}' => out.push(c),
            // Signs of friendliness, and the selector behind a mark that shows it in colour.
            '\u{1f60a}' | '\u{1f642}' | '\u{1f604}' | '\u{1f353}' | '\u{1f389}' | '\u{2728}' | '\u{fe0f}' => {
            }
            ' '..='~' => out.push(c),
            c if c.is_alphabetic() && letters.contains(c) => out.push(c),
            _ => return None,
        }
    }
    Some(out)
}

/// Returns the tokens of a line, or None if a part of it is not known. `letters` are those of the question.
pub(super) fn tokens(line: &str, letters: &str) -> Option<Vec<Token<'static>>> {
    // "count: ****" may count.
    let is_tally = |word: &str| word.len() > 2 && word.bytes().all(|byte| byte == b'*');
    if line.split_whitespace().any(is_tally) && line.contains(char::is_alphanumeric) {
        return None;
    }
    let line = spelled(line, letters)?;
    let mut rest = line.trim_start_matches([' ', '#', '>']);
    // "> 3" compares, or quotes.
    if line.trim_start().starts_with('>') && is_digit(rest, 0) {
        return None;
    }
    let (mut out, mut is_spaced): (Vec<Token<'static>>, bool) = (Vec::new(), true);
    while let Some(c) = rest.chars().next() {
        let (token, length) = match c {
            '0'..='9' => numeral(rest)?,
            '.' if is_digit(rest, 1) => return None,
            c if c.is_alphabetic() => {
                let length = word_length(rest);
                if is_digit(rest, length) {
                    return None;
                }
                (Some(Token::Word(Cow::Owned(rest[..length].to_lowercase()))), length)
            }
            '-' if rest.starts_with("->") => (Some(Token::Mark('>')), 2),
            '!' if rest.starts_with("!=") => return None,
            // A minus that touches its number is a sign, unless a word stands right before it.
            '-' if is_digit(rest, 1) && is_spaced && !matches!(out.last(), Some(Token::Number(..))) => {
                (Some(Token::Mark('\u{2212}')), 1)
            }
            '\u{2212}' => (Some(Token::Mark('\u{2212}')), c.len_utf8()),
            '*' => (Some(Token::Mark('*')).filter(|_| multiplies(&out, rest)), 1),
            ' ' | '"' | '\'' | '_' | '`' | '$' | '[' | ']' | '{' | '}' => (None, 1),
            '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '|' | '+' | '-' | '/' | '=' | '%' | '^' => {
                (Some(Token::Mark(c)), 1)
            }
            '\u{2713}' | '\u{2717}' | '\u{2248}' | '\u{221a}' => (Some(Token::Mark(c)), c.len_utf8()),
            '\u{2022}' if out.is_empty() => (None, c.len_utf8()),
            _ => return None,
        };
        out.extend(token);
        is_spaced = matches!(c, ' ' | '(' | '$' | '*' | '=');
        rest = &rest[length..];
    }
    Some(out)
}

fn is_digit(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(u8::is_ascii_digit)
}

/// Returns true for an asterisk between numbers. Any other one emphasises, or begins the item of a list.
fn multiplies(before: &[Token<'_>], rest: &str) -> bool {
    matches!(before.last(), Some(Token::Number(..) | Token::Mark(')')))
        && rest[1..].trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '(')
}

/// Returns the length of the word at the start of `text`.
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = matches!(c, '\'' | '-') && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !joins && !c.is_alphabetic() {
            return at;
        }
    }
    text.len()
}

/// Returns the number at the start of `text` and its length. None for one with letters behind it, such as `0x4`.
fn numeral(text: &str) -> Option<(Option<Token<'static>>, usize)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = digits(0);
    // A comma belongs to a number before exactly three digits.
    let is_grouped = end <= 3 && bytes[0] != b'0';
    while is_grouped && bytes.get(end) == Some(&b',') && digits(end + 1) == 3 {
        end += 4;
    }
    let places = if bytes.get(end) == Some(&b'.') { digits(end + 1) } else { 0 };
    let (whole, end) = (end, if places > 0 { end + 1 + places } else { end });
    let plain: String = text[..end].chars().filter(char::is_ascii_digit).collect();
    let over: i128 = plain.parse().ok()?;
    let places = u32::try_from(places).ok()?;
    let ending = text[end..].bytes().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    match &text[end..end + ending] {
        "" if !text[end..].starts_with(|c: char| c.is_alphabetic()) => {
            let number = Fraction::new(over, 10_i128.checked_pow(places)?)?;
            Some((Some(Token::Number(number, places)), end))
        }
        "st" | "nd" | "rd" | "th" if end == whole => Some((Some(Token::Ordinal(over)), end + ending)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::{Fraction, Token, tokens};

    #[test]
    fn a_line_is_taken_apart_or_not_known() {
        let number = |over, places| {
            let under = 10_i128.pow(places);
            Token::Number(Fraction::new(over, under).expect("a number"), places)
        };
        let word = |word: &str| Token::Word(word.to_string().into());
        let table: [(&str, Option<Vec<Token<'_>>>); 14] = [
            ("**It\u{2019}s** 1,234.50.", Some([word("it's"), number(123_450, 2), Token::Mark('.')].into())),
            (
                "> - 3 \\times 4",
                Some([Token::Mark('-'), number(3, 0), Token::Mark('*'), number(4, 0)].into()),
            ),
            ("* the 3rd", Some([word("the"), Token::Ordinal(3)].into())),
            ("s-t", Some([word("s-t")].into())),
            ("caf\u{e9}", Some([word("caf\u{e9}")].into())),
            ("\\boxed{3}", Some([number(3, 0)].into())),
            ("0x4", None),
            ("4r", None),
            ("f0ur", None),
            ("\u{432}", None),
            ("\u{663}", None),
            ("3 \u{2260} 4", None),
            ("~3", None),
            ("An\u{200b}swer", None),
        ];
        for (line, expected) in table {
            assert_eq!(tokens(line, "caf\u{e9}"), expected, "{line}");
        }
    }
}
