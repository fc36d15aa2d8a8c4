//! Spelling: the letters of the text one by one, with their places, a running count, or a yes or no.

use alloc::string::String;
use alloc::vec::Vec;

use super::parts::Part;
use super::topic::Asked;
use super::working::Working;

/// Words of a line that spells.
const WORDS: [&str; 23] = [
    "yes",
    "no",
    "not",
    "is",
    "isn't",
    "an",
    "a",
    "the",
    "match",
    "letter",
    "letters",
    "position",
    "index",
    "and",
    "at",
    "of",
    "in",
    "so-far",
    "spot",
    "place",
    "positions",
    "this",
    "target",
];
/// The most letters of a run, in bytes. A longer one is no part of a text.
const MAX_RUN: usize = 1024;
/// Words before the number of a place.
const PLACES: [&str; 6] = ["letter", "position", "index", "place", "spot", "positions"];

/// A letter of a line, with what is said of it.
#[derive(Default)]
struct Item {
    before: Vec<i128>,
    letter: Option<char>,
    behind: Vec<i128>,
    is_counted: Option<bool>,
    is_placed: bool,
}

impl Working<'_> {
    /// Returns true for a line of letters.
    pub(super) fn is_spelling(&self, parts: &[Part]) -> bool {
        let is_text = !self.topic.text.is_empty()
            && (self.topic.letter().is_some() || self.topic.asked == Asked::Letters);
        let fits = |part: &Part| match part {
            Part::Letter(_) | Part::Number(..) | Part::Ordinal(_) => true,
            Part::Mark(mark) => matches!(
                mark,
                ',' | '-' | ':' | '.' | '(' | ')' | '|' | '>' | ';' | '=' | '\u{2713}' | '\u{2717}'
            ),
            Part::Word(word) => WORDS.contains(&&**word),
            Part::Held(1) => true,
            Part::Piece(_) | Part::Whole | Part::Unit | Part::Held(_) => false,
        };
        let is_letter =
            |part: &Part| matches!(part, Part::Letter(letter) if self.topic.text.contains(*letter));
        is_text && parts.iter().any(is_letter) && parts.iter().all(fits)
    }

    /// Returns true if the letters of a line, their places and counts are those of the text.
    pub(super) fn spells(&mut self, parts: &[Part]) -> bool {
        let is_number_first = parts
            .iter()
            .find(|part| matches!(part, Part::Number(..) | Part::Ordinal(_) | Part::Letter(_)))
            .is_some_and(|part| !matches!(part, Part::Letter(_)));
        let (mut item, mut denied, mut separated, mut place) = (Item::default(), false, true, false);
        let mut equates = false;
        for part in parts {
            match part {
                Part::Letter('a' | 'i') if item.letter.is_none() && !self.topic.text.contains(['a', 'i']) => {
                }
                Part::Letter(letter) => {
                    // "s is not an r"
                    if item.letter.is_some() && (denied || equates && Some(*letter) == self.topic.letter()) {
                        if Some(*letter) != self.topic.letter() {
                            return false;
                        }
                        item.is_counted = Some(!denied);
                        (denied, equates) = (false, false);
                        continue;
                    }
                    if item.letter.is_some() && !self.accepts(core::mem::take(&mut item)) {
                        return false;
                    }
                    item.letter = Some(*letter);
                    (separated, equates) = (true, false);
                }
                Part::Number(..) | Part::Ordinal(_) | Part::Held(_) => {
                    let number = match part {
                        Part::Ordinal(number) => Some(*number),
                        part => part.whole(),
                    };
                    let Some(number) = number else { return false };
                    if item.letter.is_none() || (is_number_first && separated && !place) {
                        if item.letter.is_some() && !self.accepts(core::mem::take(&mut item)) {
                            return false;
                        }
                        item.before.push(number);
                    } else {
                        item.behind.push(number);
                    }
                    item.is_placed |= place;
                }
                Part::Mark('\u{2713}') => item.is_counted = Some(true),
                Part::Mark('\u{2717}') => item.is_counted = Some(false),
                Part::Mark(',' | ';' | '|' | '.') => (separated, equates) = (true, false),
                Part::Word(word) => match &**word {
                    "yes" | "match" => item.is_counted = Some(!denied),
                    "no" => item.is_counted = Some(false),
                    "not" | "isn't" => denied = true,
                    "is" => equates = true,
                    "at" => place = true,
                    word if PLACES.contains(&word) => place = true,
                    _ => {}
                },
                _ => {}
            }
        }
        !denied && (item.letter.is_none() && item.before.is_empty() || self.accepts(item))
    }

    /// Returns true if what a line says of a letter is so.
    fn accepts(&mut self, item: Item) -> bool {
        let Some(letter) = item.letter else { return false };
        let topic = self.topic;
        let is_counted = Some(letter) == topic.letter();
        if !topic.text.contains(letter) || item.is_counted.is_some_and(|said| said != is_counted) {
            return false;
        }
        if item.before.iter().any(|at| !topic.has_at(letter, *at)) {
            return false;
        }
        let is_bare = item.before.is_empty() && item.behind.is_empty() && item.is_counted.is_none();
        if is_bare || (!self.run.is_empty() && !item.is_placed) {
            // "s, t, r (1), a": the run goes on.
            self.run_on(letter);
        }
        if item.is_placed {
            if is_counted {
                self.places.extend(item.before.iter().chain(&item.behind));
            }
            return item.behind.iter().all(|at| topic.has_at(letter, *at));
        }
        if is_counted {
            self.placed = item.behind.last().copied().unwrap_or(self.placed);
            self.beside.extend(&item.before);
            self.beside.extend(&item.behind);
            return true;
        }
        // A place alone looks like a value, so it follows the place before it, or the letter occurs so often.
        let occurs = topic.letters().filter(|c| *c == letter).count();
        let running = i128::try_from(self.beside.len().max(occurs)).unwrap_or(0);
        item.behind.iter().all(|number| {
            let follows = topic.has_at(letter, *number) && *number == self.placed + 1;
            self.placed = if follows { *number } else { self.placed };
            follows
                || (0..=running).contains(number)
                || self.number.is_some_and(|answer| answer.whole() == Some(*number))
        })
    }

    /// Adds a letter that is spelled with nothing beside it.
    fn run_on(&mut self, letter: char) {
        if self.run.len() <= MAX_RUN {
            self.run.push(letter);
        }
    }

    /// Returns true if the letters that were spelled are a part of the text, or all that are counted.
    pub(super) fn ends_run(&mut self) -> bool {
        let run = core::mem::take(&mut self.run);
        let is_counted = run.chars().all(|letter| Some(letter) == self.topic.letter());
        let length = i128::try_from(run.chars().count()).unwrap_or(0);
        let letters: String = self.topic.letters().collect();
        let is_part = |run: &str| letters.contains(run);
        run.is_empty()
            || (is_counted && self.number.is_some_and(|answer| answer.whole() == Some(length)))
            || (!is_counted
                && (is_part(&run)
                    || run
                        .strip_prefix(&*letters)
                        .is_some_and(|rest| rest.is_empty() || run.len() == 2 * letters.len())))
    }

    /// Returns true if the places that are told of the letter that is counted are all of them, or none.
    pub(super) fn places_are_complete(&self) -> bool {
        let Some(letter) = self.topic.letter().filter(|_| !self.places.is_empty()) else { return true };
        let mut told = self.places.clone();
        told.sort_unstable();
        told.dedup();
        let all =
            |first: i128| (first..).zip(self.topic.letters()).filter(|(_, c)| *c == letter).map(|(at, _)| at);
        let in_text = |first: i128| {
            (first..).zip(self.topic.text.chars()).filter(|(_, c)| *c == letter).map(|(at, _)| at)
        };
        let is = |places: &mut dyn Iterator<Item = i128>| places.eq(told.iter().copied());
        is(&mut all(0)) || is(&mut all(1)) || is(&mut in_text(0)) || is(&mut in_text(1))
    }

    /// Returns true if the numbers beside the letter that is counted are all its places, or count to the answer.
    pub(super) fn beside_is_complete(&self) -> bool {
        let Some(letter) = self.topic.letter().filter(|_| !self.beside.is_empty()) else { return true };
        let places =
            |first: i128| (first..).zip(self.topic.letters()).filter(|(_, c)| *c == letter).map(|(at, _)| at);
        let in_text = |first: i128| {
            (first..).zip(self.topic.text.chars()).filter(|(_, c)| *c == letter).map(|(at, _)| at)
        };
        let all: Vec<i128> = places(0).collect();
        let Ok(count) = i128::try_from(all.len()) else { return false };
        let lists = [all, places(1).collect(), in_text(0).collect(), in_text(1).collect()];
        let repeats =
            |list: &Vec<i128>| !list.is_empty() && self.beside.chunks(list.len()).all(|chunk| chunk == list);
        let counted = self.beside.iter().all(|number| *number == count);
        counted || lists.iter().any(repeats) || self.counts_on(count) || self.places_and_counts(&lists, count)
    }

    /// Returns true if the numbers run from one, part by part, through all occurrences.
    fn counts_on(&self, count: i128) -> bool {
        let (mut before, mut length) = (0, 0);
        for number in &self.beside {
            if *number != before + 1 && *number != 1 {
                return false;
            }
            (before, length) = (*number, length + 1);
        }
        count > 0 && length % count == 0
    }

    /// Returns true if places and a running count take turns: `3. r (1)`.
    fn places_and_counts(&self, lists: &[Vec<i128>], count: i128) -> bool {
        let counts = self.beside.iter().skip(1).step_by(2);
        let places: Vec<i128> = self.beside.iter().step_by(2).copied().collect();
        counts.copied().eq(1..=count) && lists.contains(&places)
    }
}
