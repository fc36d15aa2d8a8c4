//! The end of an answer that would say a forbidden text if it went on.

use regex_automata::util::primitives::StateID;

use super::automaton::ForbiddenAutomaton;
use super::characters::{is_end_of_clause, is_of_a_word, leaves_words_whole};

/// The ends of a sentence that its model cannot end, the better first.
const MARKS: [&str; 2] = [".", "!"];
/// The marks of a sentence that is not whole.
const ELLIPSES: [&str; 2] = ["...", "\u{2026}"];

/// A sentence that leads into a forbidden text, whatever is tried.
pub(super) struct Ending<'a> {
    pub(super) forbidden: &'a ForbiddenAutomaton,
    /// The state of the automaton before the sentence.
    pub(super) from: StateID,
    /// The text before the sentence.
    pub(super) text: &'a [u8],
    /// The tokens of the sentence, and the one that led into the forbidden text.
    pub(super) tokens: &'a [u32],
}

impl Ending<'_> {
    /// Returns the tokens of the sentence as it is, with an end behind it.
    pub(super) fn whole(&self) -> Option<Vec<u32>> {
        let (_, sentence) = self.tokens.split_last()?;
        self.ended(sentence, &[])
    }

    /// Returns no token of the sentence, and an end.
    pub(super) fn dropped(&self) -> Option<Vec<u32>> {
        self.ended(&[], &[])
    }

    /// Returns the tokens up to the last whole clause of the sentence, and the end of a sentence.
    pub(super) fn behind_clause(&self) -> Option<Vec<u32>> {
        (1..self.tokens.len())
            .rev()
            .filter(|at| is_end_of_clause(self.forbidden.read(self.tokens[*at], true)))
            .find_map(|at| self.marked(&self.tokens[..at], &MARKS))
    }

    /// Returns the tokens up to the word that led into the forbidden text, and an ellipsis.
    pub(super) fn broken_off(&self) -> Option<Vec<u32>> {
        (1..self.tokens.len()).rev().find_map(|at| {
            let next = self.forbidden.read(self.tokens[at], true);
            let kept = &self.tokens[..at];
            leaves_words_whole(&self.said(kept), next).then(|| self.marked(kept, &ELLIPSES)).flatten()
        })
    }

    /// Returns `kept` with the first of the `marks` behind which the answer may end.
    fn marked(&self, kept: &[u32], marks: &[&str]) -> Option<Vec<u32>> {
        let says_a_word = self.said(kept).iter().any(|byte| is_of_a_word(*byte));
        let mut marks = marks.iter().filter_map(|mark| self.forbidden.spelled(mark));
        marks.find_map(|mark| self.ended(kept, &mark)).filter(|_| says_a_word)
    }

    /// Returns `kept`, `more` and an end of the answer. None if that completes a forbidden text.
    fn ended(&self, kept: &[u32], more: &[u32]) -> Option<Vec<u32>> {
        let tokens = [kept, more].concat();
        let mut begun = !self.text.is_empty();
        let state = tokens.iter().try_fold(self.from, |state, token| {
            let next = self.forbidden.after_token(state, *token, begun);
            begun |= !self.forbidden.is_silent(*token);
            next
        })?;
        let end = self.forbidden.ends().first().filter(|_| !self.forbidden.matches_at_end(state))?;
        Some([&tokens[..], &[*end]].concat())
    }

    /// Returns the text with `tokens` behind it.
    fn said(&self, tokens: &[u32]) -> Vec<u8> {
        let bytes = tokens.iter().flat_map(|token| self.forbidden.read(*token, true));
        self.text.iter().chain(bytes).copied().collect()
    }
}
