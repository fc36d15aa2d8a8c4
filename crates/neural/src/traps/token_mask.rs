//! A set of tokens that may not be chosen.

/// The bound of all ids: no vocabulary that a configuration allows has an id from here on.
const MOST_IDS: u32 = 1 << 24;

/// A set of tokens that may not be chosen. Every other token is allowed, for any size of the vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenMask {
    /// A bit for each id, set if the id is forbidden.
    words: Vec<u64>,
}

impl TokenMask {
    /// Creates a mask that forbids exactly the tokens with these ids, and allows all others.
    #[must_use]
    pub fn forbidding(ids: impl IntoIterator<Item = u32>) -> Self {
        let mut mask = Self::default();
        ids.into_iter().for_each(|id| mask.forbid(id));
        mask
    }

    /// Creates a mask that allows, of the ids below `vocab_size`, exactly those whose bit is set in `allowed`.
    /// Bit 0 of the first word is id 0, and each word has 32 ids. Ids from `vocab_size` on are in no
    /// vocabulary, so the mask says nothing about them.
    #[must_use]
    pub fn allowing(allowed: &[u32], vocab_size: u32) -> Self {
        let ids = vocab_size.min(MOST_IDS) as usize;
        let half = |at: usize| u64::from(allowed.get(at).copied().unwrap_or(0));
        let mut words: Vec<u64> =
            (0..ids.div_ceil(64)).map(|at| !(half(2 * at) | half(2 * at + 1) << 32)).collect();
        if let Some(last) = words.last_mut().filter(|_| !ids.is_multiple_of(64)) {
            *last &= (1 << (ids % 64)) - 1;
        }
        Self { words }
    }

    /// Takes `id` out of the forbidden tokens.
    pub fn allow(&mut self, id: u32) {
        if let Some(word) = self.words.get_mut(id as usize / 64) {
            *word &= !(1 << (id % 64));
        }
    }

    /// Adds the forbidden tokens of `other` to those of this mask.
    pub fn join(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Adds `id` to the forbidden tokens. An id from 2^24 on is ignored, because no vocabulary has it.
    pub fn forbid(&mut self, id: u32) {
        if id >= MOST_IDS {
            return;
        }
        let word = id as usize / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (id % 64);
    }

    /// Returns true if the mask does not forbid the token `id`.
    #[must_use]
    pub fn allows(&self, id: u32) -> bool {
        self.words.get(id as usize / 64).is_none_or(|word| word >> (id % 64) & 1 == 0)
    }

    /// Returns the number of ids that the mask forbids, which is 0 for an empty mask.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::TokenMask;

    #[test]
    fn of_a_vocabulary_exactly_the_tokens_with_a_bit_are_allowed() {
        for vocab_size in [0, 1, 31, 32, 63, 64, 65, 100, 128] {
            let words: [u32; 3] = [0x8000_0001, 0, 0xffff_0000];
            let mask = TokenMask::allowing(&words, vocab_size);
            let has_bit =
                |id: u32| words.get(id as usize / 32).is_some_and(|word| word >> (id % 32) & 1 == 1);
            for id in 0..200 {
                assert_eq!(mask.allows(id), id >= vocab_size || has_bit(id), "{id} of {vocab_size}");
            }
        }
    }

    #[test]
    fn joined_masks_allow_what_both_allow_and_one_token_can_be_allowed_again() {
        let (left, right) = (TokenMask::forbidding([1, 2]), TokenMask::forbidding([2, 200]));
        let mut joined = left.clone();
        joined.join(&right);
        assert!((0..300).all(|id| joined.allows(id) == (left.allows(id) && right.allows(id))));
        joined.allow(2);
        assert!(joined.allows(2) && !joined.allows(1) && !joined.allows(200));
    }

    #[test]
    fn what_is_forbidden_and_nothing_else_is_not_allowed() {
        let ids = [0, 1, 63, 64, 500];
        let mask = TokenMask::forbidding(ids);
        assert_eq!(mask.count(), ids.len());
        for id in 0..1000 {
            assert_eq!(mask.allows(id), !ids.contains(&id), "{id}");
        }
        assert!(mask.allows(u32::MAX));
        assert_eq!(TokenMask::forbidding([u32::MAX]).count(), 0, "no memory for what is in no vocabulary");
        assert!((0..100).all(|id| TokenMask::default().allows(id)));
    }
}
