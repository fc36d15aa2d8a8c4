//! The configuration of a model, in terms that all six families share.

mod families;
mod fields;
mod rotation;

use crate::config::fields::Fields;
use crate::error::Error;
use crate::norm::Norm;
use crate::rope::Rope;

/// The checked shape of a decoder, without its weights. Every size is from 1 to 2^20, so a product of two
/// sizes cannot overflow.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) vocab: usize,
    pub(crate) hidden: usize,
    /// Number of query heads, a multiple of `kv_heads`.
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    /// Width of a head, an even number.
    pub(crate) head_dim: usize,
    pub(crate) norm: Norm,
    /// True if attention and feed-forward network read the same norm and are added together.
    pub(crate) parallel: bool,
    /// True if the embedding is also the output projection.
    pub(crate) tied: bool,
    pub(crate) logit_scale: f64,
    pub(crate) rope: Rope,
    pub(crate) attention: AttentionKind,
    pub(crate) layers: Vec<LayerPlan>,
}

/// The properties of attention in which the families differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttentionKind {
    /// True if the projections to queries, keys and values have biases.
    pub(crate) input_bias: bool,
    pub(crate) output_bias: bool,
    pub(crate) head_norm: HeadNorm,
    /// The largest magnitude of an element of queries, keys and values; `None` if they are not clamped.
    pub(crate) clip: Option<f64>,
    pub(crate) sinks: bool,
}

/// The norm of queries and keys before they are rotated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HeadNorm {
    None,
    /// Each head is normed by itself, all with the same weight.
    Each,
    /// All heads of a position are normed together, as one row.
    Together,
}

/// The structure of one layer.
#[derive(Clone, Debug)]
pub(crate) struct LayerPlan {
    /// The number of positions that attention sees, its own included; `None` for all.
    pub(crate) window: Option<usize>,
    /// True if queries and keys are rotated by position.
    pub(crate) turned: bool,
    pub(crate) feed: Feed,
}

/// The structure of the feed-forward network after attention.
#[derive(Clone, Debug)]
pub(crate) enum Feed {
    Dense { width: usize },
    Sparse(Sparse),
}

/// The structure of a router and its experts.
#[derive(Clone, Debug)]
pub(crate) struct Sparse {
    pub(crate) experts: usize,
    /// Number of experts that a token uses, from 1 to `experts`.
    pub(crate) chosen: usize,
    pub(crate) width: usize,
    pub(crate) scores: Scores,
    /// True if the scores of the chosen experts are divided by their sum. For a softmax this equals a softmax
    /// over the chosen experts alone.
    pub(crate) renormalised: bool,
    pub(crate) activation: Activation,
    pub(crate) layout: Layout,
    /// The width of the shared expert, which every token uses as well, and the way that it is added; `None`
    /// if there is none.
    pub(crate) shared: Option<(usize, Join)>,
}

/// The function that turns the router's outputs into scores.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scores {
    Softmax,
    Sigmoid,
}

/// The activation function of an expert.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Activation {
    Silu,
    /// The gate is cut to at most `limit`. The other branch is clamped to the range from `-limit` to `limit`,
    /// and 1 is added to it.
    Clamped {
        alpha: f64,
        limit: f64,
    },
}

/// The names and the shapes that a family gives to the experts' tensors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Layout {
    /// The tensors are `block_sparse_moe.experts.N.w1`, `w3` and `w2`.
    Mixtral,
    /// The tensors are `mlp.experts.N.gate_proj`, `up_proj` and `down_proj`.
    Separate,
    /// All experts of a layer are in one tensor for each matrix, with biases.
    Stacked,
}

/// The way that the output of the shared expert is added to that of the chosen ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Join {
    Sum,
    Average,
    /// The output is added after it is multiplied by a gate of its own.
    Gated,
}

impl Config {
    /// Reads and checks a `config.json`; fails as [`Model::read`](crate::Model::read) does.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let json: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(bytes).map_err(Error::Json)?;
        let fields = Fields::new(&json);
        let config = families::read(&fields)?;
        if !config.heads.is_multiple_of(config.kv_heads) {
            return Err(fields.refuse("num_key_value_heads", "a divisor of num_attention_heads"));
        }
        Ok(config)
    }
}
