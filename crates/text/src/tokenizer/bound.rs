//! A bound on the length of texts in tokens, without encoding all of them.

use crate::tokenizer::{Tokenizer, TokenizerError};

/// The length of the pieces in which long texts are counted, in bytes.
const PIECE_BYTES: usize = 8 << 10;
/// The number of bytes at the end of a piece in which a gap between two words is looked for.
const GAP_BYTES: usize = 512;

/// The excess of texts that have more tokens than were allowed, found before their end was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// A number of tokens that the texts have at least.
    pub tokens: usize,
    /// The number of bytes from the start of the texts in which about the allowed number of tokens lies.
    pub fitting_bytes: usize,
}

impl Tokenizer {
    /// Returns the excess of texts that have far more than `most` tokens together. Returns `None` for all others, whose
    /// tokens can then be counted exactly in a time that `most` bounds.
    ///
    /// The texts are encoded in pieces of a few kilobytes, and no further than to twice `most` tokens. A piece ends between
    /// two words, or within a text that has no words, so the pieces may have a few tokens more than the whole. Half of
    /// their number is taken as the least that the whole has.
    ///
    /// # Errors
    /// [`TokenizerError::Encode`] if the tokenizer has no ids for a part of a text.
    pub fn excess(&self, texts: &[&str], most: usize) -> Result<Option<Excess>, TokenizerError> {
        if texts.iter().map(|text| text.len()).sum::<usize>() <= PIECE_BYTES {
            return Ok(None);
        }
        let (mut found, mut fitting_bytes) = (0_usize, 0);
        for text in texts {
            let mut rest = *text;
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(end_of_piece(rest));
                let tokens = self.encode(piece)?.len();
                fitting_bytes += match most.saturating_sub(found) {
                    room if room >= tokens => piece.len(),
                    room => piece.len() * room / tokens,
                };
                found += tokens;
                if found / 2 > most {
                    return Ok(Some(Excess { tokens: found / 2, fitting_bytes }));
                }
                rest = after;
            }
        }
        Ok(None)
    }
}

/// Returns the length of the first piece of a text: up to the last space between words in its last bytes, or else up to a
/// boundary of characters.
fn end_of_piece(text: &str) -> usize {
    if text.len() <= PIECE_BYTES {
        return text.len();
    }
    let bytes = text.as_bytes();
    let is_gap = |at: &usize| bytes[*at] == b' ' && bytes[*at - 1].is_ascii_alphanumeric();
    let gap = (PIECE_BYTES - GAP_BYTES..PIECE_BYTES).rev().find(is_gap);
    gap.unwrap_or_else(|| text.floor_char_boundary(PIECE_BYTES))
}

#[cfg(test)]
mod tests {
    use super::{PIECE_BYTES, end_of_piece};

    #[test]
    fn a_piece_ends_between_words_or_characters() {
        let words = "straw berry ".repeat(PIECE_BYTES);
        let end = end_of_piece(&words);
        assert!((PIECE_BYTES - 6..PIECE_BYTES).contains(&end) && words[end..].starts_with(' '), "{end}");
        for text in ["\u{1f353}x".repeat(PIECE_BYTES), " ".repeat(2 * PIECE_BYTES)] {
            let end = end_of_piece(&text);
            assert!((PIECE_BYTES - 4..=PIECE_BYTES).contains(&end) && text.is_char_boundary(end), "{end}");
        }
        assert_eq!(end_of_piece("short"), 5);
    }
}
