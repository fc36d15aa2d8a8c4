//! The model's shape as data for one decoder.
//!
//! [`ModelConfig::from_json`] reads a Hugging Face `config.json`, checks it and resolves every default
//! and per-layer pattern, so that the decoder asks no question about families. A family is a function
//! from keys to this data.

mod cohere2_moe;
mod error;
mod keys;
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
    /// Heads and their width.
    pub attention: AttentionConfig,
    /// Every norm of the model.
    pub norm: NormConfig,
    /// The rotation of queries and keys, on layers that say so.
    pub rope: RopeConfig,
    /// How sparse layers choose experts.
    pub router: RouterConfig,
    /// The experts that every token uses on sparse layers.
    pub shared: Option<SharedConfig>,
    /// The output projection.
    pub head: HeadConfig,
    /// Ids that end an answer; may be empty.
    pub end_tokens: Vec<u32>,
}

/// A model family that the decoder computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `cohere2_moe`.
    Cohere2Moe,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionConfig {
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; query head `h` reads `h / (heads / kv_heads)`.
    pub kv_heads: usize,
    /// Width of one head.
    pub head_dim: usize,
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
}

/// What turns router outputs into scores; selection is on the scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scores {
    /// Softmax over all experts.
    Softmax,
    /// Logistic function of each output.
    Sigmoid,
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
        match model_type.as_str() {
            Some("cohere2_moe") => cohere2_moe::parse(&keys)?.checked(),
            _ => Err(unsupported(
                "model_type",
                model_type,
                "\"cohere2_moe\" is computed; serve any other model and pass `--model http://...`",
            )),
        }
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
