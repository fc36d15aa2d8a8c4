//! Drafts that are found in the prompt and in the answer so far.

use crate::speculate::Drafter;

/// A [`Drafter`] that looks for an earlier occurrence of the last tokens, and drafts the tokens that followed
/// there. It compares the last `longest` tokens, or fewer if those did not occur before, and takes the latest
/// occurrence. Without one the draft is empty.
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

/// Returns the tokens after the latest earlier occurrence of the last `length` tokens; `None` if they did not
/// occur before.
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
