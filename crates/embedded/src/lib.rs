//! The shipped model as bytes: configuration, tokenizer, weights, calibration and entry head.
//!
//! `nmk-train` writes the files under `model/`, and no code here interprets them. The weights are in bf16, in
//! the safetensors layout of `cohere2_moe` checkpoints. A caller that loads [`TOKENIZER`] must switch off the
//! recognition of special tokens in user text, because their names are ordinary text there.
#![no_std]
#![forbid(unsafe_code)]

pub mod coder;

/// The model's `config.json`, the shape of the model, with the keys of a `cohere2_moe` checkpoint.
pub const CONFIG: &str = include_str!("../model/config.json");

/// The model's `tokenizer.json`: a byte-level BPE tokenizer with 1024 tokens.
pub const TOKENIZER: &[u8] = include_bytes!("../model/tokenizer.json");

/// The model's `model.safetensors`, which are its weights. Every tensor is stored in bf16.
pub const WEIGHTS: &[u8] = include_bytes!("../model/model.safetensors");

/// The model's `calibration.json`: the surprise above which a prompt counts as far from the training data,
/// and the measurements that determined it.
pub const CALIBRATION: &str = include_str!("../model/calibration.json");

/// The model's `entry.safetensors`: the head of the entry trap, which reads the capability that a prompt asks
/// for (`docs/traps.md`). The file names the model that it was trained on, which is this one.
pub const ENTRY_HEAD: &[u8] = include_bytes!("../model/entry.safetensors");

/// The model's `injector.safetensors`: the gateway that tells the model a whole number through the residual
/// (`docs/traps.md`). It was trained on bare counts. The file names the model that it was trained on, which is this one.
pub const INJECTOR: &[u8] = include_bytes!("../model/injector.safetensors");

/// The model's `injector-placebo.safetensors`: the same gateway, trained with values that had nothing to do with the
/// answers. It is a control for evaluations.
pub const INJECTOR_PLACEBO: &[u8] = include_bytes!("../model/injector-placebo.safetensors");

/// The model's `injector-sums.safetensors`: a gateway that was trained on bare counts and on counts to which a number
/// is added. It is for evaluations, beside [`INJECTOR`].
pub const INJECTOR_SUMS: &[u8] = include_bytes!("../model/injector-sums.safetensors");
