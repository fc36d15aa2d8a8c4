//! Divisors that a line lists: `Common factors: 1, 2, 3, 6`.

use alloc::vec::Vec;

use super::super::fraction::Fraction;
use super::super::parts::Part;
use super::super::topic::Asked;
use super::super::working::Working;
use super::{BACKWARD, DENYING, FORWARD};

impl Working<'_> {
    /// Marks the divisors that a line lists as known. Returns false if a claim about divisors is not true.
    pub(in crate::answer) fn lists(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
        if let [Part::Number(number, 0), Part::Mark(':' | '-' | '>'), rest @ ..] = parts
            && let Some(number) = number.whole().filter(|number| self.topic.numbers.contains(number))
        {
            let divides =
                |part: &Part| part.whole().is_none_or(|divisor| divisor != 0 && number % divisor == 0);
            if rest.iter().all(|part| {
                matches!(part, Part::Number(..) | Part::Mark(',' | '.') | Part::Word(_)) && divides(part)
            }) {
                known.fill(true);
            }
        }
        let is_largest =
            |part: &Part| matches!(part.word(), "greatest" | "largest" | "highest" | "gcd" | "gcf" | "hcf");
        let mut start = 0;
        for at in 0..=parts.len() {
            let is_end = |part: &Part| {
                matches!(part, Part::Mark('.' | '!' | '?' | ';'))
                    || matches!(part.word(), "so" | "therefore" | "thus")
            };
            if !parts.get(at).is_none_or(is_end) {
                continue;
            }
            let sentence = &parts[start.min(at)..at];
            let verb = sentence
                .iter()
                .position(|part| FORWARD.contains(&part.word()) || BACKWARD.contains(&part.word()));
            if let Some(verb) = verb
                && !sentence.iter().any(is_largest)
                && !self.lists_in(sentence, &mut known[start.min(at)..at], verb)
            {
                return false;
            }
            start = at + 1;
        }
        true
    }

    fn lists_in(&self, parts: &[Part], known: &mut [bool], verb: usize) -> bool {
        let word = |at: usize| parts.get(at).map_or("", Part::word);
        let has = |words: &[&str]| parts.iter().any(|part| words.contains(&part.word()));
        let denies = parts.iter().filter(|part| DENYING.contains(&part.word())).count() % 2 == 1;
        let numbers: Vec<(usize, i128)> = (parts.iter().enumerate())
            .filter(|(at, _)| !known[*at])
            .filter_map(|(at, part)| Some((at, part.whole()?)))
            .collect();
        let is_of = word(verb + 1) == "of" && !numbers.iter().any(|(at, _)| *at < verb);
        let split = match is_of {
            true => (verb..parts.len())
                .find(|at| matches!(word(*at), "are" | "include") || parts[*at] == Part::Mark(':')),
            false => Some(verb),
        };
        let split = split.unwrap_or(parts.len());
        let side = |is_before: bool| -> Vec<i128> {
            numbers.iter().filter(|(at, _)| (*at < split) == is_before).map(|(_, number)| *number).collect()
        };
        let (before, behind) = (side(true), side(false));
        let is_forward = is_of || FORWARD.contains(&word(verb)) || has(&["has", "have"]);
        let (mut subjects, divisors) = if is_forward { (before, behind) } else { (behind, before) };
        // "Common factors: 1, 2, 3, 6"
        let (mut divisors, is_bare) = (divisors, !is_forward && divisors_are_behind(parts, verb));
        if is_bare {
            (subjects, divisors) = (Vec::new(), subjects);
        }
        if divisors.is_empty() {
            return !denies;
        }
        // A list of common divisors without the answer says that another one is the greatest.
        let answer = self.number.and_then(Fraction::whole);
        if has(&["common"]) && divisors.len() > 1 && !divisors.iter().any(|divisor| Some(*divisor) == answer)
        {
            return false;
        }
        if self.topic.asked != Asked::Divisor || self.truth(&subjects, &divisors) != Some(!denies) {
            return false;
        }
        for (at, _) in numbers {
            known[at] = true;
        }
        true
    }
}

/// Returns true if the divisors stand behind their noun: `Common factors: 1, 2`, `The common divisors are 1, 2`.
fn divisors_are_behind(parts: &[Part], verb: usize) -> bool {
    let next = parts.get(verb + 1);
    next == Some(&Part::Mark(':')) || next.is_some_and(|part| part.word() == "are")
}
