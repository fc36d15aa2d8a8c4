//! The tokens of one model as a trie of their bytes.

use std::sync::Arc;

use llguidance::ParserFactory;
use text::TokenBytes;
use toktrie::{TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv};

use crate::error::ConstrainError;

/// The largest number of ids that the trie can hold, because it keeps an id in 24 bits.
const MOST_TOKENS: usize = 1 << 23;

/// The tokens of one model as a trie of their bytes, with the tokens that end an answer.
///
/// Special tokens and end tokens have no bytes here, so no document contains one.
pub struct Vocabulary {
    pub(crate) factory: ParserFactory,
    /// The number of rows of logits. Ids from the number of tokens on are rows that pad the matrix.
    pub(crate) size: u32,
    /// The bytes of each token by its id; empty for a token that no document contains.
    pub(crate) bytes: Vec<Vec<u8>>,
    pub(crate) end_tokens: Vec<u32>,
    /// The tokens that have other bytes at the beginning of a text, where a decoder drops a space.
    pub(crate) opening: Vec<u32>,
    /// The tokens of white space alone.
    pub(crate) blanks: Vec<u32>,
    /// The tokens with a quotation mark, each after the number of those.
    pub(crate) quoting: Vec<(usize, u32)>,
}

impl Vocabulary {
    /// Builds the trie for a model with `vocab_size` rows of logits, whose answers end at a token of
    /// `end_tokens`.
    ///
    /// # Errors
    /// [`ConstrainError::NoEndToken`] without an end token, and [`ConstrainError::TooManyTokens`] if the trie
    /// cannot address the vocabulary.
    pub fn new(
        tokens: &TokenBytes,
        end_tokens: &[u32],
        vocab_size: usize,
    ) -> Result<Arc<Self>, ConstrainError> {
        let too_many = ConstrainError::TooManyTokens { tokens: vocab_size, most: MOST_TOKENS };
        let size = u32::try_from(vocab_size).ok().filter(|_| vocab_size <= MOST_TOKENS).ok_or(too_many)?;
        let end_tokens: Vec<u32> = end_tokens.iter().copied().filter(|id| *id < size).collect();
        let first_end = *end_tokens.first().ok_or(ConstrainError::NoEndToken)?;
        let bytes_of = |id| if end_tokens.contains(&id) { &[] } else { tokens.get(id) };
        let bytes: Vec<Vec<u8>> = (0..size).map(|id| bytes_of(id).to_vec()).collect();
        let opening = (0..size).filter(|id| tokens.opening(*id) != tokens.get(*id)).collect();
        let quotes = |id: &u32| bytes[*id as usize].iter().filter(|byte| **byte == b'"').count();
        let quoting = (0..size).map(|id| (quotes(&id), id)).filter(|(quotes, _)| *quotes > 0).collect();
        let is_blank = |id: &u32| {
            let bytes = &bytes[*id as usize];
            !bytes.is_empty() && bytes.iter().all(u8::is_ascii_whitespace)
        };
        let blanks = (0..size).filter(is_blank).collect();
        let trie = TokTrie::from(&TokRxInfo::new(size, first_end), &bytes);
        let environment: TokEnv = Arc::new(Trie(trie));
        let mut factory = ParserFactory::new_simple(&environment)
            .map_err(|error| ConstrainError::Refused(first_line(&error.to_string())))?;
        factory.quiet();
        Ok(Arc::new(Self { factory, size, bytes, end_tokens, opening, blanks, quoting }))
    }
}

/// Returns the first line of a message of the library, whose other lines repeat the schema.
pub(crate) fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

/// The trie as the library takes it. No text is ever tokenized through it.
struct Trie(TokTrie);

impl TokenizerEnv for Trie {
    fn tok_trie(&self) -> &TokTrie {
        &self.0
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        self.0.greedy_tokenize(bytes)
    }

    fn tokenize_is_canonical(&self) -> bool {
        false
    }
}
