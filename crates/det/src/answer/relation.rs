//! Relations: what a clause says of the value that it holds.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::clauses::{Clauses, MAX_PARTS, Stated};
use super::parts::Part;

/// A relation between the answer and the value of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// The answer is the value.
    Is,
    /// The answer is not the value.
    IsNot,
    /// The answer is larger than the value.
    Above,
    /// The answer is smaller than the value.
    Below,
    /// The answer is the value or larger.
    AtLeast,
    /// The answer is the value or smaller.
    AtMost,
    /// The answer is the value or another one.
    Open,
}

/// Words before a value that relate it to the answer, longer ones first.
const BEFORE: [(&[&str], Relation); 41] = [
    (&["anything", "except"], Relation::IsNot),
    (&["everything", "except"], Relation::IsNot),
    (&["any", "number", "except"], Relation::IsNot),
    (&["any", "number", "but"], Relation::IsNot),
    (&["anything", "else", "than"], Relation::IsNot),
    (&["everything", "else", "than"], Relation::IsNot),
    (&["no", "less", "than"], Relation::AtLeast),
    (&["no", "fewer", "than"], Relation::AtLeast),
    (&["not", "less", "than"], Relation::AtLeast),
    (&["not", "fewer", "than"], Relation::AtLeast),
    (&["no", "more", "than"], Relation::AtMost),
    (&["not", "more", "than"], Relation::AtMost),
    (&["by", "no", "means"], Relation::IsNot),
    (&["in", "no", "way"], Relation::IsNot),
    (&["other", "than"], Relation::IsNot),
    (&["different", "from"], Relation::IsNot),
    (&["nothing", "like"], Relation::IsNot),
    (&["nowhere", "near"], Relation::IsNot),
    (&["anything", "but"], Relation::IsNot),
    (&["everything", "but"], Relation::IsNot),
    (&["far", "from"], Relation::IsNot),
    (&["short", "of"], Relation::IsNot),
    (&["at", "least"], Relation::AtLeast),
    (&["at", "most"], Relation::AtMost),
    (&["more", "than"], Relation::Above),
    (&["greater", "than"], Relation::Above),
    (&["larger", "than"], Relation::Above),
    (&["bigger", "than"], Relation::Above),
    (&["higher", "than"], Relation::Above),
    (&["less", "than"], Relation::Below),
    (&["fewer", "than"], Relation::Below),
    (&["smaller", "than"], Relation::Below),
    (&["lower", "than"], Relation::Below),
    (&["over"], Relation::Above),
    (&["above"], Relation::Above),
    (&["beyond"], Relation::Above),
    (&["exceeds"], Relation::Above),
    (&["under"], Relation::Below),
    (&["below"], Relation::Below),
    (&["hardly"], Relation::IsNot),
    (&["unequal", "to"], Relation::IsNot),
];
/// Returns true for the first words of [`BEFORE`]. Most words are none, and a long reply has many of them.
fn begins(word: &str) -> bool {
    matches!(
        word,
        "no" | "not"
            | "by"
            | "in"
            | "other"
            | "different"
            | "nothing"
            | "any"
            | "nowhere"
            | "anything"
            | "everything"
            | "far"
            | "short"
            | "at"
            | "more"
            | "greater"
            | "larger"
            | "bigger"
            | "higher"
            | "less"
            | "fewer"
            | "smaller"
            | "lower"
            | "over"
            | "above"
            | "beyond"
            | "exceeds"
            | "under"
            | "below"
            | "hardly"
            | "unequal"
    )
}

/// Words that reject the value before them: `42 is wrong`, `42 is too low`.
const REJECTING: [&str; 25] = [
    "mistake",
    "typo",
    "error",
    "slip",
    "short",
    "misses",
    "undercounts",
    "overcounts",
    "lie",
    "myth",
    "joke",
    "wrong",
    "incorrect",
    "false",
    "untrue",
    "mistaken",
    "impossible",
    "inaccurate",
    "off",
    "too",
    "bogus",
    "nonsense",
    "invalid",
    "bad",
    "erroneous",
];
/// Words beside those that reject a value.
const DEGREES: [&str; 17] = [
    "far",
    "way",
    "my",
    "low",
    "high",
    "few",
    "many",
    "small",
    "large",
    "big",
    "little",
    "much",
    "by",
    "one",
    "completely",
    "totally",
    "quite",
];

impl Relation {
    /// Returns true if no answer that is `answer` has this relation to `value`.
    pub(super) fn excludes(self, value: &str, answer: &str) -> bool {
        let numbers = value.parse::<i128>().ok().zip(answer.parse::<i128>().ok());
        let is = |holds: fn(i128, i128) -> bool| numbers.is_some_and(|(value, answer)| !holds(answer, value));
        match self {
            Self::Is => value != answer,
            Self::IsNot => value == answer,
            Self::Above => is(|answer, value| answer > value),
            Self::Below => is(|answer, value| answer < value),
            Self::AtLeast => is(|answer, value| answer >= value),
            Self::AtMost => is(|answer, value| answer <= value),
            Self::Open => true,
        }
    }

    /// Returns the relation that holds the other way round: 3 is below 4, and 4 is above 3.
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Above => Self::Below,
            Self::Below => Self::Above,
            Self::AtLeast => Self::AtMost,
            Self::AtMost => Self::AtLeast,
            Self::Is | Self::IsNot | Self::Open => self,
        }
    }
}

impl Clauses<'_> {
    /// Returns the value that a clause relates to the answer in words: `It is more than 42`, `42 is wrong`, `42 or 43`.
    pub(super) fn related<'t>(&self, parts: &[Part<'t>]) -> Vec<Stated<'t>> {
        if parts.len() > MAX_PARTS || !parts.iter().any(|part| matches!(part, Part::Number { .. })) {
            return Vec::new();
        }
        let stated = self.compared(parts).or_else(|| self.rejected(parts));
        let stated = stated.or_else(|| self.denied(parts)).or_else(|| self.replaced(parts));
        match stated {
            Some(stated) => alloc::vec![stated],
            None => self.undecided(parts).unwrap_or_default(),
        }
    }

    /// Returns the value of a clause that would state it without the words that compare.
    fn compared<'t>(&self, parts: &[Part<'t>]) -> Option<Stated<'t>> {
        let is_at = |at: usize, words: &[&str]| {
            words.iter().enumerate().all(|(more, word)| parts.get(at + more) == Some(&Part::Word(word)))
        };
        let found = |at: usize| match parts[at] {
            Part::Word(word) if begins(word) => BEFORE.iter().find(|(words, _)| is_at(at, words)),
            _ => None,
        };
        let (at, (words, relation)) = (0..parts.len()).find_map(|at| Some((at, found(at)?)))?;
        let behind = at + words.len();
        // "More than 42": what is compared stands right behind.
        if !matches!(parts.get(behind), Some(Part::Number { .. })) {
            return None;
        }
        let rest: Vec<Part<'t>> = parts[..at].iter().chain(&parts[behind..]).cloned().collect();
        let value = match rest.as_slice() {
            // "Anything but 42": nothing else is said of it.
            [Part::Number { value, .. }] if *relation == Relation::IsNot && words.len() > 1 => value.clone(),
            rest => self.value(rest).filter(|stated| !stated.is_label)?.value,
        };
        Some(Stated { value, is_label: false, relation: *relation })
    }

    /// Returns the value at the start of a clause that rejects it.
    fn rejected<'t>(&self, parts: &[Part<'t>]) -> Option<Stated<'t>> {
        let [Part::Number { value, .. }, rest @ ..] = parts else { return None };
        let (mut is_not, mut rejects) = (false, false);
        for part in rest {
            match part {
                Part::Word("not" | "never" | "cannot" | "can't") => is_not = !is_not,
                Part::Word(word) if word.ends_with("n't") => is_not = !is_not,
                Part::Word(word) if REJECTING.contains(word) => rejects = true,
                Part::Word(word) if DEGREES.contains(word) || self.words.states(word) => {}
                Part::Number { value, held: true } if value == "1" => {}
                Part::Unit | Part::About => {}
                Part::Word(_) | Part::Number { .. } | Part::Mark(_) => return None,
            }
        }
        (is_not != rejects).then(|| Stated {
            value: value.clone(),
            is_label: false,
            relation: Relation::IsNot,
        })
    }

    /// Returns the values of a clause that leaves open which of two is the answer. One that joins them by anything but
    /// "or" may be about two steps, so it only says that neither of them is the answer alone.
    fn undecided<'t>(&self, parts: &[Part<'t>]) -> Option<Vec<Stated<'t>>> {
        let joint = |at: usize| matches!(parts[at], Part::Word("or" | "nor" | "and") | Part::Mark('/'));
        let number = |at: usize| match parts.get(at) {
            Some(Part::Number { value, .. }) => Some(value),
            _ => None,
        };
        let at =
            (1..parts.len()).find(|at| joint(*at) && number(at - 1).is_some() && number(at + 1).is_some())?;
        let (first, second) = (number(at - 1)?, number(at + 1)?);
        let is_choice = parts[at] == Part::Word("or");
        let asked = usize::from(self.topic.asks_about(first)) + usize::from(self.topic.asks_about(second));
        if first == second || asked > usize::from(is_choice) {
            return None;
        }
        let is_framed =
            |part: &&Part<'_>| !matches!(part, Part::Word("either" | "neither" | "both" | "between"));
        let rest: Vec<Part<'t>> =
            parts[..at].iter().chain(&parts[at + 2..]).filter(is_framed).cloned().collect();
        if rest.len() > 1 && self.value(&rest).is_none_or(|stated| stated.is_label) {
            return None;
        }
        let relation = if is_choice { Relation::Open } else { Relation::IsNot };
        let stated = |value: &Cow<'t, str>| Stated { value: value.clone(), is_label: false, relation };
        Some(alloc::vec![stated(first), stated(second)])
    }
}

#[cfg(test)]
mod tests {
    use super::{BEFORE, begins};

    #[test]
    fn every_first_word_is_known() {
        for (words, _) in BEFORE {
            assert!(begins(words[0]), "{words:?}");
        }
        assert!(!begins("than"));
    }
}
