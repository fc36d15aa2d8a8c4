//! Equations that go on from the answer to another value: `3 + 1 = 4` beside `Answer: 3`.

use super::clauses::{Clauses, MAX_PARTS};
use super::conclusions::DRAWING;
use super::parts::Part;
use super::tokens::Token;
use super::topic::Asked;
use crate::Form;

impl Clauses<'_> {
    /// Returns true if a line is one sum whose result no way to `answer` has.
    ///
    /// A count is never more than the whole, except for the letters or words of the text itself. Who computes with
    /// the numbers of the question may check the result with one of them, and with nothing else.
    pub(super) fn goes_beyond(&self, parts: &[Part<'_>], answer: &str) -> bool {
        if self.form == Form::YesNo || parts.len() > MAX_PARTS {
            return false;
        }
        let Some(answer) = answer.parse::<i128>().ok() else { return false };
        let Some((terms, result, adds)) = sum(parts) else { return false };
        let topic = self.topic;
        match topic.asked {
            Asked::Times | Asked::Letters => {
                let letters = |token: &Token<'_>| token.word().chars().filter(|c| c.is_alphabetic()).count();
                let length: usize = topic.text.iter().map(letters).sum();
                let sizes = [length, topic.text.len(), length + topic.text.len().saturating_sub(1)];
                let is_size = sizes.iter().any(|size| i128::try_from(*size) == Ok(result));
                adds && result > answer && (!is_size || topic.asked == Asked::Letters)
            }
            Asked::Sign(_) => {
                let is_asked = |number: &i128| topic.asks_about(&alloc::format!("{number}"));
                result != answer
                    && terms.contains(&answer)
                    && !is_asked(&result)
                    && !terms.iter().any(|term| *term != answer && is_asked(term))
            }
            Asked::Anything | Asked::Prime | Asked::Divisor | Asked::Steps => false,
        }
    }
}

/// Returns the terms of a sum, its result, and true if it only adds: `3 + 1 = 4`, `3 and 1 make 4.` Returns None for
/// anything else, and for anything beside the sum but a word that draws a conclusion.
fn sum(parts: &[Part<'_>]) -> Option<(alloc::vec::Vec<i128>, i128, bool)> {
    let is_lead = |part: &Part<'_>| match part {
        Part::Word(word) => DRAWING.contains(word) || matches!(*word, "then" | "and" | "finally"),
        Part::Mark(mark) => matches!(mark, ',' | ':' | '-' | '>'),
        Part::About | Part::Unit | Part::Number { .. } => false,
    };
    let start = parts.iter().position(|part| !is_lead(part))?;
    let (mut terms, mut adds, mut is_result) = (alloc::vec::Vec::new(), true, false);
    let mut parts = parts[start..].iter();
    loop {
        let Part::Number { value, .. } = parts.next()? else { return None };
        let number = value.parse::<i128>().ok()?;
        if is_result {
            let is_end = parts.all(|part| matches!(part, Part::Mark('.' | '!' | ';')));
            return (is_end && terms.len() > 1).then_some((terms, number, adds));
        }
        terms.push(number);
        match parts.next()? {
            Part::Mark('+') | Part::Word("plus" | "and") => {}
            Part::Mark('-') | Part::Word("minus") => adds = false,
            Part::Mark('=')
            | Part::Word(
                "is" | "are" | "equals" | "equal" | "makes" | "make" | "gives" | "give" | "yields",
            ) => {
                is_result = true;
            }
            _ => return None,
        }
    }
}
