//! Clauses: the sentences of a reply that state an answer in prose.
//!
//! A clause states an answer if all its words are words for stating: a pointer, a verb of counting or being, a unit,
//! the things that the question names, and one value. A clause with any other word, and one that a word before it
//! limits to a part, a step or a case, explains the answer and states none.
//!
//! `There are four r's.` and `I think it appears 4 times` state 4. `There are 2 r's in berry`, `97 is not divisible
//! by 2` and `so far it appears twice` state nothing, because of `berry`, `divisible` and `so far`.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::collective::collective;
use super::conclusions::{DRAWING, Lead, Open, TOTALLING};
use super::parts::Part;
use super::relation::Relation;
use super::tokens::Token;
use super::topic::{Asked, Topic};
use super::words::{Words, is_foreign};
use crate::Form;

/// A value that a clause states.
pub(super) struct Stated<'t> {
    /// The value, in the spelling of [`plain`](super::statements::plain).
    pub(super) value: Cow<'t, str>,
    /// True if the clause is only a name and a value, such as `r: 4`. A list of such lines may count on.
    pub(super) is_label: bool,
    /// The relation that the clause says the answer has to the value.
    pub(super) relation: Relation,
}

/// A reader of the clauses of a reply.
pub(super) struct Clauses<'a> {
    pub(super) topic: &'a Topic,
    pub(super) words: &'a Words,
    pub(super) form: Form,
}

/// Words of a statement that begin one inside a sentence.
const STARTS: [&str; 12] =
    ["there", "there's", "it", "it's", "this", "that", "that's", "i", "we", "you", "you'll", "they"];
/// Words that say nothing by themselves, so that a value beside them is only named.
const BARE: &str = "a an the of in to for letter letters character characters word text phrase string";
/// Words alone before a comma, behind which a value is a statement: "no, 4", "therefore, 4", "oops, 4".
const CORRECTING: [&str; 17] = [
    "no",
    "nope",
    "nah",
    "therefore",
    "thus",
    "hence",
    "so",
    "oops",
    "whoops",
    "ok",
    "okay",
    "hmm",
    "ah",
    "oh",
    "wait",
    "sorry",
    "correction",
];
/// Verbs of a thing that occurs, in its forms.
const OCCURRING: [&str; 12] = [
    "appears", "appear", "appeared", "occurs", "occur", "occurred", "shows", "show", "comes", "come",
    "there", "there's",
];
/// Words behind which `one` and `once` count, and do not stand for a noun or for "when".
const ONCE: [&str; 11] =
    ["appears", "appear", "appeared", "occurs", "occur", "occurred", "up", "only", "exactly", "just", "used"];
/// Words that begin what is only supposed, whatever numbers it names.
const SUPPOSING: [&str; 7] = ["if", "suppose", "supposing", "assume", "assuming", "imagine", "unless"];
/// Words without which a line says nothing of divisors.
const DIVIDING: [&str; 44] = [
    "fails",
    "pass",
    "qualify",
    "x",
    "divides",
    "divided",
    "dividing",
    "divisible",
    "times",
    "product",
    "factor",
    "factors",
    "factored",
    "factorizes",
    "factorises",
    "factorized",
    "factorised",
    "factorable",
    "factorizable",
    "factorisable",
    "splits",
    "split",
    "breaks",
    "broken",
    "decomposes",
    "decomposed",
    "decomposable",
    "reduced",
    "reducible",
    "compound",
    "even",
    "divisor",
    "divisors",
    "multiple",
    "mod",
    "modulo",
    "goes",
    "fits",
    "leaves",
    "gives",
    "remainder",
    "written",
    "expressed",
    "represented",
];
/// The most parts of a statement. A longer clause explains.
pub(super) const MAX_PARTS: usize = 48;
/// Nouns of things that are counted, which are a unit only where they are asked about.
const NOUNS: [&str; 6] = ["letter", "letters", "character", "characters", "word", "words"];

impl Clauses<'_> {
    /// Returns the values that the clauses of a line state, or relate to the answer, in a reply that states `answer`.
    pub(super) fn stated<'t>(&self, tokens: &'t [Token<'_>], answer: &str) -> Vec<Stated<'t>> {
        let reads = match self.form {
            Form::YesNo => self.topic.asked == Asked::Prime,
            _ => true,
        };
        // Most lines of a long reply hold no value, and are left at once.
        if !reads || !tokens.iter().any(|token| self.may_state(token)) {
            return Vec::new();
        }
        let parts = self.parts(tokens);
        let (mut out, mut start) = (Vec::new(), 0);
        if self.goes_beyond(&parts, answer) {
            out.push(Stated { value: "".into(), is_label: false, relation: Relation::Open });
        }
        let (mut lead, mut limited) = (Lead::default(), false);
        let mut open = Open::default();
        for at in 0..=parts.len() {
            let end = match parts.get(at) {
                None => None,
                Some(part) if self.splits(&parts, at) => Some(part),
                Some(_) => continue,
            };
            let clause = &parts[start.min(at)..at];
            let asks = end == Some(&Part::Mark('?'));
            if !asks && !limited {
                self.add(clause, lead, answer, &mut out);
            }
            out.extend(self.closed(&open, clause, end));
            open = self.open(clause, end, start == 0);
            let is_joint = matches!(end, Some(Part::Mark(',' | ';')));
            // The word that begins a clause is no part of it: "Therefore, 4."
            let hedged = is_joint && ((clause.is_empty() && lead.begun) || self.is_hedge(clause));
            // "In straw, there are 2": what stands before a comma limits what stands behind it.
            limited = end == Some(&Part::Mark(',')) && !hedged && (limited || self.is_limit(clause));
            lead = self.lead(clause, end, lead, hedged);
            start = at + 1;
        }
        out
    }

    /// Adds the values of a clause behind `lead`. A computation of several steps has values of its own on the way, so
    /// there only what is said of `answer` itself counts, and a conclusion.
    fn add<'t>(&self, clause: &[Part<'t>], lead: Lead, answer: &str, out: &mut Vec<Stated<'t>>) {
        let is_steps = self.topic.asked == Asked::Steps;
        if !is_steps || self.concludes(clause, lead) {
            out.extend(self.clause(clause));
            // "Actually, 4.", "or 4"
            let value = match clause {
                [Part::Number { value, .. }] if lead.hedged => Some(value),
                [Part::Word("or"), Part::Number { value, .. }] if lead.is_first => Some(value),
                [Part::Word(word), Part::Number { value, .. }] if is_steps && DRAWING.contains(word) => {
                    Some(value)
                }
                _ => None,
            };
            out.extend(value.map(|value| Stated {
                value: value.clone(),
                is_label: false,
                relation: Relation::Is,
            }));
        }
        if self.form != Form::YesNo {
            let related =
                self.related(clause).into_iter().chain(self.unequal(clause)).chain(self.computed(clause));
            out.extend(related.filter(|stated| !is_steps || stated.value == answer));
            if self.equates(clause, answer) {
                out.push(Stated { value: "".into(), is_label: false, relation: Relation::Open });
            }
        }
    }

    /// Returns true for a token without which a line states nothing.
    fn may_state(&self, token: &Token<'_>) -> bool {
        match (token, self.form) {
            (Token::Mark(mark), Form::YesNo) => matches!(mark, '*' | '\u{d7}' | '\u{b7}' | '%'),
            (Token::Number(_), Form::YesNo) | (Token::Mark(_), _) => false,
            (Token::Number(_), _) => true,
            (Token::Word(word), Form::YesNo) => {
                word.contains("prim") || DIVIDING.contains(&&**word) || word.contains("composite")
            }
            (Token::Word(word), _) => {
                word == "no"
                    || collective(word).is_some()
                    || !matches!(self.part(token), Part::Word(_) | Part::Unit)
            }
        }
    }

    /// Returns true for words alone that come before a value: `actually`, `I think`.
    pub(super) fn is_hedge(&self, clause: &[Part<'_>]) -> bool {
        let stands_alone = |word: &str| {
            let is_word = word.len() > 1 || (word == "i" && clause.len() > 1);
            CORRECTING.contains(&word) || (is_word && self.words.states(word))
        };
        let hedge = |part: &Part<'_>| matches!(part, Part::Word(word) if stands_alone(word));
        !clause.is_empty() && clause.iter().all(hedge)
    }

    /// Returns true if the words of `clause` limit what is said behind them: a word that does, and one that no
    /// statement has.
    fn is_limit(&self, clause: &[Part<'_>]) -> bool {
        let outside = clause.iter().any(|part| matches!(part, Part::Word(word) if !self.words.states(word)));
        let limits = clause.iter().any(|part| matches!(part, Part::Word(word) if self.words.limits(word)));
        let supposes = clause.iter().any(|part| matches!(part, Part::Word(word) if SUPPOSING.contains(word)));
        limits && outside && (supposes || !clause.iter().any(|part| matches!(part, Part::Number { .. })))
    }

    /// Returns the value that a clause states: as a whole, or from a pointer in it on if nothing before limits it.
    fn clause<'t>(&self, parts: &[Part<'t>]) -> Option<Stated<'t>> {
        let (mut outside, mut named) = (false, false);
        for (at, part) in parts.iter().enumerate() {
            let is_start = matches!(part, Part::Word(word) if STARTS.contains(word))
                && matches!(parts.get(at + 1), Some(Part::Word(word)) if !self.words.is_times(word));
            if (at == 0 || is_start) && parts.len() - at <= MAX_PARTS {
                let stated = match self.form {
                    Form::YesNo => self.predicate(&parts[at..]),
                    _ => self.value(&parts[at..]),
                };
                if stated.is_some() {
                    return stated;
                }
            }
            // What stands before a pointer limits the statement behind it: "if", a number, "in straw:".
            match part {
                Part::Word(word) if self.words.limits(word) => return None,
                Part::Word(word) => outside |= !self.words.states(word),
                Part::Number { .. } => return None,
                Part::Mark(mark) => named |= *mark == ':',
                Part::About | Part::Unit => {}
            }
            if outside && named {
                return None;
            }
        }
        None
    }

    /// Returns the one value of a clause all of whose words are words for stating.
    pub(super) fn value<'t>(&self, parts: &[Part<'t>]) -> Option<Stated<'t>> {
        if let Some(at) = parts.iter().position(|part| *part == Part::Word("no")) {
            let rest = parts[..at].iter().chain(&parts[at + 1..]);
            let fits = matches!(parts.get(at + 1), Some(Part::Unit | Part::About))
                && at > 0
                && rest.clone().all(|part| self.fits(part));
            let none = fits && !rest.clone().any(|part| matches!(part, Part::Number { .. }));
            return none.then(|| Stated { value: "0".into(), is_label: false, relation: Relation::Is });
        }
        let is_limit = |part: &Part<'_>| matches!(part, Part::Word(word) if self.words.limits_foreign(word));
        let relates =
            |part: &Part<'_>| matches!(part, Part::Mark('\u{2260}' | '\u{2264}' | '\u{2265}' | '<'));
        if parts.iter().any(relates) {
            return None;
        }
        let computes = self.computes(parts)?;
        let at = self.stated_at(parts, computes)?;
        let Part::Number { value, held } = &parts[at] else { return None };
        // "Hay 4 erres.": a sentence of another language may name what is counted in its own way.
        let is_foreign =
            |part: &Part<'_>| matches!(part, Part::Word(word) if self.words.is_foreign_word(word));
        let names = at > 0 && parts[..at].iter().all(is_foreign) && parts.len() == at + 2;
        let fits = (0..parts.len()).all(|place| self.fits_at(parts, place) || (names && place == at + 1))
            && !parts.iter().any(is_limit);
        if !fits || self.is_numbered(parts, at) || !self.has_unit(parts, at, *held) || self.is_other(parts) {
            return None;
        }
        let says = |part: &Part<'_>| match part {
            Part::Unit => true,
            Part::Word(word) if self.topic.asked == Asked::Letters && NOUNS.contains(word) => true,
            Part::Word(word) => BARE.split(' ').all(|bare| bare != *word),
            Part::About | Part::Number { .. } | Part::Mark(_) => false,
        };
        let names = |part: &Part<'_>| matches!(part, Part::Mark(':' | '=' | '-' | '>' | '\u{2192}'));
        let is_label = !computes && !*held && !parts.iter().any(says);
        let is_stated =
            !is_label || (at > 1 && parts[..at].iter().any(names) && parts[..at].contains(&Part::About));
        is_stated.then(|| Stated { value: value.clone(), is_label, relation: Relation::Is })
    }

    /// Returns true if the clause computes with the numbers that the question names, and None if it computes with
    /// others or otherwise.
    pub(super) fn computes(&self, parts: &[Part<'_>]) -> Option<bool> {
        let between = |at: usize| {
            let number = |at: Option<usize>| at.and_then(|at| parts.get(at));
            matches!(number(at.checked_sub(1)), Some(Part::Number { .. }))
                && matches!(number(Some(at + 1)), Some(Part::Number { .. }))
        };
        let sign = |at: usize| match &parts[at] {
            Part::Mark('+') => Some('+'),
            Part::Word(word) if *word == "plus" => Some('+'),
            Part::Word(word) if *word == "minus" => Some('-'),
            Part::Word(word) if *word == "times" && between(at) => Some('*'),
            Part::Mark('-') if between(at) => Some('-'),
            Part::Mark('\u{d7}' | '\u{b7}' | '*') => Some('*'),
            Part::Mark('/' | '\u{f7}' | '^' | '%') => Some('/'),
            _ => None,
        };
        let mut signs = (0..parts.len()).filter_map(sign).peekable();
        let computes = signs.peek().is_some();
        signs.all(|sign| self.topic.asked == Asked::Sign(sign)).then_some(computes)
    }

    /// Returns the place of the one number that the clause states, beside the numbers of the question, of which it
    /// has all or none. If the clause computes it has all.
    fn stated_at(&self, parts: &[Part<'_>], computes: bool) -> Option<usize> {
        let mut left: Vec<(usize, &str)> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            if let Part::Number { value, .. } = part {
                left.push((at, value));
            }
        }
        let mut without = left.clone();
        let all = self.topic.numbers.iter().all(|number| {
            let found = without.iter().position(|(_, value)| *value == number);
            found.map(|found| without.remove(found)).is_some()
        });
        if all && !self.topic.numbers.is_empty() {
            left = without;
        } else if computes {
            return None;
        }
        match left.as_slice() {
            [(at, _)] => Some(*at),
            _ => None,
        }
    }

    /// Returns true if the clause counts something else than what is asked: how often somebody counted, or a divisor
    /// that need not be the greatest.
    fn is_other(&self, parts: &[Part<'_>]) -> bool {
        let has = |words: &[&str]| {
            parts.iter().any(|part| matches!(part, Part::Word(word) if words.contains(word)))
        };
        let any_divisor =
            has(&["divisor", "common"]) && !has(&["greatest", "highest", "largest", "biggest", "gcd"]);
        let often = has(&["times", "time"])
            || parts.iter().any(|part| matches!(part, Part::Number { held: true, value } if value != "0"));
        let counted_often =
            often && has(&["i", "we", "you"]) && !parts.contains(&Part::About) && !has(&OCCURRING);
        any_divisor || counted_often
    }

    /// Returns true if the part at `at` may stand in a statement. A letter that is named is no article, and a single
    /// letter is a word only among words of another script, whose letters may look the same.
    fn fits_at(&self, parts: &[Part<'_>], at: usize) -> bool {
        let word = |at: Option<usize>| match at.and_then(|at| parts.get(at)) {
            Some(Part::Word(word)) => word,
            _ => "",
        };
        let here = word(Some(at));
        if here.len() != 1 {
            return self.fits(&parts[at]);
        }
        let foreign = parts.iter().any(|part| matches!(part, Part::Word(word) if is_foreign(word)));
        let is_named = ["letter", "character"].contains(&word(at.checked_sub(1)))
            || OCCURRING.contains(&word(Some(at + 1)))
            || word(Some(at + 1)) == "is";
        foreign || (["a", "i"].contains(&here) && !is_named) || (here == "y" && self.fits(&parts[at]))
    }

    /// Returns true if the part may stand in a statement.
    fn fits(&self, part: &Part<'_>) -> bool {
        match part {
            Part::About | Part::Unit | Part::Number { .. } | Part::Mark(_) => true,
            Part::Word(word) if matches!(self.topic.asked, Asked::Sign(_)) => {
                matches!(*word, "plus" | "minus" | "and") || self.words.states(word)
            }
            Part::Word(word) if self.topic.asked == Asked::Divisor => {
                *word == "and" || self.words.states(word)
            }
            Part::Word(word) => self.words.states(word),
        }
    }

    /// Returns true if the number at `at` numbers something or is a part of something: `letter 4`, `one of 4`.
    fn is_numbered(&self, parts: &[Part<'_>], at: usize) -> bool {
        let word = |back: usize| match at.checked_sub(back).and_then(|at| parts.get(at)) {
            Some(Part::Word(word)) => word,
            _ => "",
        };
        let of_a_total = word(1) == "of" && ["total", "sum", "count", "number", "product"].contains(&word(2));
        self.words.numbers(word(1)) && !of_a_total
    }

    /// Returns true if what stands behind the number at `at` is a unit of what is asked, or no unit at all.
    fn has_unit(&self, parts: &[Part<'_>], at: usize, held: bool) -> bool {
        let (next, second) = (parts.get(at + 1), parts.get(at + 2));
        let Part::Number { value, .. } = &parts[at] else { return false };
        match next {
            Some(Part::Word(word)) if NOUNS.contains(word) => {
                let letters = matches!(*word, "letter" | "letters");
                letters && (self.topic.asked == Asked::Letters || second == Some(&Part::About))
            }
            Some(Part::Unit) => true,
            Some(Part::Word(word)) if TOTALLING.contains(word) => true,
            Some(Part::Word(word)) if self.words.is_times(word) => self.topic.asked != Asked::Letters,
            Some(Part::About) => true,
            // "There is one", "once it was counted": a word that counts by the way.
            _ if held && value == "1" => {
                matches!(at.checked_sub(1).map(|at| &parts[at]), Some(Part::Word(word)) if ONCE.contains(word))
            }
            _ => true,
        }
    }
}
