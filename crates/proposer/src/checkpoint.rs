//! The files of a model folder in the layout of the Hugging Face Hub.

mod defaults;

pub use defaults::{GenerationDefaults, GenerationDefaultsError};

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use files::{Disk, FileError, OsDisk};
use neural::{Backend, Model, ModelError};
use serde_json::Value;
use text::{ChatSource, ChatTemplate, Tokenizer};

use crate::error::LoadError;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const TOKENIZER: &str = "tokenizer.json";
const GENERATION: &str = "generation_config.json";

/// The largest number of shards (files of weights) of a model that are read.
const MAX_SHARDS: usize = 4096;

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
        let shards = match optional(WEIGHTS)? {
            Some(weights) => vec![weights],
            None => match optional(INDEX)? {
                Some(index) => shards(disk, folder, &index)?,
                None => return Err(no_weights(disk, folder)),
            },
        };
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

/// Reads the shards that an index names, each once. A name with a folder in it is refused, so that no index
/// can name a file outside its own folder.
fn shards(disk: &impl Disk, folder: &Path, index: &[u8]) -> Result<Vec<Vec<u8>>, LoadError> {
    let wrong = |why: String| LoadError::Index { path: folder.join(INDEX), why };
    let index: Value = serde_json::from_slice(index).map_err(|error| wrong(error.to_string()))?;
    let map = index.get("weight_map").and_then(Value::as_object);
    let map = map.ok_or_else(|| wrong("it has no object `weight_map`".to_owned()))?;
    let mut names = BTreeSet::new();
    for (tensor, file) in map {
        let name = file.as_str().filter(|name| Path::new(name).file_name() == Some(name.as_ref()));
        let Some(name) = name else {
            return Err(wrong(format!(
                "tensor `{tensor}` is in {file}, which is no name of a file beside it"
            )));
        };
        names.insert(name);
    }
    if names.is_empty() || names.len() > MAX_SHARDS {
        return Err(wrong(format!("it names {} files; 1 to {MAX_SHARDS} are read", names.len())));
    }
    names.into_iter().map(|name| read(disk, folder, name)).collect()
}

/// Returns the error for a folder without safetensors: another format that is there instead, or the missing
/// file.
fn no_weights(disk: &impl Disk, folder: &Path) -> LoadError {
    // A folder that cannot be listed shows no other format, so the missing file is the error.
    let names = files::list(disk, folder).unwrap_or_default();
    let other = names.iter().map(|name| folder.join(name)).find(|path| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        ["gguf", "bin", "pt", "pth", "ggml"].contains(&ending)
    });
    match other {
        Some(path) => LoadError::OtherFormat { path },
        None => missing(folder, WEIGHTS),
    }
}

fn missing(folder: &Path, name: &str) -> LoadError {
    LoadError::File { path: folder.join(name), source: io::ErrorKind::NotFound.into() }
}

fn read(disk: &impl Disk, folder: &Path, name: &str) -> Result<Vec<u8>, LoadError> {
    read_optional(disk, folder, name)?.ok_or_else(|| missing(folder, name))
}

fn read_optional(disk: &impl Disk, folder: &Path, name: &str) -> Result<Option<Vec<u8>>, LoadError> {
    files::read_up_to(disk, &folder.join(name), usize::MAX)
        .map_err(|FileError { path, source, .. }| LoadError::File { path, source })
}

/// Returns the path of a folder's `tokenizer.json`, for errors.
pub(crate) fn tokenizer_path(folder: &Path) -> PathBuf {
    folder.join(TOKENIZER)
}
