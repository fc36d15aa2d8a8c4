//! The files of a model folder in the layout of the Hugging Face Hub.

mod defaults;
mod placeholder;
mod shards;

pub use defaults::{GenerationDefaults, GenerationDefaultsError};

use std::path::{Path, PathBuf};

use files::{Disk, FileError, OsDisk};
use neural::{Backend, Model, ModelConfig, ModelError};
use text::{ChatSource, ChatTemplate, Tokenizer};

use crate::error::{LoadError, absent};

const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";
const GENERATION: &str = "generation_config.json";

/// The content of a model folder, read into memory.
///
/// The defaults of generation are checked. Configuration, weights and tokenizer are bytes that nobody has
/// checked yet.
pub struct Checkpoint {
    /// The bytes of `config.json`, which describes the model.
    pub config: Vec<u8>,
    /// The bytes of the weights: one file, or all shards in the order of their names.
    pub shards: Vec<Vec<u8>>,
    /// The bytes of `tokenizer.json`. None if there is no such file.
    pub tokenizer: Option<Vec<u8>>,
    /// The content of `generation_config.json`; empty if there is no such file.
    pub generation: GenerationDefaults,
    /// The chat template in `chat_template.jinja` or `tokenizer_config.json`. None if neither has one.
    pub chat: Option<ChatSource>,
}

impl Checkpoint {
    /// Reads the model folder `folder`: `config.json`, and the weights from `model.safetensors` or from the
    /// shards that its index names. Optional files are `tokenizer.json`, `generation_config.json` and the two
    /// that may have a chat template.
    ///
    /// # Errors
    /// [`LoadError`] names the file that is missing, unreadable or not in this layout.
    pub fn read(folder: &Path) -> Result<Self, LoadError> {
        Self::read_on(&OsDisk, folder)
    }

    /// Reads the model folder `folder` of `disk`, as [`read`](Self::read) does on the machine's disk.
    ///
    /// # Errors
    /// Fails as [`read`](Self::read) does.
    pub fn read_on(disk: &impl Disk, folder: &Path) -> Result<Self, LoadError> {
        let optional = |name: &str| read_optional(disk, folder, name);
        let config = read(disk, folder, CONFIG)?;
        let shards = shards::read_all(disk, folder)?;
        let generation = match optional(GENERATION)? {
            None => GenerationDefaults::default(),
            Some(json) => GenerationDefaults::from_json(&json).map_err(|error| LoadError::Index {
                path: folder.join(GENERATION),
                why: error.to_string(),
            })?,
        };
        let tokenizer_config = optional(ChatSource::CONFIG_FILE)?;
        let template = optional(ChatSource::TEMPLATE_FILE)?;
        let chat = ChatSource::from_files(tokenizer_config.as_deref(), template.as_deref())
            .map_err(|(file, cause)| LoadError::Chat { path: folder.join(file), cause })?;
        Ok(Self { config, shards, tokenizer: optional(TOKENIZER)?, generation, chat })
    }

    /// Reads the tokenizer of a model folder, and neither its weights nor anything else. Returns `None` if the
    /// folder has no `tokenizer.json`.
    ///
    /// # Errors
    /// [`LoadError`] if `config.json`, which has the size of the vocabulary, or the tokenizer is missing,
    /// unreadable or refused.
    pub fn read_tokenizer(folder: &Path) -> Result<Option<Tokenizer>, LoadError> {
        let config = ModelConfig::from_json(&read(&OsDisk, folder, CONFIG)?).map_err(ModelError::from)?;
        let Some(json) = read_optional(&OsDisk, folder, TOKENIZER)? else { return Ok(None) };
        Ok(Some(Tokenizer::from_json(&json, config.vocab_size)?))
    }

    /// Checks configuration and weights, and packs them into a model for a backend.
    ///
    /// # Errors
    /// [`ModelError`] if the configuration or the weights are refused.
    pub fn model<B: Backend>(&self, backend: B) -> Result<Model<B>, ModelError> {
        let shards: Vec<&[u8]> = self.shards.iter().map(Vec::as_slice).collect();
        Model::load_shards(&self.config, &shards, backend)
    }

    /// Returns the chat template, which is the form in which conversations are written: that of the folder,
    /// or the built-in form of [`ChatTemplate::from_tokenizer`] if the folder has none. `folder` is only
    /// named in errors.
    ///
    /// # Errors
    /// [`LoadError::Chat`] if the folder's template is refused. [`LoadError::NoTemplate`] if there is none
    /// and the tokenizer lacks the special tokens of the built-in form.
    pub fn chat_template(&self, folder: &Path, tokenizer: &Tokenizer) -> Result<ChatTemplate, LoadError> {
        match &self.chat {
            Some(source) => ChatTemplate::from_source(tokenizer, source)
                .map_err(|cause| LoadError::Chat { path: folder.join(source.file), cause }),
            None => ChatTemplate::from_tokenizer(tokenizer)
                .map_err(|missing| LoadError::NoTemplate { path: folder.to_owned(), missing }),
        }
    }
}

fn read(disk: &impl Disk, folder: &Path, name: &str) -> Result<Vec<u8>, LoadError> {
    read_optional(disk, folder, name)?.ok_or_else(|| missing(folder, name))
}

fn missing(folder: &Path, name: &str) -> LoadError {
    LoadError::File { path: folder.join(name), source: absent() }
}

/// Reads a file of the folder; `None` if it is not there. A file that only stands for the real one is refused.
fn read_optional(disk: &impl Disk, folder: &Path, name: &str) -> Result<Option<Vec<u8>>, LoadError> {
    let path = folder.join(name);
    let read = files::read_up_to(disk, &path, usize::MAX)
        .map_err(|FileError { path, source, .. }| LoadError::File { path, source })?;
    if let Some(bytes) = &read {
        placeholder::refuse(&path, bytes)?;
    }
    Ok(read)
}

/// Returns the path of a folder's `tokenizer.json`, for errors.
pub(crate) fn tokenizer_path(folder: &Path) -> PathBuf {
    folder.join(TOKENIZER)
}
