//! The model that is measured, and the length of the measurement.

use std::path::Path;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{
    Model, ModelConfig, ModelError, Session, SessionError, Traps, Turn, Want, prefill_together_trapped,
};
use proposer::{Checkpoint, LoadError};
use serde_json::{Value as Json, json};
use text::{TokenBytes, Tokenizer};

use super::random;
use crate::Error;
use crate::checkpoint::read;
use crate::compute::Compute;

/// The number of tokens of a prompt that are computed at a time if chunks are not what is measured.
const CHUNK: usize = 256;

/// The least number of positions in a context in which everything can be measured.
const LEAST_CONTEXT: usize = 64;

/// The files of the model that is measured, and the settings by which it is computed.
pub(crate) struct Subject {
    place: String,
    checkpoint: Checkpoint,
    compute: Compute,
}

/// The length of the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Long enough for meaningful figures.
    Full,
    /// As short as possible, only to check that everything runs.
    Quick,
}

impl Effort {
    /// Returns `full` or `quick`, depending on the length of the measurement.
    pub(super) fn choose(self, full: usize, quick: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Quick => quick,
        }
    }
}

impl Subject {
    /// Returns the model in the folder `place`, or the model in the binary if `place` is the name of one.
    pub(crate) fn open(place: &Path, compute: Compute) -> Result<Self, Error> {
        Ok(Self { place: place.display().to_string(), checkpoint: read(place)?, compute })
    }

    /// Returns a model of random weights with a context of thousands of positions.
    pub(crate) fn random(compute: Compute) -> Self {
        Self { place: "random".to_owned(), checkpoint: random::checkpoint(), compute }
    }

    /// Returns the model, loaded for that many threads. Fails if the model is refused or its context is too
    /// short.
    pub(super) fn on(&self, threads: usize) -> Result<Arc<Model<CpuBackend>>, Error> {
        let backend = Compute { threads, ..self.compute }.backend()?;
        let refused =
            |cause: neural::ModelError| Error::Model { place: self.place.clone(), cause: cause.into() };
        let model = self.checkpoint.model(backend).map_err(refused)?.in_state(self.compute.state);
        let capacity = model.config().max_positions;
        if capacity < LEAST_CONTEXT {
            return Err(Error::ShortContext { place: self.place.clone(), capacity, least: LEAST_CONTEXT });
        }
        Ok(Arc::new(model))
    }

    /// Returns the bytes of the model's tokens. None if the model has no tokenizer, or one of which they are not known.
    pub(super) fn token_bytes(&self) -> Result<Option<TokenBytes>, Error> {
        let Some(json) = &self.checkpoint.tokenizer else { return Ok(None) };
        let refused = |cause: LoadError| Error::Model { place: self.place.clone(), cause };
        let config = ModelConfig::from_json(&self.checkpoint.config).map_err(ModelError::from);
        let size = config.map_err(|cause| refused(cause.into()))?.vocab_size;
        let tokenizer = Tokenizer::from_json(json, size).map_err(|cause| refused(cause.into()))?;
        Ok(TokenBytes::from_tokenizer(&tokenizer).ok())
    }

    pub(super) fn failed(&self, cause: SessionError) -> Error {
        Error::Generation { place: self.place.clone(), cause: cause.into() }
    }

    /// Returns the conditions of a report: the model, its digest, its size, and the settings.
    pub(super) fn conditions(&self, model: &Model<CpuBackend>) -> Vec<(&'static str, Json)> {
        vec![
            ("model", json!(self.place)),
            ("digest", json!(model.digest().to_string())),
            ("weight_bytes", json!(self.checkpoint.shards.iter().map(Vec::len).sum::<usize>())),
            ("isa", json!(model.backend().isa().to_string())),
            ("state", json!(model.state().to_string())),
        ]
    }
}

/// Returns a session whose history is `tokens`, of which there must be at least one.
pub(super) fn after(
    model: &Arc<Model<CpuBackend>>,
    tokens: &[u32],
) -> Result<Session<CpuBackend>, SessionError> {
    let mut session = Session::open(model);
    prefill(&mut session, tokens, CHUNK)?;
    Ok(session)
}

/// Appends `tokens` to a session, `chunk` at a time.
pub(super) fn prefill(
    session: &mut Session<CpuBackend>,
    tokens: &[u32],
    chunk: usize,
) -> Result<(), SessionError> {
    tokens.chunks(chunk).try_for_each(|tokens| session.prefill(tokens, Want::Last).map(drop))
}

/// Appends `tokens` to each session, one token of each session in a pass, each session with its own traps.
pub(super) fn together<T: Traps<CpuBackend>>(
    sessions: &mut [Session<CpuBackend>],
    tokens: &[u32],
    traps: &mut [T],
) -> Result<(), SessionError> {
    for token in tokens.chunks(1) {
        let turn = |session| Turn { session, tokens: token, want: Want::Last };
        let mut turns: Vec<Turn<'_, CpuBackend>> = sessions.iter_mut().map(turn).collect();
        for logits in prefill_together_trapped(&mut turns, traps) {
            logits?;
        }
    }
    Ok(())
}
