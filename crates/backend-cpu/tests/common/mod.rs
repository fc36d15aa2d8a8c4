//! The parity fixtures and the models that tests run on.

#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod drawn;

use std::path::PathBuf;
use std::sync::Arc;

use backend_cpu::{CpuBackend, SupportedIsa};
pub(crate) use battery::synthetic;
use neural::{Backend, Model};
use safetensors::SafeTensors;

/// The folders of `fixtures/parity` that this crate computes.
pub(crate) const FAMILIES: [&str; 7] =
    ["cohere2_moe", "cohere2_moe_shared_sigmoid", "gpt_oss", "mixtral", "olmoe", "qwen2_moe", "qwen3_moe"];

/// A backend for every instruction set of this machine.
pub(crate) fn backends() -> Vec<CpuBackend> {
    SupportedIsa::all().into_iter().map(|isa| CpuBackend::new(isa.get()).expect("a detected set")).collect()
}

pub(crate) fn best() -> CpuBackend {
    CpuBackend::best().expect("IEEE arithmetic")
}

pub(crate) fn file(family: &str, name: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity");
    let path = root.join(family).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn model<B: Backend>(family: &str, backend: B) -> Arc<Model<B>> {
    let (config, weights) = (file(family, "config.json"), file(family, "model.safetensors"));
    Arc::new(Model::load(&config, &weights, backend).expect("a parity fixture"))
}

/// One expected sequence.
pub(crate) struct Expected {
    pub(crate) ids: Vec<u32>,
    /// `[ids, vocab]`.
    pub(crate) logits: Vec<f32>,
    pub(crate) greedy: Vec<u32>,
}

pub(crate) fn expected(family: &str) -> Vec<Expected> {
    let bytes = file(family, "expected.safetensors");
    let tensors = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let ids = |name: String| {
        let view = tensors.tensor(&name).expect("a sequence");
        let ids = view.data().chunks_exact(8).map(|id| i64::from_le_bytes(id.try_into().expect("8 bytes")));
        ids.map(|id| u32::try_from(id).expect("a token id")).collect()
    };
    let floats = |name: String| {
        let view = tensors.tensor(&name).expect("logits");
        view.data().chunks_exact(4).map(|x| f32::from_le_bytes(x.try_into().expect("4 bytes"))).collect()
    };
    (0..4)
        .map(|i| Expected {
            ids: ids(format!("ids_{i}")),
            logits: floats(format!("logits_{i}")),
            greedy: ids(format!("greedy_{i}")),
        })
        .collect()
}

/// Largest absolute difference over the standard deviation of `expected`.
pub(crate) fn relative_difference(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let count = expected.len() as f64;
    let mean = expected.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
    let variance = expected.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / count;
    let differences = found.iter().zip(expected).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
    differences.fold(0.0, f64::max) / variance.sqrt()
}

pub(crate) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}
