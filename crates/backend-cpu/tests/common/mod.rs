//! Models on every instruction set.

#![allow(dead_code, reason = "each test uses a part")]

use std::sync::Arc;

use backend_cpu::{CpuBackend, SupportedIsa};
use neural::{Backend, Model};
use synthetic::{Checkpoint, Shape, parity};

/// Returns a backend for every instruction set of this machine.
pub(crate) fn backends() -> Vec<CpuBackend> {
    SupportedIsa::all().into_iter().map(|isa| CpuBackend::new(isa.get()).expect("a detected set")).collect()
}

/// Returns the backend of the widest instruction set.
pub(crate) fn best() -> CpuBackend {
    CpuBackend::best().expect("IEEE arithmetic")
}

/// Returns the model of a checkpoint in one file.
pub(crate) fn load<B: Backend>(checkpoint: &Checkpoint, backend: B) -> Arc<Model<B>> {
    let model = Model::load(&checkpoint.config, &checkpoint.shards[0], backend);
    Arc::new(model.expect("a sound checkpoint"))
}

/// Returns the model of a shape and one fixed seed.
pub(crate) fn shaped<B: Backend>(shape: &Shape, backend: B) -> Arc<Model<B>> {
    load(&shape.checkpoint(7), backend)
}

/// Returns the model of a folder of `fixtures/parity`.
pub(crate) fn fixture<B: Backend>(family: &str, backend: B) -> Arc<Model<B>> {
    load(&parity::checkpoint(family), backend)
}
