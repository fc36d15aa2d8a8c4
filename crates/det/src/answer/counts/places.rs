//! Places: `The r's are at positions 3, 8 and 9`, `the third letter`.

use super::super::fraction::Fraction;
use super::super::parts::Part;
use super::super::topic::Asked;
use super::super::working::{Working, is_final};

/// Words before the numbers of places.
const PLACES: [&str; 16] = [
    "position",
    "positions",
    "index",
    "indices",
    "indexes",
    "place",
    "places",
    "spot",
    "spots",
    "letter",
    "letters",
    "character",
    "characters",
    "at",
    "step",
    "positions:",
];

/// The meaning that the words before a number give it.
#[derive(Clone, Copy)]
struct Before {
    is_place: bool,
    /// True if the number is that of a step: `Step 1:`.
    is_step: bool,
    /// The letter whose places are told.
    letter: Option<char>,
}

impl Working<'_> {
    /// Marks the numbers of places as known. Returns false if one is no place of its letter.
    pub(super) fn places_in(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
        let mut before = Before { is_place: false, is_step: false, letter: self.topic.letter() };
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Letter(named) if self.topic.text.contains(*named) && !matches!(named, 'a' | 'i') => {
                    (before.letter, before.is_place) = (Some(*named), false);
                }
                Part::Unit => (before.letter, before.is_place) = (self.topic.letter(), false),
                Part::Word(word) if PLACES.contains(&&**word) => {
                    before.is_place = true;
                    before.is_step = word == "step";
                }
                Part::Number(..) | Part::Held(_) if before.is_place && !known[at] => {
                    match self.place(parts, at, before) {
                        Place::Known => known[at] = true,
                        Place::Open => {}
                        Place::Answer(is_answer) => return is_answer,
                    }
                }
                Part::Ordinal(number) if !self.ordinal(*number, parts, at, before.letter) => return false,
                Part::Ordinal(_) | Part::Mark(',' | '(' | ')' | ':' | '-') => {}
                part if matches!(part.word(), "and" | "number") => {}
                _ => before.is_place = false,
            }
        }
        true
    }

    /// Reads the number at a place of a line as that of a place of a letter, and keeps it if the letter is counted.
    fn place(&mut self, parts: &[Part], at: usize, before: Before) -> Place {
        let Some(number) = parts[at].whole() else { return Place::Answer(false) };
        if before.is_step {
            let ends = parts.get(at + 1).is_none_or(|next| matches!(next, Part::Mark(':' | '.' | '-' | ')')));
            return if ends { Place::Known } else { Place::Open };
        }
        let Some(letter) = before.letter else { return Place::Open };
        if !self.topic.has_at(letter, number) || parts.iter().any(is_final) {
            let is_answer = self.number.is_some_and(|answer| answer.whole() == Some(number));
            return Place::Answer(is_answer && parts[at - 1].word() != "position");
        }
        if Some(letter) == self.topic.letter() {
            self.places.push(number);
        }
        Place::Known
    }

    /// Returns true if an ordinal is the place of a letter, or counts what is counted.
    fn ordinal(&mut self, number: i128, parts: &[Part], at: usize, letter: Option<char>) -> bool {
        let answer = self.number.and_then(Fraction::whole).unwrap_or(0);
        let mut letters = parts.iter().filter_map(|part| match part {
            Part::Letter(letter) => Some(*letter),
            _ => None,
        });
        let is_at = letter.is_some_and(|letter| self.topic.has_at(letter, number))
            || letters.clone().any(|letter| self.topic.has_at(letter, number));
        let has_steps =
            matches!(self.topic.asked, Asked::Sign(_) | Asked::Divisor | Asked::Anything | Asked::Steps);
        // "The third letter" is a place, and "the third r" is not.
        let names_place =
            parts.iter().any(|part| matches!(part.word(), "position" | "positions" | "letters" | "places"));
        let next = parts.get(at + 1).map_or("", Part::word);
        let is_list = parts.get(at + 1) == Some(&Part::Mark(',')) || next == "and";
        let is_place =
            (PLACES.contains(&next) && next != "at") || (is_list && (number > answer || names_place));
        let is_counted = letter == self.topic.letter() && letters.all(|named| Some(named) == letter);
        if is_at && is_place && is_counted {
            self.places.push(number);
        }
        is_at || (has_steps && number <= 3) || number == 1 || (1..=answer).contains(&number)
    }
}

/// The kind of the number behind a word for places.
enum Place {
    /// A place that the text has, or the number of a step.
    Known,
    /// A number that something else has to explain.
    Open,
    /// No place. True if the number is the answer, which ends the reading of places.
    Answer(bool),
}
