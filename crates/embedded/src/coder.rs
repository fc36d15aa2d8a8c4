//! The second shipped model, which writes Python functions. It has the architecture of the first one.

/// The model's `config.json`.
pub const CONFIG: &str = include_str!("../model/coder/config.json");

/// The model's `tokenizer.json`: a byte-level BPE tokenizer with 1024 tokens, trained on Python functions.
pub const TOKENIZER: &[u8] = include_bytes!("../model/coder/tokenizer.json");

/// The model's `model.safetensors`, which are its weights. Every tensor is stored in bf16.
pub const WEIGHTS: &[u8] = include_bytes!("../model/coder/model.safetensors");
