//! The beginnings of words that were tried where a forbidden text came near.

use std::collections::BTreeMap;

/// The most tokens of a word that are taken back.
pub(super) const MOST_TOKENS: usize = 16;
/// The most beginnings that are tried for one word. After that, only the token that would complete the forbidden text is
/// left out.
const MOST_TRIES: usize = 64;

/// The tokens that began a word which led into a forbidden text, by the number of tokens before them.
#[derive(Clone, Debug, Default)]
pub(super) struct TriedWords {
    beginnings: BTreeMap<usize, Vec<u32>>,
}

impl TriedWords {
    /// Returns the tokens that must not be chosen again behind `index` tokens.
    pub(super) fn at(&self, index: usize) -> &[u32] {
        self.beginnings.get(&index).map_or(&[], Vec::as_slice)
    }

    /// Adds a beginning. Returns false, and adds nothing, if enough of them were tried.
    pub(super) fn add(&mut self, index: usize, token: u32) -> bool {
        let tried = self.beginnings.entry(index).or_default();
        let may_try = tried.len() < MOST_TRIES;
        if may_try {
            tried.push(token);
        }
        may_try
    }

    /// Forgets the beginnings behind more than `index` tokens, which belong to another text now.
    pub(super) fn keep_up_to(&mut self, index: usize) {
        self.beginnings.retain(|behind, _| *behind <= index);
    }
}

/// Returns true for the bytes of letters, digits and `_`, and of every character beyond ASCII.
pub(super) fn is_of_a_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}
