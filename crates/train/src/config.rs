//! The architecture of the model, in the keys of `cohere2_moe` checkpoints.

use serde::{Deserialize, Serialize};

/// The earlier positions that the attention of a layer sees: all of them, or a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// Attention to all earlier positions, without rotary encoding.
    FullAttention,
    /// Attention to the last `sliding_window` positions, with rotary encoding.
    SlidingAttention,
}

/// The kind of the feed-forward network in a layer: dense or sparse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedForward {
    /// One wide gated network that every token uses.
    Dense,
    /// Several small experts, of which a router chooses some for each token.
    Sparse,
}

/// The parameters of the rotary encoding, in the keys of `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rope {
    /// The base of the geometric series of frequencies.
    pub rope_theta: f64,
    /// The name of the scaling; only `default` is used here.
    pub rope_type: String,
}

/// The fields of `config.json` that the workshop reads and writes, by their names in the checkpoint format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the checkpoint format")]
pub struct Config {
    pub architectures: Vec<String>,
    pub attention_bias: bool,
    pub bos_token_id: u32,
    pub dtype: String,
    pub eos_token_id: u32,
    pub expert_selection_fn: String,
    pub head_dim: usize,
    pub hidden_act: String,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub layer_norm_eps: f64,
    pub layer_types: Vec<Attention>,
    pub logit_scale: f64,
    pub max_position_embeddings: usize,
    pub mlp_layer_types: Vec<FeedForward>,
    pub model_type: String,
    pub norm_topk_prob: bool,
    pub num_attention_heads: usize,
    pub num_experts: usize,
    pub num_experts_per_tok: usize,
    pub num_hidden_layers: usize,
    pub num_key_value_heads: usize,
    pub num_shared_experts: usize,
    pub pad_token_id: u32,
    pub prefix_dense_intermediate_size: usize,
    pub prefix_dense_sliding_window_pattern: usize,
    pub rms_norm_eps: Option<f64>,
    pub rope_parameters: Rope,
    pub rope_theta: f64,
    pub shared_expert_combination_strategy: String,
    pub sliding_window: usize,
    pub sliding_window_pattern: usize,
    pub tie_word_embeddings: bool,
    pub vocab_size: usize,
}

impl Config {
    /// Returns the configuration of the shipped model: seven layers of width 192.
    #[must_use]
    pub fn shipped() -> Self {
        Self::sized(7, 192, 6, 512, 96)
    }

    /// Returns a miniature of the shipped configuration, for tests that must take only seconds.
    #[must_use]
    pub fn tiny() -> Self {
        Self::sized(3, 32, 2, 64, 16)
    }

    /// Returns true if a layer with full attention still uses rotary encoding. The reference implementation
    /// does so in a dense prefix layer whose sliding pattern is one.
    #[must_use]
    pub fn rotates_prefix(&self, layer: usize) -> bool {
        self.mlp_layer_types[layer] == FeedForward::Dense && self.prefix_dense_sliding_window_pattern == 1
    }

    fn sized(layers: usize, hidden: usize, heads: usize, dense: usize, expert: usize) -> Self {
        let attention = |layer: usize| {
            if layer.is_multiple_of(4) { Attention::FullAttention } else { Attention::SlidingAttention }
        };
        let feed_forward = |layer: usize| if layer == 0 { FeedForward::Dense } else { FeedForward::Sparse };
        Self {
            architectures: vec!["Cohere2MoeForCausalLM".to_owned()],
            attention_bias: false,
            bos_token_id: crate::codec::USER,
            dtype: "bfloat16".to_owned(),
            eos_token_id: crate::codec::END,
            expert_selection_fn: "softmax".to_owned(),
            head_dim: hidden / heads,
            hidden_act: "silu".to_owned(),
            hidden_size: hidden,
            intermediate_size: expert,
            layer_norm_eps: 1e-5,
            layer_types: (0..layers).map(attention).collect(),
            logit_scale: 0.25,
            max_position_embeddings: 512,
            mlp_layer_types: (0..layers).map(feed_forward).collect(),
            model_type: "cohere2_moe".to_owned(),
            norm_topk_prob: true,
            num_attention_heads: heads,
            num_experts: 8,
            num_experts_per_tok: 2,
            num_hidden_layers: layers,
            num_key_value_heads: 2,
            num_shared_experts: 0,
            pad_token_id: crate::codec::PAD,
            prefix_dense_intermediate_size: dense,
            prefix_dense_sliding_window_pattern: 1,
            rms_norm_eps: None,
            rope_parameters: Rope { rope_theta: 10_000.0, rope_type: "default".to_owned() },
            rope_theta: 10_000.0,
            shared_expert_combination_strategy: "average".to_owned(),
            sliding_window: 64,
            sliding_window_pattern: 4,
            tie_word_embeddings: true,
            vocab_size: 1024,
        }
    }
}
