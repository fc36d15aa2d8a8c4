//! Claims that a number divides another, and what they say of the answer.

use alloc::vec::Vec;

use super::super::parts::Part;
use super::super::working::Working;
use super::FORWARD;
use super::clause::{Clause, REMAINDERS};

/// Words without which a divisor says nothing of a number.
const EXCLUDING: [&str; 4] = ["only", "exactly", "itself", "just"];
/// Words before a bound.
const BOUNDS: [&str; 6] = ["to", "than", "below", "under", "through", "until"];

/// A claim about divisors: which of its numbers are divided, and by which.
struct Division {
    /// The numbers that are divided. Empty for the number of the question.
    subjects: Vec<i128>,
    divisors: Vec<i128>,
    /// The count of divisors that the clause states: `97 has 2 factors`.
    count: Option<i128>,
    /// True if the clause says of a number itself that it divides, and of nothing what is divided: `97 factors`.
    is_reversed: bool,
}

impl Division {
    /// Reads the numbers around the `verb` of a clause.
    fn new(clause: &Clause<'_>, verb: usize) -> Self {
        let is_forward = FORWARD.contains(&clause.word(verb)) || clause.parts[verb] == Part::Mark('/');
        let of = |fits: &dyn Fn(usize) -> bool| -> Vec<i128> {
            clause.numbers.iter().filter(|(at, _)| fits(*at)).map(|(_, number)| *number).collect()
        };
        let before = of(&|at| at < verb && !is_bound(clause, at));
        let behind = of(&|at| at >= verb && !is_bound(clause, at));
        let is_of = clause.word(verb + 1) == "of";
        let is_noun = matches!(clause.word(verb), "factor" | "factors" | "divisor" | "divisors");
        // "The divisors of 12 are 1, 2": the number stands behind "of", and its divisors behind that.
        let is_list = !is_forward && before.is_empty() && is_of;
        let is_behind_noun = is_noun && before.is_empty() && !is_of;
        let having = clause.parts.iter().position(|part| matches!(part.word(), "has" | "have"));
        let is_count = |at: usize| is_noun && at < verb && having.is_some_and(|having| at > having);
        let count = clause.numbers.iter().find(|(at, _)| is_count(*at)).map(|(_, number)| *number);
        let is_having = !is_forward && having.is_some();
        let (subjects, divisors) = if is_list {
            let mut places = verb..clause.parts.len();
            let split = places.find(|at| matches!(clause.word(*at), "are" | "is" | "include"));
            let split = split.unwrap_or(clause.parts.len());
            (of(&|at| at > verb && at < split), of(&|at| at > split))
        } else if is_behind_noun {
            (Vec::new(), behind)
        } else if is_having {
            (before.into_iter().filter(|number| Some(*number) != count).collect(), behind)
        } else if is_forward {
            (before, behind)
        } else {
            (behind, before)
        };
        let is_plain = !(is_forward || is_list || is_having || is_behind_noun);
        let is_reversed = is_plain && subjects.is_empty() && !clause.has(&["it"]);
        Self { subjects, divisors, count, is_reversed }
    }
}

/// Returns true if the number at a place is a bound: `up to 10`, `less than 10`.
fn is_bound(clause: &Clause<'_>, at: usize) -> bool {
    at > 0 && BOUNDS.contains(&clause.word(at - 1)) || at > 1 && BOUNDS.contains(&clause.word(at - 2))
}

impl Working<'_> {
    /// Returns true or false if it is known that all `divisors` divide all `numbers`, or those of the question, or that none
    /// does.
    pub(super) fn truth(&self, numbers: &[i128], divisors: &[i128]) -> Option<bool> {
        let numbers = if numbers.is_empty() { &self.topic.numbers } else { numbers };
        let divides = |divisor: &i128| numbers.iter().all(|number| *divisor != 0 && number % divisor == 0);
        let count = divisors.iter().filter(|divisor| divides(divisor)).count();
        match count {
            _ if divisors.is_empty() || numbers.is_empty() => None,
            0 => Some(false),
            all if all == divisors.len() => Some(true),
            _ => None,
        }
    }

    /// Returns true if a clause about divisors is true, or leads to the answer.
    pub(super) fn divides(&mut self, clause: &Clause<'_>, verb: usize) -> bool {
        let has_rest = clause.has(&REMAINDERS);
        if has_rest && clause.numbers.iter().any(|(_, number)| *number == 0) {
            return false;
        }
        let denies = clause.denies() != has_rest;
        let division = Division::new(clause, verb);
        let own = |number: &i128| self.topic.numbers.contains(number);
        // "97 divides evenly", "97 factors": a number of the question divides nothing.
        if division.is_reversed && division.divisors.iter().any(own) {
            return false;
        }
        let truth = self.truth(&division.subjects, &division.divisors);
        if clause.asks() && (clause.is_question() || truth.is_some()) {
            self.open = truth;
            // "Divisible by 2: no"
            if clause.is_question() || clause.numbers.len() == division.divisors.len() && !denies {
                return true;
            }
        }
        clause.frame.defines || self.fits(clause, &division, truth, denies)
    }

    /// Returns true if a claim about divisors, which is true or not by `truth`, is true or says what the answer says.
    fn fits(&self, clause: &Clause<'_>, division: &Division, truth: Option<bool>, denies: bool) -> bool {
        let own = |number: &i128| self.topic.numbers.contains(number);
        let asserts = ["is", "are", "has", "have", "show", "shows", "there", "find", "it's"];
        let inquires = clause.frame.inquires && (clause.has(&["whether"]) || !clause.has(&asserts));
        if division.divisors.iter().any(|divisor| *divisor != 1 && !own(divisor)) {
            return truth.is_some_and(|truth| truth != denies) || (inquires && !denies);
        }
        if division.subjects.iter().any(|number| !own(number)) {
            return false;
        }
        // Nothing is named, or what divides each number: the clause says that the number is prime, or composite.
        let has_bound = clause.numbers.iter().any(|(at, _)| is_bound(clause, *at));
        let says_prime = match division.count {
            Some(count) => (count == 2) != (denies || has_bound),
            None if clause.has(&["but-itself"]) => denies,
            None if clause.has(&EXCLUDING) => !denies,
            None => denies,
        };
        let is_excepted = !division.divisors.is_empty() && !denies && division.count.is_none();
        inquires || is_excepted || Some(says_prime) == self.yes
    }
}
