//! Values that a tick chooses or a cross strikes out: `☑ yes ☐ no`, `3 ✗ 5 ✓`.

use super::statements::Line;
use super::tokens::Token;
use crate::Form;

/// Ticks, and boxes with a tick, a cross or a dot in them.
const TICKS: &str = "☑☒✓✔✅🗸🗹🗷●◉⦿🔘";
/// Boxes without a tick, and crosses.
const EMPTY: &str = "☐□○◯⬜✗✘✖❌❎";
/// Crosses.
const CROSSES: &str = "✗✘✖❌❎";

/// Returns true for a cross.
pub(super) fn is_cross(token: &Token<'_>) -> bool {
    matches!(token, Token::Mark(mark) if !mark.is_ascii() && CROSSES.contains(*mark))
}

impl Line<'_, '_> {
    /// Returns true if a tick of the line chooses another value than `answer`, or a cross strikes `answer` out.
    ///
    /// A mark belongs to the value behind it if the line begins with a mark, and else to the value before it.
    pub(super) fn marks(&self, answer: &str) -> bool {
        // A long reply has many marks, nearly all of ASCII.
        let is_mark = |mark: &char| !mark.is_ascii() && (TICKS.contains(*mark) || EMPTY.contains(*mark));
        let mut marks = (0..self.tokens.len())
            .filter(|at| matches!(&self.tokens[*at], Token::Mark(mark) if is_mark(mark)))
            .peekable();
        let leads = marks
            .peek()
            .is_some_and(|first| self.tokens[..*first].iter().all(|token| matches!(token, Token::Mark(_))));
        let differs = marks.any(|at| {
            let place = if leads { Some(at + 1) } else { at.checked_sub(1) };
            let Some(value) = place.and_then(|place| self.value(place)) else { return false };
            let Some(place) = place else { return false };
            // A tick beside a step, such as `✓ 2 is no divisor`, chooses nothing.
            let is_alone = !leads || matches!(self.tokens.get(place + 1), None | Some(Token::Mark(_)));
            let is_begun = leads || place == 0 || matches!(self.tokens[place - 1], Token::Mark(_));
            is_alone && is_begun && is_cross(&self.tokens[at]) == (value == answer) && !self.is_empty_box(at)
        });
        differs
            || self.thumb().is_some_and(|value| value != answer)
            || self.chosen().is_some_and(|value| value != answer)
    }

    /// Returns the yes or no for which a line stands that is a tick or a cross alone.
    fn thumb(&self) -> Option<&'static str> {
        const UP: &str = "✓✔✅🗸🗹☑👍";
        const DOWN: &str = "✗✘✖❌❎👎";
        let [Token::Mark(mark)] = self.tokens.as_slice() else { return None };
        match mark {
            mark if self.form != Form::YesNo || mark.is_ascii() => None,
            mark if UP.contains(*mark) => Some("yes"),
            mark if DOWN.contains(*mark) => Some("no"),
            _ => None,
        }
    }

    /// Returns true for a box without a mark in it.
    fn is_empty_box(&self, at: usize) -> bool {
        matches!(&self.tokens[at], Token::Mark(mark) if EMPTY.contains(*mark)) && !is_cross(&self.tokens[at])
    }

    /// Returns the yes or no behind an x, as in `[x] no [ ] yes`.
    fn chosen(&self) -> Option<&'static str> {
        if self.form != Form::YesNo {
            return None;
        }
        let place = self.tokens.iter().position(|token| token.word() == "x")?;
        let value = self.value(place + 1)?;
        Some(if value == "yes" { "yes" } else { "no" })
    }
}
