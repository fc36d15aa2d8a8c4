//! The lexer, which turns a prompt into tokens and keeps every mark.
//!
//! A mark can change the meaning of a sentence ("7!", ".5", "12-18"), so the lexer drops nothing but white
//! space. If a mark stands so close to a number that it could be a part of the number, the whole prompt is
//! unreadable.

use super::cardinal::cardinal;
use super::words;

/// The longest prompt that is read, in bytes. No question of the grammar needs more.
pub(super) const MAX_PROMPT: usize = 2_000;

/// One token of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word without quotation marks, with its inner apostrophes and hyphens.
    Word {
        /// The word in lower case, as the grammar spells its words.
        lower: String,
        /// The word as the prompt spells it.
        raw: String,
    },
    /// The text between two quotation marks, as the prompt spells it.
    Quoted(String),
    /// A whole number in digits.
    Number(i64),
    /// A place in an order, in digits: `10th`.
    Ordinal(i64),
    /// A date as `2024-02-29`, which may not exist.
    Date(String),
    /// A punctuation mark. `.` stands for `.`, `?`, `!` and any run of them.
    Mark(char),
}

/// A token, and if it stands apart from the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// The token.
    pub(super) token: Token,
    /// True if white space or the start of the prompt precedes the token.
    pub(super) apart: bool,
    /// True for a text in quotes that lost a mark at its end, which may end the sentence or belong to the text.
    pub(super) is_cut: bool,
}

/// A choice between the two meanings of a comma between digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commas {
    /// A comma groups digits: `10,007` is one number.
    Group,
    /// A comma separates numbers: `10,12` is two numbers.
    Separate,
}

/// Returns true if `prompt` has a comma outside of parentheses that touches the digit after it.
///
/// In "gcd(12,18)" such a comma separates; in a sentence it may also be a decimal point or group thousands.
pub(super) fn has_loose_comma(prompt: &str) -> bool {
    let chars: Vec<char> = prompt.chars().collect();
    let mut depth = 0_u32;
    chars.iter().enumerate().any(|(at, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *c == ',' && depth == 0 && chars.get(at + 1).is_some_and(char::is_ascii_digit)
    })
}

/// Returns the tokens of `prompt`, or None if it is too long or a character of it cannot be read under
/// `commas`.
pub(super) fn tokens(prompt: &str, commas: Commas) -> Option<Vec<Placed>> {
    if prompt.len() > MAX_PROMPT {
        return None;
    }
    let chars: Vec<char> = prompt.chars().map(plain).collect();
    let mut lexer = Lexer { chars: &chars, at: 0, commas, tokens: Vec::new() };
    while lexer.step()? {}
    Some(lexer.tokens)
}

/// Returns the plain form of a typographic quotation mark, a minus sign or a multiplication sign.
fn plain(c: char) -> char {
    match c {
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '−' => '-',
        '×' => '*',
        other => other,
    }
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    commas: Commas,
    tokens: Vec<Placed>,
}

impl Lexer<'_> {
    /// Reads one token or a run of white space. Returns false at the end, and None at a character that cannot
    /// be read.
    fn step(&mut self) -> Option<bool> {
        let Some(c) = self.peek(0) else { return Some(false) };
        match c {
            c if c.is_whitespace() => self.at += 1,
            '"' => self.quoted(c)?,
            '\'' if self.opens_quotation() => self.quoted(c)?,
            c if c.is_ascii_digit() => self.number()?,
            c if c.is_alphabetic() => self.word()?,
            '.' | '?' | '!' => self.stop()?,
            ',' if self.commas == Commas::Group && self.is_loose_comma() => return None,
            ',' | ';' | ':' | '(' | ')' | '+' | '-' | '*' | '=' => {
                self.push(Token::Mark(c), 1);
            }
            _ => return None,
        }
        Some(true)
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn before(&self) -> Option<char> {
        self.at.checked_sub(1).map(|before| self.chars[before])
    }

    /// Adds a token that is `length` characters long.
    fn push(&mut self, token: Token, length: usize) {
        let apart = self.before().is_none_or(char::is_whitespace);
        self.tokens.push(Placed { token, apart, is_cut: false });
        self.at += length;
    }

    /// Returns the number of characters, from here on, that `belongs` accepts in a row.
    fn run(&self, belongs: impl Fn(char) -> bool) -> usize {
        self.chars[self.at..].iter().take_while(|&&c| belongs(c)).count()
    }

    /// Returns true if a single quotation mark opens a quotation: it follows no letter or digit, one follows
    /// it, and another mark closes it.
    fn opens_quotation(&self) -> bool {
        let follows = self.before().is_some_and(char::is_alphanumeric);
        !follows && self.peek(1).is_some_and(char::is_alphanumeric) && self.closing('\'').is_some()
    }

    /// Returns the distance to the mark that closes a quotation opened here by `mark`, or None if none does.
    fn closing(&self, mark: char) -> Option<usize> {
        let letter_after = |at: usize| self.chars.get(at + 1).is_some_and(|c| c.is_alphabetic());
        (self.at + 1..self.chars.len())
            .find(|&at| self.chars[at] == mark && (mark == '"' || !letter_after(at)))
            .map(|at| at - self.at)
    }

    fn quoted(&mut self, mark: char) -> Option<()> {
        let distance = self.closing(mark)?;
        let content: String = self.chars[self.at + 1..self.at + distance].iter().collect();
        // "strawberry." names the word and ends the sentence, as American typography has it.
        let cut = content.strip_suffix(['.', ',', '?', '!']);
        let text = cut.unwrap_or(&content).to_owned();
        self.push(Token::Quoted(text), distance + 1);
        if let Some(last) = self.tokens.last_mut() {
            last.is_cut = cut.is_some();
        }
        Some(())
    }

    /// Returns true for a comma, outside of parentheses and numbers, that touches the digit after it.
    fn is_loose_comma(&self) -> bool {
        let marks = |mark| self.tokens.iter().filter(|placed| placed.token == Token::Mark(mark)).count();
        marks('(') <= marks(')') && self.peek(1).is_some_and(|c| c.is_ascii_digit())
    }

    fn ends_in_a_number_word(&self) -> bool {
        let Some(Placed { token: Token::Word { lower, .. }, .. }) = self.tokens.last() else { return false };
        cardinal(&[lower.as_str()]).is_some() || words::SCALES.contains(&lower.as_str())
    }

    fn stop(&mut self) -> Option<()> {
        let run = self.run(|c| matches!(c, '.' | '?' | '!'));
        let follows_digit = self.before().is_some_and(|c| c.is_ascii_digit());
        // "7!", "gcd(4, 8)!" and "seven!" are factorials, ".5" a decimal, "7..." a number that goes on.
        let is_value = follows_digit || self.before() == Some(')') || self.ends_in_a_number_word();
        let is_factorial = is_value && self.chars[self.at..self.at + run].contains(&'!');
        let changes = is_factorial || (follows_digit && run > 1);
        // A stop after white space ends no word. "12 + 30 = ?" is the one exception.
        let loose = self.before().is_none_or(char::is_whitespace)
            && !matches!(self.tokens.last(), Some(Placed { token: Token::Mark('='), .. }));
        let touches = self.peek(run).is_some_and(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | ')'));
        if changes || loose || touches {
            return None;
        }
        self.push(Token::Mark('.'), run);
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let joined = self.before().is_some_and(|c| {
            !c.is_whitespace() && !matches!(c, '(' | ',' | '+' | '-' | '*' | '=' | '"' | '\'')
        });
        let digits = self.run(|c| c.is_ascii_digit());
        if let Some((token, length)) = self.date().or_else(|| self.ordinal(digits)) {
            let is_apart = self.before().is_none_or(|c| c.is_whitespace() || c == '(');
            let ends = self
                .peek(length)
                .is_none_or(|c| c.is_whitespace() || matches!(c, '.' | '?' | '!' | ',' | ';' | ':' | ')'));
            return (is_apart && ends).then(|| self.push(token, length));
        }
        let mut text: String = self.chars[self.at..self.at + digits].iter().collect();
        let mut length = digits;
        if self.commas == Commas::Group {
            while let Some(group) = self.group(length) {
                // Only the first group may be shorter than three digits.
                if digits > 3 {
                    return None;
                }
                text.extend(group);
                length += 4;
            }
        }
        let after = self.peek(length);
        let decimal = matches!(after, Some('.' | ','))
            && self.commas == Commas::Group
            && self.peek(length + 1).is_some_and(|c| c.is_ascii_digit());
        let attached = after.is_some_and(|c| {
            !c.is_whitespace()
                && !matches!(c, '.' | '?' | ',' | ';' | ':' | ')' | '+' | '-' | '*' | '=' | '"')
        });
        let padded = text.len() > 1 && text.starts_with('0');
        if joined || decimal || attached || padded {
            return None;
        }
        self.push(Token::Number(text.parse().ok()?), length);
        Some(())
    }

    /// Returns the date that stands here, four digits, two and two with hyphens between them, and its length.
    fn date(&self) -> Option<(Token, usize)> {
        const SHAPE: &str = "0000-00-00";
        let text: String = self.chars[self.at..].iter().take(SHAPE.len()).collect();
        let fits = |(c, shape): (char, char)| if shape == '0' { c.is_ascii_digit() } else { c == shape };
        (text.len() == SHAPE.len() && text.chars().zip(SHAPE.chars()).all(fits))
            .then_some((Token::Date(text), SHAPE.len()))
    }

    /// Returns the place in an order that stands here, such as `21st`, and its length. `21th` is none.
    fn ordinal(&self, digits: usize) -> Option<(Token, usize)> {
        let number: i64 = self.chars[self.at..self.at + digits].iter().collect::<String>().parse().ok()?;
        let ending = match (number % 100, number % 10) {
            (11..=13, _) => "th",
            (_, 1) => "st",
            (_, 2) => "nd",
            (_, 3) => "rd",
            _ => "th",
        };
        let found = ending.chars().enumerate().all(|(place, c)| self.peek(digits + place) == Some(c));
        let is_padded = self.peek(0) == Some('0');
        (found && !is_padded).then_some((Token::Ordinal(number), digits + ending.len()))
    }

    /// Returns the three digits of a group that begins with a comma `ahead` characters from here, or None if
    /// there is no such group.
    fn group(&self, ahead: usize) -> Option<Vec<char>> {
        let rest = self.chars.get(self.at + ahead..)?;
        let [',', group @ ..] = rest else { return None };
        let digits: Vec<char> = group.iter().copied().take_while(char::is_ascii_digit).collect();
        (digits.len() == 3).then_some(digits)
    }

    fn word(&mut self) -> Option<()> {
        let mut length = self.run(char::is_alphabetic);
        while matches!(self.peek(length), Some('\'' | '-')) {
            let more = self.chars[self.at + length + 1..].iter().take_while(|c| c.is_alphabetic()).count();
            if more == 0 {
                break;
            }
            length += 1 + more;
        }
        let follows =
            self.before().is_some_and(|c| !c.is_whitespace() && !matches!(c, '(' | ',' | ':' | '"' | '\''));
        let attached = self.peek(length).is_some_and(|c| {
            !c.is_whitespace() && !matches!(c, '.' | '?' | '!' | ',' | ';' | ':' | ')' | '(' | '"' | '\'')
        });
        if follows || attached {
            return None;
        }
        let raw: String = self.chars[self.at..self.at + length].iter().collect();
        self.push(Token::Word { lower: raw.to_lowercase(), raw }, length);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(prompt: &str, commas: Commas) -> String {
        let Some(tokens) = tokens(prompt, commas) else { return "-".to_owned() };
        let one = |placed: &Placed| match &placed.token {
            Token::Word { lower, .. } => lower.clone(),
            Token::Quoted(text) => format!("<{text}>"),
            Token::Number(number) => format!("#{number}"),
            Token::Ordinal(number) => format!("#{number}th"),
            Token::Date(date) => format!("@{date}"),
            Token::Mark(mark) => mark.to_string(),
        };
        tokens.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_mark_beside_a_number_is_never_dropped() {
        let cases = [
            ("Is 97 prime?!", "is #97 prime ."),
            ("Is 10,007 prime?", "is #10007 prime ."),
            ("gcd(12, 18)", "gcd ( #12 , #18 )"),
            ("Add 4.", "add #4 ."),
            ("-5 + 3", "- #5 + #3"),
            ("7!", "-"),
            ("7...", "-"),
            ("Add 7 !", "-"),
            ("Add 7. .", "-"),
            ("gcd of 1 ,2", "-"),
            ("3 + 4 = ?", "#3 + #4 = ."),
            (".5", "-"),
            ("4.5", "-"),
            ("4,5", "-"),
            ("1,0000", "-"),
            ("10000,000", "-"),
            ("007", "-"),
            ("7th", "#7th"),
            ("the 21st, 12th.", "the #21th , #12th ."),
            ("21th", "-"),
            ("11st", "-"),
            ("07th", "-"),
            ("-7th", "-"),
            ("7ths", "-"),
            ("2024-02-29?", "@2024-02-29 ."),
            ("2024-02-291", "-"),
            ("x2024-02-29", "-"),
            ("2024-02-29-01", "-"),
            ("-2024-02-29", "-"),
            ("2024-2-29", "#2024 - #2 - #29"),
            ("02/03/2024", "-"),
            ("$7", "-"),
            ("7%", "-"),
            ("7's", "-"),
            ("strawberry-4", "-"),
            ("99999999999999999999", "-"),
            ("how many \"r\"s", "how many <r> s"),
            ("the word 'it's'", "the word <it's>"),
            ("thirty-seven r's", "thirty-seven r's"),
        ];
        for (prompt, expected) in cases {
            assert_eq!(shown(prompt, Commas::Group), expected, "{prompt}");
        }
        assert_eq!(shown("gcd(12,180)", Commas::Separate), "gcd ( #12 , #180 )");
        assert_eq!(shown("gcd(12,180)", Commas::Group), "gcd ( #12180 )");
    }
}
