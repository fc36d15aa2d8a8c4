//! The deterministic interrupt: words and patterns that no answer contains.
//!
//! An automaton over bytes runs along the tokens that were committed. A token is forbidden where its bytes take the
//! automaton into a match, so a word is stopped in whatever tokens it is spelled, and across them. Whether some
//! patterns match shows only with the next byte ("import" is a word before a space and none in "importance"); the
//! tokens since are held until then, and dropped if the answer ends there.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use neural::{Backend, Commit, PassSite, TokenMask, Traps};
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};
use text::TokenBytes;
use thiserror::Error;

/// The most memory that an automaton, and its making, may take, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// Masks that are remembered before all of them are made anew.
const MOST_MASKS: usize = 1024;

/// Why words or patterns cannot be forbidden.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ForbiddenError {
    /// It is in every answer.
    #[error("pattern {index} ({pattern}) matches a text of no bytes and would forbid every answer")]
    MatchesNothing {
        /// Its place, words before patterns, from 0.
        index: usize,
        /// The pattern.
        pattern: String,
    },
    /// It is no regular expression, or one that looks at more than bytes and ASCII words.
    #[error("pattern {index} ({pattern}) is refused: {why}")]
    Pattern {
        /// Its place, words before patterns, from 0.
        index: usize,
        /// The pattern.
        pattern: String,
        /// What is wrong.
        why: String,
    },
    /// All of them together take too large an automaton.
    #[error(
        "the patterns take an automaton of more than 16 MiB together ({why}); forbid fewer or simpler ones"
    )]
    TooLarge {
        /// What was too large.
        why: String,
    },
}

/// What no answer contains, as an automaton over the bytes of a tokenizer's tokens.
#[derive(Clone)]
pub struct Forbidden {
    automaton: dense::DFA<Vec<u32>>,
    start: StateID,
    /// By state: something matched before the last byte, or has matched whatever follows.
    matched: Vec<bool>,
    /// By state: something matches if the text ends here.
    matches_at_end: Vec<bool>,
    bytes: TokenBytes,
    end_tokens: Vec<u32>,
}

impl Forbidden {
    /// Forbids words, as they stand between characters that are not ASCII letters, digits or `_`, and regular
    /// expressions in the syntax of the crate `regex-automata`, which are looked for anywhere. `bytes` are those of the
    /// tokens, and `end_tokens` the ids that end an answer.
    ///
    /// # Errors
    /// [`ForbiddenError`] for a pattern that is none, that needs more than an automaton (Unicode word boundaries; write
    /// `(?-u:\b)`), that matches no bytes, or for patterns that are too large.
    pub fn new(
        words: &[&str],
        patterns: &[&str],
        bytes: TokenBytes,
        end_tokens: &[u32],
    ) -> Result<Self, ForbiddenError> {
        let all: Vec<String> =
            words.iter().map(|word| whole_word(word)).chain(patterns.iter().map(|&p| p.to_owned())).collect();
        for (index, pattern) in all.iter().enumerate() {
            let refused = |why| ForbiddenError::Pattern { index, pattern: pattern.clone(), why };
            let parsed = syntax::parse_with(pattern, &bytewise()).map_err(|error| refused(causes(&error)))?;
            if parsed.properties().look_set().contains_word_unicode() {
                return Err(refused(r"it has a Unicode word boundary; write (?-u:\b)".to_owned()));
            }
        }
        // One automaton for all of them, not one for each: patterns come from ledgers too, and what they take is bounded
        // for all together.
        let automaton = automaton(&all).map_err(|error| ForbiddenError::TooLarge { why: causes(&*error) })?;
        let start =
            unanchored(&automaton).map_err(|error| ForbiddenError::TooLarge { why: error.to_string() })?;
        let ended = automaton.next_eoi_state(start);
        if automaton.is_match_state(ended) {
            let index = automaton.match_pattern(ended, 0).as_usize();
            return Err(ForbiddenError::MatchesNothing { index, pattern: all[index].clone() });
        }
        let mut forbidden = Self {
            automaton,
            start,
            matched: Vec::new(),
            matches_at_end: Vec::new(),
            bytes,
            end_tokens: end_tokens.to_vec(),
        };
        forbidden.look_at_states();
        Ok(forbidden)
    }

    /// Fills what is known of each state that can be reached.
    fn look_at_states(&mut self) {
        let mut seen = vec![false; self.index(self.start) + 1];
        let mut left = vec![self.start];
        while let Some(state) = left.pop() {
            let index = self.index(state);
            if seen.len() <= index {
                seen.resize(index + 1, false);
            }
            if std::mem::replace(&mut seen[index], true) {
                continue;
            }
            let automaton = &self.automaton;
            let at_end = automaton.is_match_state(automaton.next_eoi_state(state));
            let next: Vec<StateID> = (0..=255).map(|byte| automaton.next_state(state, byte)).collect();
            let anyway = at_end && next.iter().all(|next| automaton.is_match_state(*next));
            let matched = anyway || automaton.is_match_state(state);
            if self.matched.len() <= index {
                self.matched.resize(index + 1, false);
                self.matches_at_end.resize(index + 1, false);
            }
            (self.matched[index], self.matches_at_end[index]) = (matched, at_end);
            left.extend(next);
        }
    }

    fn index(&self, state: StateID) -> usize {
        state.as_usize() >> self.automaton.stride2()
    }

    /// The state after more bytes; none where they match.
    fn walk(&self, from: StateID, bytes: &[u8]) -> Option<StateID> {
        bytes.iter().try_fold(from, |state, byte| {
            let next = self.automaton.next_state(state, *byte);
            (!self.matched[self.index(next)]).then_some(next)
        })
    }

    /// The bytes of a token, as the first of a text or as a later one.
    fn read(&self, token: u32, begun: bool) -> &[u8] {
        if begun { self.bytes.of(token) } else { self.bytes.opening(token) }
    }

    /// What may not follow where there is a text already, or none.
    fn mask(&self, state: StateID, begun: bool) -> TokenMask {
        let matching =
            (0..self.bytes.len() as u32).filter(|id| self.walk(state, self.read(*id, begun)).is_none());
        let ends = self.end_tokens.iter().copied().filter(|_| self.matches_at_end[self.index(state)]);
        TokenMask::forbidding(matching.chain(ends))
    }
}

impl fmt::Debug for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forbidden").field("states", &self.matched.len()).finish_non_exhaustive()
    }
}

/// The pattern of a word by itself. An end that is no ASCII word character needs no boundary.
fn whole_word(word: &str) -> String {
    let boundary = |byte: Option<u8>| match byte {
        Some(b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_') => r"(?-u:\b)",
        _ => "",
    };
    let (first, last) = (word.bytes().next(), word.bytes().last());
    let escaped: String = word
        .chars()
        .flat_map(|char| ['\\'].into_iter().filter(move |_| is_meta(char)).chain([char]))
        .collect();
    format!("{}{escaped}{}", boundary(first), boundary(last))
}

/// Whether a character means something else than itself in a pattern.
fn is_meta(char: char) -> bool {
    char.is_ascii_punctuation() && char != '_' && char != '<' && char != '>'
}

/// How patterns are read: they may match what is no UTF-8.
fn bytewise() -> syntax::Config {
    syntax::Config::new().utf8(false)
}

fn automaton(patterns: &[String]) -> Result<dense::DFA<Vec<u32>>, Box<dense::BuildError>> {
    let config = dense::Config::new()
        .start_kind(StartKind::Unanchored)
        .match_kind(MatchKind::All)
        .dfa_size_limit(Some(MOST_BYTES))
        .determinize_size_limit(Some(MOST_BYTES));
    dense::Builder::new()
        .configure(config)
        .syntax(bytewise())
        .thompson(regex_automata::nfa::thompson::Config::new().utf8(false).nfa_size_limit(Some(MOST_BYTES)))
        .build_many(patterns)
        .map_err(Box::new)
}

/// The state before a text.
fn unanchored(automaton: &dense::DFA<Vec<u32>>) -> Result<StateID, regex_automata::dfa::StartError> {
    automaton.start_state(&start::Config::new().anchored(Anchored::No))
}

/// An error and what it came of, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The automaton along one answer.
#[derive(Clone, Debug)]
pub struct Interrupt {
    forbidden: Arc<Forbidden>,
    /// Position, token, and the state after it.
    committed: Vec<(usize, u32, StateID)>,
    /// By state, and whether there is a text before it.
    masks: HashMap<(StateID, bool), TokenMask>,
}

impl Interrupt {
    /// Before the first token of an answer.
    #[must_use]
    pub fn new(forbidden: &Arc<Forbidden>) -> Self {
        Self { forbidden: Arc::clone(forbidden), committed: Vec::new(), masks: HashMap::new() }
    }

    /// After the tokens that an answer has already, the first of them at position `first`: what is needed to go on with
    /// one that another process began. None if they have a match among them.
    #[must_use]
    pub fn after(forbidden: &Arc<Forbidden>, first: usize, tokens: &[u32]) -> Option<Self> {
        let mut interrupt = Self::new(forbidden);
        for (position, token) in (first..).zip(tokens) {
            interrupt.push(position, *token)?;
        }
        Some(interrupt)
    }

    /// Notes a token and returns the state after it; none, and nothing noted, if it completes a match.
    fn push(&mut self, position: usize, token: u32) -> Option<StateID> {
        let state = self.forbidden.walk(self.state(), self.forbidden.read(token, self.begun()))?;
        self.committed.push((position, token, state));
        Some(state)
    }

    fn state(&self) -> StateID {
        self.committed.last().map_or(self.forbidden.start, |(_, _, state)| *state)
    }

    /// How many tokens were committed before there was a text: special ones, which have no bytes.
    fn silent(&self) -> usize {
        let bytes = &self.forbidden.bytes;
        self.committed.iter().take_while(|(_, token, _)| bytes.of(*token).is_empty()).count()
    }

    /// Whether there is a text already.
    fn begun(&self) -> bool {
        self.silent() < self.committed.len()
    }

    /// Whether something matches where the answer ends `cut` bytes before its end.
    fn ends_badly(&self, cut: usize) -> bool {
        let (forbidden, first) = (&self.forbidden, self.silent());
        let committed = self.committed.iter().enumerate();
        let bytes = committed.flat_map(|(at, (_, token, _))| forbidden.read(*token, at > first));
        let bytes: Vec<u8> = bytes.copied().collect();
        let left = forbidden.walk(forbidden.start, &bytes[..bytes.len().saturating_sub(cut)]);
        left.is_none_or(|state| forbidden.matches_at_end[forbidden.index(state)])
    }
}

impl<B: Backend> Traps<B> for Interrupt {
    fn deaf(&self, _: PassSite) -> bool {
        true
    }

    fn mask(&mut self, _: usize) -> Option<&TokenMask> {
        let (state, begun) = (self.state(), self.begun());
        if self.masks.len() >= MOST_MASKS && !self.masks.contains_key(&(state, begun)) {
            self.masks.clear();
        }
        let mask = self.masks.entry((state, begun)).or_insert_with(|| self.forbidden.mask(state, begun));
        Some(&*mask).filter(|mask| mask.count() > 0)
    }

    fn commit(&mut self, position: usize, token: u32) -> Commit {
        match self.push(position, token) {
            None => Commit::Halt,
            Some(state) if self.forbidden.matches_at_end[self.forbidden.index(state)] => Commit::Held,
            Some(_) => Commit::Visible,
        }
    }

    fn finish(&mut self, cut: usize) -> bool {
        !self.ends_badly(cut)
    }

    fn retracted(&mut self, to: usize) {
        self.committed.retain(|(position, _, _)| *position < to);
    }
}

#[cfg(test)]
mod tests;
