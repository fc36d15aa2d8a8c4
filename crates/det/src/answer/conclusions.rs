//! Conclusions: what stands before a clause, and the clauses that say how a whole computation ends.

use alloc::borrow::Cow;

use super::clauses::{Clauses, Stated};
use super::parts::Part;
use super::relation::Relation;
use crate::Form;

/// Words for a whole behind its number: `4 altogether`.
pub(super) const TOTALLING: [&str; 4] = ["total", "all", "altogether", "overall"];
/// Words with which somebody corrects what was said before.
const TAKING_BACK: [&str; 11] =
    ["actually", "no", "nope", "nah", "oops", "whoops", "wait", "sorry", "correction", "rather", "instead"];
/// Words with which somebody draws a conclusion.
pub(super) const DRAWING: [&str; 4] = ["so", "thus", "hence", "therefore"];
/// Words with which somebody says that a value is the last one.
const ENDING: [&str; 5] = ["right", "correct", "final", "finally", "conclude"];
/// Words that stand for what is asked.
const STANDING_FOR: [&str; 5] = ["it", "this", "that", "it's", "that's"];

/// The words before a clause, as far as they matter to it.
#[derive(Clone, Copy)]
pub(super) struct Lead {
    /// True if a value alone is a statement behind them: "actually, 4".
    pub(super) hedged: bool,
    /// True if a word that begins a clause stands right before it.
    pub(super) begun: bool,
    /// True if the clause is a conclusion: "so we get 4".
    draws: bool,
    /// True if they take back what was said before.
    takes_back: bool,
    /// True if the clause is the first one of its line.
    pub(super) is_first: bool,
}

impl Default for Lead {
    fn default() -> Self {
        Self { hedged: false, begun: false, draws: false, takes_back: false, is_first: true }
    }
}

/// The part of a statement that a clause leaves open for the next one: a question, or a value alone.
#[derive(Default)]
pub(super) struct Open<'t> {
    /// True if the clause asks for the answer: "how many?"
    asks: bool,
    /// The value for which the clause asks: "is it 3?"
    asked: Option<Cow<'t, str>>,
    /// The value that is the whole clause, at the start of its line: "4, ..."
    lone: Option<Cow<'t, str>>,
}

/// Words of a question for a number.
const ASKING: [&str; 4] = ["how", "many", "what", "which"];
/// Clauses that deny what was asked before them.
const DENYING: [&str; 18] = [
    "no",
    "nope",
    "nah",
    "never",
    "wrong",
    "hardly",
    "scarcely",
    "no way",
    "no chance",
    "not at all",
    "not really",
    "it isn't",
    "it's not",
    "it is not",
    "no it isn't",
    "no it's not",
    "it can't be",
    "it cannot be",
];

/// Returns true for a clause that denies what was asked before it.
fn denies(clause: &[Part<'_>]) -> bool {
    let is = |known: &&str| {
        let mut words = known.split(' ');
        clause
            .iter()
            .all(|part| matches!((part, words.next()), (Part::Word(word), Some(known)) if *word == known))
            && words.next().is_none()
    };
    !clause.is_empty() && DENYING.iter().any(is)
}

impl Clauses<'_> {
    /// Returns what `clause` leaves to the one behind `end`.
    pub(super) fn open<'t>(&self, clause: &[Part<'t>], end: Option<&Part<'_>>, is_first: bool) -> Open<'t> {
        let mut open = Open::default();
        if self.form == Form::YesNo {
            return open;
        }
        let value = match clause {
            [Part::Number { value, .. }] => Some(value.clone()),
            _ => None,
        };
        match end {
            Some(Part::Mark('?')) => {
                let asks = |part: &Part<'_>| match part {
                    Part::Word(word) => ASKING.contains(word) || self.words.states(word),
                    Part::About | Part::Unit => true,
                    Part::Number { .. } | Part::Mark(_) => false,
                };
                open.asks = !clause.is_empty() && clause.iter().all(asks);
                open.asked = value.or_else(|| self.value(clause).map(|stated| stated.value));
            }
            Some(Part::Mark(',')) if is_first => open.lone = value,
            _ => {}
        }
        open
    }

    /// Returns what `clause` states together with what the one before it left: `How many? 4.`, `Is it 3? No.`,
    /// `4, to be exact.`
    pub(super) fn closed<'t>(
        &self,
        open: &Open<'t>,
        clause: &[Part<'t>],
        end: Option<&Part<'_>>,
    ) -> Option<Stated<'t>> {
        let is = |value: &Cow<'t, str>, relation| Stated { value: value.clone(), is_label: false, relation };
        let ends = !matches!(end, Some(Part::Mark(',' | '?') | Part::Word(_)));
        match (open, clause) {
            (Open { asks: true, .. }, [Part::Number { value, .. }]) if ends => Some(is(value, Relation::Is)),
            (Open { asked: Some(value), .. }, clause) if denies(clause) => Some(is(value, Relation::IsNot)),
            (Open { lone: Some(value), .. }, clause) if ends && self.is_hedge(clause) => {
                Some(is(value, Relation::Is))
            }
            _ => None,
        }
    }

    /// Returns the words before the next clause: `clause` and the part that ends it.
    pub(super) fn lead(
        &self,
        clause: &[Part<'_>],
        end: Option<&Part<'_>>,
        before: Lead,
        hedged: bool,
    ) -> Lead {
        let takes_back = |part: &Part<'_>| matches!(part, Part::Word(word) if TAKING_BACK.contains(word));
        let says = |part: &Part<'_>| matches!(part, Part::Word(word) if self.words.states(word));
        // "Scratch that. 4." A sentence of its own may end in a mark of its own, but "No. 4" is a number.
        let is_taken_back =
            clause.iter().any(takes_back) && clause.iter().all(|part| takes_back(part) || says(part));
        let is_sentence = matches!(end, Some(Part::Mark('.' | '!'))) && clause != [Part::Word("no")];
        let draws = |word: &str| DRAWING.contains(&word);
        let totals = |part: &Part<'_>| matches!(part, Part::Word(word) if TOTALLING.contains(word));
        let begun = matches!(end, Some(Part::Word(_)));
        Lead {
            hedged: hedged || (is_taken_back && is_sentence),
            begun,
            draws: matches!(end, Some(Part::Word(word)) if draws(word))
                || (hedged && (before.draws || clause.iter().any(totals))),
            takes_back: is_taken_back && (hedged || is_sentence),
            is_first: false,
        }
    }

    /// Returns true if a clause of a computation of several steps says how all of it ends: `So 8 in all`, `It comes to 8`,
    /// `No, 8`.
    pub(super) fn concludes(&self, clause: &[Part<'_>], lead: Lead) -> bool {
        let is_word = |part: Option<&Part<'_>>, words: &[&str]| matches!(part, Some(Part::Word(word)) if words.contains(word));
        let has = |words: &[&str]| clause.iter().any(|part| is_word(Some(part), words));
        lead.draws
            || lead.takes_back
            || lead.is_first && is_word(clause.first(), &["or"])
            || has(&DRAWING)
            || has(&TOTALLING)
            || has(&TAKING_BACK)
            || has(&ENDING)
            || (is_word(clause.first(), &STANDING_FOR) && is_word(clause.get(1), &["is"]))
    }
}
