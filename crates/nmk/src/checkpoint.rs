//! Models for those who want logits and not answers.

use std::path::Path;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{Checkpoint, LoadError, Model, Tokenizer};

use crate::Error;
use crate::compute::Compute;

/// A model with what belongs to it.
pub(crate) struct Loaded {
    pub(crate) model: Arc<Model<CpuBackend>>,
    pub(crate) tokenizer: Option<Tokenizer>,
    /// Ids that end an answer.
    pub(crate) end_tokens: Vec<u32>,
}

/// Loads a folder, or the model in the binary where `place` is the word for it.
///
/// # Errors
/// The folder or the backend is refused.
pub(crate) fn load(place: &Path, compute: Compute) -> Result<Loaded, Error> {
    let backend = compute.backend()?;
    let refused = |cause: LoadError| Error::Model { place: place.display().to_string(), cause };
    let checkpoint = read(place)?;
    let model = checkpoint.model(backend).map_err(|cause| refused(cause.into()))?;
    let model = Arc::new(model.in_state(compute.state));
    let tokenizer = match &checkpoint.tokenizer {
        None => None,
        Some(json) => Some(
            Tokenizer::from_json(json, model.config().vocab_size).map_err(|cause| refused(cause.into()))?,
        ),
    };
    let end_tokens = checkpoint.end_tokens.unwrap_or_else(|| model.config().end_tokens.clone());
    Ok(Loaded { model, tokenizer, end_tokens })
}

/// The files of a folder, or those in the binary.
pub(crate) fn read(place: &Path) -> Result<Checkpoint, Error> {
    if place == Path::new("embedded") {
        return Ok(Checkpoint {
            config: embedded::CONFIG.as_bytes().to_vec(),
            shards: vec![embedded::WEIGHTS.to_vec()],
            tokenizer: Some(embedded::TOKENIZER.to_vec()),
            end_tokens: None,
        });
    }
    if place.is_file() {
        return Err(Error::ModelIsAFile { path: place.to_owned() });
    }
    if !place.is_dir() {
        return Err(Error::NoModel { path: place.to_owned() });
    }
    Checkpoint::read(place).map_err(|cause| Error::Model { place: place.display().to_string(), cause })
}
