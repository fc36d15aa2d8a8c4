//! The words, numbers and marks of one line, as the reader of statements takes them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::number_word::number_words;

/// A part of a line. Marks of emphasis, quotes and brackets are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word in lower case, with apostrophes and hyphens inside it.
    Word(String),
    /// A number as it is written, with its sign, and without the commas between groups of three digits.
    Number(String),
    /// Any other mark.
    Mark(char),
}

/// Returns the tokens of a folded line.
pub(super) fn tokens(line: &str) -> Vec<Token> {
    let chars: Vec<char> = line.chars().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(&c) = chars.get(at) {
        let next_is_digit = chars.get(at + 1).is_some_and(char::is_ascii_digit);
        let stands_alone = at == 0 || !chars[at - 1].is_alphanumeric();
        if c.is_ascii_digit() || (c == '-' && next_is_digit && stands_alone) {
            let (number, end) = number(&chars, at);
            out.push(Token::Number(number));
            at = end;
        } else if let Some((number, end)) = numeral(&chars, at) {
            out.push(Token::Number(number.to_string()));
            at = end;
        } else if c.is_alphabetic() {
            let end = word_end(&chars, at);
            out.push(Token::Word(chars[at..end].iter().collect::<String>().to_lowercase()));
            at = end;
        } else {
            if !c.is_whitespace() && !is_dropped(c) {
                out.push(Token::Mark(c));
            }
            at += 1;
        }
    }
    joined(out)
}

/// Returns the tokens with the numbers of several words, such as `twenty one`, as one number each.
fn joined(mut tokens: Vec<Token>) -> Vec<Token> {
    let (mut at, mut end) = (0, 0);
    while end < tokens.len() {
        let found = number_words(|at| tokens.get(at).map_or("", Token::word), end);
        if let Some((number, after)) = found {
            tokens[at] = Token::Number(number.to_string());
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

/// Returns the position after the word at `at`.
fn word_end(chars: &[char], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(&c) = chars.get(end) {
        let joins = matches!(c, '\'' | '-') && chars.get(end + 1).is_some_and(|next| next.is_alphabetic());
        // Scripts without spaces write numbers and Latin letters right beside their words.
        let changes = is_spaceless(c) != is_spaceless(chars[end - 1]) || numeral(chars, end).is_some();
        if !joins && (changes || !c.is_alphanumeric()) {
            break;
        }
        end += 1;
    }
    end
}

/// Returns true for letters of scripts that set no spaces between words, or that set none before a number.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}')
}

/// Returns the number below one hundred that Chinese numerals at `at` write, and the position after it. A one by
/// itself is no number, because many words begin with it.
fn numeral(chars: &[char], at: usize) -> Option<(usize, usize)> {
    // This is asked of every character of a reply.
    if chars.get(at).is_none_or(|c| *c < '\u{3000}') {
        return None;
    }
    let digit = |c: &char| match c {
        '两' | '兩' => Some(2),
        '〇' => Some(0),
        c => "零一二三四五六七八九".chars().position(|numeral| numeral == *c),
    };
    let first = chars.get(at).and_then(digit);
    let tens = at + usize::from(first.is_some());
    if chars.get(tens) == Some(&'十') {
        let last = chars.get(tens + 1).and_then(digit);
        return Some((10 * first.unwrap_or(1) + last.unwrap_or(0), tens + 1 + usize::from(last.is_some())));
    }
    first.filter(|number| *number != 1).map(|number| (number, at + 1))
}

/// Returns the number at `at`, and the position after it. A point belongs to a number if a digit follows, and
/// a comma if exactly three digits follow.
fn number(chars: &[char], at: usize) -> (String, usize) {
    let digits = |from: usize| chars.iter().skip(from).take_while(|c| c.is_ascii_digit()).count();
    let (mut text, mut has_point) = (String::new(), false);
    let mut end = at;
    if chars[at] == '-' {
        text.push('-');
        end += 1;
    }
    loop {
        let run = digits(end);
        text.extend(&chars[end..end + run]);
        end += run;
        match chars.get(end) {
            Some('.') if !has_point && digits(end + 1) > 0 => {
                has_point = true;
                text.push('.');
                end += 1;
            }
            Some(',') if !has_point && digits(end + 1) == 3 => end += 1,
            Some('e' | 'E') => {
                let signed = usize::from(matches!(chars.get(end + 1), Some('+' | '-')));
                let after = end + 1 + signed + digits(end + 1 + signed);
                let is_exponent = digits(end + 1 + signed) > 0
                    && !chars.get(after).is_some_and(|next| next.is_alphanumeric());
                if is_exponent {
                    text.extend(&chars[end..after]);
                    end = after;
                }
                return (text, end);
            }
            _ => return (text, end),
        }
    }
}

impl Token {
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

    fn word(text: &str) -> Token {
        Token::Word(text.into())
    }

    fn number(text: &str) -> Token {
        Token::Number(text.into())
    }

    #[test]
    fn a_line_is_taken_apart() {
        let table: [(&str, Vec<Token>); 9] = [
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
