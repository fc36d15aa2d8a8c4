//! What is never trained: words, operand pairs and phrasings, chosen by hash and not by seed.

use crate::rng::mix;

/// The side of the hold-out line that an item is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Material for training.
    Train,
    /// Material for evaluation: held-out words, pairs and phrasings only.
    HeldOut,
}

impl Split {
    /// Whether material with this hold-out flag belongs to the split.
    #[must_use]
    pub fn admits(self, held_out: bool) -> bool {
        held_out == (self == Split::HeldOut)
    }
}

const WORD_SALT: u64 = 0x776f_7264;
const PAIR_SALT: u64 = 0x7061_6972;
/// One phrasing in this many is held out.
const PHRASING_PERIOD: usize = 5;

/// FNV-1a over the bytes, scattered.
#[must_use]
pub fn text_hash(text: &str, salt: u64) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ salt, fold))
}

/// About one word in ten.
#[must_use]
pub fn word(word: &str) -> bool {
    text_hash(word, WORD_SALT).is_multiple_of(10)
}

/// About one unordered pair of operands in ten, of those that are not both digits: the tables of the
/// digits are what everything else is inferred from, so they are trained whole.
#[must_use]
pub fn pair(left: i64, right: i64) -> bool {
    let (low, high) = (left.min(right), left.max(right));
    high > 9 && mix(mix(low as u64 ^ PAIR_SALT).wrapping_add(high as u64)).is_multiple_of(10)
}

/// Every fifth phrasing of a list, by its place.
#[must_use]
pub fn phrasing(index: usize) -> bool {
    index % PHRASING_PERIOD == PHRASING_PERIOD - 1
}
