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
    /// Which naming of tensors and which conventions apply.
    pub family: Family,
    /// Rows of the embedding; token ids are below it.
    pub vocab_size: usize,
    /// Width of the residual.
    pub hidden_size: usize,
    /// Positions that a session may hold.
    pub max_positions: usize,
    /// The blocks, in order.
    pub layers: Vec<LayerConfig>,
    /// How the two parts of a block follow each other.
    pub block: Block,
    /// Heads and their width.
    pub attention: AttentionConfig,
    /// Every norm of the model.
    pub norm: NormConfig,
    /// The rotation of queries and keys, on layers that say so.
    pub rope: RopeConfig,
    /// How sparse layers choose experts.
    pub router: RouterConfig,
    /// What stands between the two products of a feed-forward network.
    pub activation: Activation,
    /// The experts that every token uses on sparse layers.
    pub shared: Option<SharedConfig>,
    /// The output projection.
    pub head: HeadConfig,
    /// Ids that end an answer; may be empty.
    pub end_tokens: Vec<u32>,
    /// What the family calls its tensors.
    pub tensors: TensorNames,
}

/// A model family that the decoder computes.
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
    /// Every family, by the `model_type` that names it.
    pub const ALL: [(&'static str, Self); 6] = [
        ("cohere2_moe", Self::Cohere2Moe),
        ("gpt_oss", Self::GptOss),
        ("mixtral", Self::Mixtral),
        ("olmoe", Self::Olmoe),
        ("qwen2_moe", Self::Qwen2Moe),
        ("qwen3_moe", Self::Qwen3Moe),
    ];

    /// The `model_type` that names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, family)| *family == self).map_or("", |(name, _)| name)
    }
}

/// How the two parts of a block follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Both read one norm of the input, and both are added to it.
    Parallel,
    /// The feed-forward part reads a second norm, of the input with attention's result added.
    Sequential,
}

/// One block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerConfig {
    /// A query at `p` sees keys in `(p - window, p]`; all up to `p` when `None`.
    pub window: Option<usize>,
    /// Whether queries and keys are rotated.
    pub rotate: bool,
    /// The feed-forward part.
    pub mlp: MlpConfig,
}

/// The feed-forward part of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MlpConfig {
    /// One gated network.
    Dense {
        /// Its inner width.
        width: usize,
    },
    /// Experts chosen by the router.
    Sparse {
        /// Inner width of each expert.
        width: usize,
    },
}

/// Attention heads. `kv_heads` divides `heads`; `head_dim` is even.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttentionConfig {
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; query head `h` reads `h / (heads / kv_heads)`.
    pub kv_heads: usize,
    /// Width of one head.
    pub head_dim: usize,
    /// Whether queries, keys and values have biases.
    pub bias: bool,
    /// Whether the output projection has one.
    pub output_bias: bool,
    /// A norm of queries and of keys, before the rotation.
    pub norm: Option<HeadNorm>,
    /// Whether each head has a sink: a score without a value that takes its share of the softmax.
    pub sinks: bool,
    /// Queries, keys and values are clamped to this magnitude, before the rotation.
    pub clip: Option<f32>,
}

/// What a norm of queries or keys is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadNorm {
    /// Each head by itself, with weights that all heads share.
    Each,
    /// All heads together.
    Whole,
}

/// A norm without bias.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormConfig {
    /// Which statistic is divided by.
    pub kind: NormKind,
    /// Added to the mean square before the root.
    pub epsilon: f32,
}

/// The statistic of a norm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// Mean removed, divided by the standard deviation.
    Layer,
    /// Divided by the root of the mean square.
    RootMeanSquare,
}

/// The rotary embedding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RopeConfig {
    /// Base of the geometric series of frequencies.
    pub theta: f64,
    /// Which elements of a head rotate together.
    pub pairing: Pairing,
    /// How the frequencies are brought to a longer context.
    pub scaling: RopeScaling,
}

/// How the frequencies of a rotation are brought to a longer context, the same for every position.
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

/// The parameters of YaRN.
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
    /// Whether the bounds of the ramp are whole pairs.
    pub truncate: bool,
    /// Factor on cosines and sines.
    pub magnitude: f64,
}

/// Which elements of a head rotate together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// `2i` with `2i + 1`.
    Interleaved,
    /// `i` with `i + head_dim / 2`.
    Halves,
}

/// How a sparse layer chooses experts. `chosen` is at most `experts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouterConfig {
    /// Routed experts per layer.
    pub experts: usize,
    /// Experts that one token uses.
    pub chosen: usize,
    /// What turns router outputs into scores.
    pub scores: Scores,
    /// Whether the chosen scores are divided by their sum.
    pub renormalise: bool,
    /// Whether its outputs have biases.
    pub bias: bool,
}

/// What turns router outputs into scores; selection is on the scores, or where they are of the chosen alone on
/// the outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scores {
    /// Softmax over all experts.
    Softmax,
    /// Logistic function of each output.
    Sigmoid,
    /// Softmax over the chosen experts.
    SoftmaxOfChosen,
}

/// What stands between the two products of a feed-forward network with gate `g` and input `u`.
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

/// What a family calls the tensors of its sparse layers, below `model.layers.N`.
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
    /// What most families use.
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

/// How the experts of a layer are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpertNames {
    /// Three matrices each, under the expert's number in `folder`.
    Separate {
        /// Before the number.
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
        /// Before the names.
        folder: &'static str,
    },
}

/// The shared experts of sparse layers, as one gated network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedConfig {
    /// Inner width: number of shared experts times the width of one.
    pub width: usize,
    /// How its output joins the routed one.
    pub combine: Combine,
}

/// How the shared output `s` joins the routed output `r`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// `(r + s) * 0.5`.
    Average,
    /// `r + s`.
    Sum,
    /// `r + sigmoid(t) * s`, with `t` the output of a gate of its own, `shared_expert_gate`.
    Gated,
}

/// The output projection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadConfig {
    /// Whether it is the embedding matrix.
    pub tied: bool,
    /// Factor on every logit.
    pub scale: f32,
}

impl ModelConfig {
    /// The checked configuration of a Hugging Face `config.json`.
    ///
    /// # Errors
    /// [`ConfigError`], naming the key, its value and the way out, for an architecture, a rope type or a
    /// variant that is not computed, for missing or malformed keys, and for sizes that do not fit together.
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
