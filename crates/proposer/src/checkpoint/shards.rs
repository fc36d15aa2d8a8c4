//! The files of weights of a model folder: which there are, and whether each of them is whole.
//!
//! A file that is cut is found here, where its name is known. What the tensors hold is checked later.

use abi::counted;
use std::collections::BTreeMap;
use std::path::Path;

use files::Disk;
use serde_json::Value;

use super::{missing, read_optional};
use crate::error::LoadError;

const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// The largest number of shards (files of weights) of a model that are read.
const MAX_SHARDS: usize = 4096;

/// Reads the weights of a folder: the one file, or the shards that the index names, each once, in the order of
/// their names.
pub(super) fn read_all(disk: &impl Disk, folder: &Path) -> Result<Vec<Vec<u8>>, LoadError> {
    if let Some(weights) = read_optional(disk, folder, WEIGHTS)? {
        return Ok(vec![whole(folder, WEIGHTS, weights)?]);
    }
    let Some(index) = read_optional(disk, folder, INDEX)? else { return Err(no_weights(disk, folder)) };
    let mut shards = Vec::new();
    for (name, tensor) in names(folder, &index)? {
        let Some(shard) = read_optional(disk, folder, &name)? else {
            return Err(LoadError::MissingShard { path: folder.join(name), index: INDEX, tensor });
        };
        shards.push(whole(folder, &name, shard)?);
    }
    Ok(shards)
}

/// Returns the names of the shards that an index names, each with one of its tensors. A name with a folder in
/// it is refused, so that no index can name a file outside its own folder.
fn names(folder: &Path, index: &[u8]) -> Result<BTreeMap<String, String>, LoadError> {
    let wrong = |why: String| LoadError::Index { path: folder.join(INDEX), why };
    let index: Value = serde_json::from_slice(index).map_err(|error| wrong(error.to_string()))?;
    let map = index.get("weight_map").and_then(Value::as_object);
    let map = map.ok_or_else(|| wrong("it has no object `weight_map`".to_owned()))?;
    let mut names = BTreeMap::new();
    for (tensor, file) in map {
        let name = file.as_str().filter(|name| Path::new(name).file_name() == Some(name.as_ref()));
        let Some(name) = name else {
            return Err(wrong(format!(
                "tensor `{tensor}` is in {file}, which is no name of a file beside it"
            )));
        };
        names.entry(name.to_owned()).or_insert_with(|| tensor.clone());
    }
    if names.is_empty() || names.len() > MAX_SHARDS {
        return Err(wrong(format!("it names {}; 1 to {MAX_SHARDS} are read", counted(names.len(), "file"))));
    }
    Ok(names)
}

/// Returns the bytes of a file of weights, unless they end before the last tensor that their header names. A
/// header that cannot be read is refused later, with the reason.
fn whole(folder: &Path, name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, LoadError> {
    match stated_length(&bytes) {
        Some(stated) if stated > bytes.len() as u64 => {
            Err(LoadError::CutFile { path: folder.join(name), length: bytes.len() as u64, stated })
        }
        _ => Ok(bytes),
    }
}

/// Returns the length of a safetensors file by its header: eight bytes with the length of the header, the
/// header, and the values of the tensors. Returns the least length if the header itself is cut, and `None` if
/// it is not a header.
fn stated_length(bytes: &[u8]) -> Option<u64> {
    let header_length = u64::from_le_bytes(*bytes.first_chunk()?);
    let start = header_length.checked_add(8).filter(|start| *start <= MAX_HEADER)?;
    let Some(header) = bytes.get(8..usize::try_from(start).ok()?) else {
        // Every header is an object.
        return (bytes.get(8) == Some(&b'{')).then_some(start);
    };
    let header: Value = serde_json::from_slice(header).ok()?;
    let ends = header.as_object()?.values().filter_map(|tensor| tensor["data_offsets"][1].as_u64());
    start.checked_add(ends.max().unwrap_or(0))
}

/// The largest safetensors header that is read, in bytes; the format's own library has the same bound.
const MAX_HEADER: u64 = 100_000_000;

/// Returns the error for a folder without weights that are read: an index that is missing beside its shards,
/// another format that is there instead, or the missing file.
fn no_weights(disk: &impl Disk, folder: &Path) -> LoadError {
    // A folder that cannot be listed shows no other file, so the missing file is the error.
    let names = files::list(disk, folder).unwrap_or_default();
    if names.iter().any(|name| name.starts_with("model-") && name.ends_with(".safetensors")) {
        return missing(folder, INDEX);
    }
    let other = names.iter().map(|name| folder.join(name)).find(|path| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        ["gguf", "bin", "pt", "pth", "ggml"].contains(&ending)
    });
    other.map_or_else(|| missing(folder, WEIGHTS), |path| LoadError::OtherFormat { path })
}
