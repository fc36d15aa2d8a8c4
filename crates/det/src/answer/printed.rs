//! Lines of code that give out a value, and counts that are glued to their letter: `print(4)`, `return 4`, `4r`.

use alloc::borrow::Cow;
use alloc::string::ToString;

use super::equations;
use super::statements::{Line, plain};
use super::tokens::Token;
use super::topic::Asked;
use super::value::is_mark;
use crate::Form;

/// Calls and commands that give out a value.
const PRINTING: [&str; 16] = [
    "print",
    "println",
    "printf",
    "printn",
    "eprintln",
    "puts",
    "echo",
    "alert",
    "cout",
    "writeline",
    "writeln",
    "putstrln",
    "sprintf",
    "return",
    "yield",
    "dbg",
];
/// Others, which give one out only with a bracket behind them, because they are words of English too.
const CALLED: [&str; 14] = [
    "log", "write", "show", "display", "exit", "output", "say", "format", "emit", "put", "respond", "reply",
    "answer", "send",
];
/// Commands that begin a line.
const QUERIES: [&str; 3] = ["select", "exit", "values"];
/// The most tokens of a line of code that gives out a value. A longer one computes.
const MOST_TOKENS: usize = 32;
/// Words behind a value that end what is given out.
const ENDING: [&str; 3] = ["std", "endl", "end"];

impl Line<'_, '_> {
    /// Returns the value of a line of code that gives it out. `text` is the line as it is written.
    pub(super) fn printed(&self, text: &str) -> Option<Cow<'_, str>> {
        if self.tokens.len() > MOST_TOKENS {
            return None;
        }
        let callee = self.tokens.iter().position(|token| is_printing(token.word(), text))?;
        let is_query = callee == 0 && QUERIES.contains(&self.tokens[0].word());
        // What stands before is the name of an object: `System.out.println`.
        let is_name = |token: &Token<'_>| {
            matches!(token, Token::Word(_) | Token::Mark('.' | ':' | '>' | '%' | '@' | ';'))
        };
        let is_joined = callee == 0 || matches!(self.tokens[callee - 1], Token::Mark(_));
        if !self.tokens[..callee].iter().all(is_name) || !(is_joined || is_query) {
            return None;
        }
        let is_mark = |token: &Token<'_>| matches!(token, Token::Mark(mark) if !matches!(mark, '+' | '-'));
        let start = callee + 1 + self.tokens[callee + 1..].iter().position(|token| !is_mark(token))?;
        let is_end = |token: &Token<'_>| is_mark(token) || ENDING.contains(&token.word());
        if let Some(value) = self.value(start)
            && self.tokens[start + 1..].iter().all(is_end)
        {
            return Some(value);
        }
        let end = self.tokens.iter().rposition(|token| !is_end(token))?;
        let parts = self.reader.parts(self.tokens.get(start..=end)?);
        (self.form != Form::YesNo && parts.len() <= super::clauses::MAX_PARTS)
            .then(|| equations::value(&parts))?
            .map(|value| value.to_string().into())
    }

    /// Returns the count of a line that is nothing else than a number and the letter that is counted, without a space.
    pub(super) fn glued<'l>(&self, text: &'l str) -> Option<Cow<'l, str>> {
        let topic = self.reader.topic;
        let [Token::Word(letter)] = topic.counted.as_slice() else { return None };
        let text = text
            .trim()
            .trim_matches(|c: char| is_mark(c) || matches!(c, '.' | '!' | '-' | '"' | '\''))
            .trim();
        if topic.asked != Asked::Times || text.len() > 32 || !text.is_ascii() || letter.len() != 1 {
            return None;
        }
        let is_letter = |rest: &str| rest.eq_ignore_ascii_case(letter);
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (front, back) = (digits(text), text.bytes().rev().take_while(u8::is_ascii_digit).count());
        let (before, after) = (text.get(..text.len() - back)?, text.get(front..)?);
        let number = match (front, back) {
            (1.., 0) if is_letter(after) => &text[..front],
            (0, 1..) if is_letter(before) => &text[text.len() - back..],
            _ => return None,
        };
        Some(plain(number))
    }
}

/// Returns true if a word gives out what follows it in a line of code.
fn is_printing(word: &str, text: &str) -> bool {
    PRINTING.contains(&word) || (CALLED.contains(&word) && text.contains('(')) || QUERIES.contains(&word)
}

/// Returns true for an indented line that returns what programs return on the way: a truth value, a zero or a one.
pub(super) fn is_return(text: &str) -> bool {
    let code = text.trim_start();
    let returned =
        code.strip_prefix("return ").unwrap_or_default().trim_end().trim_end_matches(';').trim_end();
    code.len() < text.len() && matches!(returned, "0" | "1" | "-1" | "True" | "False" | "true" | "false")
}
