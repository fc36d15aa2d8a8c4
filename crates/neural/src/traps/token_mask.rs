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
