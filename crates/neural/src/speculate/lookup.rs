//! Drafts that are looked up in the prompt and the answer so far.

use crate::speculate::Drafter;

/// A drafter that repeats the continuation of the latest earlier occurrence of the last tokens: of the last `longest`, or
/// of fewer if those did not occur, one at least.
#[derive(Clone, Copy, Debug)]
pub struct LookupDrafter {
    /// The most last tokens that are compared.
    pub longest: usize,
}

impl Drafter for LookupDrafter {
    fn draft(&mut self, tokens: &[u32], most: usize) -> Vec<u32> {
        let longest = self.longest.min(tokens.len().saturating_sub(1));
        let found = (1..=longest).rev().find_map(|length| after_earlier(tokens, length));
        found.map_or_else(Vec::new, |rest| rest[..most.min(rest.len())].to_vec())
    }
}

/// The tokens after the latest occurrence of the last `length` tokens, other than the end itself.
fn after_earlier(tokens: &[u32], length: usize) -> Option<&[u32]> {
    let last = &tokens[tokens.len() - length..];
    let earlier = tokens[..tokens.len() - 1].windows(length).rposition(|window| window == last)?;
    Some(&tokens[earlier + length..])
}

#[cfg(test)]
mod tests {
    use super::LookupDrafter;
    use crate::speculate::Drafter;

    #[test]
    fn drafts_are_what_followed_the_latest_longest_match() {
        for (longest, tokens, most, expected) in [
            (3, &[1, 2, 3, 9, 1, 2, 3][..], 4, &[9, 1, 2, 3][..]),
            (3, &[1, 2, 3, 9, 1, 2, 3], 2, &[9, 1]),
            (2, &[5, 2, 7, 4, 2, 8, 5, 2], 1, &[7]),
            (1, &[5, 2, 7, 4, 2, 8, 5, 2], 1, &[8]),
            (3, &[4, 4, 4], 5, &[4]),
            (3, &[1, 2, 3], 5, &[]),
            (0, &[1, 1, 1], 5, &[]),
            (usize::MAX, &[1], 5, &[]),
            (2, &[], 5, &[]),
            (2, &[1, 1], 0, &[]),
        ] {
            assert_eq!(LookupDrafter { longest }.draft(tokens, most), expected, "{longest} of {tokens:?}");
        }
    }
}
