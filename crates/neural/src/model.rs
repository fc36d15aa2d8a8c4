//! A loaded model: configuration, packed weights, backend, digest.

use abi::Digest;
use thiserror::Error;

use crate::backend::Backend;
use crate::config::{ConfigError, ModelConfig, RopeConfig};
use crate::tensors::WeightsError;
use crate::weights::Weights;

/// Domain of a model's digest.
const MODEL_DOMAIN: &str = "nmk.model.v1";

/// Why a model is not loaded.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The weights are refused.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// A model that can be run. Holding one proves that its configuration and weights were read whole, fit each
/// other and are finite; it says nothing about what they are worth.
pub struct Model<B: Backend> {
    pub(crate) config: ModelConfig,
    pub(crate) weights: Weights<B>,
    pub(crate) backend: B,
    /// Radians per position of each pair of a head.
    pub(crate) frequencies: Vec<f32>,
    digest: Digest,
}

impl<B: Backend> Model<B> {
    /// Loads a model from the bytes of its `config.json` and of its one safetensors file.
    ///
    /// # Errors
    /// [`ModelError`] if either is refused.
    pub fn load(config_json: &[u8], weights: &[u8], backend: B) -> Result<Self, ModelError> {
        let config = ModelConfig::from_json(config_json)?;
        let packed = Weights::load(&config, weights, &backend)?;
        let frequencies = frequencies(&config.rope, config.attention.head_dim);
        let digest = model_digest(config_json, weights);
        Ok(Self { config, weights: packed, backend, frequencies, digest })
    }

    /// The checked configuration.
    #[must_use]
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// BLAKE3 under `nmk.model.v1` over the length of the configuration in bytes (u64, little-endian), the
    /// bytes of `config.json` and the bytes of the weights file, exactly as they were given.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The backend that the weights are packed for.
    #[must_use]
    pub fn backend(&self) -> &B {
        &self.backend
    }
}

fn model_digest(config_json: &[u8], weights: &[u8]) -> Digest {
    let length = (config_json.len() as u64).to_le_bytes();
    Digest::of_parts(MODEL_DOMAIN, [&length[..], config_json, weights])
}

/// `1 / theta^(2i / head_dim)` for each pair `i`, every step rounded to f32 as the reference does.
fn frequencies(rope: &RopeConfig, head_dim: usize) -> Vec<f32> {
    let frequency = |pair: usize| {
        let exponent = (2 * pair) as f32 / head_dim as f32;
        1.0 / (libm::pow(rope.theta, f64::from(exponent)) as f32)
    };
    (0..head_dim / 2).map(frequency).collect()
}
