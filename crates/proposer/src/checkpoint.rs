//! A model folder in the Hub's layout.

mod defaults;

pub use defaults::{GenerationDefaults, GenerationDefaultsError};

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use neural::{Backend, Model, ModelError};
use serde_json::Value;
use text::{ChatSource, ChatTemplate, Tokenizer};

use crate::local::LoadError;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const TOKENIZER: &str = "tokenizer.json";
const GENERATION: &str = "generation_config.json";

/// The most shards of a model.
const MAX_SHARDS: usize = 4096;

/// The files of a model folder, read whole.
pub struct Checkpoint {
    /// The bytes of `config.json`.
    pub config: Vec<u8>,
    /// The bytes of the weights: of one file, or of all shards in the order of their names.
    pub shards: Vec<Vec<u8>>,
    /// The bytes of `tokenizer.json`, if there is one.
    pub tokenizer: Option<Vec<u8>>,
    /// What `generation_config.json` says; nothing where there is none.
    pub generation: GenerationDefaults,
    /// The chat template of `chat_template.jinja` or `tokenizer_config.json`, if there is one.
    pub chat: Option<ChatSource>,
}

impl Checkpoint {
    /// Reads `config.json`, the weights in `model.safetensors` or the shards of its index, and where they are
    /// there `tokenizer.json`, `generation_config.json` and the two files that may hold a chat template.
    ///
    /// # Errors
    /// [`LoadError`] naming the file that is missing, unreadable or not of this layout.
    pub fn read(folder: &Path) -> Result<Self, LoadError> {
        let config = read(folder, CONFIG)?;
        let shards = match read_optional(folder, WEIGHTS)? {
            Some(weights) => vec![weights],
            None => match read_optional(folder, INDEX)? {
                Some(index) => shards(folder, &index)?,
                None => return Err(no_weights(folder)),
            },
        };
        let generation = match read_optional(folder, GENERATION)? {
            None => GenerationDefaults::default(),
            Some(json) => GenerationDefaults::from_json(&json).map_err(|error| LoadError::Index {
                path: folder.join(GENERATION),
                why: error.to_string(),
            })?,
        };
        let tokenizer_config = read_optional(folder, ChatSource::CONFIG_FILE)?;
        let template = read_optional(folder, ChatSource::TEMPLATE_FILE)?;
        let chat = ChatSource::of_files(tokenizer_config.as_deref(), template.as_deref())
            .map_err(|(file, cause)| LoadError::Chat { path: folder.join(file), cause })?;
        Ok(Self { config, shards, tokenizer: read_optional(folder, TOKENIZER)?, generation, chat })
    }

    /// The model of the folder.
    ///
    /// # Errors
    /// [`ModelError`] if configuration or weights are refused.
    pub fn model<B: Backend>(&self, backend: B) -> Result<Model<B>, ModelError> {
        let shards: Vec<&[u8]> = self.shards.iter().map(Vec::as_slice).collect();
        Model::load_shards(&self.config, &shards, backend)
    }

    /// The shape of conversations: that of the folder's template, or ours where it has none. `folder` is what
    /// an error names.
    ///
    /// # Errors
    /// [`LoadError::Chat`] if the template is refused, [`LoadError::NoTemplate`] if there is none and the tokenizer
    /// lacks the special tokens of ours.
    pub fn chat_template(&self, folder: &Path, tokenizer: &Tokenizer) -> Result<ChatTemplate, LoadError> {
        match &self.chat {
            Some(source) => ChatTemplate::of_source(tokenizer, source)
                .map_err(|cause| LoadError::Chat { path: folder.join(source.file), cause }),
            None => ChatTemplate::of(tokenizer)
                .map_err(|missing| LoadError::NoTemplate { path: folder.to_owned(), missing }),
        }
    }
}

/// The shards that an index names, each once. A name with a folder in it is refused: a model lies in its own.
fn shards(folder: &Path, index: &[u8]) -> Result<Vec<Vec<u8>>, LoadError> {
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
    names.into_iter().map(|name| read(folder, name)).collect()
}

/// What is there instead of weights that are read.
fn no_weights(folder: &Path) -> LoadError {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let other = names.map(|item| item.path()).find(|path| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        ["gguf", "bin", "pt", "pth", "ggml"].contains(&ending)
    });
    match other {
        Some(path) => LoadError::OtherFormat { path },
        None => LoadError::File { path: folder.join(WEIGHTS), source: io::ErrorKind::NotFound.into() },
    }
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, LoadError> {
    let path = folder.join(name);
    std::fs::read(&path).map_err(|source| LoadError::File { path, source })
}

fn read_optional(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, LoadError> {
    match read(folder, name) {
        Err(LoadError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// Where a folder's file lies, for those who name it in an error.
pub(crate) fn tokenizer_path(folder: &Path) -> PathBuf {
    folder.join(TOKENIZER)
}
