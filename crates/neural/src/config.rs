//! The model's shape as data for one decoder.
//!
//! [`ModelConfig::from_json`] reads a Hugging Face `config.json`, checks it and resolves every default
//! and per-layer pattern, so that the decoder asks no question about families. A family is a function
//! from keys to this data.

mod cohere2_moe;
mod error;
mod gpt_oss;
mod keys;
mod mixtral;
mod olmoe;
mod parts;
mod qwen;
mod rope;

pub use error::ConfigError;

use keys::{Keys, unsupported};

/// The checked shape of a model. Sizes are positive and at most 2^24; heads divide evenly.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelConfig {
    /// The family, which fixes names of tensors and conventions.
    pub family: Family,
    /// Rows of the embedding; token ids are below it.
    pub vocab_size: usize,
    /// Width of the residual.
    pub hidden_size: usize,
    /// Positions that a session may hold.
    pub max_positions: usize,
    /// The blocks, in order.
    pub layers: Vec<LayerConfig>,
    /// The order of the two parts of a block.
    pub block: Block,
    /// Heads and their width.
    pub attention: AttentionConfig,
    /// Every norm of the model.
    pub norm: NormConfig,
    /// The rotation of queries and keys, on layers with `rotate`.
    pub rope: RopeConfig,
    /// The choice of experts in sparse layers.
    pub router: RouterConfig,
    /// The function between the two products of a feed-forward network.
    pub activation: Activation,
    /// The experts that every token uses on sparse layers.
    pub shared: Option<SharedConfig>,
    /// The output projection.
    pub head: HeadConfig,
    /// Ids that end an answer; may be empty.
    pub end_tokens: Vec<u32>,
    /// The family's names of tensors.
    pub tensors: TensorNames,
}

/// A family of models that the decoder computes, named by `model_type` in `config.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `cohere2_moe`.
    Cohere2Moe,
    /// `mixtral`.
    Mixtral,
    /// `qwen2_moe`.
    Qwen2Moe,
    /// `qwen3_moe`.
    Qwen3Moe,
    /// `olmoe`.
    Olmoe,
    /// `gpt_oss`.
    GptOss,
}

impl Family {
    /// Every family with the `model_type` that names it, in alphabetical order.
    pub const ALL: [(&'static str, Self); 6] = [
        ("cohere2_moe", Self::Cohere2Moe),
        ("gpt_oss", Self::GptOss),
        ("mixtral", Self::Mixtral),
        ("olmoe", Self::Olmoe),
        ("qwen2_moe", Self::Qwen2Moe),
        ("qwen3_moe", Self::Qwen3Moe),
    ];

    /// Returns the `model_type` that names the family in a `config.json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, family)| *family == self).map_or("", |(name, _)| name)
    }
}

/// The order of the two parts of a block, attention and feed-forward network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Both read one norm of the input, and both are added to it.
    Parallel,
    /// The feed-forward part reads a second norm, of the input with attention's result added.
    Sequential,
}

/// The shape of one block: window and rotation of its attention, and its feed-forward part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerConfig {
    /// A query at `p` sees keys in `(p - window, p]`; all up to `p` when `None`.
    pub window: Option<usize>,
    /// True if queries and keys are rotated.
    pub rotate: bool,
    /// The feed-forward part.
    pub mlp: MlpConfig,
}

/// The feed-forward part of a block: one network, or experts that a router chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MlpConfig {
    /// One gated network.
    Dense {
        /// Inner width of the network.
        width: usize,
    },
    /// Experts chosen by the router.
    Sparse {
        /// Inner width of each expert.
        width: usize,
    },
}

/// The heads of every attention layer. `kv_heads` divides `heads`, and `head_dim` is even.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttentionConfig {
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; query head `h` reads `h / (heads / kv_heads)`.
    pub kv_heads: usize,
    /// Width of one head.
    pub head_dim: usize,
    /// True if the projections of queries, keys and values have biases.
    pub bias: bool,
    /// True if the output projection has a bias.
    pub output_bias: bool,
    /// A norm of queries and of keys, before the rotation.
    pub norm: Option<HeadNorm>,
    /// True if each head has a sink: a score without a value that takes its share of the softmax.
    pub sinks: bool,
    /// The largest magnitude of queries, keys and values, which are clamped to it before the rotation.
    pub clip: Option<f32>,
}

/// The elements that a norm of queries or keys is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadNorm {
    /// Each head by itself, with weights that all heads share.
    Each,
    /// All heads together.
    Whole,
}

/// The parameters of a norm, which has weights and no bias.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormConfig {
    /// The statistic that values are divided by.
    pub kind: NormKind,
    /// Added to the mean square before the root.
    pub epsilon: f32,
}

/// The statistic that a norm divides by, with or without removing the mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// Mean removed, divided by the standard deviation.
    Layer,
    /// Divided by the root of the mean square.
    RootMeanSquare,
}

/// The rotary embedding: the rotation of queries and keys by an angle that grows with the position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RopeConfig {
    /// Base of the geometric series of frequencies.
    pub theta: f64,
    /// The elements of a head that rotate together.
    pub pairing: Pairing,
    /// The change of the frequencies for a longer context.
    pub scaling: RopeScaling,
}

/// The change of a rotation's frequencies for a longer context. The change is the same at every position; scalings that
/// depend on the length of the sequence are refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RopeScaling {
    /// Not at all.
    None,
    /// Each divided by `factor`.
    Linear {
        /// The divisor.
        factor: f64,
    },
    /// Low ones divided, high ones kept, those between interpolated.
    Llama3 {
        /// The divisor.
        factor: f64,
        /// Below this many turns in the original context a frequency is low.
        low: f64,
        /// Above this many it is high.
        high: f64,
        /// Positions of the original context.
        original: f64,
    },
    /// As YaRN (Peng et al. 2023) has it.
    Yarn(Yarn),
}

/// The parameters of YaRN, with the magnitude worked out already if the configuration states none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Yarn {
    /// The divisor of low frequencies.
    pub factor: f64,
    /// Positions of the original context.
    pub original: f64,
    /// From this many turns in the original context on a frequency is kept.
    pub fast: f64,
    /// Up to this many it is divided.
    pub slow: f64,
    /// True if the bounds of the ramp are rounded to whole pairs.
    pub truncate: bool,
    /// Factor on cosines and sines.
    pub magnitude: f64,
}

/// The elements of a head that rotate together, by their index `i` in the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// `2i` with `2i + 1`.
    Interleaved,
    /// `i` with `i + head_dim / 2`.
    Halves,
}

/// The choice of experts in a sparse layer. `chosen` is at most `experts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouterConfig {
    /// Routed experts per layer.
    pub experts: usize,
    /// Experts that one token uses.
    pub chosen: usize,
    /// The function from router outputs to scores.
    pub scores: Scores,
    /// True if the chosen scores are divided by their sum.
    pub renormalise: bool,
    /// True if the router's outputs have biases.
    pub bias: bool,
}

/// The function from router outputs to scores. Experts are selected by their scores; with
/// [`SoftmaxOfChosen`](Self::SoftmaxOfChosen), which has scores for the chosen experts alone, by their outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scores {
    /// Softmax over all experts.
    Softmax,
    /// Logistic function of each output.
    Sigmoid,
    /// Softmax over the chosen experts.
    SoftmaxOfChosen,
}

/// The function between the two products of a feed-forward network, of the gate `g` and the input `u`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `silu(g) * u`.
    Silu,
    /// `(u' + 1) * (g' * sigmoid(alpha * g'))`, with `g'` at most `limit` and `u'` within it in magnitude.
    Clamped {
        /// Steepness of the gate.
        alpha: f32,
        /// The bound.
        limit: f32,
    },
}

/// The names of a family's tensors in sparse layers, below `model.layers.N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorNames {
    /// The router.
    pub router: &'static str,
    /// The experts.
    pub experts: ExpertNames,
    /// The shared expert, where there is one.
    pub shared: &'static str,
}

impl TensorNames {
    /// The names that most families use: `mlp.gate`, and three matrices for each expert below `mlp.experts`.
    pub const USUAL: Self = Self {
        router: "mlp.gate",
        experts: ExpertNames::Separate {
            folder: "mlp.experts",
            gate: "gate_proj",
            up: "up_proj",
            down: "down_proj",
        },
        shared: "",
    };
}

/// The storage of a layer's experts: a tensor for each matrix, or one tensor for all experts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpertNames {
    /// Three matrices each, under the expert's number in `folder`.
    Separate {
        /// The prefix before the number.
        folder: &'static str,
        /// The matrix of the gate.
        gate: &'static str,
        /// The matrix of the input.
        up: &'static str,
        /// The matrix of the output.
        down: &'static str,
    },
    /// All in one tensor `gate_up_proj` of shape `[experts, inputs, 2 * width]`, gates and inputs in turn, and
    /// one `down_proj` of shape `[experts, width, outputs]`, both with biases.
    Interleaved {
        /// The prefix before the two names.
        folder: &'static str,
    },
}

/// The shared experts of sparse layers, as one gated network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedConfig {
    /// Inner width: number of shared experts times the width of one.
    pub width: usize,
    /// The way that the shared output joins the routed one.
    pub combine: Combine,
}

/// The sum of the shared output `s` and the routed output `r`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// `(r + s) * 0.5`.
    Average,
    /// `r + s`.
    Sum,
    /// `r + sigmoid(t) * s`, with `t` the output of a gate of its own, `shared_expert_gate`.
    Gated,
}

/// The output projection, from the last norm to the logits, without a bias.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadConfig {
    /// True if the projection is the embedding matrix.
    pub tied: bool,
    /// Factor on every logit.
    pub scale: f32,
}

impl ModelConfig {
    /// Reads and checks a Hugging Face `config.json`, and resolves its defaults and per-layer patterns.
    ///
    /// # Errors
    /// [`ConfigError`] names the key, its value and the way out. An architecture, a rope type or a variant that is not
    /// computed is refused, and so are missing or malformed keys and sizes that do not fit together.
    pub fn from_json(json: &[u8]) -> Result<Self, ConfigError> {
        let keys = Keys::parse(json)?;
        let model_type = keys.get("model_type").ok_or(ConfigError::Missing { key: "model_type" })?;
        let known = Family::ALL.iter().find(|(name, _)| model_type.as_str() == Some(name));
        let Some((_, family)) = known else {
            return Err(unsupported(
                "model_type",
                model_type,
                "cohere2_moe, gpt_oss, mixtral, olmoe, qwen2_moe and qwen3_moe are computed; serve any other \
                 model and pass `--model http://...`",
            ));
        };
        let parse = match family {
            Family::Cohere2Moe => cohere2_moe::parse,
            Family::Mixtral => mixtral::parse,
            Family::Qwen2Moe => qwen::parse_2,
            Family::Qwen3Moe => qwen::parse_3,
            Family::Olmoe => olmoe::parse,
            Family::GptOss => gpt_oss::parse,
        };
        parse(&keys)?.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let beyond = self.end_tokens.iter().find(|id| **id as usize >= self.vocab_size);
        match beyond {
            Some(id) => Err(ConfigError::Inconsistent {
                key: "eos_token_id",
                found: id.to_string(),
                requirement: format!("`vocab_size` is {}", self.vocab_size),
            }),
            None => Ok(self),
        }
    }
}
