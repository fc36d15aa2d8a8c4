//! The checkpoints of `fixtures/parity`, with the results that they must give.
//!
//! Each folder has a tiny model with random weights, and token sequences with the logits and the greedy
//! continuation that the reference implementation computed.

use std::path::PathBuf;

use safetensors::SafeTensors;

use crate::checkpoint::Checkpoint;
use crate::repository::{repository_file, repository_path};

/// The folders of `fixtures/parity`: one for each family, and a second one of `cohere2_moe` with the other
/// half of its options.
pub const FAMILIES: [&str; 7] =
    ["cohere2_moe", "cohere2_moe_shared_sigmoid", "gpt_oss", "mixtral", "olmoe", "qwen2_moe", "qwen3_moe"];

/// A sequence of tokens, with the results of the reference implementation.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The token ids of the sequence.
    pub ids: Vec<u32>,
    /// The logits after each token, `[ids, vocab]`, row by row.
    pub logits: Vec<f64>,
    /// The token ids of the greedy continuation, after the sequence.
    pub greedy: Vec<u32>,
}

/// Returns the path of the folder of a family, which must be one of [`FAMILIES`].
#[must_use]
pub fn folder(family: &str) -> PathBuf {
    repository_path("fixtures/parity").join(family)
}

/// Returns the bytes of a file in the folder of a family.
///
/// # Panics
/// If there is no such file.
#[must_use]
pub fn file(family: &str, name: &str) -> Vec<u8> {
    repository_file(&format!("fixtures/parity/{family}/{name}"))
}

/// Returns the checkpoint of a family, which must be one of [`FAMILIES`].
///
/// # Panics
/// If there is no such family.
#[must_use]
pub fn checkpoint(family: &str) -> Checkpoint {
    Checkpoint { config: file(family, "config.json"), shards: vec![file(family, "model.safetensors")] }
}

/// Returns the four sequences of a family with their expected results; the last one is the longest.
///
/// # Panics
/// If there is no such family, or its file is damaged.
#[must_use]
pub fn expected(family: &str) -> Vec<Expected> {
    let bytes = file(family, "expected.safetensors");
    let tensors = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let data = |name: String| tensors.tensor(&name).expect("a tensor of a sequence").data();
    let ids = |name: String| -> Vec<u32> {
        let ids = data(name).as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
        ids.map(|id| u32::try_from(id).expect("a token id")).collect()
    };
    let logits = |name: String| -> Vec<f64> {
        let logits = data(name).as_chunks().0.iter();
        logits.map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
    };
    let sequence = |number| Expected {
        ids: ids(format!("ids_{number}")),
        logits: logits(format!("logits_{number}")),
        greedy: ids(format!("greedy_{number}")),
    };
    (0..4).map(sequence).collect()
}
