//! The packed weights of a model.

use crate::backend::Backend;
use crate::config::{
    AttentionConfig, Block, Combine, ExpertNames, HeadNorm, LayerConfig, MlpConfig, ModelConfig, RopeConfig,
    RopeScaling,
};
use crate::rotary::Rotary;
use crate::tensors::{StoredMatrix, Tensors, WeightsError};

/// All weights of a model, packed by its backend. Every matrix has the shape that the configuration calls
/// for.
pub(crate) struct Weights<B: Backend> {
    pub(crate) embedding: B::Matrix,
    /// The matrix of the head; `None` if the embedding is used as the head.
    pub(crate) head: Option<B::Matrix>,
    pub(crate) norm: B::Vector,
    pub(crate) layers: Vec<LayerWeights<B>>,
}

pub(crate) struct LayerWeights<B: Backend> {
    pub(crate) norm: B::Vector,
    /// The norm before the feed-forward part; `None` in parallel blocks, which have one norm.
    pub(crate) second_norm: Option<B::Vector>,
    pub(crate) attention: AttentionWeights<B>,
    pub(crate) mlp: MlpWeights<B>,
}

pub(crate) struct AttentionWeights<B: Backend> {
    pub(crate) query: Projection<B>,
    pub(crate) key: Projection<B>,
    pub(crate) value: Projection<B>,
    pub(crate) output: Projection<B>,
    /// The weights of the norms of queries and of keys; `None` if the model has no such norms.
    pub(crate) norms: Option<(B::Vector, B::Vector)>,
    /// The sink's score of each head; `None` if the model has no sinks.
    pub(crate) sinks: Option<B::Vector>,
}

/// A matrix, and the bias that is added to its product.
pub struct Projection<B: Backend> {
    /// The packed weights.
    pub matrix: B::Matrix,
    /// The bias, which has one value for each output; `None` if the projection has none.
    pub bias: Option<B::Vector>,
}

pub(crate) enum MlpWeights<B: Backend> {
    Dense(GatedWeights<B>),
    Sparse(SparseWeights<B>),
}

pub(crate) struct SparseWeights<B: Backend> {
    pub(crate) router: Projection<B>,
    pub(crate) experts: Vec<GatedWeights<B>>,
    pub(crate) shared: Option<SharedWeights<B>>,
}

pub(crate) struct SharedWeights<B: Backend> {
    pub(crate) expert: GatedWeights<B>,
    /// The matrix with one output that weighs the shared expert; `None` if the family adds it whole.
    pub(crate) gate: Option<B::Matrix>,
}

/// The weights of a gated network, which computes `down(activation(gate(x), up(x)))` for each row.
pub struct GatedWeights<B: Backend> {
    /// The projection whose result goes through the activation function.
    pub gate: Projection<B>,
    /// The projection that the activated gate is multiplied with.
    pub up: Projection<B>,
    /// The projection back to the width of the residual.
    pub down: Projection<B>,
}

impl<B: Backend> Weights<B> {
    /// Reads and packs every tensor that `config` calls for. Files that hold other tensors are refused.
    pub(crate) fn load(config: &ModelConfig, files: &[&[u8]], backend: &B) -> Result<Self, WeightsError> {
        let mut loader = Loader { tensors: Tensors::open(files)?, config, backend };
        let (vocab, hidden) = (config.vocab_size, config.hidden_size);
        let stored = loader.tensors.matrix("model.embed_tokens.weight", vocab, hidden)?;
        let embedding = backend.pack(stored);
        let head = loader.head(&stored)?;
        let norm = loader.vector("model.norm.weight", hidden)?;
        let mut layers = Vec::with_capacity(config.layers.len());
        for (index, layer) in config.layers.iter().enumerate() {
            layers.push(loader.layer(&format!("model.layers.{index}"), layer)?);
        }
        loader.rotary_frequencies()?;
        loader.tensors.finish()?;
        Ok(Self { embedding, head, norm, layers })
    }
}

struct Loader<'a, B: Backend> {
    tensors: Tensors<'a>,
    config: &'a ModelConfig,
    backend: &'a B,
}

/// The name of the head's tensor.
const HEAD: &str = "lm_head.weight";
/// The end of the name of the tensor that holds the first two matrices of all experts of a layer.
const FUSED: &str = ".gate_up_proj";
/// The end of the names under which older checkpoints store the rotary frequencies.
const ROTARY: &str = "rotary_emb.inv_freq";

impl<B: Backend> Loader<'_, B> {
    /// Reads the head; `None` if the embedding is the head. A head that is stored beside a tied embedding must
    /// have the same values.
    fn head(&mut self, embedding: &StoredMatrix<'_>) -> Result<Option<B::Matrix>, WeightsError> {
        if !self.config.head.tied {
            return self.matrix(HEAD, embedding.outputs(), embedding.inputs()).map(Some);
        }
        if self.tensors.has(HEAD) {
            self.tensors.same_matrix(HEAD, embedding)?;
        }
        Ok(None)
    }

    /// Compares the rotary frequencies that the files hold with those of the configuration. Checkpoints hold
    /// the frequencies before or after scaling; the model computes its own.
    fn rotary_frequencies(&mut self) -> Result<(), WeightsError> {
        let (rope, width) = (self.config.rope, self.config.attention.head_dim);
        let plain = RopeConfig { scaling: RopeScaling::None, ..rope };
        let (plain, scaled) = (Rotary::new(&plain, width), Rotary::new(&rope, width));
        for name in self.tensors.unread_with(ROTARY) {
            self.tensors.frequencies(&name, [&scaled.frequencies, &plain.frequencies])?;
        }
        Ok(())
    }

    fn layer(&mut self, prefix: &str, layer: &LayerConfig) -> Result<LayerWeights<B>, WeightsError> {
        let hidden = self.config.hidden_size;
        let second_norm = match self.config.block {
            Block::Parallel => None,
            Block::Sequential => {
                Some(self.vector(&format!("{prefix}.post_attention_layernorm.weight"), hidden)?)
            }
        };
        Ok(LayerWeights {
            norm: self.vector(&format!("{prefix}.input_layernorm.weight"), hidden)?,
            second_norm,
            attention: self.attention(&format!("{prefix}.self_attn"))?,
            mlp: match layer.mlp {
                MlpConfig::Dense { width } => MlpWeights::Dense(self.gated(
                    &format!("{prefix}.mlp"),
                    ["gate_proj", "up_proj", "down_proj"],
                    width,
                )?),
                MlpConfig::Sparse { width } => MlpWeights::Sparse(self.sparse(prefix, width)?),
            },
        })
    }

    fn attention(&mut self, prefix: &str) -> Result<AttentionWeights<B>, WeightsError> {
        let hidden = self.config.hidden_size;
        let AttentionConfig { heads, kv_heads, head_dim, bias, output_bias, norm, sinks, .. } =
            self.config.attention;
        let (wide, narrow) = (heads * head_dim, kv_heads * head_dim);
        let lengths = match norm {
            None => None,
            Some(HeadNorm::Each) => Some((head_dim, head_dim)),
            Some(HeadNorm::Whole) => Some((wide, narrow)),
        };
        let norms = match lengths {
            None => None,
            Some((query, key)) => Some((
                self.vector(&format!("{prefix}.q_norm.weight"), query)?,
                self.vector(&format!("{prefix}.k_norm.weight"), key)?,
            )),
        };
        Ok(AttentionWeights {
            query: self.projection(&format!("{prefix}.q_proj"), wide, hidden, bias)?,
            key: self.projection(&format!("{prefix}.k_proj"), narrow, hidden, bias)?,
            value: self.projection(&format!("{prefix}.v_proj"), narrow, hidden, bias)?,
            output: self.projection(&format!("{prefix}.o_proj"), hidden, wide, output_bias)?,
            norms,
            sinks: if sinks { Some(self.vector(&format!("{prefix}.sinks"), heads)?) } else { None },
        })
    }

    fn sparse(&mut self, prefix: &str, width: usize) -> Result<SparseWeights<B>, WeightsError> {
        let (count, hidden) = (self.config.router.experts, self.config.hidden_size);
        let names = self.config.tensors;
        let router = self.stored_as(prefix, names.router, "mlp.gate", ".weight");
        let router = self.projection(&router, count, hidden, self.config.router.bias)?;
        let experts: Result<Vec<_>, _> = match names.experts {
            ExpertNames::Separate { folder, gate, up, down } => {
                let fused = self.stored_as(prefix, folder, "mlp.experts", FUSED);
                if self.tensors.has(&format!("{fused}{FUSED}")) {
                    (0..count).map(|expert| self.fused(&fused, expert, width)).collect()
                } else {
                    let folder = format!("{prefix}.{folder}");
                    (0..count)
                        .map(|expert| self.gated(&format!("{folder}.{expert}"), [gate, up, down], width))
                        .collect()
                }
            }
            ExpertNames::Interleaved { folder } => {
                let folder = format!("{prefix}.{folder}");
                (0..count).map(|expert| self.interleaved(&folder, expert, width)).collect()
            }
        };
        let shared = match self.config.shared {
            None => None,
            Some(shared) => {
                let folder = format!("{prefix}.{}", names.shared);
                let gate = match shared.combine {
                    Combine::Gated => Some(self.matrix(&format!("{folder}_gate.weight"), 1, hidden)?),
                    Combine::Average | Combine::Sum => None,
                };
                let expert = self.gated(&folder, ["gate_proj", "up_proj", "down_proj"], shared.width)?;
                Some(SharedWeights { expert, gate })
            }
        };
        Ok(SparseWeights { router, experts: experts?, shared })
    }

    /// Returns the name of a part of a layer: the family's own name, or the usual one where the files hold
    /// that. Some programs write every family under the usual names.
    fn stored_as(&self, prefix: &str, own: &str, usual: &str, ending: &str) -> String {
        let name = if self.tensors.has(&format!("{prefix}.{usual}{ending}")) { usual } else { own };
        format!("{prefix}.{name}")
    }

    /// Reads one expert from the fused tensors `gate_up_proj`, `[experts, 2 * width, hidden]`, whose first
    /// half is the gate, and `down_proj`, `[experts, hidden, width]`.
    fn fused(&mut self, folder: &str, expert: usize, width: usize) -> Result<GatedWeights<B>, WeightsError> {
        let (count, hidden) = (self.config.router.experts, self.config.hidden_size);
        let first = self.tensors.experts(&format!("{folder}{FUSED}"), [count, 2 * width, hidden])?;
        let last = self.tensors.experts(&format!("{folder}.down_proj"), [count, hidden, width])?;
        let plain = |matrix| Projection { matrix: self.backend.pack(matrix), bias: None };
        Ok(GatedWeights {
            gate: plain(first.rows(expert, 0, width)),
            up: plain(first.rows(expert, width, width)),
            down: plain(last.rows(expert, 0, hidden)),
        })
    }

    /// Reads one expert from tensors that hold all experts of a layer, inputs first.
    fn interleaved(
        &mut self,
        folder: &str,
        expert: usize,
        width: usize,
    ) -> Result<GatedWeights<B>, WeightsError> {
        let (count, hidden) = (self.config.router.experts, self.config.hidden_size);
        let first = format!("{folder}.gate_up_proj");
        let last = format!("{folder}.down_proj");
        let mut part = |name: &str, inputs: usize, columns: usize, (from, step): (usize, usize)| {
            let all = self.tensors.experts(name, [count, inputs, columns])?;
            let matrix = self.backend.pack(all.transposed(expert, from, step).matrix());
            let biases = self.tensors.experts(&format!("{name}_bias"), [count, 1, columns])?;
            let bias = biases.transposed(expert, from, step).vector();
            Ok::<_, WeightsError>(Projection { matrix, bias: Some(self.backend.vector(&bias)) })
        };
        Ok(GatedWeights {
            gate: part(&first, hidden, 2 * width, (0, 2))?,
            up: part(&first, hidden, 2 * width, (1, 2))?,
            down: part(&last, width, hidden, (0, 1))?,
        })
    }

    fn gated(
        &mut self,
        prefix: &str,
        [gate, up, down]: [&str; 3],
        width: usize,
    ) -> Result<GatedWeights<B>, WeightsError> {
        let hidden = self.config.hidden_size;
        Ok(GatedWeights {
            gate: self.projection(&format!("{prefix}.{gate}"), width, hidden, false)?,
            up: self.projection(&format!("{prefix}.{up}"), width, hidden, false)?,
            down: self.projection(&format!("{prefix}.{down}"), hidden, width, false)?,
        })
    }

    fn projection(
        &mut self,
        name: &str,
        outputs: usize,
        inputs: usize,
        biased: bool,
    ) -> Result<Projection<B>, WeightsError> {
        let matrix = self.matrix(&format!("{name}.weight"), outputs, inputs)?;
        let bias = if biased { Some(self.vector(&format!("{name}.bias"), outputs)?) } else { None };
        Ok(Projection { matrix, bias })
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
