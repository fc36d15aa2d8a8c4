//! What a configuration says, in terms that all six families share.

mod families;
mod fields;
mod rotation;

use crate::config::fields::Fields;
use crate::error::Error;
use crate::norm::Norm;
use crate::rope::Rope;

/// A decoder without its weights. Every size is from 1 to 2^20, so products of two do not overflow.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) vocab: usize,
    pub(crate) hidden: usize,
    /// A multiple of `kv_heads`.
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    /// Even.
    pub(crate) head_dim: usize,
    pub(crate) norm: Norm,
    /// Attention and feed-forward read one norm and are added at once.
    pub(crate) parallel: bool,
    /// The embedding is the head.
    pub(crate) tied: bool,
    pub(crate) logit_scale: f64,
    pub(crate) rope: Rope,
    pub(crate) attention: AttentionKind,
    pub(crate) layers: Vec<LayerPlan>,
}

/// What sets the attention of families apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttentionKind {
    /// Of queries, keys and values.
    pub(crate) input_bias: bool,
    pub(crate) output_bias: bool,
    pub(crate) head_norm: HeadNorm,
    /// The largest magnitude of an element of queries, keys and values.
    pub(crate) clip: Option<f64>,
    pub(crate) sinks: bool,
}

/// How queries and keys are normed before they are turned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HeadNorm {
    None,
    /// Each head by itself, all with one weight.
    Each,
    /// All heads as one row.
    Together,
}

/// One layer.
#[derive(Clone, Debug)]
pub(crate) struct LayerPlan {
    /// How many positions are seen, the own one included; all where there is none.
    pub(crate) window: Option<usize>,
    /// Whether queries and keys are turned by position.
    pub(crate) turned: bool,
    pub(crate) feed: Feed,
}

/// What follows attention.
#[derive(Clone, Debug)]
pub(crate) enum Feed {
    Dense { width: usize },
    Sparse(Sparse),
}

/// A router and its experts.
#[derive(Clone, Debug)]
pub(crate) struct Sparse {
    pub(crate) experts: usize,
    /// From 1 to `experts`.
    pub(crate) chosen: usize,
    pub(crate) width: usize,
    pub(crate) scores: Scores,
    /// Whether the scores of the chosen are divided by their sum. For a softmax that is the same as one over
    /// the chosen alone.
    pub(crate) renormalised: bool,
    pub(crate) activation: Activation,
    pub(crate) layout: Layout,
    /// Width and joining of what every token passes besides.
    pub(crate) shared: Option<(usize, Join)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scores {
    Softmax,
    Sigmoid,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Activation {
    Silu,
    /// The gate is held below `limit`, what it gates within it and raised by 1.
    Clamped {
        alpha: f64,
        limit: f64,
    },
}

/// Where a checkpoint keeps the experts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Layout {
    /// `block_sparse_moe.experts.N.w1`, `w3`, `w2`.
    Mixtral,
    /// `mlp.experts.N.gate_proj`, `up_proj`, `down_proj`.
    Separate,
    /// All in one tensor, with biases.
    Stacked,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Join {
    Sum,
    Average,
    /// A sum, after a gate of its own.
    Gated,
}

impl Config {
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
