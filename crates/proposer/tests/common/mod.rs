//! A small model on the plain backend, and a tokenizer of bytes.

#![allow(dead_code, reason = "each test uses a part")]

use std::sync::Arc;

use neural::{Model, PlainBackend};
use synthetic::{ODD, Shape, repository_file};
use text::{TokenBytes, Tokenizer};

/// The shape of the test model, whose vocabulary has a token for each byte, and six special ones that have no
/// bytes.
pub(crate) const SHAPE: Shape = Shape { vocab: 262, ..ODD };

pub(crate) type PlainModel = Arc<Model<PlainBackend>>;

/// Returns a model whose tokens are those of the byte tokenizer.
pub(crate) fn model() -> PlainModel {
    let files = SHAPE.checkpoint(7);
    Arc::new(Model::load(&files.config, &files.shards[0], PlainBackend).expect("a sound checkpoint"))
}

/// Returns the file of a tokenizer with a token for each byte and six special ones.
pub(crate) fn tokenizer_json() -> Vec<u8> {
    repository_file("crates/text/tests/data/bytes_tokenizer.json")
}

/// Returns the tokenizer with a token for each byte and six special ones.
pub(crate) fn tokenizer() -> Tokenizer {
    Tokenizer::from_json(&tokenizer_json(), SHAPE.vocab).expect("a tokenizer")
}

/// Returns the bytes of each token of the byte tokenizer.
pub(crate) fn token_bytes() -> TokenBytes {
    TokenBytes::from_tokenizer(&tokenizer()).expect("byte-level")
}
