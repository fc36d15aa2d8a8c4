//! The parity fixtures.

#![allow(dead_code, reason = "each test uses a part")]

use std::path::PathBuf;

use ndarray::Array2;
use oracle64::{ExpertMask, Model};
use safetensors::SafeTensors;
use serde_json::{Map, Value};

/// The folders of `fixtures/parity`.
pub(crate) const FAMILIES: [&str; 7] =
    ["cohere2_moe", "cohere2_moe_shared_sigmoid", "gpt_oss", "mixtral", "olmoe", "qwen2_moe", "qwen3_moe"];

/// Tokens with the reference's logits and greedy continuation.
pub(crate) struct Sequence {
    pub(crate) ids: Vec<u32>,
    /// The logits row by row, one row for each token.
    pub(crate) expected: Vec<f64>,
    pub(crate) greedy: Vec<u32>,
}

/// The bytes of a file of a fixture.
pub(crate) fn file(family: &str, name: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity");
    let path = root.join(family).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The sequences of a fixture.
pub(crate) fn sequences(family: &str) -> Vec<Sequence> {
    let bytes = file(family, "expected.safetensors");
    let tensors = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let data = |name: &str, index: usize| tensors.tensor(&format!("{name}_{index}")).expect(name).data();
    let ids = |name: &str, index: usize| -> Vec<u32> {
        let ids = data(name, index).as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
        ids.map(|id| u32::try_from(id).expect("a token")).collect()
    };
    let floats = |index: usize| -> Vec<f64> {
        let chunks = data("logits", index).as_chunks().0.iter();
        chunks.map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
    };
    let sequence =
        |index| Sequence { ids: ids("ids", index), expected: floats(index), greedy: ids("greedy", index) };
    (0..4).map(sequence).collect()
}

/// A configuration in which `key`, which must be there, has another value, given as JSON.
pub(crate) fn config_with(family: &str, key: &str, value: &str) -> Vec<u8> {
    let mut json: Map<String, Value> =
        serde_json::from_slice(&file(family, "config.json")).expect("an object");
    let before = json.insert(key.to_owned(), serde_json::from_str(value).expect("JSON"));
    assert!(before.is_some(), "{family} has {key}");
    Value::Object(json).to_string().into_bytes()
}

/// A checkpoint in f32 in which every second value of one tensor is multiplied. If all values were, a norm
/// would undo it.
pub(crate) fn scaled(weights: &[u8], name: &str, factor: f32) -> Vec<u8> {
    let file = SafeTensors::deserialize(weights).expect("a checkpoint");
    let tensor = file.tensor(name).expect("a tensor").data();
    let start = tensor.as_ptr().addr() - weights.as_ptr().addr();
    let mut bytes = weights.to_vec();
    for value in bytes[start..start + tensor.len()].as_chunks_mut::<4>().0.iter_mut().step_by(2) {
        *value = (f32::from_le_bytes(*value) * factor).to_le_bytes();
    }
    bytes
}

pub(crate) fn logits(model: &Model, ids: &[u32]) -> Array2<f64> {
    model.logits(ids, &ExpertMask::all()).expect("known tokens")
}

/// The largest absolute difference, divided by the standard deviation of `expected`.
pub(crate) fn relative_difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let count = expected.len() as f64;
    let mean = expected.iter().sum::<f64>() / count;
    let variance = expected.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f64::max) / variance.sqrt()
}
