//! The check that the way in which a sequence is computed changes no bit.

/// A sequence that is being computed on some model, in the operations that [`Schedules`] needs of it.
pub trait Sequence: Sized {
    /// Appends tokens, and returns the bits of the logits after each of these tokens, token by token.
    fn feed(&mut self, tokens: &[u32]) -> Vec<u32>;

    /// Forgets the tokens from position `to` on, so that the next token gets that position.
    fn rewind(&mut self, to: usize);

    /// Returns a second sequence with the same history, which goes on independently.
    fn fork(&self) -> Self;

    /// Returns the sequence that is restored from this one written as bytes.
    fn restored(&self) -> Self;
}

/// A set of ways to compute one sequence, all of which must give the same bits.
#[derive(Clone, Copy, Debug)]
pub struct Schedules<'a> {
    /// The token ids of the sequence.
    pub ids: &'a [u32],
    /// Sizes of chunks: for each, the sequence is computed so many tokens at a time.
    pub chunks: &'a [usize],
    /// Positions at which the sequence is rewound, forked and restored from its bytes.
    pub parks: &'a [usize],
}

impl Schedules<'_> {
    /// Computes the sequence in every way, each time from a new one that `open` returns, and compares the
    /// bits with `reference`, which are those of the logits after each token.
    ///
    /// # Panics
    /// If a bit differs; the message names `what` is computed and the way.
    pub fn check<S: Sequence>(&self, what: &str, reference: &[u32], open: impl Fn() -> S) {
        let ids = self.ids;
        let row = reference.len() / ids.len();
        for chunk in self.chunks {
            let mut sequence = open();
            let found: Vec<u32> = ids.chunks(*chunk).flat_map(|ids| sequence.feed(ids)).collect();
            assert!(found == reference, "{what} in chunks of {chunk}");
        }
        for to in self.parks.iter().copied() {
            let mut sequence = open();
            if to > 0 {
                sequence.feed(&ids[..to]);
            }
            let (forked, restored) = (sequence.fork(), sequence.restored());
            // The first one goes elsewhere and comes back, which must not reach the other two.
            sequence.feed(&vec![0; ids.len() - to]);
            sequence.rewind(to);
            for (how, mut sequence) in [("rewound", sequence), ("forked", forked), ("restored", restored)] {
                assert!(sequence.feed(&ids[to..]) == reference[to * row..], "{what} {how} at {to}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Schedules, Sequence};

    /// A sequence whose only logit is the sum of its tokens, with one thing wrong.
    #[derive(Clone)]
    struct Sums {
        tokens: Vec<u32>,
        wrong: Wrong,
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Wrong {
        Nothing,
        Chunk,
        Rewind,
        Restored,
    }

    impl Sequence for Sums {
        fn feed(&mut self, tokens: &[u32]) -> Vec<u32> {
            let more = u32::from(self.wrong == Wrong::Chunk && tokens.len() == 2);
            let sum = |token: &u32| {
                self.tokens.push(*token);
                self.tokens.iter().sum::<u32>() + more
            };
            tokens.iter().map(sum).collect()
        }

        fn rewind(&mut self, to: usize) {
            self.tokens.truncate(to - usize::from(self.wrong == Wrong::Rewind));
        }

        fn fork(&self) -> Self {
            self.clone()
        }

        fn restored(&self) -> Self {
            let lost = usize::from(self.wrong == Wrong::Restored);
            Self { tokens: self.tokens[lost..].to_vec(), wrong: self.wrong }
        }
    }

    fn check(wrong: Wrong) {
        let schedules = Schedules { ids: &[3, 1, 4, 1, 5], chunks: &[1, 2, 5], parks: &[1, 4] };
        schedules.check("sums", &[3, 4, 8, 9, 14], || Sums { tokens: Vec::new(), wrong });
    }

    #[test]
    fn a_sound_sequence_passes() {
        check(Wrong::Nothing);
    }

    #[test]
    #[should_panic(expected = "sums in chunks of 2")]
    fn a_chunk_that_changes_bits_is_noticed() {
        check(Wrong::Chunk);
    }

    #[test]
    #[should_panic(expected = "sums rewound at 1")]
    fn a_rewind_that_changes_bits_is_noticed() {
        check(Wrong::Rewind);
    }

    #[test]
    #[should_panic(expected = "sums restored at 1")]
    fn a_restored_sequence_with_other_bits_is_noticed() {
        check(Wrong::Restored);
    }
}
