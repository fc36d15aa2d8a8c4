//! Models on the plain backend.

#![allow(dead_code, reason = "each test uses a part")]

use std::sync::Arc;

use neural::{Model, PlainBackend, Session, Snapshot, Want};
use synthetic::{Checkpoint, Sequence, Shape, bits, parity};

pub(crate) type PlainModel = Arc<Model<PlainBackend>>;

/// Returns the model of a checkpoint in one file.
pub(crate) fn load(checkpoint: &Checkpoint) -> PlainModel {
    let model = Model::load(&checkpoint.config, &checkpoint.shards[0], PlainBackend);
    Arc::new(model.expect("a sound checkpoint"))
}

/// Returns the model of a shape and one fixed seed.
pub(crate) fn shaped(shape: &Shape) -> PlainModel {
    load(&shape.checkpoint(7))
}

/// Returns the model of a folder of `fixtures/parity`.
pub(crate) fn fixture(family: &str) -> PlainModel {
    load(&parity::checkpoint(family))
}

/// A session that the schedules drive.
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
