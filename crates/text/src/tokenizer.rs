//! The tokenizer: from text to token ids and back.
//!
//! Text is always text: the spelling of a special token inside a text is encoded as its characters. Special
//! tokens enter a sequence by id only, through the chat template.

mod bound;
mod pieces;

pub use bound::Excess;
pub(crate) use pieces::Piece;

use abi::counted;
use serde_json::Value;
use thiserror::Error;

use crate::reasoning::ReasoningMarkup;

/// The reason why a tokenizer is refused, or why it could not encode or decode a text.
#[derive(Debug, Error)]
pub enum TokenizerError {
    /// The bytes are not a `tokenizer.json` that can be read.
    #[error("the tokenizer is not a readable tokenizer.json: {source}; fetch the file again")]
    Unreadable {
        /// The error of the tokenizer library.
        source: tokenizers::Error,
    },
    /// The tokenizer and the model's configuration disagree on the number of tokens, or the ids have gaps.
    #[error(
        "the tokenizer has ids up to {largest} in {tokens}, the configuration says `vocab_size` \
         {vocab_size}; take tokenizer.json and config.json from one model", tokens = counted(*tokens, "token"))]
    VocabularyMismatch {
        /// Number of tokens that the tokenizer has.
        tokens: usize,
        /// The largest id of a token.
        largest: u32,
        /// The vocabulary size that the configuration states: the number of rows of the embedding.
        vocab_size: usize,
    },
    /// The file gives an added token another id than the tokenizer library does, which numbers such tokens one
    /// after another.
    #[error(
        "the tokenizer.json gives the token {token:?} the id {stated}, and the tokenizer library numbers it {used}, \
         because ids before it are missing; add the missing ids to `added_tokens`, or serve the model and pass \
         `--model http://...`"
    )]
    Renumbered {
        /// The spelling of the token.
        token: String,
        /// The id that the file states.
        stated: u64,
        /// The id that the library gives the token.
        used: u32,
    },
    /// The tokenizer lacks a token that the chat template needs.
    #[error(
        "the tokenizer has no token \"{token}\", which the chat template needs; use this model's own tokenizer"
    )]
    MissingToken {
        /// The spelling of the missing token.
        token: &'static str,
    },
    /// The tokenizer would make a special token out of ordinary text that spells it.
    #[error(
        "the tokenizer makes the special token \"{token}\" out of ordinary text; mark it `special` in tokenizer.json"
    )]
    ForgeableToken {
        /// The spelling of the special token.
        token: &'static str,
    },
    /// The tokenizer made a special token out of the text of a prompt.
    #[error(
        "the tokenizer makes the special token {token:?} out of ordinary text; leave its spelling out of the prompt"
    )]
    Forged {
        /// The spelling of the special token.
        token: String,
    },
    /// The tokenizer has no ids for a part of a text.
    #[error("a text of {bytes} could not be encoded: {source}", bytes = counted(*bytes, "byte"))]
    Encode {
        /// Length of the text, in bytes.
        bytes: usize,
        /// The error of the tokenizer library.
        source: tokenizers::Error,
    },
    /// The decoder is of a kind for which the bytes of a single token are not known.
    #[error(
        "the tokenizer's decoder is not byte-level, metaspace or byte-fallback, so the bytes of token {token} are \
         not known; generate without stop sequences"
    )]
    UnknownBytes {
        /// The id of the first such token.
        token: u32,
    },
    /// The decoder failed on a list of token ids.
    #[error("{tokens} token ids could not be decoded: {source}")]
    Decode {
        /// Number of ids in the list.
        tokens: usize,
        /// The error of the tokenizer library.
        source: tokenizers::Error,
    },
}

/// A tokenizer that fits a model. Holding one proves that every id of its vocabulary is a row of the model's
/// embedding.
pub struct Tokenizer {
    pub(crate) inner: tokenizers::Tokenizer,
}

impl Tokenizer {
    /// Reads a tokenizer from the bytes of a `tokenizer.json`, for a model of `vocab_size` tokens. Truncation
    /// and padding that the file asks for are switched off.
    ///
    /// # Errors
    /// [`TokenizerError::Unreadable`] if the bytes are not such a file.
    /// [`TokenizerError::Renumbered`] if an added token would get another id than the file states.
    /// [`TokenizerError::VocabularyMismatch`] if the ids of the tokens are not consecutive from 0 on, if one
    /// is not below `vocab_size`, or if more than an eighth of `vocab_size` has no token. A small gap at the
    /// end is normal, because the embeddings of public models are padded to a round number of rows.
    pub fn from_json(json: &[u8], vocab_size: usize) -> Result<Self, TokenizerError> {
        let unreadable = |source| TokenizerError::Unreadable { source };
        // The library panics inside its decoders if the text is not JSON.
        let file: Value = serde_json::from_slice(json).map_err(|error| unreadable(error.into()))?;
        let mut inner = tokenizers::Tokenizer::from_bytes(json).map_err(unreadable)?;
        inner.with_truncation(None).map_err(unreadable)?;
        inner.with_padding(None);
        inner.set_encode_special_tokens(true);
        keeps_ids(&inner, &file)?;
        let vocabulary = inner.get_vocab(true);
        let largest = vocabulary.values().copied().max().unwrap_or(0);
        let (tokens, padding) = (vocabulary.len(), vocab_size.checked_sub(vocabulary.len()));
        let whole = tokens.checked_sub(1) == Some(largest as usize);
        if !whole || padding.is_none_or(|padding| padding > vocab_size / 8) {
            return Err(TokenizerError::VocabularyMismatch { tokens: vocabulary.len(), largest, vocab_size });
        }
        Ok(Self { inner })
    }

    /// Returns the id of the token that is spelled `token`; `None` if there is no such token.
    pub(crate) fn id_of(&self, token: &str) -> Option<u32> {
        self.inner.token_to_id(token)
    }

    /// Returns the token ids of a text, without the tokens that the file's own post-processor would add
    /// around it. The spelling of a special token is encoded as text.
    ///
    /// # Errors
    /// [`TokenizerError::Encode`] if the tokenizer has no ids for a part of the text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        let encoding = self.inner.encode(text, false);
        let encoding = encoding.map_err(|source| TokenizerError::Encode { bytes: text.len(), source })?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Returns the text of token ids, without special tokens. Bytes that are not UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// [`TokenizerError::Decode`] if the tokenizer's decoder fails.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        let text = self.inner.decode(ids, true);
        text.map_err(|source| TokenizerError::Decode { tokens: ids.len(), source })
    }

    /// Returns the spellings of the tokens of this tokenizer that mark thoughts, channels or calls of tools. A model may
    /// write such a token in upper case.
    pub(crate) fn marks(&self) -> Vec<String> {
        let listed =
            ReasoningMarkup::spellings().filter(|mark| self.id_of(mark).is_some()).map(str::to_owned);
        let added = self.inner.get_added_tokens_decoder().into_values().map(|token| token.content);
        listed.chain(added.filter(|token| ReasoningMarkup::is_mark(token))).collect()
    }

    /// Returns the text of token ids as [`decode`](Self::decode) does, but with the special tokens that mark
    /// thoughts, channels or calls of tools.
    ///
    /// # Errors
    /// [`TokenizerError::Decode`] if the tokenizer's decoder fails.
    pub(crate) fn decode_with_marks(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        let added = self.inner.get_added_tokens_decoder();
        // Other tokens are decoded with their spelling anyway.
        let is_dropped_mark =
            |token: &&tokenizers::AddedToken| token.special && ReasoningMarkup::is_mark(&token.content);
        let mark_of = |id: u32| added.get(&id).filter(is_dropped_mark).map(|token| token.content.as_str());
        let (mut text, mut start) = (String::new(), 0);
        for (at, id) in ids.iter().enumerate() {
            if let Some(spelling) = mark_of(*id) {
                text.push_str(&self.decode(&ids[start..at])?);
                text.push_str(spelling);
                start = at + 1;
            }
        }
        text.push_str(&self.decode(&ids[start..])?);
        Ok(text)
    }

    /// Returns the id of the special token that is spelled `token`, after a check that no ordinary text
    /// becomes this token.
    ///
    /// # Errors
    /// [`TokenizerError::MissingToken`] if there is no such token, and [`TokenizerError::ForgeableToken`] if
    /// its spelling, encoded as text, gives the token.
    pub fn special(&self, token: &'static str) -> Result<u32, TokenizerError> {
        let id = self.inner.token_to_id(token).ok_or(TokenizerError::MissingToken { token })?;
        if self.encode(token)?.contains(&id) {
            return Err(TokenizerError::ForgeableToken { token });
        }
        Ok(id)
    }
}

/// Checks that every added token of the file has the id that the file states. The library ignores that id, and
/// gives a token that is not in the vocabulary the next free one.
fn keeps_ids(inner: &tokenizers::Tokenizer, file: &Value) -> Result<(), TokenizerError> {
    for added in file["added_tokens"].as_array().into_iter().flatten() {
        let (Some(token), Some(stated)) = (added["content"].as_str(), added["id"].as_u64()) else { continue };
        // The library leaves out a token without characters, which nothing can produce.
        let Some(used) = inner.token_to_id(token) else { continue };
        if u64::from(used) != stated {
            return Err(TokenizerError::Renumbered { token: token.to_owned(), stated, used });
        }
    }
    Ok(())
}
