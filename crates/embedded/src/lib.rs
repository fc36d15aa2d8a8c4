//! The shipped model as bytes: configuration, tokenizer, weights, calibration, entry head.
//!
//! The files under `model/` are made by `nmk-train`; nothing here interprets them. The weights are
//! bf16 in the safetensors layout of `cohere2_moe` checkpoints. In user text the names of special
//! tokens are text: whoever loads [`TOKENIZER`] must switch their recognition off.
#![no_std]
#![forbid(unsafe_code)]

/// `config.json`, with the keys of a `cohere2_moe` checkpoint.
pub const CONFIG: &str = include_str!("../model/config.json");

/// `tokenizer.json`: byte-level BPE of 1024 entries.
pub const TOKENIZER: &[u8] = include_bytes!("../model/tokenizer.json");

/// `model.safetensors`, in bf16.
pub const WEIGHTS: &[u8] = include_bytes!("../model/model.safetensors");

/// `calibration.json`: the threshold of the mean surprise of a prompt, and how it was fixed.
pub const CALIBRATION: &str = include_str!("../model/calibration.json");

/// `entry.safetensors`: the head of the entry trap, of which `docs/traps.md` tells. It names the model that it was
/// trained on, which is this one.
pub const ENTRY_HEAD: &[u8] = include_bytes!("../model/entry.safetensors");
