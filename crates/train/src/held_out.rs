//! The hold-out split: which words, operand pairs and phrasings are never trained. It is fixed by hashes and
//! not by a seed.

use synthetic::splitmix::mix;

/// The side of the hold-out split from which the material of an item is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// The material for training, which is everything that is not held out.
    Train,
    /// The material for evaluation: only held-out words, pairs and phrasings.
    HeldOut,
}

impl Split {
    /// Returns true if an item of this side may use material that is held out, or that is not, as `held_out`
    /// says.
    #[must_use]
    pub fn admits(self, held_out: bool) -> bool {
        held_out == (self == Split::HeldOut)
    }
}

const WORD_SALT: u64 = 0x776f_7264;
const PAIR_SALT: u64 = 0x7061_6972;
/// One phrasing of this many is held out.
const PHRASING_PERIOD: usize = 5;

/// Returns the FNV-1a hash of a text under `salt`, followed by a step that mixes its bits.
#[must_use]
pub fn text_hash(text: &str, salt: u64) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ salt, fold))
}

/// Returns true if the word is held out, and so never trained, which holds for about one word in ten.
#[must_use]
pub fn word(word: &str) -> bool {
    text_hash(word, WORD_SALT).is_multiple_of(10)
}

/// Returns true if the unordered pair of operands is held out, which holds for about one in ten. Pairs of
/// one-digit numbers are all trained, because everything else is inferred from their tables.
#[must_use]
pub fn pair(left: i64, right: i64) -> bool {
    let (low, high) = (left.min(right), left.max(right));
    high > 9 && mix(mix(low as u64 ^ PAIR_SALT).wrapping_add(high as u64)).is_multiple_of(10)
}

/// Returns true if the phrasing at this index of its list is held out, which holds for every fifth.
#[must_use]
pub fn phrasing(index: usize) -> bool {
    index % PHRASING_PERIOD == PHRASING_PERIOD - 1
}
