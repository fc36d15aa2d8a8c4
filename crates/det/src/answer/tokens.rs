//! The words, numbers and marks of one line, as the reader of statements takes them.
//!
//! A reply may be one of many millions of tokens, so a token borrows its text from the line wherever it can.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::disguised::disguised;
use super::number_word::number_words;

/// A part of a line. Marks of emphasis, quotes and brackets are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A word in lower case, with apostrophes and hyphens inside it.
    Word(Cow<'t, str>),
    /// A number as it is written, with its sign, and without the commas between groups of three digits.
    Number(Cow<'t, str>),
    /// Any other mark.
    Mark(char),
}

/// Returns the tokens of a folded line.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let line = Line(text);
    let (mut out, mut at, mut last) = (Vec::new(), 0, ' ');
    while let Some(c) = line.get(at) {
        let after = at + c.len_utf8();
        let next_is_digit = text.as_bytes().get(after).is_some_and(u8::is_ascii_digit);
        let start = at;
        if c.is_ascii_digit() || (c == '-' && next_is_digit && !last.is_alphanumeric()) {
            at = line.number_end(start);
            let is_glued = text.as_bytes().get(at).is_some_and(u8::is_ascii_alphabetic);
            if let Some((token, length)) = is_glued.then(|| disguised(&text[start..])).flatten() {
                at = start + length;
                out.push(token);
            } else {
                out.push(Token::Number(without_commas(&text[start..at])));
            }
        } else if let Some((number, end)) = line.numeral(start) {
            at = end;
            out.push(Token::Number(Cow::Owned(number.to_string())));
        } else if c.is_alphabetic() {
            at = line.word_end(start);
            let has_digit = text.as_bytes()[start..at].iter().any(u8::is_ascii_digit);
            if let Some((token, length)) = has_digit.then(|| disguised(&text[start..])).flatten() {
                at = start + length;
                out.push(token);
            } else {
                out.push(Token::Word(in_lower_case(&text[start..at])));
            }
        } else if let Some((mark, end)) = line.relation(start) {
            at = end;
            out.push(Token::Mark(mark));
        } else {
            at = after;
            if !c.is_whitespace() && (!is_dropped(c) || line.multiplies(start)) {
                out.push(Token::Mark(c));
            }
        }
        last = text[start..at].chars().next_back().unwrap_or(c);
    }
    joined(out)
}

/// Returns a word in lower case.
fn in_lower_case(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(word.to_lowercase())
}

/// Returns a number without the commas between groups of digits.
fn without_commas(number: &str) -> Cow<'_, str> {
    if number.contains(',') { Cow::Owned(number.replace(',', "")) } else { Cow::Borrowed(number) }
}

/// Returns the tokens with the numbers of several words, such as `twenty one`, as one number each.
fn joined(mut tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let (mut at, mut end) = (0, 0);
    while end < tokens.len() {
        let found = number_words(|at| tokens.get(at).map_or("", Token::word), end);
        if let Some((number, after)) = found {
            tokens[at] = Token::Number(Cow::Owned(number.to_string()));
            end = after;
        } else {
            tokens.swap(at, end);
            end += 1;
        }
        at += 1;
    }
    tokens.truncate(at);
    tokens
}

/// Returns true for marks that only decorate what they stand around.
fn is_dropped(c: char) -> bool {
    matches!(c, '*' | '_' | '`' | '$' | '"' | '\'' | '(' | '[' | ']' | '{' | '}' | '\\' | '#' | '|' | '~')
        || matches!(c, '\u{201c}'..='\u{201f}' | '«' | '»' | '‹' | '›')
}

/// Returns true for letters of scripts that set no spaces between words, or that set none before a number.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}')
}

/// A line whose places are counted in bytes.
struct Line<'t>(&'t str);

impl Line<'_> {
    /// Returns the character at `at`, which is the start of one or the end of the line.
    fn get(&self, at: usize) -> Option<char> {
        match self.0.as_bytes().get(at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.0[at..].chars().next(),
            None => None,
        }
    }

    /// Returns true for an asterisk between two numbers. Any other one only emphasises.
    fn multiplies(&self, at: usize) -> bool {
        let (before, from) = self.0.split_at(at);
        from.strip_prefix('*')
            .is_some_and(|after| after.trim_start().starts_with(|c: char| c.is_ascii_digit()))
            && before.trim_end().ends_with(|c: char| c.is_ascii_digit())
    }

    /// Returns the mark for which several marks at `at` stand, such as `!=`, and the position after them.
    fn relation(&self, at: usize) -> Option<(char, usize)> {
        const SPELLED: [(&str, char); 5] = [
            ("!=", '\u{2260}'),
            ("=/=", '\u{2260}'),
            ("<>", '\u{2260}'),
            (">=", '\u{2265}'),
            ("<=", '\u{2264}'),
        ];
        if !matches!(self.0.as_bytes().get(at), Some(b'!' | b'=' | b'<' | b'>')) {
            return None;
        }
        let (spelled, mark) = SPELLED.iter().find(|(spelled, _)| self.0[at..].starts_with(spelled))?;
        Some((*mark, at + spelled.len()))
    }

    /// Returns the position after the word at `at`.
    fn word_end(&self, at: usize) -> usize {
        let mut last = self.get(at).unwrap_or_default();
        let mut end = at + last.len_utf8();
        while let Some(c) = self.get(end) {
            let joins = matches!(c, '\'' | '-') && self.get(end + 1).is_some_and(char::is_alphabetic);
            // Scripts without spaces write numbers and Latin letters right beside their words.
            let changes = is_spaceless(c) != is_spaceless(last) || self.numeral(end).is_some();
            if !joins && (changes || !c.is_alphanumeric()) {
                break;
            }
            (end, last) = (end + c.len_utf8(), c);
        }
        end
    }

    /// Returns the number below one hundred that Chinese numerals at `at` write, and the position after it. A one by
    /// itself is no number, because many words begin with it.
    fn numeral(&self, at: usize) -> Option<(usize, usize)> {
        // This is asked of every character of a reply.
        if self.get(at).is_none_or(|c| c < '\u{3000}') {
            return None;
        }
        let digit = |at: usize| {
            let c = self.get(at)?;
            let number = match c {
                '两' | '兩' => 2,
                '〇' => 0,
                _ => "零一二三四五六七八九".chars().position(|numeral| numeral == c)?,
            };
            Some((number, at + c.len_utf8()))
        };
        let first = digit(at);
        let tens = first.map_or(at, |(_, end)| end);
        if self.get(tens) == Some('十') {
            let end = tens + '十'.len_utf8();
            let (last, end) = digit(end).unwrap_or((0, end));
            return Some((10 * first.map_or(1, |(number, _)| number) + last, end));
        }
        first.filter(|(number, _)| *number != 1)
    }

    /// Returns the position after the number at `at`. A point belongs to a number if a digit follows, and a comma if
    /// exactly three digits follow.
    fn number_end(&self, at: usize) -> usize {
        let bytes = self.0.as_bytes();
        let digits = |from: usize| {
            bytes.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let mut end = at + usize::from(bytes.get(at) == Some(&b'-'));
        let mut has_point = false;
        loop {
            end += digits(end);
            match bytes.get(end) {
                Some(b'.') if !has_point && digits(end + 1) > 0 => {
                    has_point = true;
                    end += 1;
                }
                Some(b',') if !has_point && digits(end + 1) == 3 => end += 1,
                Some(b'e' | b'E') => {
                    let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                    let exponent = digits(end + 1 + signed);
                    let after = end + 1 + signed + exponent;
                    let is_exponent = exponent > 0 && !self.get(after).is_some_and(char::is_alphanumeric);
                    return if is_exponent { after } else { end };
                }
                _ => return end,
            }
        }
    }
}

impl Token<'_> {
    /// Returns the token with a text of its own.
    pub(super) fn into_owned(self) -> Token<'static> {
        match self {
            Self::Word(word) => Token::Word(Cow::Owned(word.into_owned())),
            Self::Number(number) => Token::Number(Cow::Owned(number.into_owned())),
            Self::Mark(mark) => Token::Mark(mark),
        }
    }

    /// Returns the word, or the empty text for a number or a mark.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Number(_) | Self::Mark(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{Token, tokens};

    fn word(text: &str) -> Token<'_> {
        Token::Word(text.into())
    }

    fn number(text: &str) -> Token<'_> {
        Token::Number(text.into())
    }

    #[test]
    fn a_line_is_taken_apart() {
        let table: [(&str, Vec<Token<'_>>); 9] = [
            ("**It's** -1,234.50.", vec![word("it's"), number("-1234.50"), Token::Mark('.')]),
            ("3-4", vec![number("3"), Token::Mark('-'), number("4")]),
            ("1,23", vec![number("1"), Token::Mark(','), number("23")]),
            ("twenty-one x2", vec![word("twenty-one"), word("x2")]),
            ("1.5E-3, 2em", vec![number("1.5E-3"), Token::Mark(','), number("2"), word("em")]),
            ("有4个r", vec![word("有"), number("4"), word("个"), word("r")]),
            ("一共三个", vec![word("一共"), number("3"), word("个")]),
            ("二十一", vec![number("21")]),
            ("- é: 5", vec![Token::Mark('-'), word("é"), Token::Mark(':'), number("5")]),
        ];
        for (line, expected) in table {
            assert_eq!(tokens(line), expected, "{line}");
        }
    }
}
