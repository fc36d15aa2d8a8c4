//! Words whose spelling is asked about.

use super::Parser;

impl Parser<'_> {
    /// Returns a word in small letters whose spelling is asked about: behind "word", or in quotes. Of a word with
    /// capitals it is not clear if they count as other letters.
    pub(super) fn spelled(&self, at: usize) -> Option<String> {
        let before = at.checked_sub(1).and_then(|at| self.word(at));
        let named = if before.as_deref() == Some("word") { self.named(at) } else { None };
        named.or_else(|| self.whole_quotation(at)).filter(|word| is_small(word))
    }

    /// Returns a word in quotes. A mark at its end would count: of `"hello!"` it is not clear if it belongs to the word.
    pub(super) fn whole_quotation(&self, at: usize) -> Option<String> {
        self.quoted_word(at).filter(|_| self.tokens.get(at).is_some_and(|placed| !placed.is_cut))
    }
}

/// Returns true for a word of two small letters of the alphabet or more.
pub(super) fn is_small(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}
