//! Clauses that deny what they would state: `There are not 3 r's`, `Don't say 3`, `I doubt that it is 3`.

use alloc::vec::Vec;

use super::clauses::{Clauses, MAX_PARTS, Stated};
use super::parts::Part;
use super::relation::Relation;

/// Verbs that deny what they are about.
const DENYING: [&str; 18] = [
    "avoid",
    "avoiding",
    "forget",
    "ignore",
    "disregard",
    "discard",
    "reject",
    "dismiss",
    "refuse",
    "deny",
    "doubt",
    "distrust",
    "disbelieve",
    "dispute",
    "exclude",
    "unlikely",
    "hardly",
    "scarcely",
];
/// Words between a denial and its value, beside those of a statement: `Don't reply with 3`.
const BETWEEN: [&str; 22] = [
    "reply",
    "respond",
    "write",
    "down",
    "type",
    "enter",
    "submit",
    "trust",
    "accept",
    "take",
    "put",
    "state",
    "tell",
    "saying",
    "answering",
    "replying",
    "ever",
    "please",
    "anyone",
    "people",
    "just",
    "value",
];

/// Returns true for a word that denies what stands behind it.
fn denies(word: &str) -> bool {
    matches!(word, "not" | "never" | "cannot") || word.ends_with("n't") || DENYING.contains(&word)
}

impl Clauses<'_> {
    /// Returns the value of a clause that would state it without the one word that denies.
    pub(super) fn denied<'t>(&self, parts: &[Part<'t>]) -> Option<Stated<'t>> {
        let is_denial = |part: &Part<'_>| matches!(part, Part::Word(word) if denies(word));
        let at = parts.iter().position(is_denial).filter(|_| parts.len() <= MAX_PARTS)?;
        if parts[at + 1..].iter().any(is_denial) {
            return None;
        }
        let is_between = |part: &&Part<'_>| !matches!(part, Part::Word(word) if BETWEEN.contains(word));
        let rest: Vec<Part<'t>> =
            parts[..at].iter().chain(parts[at + 1..].iter().filter(is_between)).cloned().collect();
        let value = match rest.as_slice() {
            // "Avoid 3": nothing else is said of it.
            [Part::Number { value, held: false }] => value.clone(),
            rest => self.value(rest).filter(|stated| !stated.is_label)?.value,
        };
        Some(Stated { value, is_label: false, relation: Relation::IsNot })
    }

    /// Returns the value that a clause replaces by another one: `Replace 3 with 4`, `4 instead of 3`.
    pub(super) fn replaced<'t>(&self, parts: &[Part<'t>]) -> Option<Stated<'t>> {
        let parts = match parts {
            [Part::Word("read" | "use" | "say" | "take" | "please"), rest @ ..] => rest,
            all => all,
        };
        let value = match parts {
            [
                Part::Word("replace" | "change" | "swap" | "correct" | "amend"),
                Part::Number { value, .. },
                Part::Word("with" | "by" | "to" | "into" | "for"),
                Part::Number { .. },
            ]
            | [Part::Number { .. }, Part::Word("instead"), Part::Word("of"), Part::Number { value, .. }]
            | [Part::Number { .. }, Part::Word("rather"), Part::Word("than"), Part::Number { value, .. }] => {
                value
            }
            _ => return None,
        };
        Some(Stated { value: value.clone(), is_label: false, relation: Relation::IsNot })
    }
}
