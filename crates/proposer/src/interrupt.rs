//! The interrupt: a trap that keeps forbidden words and patterns out of an answer.
//!
//! An automaton over bytes follows the tokens that were committed. A token is forbidden if its bytes take the
//! automaton into a match, so a word is stopped in whatever tokens it is spelled, and across them. Some
//! patterns match only once the next byte is known: "import" is a word before a space and no word in
//! "importance". The tokens since then are held back until the next byte decides, and dropped if the answer
//! ends there.

mod automaton;
mod characters;
mod ending;
mod wording;

use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use automaton::literal;
pub use automaton::{ForbiddenAutomaton, PatternError};
use ending::Ending;
use neural::{Backend, Commit, PassSite, TokenMask, Traps};
use regex_automata::util::primitives::StateID;
use wording::{Choices, Wording};

/// The largest number of masks that an interrupt stores. When there would be more, all are dropped and
/// computed again when needed.
const MOST_MASKS: usize = 1024;

/// A token that was chosen and appended to the answer.
#[derive(Clone, Debug)]
struct Committed {
    position: usize,
    token: u32,
    /// The state of the automaton after the token.
    state: StateID,
    /// The length of the text in bytes before the token.
    before: usize,
    /// The tokens that could have been chosen instead, if another wording may be looked for.
    choices: Choices,
}

/// A trap on the choice of tokens, which keeps one answer free of forbidden words and patterns.
///
/// The interrupt changes no values of the forward pass. Its state depends on the committed tokens and, if another
/// wording may be looked for, on the logits from which they were chosen. So the answer is the same for any split into
/// chunks, drafts and batches.
#[derive(Clone, Debug)]
pub struct Interrupt {
    forbidden: Arc<ForbiddenAutomaton>,
    committed: Vec<Committed>,
    /// The bytes of the committed tokens.
    text: Vec<u8>,
    /// The tokens that may not follow, by state of the automaton, and by true if the text has begun.
    masks: HashMap<(StateID, bool), TokenMask>,
    /// The search for another wording. None if another token is chosen only where the forbidden text would be complete.
    wording: Option<Wording>,
    /// The tokens that could be chosen next, and the number of logits at that position.
    next: (Choices, u32),
    /// The mask of a position at which few tokens may be chosen.
    few: TokenMask,
}

impl Interrupt {
    /// Returns an interrupt for an answer that has no tokens yet.
    #[must_use]
    pub fn new(forbidden: &Arc<ForbiddenAutomaton>) -> Self {
        Self {
            forbidden: Arc::clone(forbidden),
            committed: Vec::new(),
            text: Vec::new(),
            masks: HashMap::new(),
            wording: None,
            next: (Choices::default(), 0),
            few: TokenMask::default(),
        }
    }

    /// Returns the same interrupt for an answer that words a sentence otherwise where the model would complete a
    /// forbidden text in it. So the tokens of a sentence are held until the next one begins.
    #[must_use]
    pub fn rewording(self) -> Self {
        let mut wording = Wording::default();
        wording.begin(self.committed.len(), characters::ends_sentence(&self.text));
        Self { wording: Some(wording), ..self }
    }

    /// Returns an interrupt for an answer that has `tokens` already, the first of which has the position
    /// `first`. Use it to continue an answer that another process began. Returns None if a pattern matches
    /// among the tokens.
    #[must_use]
    pub fn after(forbidden: &Arc<ForbiddenAutomaton>, first: usize, tokens: &[u32]) -> Option<Self> {
        let mut interrupt = Self::new(forbidden);
        for (position, token) in (first..).zip(tokens) {
            interrupt.push(position, *token)?;
        }
        Some(interrupt)
    }

    /// Returns the tokens that may not be chosen next, or None if every token may.
    pub fn mask(&mut self) -> Option<&TokenMask> {
        let key = (self.state(), self.begun());
        if self.masks.len() >= MOST_MASKS && !self.masks.contains_key(&key) {
            self.masks.clear();
        }
        let mask = self.masks.entry(key).or_insert_with(|| self.forbidden.mask(key.0, key.1));
        let only = self.wording.as_ref().and_then(|wording| wording.only(self.committed.len()));
        if let Some(only) = only {
            let width = self.next.1.max(self.forbidden.count());
            self.few = TokenMask::forbidding((0..width).filter(|id| !only.contains(id) || !mask.allows(*id)));
            return Some(&self.few);
        }
        Some(&*mask).filter(|mask| mask.count() > 0)
    }

    /// Takes the logits from which the next token is chosen, and remembers what else is likely there.
    pub fn weigh(&mut self, row: &[f32]) {
        if self.wording.is_none() {
            return;
        }
        let mask = self.mask().cloned().unwrap_or_default();
        let (text, begun) = (&self.text, self.begun());
        let may_be = |id: u32| {
            let bytes = self.forbidden.read(id, begun);
            mask.allows(id) && !bytes.is_empty() && characters::leaves_words_whole(text, bytes)
        };
        let is_silent = !text.iter().any(|byte| characters::is_of_a_word(*byte));
        let may_open = |id: u32, like: u32| {
            is_silent && self.forbidden.is_word(id, begun) && self.forbidden.is_alike(id, like, begun)
        };
        let choices = Choices::from_logits(row, may_be, may_open);
        self.next = (choices, row.len() as u32);
    }

    /// Takes the token that was chosen at `position`, and decides if it may be shown: at once, only after a
    /// later token, or not at all. A token that completes a match halts the answer and is not taken.
    pub fn commit(&mut self, position: usize, token: u32) -> Commit {
        let was_open = self.forbidden.matches_at_end(self.state());
        let index = self.committed.len();
        let is_new = characters::begins_sentence(&self.text, self.read(token));
        let Some(state) = self.push(position, token) else { return Commit::Halt };
        let Some(wording) = &mut self.wording else {
            return if self.forbidden.matches_at_end(state) { Commit::Held } else { Commit::Visible };
        };
        let is_long = index - wording.start().min(index) >= wording::MOST_TOKENS;
        // A text that would match if it ended before this token is not shown without it.
        if (is_new || is_long) && !was_open && !wording.is_decided() {
            wording.begin(index, is_new);
            return Commit::Begins;
        }
        Commit::Held
    }

    /// Returns an earlier position at which another token is to be chosen, because the model wants `wanted` now, which
    /// may not be chosen. Returns None if another token is to be chosen here.
    ///
    /// The latest position of the sentence is taken at which another token is likely. If there is none, the answer ends:
    /// behind the last sentence, behind the last clause, or with an ellipsis.
    pub fn reconsider(&mut self, wanted: u32) -> Option<usize> {
        let (index, next) = (self.committed.len(), self.read(wanted));
        let leaves_whole = characters::leaves_words_whole(&self.text, next);
        let is_whole = characters::begins_sentence(&self.text, next);
        let is_first_word = characters::is_first_word(&self.text) && !leaves_whole;
        let wording = self.wording.as_mut()?;
        let start = wording.start();
        let held = self.committed.get(start..).filter(|held| held.len() <= 2 * wording::MOST_TOKENS)?;
        if wording.is_decided() || wording.only(index).is_some_and(|only| !only.is_empty()) {
            return None;
        }
        let tokens = || held.iter().map(|committed| committed.token).chain([wanted]).collect::<Vec<_>>();
        if !is_first_word && !held.is_empty() {
            wording.remember(tokens);
        }
        if leaves_whole && wording.try_here(index, &self.next.0) {
            return None;
        }
        if !is_whole {
            let choices = held.iter().map(|committed| (committed.token, &committed.choices));
            if let Some(index) = wording.go_back(is_first_word, choices) {
                return Some(self.committed[index].position);
            }
        }
        let now = tokens();
        let tokens = wording.first().filter(|_| !is_whole).map_or(now, <[u32]>::to_vec);
        let end = self.end(start, &tokens, is_whole);
        let says_nothing = start == 0 && !self.forbidden.ends().is_empty();
        let wording = self.wording.as_mut()?;
        match end {
            Some(end) => wording.decide(end),
            // Without a token that ends an answer, another continuation is all that can be had.
            None => {
                if says_nothing {
                    wording.give_up();
                }
                return None;
            }
        }
        self.committed.get(start).map(|committed| committed.position)
    }

    /// Returns true if the model would begin with a forbidden text, and no other beginning is likely enough.
    pub(crate) fn is_speechless(&self) -> bool {
        self.wording.as_ref().is_some_and(Wording::is_speechless)
    }

    /// Returns the last tokens of the answer in place of those of a sentence that begins at the index `start`. Returns
    /// None if the answer cannot end.
    fn end(&self, start: usize, tokens: &[u32], is_whole: bool) -> Option<Vec<u32>> {
        let before = self.committed.get(start).map_or(self.text.len(), |committed| committed.before);
        let from = start.checked_sub(1).map_or(self.forbidden.start(), |last| self.committed[last].state);
        let ending = Ending { forbidden: &self.forbidden, from, text: &self.text[..before], tokens };
        let is_after_sentence = self.wording.as_ref()?.is_after_sentence();
        let whole = if is_whole { ending.whole() } else { None };
        let dropped = || if is_after_sentence { ending.dropped() } else { None };
        whole.or_else(dropped).or_else(|| ending.behind_clause()).or_else(|| ending.broken_off())
    }

    /// Returns true if the answer may end here, after the last `cut` bytes of its text were removed.
    #[must_use]
    pub fn may_end(&self, cut: usize) -> bool {
        let (forbidden, first) = (&self.forbidden, self.silent());
        let committed = self.committed.iter().enumerate();
        let bytes = committed.flat_map(|(at, committed)| forbidden.read(committed.token, at > first));
        let bytes: Vec<u8> = bytes.copied().collect();
        let left = forbidden.walk(forbidden.start(), &bytes[..bytes.len().saturating_sub(cut)]);
        left.is_some_and(|state| !forbidden.matches_at_end(state))
    }

    /// Drops the tokens that were committed at position `to` and later.
    pub fn retract(&mut self, to: usize) {
        let kept = self.committed.iter().take_while(|committed| committed.position < to).count();
        let before = self.committed.get(kept).map_or(self.text.len(), |committed| committed.before);
        self.committed.truncate(kept);
        self.text.truncate(before);
        if let Some(wording) = &mut self.wording {
            wording.keep_up_to(kept);
        }
    }

    /// Takes a token and returns the state after it. Returns None, and takes nothing, if the token completes
    /// a match.
    fn push(&mut self, position: usize, token: u32) -> Option<StateID> {
        let begun = self.begun();
        let state = self.forbidden.after_token(self.state(), token, begun)?;
        let (before, mut choices) = (self.text.len(), std::mem::take(&mut self.next.0));
        choices.likely.retain(|other| *other != token);
        self.committed.push(Committed { position, token, state, before, choices });
        self.text.extend_from_slice(self.forbidden.read(token, begun));
        Some(state)
    }

    /// Returns the bytes of a token that would come next.
    fn read(&self, token: u32) -> &[u8] {
        self.forbidden.read(token, self.begun())
    }

    fn state(&self) -> StateID {
        self.committed.last().map_or(self.forbidden.start(), |committed| committed.state)
    }

    /// Returns the number of tokens without bytes, such as special ones, before the first token with bytes.
    fn silent(&self) -> usize {
        self.committed.iter().take_while(|committed| self.forbidden.is_silent(committed.token)).count()
    }

    /// Returns true once a committed token has bytes.
    fn begun(&self) -> bool {
        self.silent() < self.committed.len()
    }
}

impl<B: Backend> Traps<B> for Interrupt {
    fn ignores(&self, _: PassSite) -> bool {
        true
    }

    fn weigh(&mut self, _: usize, logits: &[f32]) {
        self.weigh(logits);
    }

    fn mask(&mut self, _: usize) -> Option<&TokenMask> {
        self.mask()
    }

    fn reconsider(&mut self, _: usize, wanted: u32) -> Option<usize> {
        self.reconsider(wanted)
    }

    fn commit(&mut self, position: usize, token: u32) -> Commit {
        self.commit(position, token)
    }

    fn finish(&mut self, cut: usize) -> bool {
        self.may_end(cut)
    }

    fn retracted(&mut self, to: usize) {
        self.retract(to);
    }
}

#[cfg(test)]
mod tests;
