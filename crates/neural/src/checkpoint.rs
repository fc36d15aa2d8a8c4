//! A model folder in the Hub's layout.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::backend::Backend;
use crate::local::LoadError;
use crate::model::{Model, ModelError};

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
    /// Ids that end an answer by `generation_config.json`, if it says.
    pub end_tokens: Option<Vec<u32>>,
}

impl Checkpoint {
    /// Reads `config.json`, the weights in `model.safetensors` or the shards of its index, and where they are
    /// there `tokenizer.json` and `generation_config.json`.
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
        let end_tokens = match read_optional(folder, GENERATION)? {
            Some(generation) => end_tokens(&folder.join(GENERATION), &generation)?,
            None => None,
        };
        Ok(Self { config, shards, tokenizer: read_optional(folder, TOKENIZER)?, end_tokens })
    }

    /// The model of the folder.
    ///
    /// # Errors
    /// [`ModelError`] if configuration or weights are refused.
    pub fn model<B: Backend>(&self, backend: B) -> Result<Model<B>, ModelError> {
        let shards: Vec<&[u8]> = self.shards.iter().map(Vec::as_slice).collect();
        Model::load_shards(&self.config, &shards, backend)
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

fn end_tokens(path: &Path, json: &[u8]) -> Result<Option<Vec<u32>>, LoadError> {
    let wrong = |why: &str| LoadError::Index { path: path.to_path_buf(), why: why.to_owned() };
    let value: Value = serde_json::from_slice(json).map_err(|error| wrong(&error.to_string()))?;
    let Some(stated) = value.get("eos_token_id").filter(|stated| !stated.is_null()) else { return Ok(None) };
    let list = stated.as_array().map_or(std::slice::from_ref(stated), Vec::as_slice);
    let id = |id: &Value| id.as_u64().and_then(|id| u32::try_from(id).ok());
    let ids: Option<Vec<u32>> = list.iter().map(id).collect();
    ids.map(Some).ok_or_else(|| wrong("`eos_token_id` is no token id and no list of them"))
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
