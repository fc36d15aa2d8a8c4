//! Models for those who want logits and not answers.

use std::path::Path;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::Model;
use proposer::{Checkpoint, GenerationDefaults, LoadError};
use text::{ChatTemplate, Tokenizer};

use crate::Error;
use crate::compute::Compute;

/// A model with what belongs to it.
pub(crate) struct Loaded {
    pub(crate) model: Arc<Model<CpuBackend>>,
    pub(crate) tokenizer: Option<Tokenizer>,
    /// Ids that end an answer.
    pub(crate) end_tokens: Vec<u32>,
    /// The settings of decoding that the folder states.
    pub(crate) generation: GenerationDefaults,
    /// The file that the chat template is from, if it is not ours.
    pub(crate) chat_file: Option<&'static str>,
    /// The shape of conversations, or why there is none; `None` without a tokenizer.
    pub(crate) chat: Option<Result<ChatTemplate, LoadError>>,
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
    let chat = tokenizer.as_ref().map(|tokenizer| checkpoint.chat_template(place, tokenizer));
    let chat_file = checkpoint.chat.map(|source| source.file);
    let generation = checkpoint.generation;
    let end_tokens = generation.end_tokens.clone().unwrap_or_else(|| model.config().end_tokens.clone());
    Ok(Loaded { model, tokenizer, end_tokens, generation, chat_file, chat })
}

/// The files of a folder, or those in the binary.
pub(crate) fn read(place: &Path) -> Result<Checkpoint, Error> {
    if place == Path::new("embedded") {
        return Ok(Checkpoint {
            config: embedded::CONFIG.as_bytes().to_vec(),
            shards: vec![embedded::WEIGHTS.to_vec()],
            tokenizer: Some(embedded::TOKENIZER.to_vec()),
            generation: GenerationDefaults::default(),
            chat: None,
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
