//! Stop sequences: bytes at which an answer ends.
//!
//! Sequences are looked for in the bytes of the answer and not in its tokens. So a sequence is found in
//! whatever way it is split over tokens, inside one token, and across a character.

use thiserror::Error;

/// The error for a stop sequence without bytes, which would end every answer at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("stop sequence {index} is empty and would end every answer before it begins; leave it out")]
pub struct EmptyStop {
    /// Index of the empty sequence in the list that was given, from 0.
    pub index: usize,
}

/// The stop sequences of a generation. Holding them proves that none of them is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopSequences {
    sequences: Vec<Vec<u8>>,
}

/// The place in an answer at which a stop sequence ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopMatch {
    /// Index of the stop sequence in the list that [`StopSequences::new`] was given, from 0.
    pub sequence: usize,
    /// Number of bytes of the answer before the sequence, which are the text to show.
    pub kept: usize,
}

impl StopSequences {
    /// Creates stop sequences from lists of bytes. With an empty list no sequence ends an answer.
    ///
    /// # Errors
    /// [`EmptyStop`] if a sequence has no bytes.
    pub fn new(sequences: Vec<Vec<u8>>) -> Result<Self, EmptyStop> {
        match sequences.iter().position(Vec::is_empty) {
            Some(index) => Err(EmptyStop { index }),
            None => Ok(Self { sequences }),
        }
    }

    /// Returns the first sequence that is complete in `text[from..]`; its beginning may lie before `from`. If
    /// several sequences end at the same byte, the longest is returned, and of equal ones the first. Returns
    /// `None` if no sequence is complete.
    #[must_use]
    pub fn find(&self, text: &[u8], from: usize) -> Option<StopMatch> {
        (from + 1..=text.len()).find_map(|end| self.ending(&text[..end]))
    }

    fn ending(&self, text: &[u8]) -> Option<StopMatch> {
        let ending = self.sequences.iter().enumerate().filter(|(_, bytes)| text.ends_with(bytes));
        let found = ending.rev().max_by_key(|(_, bytes)| bytes.len());
        found.map(|(sequence, bytes)| StopMatch { sequence, kept: text.len() - bytes.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::{EmptyStop, StopMatch, StopSequences};

    fn stops(sequences: &[&str]) -> StopSequences {
        let bytes = sequences.iter().map(|text| text.as_bytes().to_vec()).collect();
        StopSequences::new(bytes).expect("none is empty")
    }

    #[test]
    fn the_first_to_be_complete_ends_the_answer() {
        for (sequences, text, expected) in [
            (&["stop"][..], "go on", None),
            (&["stop"], "a stop", Some((0, 2))),
            (&["abcd", "bc"], "abcd", Some((1, 1))),
            (&["c", "bc", "abc"], "abcd", Some((2, 0))),
            (&["bc", "bc"], "abc", Some((0, 1))),
            (&["aab"], "aaab", Some((0, 1))),
            (&["é"], "caf\u{e9}s", Some((0, 3))),
            (&[], "anything", None),
        ] {
            let expected = expected.map(|(sequence, kept)| StopMatch { sequence, kept });
            assert_eq!(stops(sequences).find(text.as_bytes(), 0), expected, "{sequences:?} in {text:?}");
        }
    }

    #[test]
    fn what_was_looked_at_before_is_not_found_again() {
        let stops = stops(&["ab"]);
        assert_eq!(stops.find(b"abab", 2), Some(StopMatch { sequence: 0, kept: 2 }));
        assert_eq!(stops.find(b"abab", 1).map(|found| found.kept), Some(0));
        assert_eq!(stops.find(b"ab", 2), None);
        assert_eq!(stops.find(b"ab", 9), None);
    }

    #[test]
    fn a_sequence_of_no_bytes_is_refused() {
        assert_eq!(StopSequences::new(vec![vec![1], vec![]]), Err(EmptyStop { index: 1 }));
    }
}
