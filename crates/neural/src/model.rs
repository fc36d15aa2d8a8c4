//! A loaded model: configuration, packed weights, backend and digest.

use std::sync::Arc;

use abi::Digest;
use thiserror::Error;

use crate::backend::Backend;
use crate::config::{ConfigError, ModelConfig};
use crate::rotary::Rotary;
use crate::state_dtype::StateDtype;
use crate::tensors::WeightsError;
use crate::weights::Weights;

/// The domain of a model's digest if its weights are in one file.
const MODEL_DOMAIN: &str = "nmk.model.v1";
/// The domain of a model's digest if its weights are in several files.
const SHARDS_DOMAIN: &str = "nmk.model.shards.v1";
/// The domain of the digest of a model that keeps its state in bf16.
const BF16_DOMAIN: &str = "nmk.model.bf16.v1";

/// The reason why a model is not loaded: its configuration or its weights are refused.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The `config.json` is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The weights files are refused.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// A model that can be run. Holding one proves that its configuration and weights were read whole, fit each
/// other and are finite. It says nothing about the quality of the model.
pub struct Model<B: Backend> {
    pub(crate) config: ModelConfig,
    pub(crate) weights: Arc<Weights<B>>,
    pub(crate) backend: Arc<B>,
    pub(crate) rotary: Rotary,
    pub(crate) state: StateDtype,
    /// The digest of configuration and weights.
    files: Digest,
}

impl<B: Backend> Model<B> {
    /// Loads a model from the bytes of its `config.json` and of its one safetensors file. The model keeps
    /// residual, keys and values in f32; use [`in_state`](Self::in_state) for another format.
    ///
    /// # Errors
    /// [`ModelError`] if the configuration or the weights are refused.
    pub fn load(config_json: &[u8], weights: &[u8], backend: B) -> Result<Self, ModelError> {
        Self::load_shards(config_json, &[weights], backend)
    }

    /// Loads a model as [`load`](Self::load) does, from several safetensors files that hold its tensors
    /// together.
    ///
    /// # Errors
    /// [`ModelError`] as for [`load`](Self::load), and if two files hold a tensor of the same name.
    pub fn load_shards(config_json: &[u8], shards: &[&[u8]], backend: B) -> Result<Self, ModelError> {
        let config = ModelConfig::from_json(config_json)?;
        let weights = Weights::load(&config, shards, &backend)?;
        let rotary = Rotary::new(&config.rope, config.attention.head_dim);
        let (weights, backend) = (Arc::new(weights), Arc::new(backend));
        let files = files_digest(config_json, shards);
        Ok(Self { config, weights, backend, rotary, state: StateDtype::F32, files })
    }

    /// Returns a model of the same weights that keeps its residual, keys and values in the format `state`.
    /// Both models share the packed weights, so the call copies none of them.
    #[must_use]
    pub fn in_state(&self, state: StateDtype) -> Self {
        let (weights, backend) = (Arc::clone(&self.weights), Arc::clone(&self.backend));
        let (config, rotary) = (self.config.clone(), self.rotary.clone());
        Self { config, weights, backend, rotary, state, files: self.files }
    }

    /// Returns the format in which the model keeps its residual, keys and values.
    #[must_use]
    pub fn state(&self) -> StateDtype {
        self.state
    }

    /// Returns the checked configuration that was read from the model's `config.json`.
    #[must_use]
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Returns the digest that identifies the model: equal digests give equal logits.
    ///
    /// The digest is BLAKE3 under `nmk.model.v1` over the length of the configuration in bytes (u64,
    /// little-endian), the bytes of `config.json` and the bytes of the weights file, exactly as they were
    /// given. For several files the domain is `nmk.model.shards.v1`, and each part comes after its length. A
    /// model that keeps its state in bf16 gives other answers; its digest is `nmk.model.bf16.v1` over the
    /// digest of the files.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest_in(self.state)
    }

    /// Returns the digest that [`digest`](Self::digest) would give if this model kept its state in the format
    /// `state`.
    #[must_use]
    pub fn digest_in(&self, state: StateDtype) -> Digest {
        match state {
            StateDtype::F32 => self.files,
            StateDtype::Bf16 => Digest::hash(BF16_DOMAIN, self.files.as_bytes()),
        }
    }

    /// Returns the embeddings of `tokens`, `[tokens, hidden_size]`, which are what the first block reads.
    /// Returns `None` if a token is not in the vocabulary.
    #[must_use]
    pub fn embeddings(&self, tokens: &[u32]) -> Option<Vec<f32>> {
        let known = tokens.iter().all(|token| (*token as usize) < self.config.vocab_size);
        known.then(|| self.backend.read(&self.embedded(tokens)))
    }

    /// Returns the backend that the weights are packed for and that computes every pass.
    #[must_use]
    pub fn backend(&self) -> &B {
        &self.backend
    }
}

fn files_digest(config_json: &[u8], shards: &[&[u8]]) -> Digest {
    let length = |bytes: &[u8]| (bytes.len() as u64).to_le_bytes();
    if let [weights] = shards {
        return Digest::hash_parts(MODEL_DOMAIN, [&length(config_json)[..], config_json, weights]);
    }
    let parts: Vec<&[u8]> = std::iter::once(config_json).chain(shards.iter().copied()).collect();
    let lengths: Vec<[u8; 8]> = parts.iter().map(|part| length(part)).collect();
    Digest::hash_parts(
        SHARDS_DOMAIN,
        lengths.iter().zip(parts).flat_map(|(length, part)| [&length[..], part]),
    )
}
