//! One number of a clause, beside the words that say of what it is.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::super::fraction::Fraction;
use super::super::parts::Part;
use super::super::topic::Asked;
use super::super::working::{Working, is_final};
use super::has;

/// Words behind which a digit is written, carried, or named by its place.
const DIGITS: [&str; 17] = [
    "carry",
    "carrying",
    "carried",
    "write",
    "writing",
    "digit",
    "digits",
    "ones",
    "tens",
    "hundreds",
    "thousands",
    "unit",
    "units",
    "column",
    "columns",
    "borrow",
    "place",
];
/// Words before a number of the question.
const OPERANDS: [&str; 15] = [
    "divides",
    "divide",
    "of",
    "add",
    "adding",
    "subtract",
    "subtracting",
    "multiply",
    "multiplying",
    "number",
    "numbers",
    "added",
    "with",
    "by",
    "from",
];
/// Words that name a whole, beside which the result of a step is no step.
const WHOLES: [&str; 6] = ["answer", "result", "final", "total", "altogether", "conclude"];

/// A clause with the sentence in which it stands.
pub(super) struct Said<'a> {
    pub(super) clause: &'a [Part],
    pub(super) sentence: &'a [Part],
    /// The piece of the text that an earlier clause named last.
    pub(super) carried: Option<&'a str>,
}

impl<'a> Said<'a> {
    /// Returns the piece of the text that the clause names last, or `Some(None)` for the whole text.
    pub(super) fn piece(&self) -> Option<Option<&'a str>> {
        self.clause.iter().rev().find_map(|part| match part {
            Part::Piece(piece) => Some(Some(&**piece)),
            Part::Whole => Some(None),
            _ => None,
        })
    }

    fn pieces(&self) -> Vec<&'a str> {
        let piece = |part: &'a Part| match part {
            Part::Piece(piece) => Some(&**piece),
            _ => None,
        };
        self.clause.iter().filter_map(piece).collect()
    }

    fn has(&self, words: &[&str]) -> bool {
        has(self.clause, words)
    }
}

impl Working<'_> {
    /// Returns true if the number at `place` of a clause is the answer, or says what is true of something else.
    pub(super) fn is_true(&self, number: i128, place: usize, said: &Said<'_>) -> bool {
        if !self.is_answer(number) && said.sentence.iter().any(is_final) {
            // "It occurs 2 times, so the result is 2 + 5 = 7."
            return !said.clause.iter().any(is_final) && self.is_inner(number, said);
        }
        if let Some(is_true) = self.is_length(number, place, said) {
            return is_true;
        }
        let is_beside_piece = said.carried.is_some() && said.clause.len() <= 2;
        if self.is_answer(number) && said.pieces().is_empty() && !is_beside_piece {
            return true;
        }
        if let Some(is_true) = self.is_count_of_piece(number, said) {
            return is_true;
        }
        if self.is_count_of_other(number, said) || self.is_inner(number, said) {
            return true;
        }
        if matches!(said.clause[place], Part::Held(_))
            && number == 1
            && said.has(&["at", "position", "index"])
        {
            return true;
        }
        if self.topic.numbers.contains(&number) {
            return self.is_operand(place, said);
        }
        self.is_digit(number, said)
    }

    fn is_answer(&self, number: i128) -> bool {
        self.number.is_some_and(|answer| answer.whole() == Some(number))
    }

    /// Returns true or false for a number of letters or of words: `berry has 5 letters`.
    fn is_length(&self, number: i128, place: usize, said: &Said<'_>) -> Option<bool> {
        let topic = self.topic;
        let next = said.clause.get(place + 1).map_or("", Part::word);
        let counts_letters =
            matches!(next, "letters" | "characters" | "letter" | "character" | "individual" | "words");
        if topic.text.is_empty() || !counts_letters {
            return None;
        }
        let is_length =
            |text: &str| i128::try_from(text.chars().filter(|c| c.is_alphabetic()).count()) == Ok(number);
        Some(match said.pieces().as_slice() {
            [] if next == "words" => i128::try_from(topic.words.len()) == Ok(number),
            [] => is_length(said.carried.unwrap_or(&topic.text)),
            pieces => pieces.iter().any(|piece| is_length(piece)),
        })
    }

    /// Returns true or false for the count in a piece of the text, or None if the clause names none that decides.
    fn is_count_of_piece(&self, number: i128, said: &Said<'_>) -> Option<bool> {
        if self.topic.counted.is_empty() || said.clause.contains(&Part::Whole) {
            return None;
        }
        let counts = |piece: &str| self.topic.count(piece) == number;
        let pieces = said.pieces();
        if !pieces.is_empty() {
            return Some(pieces.iter().any(|piece| counts(piece)));
        }
        said.carried.is_some_and(counts).then_some(true)
    }

    /// Returns true if the number is the count of another letter that the clause names.
    fn is_count_of_other(&self, number: i128, said: &Said<'_>) -> bool {
        let topic = self.topic;
        let is_other = |letter: char| {
            let count = topic.text.chars().filter(|c| *c == letter).count();
            count > 0 && Some(letter) != topic.letter() && i128::try_from(count) == Ok(number)
        };
        !topic.counted.is_empty()
            && !said.clause.contains(&Part::Unit)
            && said.clause.iter().any(|part| matches!(part, Part::Letter(letter) if is_other(*letter)))
    }

    /// Returns true if the number is the result of an inner call, beside what that call counts.
    fn is_inner(&self, number: i128, said: &Said<'_>) -> bool {
        let topic = self.topic;
        let names_counted = said.clause.iter().any(|part| {
            matches!(part, Part::Unit | Part::Whole)
                || matches!(part, Part::Letter(letter) if Some(*letter) == topic.letter())
        });
        topic.asked == Asked::Steps
            && topic.inner.iter().any(|(_, result)| *result == number)
            && (names_counted || said.has(&["times", "occurrences", "appears"]))
            && !said.has(&WHOLES)
    }

    /// Returns true if a number of the question stands where a sentence names what is computed with.
    fn is_operand(&self, place: usize, said: &Said<'_>) -> bool {
        let names_answer = said.sentence.windows(2).any(|two| {
            two[1].whole().is_some_and(|number| self.is_answer(number))
                && matches!(two[0].word(), "to" | "from" | "and" | "with" | "by" | "add" | "of")
        });
        let is_sign = |sign: char, verb: &str| {
            matches!(self.topic.asked, Asked::Steps)
                || self.topic.asked == Asked::Sign(sign)
                || !said.sentence.iter().any(|part| part.word().starts_with(verb))
        };
        let computes = is_sign('+', "add") && is_sign('-', "subtract") && is_sign('*', "multipl");
        let before = place.checked_sub(1).map_or("", |before| said.clause[before].word());
        OPERANDS.contains(&before) && !said.has(&WHOLES) && !names_answer && computes
    }

    /// Returns true if the number is a digit that the working of a sum writes, carries, or names by its place.
    fn is_digit(&self, number: i128, said: &Said<'_>) -> bool {
        let asked = self.topic.asked;
        let answer = self.number.and_then(Fraction::whole);
        let starts = |start: &str| said.sentence.iter().any(|part| part.word().starts_with(start));
        if matches!(asked, Asked::Sign('+' | '-')) && number != 1 && starts("carr") && !starts("writ") {
            return false;
        }
        let has_digit = |whole: &i128| whole.unsigned_abs().to_string().contains(&number.to_string());
        matches!(asked, Asked::Sign(_) | Asked::Steps)
            && answer.is_some_and(|answer| answer.unsigned_abs() > 9)
            && (number == 1 || self.topic.numbers.iter().chain(answer.as_ref()).any(has_digit))
            && (0..10).contains(&number)
            && has(said.sentence, &DIGITS)
    }
}
