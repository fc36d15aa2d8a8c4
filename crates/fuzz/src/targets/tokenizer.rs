use text::Tokenizer;

use super::{split, text};

/// The number of tokens of the tokenizer that is in the seeds.
const TOKENS: usize = 10;

/// Checks a `tokenizer.json` and a text, which the input separates by a zero byte: every id must be below the
/// size of the vocabulary, and decoding must end.
pub(super) fn tokenizer(bytes: &[u8]) {
    let (json, sample) = split(bytes);
    let tokenizer = match Tokenizer::from_json(json, TOKENS) {
        Ok(tokenizer) => tokenizer,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    if let Ok(ids) = tokenizer.encode(&text(sample)) {
        assert!(ids.iter().all(|id| (*id as usize) < TOKENS), "{ids:?}");
        // The file decides whether the ids decode; decoding must only end.
        let _ = tokenizer.decode(&ids);
    }
    let _ = tokenizer.special("<|end|>");
}
