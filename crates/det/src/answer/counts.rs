//! Counts: the numbers of a sentence, each of which is the answer, named by the question, or true of its text.

mod number;
mod places;

use alloc::string::String;
use alloc::vec::Vec;

use super::fraction::Fraction;
use super::parts::Part;
use super::topic::Asked;
use super::working::Working;
use number::Said;

/// Words that deny. Beside a number they deny the number.
const DENYING: [&str; 14] = [
    "no", "not", "isn't", "doesn't", "none", "without", "aren't", "don't", "cannot", "can't", "neither",
    "nor", "below", "under",
];
/// Words that begin a clause.
const JOINTS: [&str; 8] = ["and", "so", "then", "because", "since", "therefore", "which", "thus"];

/// Returns true for a mark that ends a sentence.
fn ends(part: &Part) -> bool {
    matches!(part, Part::Mark('.' | '!' | '?' | ';'))
}

/// Returns true if `parts` have one of `words`.
fn has(parts: &[Part], words: &[&str]) -> bool {
    parts.iter().any(|part| words.contains(&part.word()))
}

impl Working<'_> {
    /// Returns true if every number of a line is harmless, beside those that are known.
    pub(super) fn counts(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
        if self.is_alien(parts) || chooses(parts) || has_gaps(parts) {
            return false;
        }
        // A carry belongs to a sum of digits.
        let carries = parts.iter().any(|part| part.word().starts_with("carr"));
        if carries && !known.contains(&true) && !has(parts, &["write", "writing"]) {
            return false;
        }
        if !self.places_in(parts, known) || !self.spells_in(parts) || self.is_misplaced(parts) {
            return false;
        }
        let mut start = 0;
        for at in 0..=parts.len() {
            if at == parts.len() || ends(&parts[at]) {
                let asks = parts.get(at) == Some(&Part::Mark('?'));
                if !self.counts_in_sentence(&parts[start..at], &known[start..at], asks) {
                    return false;
                }
                start = at + 1;
            }
        }
        true
    }

    /// Returns true if a line names a letter that the text lacks, asks for another letter, or has a factorial.
    fn is_alien(&self, parts: &[Part]) -> bool {
        // A letter alone is one of the text, or a word.
        let is_known = |letter: char| {
            matches!(letter, 'a' | 'i')
                || self.topic.text.contains(letter)
                || Some(letter) == self.topic.letter()
        };
        let is_number = parts.iter().any(|part| part.whole().is_some());
        parts.iter().any(|part| matches!(part, Part::Letter(letter) if !is_known(*letter)))
            || parts.windows(2).any(|two| match two {
                // "For the letter s:" asks for something else.
                [Part::Word(word), Part::Letter(letter)] => {
                    word == "letter" && !is_number && Some(*letter) != self.topic.letter()
                }
                [Part::Number(..), Part::Mark('!')] => true,
                _ => false,
            })
    }

    /// Returns true if a line has an ordinal beside a word for the answer: what is last or only is no place among others.
    fn is_misplaced(&self, parts: &[Part]) -> bool {
        let answer = self.number.and_then(Fraction::whole);
        let mut ordinals = parts.iter().filter_map(|part| match part {
            Part::Ordinal(number) => Some(*number),
            _ => None,
        });
        let has_ordinal = ordinals.clone().next().is_some();
        let passes = ordinals.any(|number| Some(number) != answer);
        has_ordinal && has(parts, &["only", "just", "both"])
            || passes && has(parts, &["last", "final", "ends", "end"])
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

    fn counts_in_sentence(&self, parts: &[Part], known: &[bool], asks: bool) -> bool {
        let named = self.operands(parts, known);
        let has_number = parts.iter().zip(known).any(|(part, known)| !known && is_number(part));
        let denies = has(parts, &DENYING);
        let is_rest = known.contains(&true) && self.topic.asked == Asked::Divisor;
        if denies && (has_number || !(is_rest || self.says_absent(parts, asks))) {
            return false;
        }
        // "Is it 3?" doubts what it names, but the question itself may be repeated.
        if asks && has_number && named.is_empty() {
            return false;
        }
        let (mut start, mut carried): (usize, Option<&str>) = (0, None);
        for at in 0..=parts.len() {
            if !ends_clause(parts, at) {
                continue;
            }
            let clause = &parts[start.min(at)..at];
            let said = Said { clause, sentence: parts, carried };
            if !self.counts_in_clause(&said, &known[start.min(at)..at], &named) {
                return false;
            }
            carried = match (said.piece(), parts.get(at)) {
                (Some(piece), _) => piece,
                (None, Some(Part::Word(_))) => None,
                _ => carried,
            };
            start = at + 1;
        }
        true
    }

    /// Returns true if a sentence says that what is counted does not occur, and the answer is 0.
    fn says_absent(&self, parts: &[Part], asks: bool) -> bool {
        const OCCURRING: [&str; 5] = ["occur", "appear", "contain", "include", "have"];
        let is_allowed = |part: &Part| match part {
            Part::Letter(letter) => *letter == 'a' || Some(*letter) == self.topic.letter(),
            Part::Whole | Part::Unit => true,
            Part::Word(word) => {
                OCCURRING.contains(&&**word)
                    || matches!(
                        &**word,
                        "the"
                            | "letter"
                            | "word"
                            | "phrase"
                            | "text"
                            | "in"
                            | "it"
                            | "any"
                            | "does"
                            | "do"
                            | "at"
                            | "all"
                            | "not"
                            | "doesn't"
                            | "don't"
                            | "so"
                    )
            }
            _ => false,
        };
        let denials = parts.iter().filter(|part| DENYING.contains(&part.word())).count();
        self.topic.asked == Asked::Times
            && self.number.and_then(Fraction::whole) == Some(0)
            && !asks
            && denials == 1
            && has(parts, &OCCURRING)
            && parts.iter().all(is_allowed)
    }

    /// Returns the numbers of a sentence that repeats those of the question, or splits one of them into a sum.
    ///
    /// Returns none for every other sentence.
    fn operands(&self, parts: &[Part], known: &[bool]) -> Vec<i128> {
        let answer = self.number.and_then(Fraction::whole);
        let open: Vec<i128> = (parts.iter().zip(known))
            .filter(|(_, known)| !**known)
            .filter_map(|(part, _)| part.whole())
            .filter(|number| Some(*number) != answer)
            .collect();
        let is_split = has(parts, &["break", "breaking", "split"])
            && open.len() > 2
            && open[1..].iter().try_fold(0_i128, |sum, part| sum.checked_add(*part)) == open.first().copied();
        let (mut named, mut asked) = (open, self.topic.numbers.clone());
        named.sort_unstable();
        asked.sort_unstable();
        if (named == asked && asked.len() > 1) || is_split { named } else { Vec::new() }
    }

    fn counts_in_clause(&self, said: &Said<'_>, known: &[bool], named: &[i128]) -> bool {
        let clause = said.clause;
        (0..clause.len()).filter(|place| !known[*place] && is_number(&clause[*place])).all(|place| {
            let part = &clause[place];
            if place > 0 && matches!((&clause[place - 1], part), (Part::Number(..), Part::Number(..))) {
                return false;
            }
            match part.whole() {
                None => matches!(part, Part::Number(number, _) if Some(*number) == self.number),
                Some(number) => named.contains(&number) || self.is_true(number, place, said),
            }
        })
    }
}

fn is_number(part: &Part) -> bool {
    matches!(part, Part::Number(..) | Part::Held(_))
}

/// Returns true if a line spells with full stops for letters: `E...E..E` has other places than the text.
fn has_gaps(parts: &[Part]) -> bool {
    parts.windows(3).any(|three| match three {
        [Part::Letter(_), Part::Mark('.'), Part::Letter(next)] => !matches!(next, 'a' | 'i'),
        [Part::Letter(_), Part::Mark('.'), next] => *next == Part::Mark('.'),
        _ => false,
    })
}

/// Returns true if a line chooses with a tick or a cross, or says what every letter is.
fn chooses(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Mark('\u{2713}' | '\u{2717}')))
        || parts.windows(3).any(|three| {
            matches!(three[0].word(), "all" | "every" | "each")
                && matches!(three[1].word(), "letter" | "letters" | "character" | "characters")
                && matches!(three[2].word(), "is" | "are")
        })
}

/// Returns true if a clause ends before the part at a place: not at the comma of a list of numbers.
fn ends_clause(parts: &[Part], at: usize) -> bool {
    let is_list = |at: usize| matches!(parts.get(at), Some(Part::Number(..)));
    match parts.get(at) {
        None => true,
        Some(Part::Mark(',')) => !(at > 0 && is_list(at - 1) && is_list(at + 1)),
        Some(Part::Mark(':' | '>' | '|' | '(' | ')')) => true,
        Some(part) => JOINTS.contains(&part.word()),
    }
}
