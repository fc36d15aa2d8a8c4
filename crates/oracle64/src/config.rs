//! The configuration of a model, in terms that all six families share.

mod families;
mod fields;
mod rotation;

use crate::config::fields::Fields;
use crate::error::Error;
use crate::norm::Norm;
use crate::rope::Rope;

/// A decoder without its weights. Every size is from 1 to 2^20, so a product of two sizes cannot overflow.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) vocab: usize,
    pub(crate) hidden: usize,
    /// A multiple of `kv_heads`.
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    /// An even number.
    pub(crate) head_dim: usize,
    pub(crate) norm: Norm,
    /// True if attention and feed-forward read the same norm and are added together.
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
    /// True if the projections to queries, keys and values have a bias.
    pub(crate) input_bias: bool,
    pub(crate) output_bias: bool,
    pub(crate) head_norm: HeadNorm,
    /// The largest magnitude of an element of queries, keys and values.
    pub(crate) clip: Option<f64>,
    pub(crate) sinks: bool,
}

/// The norm of queries and keys before they are rotated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HeadNorm {
    None,
    /// Each head by itself, all with the same weight.
    Each,
    /// All heads together as one row.
    Together,
}

/// The structure of one layer.
#[derive(Clone, Debug)]
pub(crate) struct LayerPlan {
    /// The number of positions that attention sees, including its own. None means all.
    pub(crate) window: Option<usize>,
    /// True if queries and keys are rotated by position.
    pub(crate) turned: bool,
    pub(crate) feed: Feed,
}

/// The structure of the feed-forward block after attention.
#[derive(Clone, Debug)]
pub(crate) enum Feed {
    Dense { width: usize },
    Sparse(Sparse),
}

/// The structure of a router and its experts.
#[derive(Clone, Debug)]
pub(crate) struct Sparse {
    pub(crate) experts: usize,
    /// From 1 to `experts`.
    pub(crate) chosen: usize,
    pub(crate) width: usize,
    pub(crate) scores: Scores,
    /// True if the scores of the chosen experts are divided by their sum. For a softmax this equals a softmax
    /// over the chosen experts alone.
    pub(crate) renormalised: bool,
    pub(crate) activation: Activation,
    pub(crate) layout: Layout,
    /// Width and joining of the shared expert, which every token passes through as well.
    pub(crate) shared: Option<(usize, Join)>,
}

/// The function from router outputs to scores.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scores {
    Softmax,
    Sigmoid,
}

/// The activation function of an expert.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Activation {
    Silu,
    /// The gate is limited to at most `limit`, and the other branch to the range from `-limit` to `limit`
    /// before 1 is added to it.
    Clamped {
        alpha: f64,
        limit: f64,
    },
}

/// The names and shapes of the experts' tensors in a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Layout {
    /// `block_sparse_moe.experts.N.w1`, `w3`, `w2`.
    Mixtral,
    /// `mlp.experts.N.gate_proj`, `up_proj`, `down_proj`.
    Separate,
    /// All experts in one tensor, with biases.
    Stacked,
}

/// The way in which the shared expert joins the routed ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Join {
    Sum,
    Average,
    /// A sum, after a gate of its own.
    Gated,
}

impl Config {
    /// Reads a `config.json`.
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
