//! One clause of a sentence, and the simple claims that it may make.

use alloc::vec::Vec;

use super::super::parts::Part;
use super::super::working::Working;
use super::{BACKWARD, DENYING, FORWARD, Frame};

/// Words of a clause that repeats what was asked or said: `It is.`, `It is not.`
const SHORT: [&str; 13] =
    ["it", "it's", "is", "does", "has", "can", "not", "isn't", "doesn't", "cannot", "can't", "this", "that"];
/// The verbs among them.
const SHORT_VERBS: [&str; 8] = ["is", "does", "can", "isn't", "doesn't", "it's", "cannot", "can't"];
/// Words of a division that leaves nothing.
const EVENLY: [&str; 7] = ["whole", "integer", "integers", "evenly", "cleanly", "remainder", "remainders"];
/// Words for what a division leaves.
pub(super) const REMAINDERS: [&str; 2] = ["remainder", "remainders"];
/// Words that compare, or say that a number is not meant exactly.
const COMPARING: [&str; 12] = [
    "less",
    "than",
    "greater",
    "below",
    "under",
    "other",
    "about",
    "approximately",
    "roughly",
    "nothing",
    "larger",
    "smaller",
];

/// A clause, with what the sentence around it says of it.
pub(super) struct Clause<'a> {
    pub(super) parts: &'a [Part],
    known: &'a [bool],
    /// The numbers that are not known, each with its place.
    pub(super) numbers: Vec<(usize, i128)>,
    pub(super) frame: Frame,
    /// The count of words that deny.
    denials: usize,
    /// The mark or the word that ends the clause.
    end: Option<&'a Part>,
}

impl<'a> Clause<'a> {
    pub(super) fn new(parts: &'a [Part], known: &'a [bool], frame: Frame, end: Option<&'a Part>) -> Self {
        let numbers = (parts.iter().enumerate())
            .filter(|(at, _)| !known[*at])
            .filter_map(|(at, part)| Some((at, part.whole()?)))
            .collect();
        let denials = parts.iter().filter(|part| DENYING.contains(&part.word())).count();
        Self { parts, known, numbers, frame, denials, end }
    }

    pub(super) fn has(&self, words: &[&str]) -> bool {
        self.parts.iter().any(|part| words.contains(&part.word()))
    }

    /// Returns the word at a place, or nothing.
    pub(super) fn word(&self, at: usize) -> &str {
        self.parts.get(at).map_or("", Part::word)
    }

    pub(super) fn denies(&self) -> bool {
        self.denials == 1
    }

    pub(super) fn is_question(&self) -> bool {
        self.end == Some(&Part::Mark('?'))
    }

    /// Returns true if what follows the clause may say whether it is so: `Divisible by 2: no`.
    pub(super) fn asks(&self) -> bool {
        matches!(self.end, Some(Part::Mark('?' | ':' | '>' | '|' | '-' | '(')))
    }

    fn has_tick(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Mark('\u{2713}' | '\u{2717}')))
    }

    /// Returns what a clause says that is a yes, a no, a tick or a cross and nothing else.
    fn said(&self) -> Option<bool> {
        match self.parts {
            [Part::Word(word)] if word == "yes" => Some(true),
            [Part::Word(word)] if word == "no" => Some(false),
            [Part::Mark('\u{2713}')] => Some(true),
            [Part::Mark('\u{2717}')] => Some(false),
            _ => None,
        }
    }

    /// Returns the one divisor of the clause and what a word or a mark behind it says: `7 no`, `by 7 yes`, `7` and a cross.
    fn marked(&self) -> Option<(i128, bool)> {
        let [(_, divisor)] = *self.numbers.as_slice() else { return None };
        match self.parts {
            [_, Part::Mark(mark @ ('\u{2713}' | '\u{2717}'))] => Some((divisor, *mark == '\u{2713}')),
            [number @ .., Part::Word(word)] => {
                let is_said = matches!((number, &**word), ([_] | [_, _], "yes" | "no"));
                is_said.then_some((divisor, word == "yes"))
            }
            _ => None,
        }
    }

    fn is_short(&self) -> bool {
        let is_short = |part: &Part| SHORT.contains(&part.word());
        self.parts.iter().all(is_short) && self.has(&SHORT_VERBS)
    }

    fn has_rest_mark(&self) -> bool {
        self.parts.iter().zip(self.known).any(|(part, known)| *part == Part::Mark('R') && !known)
    }

    fn has_zero(&self) -> bool {
        self.numbers.iter().any(|(_, number)| *number == 0)
    }

    /// Returns the place of the word or sign that relates a number to a divisor.
    fn verb(&self) -> Option<usize> {
        (self.parts.iter().zip(self.known)).position(|(part, known)| {
            FORWARD.contains(&part.word())
                || BACKWARD.contains(&part.word())
                || (!known && *part == Part::Mark('/'))
        })
    }

    /// Returns the divisor of a clause that asks by it alone: `By 7:`, `7?`
    fn lone_divisor(&self) -> Option<i128> {
        let [(_, divisor)] = *self.numbers.as_slice() else { return None };
        let is_lone = matches!(self.parts, [Part::Number(..)] | [Part::Word(_), Part::Number(..)]);
        (is_lone && self.asks()).then_some(divisor)
    }
}

impl Working<'_> {
    /// Returns true if a clause is harmless.
    pub(super) fn clause(&mut self, clause: &Clause<'_>) -> bool {
        if let Some(said) = clause.said() {
            return said == self.expected();
        }
        // "No it isn't", "neither yes nor no"
        if clause.denials > 1 || clause.has(&["yes"]) {
            return false;
        }
        if let Some((divisor, said)) = clause.marked() {
            return self.truth(&[], &[divisor]) == Some(said);
        }
        if matches!((clause.parts, clause.numbers.as_slice()), ([_], [(_, 0 | 1)])) && !clause.asks() {
            return false;
        }
        if clause.is_short() {
            return clause.denies() != self.expected();
        }
        if clause.has_rest_mark() {
            return clause.has_zero() == clause.denies();
        }
        if let Some(verb) = clause.verb() {
            return self.divides(clause, verb);
        }
        if let Some(divisor) = clause.lone_divisor() {
            self.open = self.truth(&[], &[divisor]);
            return true;
        }
        if clause.has(&["prime", "composite", "primality"]) {
            return self.calls(clause);
        }
        if clause.has(&["even", "odd"]) {
            return self.is_parity(clause);
        }
        if clause.has(&["end", "ends", "ending", "last"]) && !clause.numbers.is_empty() {
            return self.is_ending(clause);
        }
        if clause.has(&EVENLY) {
            return self.leaves(clause);
        }
        self.asserts_nothing(clause)
    }

    /// Returns the yes or no that a short reply to what was asked before has to be, and forgets what was asked.
    fn expected(&mut self) -> bool {
        self.open.take().unwrap_or(self.yes == Some(true))
    }

    /// Returns true if a clause calls the right number even or odd, or asks for it.
    fn is_parity(&mut self, clause: &Clause<'_>) -> bool {
        let number = clause.numbers.first().map(|(_, number)| *number);
        let number = number.or(self.topic.numbers.first().copied());
        let is_odd = number.is_some_and(|number| number % 2 != 0);
        let is_true = is_odd == clause.has(&["odd"]);
        if clause.asks() {
            self.open = Some(is_true);
            return true;
        }
        clause.frame.defines || is_true != clause.denies()
    }

    /// Returns true if a clause names last digits that the number of the question has, or denies others.
    fn is_ending(&self, clause: &Clause<'_>) -> bool {
        let asked = &self.topic.numbers;
        let mut digits = clause.numbers.iter().filter(|(_, number)| !asked.contains(number));
        let ends = |(_, digit): &(usize, i128)| asked.iter().any(|number| number.abs() % 10 == *digit);
        digits.any(ends) != clause.denies()
    }

    /// Returns true if what a clause says of a rest, or of a division without one, fits the answer.
    fn leaves(&self, clause: &Clause<'_>) -> bool {
        let (denies, frame) = (clause.denies(), clause.frame);
        let has_rest = clause.has(&REMAINDERS);
        let has_zero = has_rest && clause.has_zero();
        let claims = (has_rest == denies || has_zero) && !(denies && has_zero);
        frame.defines || frame.inquires || !claims || self.yes == Some(false) && !denies
    }

    /// Returns true if a clause says nothing of the number of the question: not `97 is a square`, `97 is made of 7 and 13`.
    fn asserts_nothing(&self, clause: &Clause<'_>) -> bool {
        let is_own = clause.numbers.iter().any(|(_, number)| self.topic.numbers.contains(number))
            || clause.has(&["it", "this", "that", "number"]);
        let asserts = is_own
            && clause.has(&["is", "are", "has", "have", "it's", "that's", "can", "be", "divided"])
            || (!clause.numbers.is_empty() && clause.has(&["does", "do"]));
        let frame = clause.frame;
        !clause.denies()
            && !clause.has_tick()
            && (!asserts || frame.defines || frame.inquires || clause.known.contains(&true))
    }

    /// Returns true if what a clause calls a number is what the answer says.
    fn calls(&mut self, clause: &Clause<'_>) -> bool {
        let (prime, composite) = (clause.has(&["prime"]), clause.has(&["composite"]));
        let (denies, frame) = (clause.denies(), clause.frame);
        let says = prime != denies;
        if clause.is_question() {
            self.open = (prime != composite).then(|| self.yes == Some(says));
            return true;
        }
        if frame.defines || (frame.inquires && !clause.has(&["is", "it's"]) && !denies) {
            return true;
        }
        if clause.has_tick() {
            return false;
        }
        let is_other = |number: i128| !self.topic.numbers.contains(&number) && number != 1;
        let names_other = clause.numbers.iter().any(|(_, number)| is_other(*number));
        let fits = prime != composite && Some(says) == self.yes;
        frame.inquires && clause.has(&["whether"]) || !clause.has(&COMPARING) && !names_other && fits
    }
}
