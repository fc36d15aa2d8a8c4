//! The deterministic interrupt: words and patterns that no answer contains.
//!
//! An automaton over bytes runs along the tokens that were committed. A token is forbidden where its bytes take the
//! automaton into a match, so a word is stopped in whatever tokens it is spelled, and across them. Some patterns match
//! only once the next byte is known: "import" is a word before a space and no word in "importance". The tokens since
//! then are held until the next byte decides, and dropped if the answer ends there.

mod automaton;

use std::collections::HashMap;
use std::sync::Arc;

pub use automaton::{ForbiddenAutomaton, PatternError};
use neural::{Backend, Commit, PassSite, TokenMask, Traps};
use regex_automata::util::primitives::StateID;

/// The most masks that an interrupt keeps. One more, and all of them are dropped and computed again on demand.
const MOST_MASKS: usize = 1024;

/// A token that was committed.
#[derive(Clone, Copy, Debug)]
struct Committed {
    position: usize,
    token: u32,
    /// The automaton's state after the token.
    state: StateID,
}

/// A trap on the choice of tokens that keeps one answer free of forbidden words and patterns.
///
/// The interrupt reads no values of the forward pass and changes none. The state depends on the committed tokens
/// alone, so the answer is the same for any chunks, drafts and batches.
#[derive(Clone, Debug)]
pub struct Interrupt {
    forbidden: Arc<ForbiddenAutomaton>,
    committed: Vec<Committed>,
    /// By state, and by whether the text has begun: the tokens that may not follow.
    masks: HashMap<(StateID, bool), TokenMask>,
}

impl Interrupt {
    /// Creates an interrupt that stands before the first token of an answer.
    #[must_use]
    pub fn new(forbidden: &Arc<ForbiddenAutomaton>) -> Self {
        Self { forbidden: Arc::clone(forbidden), committed: Vec::new(), masks: HashMap::new() }
    }

    /// Creates an interrupt that stands after `tokens`, the first of which has the position `first`. Use it to go on
    /// with an answer that another process began. Returns none if a pattern matches among the tokens.
    #[must_use]
    pub fn after(forbidden: &Arc<ForbiddenAutomaton>, first: usize, tokens: &[u32]) -> Option<Self> {
        let mut interrupt = Self::new(forbidden);
        for (position, token) in (first..).zip(tokens) {
            interrupt.push(position, *token)?;
        }
        Some(interrupt)
    }

    /// Returns the tokens that may not be chosen next; none if every token may.
    pub fn mask(&mut self) -> Option<&TokenMask> {
        let key = (self.state(), self.begun());
        if self.masks.len() >= MOST_MASKS && !self.masks.contains_key(&key) {
            self.masks.clear();
        }
        let mask = self.masks.entry(key).or_insert_with(|| self.forbidden.mask(key.0, key.1));
        Some(&*mask).filter(|mask| mask.count() > 0)
    }

    /// Takes note of the token that was chosen at `position`, and decides whether it may be shown. A token that
    /// completes a match halts the answer and is not noted.
    pub fn commit(&mut self, position: usize, token: u32) -> Commit {
        match self.push(position, token) {
            None => Commit::Halt,
            Some(state) if self.forbidden.matches_at_end(state) => Commit::Held,
            Some(_) => Commit::Visible,
        }
    }

    /// Returns true if the answer may end here, without the last `cut` bytes of its text.
    #[must_use]
    pub fn may_end(&self, cut: usize) -> bool {
        let (forbidden, first) = (&self.forbidden, self.silent());
        let committed = self.committed.iter().enumerate();
        let bytes = committed.flat_map(|(at, committed)| forbidden.read(committed.token, at > first));
        let bytes: Vec<u8> = bytes.copied().collect();
        let left = forbidden.walk(forbidden.start(), &bytes[..bytes.len().saturating_sub(cut)]);
        left.is_some_and(|state| !forbidden.matches_at_end(state))
    }

    /// Forgets the tokens that were committed at positions from `to` on.
    pub fn retract(&mut self, to: usize) {
        self.committed.retain(|committed| committed.position < to);
    }

    /// Notes a token and returns the state after it; none, and nothing noted, if it completes a match.
    fn push(&mut self, position: usize, token: u32) -> Option<StateID> {
        let state = self.forbidden.walk(self.state(), self.forbidden.read(token, self.begun()))?;
        self.committed.push(Committed { position, token, state });
        Some(state)
    }

    fn state(&self) -> StateID {
        self.committed.last().map_or(self.forbidden.start(), |committed| committed.state)
    }

    /// The number of tokens without bytes, special ones, before the first token that has some.
    fn silent(&self) -> usize {
        self.committed.iter().take_while(|committed| self.forbidden.is_silent(committed.token)).count()
    }

    /// True once a committed token has bytes.
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
