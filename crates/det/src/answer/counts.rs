//! Counts: the numbers of a sentence, each of which is the answer, named by the question, or true of its text.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::fraction::Fraction;
use super::parts::Part;
use super::topic::Asked;
use super::working::{Working, is_final};

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
/// Words that deny. Beside a number they deny the number.
const DENYING: [&str; 14] = [
    "no", "not", "isn't", "doesn't", "none", "without", "aren't", "don't", "cannot", "can't", "neither",
    "nor", "below", "under",
];
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
const OPERANDS: [&str; 13] = [
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
/// Words that begin a clause.
const JOINTS: [&str; 8] = ["and", "so", "then", "because", "since", "therefore", "which", "thus"];

/// Returns true for a mark that ends a sentence.
fn ends(part: &Part) -> bool {
    matches!(part, Part::Mark('.' | '!' | '?' | ';'))
}

impl Working<'_> {
    /// Returns true if every number of a line is harmless, beside those that are known.
    pub(super) fn counts(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
        // A letter alone is one of the text, or a word.
        let is_letter = |letter: char| matches!(letter, 'a' | 'i') || self.topic.text.contains(letter);
        if parts.iter().any(|part| matches!(part, Part::Letter(letter) if !is_letter(*letter))) {
            return false;
        }
        let has = |words: &[&str]| parts.iter().any(|part| words.contains(&part.word()));
        // A tick or a cross chooses, and "every letter is r" counts.
        let chooses = parts.iter().any(|part| matches!(part, Part::Mark('\u{2713}' | '\u{2717}')));
        let calls_all = parts.windows(3).any(|three| {
            matches!(three[0].word(), "all" | "every" | "each")
                && matches!(three[1].word(), "letter" | "letters" | "character" | "characters")
                && matches!(three[2].word(), "is" | "are")
        });
        // "For the letter s:" asks for something else, and "3!" is a factorial.
        let is_number = parts.iter().any(|part| part.whole().is_some());
        let is_alien = parts.windows(2).any(|two| match two {
            [Part::Word(word), Part::Letter(letter)] => {
                word == "letter" && !is_number && Some(*letter) != self.topic.letter()
            }
            [Part::Number(..), Part::Mark('!')] => true,
            _ => false,
        });
        // A carry belongs to a sum of digits.
        let carries = parts.iter().any(|part| part.word().starts_with("carr"));
        if is_alien || carries && !known.contains(&true) && !has(&["write", "writing"]) {
            return false;
        }
        if chooses || calls_all {
            return false;
        }
        if !self.places_in(parts, known) || !self.spells_in(parts) {
            return false;
        }
        // Beside a word for the answer no other number stands, and what is last or only is no place among others.
        let is_order = |part: &Part| matches!(part, Part::Ordinal(_));
        let passes = parts.iter().any(|part| matches!(part, Part::Ordinal(number) if Some(*number) != self.number.and_then(Fraction::whole)));
        if parts.iter().any(is_order)
            && (has(&["only", "just", "both"]) || (passes && has(&["last", "final", "ends", "end"])))
        {
            return false;
        }
        let mut start = 0;
        for at in 0..=parts.len() {
            if at == parts.len() || ends(&parts[at]) {
                let asks = parts.get(at) == Some(&Part::Mark('?'));
                if !self.counts_in_sentence(&parts[start..at], &mut known[start..at], asks) {
                    return false;
                }
                start = at + 1;
            }
        }
        true
    }

    /// Marks the numbers of places as known. Returns false if one is no place of its letter.
    fn places_in(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
        let is_final = parts.iter().any(is_final);
        let names_place =
            parts.iter().any(|part| matches!(part.word(), "position" | "positions" | "letters" | "places"));
        let (mut is_place, mut letter, mut is_step) = (false, self.topic.letter(), false);
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Letter(named) if self.topic.text.contains(*named) && !matches!(named, 'a' | 'i') => {
                    (letter, is_place) = (Some(*named), false);
                }
                Part::Unit => (letter, is_place) = (self.topic.letter(), false),
                Part::Word(word) if PLACES.contains(&&**word) => {
                    is_place = true;
                    is_step = word == "step";
                }
                Part::Number(..) | Part::Held(_) if is_place && !known[at] => {
                    let Some(number) = part.whole() else { return false };
                    if is_step {
                        known[at] = at + 1 == parts.len()
                            || matches!(parts[at + 1], Part::Mark(':' | '.' | '-' | ')'));
                    } else if let Some(letter) = letter {
                        let is_answer = self.number.is_some_and(|answer| answer.whole() == Some(number));
                        if !self.topic.has_at(letter, number) || is_final {
                            return is_answer && parts[at - 1].word() != "position";
                        }
                        if Some(letter) == self.topic.letter() {
                            self.places.push(number);
                        }
                        known[at] = true;
                    }
                }
                Part::Ordinal(number) => {
                    let answer = self.number.and_then(Fraction::whole).unwrap_or(0);
                    let is_at = letter.is_some_and(|letter| self.topic.has_at(letter, *number))
                        || parts
                            .iter()
                            .any(|part| matches!(part, Part::Letter(c) if self.topic.has_at(*c, *number)));
                    let is_first = matches!(
                        self.topic.asked,
                        Asked::Sign(_) | Asked::Divisor | Asked::Anything | Asked::Steps
                    ) && *number <= 3;
                    // "The third letter" is a place, and "the third r" is not.
                    let next = parts.get(at + 1).map_or("", Part::word);
                    let is_list = matches!(parts.get(at + 1), Some(Part::Mark(','))) || matches!(next, "and");
                    let is_place = is_at
                        && ((PLACES.contains(&next) && next != "at")
                            || (is_list && (*number > answer || names_place)));
                    if is_place
                        && letter == self.topic.letter()
                        && !parts.iter().any(|part| matches!(part, Part::Letter(c) if Some(*c) != letter))
                    {
                        self.places.push(*number);
                    }
                    if !(is_at || is_first || *number == 1 || (1..=answer).contains(number)) {
                        return false;
                    }
                }
                Part::Mark(',' | '(' | ')' | ':' | '-') => {}
                part if matches!(part.word(), "and" | "number") => {}
                _ => is_place = false,
            }
        }
        true
    }

    /// Returns true if the letters that a line spells are a part of the text.
    fn spells_in(&mut self, parts: &[Part]) -> bool {
        let mut letters = String::new();
        for part in parts.iter().chain([&Part::Whole]) {
            match part {
                Part::Letter(letter) => letters.push(*letter),
                Part::Mark('-' | ',') => {}
                _ => {
                    let spelled = core::mem::take(&mut letters);
                    if spelled.chars().count() > 1 {
                        self.run = spelled;
                        if !self.ends_run() {
                            return false;
                        }
                    }
                }
            }
        }
        true
    }

    fn counts_in_sentence(&self, parts: &[Part], known: &mut [bool], asks: bool) -> bool {
        let answer = self.number.and_then(Fraction::whole);
        let open: Vec<i128> = (parts.iter().zip(known.iter()))
            .filter(|(_, known)| !**known)
            .filter_map(|(part, _)| part.whole())
            .filter(|number| Some(*number) != answer)
            .collect();
        let (mut named, mut asked) = (open.clone(), self.topic.numbers.clone());
        named.sort_unstable();
        asked.sort_unstable();
        let is_split = parts.iter().any(|part| matches!(part.word(), "break" | "breaking" | "split"))
            && open.len() > 2
            && open[1..].iter().try_fold(0_i128, |sum, part| sum.checked_add(*part)) == open.first().copied();
        let names_all = (named == asked && asked.len() > 1) || is_split;
        let denies = parts.iter().any(|part| DENYING.contains(&part.word()));
        let has_number = parts
            .iter()
            .zip(known.iter())
            .any(|(part, known)| !known && matches!(part, Part::Number(..) | Part::Held(_)));
        if denies && (has_number || !known.contains(&true) || self.topic.asked != Asked::Divisor) {
            return false;
        }
        // "Is it 3?" doubts what it names, but the question itself may be repeated.
        if asks && has_number && !names_all {
            return false;
        }
        let (mut start, mut carried): (usize, Option<&str>) = (0, None);
        for at in 0..=parts.len() {
            let is_list = |at: usize| matches!(parts.get(at), Some(Part::Number(..)));
            let is_end = match parts.get(at) {
                None => true,
                Some(Part::Mark(',' | ':' | '>' | '|' | '(' | ')')) => {
                    !(parts[at] == Part::Mark(',') && at > 0 && is_list(at - 1) && is_list(at + 1))
                }
                Some(part) => JOINTS.contains(&part.word()),
            };
            if !is_end {
                continue;
            }
            let clause = &parts[start.min(at)..at];
            for (place, part) in clause.iter().enumerate() {
                let is_beside =
                    place > 0 && matches!((&clause[place - 1], part), (Part::Number(..), Part::Number(..)));
                if is_beside && !known[start + place] {
                    return false;
                }
                if known[start + place] || !matches!(part, Part::Number(..) | Part::Held(_)) {
                    continue;
                }
                if matches!(part, Part::Number(number, _) if Some(*number) == self.number && number.whole().is_none())
                {
                    continue;
                }
                let Some(number) = part.whole() else { return false };
                if !(names_all && named.contains(&number)
                    || self.is_true(number, clause, place, parts, carried))
                {
                    return false;
                }
            }
            let piece = clause.iter().rev().find_map(|part| match part {
                Part::Piece(piece) => Some(Some(&**piece)),
                Part::Whole => Some(None),
                _ => None,
            });
            carried = match (piece, parts.get(at)) {
                (Some(piece), _) => piece,
                (None, Some(Part::Word(_))) => None,
                _ => carried,
            };
            start = at + 1;
        }
        true
    }

    /// Returns true if the number at `place` of a clause is the answer, or says what is true of something else.
    fn is_true(
        &self,
        number: i128,
        clause: &[Part],
        place: usize,
        sentence: &[Part],
        carried: Option<&str>,
    ) -> bool {
        let topic = self.topic;
        let is_held = matches!(clause[place], Part::Held(_));
        if self.number.is_none_or(|answer| answer.whole() != Some(number)) && sentence.iter().any(is_final) {
            return false;
        }
        let has = |words: &[&str]| clause.iter().any(|part| words.contains(&part.word()));
        let next = clause.get(place + 1).map_or("", Part::word);
        let before = place.checked_sub(1).map_or("", |before| clause[before].word());
        let pieces: Vec<&str> = (clause.iter())
            .filter_map(|part| match part {
                Part::Piece(piece) => Some(&**piece),
                _ => None,
            })
            .collect();
        let names_whole = clause.contains(&Part::Whole);
        let length =
            |text: &str| i128::try_from(text.chars().filter(|c| c.is_alphabetic()).count()).unwrap_or(0);
        if !topic.text.is_empty()
            && matches!(next, "letters" | "characters" | "letter" | "character" | "individual" | "words")
        {
            let words = i128::try_from(topic.words.len()).unwrap_or(0);
            return match pieces.as_slice() {
                [] if next == "words" => number == words,
                [] => {
                    number == length(carried.unwrap_or(&topic.text))
                        || (carried.is_none() && number == length(&topic.text))
                }
                pieces => pieces.iter().any(|piece| number == length(piece)),
            };
        }
        let is_answer = self.number.is_some_and(|answer| answer.whole() == Some(number));
        let is_beside_piece = carried.is_some() && clause.len() <= 2;
        if is_answer && pieces.is_empty() && !is_beside_piece {
            return true;
        }
        let counts = |piece: &str| topic.count(piece) == number;
        if !topic.counted.is_empty() && !names_whole {
            if !pieces.is_empty() {
                return pieces.iter().any(|piece| counts(piece));
            }
            if carried.is_some_and(counts) {
                return true;
            }
        }
        let is_other = |letter: char| {
            let count = topic.text.chars().filter(|c| *c == letter).count();
            count > 0 && Some(letter) != topic.letter() && i128::try_from(count) == Ok(number)
        };
        if !topic.counted.is_empty()
            && !clause.contains(&Part::Unit)
            && clause.iter().any(|part| matches!(part, Part::Letter(letter) if is_other(*letter)))
        {
            return true;
        }
        if is_held && number == 1 && has(&["at", "position", "index"]) {
            return true;
        }
        // The result of an inner call, beside what it counts.
        let is_counted = clause.iter().any(|part| {
            matches!(part, Part::Unit | Part::Whole)
                || matches!(part, Part::Letter(letter) if Some(*letter) == topic.letter())
        });
        if topic.asked == Asked::Steps
            && topic.inner.iter().any(|(_, result)| *result == number)
            && (is_counted || has(&["times", "occurrences", "appears"]))
            && !has(&WHOLES)
        {
            return true;
        }
        if topic.numbers.contains(&number) {
            let names_answer = sentence.windows(2).any(|two| {
                let is_answer = self
                    .number
                    .is_some_and(|answer| two[1].whole().is_some() && two[1].whole() == answer.whole());
                is_answer && matches!(two[0].word(), "to" | "from" | "and" | "with" | "by" | "add" | "of")
            });
            let is_sign = |signs: char, verb: &str| {
                topic.asked == Asked::Sign(signs)
                    || topic.asked == Asked::Steps
                    || !sentence.iter().any(|part| part.word().starts_with(verb))
            };
            let computes = is_sign('+', "add") && is_sign('-', "subtract") && is_sign('*', "multipl");
            return OPERANDS.contains(&before) && !has(&WHOLES) && !names_answer && computes;
        }
        let is_long = self.number.is_some_and(|answer| answer.whole().is_some_and(|answer| answer.abs() > 9));
        let is_sum = matches!(topic.asked, Asked::Sign(_) | Asked::Steps);
        let is_digit = |whole: &i128| whole.unsigned_abs().to_string().contains(&number.to_string());
        let answer = self.number.and_then(Fraction::whole);
        if is_sum
            && matches!(topic.asked, Asked::Sign('+' | '-'))
            && number != 1
            && sentence.iter().any(|part| part.word().starts_with("carr"))
            && sentence.iter().all(|part| !part.word().starts_with("writ"))
        {
            return false;
        }
        let is_known = number == 1 || topic.numbers.iter().chain(answer.as_ref()).any(is_digit);
        is_sum
            && is_long
            && is_known
            && (0..10).contains(&number)
            && sentence.iter().any(|part| DIGITS.contains(&part.word()))
    }
}
