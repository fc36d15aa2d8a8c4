//! The bytes that each token stands for.

use std::collections::{BTreeMap, HashMap};

use tokenizers::{Decoder, DecoderWrapper};

use crate::tokenizer::{Tokenizer, TokenizerError};

/// The bytes of every token of a vocabulary, as the token stands inside a text. A special token has no bytes.
///
/// The bytes of a sequence of tokens, one after the other, are its text before two changes that a decoder
/// makes: bytes that are not UTF-8 are replaced, and a space may be removed from the beginning, which
/// [`opening`](Self::opening) tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBytes {
    bytes: Vec<Vec<u8>>,
    /// The bytes of those tokens that have other bytes at the beginning of a text.
    opening: BTreeMap<u32, Vec<u8>>,
}

impl TokenBytes {
    /// Creates a table from the bytes of each token, in ascending order of the ids. No token differs at the
    /// beginning of a text.
    #[must_use]
    pub fn new(bytes: Vec<Vec<u8>>) -> Self {
        Self { bytes, opening: BTreeMap::new() }
    }

    /// Reads the bytes of every token from the tokenizer's decoder, without decoding any text.
    ///
    /// # Errors
    /// [`TokenizerError::UnknownBytes`] if the decoder is of a kind whose tokens have no bytes of their own.
    pub fn from_tokenizer(tokenizer: &Tokenizer) -> Result<Self, TokenizerError> {
        let inner = &tokenizer.inner;
        let (added, decoder) = (inner.get_added_tokens_decoder(), inner.get_decoder());
        let alphabet = byte_level_alphabet();
        let count = inner.get_vocab(true).len() as u32;
        let read = |token, place| match added.get(&token) {
            Some(added) if added.special => Ok(Vec::new()),
            _ => {
                let text = inner.id_to_token(token);
                let read = |(decoder, text)| decoded(decoder, text, place, &alphabet);
                decoder.zip(text).and_then(read).ok_or(TokenizerError::UnknownBytes { token })
            }
        };
        let (mut bytes, mut opening) = (Vec::new(), BTreeMap::new());
        for token in 0..count {
            let (first, later) = (read(token, Place::First)?, read(token, Place::Later)?);
            if first != later {
                opening.insert(token, first);
            }
            bytes.push(later);
        }
        Ok(Self { bytes, opening })
    }

    /// Returns the bytes of every token, in ascending order of the ids.
    #[must_use]
    pub fn by_id(&self) -> &[Vec<u8>] {
        &self.bytes
    }

    /// Returns the number of tokens, including special ones and others without bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns true if the table has no tokens at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Returns the bytes of a token inside a text. They are empty for a special token, and for an id that the
    /// vocabulary does not have.
    #[must_use]
    pub fn get(&self, token: u32) -> &[u8] {
        self.bytes.get(token as usize).map_or(&[], Vec::as_slice)
    }

    /// Returns the bytes of a token at the beginning of a text, where only special tokens come before it.
    /// Some decoders remove the token's leading space there.
    #[must_use]
    pub fn opening(&self, token: u32) -> &[u8] {
        self.opening.get(&token).map_or_else(|| self.get(token), Vec::as_slice)
    }
}

/// The place of a token in its text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Later,
}

/// Returns the bytes that `decoder` makes of one token; `None` if it does not decode token by token.
fn decoded(
    decoder: &DecoderWrapper,
    text: String,
    place: Place,
    alphabet: &HashMap<char, u8>,
) -> Option<Vec<u8>> {
    match decoder {
        DecoderWrapper::ByteLevel(_) => {
            let bytes: Option<Vec<u8>> = text.chars().map(|char| alphabet.get(&char).copied()).collect();
            Some(bytes.unwrap_or_else(|| text.into_bytes()))
        }
        DecoderWrapper::Sequence(sequence) => {
            let (mut text, mut byte, mut fused) = (text, None, false);
            for step in sequence.get_decoders() {
                match step {
                    DecoderWrapper::ByteFallback(_) => byte = byte.or(spelled_byte(&text)),
                    DecoderWrapper::Fuse(_) => fused = true,
                    // The whole text is one by now, and loses one character at its beginning, the first token's.
                    DecoderWrapper::Strip(strip) if fused && strip.start <= 1 && strip.stop == 0 => {
                        let stripped = place == Place::First && strip.start == 1;
                        match byte {
                            Some(byte) if stripped && strip.content == char::from(byte) => {
                                return Some(Vec::new());
                            }
                            None if stripped && text.starts_with(strip.content) => {
                                text.drain(..strip.content.len_utf8());
                            }
                            _ => {}
                        }
                    }
                    DecoderWrapper::Strip(strip) if (strip.start, strip.stop) == (0, 0) => {}
                    DecoderWrapper::Strip(_) => return None,
                    _ if byte.is_some() => {}
                    DecoderWrapper::ByteLevel(_) => return decoded(step, text, place, alphabet),
                    _ => text = String::from_utf8(decoded(step, text, place, alphabet)?).ok()?,
                }
            }
            Some(byte.map_or_else(|| text.into_bytes(), |byte| vec![byte]))
        }
        DecoderWrapper::Replace(_) | DecoderWrapper::Metaspace(_) => {
            let before = (place == Place::Later).then(|| "x".to_owned());
            let count = 1 + usize::from(before.is_some());
            let mut decoded = decoder.decode_chain(before.into_iter().chain([text]).collect()).ok()?;
            (decoded.len() == count).then(|| decoded.pop())?.map(String::into_bytes)
        }
        _ => None,
    }
}

/// Returns the byte that the text `<0xHH>` spells; `None` for any other text.
fn spelled_byte(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    let two = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    two.then(|| u8::from_str_radix(digits, 16).ok())?
}

/// Returns the bytes by the characters that byte-level tokenizers write for them. A visible character of
/// Latin-1 stands for itself, and the characters from U+0100 on stand for the other bytes, in ascending
/// order.
fn byte_level_alphabet() -> HashMap<char, u8> {
    let visible = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let others = (0..=255).filter(|byte| !visible(*byte));
    let shifted = ('\u{100}'..).zip(others);
    shifted.chain((0..=255).filter(|byte| visible(*byte)).map(|byte| (char::from(byte), byte))).collect()
}
