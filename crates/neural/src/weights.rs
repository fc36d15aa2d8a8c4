//! The packed weights of a model.

use crate::backend::Backend;
use crate::config::{LayerConfig, MlpConfig, ModelConfig};
use crate::tensors::{Tensors, WeightsError};

/// All weights, packed by the backend. Every matrix has the shape that the configuration calls for.
pub(crate) struct Weights<B: Backend> {
    pub(crate) embedding: B::Matrix,
    /// `None` when the embedding is the head.
    pub(crate) head: Option<B::Matrix>,
    pub(crate) norm: B::Vector,
    pub(crate) layers: Vec<LayerWeights<B>>,
}

pub(crate) struct LayerWeights<B: Backend> {
    pub(crate) norm: B::Vector,
    pub(crate) query: B::Matrix,
    pub(crate) key: B::Matrix,
    pub(crate) value: B::Matrix,
    pub(crate) output: B::Matrix,
    pub(crate) mlp: MlpWeights<B>,
}

pub(crate) enum MlpWeights<B: Backend> {
    Dense(GatedWeights<B>),
    Sparse(SparseWeights<B>),
}

pub(crate) struct SparseWeights<B: Backend> {
    pub(crate) router: B::Matrix,
    pub(crate) experts: Vec<GatedWeights<B>>,
    pub(crate) shared: Option<GatedWeights<B>>,
}

/// `down(silu(gate(x)) * up(x))`.
pub(crate) struct GatedWeights<B: Backend> {
    pub(crate) gate: B::Matrix,
    pub(crate) up: B::Matrix,
    pub(crate) down: B::Matrix,
}

impl<B: Backend> Weights<B> {
    /// Reads and packs every tensor that `config` calls for, and refuses a file that has others.
    pub(crate) fn load(config: &ModelConfig, bytes: &[u8], backend: &B) -> Result<Self, WeightsError> {
        let mut loader = Loader { tensors: Tensors::open(bytes)?, config, backend };
        let (vocab, hidden) = (config.vocab_size, config.hidden_size);
        let embedding = loader.matrix("model.embed_tokens.weight", vocab, hidden)?;
        let head =
            if config.head.tied { None } else { Some(loader.matrix("lm_head.weight", vocab, hidden)?) };
        let norm = loader.vector("model.norm.weight", hidden)?;
        let mut layers = Vec::with_capacity(config.layers.len());
        for (index, layer) in config.layers.iter().enumerate() {
            layers.push(loader.layer(&format!("model.layers.{index}"), layer)?);
        }
        loader.tensors.finish()?;
        Ok(Self { embedding, head, norm, layers })
    }
}

struct Loader<'a, B: Backend> {
    tensors: Tensors<'a>,
    config: &'a ModelConfig,
    backend: &'a B,
}

impl<B: Backend> Loader<'_, B> {
    fn layer(&mut self, prefix: &str, layer: &LayerConfig) -> Result<LayerWeights<B>, WeightsError> {
        let hidden = self.config.hidden_size;
        let attention = self.config.attention;
        let wide = attention.heads * attention.head_dim;
        let narrow = attention.kv_heads * attention.head_dim;
        Ok(LayerWeights {
            norm: self.vector(&format!("{prefix}.input_layernorm.weight"), hidden)?,
            query: self.matrix(&format!("{prefix}.self_attn.q_proj.weight"), wide, hidden)?,
            key: self.matrix(&format!("{prefix}.self_attn.k_proj.weight"), narrow, hidden)?,
            value: self.matrix(&format!("{prefix}.self_attn.v_proj.weight"), narrow, hidden)?,
            output: self.matrix(&format!("{prefix}.self_attn.o_proj.weight"), hidden, wide)?,
            mlp: match layer.mlp {
                MlpConfig::Dense { width } => MlpWeights::Dense(self.gated(&format!("{prefix}.mlp"), width)?),
                MlpConfig::Sparse { width } => {
                    MlpWeights::Sparse(self.sparse(&format!("{prefix}.mlp"), width)?)
                }
            },
        })
    }

    fn sparse(&mut self, prefix: &str, width: usize) -> Result<SparseWeights<B>, WeightsError> {
        let count = self.config.router.experts;
        let router = self.matrix(&format!("{prefix}.gate.weight"), count, self.config.hidden_size)?;
        let experts: Result<Vec<_>, _> =
            (0..count).map(|expert| self.gated(&format!("{prefix}.experts.{expert}"), width)).collect();
        let shared = match self.config.shared {
            Some(shared) => Some(self.gated(&format!("{prefix}.shared_experts"), shared.width)?),
            None => None,
        };
        Ok(SparseWeights { router, experts: experts?, shared })
    }

    fn gated(&mut self, prefix: &str, width: usize) -> Result<GatedWeights<B>, WeightsError> {
        let hidden = self.config.hidden_size;
        Ok(GatedWeights {
            gate: self.matrix(&format!("{prefix}.gate_proj.weight"), width, hidden)?,
            up: self.matrix(&format!("{prefix}.up_proj.weight"), width, hidden)?,
            down: self.matrix(&format!("{prefix}.down_proj.weight"), hidden, width)?,
        })
    }

    fn matrix(&mut self, name: &str, outputs: usize, inputs: usize) -> Result<B::Matrix, WeightsError> {
        let stored = self.tensors.matrix(name, outputs, inputs)?;
        Ok(self.backend.pack(stored))
    }

    fn vector(&mut self, name: &str, length: usize) -> Result<B::Vector, WeightsError> {
        let values = self.tensors.vector(name, length)?;
        Ok(self.backend.vector(&values))
    }
}
