//! The similarity of two names: the ratio of the characters that match in longest common substrings.

use std::collections::BTreeSet;
use std::ops::Range;

/// The most characters of a name that its similarity to another depends on. The limit bounds the time of a comparison,
/// which grows with the square of the length or faster.
pub const LONGEST_NAME: usize = 64;

/// A name as it is compared: its tokens in ascending order with a space between them, cut to [`LONGEST_NAME`] characters.
#[derive(Clone, Debug)]
pub(super) struct Name(Vec<char>);

impl Name {
    /// Returns the name that has these tokens.
    pub(super) fn new(tokens: &BTreeSet<String>) -> Self {
        let spaced = tokens.iter().flat_map(|token| [" ", token.as_str()]).skip(1);
        Self(spaced.flat_map(str::chars).take(LONGEST_NAME).collect())
    }
}

/// Returns `2 * M / T` for two names, as the documentation of [the module](super) has it: 0 for names that share nothing or
/// have no tokens, 1 for names with the same tokens.
pub(super) fn similarity(wanted: &Name, found: &Name) -> f64 {
    let total = wanted.0.len() + found.0.len();
    if wanted.0.is_empty() || found.0.is_empty() {
        return 0.0;
    }
    (2 * matching(&wanted.0, &found.0)) as f64 / total as f64
}

/// Returns the number of characters of `one` that match in `other`.
fn matching(one: &[char], other: &[char]) -> usize {
    let mut matched = 0;
    // The parts that are not compared yet. Each step removes a match from the two sides, so they come to an end.
    let mut parts = vec![(0..one.len(), 0..other.len())];
    while let Some((left, right)) = parts.pop() {
        let Some(Block { at, in_other, length }) = longest(one, other, &left, &right) else { continue };
        matched += length;
        parts.push((left.start..at, right.start..in_other));
        parts.push((at + length..left.end, in_other + length..right.end));
    }
    matched
}

/// A common substring: its place in both texts, and its length, which is above 0.
struct Block {
    at: usize,
    in_other: usize,
    length: usize,
}

/// Returns the longest common substring of two parts; of equally long ones, the one that begins first in `one`, then first
/// in `other`.
fn longest(one: &[char], other: &[char], left: &Range<usize>, right: &Range<usize>) -> Option<Block> {
    let mut best: Option<Block> = None;
    // The length of the common substring that ends at each place of the right part and at the place before on the left.
    let mut ending = vec![0; right.len() + 1];
    for at in left.clone() {
        // From right to left, so that the place before still has the length for the place before on the left.
        for place in (0..right.len()).rev() {
            let is_same = one[at] == other[right.start + place];
            ending[place + 1] = if is_same { ending[place] + 1 } else { 0 };
        }
        for (place, length) in ending.iter().copied().enumerate().skip(1) {
            if length > best.as_ref().map_or(0, |best| best.length) {
                let in_other = right.start + place - length;
                best = Some(Block { at: at + 1 - length, in_other, length });
            }
        }
    }
    best
}

#[cfg(test)]
mod tests;
