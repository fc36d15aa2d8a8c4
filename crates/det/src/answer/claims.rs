//! Claims about divisors and prime numbers, each computed again.

use alloc::vec::Vec;

use super::parts::Part;
use super::topic::Asked;
use super::working::Working;

/// Words that deny. Two of them cancel.
const DENYING: [&str; 12] = [
    "no", "not", "isn't", "aren't", "doesn't", "don't", "cannot", "can't", "none", "neither", "without",
    "nothing",
];
/// Words of what is only looked for.
const INQUIRING: [&str; 10] = [
    "whether",
    "check",
    "checking",
    "test",
    "testing",
    "determine",
    "verify",
    "verifying",
    "trying",
    "trial",
];
/// Words that relate a number before them to its divisors behind them.
const FORWARD: [&str; 3] = ["divisible", "multiple", "multiples"];
/// Words that relate a divisor before them to a number behind them.
const BACKWARD: [&str; 6] = ["divides", "divide", "divisor", "divisors", "factor", "factors"];
/// Words without which a divisor says nothing of a number.
const EXCLUDING: [&str; 4] = ["only", "exactly", "itself", "just"];
/// Words before a bound.
const BOUNDS: [&str; 6] = ["to", "than", "below", "under", "through", "until"];
/// Words that begin a clause.
const JOINTS: [&str; 10] =
    ["because", "since", "so", "therefore", "thus", "hence", "then", "which", "and", "while"];

/// The sentence in which a clause stands, as far as it matters to its claims.
#[derive(Clone, Copy)]
struct Frame {
    /// True if the sentence says what a prime number is.
    defines: bool,
    inquires: bool,
}

impl Working<'_> {
    /// Returns true if every claim of a line under a question for a yes or no is true, or leads to the answer.
    pub(super) fn claims(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
        if parts.iter().any(|part| matches!(part, Part::Letter(letter) if !matches!(letter, 'a' | 'i'))) {
            return false;
        }
        let mut start = 0;
        for at in 0..=parts.len() {
            let is_end = parts.get(at).is_none_or(|part| matches!(part, Part::Mark('.' | '!' | '?' | ';')));
            if is_end {
                if !self.sentence(&parts[start..at], &known[start..at], parts.get(at)) {
                    return false;
                }
                start = at + 1;
            }
        }
        true
    }

    fn sentence(&mut self, parts: &[Part], known: &[bool], end: Option<&Part>) -> bool {
        let word = |at: usize| parts.get(at).map_or("", Part::word);
        let article =
            usize::from(matches!(parts.first(), Some(Part::Letter('a')))) + usize::from(word(0) == "the");
        let is_own =
            parts.iter().any(|part| part.whole().is_some_and(|number| self.topic.numbers.contains(&number)))
                || parts.iter().any(|part| matches!(part.word(), "it's" | "this" | "that's"));
        let names = matches!(
            word(article),
            "prime" | "primes" | "number" | "numbers" | "composite" | "definition" | "natural" | "whole"
        );
        let frame = Frame {
            defines: names
                && !is_own
                && matches!(word(article + 1), "number" | "numbers" | "is" | "are" | "of" | "if"),
            inquires: parts.iter().any(|part| INQUIRING.contains(&part.word()))
                || end == Some(&Part::Mark('?')),
        };
        let mut start = 0;
        for at in 0..=parts.len() {
            let number = |at: Option<usize>| at.and_then(|at| parts.get(at)).and_then(Part::whole).is_some();
            let is_list = number(at.checked_sub(1))
                && (number(Some(at + 1)) || matches!(word(at + 1), "and" | "or" | "nor" | "itself"));
            let is_end = match parts.get(at) {
                None => true,
                // "7 | 97" says that 7 divides 97.
                Some(Part::Mark('|')) if number(at.checked_sub(1)) && number(Some(at + 1)) => return false,
                Some(Part::Mark(',' | ':' | '|' | '>' | '-' | '(' | ')')) => {
                    !(known[at] || is_list && parts[at] == Part::Mark(','))
                }
                Some(part) => JOINTS.contains(&part.word()) && !is_list && word(at + 1) != "itself",
            };
            if !is_end {
                continue;
            }
            let mark = parts.get(at).or(end);
            if start < at && !self.clause(&parts[start..at], &known[start..at], frame, mark) {
                return false;
            }
            start = at + 1;
        }
        true
    }

    /// Returns true if a clause is harmless.
    fn clause(&mut self, parts: &[Part], known: &[bool], frame: Frame, end: Option<&Part>) -> bool {
        let said = match parts {
            [Part::Word(word)] if word == "yes" => Some(true),
            [Part::Word(word)] if word == "no" => Some(false),
            [Part::Mark('\u{2713}')] => Some(true),
            [Part::Mark('\u{2717}')] => Some(false),
            _ => None,
        };
        if let Some(said) = said {
            return said == self.open.take().unwrap_or(self.yes == Some(true));
        }
        let asks = matches!(end, Some(Part::Mark('?' | ':' | '>' | '|' | '-' | '(')));
        let numbers: Vec<(usize, i128)> = (parts.iter().enumerate())
            .filter(|(at, _)| !known[*at])
            .filter_map(|(at, part)| Some((at, part.whole()?)))
            .collect();
        let has = |words: &[&str]| parts.iter().any(|part| words.contains(&part.word()));
        let denials = parts.iter().filter(|part| DENYING.contains(&part.word())).count();
        let denies = denials == 1;
        // "No it isn't", "neither yes nor no"
        if denials > 1 || has(&["yes"]) {
            return false;
        }
        if let [number @ .., Part::Word(word)] = parts
            && let ([_] | [_, _], "yes" | "no", [(_, divisor)]) = (number, &**word, numbers.as_slice())
        {
            return self.truth(&[], &[*divisor]) == Some(word == "yes");
        }
        if let ([_, Part::Mark(mark @ ('\u{2713}' | '\u{2717}'))], [(_, divisor)]) =
            (parts, numbers.as_slice())
        {
            return self.truth(&[], &[*divisor]) == Some(*mark == '\u{2713}');
        }
        if matches!((parts, numbers.as_slice()), ([_], [(_, 0 | 1)])) && !asks {
            return false;
        }
        // "It is.", "It is not."
        let is_short = |part: &Part| {
            matches!(
                part.word(),
                "it" | "it's"
                    | "is"
                    | "does"
                    | "has"
                    | "can"
                    | "not"
                    | "isn't"
                    | "doesn't"
                    | "cannot"
                    | "can't"
                    | "this"
                    | "that"
            )
        };
        if parts.iter().all(is_short)
            && has(&["is", "does", "can", "isn't", "doesn't", "it's", "cannot", "can't"])
        {
            return denies != self.open.take().unwrap_or(self.yes == Some(true));
        }
        let is_question = end == Some(&Part::Mark('?'));
        if parts.iter().zip(known).any(|(part, known)| *part == Part::Mark('R') && !known) {
            return numbers.iter().any(|(_, number)| *number == 0) == denies;
        }
        let verb = (parts.iter().zip(known)).position(|(part, known)| {
            FORWARD.contains(&part.word())
                || BACKWARD.contains(&part.word())
                || (!known && *part == Part::Mark('/'))
        });
        let names_prime = has(&["prime", "composite", "primality"]);
        if let Some(verb) = verb {
            return self.divides(parts, &numbers, verb, denies, frame, asks, is_question);
        }
        if let ([Part::Number(..)] | [Part::Word(_), Part::Number(..)], [(_, divisor)], true) =
            (parts, numbers.as_slice(), asks)
        {
            self.open = self.truth(&[], &[*divisor]);
            return true;
        }
        if names_prime {
            return self.calls(parts, &numbers, denies, frame, is_question);
        }
        if has(&["even", "odd"]) {
            let number = numbers.first().map(|(_, number)| *number).or(self.topic.numbers.first().copied());
            let is_odd = number.is_some_and(|number| number % 2 != 0);
            if asks {
                self.open = Some(is_odd == has(&["odd"]));
                return true;
            }
            return frame.defines || (is_odd == has(&["odd"])) != denies;
        }
        if has(&["end", "ends", "ending", "last"]) && !numbers.is_empty() {
            let ends = |(_, digit): &(usize, i128)| {
                self.topic.numbers.iter().any(|number| number.abs() % 10 == *digit)
            };
            return numbers.iter().filter(|(_, number)| !self.topic.numbers.contains(number)).any(ends)
                != denies;
        }
        if has(&["whole", "integer", "integers", "evenly", "cleanly", "remainder", "remainders"]) {
            let is_whole = has(&["remainder", "remainders"]) == denies;
            let has_zero =
                has(&["remainder", "remainders"]) && numbers.iter().any(|(_, number)| *number == 0);
            let claims = (is_whole || has_zero) && !(denies && has_zero);
            return frame.defines || frame.inquires || !claims || self.yes == Some(false) && !denies;
        }
        // "97 is a square", "97 is made of 7 and 13"
        let is_own = numbers.iter().any(|(_, number)| self.topic.numbers.contains(number))
            || has(&["it", "this", "that", "number"]);
        let asserts = is_own && has(&["is", "are", "has", "have", "it's", "that's", "can", "be", "divided"])
            || (!numbers.is_empty() && has(&["does", "do"]));
        let ticks = parts.iter().any(|part| matches!(part, Part::Mark('\u{2713}' | '\u{2717}')));
        !denies && !ticks && (!asserts || frame.defines || frame.inquires || known.contains(&true))
    }

    /// Returns true or false if it is known that all `divisors` divide all `numbers`, or those of the question, or that none
    /// does.
    fn truth(&self, numbers: &[i128], divisors: &[i128]) -> Option<bool> {
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
    #[allow(clippy::too_many_arguments, reason = "the parts of one clause")]
    fn divides(
        &mut self,
        parts: &[Part],
        numbers: &[(usize, i128)],
        verb: usize,
        denies: bool,
        frame: Frame,
        asks: bool,
        is_question: bool,
    ) -> bool {
        let word = |at: usize| parts.get(at).map_or("", Part::word);
        let has_rest = parts.iter().any(|part| matches!(part.word(), "remainder" | "remainders"));
        if has_rest && numbers.iter().any(|(_, number)| *number == 0) {
            return false;
        }
        let denies = denies != has_rest;
        let is_bound =
            |at: usize| at > 0 && BOUNDS.contains(&word(at - 1)) || at > 1 && BOUNDS.contains(&word(at - 2));
        let is_forward = FORWARD.contains(&word(verb)) || parts[verb] == Part::Mark('/');
        let side = |is_before: bool| -> Vec<i128> {
            let on_side = numbers.iter().filter(|(at, _)| (*at < verb) == is_before && !is_bound(*at));
            on_side.map(|(_, number)| *number).collect()
        };
        let (before, behind) = (side(true), side(false));
        let has = |words: &[&str]| parts.iter().any(|part| words.contains(&part.word()));
        // "The divisors of 12 are 1, 2": the number stands behind "of", and its divisors behind that.
        let is_list = !is_forward && before.is_empty() && word(verb + 1) == "of";
        let is_noun = matches!(word(verb), "factor" | "factors" | "divisor" | "divisors");
        let is_of = word(verb + 1) == "of";
        let having = parts.iter().position(|part| matches!(part.word(), "has" | "have"));
        let is_having = !is_forward && having.is_some();
        let count =
            numbers.iter().find(|(at, _)| having.is_some_and(|having| *at > having) && *at < verb && is_noun);
        let count = count.map(|(_, number)| *number);
        let is_behind_noun = is_noun && before.is_empty() && !is_of;
        let (subjects, divisors) = if is_list {
            let split = (verb..parts.len())
                .find(|at| matches!(word(*at), "are" | "is" | "include"))
                .unwrap_or(parts.len());
            let of: Vec<i128> = numbers
                .iter()
                .filter(|(at, _)| *at > verb && *at < split)
                .map(|(_, number)| *number)
                .collect();
            let rest: Vec<i128> =
                numbers.iter().filter(|(at, _)| *at > split).map(|(_, number)| *number).collect();
            (of, rest)
        } else if is_behind_noun {
            (Vec::new(), behind)
        } else if is_having {
            (before.iter().copied().filter(|number| Some(*number) != count).collect(), behind)
        } else if is_forward {
            (before, behind)
        } else {
            (behind, before)
        };
        let own = |number: &i128| self.topic.numbers.contains(number);
        // "97 divides evenly", "97 factors": a number of the question divides nothing.
        if !is_forward
            && !is_list
            && !is_having
            && subjects.is_empty()
            && !is_behind_noun
            && divisors.iter().any(own)
            && !has(&["it"])
        {
            return false;
        }
        let truth = self.truth(&subjects, &divisors);
        if asks && (is_question || truth.is_some()) {
            self.open = truth;
            if is_question {
                return true;
            }
            // "Divisible by 2: no"
            if numbers.len() == divisors.len() && !denies {
                return true;
            }
        }
        if frame.defines {
            return true;
        }
        let inquires = has(&["whether"])
            || !has(&["is", "are", "has", "have", "show", "shows", "there", "find", "it's"]);
        let is_proper = |divisor: &i128| *divisor != 1 && !own(divisor);
        let excludes = has(&EXCLUDING);
        if divisors.iter().any(is_proper) {
            return truth.is_some_and(|truth| truth != denies) || (frame.inquires && !denies && inquires);
        }
        if subjects.iter().any(|number| !own(number)) {
            return false;
        }
        // Nothing is named, or what divides each number: the clause says that the number is prime, or composite.
        let says_prime = match count {
            Some(count) => (count == 2) != (denies || numbers.iter().any(|(at, _)| is_bound(*at))),
            None if has(&["but-itself"]) => denies,
            None if excludes => !denies,
            None => denies,
        };
        let is_excepted = !divisors.is_empty() && !denies && count.is_none();
        frame.inquires && inquires || is_excepted || Some(says_prime) == self.yes
    }

    /// Returns true if what a clause calls a number is what the answer says.
    fn calls(
        &mut self,
        parts: &[Part],
        numbers: &[(usize, i128)],
        denies: bool,
        frame: Frame,
        is_question: bool,
    ) -> bool {
        let has = |words: &[&str]| parts.iter().any(|part| words.contains(&part.word()));
        let (prime, composite) = (has(&["prime"]), has(&["composite"]));
        let compares = has(&[
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
        ]);
        let says = prime != denies;
        if is_question {
            self.open = (prime != composite).then(|| self.yes == Some(says));
            return true;
        }
        if frame.defines || (frame.inquires && !has(&["is", "it's"]) && !denies) {
            return true;
        }
        if parts.iter().any(|part| matches!(part, Part::Mark('\u{2713}' | '\u{2717}'))) {
            return false;
        }
        let is_inquired = frame.inquires && has(&["whether"]);
        let is_other = numbers.iter().any(|(_, number)| !self.topic.numbers.contains(number) && *number != 1);
        is_inquired || (!compares && prime != composite && !is_other && Some(says) == self.yes)
    }

    /// Marks the divisors that a line lists as known. Returns false if a claim about divisors is not true.
    pub(super) fn lists(&mut self, parts: &[Part], known: &mut [bool]) -> bool {
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
