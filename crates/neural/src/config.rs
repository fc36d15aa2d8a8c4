//! The shape of a model, checked and complete, as data for one decoder.
//!
//! [`ModelConfig::from_json`] reads a Hugging Face `config.json`, checks it, and resolves every default and
//! per-layer pattern. So the decoder never asks which [`Family`] a model belongs to: a family is a function
//! from the keys of the file to this data.

mod cohere2_moe;
mod error;
mod gpt_oss;
mod keys;
mod mixtral;
mod olmoe;
mod parts;
mod quantisation;
mod qwen;
mod rope;
mod size;

pub use error::ConfigError;
pub use size::Parameters;

use keys::{Keys, unsupported};

/// The checked shape of a model: how many layers, heads and experts it has, and which variant of each
/// operation. Sizes are positive and at most 2^24, and the numbers of heads divide evenly.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelConfig {
    /// The family that the `config.json` names. It is kept for reports: everything that the decoder needs is
    /// in the other fields.
    pub family: Family,
    /// Number of rows of the embedding, which is the size of the vocabulary; token ids are below it.
    pub vocab_size: usize,
    /// Width of the residual: the number of values that each position carries from block to block.
    pub hidden_size: usize,
    /// The most positions that a session may hold, which is the length of the model's context.
    pub max_positions: usize,
    /// The blocks of the model in the order in which a pass computes them.
    pub layers: Vec<LayerConfig>,
    /// The order of attention and feed-forward network within each block.
    pub block: Block,
    /// The number and width of the attention heads, which are the same in all blocks.
    pub attention: AttentionConfig,
    /// The kind and epsilon of every norm of the model.
    pub norm: NormConfig,
    /// The rotation of queries and keys by their position, on layers with [`LayerConfig::rotate`].
    pub rope: RopeConfig,
    /// The rule by which sparse layers choose the experts of each token.
    pub router: RouterConfig,
    /// The function between the two matrix products of a feed-forward network.
    pub activation: Activation,
    /// The experts that every token uses on sparse layers, beside the chosen ones; `None` if the model has no
    /// such experts.
    pub shared: Option<SharedConfig>,
    /// The projection from the last residual to the logits.
    pub head: HeadConfig,
    /// The ids of the tokens that end an answer, as the configuration states them; may be empty.
    pub end_tokens: Vec<u32>,
    /// The names that this family gives to the tensors of sparse layers.
    pub tensors: TensorNames,
}

/// A family of models that the decoder can compute. The key `model_type` of a `config.json` names the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The family with `model_type` `cohere2_moe`, which has parallel blocks and sliding windows.
    Cohere2Moe,
    /// The family with `model_type` `mixtral`, in which every layer is sparse.
    Mixtral,
    /// The family with `model_type` `qwen2_moe`, which has a gated shared expert.
    Qwen2Moe,
    /// The family with `model_type` `qwen3_moe`, which norms each head of queries and keys.
    Qwen3Moe,
    /// The family with `model_type` `olmoe`, which norms all heads of queries and keys together.
    Olmoe,
    /// The family with `model_type` `gpt_oss`, which has attention sinks and biases.
    GptOss,
}

impl Family {
    /// Every family, with the `model_type` that names it in a `config.json`, in alphabetical order.
    pub const ALL: [(&'static str, Self); 6] = [
        ("cohere2_moe", Self::Cohere2Moe),
        ("gpt_oss", Self::GptOss),
        ("mixtral", Self::Mixtral),
        ("olmoe", Self::Olmoe),
        ("qwen2_moe", Self::Qwen2Moe),
        ("qwen3_moe", Self::Qwen3Moe),
    ];

    /// Returns the `model_type` that names this family in a `config.json`, for example `cohere2_moe`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, family)| *family == self).map_or("", |(name, _)| name)
    }
}

/// The order of attention and feed-forward network within a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Both parts read the same norm of the block's input, and both results are added to that input.
    Parallel,
    /// Attention comes first. The feed-forward part reads a second norm, of the input with attention's result
    /// added.
    Sequential,
}

/// The shape of one block: the window and the rotation of its attention, and its feed-forward part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerConfig {
    /// The number of latest positions that attention sees: a query at `p` sees keys in `(p - window, p]`.
    /// With `None` it sees all keys up to `p`.
    pub window: Option<usize>,
    /// True if queries and keys of this layer are rotated by their position, as [`ModelConfig::rope`] says.
    pub rotate: bool,
    /// The feed-forward part of the block: one network, or experts.
    pub mlp: MlpConfig,
}

/// The feed-forward part of a block: one network, or experts that a router chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MlpConfig {
    /// One gated network that every token uses.
    Dense {
        /// Inner width of the network: the number of outputs of its first product.
        width: usize,
    },
    /// Experts, of which the router chooses some for each token, as [`RouterConfig`] says.
    Sparse {
        /// Inner width of each expert: the number of outputs of its first product.
        width: usize,
    },
}

/// The heads of every attention layer. The number `kv_heads` divides `heads`, and `head_dim` is even.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttentionConfig {
    /// Number of query heads.
    pub heads: usize,
    /// Number of heads of keys and values. Query head `h` reads the keys and values of head `h / (heads /
    /// kv_heads)`.
    pub kv_heads: usize,
    /// Width of one head: the number of values of a query, a key or a value in it.
    pub head_dim: usize,
    /// True if the projections of queries, keys and values have biases.
    pub bias: bool,
    /// True if the output projection has a bias.
    pub output_bias: bool,
    /// The norm that queries and keys go through before the rotation; `None` if the model has none.
    pub norm: Option<HeadNorm>,
    /// True if each head has a sink: a score without a value that takes its share of the softmax.
    pub sinks: bool,
    /// The largest magnitude of queries, keys and values, which are clamped to it before the rotation; `None`
    /// if they are not clamped.
    pub clip: Option<f32>,
}

/// The elements over which one norm of queries or keys is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadNorm {
    /// Each head is normed by itself, with weights that all heads share.
    Each,
    /// All heads of a position are normed together, as one vector.
    Whole,
}

/// The parameters of a norm. Every norm of a model has weights and no bias.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormConfig {
    /// The statistic that values are divided by: the standard deviation or the root of the mean square.
    pub kind: NormKind,
    /// The small number that is added to the mean square, or the variance, before the root is taken.
    pub epsilon: f32,
}

/// The statistic that a norm divides by. [`Layer`](Self::Layer) also removes the mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormKind {
    /// The mean is subtracted, and the result is divided by the standard deviation.
    Layer,
    /// The values are divided by the root of their mean square; the mean stays.
    RootMeanSquare,
}

/// The rotary embedding: the rotation of queries and keys by an angle that grows with the position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RopeConfig {
    /// The base of the geometric series of frequencies, `rope_theta` in the configuration.
    pub theta: f64,
    /// The pairing of the elements of a head that are rotated together.
    pub pairing: Pairing,
    /// The change of the frequencies that lets the model read a longer context than it was first trained on.
    pub scaling: RopeScaling,
}

/// The change of the rotary frequencies that lets a model read a longer context than it was first trained on.
/// The change is the same at every position; scalings that depend on the length of the sequence are refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RopeScaling {
    /// The frequencies stay as they are.
    None,
    /// Each frequency is divided by `factor`.
    Linear {
        /// The divisor of every frequency.
        factor: f64,
    },
    /// Low frequencies are divided, high ones are kept, and those between are interpolated, as in Llama 3.
    Llama3 {
        /// The divisor of the low frequencies.
        factor: f64,
        /// The number of turns within the original context below which a frequency is low.
        low: f64,
        /// The number of turns within the original context above which a frequency is high.
        high: f64,
        /// The length of the context that the model was first trained on, in positions.
        original: f64,
    },
    /// The frequencies are changed as YaRN (Peng et al. 2023) describes it.
    Yarn(Yarn),
}

/// The parameters of YaRN, a scaling of rotary frequencies. The magnitude is worked out already if the
/// configuration states none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Yarn {
    /// The divisor of the low frequencies.
    pub factor: f64,
    /// The length of the context that the model was first trained on, in positions.
    pub original: f64,
    /// The number of turns within the original context from which on a frequency is kept, `beta_fast` in the
    /// configuration.
    pub fast: f64,
    /// The number of turns within the original context up to which a frequency is divided, `beta_slow` in the
    /// configuration.
    pub slow: f64,
    /// True if the bounds between kept and divided frequencies are rounded to whole pairs.
    pub truncate: bool,
    /// The factor on the cosines and sines of the rotation.
    pub magnitude: f64,
}

/// The pairing of the elements of a head that are rotated together, by their index `i` in the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Element `2i` is rotated together with element `2i + 1`.
    Interleaved,
    /// Element `i` is rotated together with element `i + head_dim / 2`.
    Halves,
}

/// The rule by which a sparse layer chooses the experts of each token. The number `chosen` is at most
/// `experts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouterConfig {
    /// Number of experts in each sparse layer that the router chooses from.
    pub experts: usize,
    /// Number of experts that one token uses in each sparse layer.
    pub chosen: usize,
    /// The function that turns the router's outputs into scores.
    pub scores: Scores,
    /// True if the scores of the chosen experts are divided by their sum, so that they add up to 1.
    pub renormalise: bool,
    /// True if a bias is added to the router's outputs.
    pub bias: bool,
}

/// The function that turns the router's outputs into scores. Experts are selected by their scores.
/// [`SoftmaxOfChosen`](Self::SoftmaxOfChosen) gives scores to the chosen experts alone, so there they are
/// selected by the router's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scores {
    /// The score is the softmax over the outputs of all experts.
    Softmax,
    /// The score is the logistic function of each output by itself.
    Sigmoid,
    /// The score is the softmax over the outputs of the chosen experts alone.
    SoftmaxOfChosen,
}

/// The function between the two matrix products of a feed-forward network: it joins the gate `g` and the
/// input `u`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// The result is `silu(g) * u`.
    Silu,
    /// The result is `(u' + 1) * (g' * sigmoid(alpha * g'))`, where `g'` is `g` cut to at most `limit`, and
    /// `u'` is `u` clamped to `limit` in magnitude.
    Clamped {
        /// The factor on the gate inside the sigmoid, which makes it steeper.
        alpha: f32,
        /// The bound of the gate, and of the input's magnitude.
        limit: f32,
    },
}

/// The names that a family gives to the tensors of sparse layers, below `model.layers.N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorNames {
    /// The name of the router, without `.weight`.
    pub router: &'static str,
    /// The names of the experts' matrices, and the way that they are stored.
    pub experts: ExpertNames,
    /// The name of the shared expert; empty if the family has none.
    pub shared: &'static str,
}

impl TensorNames {
    /// The tensor names that most families use: `mlp.gate` for the router, and three matrices for each expert
    /// below `mlp.experts`.
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

/// The way that the experts of a layer are stored: a tensor for each matrix of each expert, or one tensor for
/// all experts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpertNames {
    /// Each expert has three matrices, in `folder` under the expert's number. Files may hold the fused form
    /// instead: `gate_up_proj` of shape `[experts, 2 * width, inputs]`, gates first, and `down_proj` of shape
    /// `[experts, outputs, width]`.
    Separate {
        /// The part of the name before the expert's number.
        folder: &'static str,
        /// The name of the matrix that computes the gate.
        gate: &'static str,
        /// The name of the matrix that computes the input beside the gate.
        up: &'static str,
        /// The name of the matrix that computes the output.
        down: &'static str,
    },
    /// All experts are in one tensor `gate_up_proj` of shape `[experts, inputs, 2 * width]`, whose columns
    /// are gates and inputs in turn, and one `down_proj` of shape `[experts, width, outputs]`. Both have
    /// biases.
    Interleaved {
        /// The part of the names before `gate_up_proj` and `down_proj`.
        folder: &'static str,
    },
}

/// The shared experts of sparse layers, which every token uses, computed as one gated network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedConfig {
    /// Inner width of the network: the number of shared experts times the width of one.
    pub width: usize,
    /// The way that the output of the shared experts is added to that of the chosen ones.
    pub combine: Combine,
}

/// The way that the output `s` of the shared experts is added to the output `r` of the chosen ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// The result is `(r + s) * 0.5`.
    Average,
    /// The result is `r + s`.
    Sum,
    /// The result is `r + sigmoid(t) * s`, where `t` is the one output of a matrix of its own,
    /// `shared_expert_gate`.
    Gated,
}

/// The projection from the last residual, after its norm, to the logits. It has no bias.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadConfig {
    /// True if the projection reuses the embedding matrix instead of one of its own.
    pub tied: bool,
    /// The factor that every logit is multiplied by.
    pub scale: f32,
}

impl ModelConfig {
    /// Reads and checks a Hugging Face `config.json`, and resolves its defaults and per-layer patterns.
    ///
    /// # Errors
    /// [`ConfigError`] names the key, its value and the way out. An architecture, a rope type or a variant
    /// that is not computed is refused, and so are missing or malformed keys and sizes that do not fit
    /// together.
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
        quantisation::refuse(&keys)?;
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
