//! Structural extraction of an answer from a reply.
//!
//! An answer is read from a place that the form fixes, never found by looking for it:
//!
//! 1. every line of the form `Answer: X` (any case; also `The answer is X`, with or without a colon, and `Final answer: X`) states
//!    an answer. If there are any, all must state the same, and the last line that is not blank must be
//!    one of them;
//! 2. if there are none, the whole reply must be `X`.
//!
//! Around `X` the marks `*`, `` ` `` and `$` and one final full stop are dropped. `X` is an integer
//! (an optional `-` and up to 18 ASCII digits; leading zeros and `-0` mean what they say), a number as JSON
//! writes one, or `yes` or
//! `no`, in any case. Anything else is no answer.

use abi::{Float, Value};

use crate::Form;

/// What a reply states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// An integer.
    Integer(i64),
    /// Yes (`true`) or no.
    YesNo(bool),
    /// A number that is not an integer, or too large for one; finite.
    Number(f64),
}

impl Answer {
    /// The answer as the value that a primitive returns for the same question.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Integer(int) => Value::Int(int),
            Self::YesNo(yes) => Value::Bool(yes),
            Self::Number(number) => Float::new(number).map_or(Value::Null, Value::Float),
        }
    }
}

const LABELS: [&str; 4] = ["final answer:", "answer:", "the answer is:", "the answer is"];

/// The answer of the given form that `reply` states, if it states exactly one.
#[must_use]
pub fn extract(reply: &str, form: Form) -> Option<Answer> {
    let mut stated = None;
    let mut last_is_stated = false;
    for line in reply.lines().filter(|line| !line.trim().is_empty()) {
        let labelled = after_label(line);
        last_is_stated = labelled.is_some();
        let Some(rest) = labelled else { continue };
        let answer = parse(rest, form)?;
        if stated.is_some_and(|earlier| earlier != answer) {
            return None;
        }
        stated = Some(answer);
    }
    match stated {
        Some(answer) if last_is_stated => Some(answer),
        Some(_) => None,
        None => parse(reply, form),
    }
}

fn after_label(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches(is_mark);
    LABELS.iter().find_map(|label| {
        let head = line.get(..label.len())?;
        head.eq_ignore_ascii_case(label).then(|| &line[label.len()..])
    })
}

fn parse(text: &str, form: Form) -> Option<Answer> {
    let text = text.trim().trim_matches(is_mark).trim();
    let text = text.strip_suffix('.').unwrap_or(text).trim_matches(is_mark).trim();
    match form {
        Form::Integer => integer(text).map(Answer::Integer),
        Form::YesNo if text.eq_ignore_ascii_case("yes") => Some(Answer::YesNo(true)),
        Form::YesNo if text.eq_ignore_ascii_case("no") => Some(Answer::YesNo(false)),
        Form::Number => integer(text).map(Answer::Integer).or_else(|| number(text)),
        Form::YesNo | Form::Text | Form::Value | Form::Free | Form::Json | Form::Xml => None,
    }
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// A decimal number as JSON writes one.
fn number(text: &str) -> Option<Answer> {
    match crate::parse_json(text) {
        Ok(Value::Int(int)) => Some(Answer::Integer(int)),
        Ok(Value::Float(float)) => Some(Answer::Number(float.get())),
        _ => None,
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | '`' | '$')
}
