//! The automaton over bytes that finds forbidden words and patterns.

use std::fmt;
use std::ops::Range;

use neural::TokenMask;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};
use text::TokenBytes;
use thiserror::Error;

use super::characters::is_of_a_word;

/// The largest memory, in bytes, that an automaton may take, and that its construction may take.
const MOST_BYTES: usize = 16 << 20;

/// The reason why forbidden words and patterns are refused. If one alone is at fault, its index and text are
/// given.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// The pattern matches the empty text, which every answer contains.
    #[error("{} matches a text of no bytes and would forbid every answer; forbid a text that is not empty", named(.pattern))]
    MatchesEmpty {
        /// The index of the pattern, from 0, with words counted before patterns.
        index: usize,
        /// The pattern as a regular expression; a word is turned into one.
        pattern: String,
    },
    /// The pattern is not a regular expression, or needs more than bytes and ASCII words can decide.
    #[error("{} is refused: {why}", named(.pattern))]
    Invalid {
        /// The index of the pattern, from 0, with words counted before patterns.
        index: usize,
        /// The pattern as a regular expression; a word is turned into one.
        pattern: String,
        /// The reason why it is refused, in words.
        why: String,
    },
    /// All patterns together need an automaton of more than 16 MiB.
    #[error(
        "the patterns take an automaton of more than 16 MiB together ({why}); forbid fewer or simpler ones"
    )]
    TooLarge {
        /// The limit that was exceeded, in words.
        why: String,
    },
}

/// Returns the name of a pattern in a message.
fn named(pattern: &str) -> String {
    if pattern.is_empty() { "the empty text".to_owned() } else { format!("the pattern `{pattern}`") }
}

/// An automaton that finds forbidden words and patterns in the bytes of an answer, for the tokens of one
/// tokenizer.
///
/// An [`Interrupt`](crate::Interrupt) runs the automaton along one answer; any number of interrupts share one
/// automaton.
#[derive(Clone)]
pub struct ForbiddenAutomaton {
    automaton: dense::DFA<Vec<u32>>,
    start: StateID,
    /// By state: true if a pattern has matched, whatever byte follows.
    matched: Vec<bool>,
    /// By state: true if a pattern matches in case the text ends here.
    matches_at_end: Vec<bool>,
    /// By state: true if a word whose last token is left out would be whole in case the text ends here.
    completes_word: Vec<bool>,
    /// The indices of those words among all patterns.
    left_out: Range<usize>,
    bytes: TokenBytes,
    end_tokens: Vec<u32>,
}

impl ForbiddenAutomaton {
    /// Compiles words and regular expressions to an automaton for a tokenizer whose tokens have these
    /// `bytes`. The ids `end_tokens` end an answer.
    ///
    /// A word is found only if no ASCII letter, digit or `_` stands directly before or after it. A pattern
    /// has the syntax of the crate `regex-automata` and is found anywhere.
    ///
    /// # Errors
    /// [`PatternError`] if a pattern is not a regular expression, needs more than an automaton (for example a
    /// Unicode word boundary; write `(?-u:\b)`), or matches the empty text, or if all of them together are
    /// too large.
    pub fn new(
        words: &[&str],
        patterns: &[&str],
        bytes: TokenBytes,
        end_tokens: &[u32],
    ) -> Result<Self, PatternError> {
        Self::leaving_out(words, &[], patterns, bytes, end_tokens)
    }

    /// Compiles an automaton as [`new`](Self::new) does, with further words in `left_out`. A token that ends where
    /// such a word would be whole cannot be chosen, so that no answer has to go on with a longer word.
    ///
    /// # Errors
    /// Fails as [`new`](Self::new) does. Patterns are counted after the words of both lists.
    pub fn leaving_out(
        words: &[&str],
        left_out: &[&str],
        patterns: &[&str],
        bytes: TokenBytes,
        end_tokens: &[u32],
    ) -> Result<Self, PatternError> {
        let all_words = words.iter().chain(left_out).map(|word| whole_word(word));
        let all: Vec<String> = all_words.chain(patterns.iter().map(|&p| p.to_owned())).collect();
        check_syntax(&all)?;
        // All patterns share one automaton, because patterns come from ledgers too and the bound on memory holds for
        // all of them together.
        let automaton = compile(&all).map_err(|error| PatternError::TooLarge { why: causes(&*error) })?;
        let start =
            unanchored(&automaton).map_err(|error| PatternError::TooLarge { why: error.to_string() })?;
        let ended = automaton.next_eoi_state(start);
        if automaton.is_match_state(ended) {
            let index = automaton.match_pattern(ended, 0).as_usize();
            return Err(PatternError::MatchesEmpty { index, pattern: all[index].clone() });
        }
        let mut forbidden = Self {
            automaton,
            start,
            matched: Vec::new(),
            matches_at_end: Vec::new(),
            completes_word: Vec::new(),
            left_out: words.len()..words.len() + left_out.len(),
            bytes,
            end_tokens: end_tokens.to_vec(),
        };
        forbidden.classify_states();
        Ok(forbidden)
    }

    /// Fills `matched`, `matches_at_end` and `completes_word` for every state that can be reached.
    fn classify_states(&mut self) {
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
            let ended = automaton.next_eoi_state(state);
            let at_end = automaton.is_match_state(ended);
            let completes_word = at_end
                && (0..automaton.match_len(ended))
                    .any(|at| self.left_out.contains(&automaton.match_pattern(ended, at).as_usize()));
            let next: Vec<StateID> = (0..=255).map(|byte| automaton.next_state(state, byte)).collect();
            // The automaton reports a match one byte late. A state that matches whatever follows, be that any byte or
            // the end, has matched already.
            let anyway = at_end && next.iter().all(|next| automaton.is_match_state(*next));
            let matched = anyway || automaton.is_match_state(state);
            if self.matched.len() <= index {
                self.matched.resize(index + 1, false);
                self.matches_at_end.resize(index + 1, false);
                self.completes_word.resize(index + 1, false);
            }
            (self.matched[index], self.matches_at_end[index]) = (matched, at_end);
            self.completes_word[index] = completes_word;
            left.extend(next);
        }
    }

    fn index(&self, state: StateID) -> usize {
        state.as_usize() >> self.automaton.stride2()
    }

    /// Returns the state before the first byte of a text.
    pub(super) fn start(&self) -> StateID {
        self.start
    }

    /// Returns the state after more bytes, or None if a pattern matches among them.
    pub(super) fn walk(&self, from: StateID, bytes: &[u8]) -> Option<StateID> {
        bytes.iter().try_fold(from, |state, byte| {
            let next = self.automaton.next_state(state, *byte);
            (!self.matched[self.index(next)]).then_some(next)
        })
    }

    /// Returns the state after a token, or None if the token cannot be chosen: a pattern matches in it, or a word
    /// whose last token is left out would end with it. `begun` is true if the text has begun.
    pub(super) fn after_token(&self, from: StateID, token: u32, begun: bool) -> Option<StateID> {
        let bytes = self.read(token, begun);
        let state = self.walk(from, bytes)?;
        (bytes.is_empty() || !self.completes_word[self.index(state)]).then_some(state)
    }

    /// Returns true if a pattern matches in case the text ends in this state.
    pub(super) fn matches_at_end(&self, state: StateID) -> bool {
        self.matches_at_end[self.index(state)]
    }

    /// Returns true if the token has no bytes, as special tokens have none.
    pub(super) fn is_silent(&self, token: u32) -> bool {
        self.bytes.get(token).is_empty()
    }

    /// Returns the bytes of a token, as the first token of a text or, if `begun`, as a later one.
    pub(super) fn read(&self, token: u32, begun: bool) -> &[u8] {
        if begun { self.bytes.get(token) } else { self.bytes.opening(token) }
    }

    /// Returns true if the token is the beginning of a word, perhaps behind a space.
    pub(super) fn is_word(&self, token: u32, begun: bool) -> bool {
        let word = word_of(self.read(token, begun));
        !word.is_empty() && word.iter().all(|byte| is_of_a_word(*byte))
    }

    /// Returns the tokens of which exactly `text` is made, each a single token of the least id; None if a part of it has
    /// no token.
    pub(super) fn spelled(&self, text: &str) -> Option<Vec<u32>> {
        let one = |bytes: &[u8]| (0..self.bytes.len() as u32).find(|id| self.bytes.get(*id) == bytes);
        one(text.as_bytes()).map(|id| vec![id]).or_else(|| text.bytes().map(|byte| one(&[byte])).collect())
    }

    /// Returns the number of tokens.
    pub(super) fn count(&self) -> u32 {
        self.bytes.len() as u32
    }

    /// Returns true if the word that the token `id` begins has the form of the one that `like` begins: a space before it
    /// or none, and a capital or none.
    pub(super) fn is_alike(&self, id: u32, like: u32, begun: bool) -> bool {
        let form = |id: u32| {
            let bytes = self.read(id, begun);
            (bytes.starts_with(b" "), word_of(bytes).first().is_some_and(u8::is_ascii_uppercase))
        };
        form(id) == form(like)
    }

    /// Returns the tokens that end an answer.
    pub(super) fn ends(&self) -> &[u32] {
        &self.end_tokens
    }

    /// Returns the tokens that may not follow in this state. `begun` is true if the text has begun.
    pub(super) fn mask(&self, state: StateID, begun: bool) -> TokenMask {
        let matching =
            (0..self.bytes.len() as u32).filter(|id| self.after_token(state, *id, begun).is_none());
        let ends = self.end_tokens.iter().copied().filter(|_| self.matches_at_end(state));
        TokenMask::forbidding(matching.chain(ends))
    }
}

impl fmt::Debug for ForbiddenAutomaton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForbiddenAutomaton").field("states", &self.matched.len()).finish_non_exhaustive()
    }
}

/// Returns the bytes of a token without the space before them.
fn word_of(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b" ").unwrap_or(bytes)
}

/// Returns a pattern that finds `word` standing by itself. An end of the word that is not an ASCII word
/// character needs no boundary.
pub(super) fn whole_word(word: &str) -> String {
    let boundary = |byte: Option<u8>| match byte {
        Some(b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_') => r"(?-u:\b)",
        _ => "",
    };
    let (first, last) = (word.bytes().next(), word.bytes().last());
    format!("{}{}{}", boundary(first), literal(word), boundary(last))
}

/// Returns a pattern that finds `text` anywhere.
pub(crate) fn literal(text: &str) -> String {
    text.chars().flat_map(|char| ['\\'].into_iter().filter(move |_| is_meta(char)).chain([char])).collect()
}

/// Returns true if the syntax of patterns gives the character another meaning than itself.
fn is_meta(char: char) -> bool {
    char.is_ascii_punctuation() && char != '_' && char != '<' && char != '>'
}

/// Returns the options of the parser, under which patterns may match bytes that are not UTF-8.
fn bytewise() -> syntax::Config {
    syntax::Config::new().utf8(false)
}

/// Fails for a pattern that is not a regular expression, or that an automaton over bytes cannot decide.
fn check_syntax(patterns: &[String]) -> Result<(), PatternError> {
    for (index, pattern) in patterns.iter().enumerate() {
        let refused = |why| PatternError::Invalid { index, pattern: pattern.clone(), why };
        let parsed = syntax::parse_with(pattern, &bytewise()).map_err(|error| refused(causes(&error)))?;
        if parsed.properties().look_set().contains_word_unicode() {
            return Err(refused(r"it has a Unicode word boundary; write (?-u:\b)".to_owned()));
        }
    }
    Ok(())
}

fn compile(patterns: &[String]) -> Result<dense::DFA<Vec<u32>>, Box<dense::BuildError>> {
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

/// Returns the state before the first byte of a text, from which a match may begin at any byte.
fn unanchored(automaton: &dense::DFA<Vec<u32>>) -> Result<StateID, regex_automata::dfa::StartError> {
    automaton.start_state(&start::Config::new().anchored(Anchored::No))
}

/// Returns an error and all its sources as one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
