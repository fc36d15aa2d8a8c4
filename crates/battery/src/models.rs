//! The models that batteries run on.

use std::fmt;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use neural::State;
use proposer::Checkpoint;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

use crate::bench::Bench;
use crate::synthetic::Shape;

/// Which models.
#[derive(Clone, Debug, Default)]
pub enum ModelChoice {
    /// The embedded one, and tiny random ones of every family in `fixtures/parity`.
    #[default]
    All,
    /// The embedded one alone.
    Embedded,
    /// The folder.
    Folder(PathBuf),
}

impl ModelChoice {
    /// Whether nobody asked for one of them.
    pub(crate) fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// A model that cannot be had.
#[derive(Debug)]
pub struct NoModel(pub String);

impl fmt::Display for NoModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoModel {}

/// Configuration and weights of one model.
#[derive(Clone)]
pub struct Parts {
    /// What it is called in reports.
    pub name: String,
    /// `config.json`.
    pub config: Vec<u8>,
    /// The weights.
    pub shards: Vec<Vec<u8>>,
}

impl Parts {
    /// The chosen models.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn of(choice: &ModelChoice) -> Result<Vec<Self>, NoModel> {
        match choice {
            ModelChoice::Embedded => Ok(vec![Self::embedded()]),
            ModelChoice::Folder(folder) => Ok(vec![Self::folder(folder)?]),
            ModelChoice::All => {
                let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity");
                let families = neural::Family::ALL.iter().map(|(name, _)| *name);
                let families = families.chain(["cohere2_moe_shared_sigmoid"]);
                let mut parts = vec![Self::embedded()];
                for family in families {
                    parts.push(Self::folder(&root.join(family))?);
                }
                Ok(parts)
            }
        }
    }

    /// The checkpoint with its weights in bf16, cut to that; none where it is not as it should be. It is another model.
    pub(crate) fn with_bf16_weights(&self) -> Option<Self> {
        let cut = |bytes: &Vec<u8>| {
            let tensors = SafeTensors::deserialize(bytes).ok()?;
            let cut = tensors.tensors().into_iter().map(|(name, view)| {
                let upper = |value: &[u8; 4]| [value[2], value[3]];
                let data = match view.dtype() {
                    Dtype::F32 => view.data().as_chunks::<4>().0.iter().flat_map(upper).collect(),
                    _ => view.data().to_vec(),
                };
                (name, view.shape().to_vec(), data)
            });
            let cut: Vec<(String, Vec<usize>, Vec<u8>)> = cut.collect();
            let views: Option<Vec<_>> = cut
                .iter()
                .map(|(name, shape, data)| {
                    Some((name.clone(), TensorView::new(Dtype::BF16, shape.clone(), data).ok()?))
                })
                .collect();
            safetensors::serialize(views?, None).ok()
        };
        let shards = self.shards.iter().map(cut).collect::<Option<_>>()?;
        Some(Self { name: format!("{} of bf16", self.name), config: self.config.clone(), shards })
    }

    /// A random model, for what no checkpoint at hand has.
    pub(crate) fn drawn(name: &str, shape: &Shape) -> Self {
        Self { name: name.to_owned(), config: shape.config(), shards: vec![shape.weights(11)] }
    }

    /// The model in a state, with a random sequence of `length` positions.
    pub(crate) fn bench(self, state: State, length: usize, rng: &mut Rng) -> Result<Bench, NoModel> {
        Bench::new(self, state, length, rng)
    }

    fn embedded() -> Self {
        Self {
            name: "embedded".to_owned(),
            config: embedded::CONFIG.as_bytes().to_vec(),
            shards: vec![embedded::WEIGHTS.to_vec()],
        }
    }

    fn folder(folder: &Path) -> Result<Self, NoModel> {
        let checkpoint = Checkpoint::read(folder).map_err(|error| NoModel(error.to_string()))?;
        let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ok(Self { name, config: checkpoint.config, shards: checkpoint.shards })
    }
}

/// The checkpoint with some of its experts and no others. None where it is in several files or not as it
/// should be.
#[must_use]
pub fn only_experts(parts: &Parts, kept: &[usize]) -> Option<Parts> {
    let mut config: Value = serde_json::from_slice(&parts.config).ok()?;
    for key in ["num_experts", "num_local_experts"] {
        if config.get(key).is_some() {
            config[key] = kept.len().into();
        }
    }
    let [bytes] = parts.shards.as_slice() else { return None };
    let tensors = SafeTensors::deserialize(bytes).ok()?;
    let mut left = Vec::new();
    for (name, view) in tensors.tensors() {
        let (mut shape, mut data) = (view.shape().to_vec(), view.data().to_vec());
        let of_router = [".mlp.gate.weight", "_moe.gate.weight", ".router.weight", ".router.bias"];
        let stacked = name.contains(".experts.gate_up_proj") || name.contains(".experts.down_proj");
        if stacked || of_router.iter().any(|end| name.ends_with(end)) {
            let row = data.len() / shape.first().copied().filter(|rows| *rows > 0)?;
            data = kept.iter().flat_map(|expert| data[expert * row..][..row].to_vec()).collect();
            shape[0] = kept.len();
        }
        if let Some(name) = renumbered(&name, kept) {
            left.push((name, view.dtype(), shape, data));
        }
    }
    let views: Option<Vec<_>> = left
        .iter()
        .map(|(name, dtype, shape, data)| {
            Some((name.clone(), TensorView::new(*dtype, shape.clone(), data).ok()?))
        })
        .collect();
    let weights = safetensors::serialize(views?, None).ok()?;
    Some(Parts { name: parts.name.clone(), config: config.to_string().into_bytes(), shards: vec![weights] })
}

/// The name of a tensor where only some experts are left; none of an expert that is not.
fn renumbered(name: &str, kept: &[usize]) -> Option<String> {
    let parts = name.split_once(".experts.").and_then(|(before, after)| {
        let (number, rest) = after.split_once('.')?;
        Some((before, number.parse::<usize>().ok()?, rest))
    });
    match parts {
        None => Some(name.to_owned()),
        Some((before, number, rest)) => {
            let place = kept.iter().position(|expert| *expert == number)?;
            Some(format!("{before}.experts.{place}.{rest}"))
        }
    }
}
