//! Working: the lines of a reply around its answer, each of which must be known to be harmless.
//!
//! Nothing is looked for that contradicts the answer, because a list of such statements is never complete. Instead each
//! line must be made of known parts: words that state nothing by themselves, the answer, what the question names, and
//! numbers and claims that are computed again and are true. A line with anything else may state another answer, and a
//! reply with such a line states none.
//!
//! | part | example |
//! |---|---|
//! | words of the vocabulary | `Let me count the letters one by one.` |
//! | the answer | `So there are 3 r's.` |
//! | an equation that is true and leads to the answer | `1 + 2 = 3` |
//! | letters in the order of the text, with their places or a running count | `s, t, r (1), a, w` |
//! | a place or a count that the text has | `The r's are at positions 3, 8 and 9.`, `berry has 2` |
//! | a claim about divisors or primes that is true | `97 is not divisible by 7.` |

use alloc::string::String;
use alloc::vec::Vec;

use abi::Decimal;

use super::Answer;
use super::equation::{Equation, equation};
use super::fraction::Fraction;
use super::parts::{Part, parts};
use super::tokens::{Token, tokens};
use super::topic::{Asked, Topic};
use super::vocabulary::Vocabulary;

/// The most words, numbers and marks of a line.
const MAX_PARTS: usize = 400;
/// The most numbers of earlier equations that are kept.
const MAX_SEEN: usize = 64;

/// The reader of the lines around an answer, with what it keeps from one line to the next.
pub(super) struct Working<'a> {
    pub(super) topic: &'a Topic,
    vocabulary: &'a Vocabulary,
    /// The number that the reply answers.
    pub(super) number: Option<Fraction>,
    /// The yes or no that the reply answers.
    pub(super) yes: Option<bool>,
    /// The number of the last item of a list.
    item: i128,
    /// The numbers that stand beside the letter that is counted, in order.
    pub(super) beside: Vec<i128>,
    /// The result of the last equation.
    last: Option<Fraction>,
    seen: Vec<i128>,
    /// True or false for what was asked before, as far as it is computed.
    pub(super) open: Option<bool>,
    /// The place of the last letter that is spelled with its place.
    pub(super) placed: i128,
    /// The places that are told of the letter that is counted.
    pub(super) places: Vec<i128>,
    /// The letters that are spelled without anything beside them, since the last that did not go on in the text.
    pub(super) run: String,
}

impl<'a> Working<'a> {
    pub(super) fn new(topic: &'a Topic, vocabulary: &'a Vocabulary, answer: &Answer) -> Self {
        let (number, yes) = match answer {
            Answer::Integer(int) => (Fraction::new(i128::from(*int), 1), None),
            Answer::YesNo(yes) => (None, Some(*yes)),
            // The lines beside a word or a list are refused before.
            Answer::Word(_) | Answer::Integers(_) => (None, None),
            Answer::Number(number) => (decimal(&alloc::format!("{number}")), None),
            Answer::Decimal(number) => (exact(number), None),
        };
        Self {
            topic,
            vocabulary,
            number,
            yes,
            item: 0,
            beside: Vec::new(),
            last: None,
            seen: Vec::new(),
            open: None,
            placed: 0,
            places: Vec::new(),
            run: String::new(),
        }
    }

    /// Returns true if all `lines` are harmless working of the answer.
    pub(super) fn has(mut self, lines: &[&str]) -> bool {
        lines.iter().all(|line| self.knows(line)) && self.ends_run() && self.ends_well()
    }

    fn ends_well(&self) -> bool {
        let ends = self.last.is_none_or(|last| Some(last) == self.number);
        ends && self.beside_is_complete() && self.places_are_complete()
    }

    fn knows(&mut self, line: &str) -> bool {
        let Some(parts) = parts(line, self.topic, self.vocabulary) else { return false };
        // Each number is read with its line, so a long line would take quadratic time.
        if parts.len() > MAX_PARTS {
            return false;
        }
        let start = parts.iter().position(|part| !matches!(part, Part::Mark('-' | '+' | '|' | ':')));
        // A rule, or the line below the head of a table.
        let Some(start) = start else {
            return line.contains(char::is_alphabetic)
                || parts.contains(&Part::Mark('-')) && (parts.len() > 1 || self.yes.is_none());
        };
        let is_said =
            |part: &Part| !matches!(part, Part::Mark(mark) if !matches!(mark, '\u{2713}' | '\u{2717}'));
        if !parts.is_empty() && !parts.iter().any(is_said) {
            return false;
        }
        let parts = self.without_item(&parts[start..]);
        if self.is_spelling(parts) {
            return self.spells(parts);
        }
        // "Letter by letter: s, t, r"
        if let Some(mark) = parts.iter().position(|part| *part == Part::Mark(':')) {
            let (before, rest) = (&parts[..mark], &parts[mark + 1..]);
            let is_said =
                !before.iter().any(|part| part.whole().is_some() || matches!(part, Part::Letter(_)));
            let is_value = before.iter().any(is_final) && rest.iter().any(|part| part.whole().is_some());
            if is_said && self.is_spelling(rest) {
                if is_value {
                    return false;
                }
                return self.counts(before, &mut alloc::vec![false; mark]) && self.spells(rest);
            }
        }
        let mut known = alloc::vec![false; parts.len()];
        if !self.ends_run() {
            return false;
        }
        self.computes(parts, &mut known) && self.explains(parts, &mut known)
    }

    /// Returns a line without the number of its item, if the items of the reply are numbered in order.
    fn without_item<'p>(&mut self, parts: &'p [Part]) -> &'p [Part] {
        let [Part::Number(number, 0), Part::Mark('.' | ')'), rest @ ..] = parts else { return parts };
        let Some(number) = number.whole() else { return parts };
        let is_next = number == 1 || number == self.item + 1;
        if is_next && rest.iter().any(|part| !matches!(part, Part::Mark(_))) {
            self.item = number;
            return rest;
        }
        parts
    }

    /// Marks the parts of equations as known. Returns false if one may state another answer.
    fn computes(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
        let mut at = 0;
        while at < parts.len() {
            match equation(&parts[at..]) {
                Some(found) => {
                    let asks = parts[at..].contains(&Part::Mark('?'));
                    if !self.leads_on(&found, asks) {
                        return false;
                    }
                    known[at..at + found.length].fill(true);
                    at += found.length;
                }
                None => at += 1,
            }
        }
        // A sign that computes with something else than numbers may change the answer.
        parts.iter().zip(known.iter()).all(|(part, known)| {
            let is_prime = self.topic.asked == Asked::Prime;
            *known
                || match part {
                    Part::Mark('/' | '\u{221a}' | '\u{2248}' | 'R') => is_prime,
                    Part::Mark('+' | '*' | '%' | '^' | '\u{2212}') => false,
                    _ => true,
                }
        })
    }

    /// Returns true if an equation is a step to the answer.
    fn leads_on(&mut self, found: &Equation, asks: bool) -> bool {
        if self.yes.is_some() {
            // A division that is only named may be said to leave nothing.
            return if found.signs == 0 { asks } else { found.is_true };
        }
        let Some(answer) = self.number else { return false };
        let is_answer = found.last == answer;
        if found.signs == 0 {
            let is_operand = found.last.whole().is_some_and(|last| self.topic.numbers.contains(&last));
            let is_factored = is_operand && found.multiplies && !found.adds;
            let has_answer = answer.whole().is_some_and(|answer| found.numbers.contains(&answer));
            return is_answer || (is_factored && !has_answer && self.topic.asked == Asked::Divisor);
        }
        if !found.is_true || (found.is_open && !is_answer && Some(found.last) != self.last) {
            return false;
        }
        let uses = |number: &i128| found.numbers.contains(number);
        let asked = &self.topic.numbers;
        if self.topic.asked == Asked::Divisor {
            let is_step = asked.iter().chain(&self.seen).any(uses)
                || found.last.whole().is_some_and(|last| asked.contains(&last));
            let room = MAX_SEEN.saturating_sub(self.seen.len());
            let last = found.last.whole();
            self.seen.extend(found.numbers.iter().chain(&last).chain(&found.last_numbers).take(room));
            return is_answer || (is_step && (!found.adds || found.multiplies));
        }
        let uses_answer = answer.whole().is_some_and(|answer| uses(&answer));
        if uses_answer && !is_answer {
            // "42 - 25 = 17" checks the result.
            return found.last.whole().is_some_and(|last| asked.contains(&last))
                && found
                    .numbers
                    .iter()
                    .all(|number| Some(*number) == answer.whole() || asked.contains(number));
        }
        let is_count = matches!(self.topic.asked, Asked::Times | Asked::Letters);
        let is_above = found.last.computed('-', answer).and_then(Fraction::whole).is_none_or(|more| more > 0);
        // The sum of the digits of a column.
        let is_column = matches!(self.topic.asked, Asked::Sign(_) | Asked::Steps)
            && found.adds
            && answer.whole().is_some_and(|answer| answer.abs() > 9)
            && found.numbers.iter().all(|number| (0..10).contains(number))
            && found.last.whole().is_some_and(|last| last < 20);
        if !is_column {
            self.last = Some(found.last);
        }
        !(is_count && is_above)
    }

    /// Returns true if what stands beside the equations of a line is harmless.
    fn explains(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
        if self.yes.is_some() {
            return self.claims(parts, known);
        }
        // "8 and 9 are coprime" says that the answer is 1.
        let says_coprime = parts.iter().any(|part| part.word() == "coprime");
        if says_coprime && self.number.and_then(Fraction::whole) != Some(1) {
            return false;
        }
        if self.topic.asked == Asked::Divisor && !self.lists(parts, known) {
            return false;
        }
        self.counts(parts, known)
    }
}

/// Returns true for a word for the answer, beside which no other number stands.
pub(super) fn is_final(part: &Part) -> bool {
    matches!(
        part.word(),
        "answer" | "result" | "final" | "finally" | "conclude" | "conclusion" | "solution" | "summary"
    )
}

/// Returns the number that a text writes in digits.
fn decimal(text: &str) -> Option<Fraction> {
    match tokens(text, "")?.as_slice() {
        [Token::Number(number, _)] => Some(*number),
        [Token::Mark(_), Token::Number(number, _)] => Fraction::new(0, 1)?.computed('-', *number),
        _ => None,
    }
}

/// Returns a decimal as a fraction, unless its terms are too large.
fn exact(number: &Decimal) -> Option<Fraction> {
    let digits = i128::try_from(number.digits().len()).ok()?;
    let over: i128 = number.digits().parse().ok()?;
    let places = digits - 1 - i128::from(number.magnitude());
    let power = 10_i128.checked_pow(u32::try_from(places.unsigned_abs()).ok()?)?;
    let number_of = if number.is_negative() { over.checked_neg()? } else { over };
    if places < 0 { Fraction::new(number_of.checked_mul(power)?, 1) } else { Fraction::new(number_of, power) }
}
