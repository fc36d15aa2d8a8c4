//! The parity fixtures, changed.

#![allow(dead_code, reason = "each test uses a part")]

use ndarray::Array2;
use oracle64::{ExpertMask, Model};
use serde_json::{Map, Value};
use synthetic::{edited, parity};

/// Returns a configuration with another value, given as JSON; the key has to be there.
pub(crate) fn config_with(family: &str, key: &str, value: &str) -> Vec<u8> {
    let mut json: Map<String, Value> =
        serde_json::from_slice(&parity::file(family, "config.json")).expect("an object");
    let before = json.insert(key.to_owned(), serde_json::from_str(value).expect("JSON"));
    assert!(before.is_some(), "{family} has {key}");
    Value::Object(json).to_string().into_bytes()
}

/// Returns a checkpoint in f32 in which every second value of one tensor is multiplied. If all values were, a
/// norm would undo it.
pub(crate) fn scaled(weights: &[u8], name: &str, factor: f32) -> Vec<u8> {
    edited(weights, |tensors| {
        let tensor = tensors.iter_mut().find(|tensor| tensor.name == name);
        tensor.expect("a tensor").change(|at, old| if at % 2 == 0 { old * factor } else { old });
    })
}

/// Returns the logits at every position of a sequence.
pub(crate) fn logits(model: &Model, ids: &[u32]) -> Array2<f64> {
    model.logits(ids, &ExpertMask::all()).expect("known tokens")
}
