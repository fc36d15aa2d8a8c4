//! Equations and inequalities: `17 + 25 = 42`, `17 + 25 = 42 = 43`, `17 + 25 ≠ 42`.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::clauses::{Clauses, MAX_PARTS, Stated};
use super::parts::Part;
use super::relation::Relation;
use super::topic::Asked;
use crate::Form;

/// A side of an equation.
struct Side {
    /// The value of numbers and signs alone. None if the side has anything else, or is empty.
    value: Option<i128>,
    /// True if the value is written as a single number.
    is_lone: bool,
    /// True if the side is what the question asks for.
    is_asked: bool,
}

/// Words for what is asked, beside the numbers of an equation, for a sum, a difference, a product and a divisor.
const ASKED: [(Asked, &[&str]); 4] = [
    (Asked::Sign('+'), &["sum", "total", "adding"]),
    (Asked::Sign('-'), &["difference"]),
    (Asked::Sign('*'), &["product", "multiplying"]),
    (Asked::Divisor, &["gcd", "greatest", "highest"]),
];
/// Other words of the side of an equation that names what is asked.
const BESIDE: [&str; 11] =
    ["the", "of", "and", "plus", "minus", "times", "by", "common", "divisor", "factor", "result"];

impl Clauses<'_> {
    /// Returns the value that an equation gives to what the question asks for: `17 + 25 = 42`, `The gcd of 84 and 36
    /// is 12`. None if the clause is anything else, or has another word.
    pub(super) fn equation<'p>(&self, parts: &'p [Part<'_>]) -> Option<&'p str> {
        let (Part::Number { value, held: false }, rest) = parts.split_last()? else { return None };
        let asked = match rest {
            [left @ .., Part::Word("is" | "are"), Part::Word("equal"), Part::Word("to")] => left,
            [left @ .., Part::Mark('=')]
            | [left @ .., Part::Word("is" | "are" | "equals" | "gives" | "makes" | "yields")] => left,
            _ => return None,
        };
        let (_, words) = ASKED.iter().find(|(asked, _)| *asked == self.topic.asked)?;
        let is_known = |part: &Part<'_>| match part {
            Part::Word(word) => BESIDE.contains(word) || words.contains(word),
            Part::Mark(mark) => matches!(mark, '+' | '-' | '*' | '\u{d7}' | '\u{b7}' | ',' | '(' | ')'),
            Part::Number { held, .. } => !held,
            Part::About | Part::Unit => false,
        };
        let names = asked.iter().any(|part| matches!(part, Part::Word(word) if words.contains(word)));
        let mut numbers: Vec<&str> = (asked.iter())
            .filter_map(|part| match part {
                Part::Number { value, .. } => Some(&**value),
                _ => None,
            })
            .collect();
        let mut wanted: Vec<&str> = self.topic.numbers.iter().map(|number| &**number).collect();
        numbers.sort_unstable();
        wanted.sort_unstable();
        let is_asked = numbers == wanted && asked.iter().all(is_known) && (self.computes(asked)? || names);
        is_asked.then_some(value)
    }

    /// Returns true if the equations of a clause give what the question asks for another value than `answer`.
    ///
    /// A side that is a number alone counts, and so does the last side. The others may be steps that somebody wrote in
    /// one line: `17 + 20 = 37 + 5 = 42`.
    pub(super) fn equates(&self, parts: &[Part<'_>], answer: &str) -> bool {
        let is_equal = |part: &Part<'_>| matches!(part, Part::Mark('=') | Part::Word("equals"));
        let Some(answer) = answer.parse::<i128>().ok().filter(|_| self.form != Form::YesNo) else {
            return false;
        };
        if parts.len() > MAX_PARTS || !parts.iter().any(is_equal) {
            return false;
        }
        let sides: Vec<Side> = parts.split(is_equal).map(|side| self.side(side)).collect();
        let last = sides.len() - 1;
        let counts = |(at, side): (usize, &Side)| side.value.filter(|_| side.is_lone || at == last);
        let values: Vec<i128> = sides.iter().enumerate().filter_map(counts).collect();
        // "r = 1" may count on; the reader of clauses knows that form.
        let is_asked =
            sides.iter().any(|side| side.is_asked) && (last > 1 || sides.iter().all(|side| !side.is_lone));
        let has_answer = sides.iter().any(|side| side.value == Some(answer));
        (is_asked || has_answer) && values.iter().any(|value| *value != answer)
    }

    /// Returns what an inequality of a clause says of the answer: `17 + 25 ≠ 42`, `the sum > 42`.
    pub(super) fn unequal(&self, parts: &[Part<'_>]) -> Option<Stated<'static>> {
        let relation = |part: &Part<'_>| match part {
            Part::Mark('\u{2260}') => Some(Relation::IsNot),
            Part::Mark('>') => Some(Relation::Above),
            Part::Mark('<') => Some(Relation::Below),
            Part::Mark('\u{2265}') => Some(Relation::AtLeast),
            Part::Mark('\u{2264}') => Some(Relation::AtMost),
            _ => None,
        };
        let (at, relation) = parts.iter().enumerate().find_map(|(at, part)| Some((at, relation(part)?)))?;
        if parts.len() > MAX_PARTS || self.form == Form::YesNo {
            return None;
        }
        let (left, right) = (&parts[..at], &parts[at + 1..]);
        // "> 42" is a quotation.
        let is_open = left.is_empty() && relation == Relation::IsNot;
        let stated = |value: &Side, asked: &Side, relation: Relation| {
            let value = value.value.filter(|_| value.is_lone && (asked.is_asked || is_open))?;
            Some(Stated { value: Cow::Owned(value.to_string()), is_label: false, relation })
        };
        let (left, right) = (self.side(left), self.side(right));
        stated(&right, &left, relation).or_else(|| stated(&left, &right, relation.reversed()))
    }

    /// Returns the value of a clause that only computes, where the question counts: `Two plus two.`
    pub(super) fn computed(&self, parts: &[Part<'_>]) -> Option<Stated<'static>> {
        if !matches!(self.topic.asked, Asked::Times | Asked::Letters)
            || !(3..=MAX_PARTS).contains(&parts.len())
        {
            return None;
        }
        let value = Cow::Owned(value(parts)?.to_string());
        Some(Stated { value, is_label: false, relation: Relation::Is })
    }

    fn side(&self, parts: &[Part<'_>]) -> Side {
        let number = |part: &Part<'_>| matches!(part, Part::Number { .. });
        let says = |part: &Part<'_>| match part {
            Part::Word(word) => self.words.states(word),
            Part::About | Part::Unit => true,
            Part::Number { .. } | Part::Mark(_) => false,
        };
        let has = |number: &str| {
            parts.iter().any(|part| matches!(part, Part::Number { value, .. } if value == number))
        };
        let mut numbers = self.topic.numbers.iter();
        let names_all = numbers.len() > 0
            && parts.iter().filter(|part| number(part)).count() == numbers.len()
            && numbers.all(|number| has(number));
        let is_sign = matches!(self.topic.asked, Asked::Sign(_)) && self.computes(parts) == Some(true);
        let is_divisor = self.topic.asked == Asked::Divisor
            && parts.iter().all(|part| number(part) || says(part) || matches!(part, Part::Mark(',' | ')')))
            && parts.iter().any(says);
        Side {
            value: value(parts),
            is_lone: matches!(parts, [Part::Number { .. }]),
            is_asked: (names_all && (is_sign || is_divisor)) || (!parts.is_empty() && parts.iter().all(says)),
        }
    }
}

/// Returns the value of numbers with `+`, `-` and `*` between them.
pub(super) fn value(parts: &[Part<'_>]) -> Option<i128> {
    let (mut total, mut term, mut sign) = (0_i128, None::<i128>, Some(1_i128));
    for part in parts {
        match (part, term, sign) {
            (Part::Number { value, .. }, None, Some(sign)) => {
                term = Some(value.parse::<i128>().ok()?.checked_mul(sign)?);
            }
            (Part::Number { value, .. }, Some(left), Some(_)) => {
                term = Some(left.checked_mul(value.parse::<i128>().ok()?)?);
            }
            (Part::Mark('+') | Part::Word("plus"), Some(left), None) => {
                (total, term, sign) = (total.checked_add(left)?, None, Some(1));
                continue;
            }
            (Part::Mark('-') | Part::Word("minus"), Some(left), None) => {
                (total, term, sign) = (total.checked_add(left)?, None, Some(-1));
                continue;
            }
            (Part::Mark('*' | '\u{d7}' | '\u{b7}') | Part::Word("times"), Some(_), None) => {
                sign = Some(1);
                continue;
            }
            _ => return None,
        }
        sign = None;
    }
    if sign.is_some() { None } else { total.checked_add(term?) }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Part, value};

    #[test]
    fn numbers_and_signs_have_a_value() {
        let table = [
            ("42", Some(42)),
            ("17 + 25", Some(42)),
            ("2 * 3 + 4 * 5 - 1", Some(25)),
            ("1 - 2 - 3", Some(-4)),
            ("-3 + 1", Some(-2)),
            ("+ 1", None),
            ("1 +", None),
            ("1 2", None),
            ("1 * * 2", None),
            ("", None),
        ];
        for (text, expected) in table {
            let part = |word: &'static str| match word.parse::<i64>() {
                Ok(_) => Part::Number { value: word.into(), held: false },
                Err(_) => Part::Mark(word.chars().next().expect("a mark")),
            };
            let parts: Vec<Part<'_>> = text.split_whitespace().map(part).collect();
            assert_eq!(value(&parts), expected, "{text}");
        }
    }
}
