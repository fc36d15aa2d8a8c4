//! What each token stands for, in bytes.

use std::collections::HashMap;

use tokenizers::{Decoder, DecoderWrapper};

use crate::tokenizer::{Tokenizer, TokenizerError};

/// The bytes of every token, as it stands inside of a text. A special token has none. Concatenated they are
/// the text of the tokens before anything that is not UTF-8 is replaced, and before a decoder strips a space
/// from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBytes {
    bytes: Vec<Vec<u8>>,
}

impl TokenBytes {
    /// Tokens that stand for these bytes, by id.
    #[must_use]
    pub fn new(bytes: Vec<Vec<u8>>) -> Self {
        Self { bytes }
    }

    /// Reads the bytes off the tokenizer's decoder.
    ///
    /// # Errors
    /// [`TokenizerError::UnknownBytes`] if the decoder does not go token by token.
    pub fn of_tokenizer(tokenizer: &Tokenizer) -> Result<Self, TokenizerError> {
        let inner = &tokenizer.inner;
        let (added, decoder) = (inner.get_added_tokens_decoder(), inner.get_decoder());
        let alphabet = byte_level_alphabet();
        let count = inner.get_vocab(true).len() as u32;
        let bytes = (0..count).map(|token| match added.get(&token) {
            Some(added) if added.special => Ok(Vec::new()),
            _ => {
                let text = inner.id_to_token(token);
                let bytes = decoder.zip(text).and_then(|(decoder, text)| decoded(decoder, text, &alphabet));
                bytes.ok_or(TokenizerError::UnknownBytes { token })
            }
        });
        Ok(Self { bytes: bytes.collect::<Result<_, _>>()? })
    }

    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are no tokens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes of a token; none of one that is not in the vocabulary.
    #[must_use]
    pub fn of(&self, token: u32) -> &[u8] {
        self.bytes.get(token as usize).map_or(&[], Vec::as_slice)
    }
}

/// The bytes that `decoder` makes of one token after another one.
fn decoded(decoder: &DecoderWrapper, text: String, alphabet: &HashMap<char, u8>) -> Option<Vec<u8>> {
    match decoder {
        DecoderWrapper::ByteLevel(_) => {
            let bytes: Option<Vec<u8>> = text.chars().map(|char| alphabet.get(&char).copied()).collect();
            Some(bytes.unwrap_or_else(|| text.into_bytes()))
        }
        DecoderWrapper::Sequence(sequence) => {
            let mut text = text;
            for step in sequence.get_decoders() {
                match step {
                    DecoderWrapper::ByteFallback(_) => {
                        if let Some(byte) = spelled_byte(&text) {
                            return Some(vec![byte]);
                        }
                    }
                    DecoderWrapper::Fuse(_) | DecoderWrapper::Strip(_) => {}
                    DecoderWrapper::ByteLevel(_) => return decoded(step, text, alphabet),
                    _ => text = String::from_utf8(decoded(step, text, alphabet)?).ok()?,
                }
            }
            Some(text.into_bytes())
        }
        DecoderWrapper::Replace(_) | DecoderWrapper::Metaspace(_) => {
            // The first token of a text may lose its space; this one is the second.
            let mut decoded = decoder.decode_chain(vec!["x".to_owned(), text]).ok()?;
            decoded.pop().filter(|_| decoded.len() == 1).map(String::into_bytes)
        }
        _ => None,
    }
}

/// The byte that `<0xHH>` spells.
fn spelled_byte(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    let two = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    two.then(|| u8::from_str_radix(digits, 16).ok())?
}

/// The characters that byte-level tokenizers write for bytes: a visible character of Latin-1 for itself, and
/// for the others, ascending, those from U+0100 on.
fn byte_level_alphabet() -> HashMap<char, u8> {
    let visible = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let others = (0..=255).filter(|byte| !visible(*byte));
    let shifted = ('\u{100}'..).zip(others);
    shifted.chain((0..=255).filter(|byte| visible(*byte)).map(|byte| (char::from(byte), byte))).collect()
}
