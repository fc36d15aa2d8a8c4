//! The files of a run: the folder of the model, and the state to resume from.

use crate::TrainError;
use crate::adamw::Moments;
use crate::bf16;
use crate::config::Config;
use crate::params::Schema;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::path::Path;

/// The state of a training run between two steps: everything that it needs to continue with the same bits.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The fingerprint of the run's plan, so that a state is not resumed under another plan.
    pub plan: u64,
    /// Number of optimiser steps that are finished.
    pub done: u64,
    /// The values of all parameters, as one flat vector in the order of the [schema](Schema).
    pub values: Vec<f32>,
    /// The running averages of the optimiser.
    pub moments: Moments,
}

/// Writes a file under a temporary name and renames it, so that a reader sees the old content or the new,
/// never a part.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let aside = path.with_extension("partial");
    std::fs::write(&aside, bytes).map_err(TrainError::file(&aside))?;
    std::fs::rename(&aside, path).map_err(TrainError::file(path))
}

/// Reads a whole file. The error names the path of the file.
pub fn read(path: &Path) -> Result<Vec<u8>, TrainError> {
    std::fs::read(path).map_err(TrainError::file(path))
}

/// Writes a model into a folder: `config.json`, `tokenizer.json`, and the values in bf16 as
/// `model.safetensors`. Creates the folder if it is not there.
///
/// # Errors
/// [`TrainError`] if a file cannot be written.
pub fn save_model(
    folder: &Path,
    config: &Config,
    tokenizer: &str,
    schema: &Schema,
    values: &[f32],
) -> Result<(), TrainError> {
    std::fs::create_dir_all(folder).map_err(TrainError::file(folder))?;
    write_atomically(&folder.join("config.json"), serde_json::to_string_pretty(config)?.as_bytes())?;
    write_atomically(&folder.join("tokenizer.json"), tokenizer.as_bytes())?;
    let bytes: Vec<u8> = values.iter().flat_map(|v| bf16::round(*v).to_le_bytes()).collect();
    let views = schema.entries().iter().map(|entry| {
        let range = entry.offset * 2..(entry.offset + entry.size()) * 2;
        TensorView::new(Dtype::BF16, entry.shape.clone(), &bytes[range])
            .map(|view| (entry.name.clone(), view))
    });
    let views: Vec<_> = views.collect::<Result<_, _>>()?;
    write_atomically(&folder.join("model.safetensors"), &safetensors::serialize(views, None)?)
}

/// Reads the values of all parameters from the bytes of a safetensors file, as one flat vector in the order
/// of `schema`. Values in bf16 are widened exactly.
///
/// # Errors
/// [`TrainError`] if a tensor is missing, or has another shape or type.
pub fn load_values(schema: &Schema, bytes: &[u8]) -> Result<Vec<f32>, TrainError> {
    let file = SafeTensors::deserialize(bytes)?;
    let mut values = Vec::with_capacity(schema.total());
    for entry in schema.entries() {
        let wrong = || TrainError::Parameter { name: entry.name.clone() };
        let view = file.tensor(&entry.name).map_err(|_| wrong())?;
        if view.shape() != entry.shape {
            return Err(wrong());
        }
        match view.dtype() {
            Dtype::BF16 => values
                .extend(view.data().chunks_exact(2).map(|b| bf16::widen(u16::from_le_bytes([b[0], b[1]])))),
            Dtype::F32 => values
                .extend(view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))),
            _ => return Err(wrong()),
        }
    }
    Ok(values)
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Writes the state of a run to a file, from which [`load_state`] reads it to resume the run.
pub fn save_state(path: &Path, state: &State) -> Result<(), TrainError> {
    let parts = [
        ("values", floats(&state.values)),
        ("first", floats(&state.moments.first)),
        ("second", floats(&state.moments.second)),
    ];
    let (done, plan) = (state.done.to_le_bytes(), state.plan.to_le_bytes());
    let mut views = vec![("done", TensorView::new(Dtype::U64, vec![1], &done)?)];
    views.push(("plan", TensorView::new(Dtype::U64, vec![1], &plan)?));
    for (name, bytes) in &parts {
        views.push((name, TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes)?));
    }
    write_atomically(path, &safetensors::serialize(views, None)?)
}

/// Reads the state of a run from a file of [`save_state`].
///
/// # Errors
/// [`TrainError`] if a part is missing or has another size than `schema` says.
pub fn load_state(path: &Path, schema: &Schema) -> Result<State, TrainError> {
    let bytes = read(path)?;
    let file = SafeTensors::deserialize(&bytes)?;
    let part = |name: &str| -> Result<Vec<f32>, TrainError> {
        let data = file.tensor(name)?.data().to_vec();
        if data.len() != schema.total() * 4 {
            return Err(TrainError::Parameter { name: name.to_owned() });
        }
        Ok(data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    };
    let number = |name: &str| -> Result<u64, TrainError> {
        let bytes = file.tensor(name)?.data().try_into();
        bytes.map(u64::from_le_bytes).map_err(|_| TrainError::Parameter { name: name.to_owned() })
    };
    let moments = Moments { first: part("first")?, second: part("second")? };
    Ok(State { plan: number("plan")?, done: number("done")?, values: part("values")?, moments })
}
