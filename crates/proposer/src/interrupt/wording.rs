//! The search for another wording of a sentence in which a forbidden text came near.

use std::collections::BTreeMap;

/// The most tokens of a sentence that are held, so that it can be worded otherwise. A rewind reaches further than this
/// and a draft together.
pub(super) const MOST_TOKENS: usize = 96;
/// The most other tokens that are tried in one sentence. After that, the answer ends before the forbidden text.
const MOST_TRIES: usize = 32;
/// The most tokens that are remembered as alternatives at one position.
const MOST_CHOICES: usize = 8;
/// The largest distance of two logits at which the smaller one counts as likely: a fiftieth of the probability.
const LIKELY: f32 = 4.0;
/// The largest distance of two logits at which a token may begin the answer in place of a forbidden one: less than a
/// twenty-thousandth of the probability. Without a first word there is no answer.
const CONCEIVABLE: f32 = 10.0;

/// The tokens that could be chosen at one position instead of the likeliest one, the likelier first.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    /// Tokens that are likely.
    pub(super) likely: Vec<u32>,
    /// Tokens that could be the first word of the answer, also if they are not likely.
    pub(super) openers: Vec<u32>,
}

impl Choices {
    /// Returns the choices in a row of logits. The function `may_be` returns true for a token that may be chosen, and
    /// `may_open` for one that may begin the answer in place of the likeliest token of the row.
    pub(super) fn from_logits(
        row: &[f32],
        may_be: impl Fn(u32) -> bool,
        may_open: impl Fn(u32, u32) -> bool,
    ) -> Self {
        let above = |most: (u32, f32), next: (u32, f32)| if next.1 > most.1 { next } else { most };
        let (likeliest, most) = (0u32..).zip(row.iter().copied()).fold((0, f32::NEG_INFINITY), above);
        let ranked = |least: f32, is_one: &dyn Fn(u32) -> bool| {
            let ids = (0u32..).zip(row).filter(|(id, logit)| **logit >= least && is_one(*id));
            let mut ids: Vec<u32> = ids.map(|(id, _)| id).collect();
            ids.sort_by(|a, b| row[*b as usize].total_cmp(&row[*a as usize]).then(a.cmp(b)));
            ids.truncate(MOST_CHOICES);
            ids
        };
        let openers = ranked(most - CONCEIVABLE, &|id| may_open(id, likeliest) && may_be(id));
        Self { likely: ranked(most - LIKELY, &may_be), openers }
    }

    /// Returns the alternatives: the likely ones, or else those that could begin the answer, if `is_first_word`.
    fn alternatives(&self, is_first_word: bool) -> &[u32] {
        if self.likely.is_empty() && is_first_word { &self.openers } else { &self.likely }
    }
}

/// The state of the search in the current sentence. All indices count the tokens of the answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Wording {
    /// The index of the first token of the sentence, or of its first one that is held.
    start: usize,
    /// True if the text before `start` is whole sentences.
    is_after_sentence: bool,
    /// The tokens that may still be chosen, by the index of a position at which another one led nowhere.
    left: BTreeMap<usize, Vec<u32>>,
    tries: usize,
    /// The tokens of the first wording, with the one that led into the forbidden text. None before a second one is tried.
    first: Option<Vec<u32>>,
    /// The last tokens of the answer, which are decided, by index.
    decided: BTreeMap<usize, u32>,
    /// True if no answer was found that begins with something else.
    is_speechless: bool,
}

impl Wording {
    pub(super) fn start(&self) -> usize {
        self.start
    }

    pub(super) fn is_after_sentence(&self) -> bool {
        self.is_after_sentence
    }

    /// Begins a sentence, or a part of one that is too long to be held, with the token at `index`.
    pub(super) fn begin(&mut self, index: usize, is_after_sentence: bool) {
        if index == self.start {
            return;
        }
        (self.start, self.is_after_sentence) = (index, is_after_sentence);
        (self.tries, self.first) = (0, None);
        self.left.retain(|at, _| *at >= index);
    }

    /// Returns the tokens that alone may be chosen at `index`, or None if every token may.
    pub(super) fn only(&self, index: usize) -> Option<&[u32]> {
        if self.is_speechless {
            return Some(&[]);
        }
        let decided = self.decided.get(&index).map(std::slice::from_ref);
        decided.or_else(|| self.left.get(&index).map(Vec::as_slice))
    }

    /// Returns true if one of the `choices` is tried at `index`, behind all tokens that are committed.
    pub(super) fn try_here(&mut self, index: usize, choices: &Choices) -> bool {
        let alternatives = choices.alternatives(true);
        let is_open = self.tries < MOST_TRIES && !alternatives.is_empty();
        if is_open {
            self.tries += 1;
            self.left.insert(index, alternatives.to_vec());
        }
        is_open
    }

    /// Returns the latest index of the sentence at which another token is tried. The sentence has `tokens`, each with
    /// the choices at its position. Returns None if there is none, or if enough tokens were tried.
    pub(super) fn go_back<'c>(
        &mut self,
        is_first_word: bool,
        tokens: impl DoubleEndedIterator<Item = (u32, &'c Choices)> + ExactSizeIterator,
    ) -> Option<usize> {
        let start = self.start;
        for (offset, (token, choices)) in tokens.enumerate().rev() {
            let index = start + offset;
            let left = self.left.remove(&index);
            let mut left = left.unwrap_or_else(|| choices.alternatives(is_first_word).to_vec());
            left.retain(|other| *other != token);
            if !left.is_empty() && self.tries < MOST_TRIES {
                self.tries += 1;
                self.left.insert(index, left);
                return Some(index);
            }
        }
        None
    }

    /// Keeps the tokens of the first wording, with the one that led into the forbidden text.
    pub(super) fn remember(&mut self, tokens: impl FnOnce() -> Vec<u32>) {
        self.first.get_or_insert_with(tokens);
    }

    /// Returns the tokens of the first wording, if it was remembered.
    pub(super) fn first(&self) -> Option<&[u32]> {
        self.first.as_deref()
    }

    /// Decides the last tokens of the answer, from the start of the sentence on.
    pub(super) fn decide(&mut self, tokens: impl IntoIterator<Item = u32>) {
        self.decided = (self.start..).zip(tokens).collect();
        self.left.clear();
    }

    /// Notes that nothing else can be said, so that no token may be chosen from now on.
    pub(super) fn give_up(&mut self) {
        self.is_speechless = true;
    }

    /// Returns true if no answer was found that begins with something else.
    pub(super) fn is_speechless(&self) -> bool {
        self.is_speechless
    }

    /// Returns true if the last tokens of the answer are decided.
    pub(super) fn is_decided(&self) -> bool {
        !self.decided.is_empty()
    }

    /// Forgets what was tried behind more than `index` tokens, which belong to another text now.
    pub(super) fn keep_up_to(&mut self, index: usize) {
        self.left.retain(|behind, _| *behind <= index);
    }
}
