//! The loading of models for commands that compute logits instead of answers.

use std::path::Path;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{Model, ModelConfig, ModelError};
use proposer::{Checkpoint, GenerationDefaults, LoadError};
use text::{ChatTemplate, Tokenizer};

use crate::Error;
use crate::compute::Compute;
use crate::shipped::Shipped;

/// A loaded model with everything else in its folder.
pub(crate) struct Loaded {
    pub(crate) model: Arc<Model<CpuBackend>>,
    pub(crate) tokenizer: Option<Tokenizer>,
    /// The size of the files of weights, in bytes.
    pub(crate) weight_bytes: usize,
    /// The ids of the tokens that end an answer.
    pub(crate) end_tokens: Vec<u32>,
    /// The settings of decoding that the folder states; empty if it states none.
    pub(crate) generation: GenerationDefaults,
    /// The file that the chat template was read from. None if conversations have the built-in form.
    pub(crate) chat_file: Option<&'static str>,
    /// The chat template, or the reason why there is none. None if the folder has no tokenizer.
    pub(crate) chat: Option<Result<ChatTemplate, LoadError>>,
}

/// Loads the model in the folder `place`, or the model in the binary if `place` is the name of one.
///
/// # Errors
/// Fails if the folder or the backend is refused.
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
    let weight_bytes = checkpoint.shards.iter().map(Vec::len).sum();
    let chat_file = checkpoint.chat.map(|source| source.file);
    let generation = checkpoint.generation;
    let end_tokens = generation.end_tokens.clone().unwrap_or_else(|| model.config().end_tokens.clone());
    Ok(Loaded { model, tokenizer, weight_bytes, end_tokens, generation, chat_file, chat })
}

/// Reads the files of the folder `place`, or of the model in the binary if `place` is the name of one.
pub(crate) fn read(place: &Path) -> Result<Checkpoint, Error> {
    if let Some(shipped) = Shipped::named(place) {
        return Ok(Checkpoint {
            config: shipped.config().to_vec(),
            shards: vec![shipped.weights().to_vec()],
            tokenizer: Some(shipped.tokenizer().to_vec()),
            generation: GenerationDefaults::default(),
            chat: None,
        });
    }
    in_folder(place, Checkpoint::read)
}

/// Reads the tokenizer of the folder `place`, or that of the model in the binary if `place` is the name of one.
/// Returns `None` if the folder has none.
pub(crate) fn tokenizer(place: &Path) -> Result<Option<Tokenizer>, Error> {
    if let Some(shipped) = Shipped::named(place) {
        let refused = |cause: LoadError| Error::Model { place: place.display().to_string(), cause };
        let config = ModelConfig::from_json(shipped.config()).map_err(ModelError::from);
        let vocab_size = config.map_err(|cause| refused(cause.into()))?.vocab_size;
        let read = Tokenizer::from_json(shipped.tokenizer(), vocab_size);
        return read.map(Some).map_err(|cause| refused(cause.into()));
    }
    in_folder(place, Checkpoint::read_tokenizer)
}

/// Reads something of the model folder `place`. Fails if there is no such folder.
fn in_folder<T>(place: &Path, read: impl FnOnce(&Path) -> Result<T, LoadError>) -> Result<T, Error> {
    if place.is_file() {
        return Err(Error::ModelIsAFile { path: place.to_owned() });
    }
    if !place.is_dir() {
        return Err(Error::NoModel { path: place.to_owned() });
    }
    read(place).map_err(|cause| Error::Model { place: place.display().to_string(), cause })
}
