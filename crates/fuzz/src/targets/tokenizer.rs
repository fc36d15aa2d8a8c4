use text::Tokenizer;

use super::{split, text};

/// The seeds' tokenizer has so many tokens.
const TOKENS: usize = 10;

/// A `tokenizer.json`, a zero byte and a text: every id is below the vocabulary's size, and they decode.
pub(super) fn tokenizer(bytes: &[u8]) {
    let (json, sample) = split(bytes);
    let tokenizer = match Tokenizer::from_json(json, TOKENS) {
        Ok(tokenizer) => tokenizer,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    if let Ok(ids) = tokenizer.encode(&text(sample)) {
        assert!(ids.iter().all(|id| (*id as usize) < TOKENS), "{ids:?}");
        // Whether they decode is up to the file; that it ends is not.
        let _ = tokenizer.decode(&ids);
    }
    let _ = tokenizer.special("<|end|>");
}
