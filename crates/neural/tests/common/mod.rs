//! Models on the plain backend.

#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod answers;
pub(crate) mod drafters;
pub(crate) mod gateways;
pub(crate) mod heads;

use std::sync::Arc;

use neural::{Backend, Fault, Faulty, Model, PlainBackend, Session, Snapshot, StateDtype, Traps, Want};
use synthetic::{Checkpoint, Sequence, Shape, bits, parity};

pub(crate) type PlainModel = Arc<Model<PlainBackend>>;

/// Returns the model of a checkpoint in one file.
pub(crate) fn load<B: Backend>(checkpoint: &Checkpoint, backend: B) -> Arc<Model<B>> {
    let model = Model::load(&checkpoint.config, &checkpoint.shards[0], backend);
    Arc::new(model.expect("a sound checkpoint"))
}

/// Returns the model of a shape and one fixed seed.
pub(crate) fn shaped(shape: &Shape) -> PlainModel {
    load(&shape.checkpoint(7), PlainBackend)
}

/// Returns the same model on a backend with a fault.
pub(crate) fn faulty(shape: &Shape, fault: Fault) -> Arc<Model<Faulty<PlainBackend>>> {
    load(&shape.checkpoint(7), Faulty { inner: PlainBackend, fault })
}

/// Returns the model of a folder of `fixtures/parity`.
pub(crate) fn fixture(family: &str) -> PlainModel {
    load(&parity::checkpoint(family), PlainBackend)
}

/// Returns the model of the same weights that keeps its state in bf16.
pub(crate) fn half<B: Backend>(model: &Arc<Model<B>>) -> Arc<Model<B>> {
    Arc::new(model.in_state(StateDtype::Bf16))
}

/// Returns the bytes of each token of [`synthetic::SMALL`]: one for each byte, and none for six special
/// tokens.
pub(crate) fn token_bytes() -> Vec<Vec<u8>> {
    (0..262_u16).map(|id| u8::try_from(id).into_iter().collect()).collect()
}

/// Returns the bits of all logits of a sequence by itself, in one pass.
pub(crate) fn alone<B: Backend>(model: &Arc<Model<B>>, ids: &[u32]) -> Vec<u32> {
    bits(Session::open(model).prefill(ids, Want::All).expect("tokens of the vocabulary").values())
}

/// Returns a session at `ids.len()`, fed in chunks.
pub(crate) fn fed<B: Backend>(model: &Arc<Model<B>>, ids: &[u32], chunk: usize) -> Session<B> {
    let mut session = Session::open(model);
    for ids in ids.chunks(chunk) {
        session.prefill(ids, Want::Last).expect("tokens of the vocabulary");
    }
    session
}

/// Returns the bits of all logits of a sequence in chunks, with traps.
pub(crate) fn run_trapped<T: Traps<PlainBackend>>(
    model: &PlainModel,
    ids: &[u32],
    chunk: usize,
    traps: &mut T,
) -> Vec<u32> {
    let mut session = Session::open(model);
    let chunks = ids.chunks(chunk);
    let logits = chunks.map(|ids| session.prefill_trapped(ids, Want::All, traps).expect("a fixture"));
    logits.flat_map(|logits| bits(logits.values())).collect()
}

/// A session that schedules drive.
pub(crate) struct Driven(pub(crate) Session<PlainBackend>);

impl Sequence for Driven {
    fn feed(&mut self, tokens: &[u32]) -> Vec<u32> {
        bits(self.0.prefill(tokens, Want::All).expect("tokens of the vocabulary").values())
    }

    fn rewind(&mut self, to: usize) {
        self.0.rewind(to).expect("within the horizon");
    }

    fn fork(&self) -> Self {
        Self(self.0.fork())
    }

    fn restored(&self) -> Self {
        let bytes = self.0.snapshot().as_bytes().to_vec();
        let snapshot = Snapshot::from_bytes(bytes).expect("what was written");
        Self(Session::restore(self.0.model(), &snapshot).expect("a snapshot of this model"))
    }
}
