//! The checkpoints that batteries run on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use neural::{Backend, Family, Model, StateDtype};
use synthetic::{Shape, parity};

use crate::error::BatteryError;

/// The models that batteries run on: the shipped ones, or one folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ModelChoice {
    /// The embedded one, and the tiny random ones of every family in `fixtures/parity`.
    #[default]
    All,
    /// The embedded one alone.
    Embedded,
    /// The one in this folder alone.
    Folder(PathBuf),
}

/// The name of the embedded model in reports.
const EMBEDDED: &str = "embedded";

/// A checkpoint as bytes, with the name that it has in reports.
#[derive(Clone, Debug)]
pub struct NamedCheckpoint {
    /// The name.
    pub name: String,
    /// The files.
    pub files: synthetic::Checkpoint,
}

impl NamedCheckpoint {
    /// Reads the checkpoints of a choice.
    ///
    /// # Errors
    /// [`BatteryError::Folder`] if a folder cannot be read.
    pub fn read(choice: &ModelChoice) -> Result<Vec<Self>, BatteryError> {
        match choice {
            ModelChoice::Embedded => Ok(vec![Self::embedded()]),
            ModelChoice::Folder(folder) => Ok(vec![Self::folder(folder)?]),
            ModelChoice::All => {
                let families =
                    Family::ALL.iter().map(|(name, _)| *name).chain(["cohere2_moe_shared_sigmoid"]);
                let fixtures = families.map(|family| Self::folder(&parity::folder(family)));
                std::iter::once(Ok(Self::embedded())).chain(fixtures).collect()
            }
        }
    }

    /// Returns the checkpoint of the model that is in the binary.
    #[must_use]
    pub fn embedded() -> Self {
        let (config, weights) = (embedded::CONFIG.as_bytes().to_vec(), embedded::WEIGHTS.to_vec());
        let files = synthetic::Checkpoint { config, shards: vec![weights] };
        Self { name: EMBEDDED.to_owned(), files }
    }

    /// Returns a random checkpoint, for what no checkpoint at hand has.
    pub(crate) fn random(name: &str, shape: &Shape) -> Self {
        Self { name: name.to_owned(), files: shape.checkpoint(11) }
    }

    /// Returns the checkpoint with its weights cut to bf16, which is another model.
    pub(crate) fn with_bf16_weights(&self) -> Result<Self, BatteryError> {
        let refused = || BatteryError::NotSafetensors { checkpoint: self.name.clone() };
        let files = self.files.with_bf16_weights().ok_or_else(refused)?;
        Ok(Self { name: format!("{} of bf16", self.name), files })
    }

    /// Returns true for the embedded model's checkpoint.
    pub(crate) fn is_embedded(&self) -> bool {
        self.name == EMBEDDED
    }

    /// Loads the model, which keeps its residual, keys and values in `state`, for a backend.
    ///
    /// # Errors
    /// [`BatteryError::Model`] if the checkpoint is refused.
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
