//! The interrupt: a trap that keeps forbidden words and patterns out of an answer.
//!
//! An automaton over bytes follows the tokens that were committed. A token is forbidden if its bytes take the
//! automaton into a match, so a word is stopped in whatever tokens it is spelled, and across them. Some
//! patterns match only once the next byte is known: "import" is a word before a space and no word in
//! "importance". The tokens since then are held back until the next byte decides, and dropped if the answer
//! ends there.

mod automaton;
mod tried;

use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use automaton::literal;
pub use automaton::{ForbiddenAutomaton, PatternError};
use neural::{Backend, Commit, PassSite, TokenMask, Traps};
use regex_automata::util::primitives::StateID;
use tried::{TriedWords, is_of_a_word};

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
    /// True if a word begins with the token or within it.
    begins: bool,
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
    /// The beginnings of words that led into a forbidden text. None if another token is chosen only where the forbidden
    /// text would be complete.
    tried: Option<TriedWords>,
    /// The mask of a position where beginnings were tried.
    joined: TokenMask,
}

impl Interrupt {
    /// Returns an interrupt for an answer that has no tokens yet.
    #[must_use]
    pub fn new(forbidden: &Arc<ForbiddenAutomaton>) -> Self {
        let (committed, masks) = (Vec::new(), HashMap::new());
        Self { forbidden: Arc::clone(forbidden), committed, masks, tried: None, joined: TokenMask::default() }
    }

    /// Returns the same interrupt for an answer that says another word where the model would complete a forbidden text
    /// within a word: the answer goes back to the beginning of that word. So the tokens of a word are held until the
    /// next word begins.
    #[must_use]
    pub fn rewording(self) -> Self {
        Self { tried: Some(TriedWords::default()), ..self }
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
        let tried = self.tried.as_ref().map_or(&[][..], |tried| tried.at(self.committed.len()));
        if !tried.is_empty() {
            self.joined.clone_from(mask);
            tried.iter().for_each(|token| self.joined.forbid(*token));
            let words = self.forbidden.words_alike(&self.joined, tried[0], key.1);
            self.joined = words.unwrap_or_else(|| std::mem::take(&mut self.joined));
            return Some(&self.joined);
        }
        Some(&*mask).filter(|mask| mask.count() > 0)
    }

    /// Takes the token that was chosen at `position`, and decides if it may be shown: at once, only after a
    /// later token, or not at all. A token that completes a match halts the answer and is not taken.
    pub fn commit(&mut self, position: usize, token: u32) -> Commit {
        let was_open = self.forbidden.matches_at_end(self.state());
        let Some(state) = self.push(position, token) else { return Commit::Halt };
        let may_match = self.forbidden.matches_at_end(state);
        let begins = self.committed.last().is_some_and(|last| last.begins);
        match self.tried {
            None if may_match => Commit::Held,
            None => Commit::Visible,
            Some(_) if !may_match && !self.is_in_a_word() => Commit::Visible,
            // A text that would match if it ended before this token is not shown without it.
            Some(_) if begins && !was_open => Commit::Begins,
            Some(_) => Commit::Held,
        }
    }

    /// Returns the position of the beginning of the current word, whose token is forbidden there from now on, because
    /// the model wants `wanted` now, which may not be chosen. Returns None if the word begins with `wanted`, or if
    /// enough beginnings were tried.
    pub fn reconsider(&mut self, wanted: u32) -> Option<usize> {
        let begins =
            !self.is_in_a_word() || self.read(wanted).first().is_some_and(|byte| !is_of_a_word(*byte));
        if begins && !self.forbidden.matches_at_end(self.state()) {
            let index = self.committed.len();
            if self.tried.as_ref()?.at(index).is_empty() && self.forbidden.is_word(wanted, self.begun()) {
                self.tried.as_mut()?.add(index, wanted);
            }
            return None;
        }
        let index = self.committed.iter().rposition(|committed| committed.begins)?;
        let beginning = self.committed[index];
        self.tried.as_mut()?.add(index, beginning.token).then_some(beginning.position)
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
        if let Some(tried) = &mut self.tried {
            tried.keep_up_to(self.committed.len());
        }
    }

    /// Takes a token and returns the state after it. Returns None, and takes nothing, if the token completes
    /// a match.
    fn push(&mut self, position: usize, token: u32) -> Option<StateID> {
        let state = self.forbidden.after_token(self.state(), token, self.begun())?;
        let begins = self.begins(token);
        self.committed.push(Committed { position, token, state, begins });
        Some(state)
    }

    /// Returns true if a word begins with this token, or within it, or if the current word is too long to go back.
    fn begins(&self, token: u32) -> bool {
        let length = self.committed.iter().rev().take_while(|committed| !committed.begins).count() + 1;
        let bytes = self.read(token);
        !self.is_in_a_word() || bytes.iter().any(|byte| !is_of_a_word(*byte)) || length >= tried::MOST_TOKENS
    }

    /// Returns true if the last token ends within a word.
    fn is_in_a_word(&self) -> bool {
        let first = self.silent();
        let tokens = self.committed.iter().enumerate().rev();
        let mut bytes = tokens.map(|(at, committed)| self.forbidden.read(committed.token, at > first));
        bytes.find_map(<[u8]>::last).is_some_and(|byte| is_of_a_word(*byte))
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
