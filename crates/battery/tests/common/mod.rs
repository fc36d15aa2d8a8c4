//! Models on the CPU, and how near they must be to the judge.

#![allow(dead_code, reason = "each test uses a part")]

use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{Model, Session, Want};

/// The largest difference to the judge or the reference, in standard deviations of the logits.
pub(crate) const TOLERANCE: f64 = 2e-4;

/// Returns the model of these files on the widest instruction set.
pub(crate) fn load(config: &[u8], weights: &[u8]) -> Arc<Model<CpuBackend>> {
    let backend = CpuBackend::best().expect("IEEE arithmetic");
    Arc::new(Model::load(config, weights, backend).expect("a sound checkpoint"))
}

/// Returns the logits at every position of a sequence, in one pass.
pub(crate) fn logits(model: &Arc<Model<CpuBackend>>, ids: &[u32]) -> Vec<f32> {
    Session::open(model).prefill(ids, Want::All).expect("finite logits").values().to_vec()
}
