//! The interrupt: a trap that keeps forbidden words and patterns out of an answer.
//!
//! An automaton over bytes follows the tokens that were committed. A token is forbidden if its bytes take the
//! automaton into a match, so a word is stopped in whatever tokens it is spelled, and across them. Some
//! patterns match only once the next byte is known: "import" is a word before a space and no word in
//! "importance". The tokens since then are held back until the next byte decides, and dropped if the answer
//! ends there.

mod automaton;

use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use automaton::literal;
pub use automaton::{ForbiddenAutomaton, PatternError};
use neural::{Backend, Commit, PassSite, TokenMask, Traps};
use regex_automata::util::primitives::StateID;

/// The largest number of masks that an interrupt stores. When there would be more, all are dropped and
/// computed again when needed.
const MOST_MASKS: usize = 1024;

/// A token that was chosen and appended to the answer.
#[derive(Clone, Copy, Debug)]
struct Committed {
    position: usize,
    token: u32,
    /// The state of the automaton after the token.
    state: StateID,
}

/// A trap on the choice of tokens, which keeps one answer free of forbidden words and patterns.
///
/// The interrupt reads no values of the forward pass and changes none. Its state depends only on the
/// committed tokens, so the answer is the same for any split into chunks, drafts and batches.
#[derive(Clone, Debug)]
pub struct Interrupt {
    forbidden: Arc<ForbiddenAutomaton>,
    committed: Vec<Committed>,
    /// The tokens that may not follow, by state of the automaton, and by true if the text has begun.
    masks: HashMap<(StateID, bool), TokenMask>,
}

impl Interrupt {
    /// Returns an interrupt for an answer that has no tokens yet.
    #[must_use]
    pub fn new(forbidden: &Arc<ForbiddenAutomaton>) -> Self {
        Self { forbidden: Arc::clone(forbidden), committed: Vec::new(), masks: HashMap::new() }
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
        Some(&*mask).filter(|mask| mask.count() > 0)
    }

    /// Takes the token that was chosen at `position`, and decides if it may be shown: at once, only after a
    /// later token, or not at all. A token that completes a match halts the answer and is not taken.
    pub fn commit(&mut self, position: usize, token: u32) -> Commit {
        match self.push(position, token) {
            None => Commit::Halt,
            Some(state) if self.forbidden.matches_at_end(state) => Commit::Held,
            Some(_) => Commit::Visible,
        }
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
        self.committed.retain(|committed| committed.position < to);
    }

    /// Takes a token and returns the state after it. Returns None, and takes nothing, if the token completes
    /// a match.
    fn push(&mut self, position: usize, token: u32) -> Option<StateID> {
        let state = self.forbidden.after_token(self.state(), token, self.begun())?;
        self.committed.push(Committed { position, token, state });
        Some(state)
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

    fn mask(&mut self, _: usize) -> Option<&TokenMask> {
        self.mask()
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
