//! The checkpoints that batteries run on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use neural::{Backend, Family, Model, StateDtype};
use synthetic::{Shape, parity};

use crate::error::BatteryError;

/// A choice of the models that batteries run on: the shipped ones, or those of one folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ModelChoice {
    /// The embedded model, and the tiny random models of every family in `fixtures/parity`.
    #[default]
    All,
    /// Only the tiny random models of every family in `fixtures/parity`.
    Fixtures,
    /// Only the model that is embedded in the binary.
    Embedded,
    /// Only the model in this folder, which has the Hugging Face layout.
    Folder(PathBuf),
}

impl ModelChoice {
    /// Returns true if the choice has a model of every family.
    pub(crate) fn has_every_family(&self) -> bool {
        matches!(self, Self::All | Self::Fixtures)
    }
}

/// The name of the embedded model in reports.
const EMBEDDED: &str = "embedded";

/// A checkpoint as bytes, with the name that reports give it.
#[derive(Clone, Debug)]
pub struct NamedCheckpoint {
    /// The name of the checkpoint in reports: `embedded`, or that of its folder.
    pub name: String,
    /// The bytes of its `config.json` and its safetensors files.
    pub files: synthetic::Checkpoint,
}

impl NamedCheckpoint {
    /// Reads the checkpoints that a choice stands for. `fixtures` is the folder of the models of every family;
    /// with `None` it is that of the repository that this crate was built in.
    ///
    /// # Errors
    /// [`BatteryError::Folder`] if a folder cannot be read.
    pub fn read(choice: &ModelChoice, fixtures: Option<&Path>) -> Result<Vec<Self>, BatteryError> {
        let family = |name: &str| match fixtures {
            Some(folder) => Self::folder(&folder.join(name)),
            None => Self::folder(&parity::folder(name)),
        };
        let families = || {
            let names = Family::ALL.iter().map(|(name, _)| *name).chain(["cohere2_moe_shared_sigmoid"]);
            names.map(family)
        };
        match choice {
            ModelChoice::Embedded => Ok(vec![Self::embedded()]),
            ModelChoice::Folder(folder) => Ok(vec![Self::folder(folder)?]),
            ModelChoice::Fixtures => families().collect(),
            ModelChoice::All => std::iter::once(Ok(Self::embedded())).chain(families()).collect(),
        }
    }

    /// Returns the checkpoint of the model that is embedded in the binary.
    #[must_use]
    pub fn embedded() -> Self {
        let (config, weights) = (embedded::CONFIG.as_bytes().to_vec(), embedded::WEIGHTS.to_vec());
        let files = synthetic::Checkpoint { config, shards: vec![weights] };
        Self { name: EMBEDDED.to_owned(), files }
    }

    /// Creates a random checkpoint of a shape that no other checkpoint has.
    pub(crate) fn random(name: &str, shape: &Shape) -> Self {
        Self { name: name.to_owned(), files: shape.checkpoint(11) }
    }

    /// Returns this checkpoint with its weights cut to bf16, which makes it another model.
    pub(crate) fn with_bf16_weights(&self) -> Result<Self, BatteryError> {
        let refused = || BatteryError::NotSafetensors { checkpoint: self.name.clone() };
        let files = self.files.with_bf16_weights().ok_or_else(refused)?;
        Ok(Self { name: format!("{} of bf16", self.name), files })
    }

    /// Returns the number of bytes that the weights take.
    pub(crate) fn weight_bytes(&self) -> u64 {
        self.files.shards.iter().map(|shard| shard.len() as u64).sum()
    }

    /// Returns true if this is the checkpoint of the embedded model.
    pub(crate) fn is_embedded(&self) -> bool {
        self.name == EMBEDDED
    }

    /// Loads the model of this checkpoint for a backend. The model keeps its residual, keys and values in the
    /// format `state`.
    ///
    /// # Errors
    /// [`BatteryError::Model`] if the configuration or the weights are refused.
    pub fn load<B: Backend>(&self, state: StateDtype, backend: B) -> Result<Arc<Model<B>>, BatteryError> {
        let shards: Vec<&[u8]> = self.files.shards.iter().map(Vec::as_slice).collect();
        let model = Model::load_shards(&self.files.config, &shards, backend);
        let model = model.map_err(|source| BatteryError::Model { checkpoint: self.name.clone(), source })?;
        Ok(Arc::new(if state == StateDtype::F32 { model } else { model.in_state(state) }))
    }

    fn folder(folder: &Path) -> Result<Self, BatteryError> {
        let read = proposer::Checkpoint::read(folder)?;
        let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ok(Self { name, files: synthetic::Checkpoint { config: read.config, shards: read.shards } })
    }
}
