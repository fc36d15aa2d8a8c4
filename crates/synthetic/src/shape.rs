//! Models of one family with random weights, in shapes that no stored checkpoint has.

use safetensors::tensor::Dtype;
use serde_json::json;

use crate::checkpoint::Checkpoint;
use crate::random::Random;
use crate::tensors::filled;

/// The shape of a model of the family `cohere2_moe`, from which checkpoints with random weights are made.
///
/// The first block has a dense network and sees all positions. The others have experts. Every fourth block
/// sees all positions, and the rest see a sliding window.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Number of blocks.
    pub layers: usize,
    /// Width of the residual.
    pub hidden: usize,
    /// Number of query heads.
    pub heads: usize,
    /// Number of heads of keys and values, which divides `heads`.
    pub kv_heads: usize,
    /// Width of a head, an even number.
    pub head_dim: usize,
    /// Number of tokens of the vocabulary.
    pub vocab: usize,
    /// Inner width of an expert.
    pub width: usize,
    /// Inner width of the dense network.
    pub dense_width: usize,
    /// Number of experts in a sparse block, of which a token uses two.
    pub experts: usize,
    /// Number of positions that a block with a sliding window sees.
    pub window: usize,
    /// Number of positions of the context.
    pub positions: usize,
    /// The number format in which weights are stored: f32 or bf16.
    pub dtype: Dtype,
}

/// The shape of the shipped model, with random weights in place of its own.
pub const EMBEDDED: Shape = Shape {
    layers: 7,
    hidden: 192,
    heads: 6,
    kv_heads: 2,
    head_dim: 32,
    vocab: 1024,
    width: 96,
    dense_width: 384,
    experts: 8,
    window: 64,
    positions: 512,
    dtype: Dtype::BF16,
};

/// A shape in which no size is a multiple of a panel of sixteen, and windows end inside one.
pub const ODD: Shape = Shape {
    layers: 3,
    hidden: 37,
    heads: 3,
    kv_heads: 1,
    head_dim: 10,
    vocab: 61,
    width: 19,
    dense_width: 45,
    experts: 5,
    window: 21,
    positions: 512,
    dtype: Dtype::F32,
};

/// A shape with as few multiplications for each token as a model with every part can have, for tests that
/// generate many tokens. The vocabulary has a token for each byte and six more.
pub const SMALL: Shape = Shape {
    layers: 2,
    hidden: 12,
    heads: 2,
    kv_heads: 1,
    head_dim: 6,
    vocab: 262,
    width: 7,
    dense_width: 11,
    experts: 4,
    window: 21,
    positions: 512,
    dtype: Dtype::F32,
};

/// A shape small enough to be computed in tens of thousands of ways.
pub const TINY: Shape = Shape {
    layers: 2,
    hidden: 16,
    heads: 2,
    kv_heads: 1,
    head_dim: 8,
    vocab: 64,
    width: 8,
    dense_width: 12,
    experts: 4,
    window: 9,
    positions: 128,
    dtype: Dtype::F32,
};

/// A shape wide enough that threads share out even a single row, with outputs that end inside a panel.
pub const WIDE: Shape = Shape {
    layers: 2,
    hidden: 320,
    heads: 8,
    kv_heads: 4,
    head_dim: 64,
    vocab: 2027,
    width: 300,
    dense_width: 1000,
    experts: 4,
    window: 130,
    positions: 512,
    dtype: Dtype::BF16,
};

/// A shape of two small blocks, one of which has a window as large as that of models in use.
pub const FAR: Shape = Shape {
    layers: 2,
    hidden: 16,
    heads: 2,
    kv_heads: 1,
    head_dim: 8,
    vocab: 64,
    width: 12,
    dense_width: 20,
    experts: 4,
    window: 4_096,
    positions: 8_192,
    dtype: Dtype::F32,
};

impl Shape {
    /// Returns the checkpoint of this shape whose weights belong to `seed`.
    #[must_use]
    pub fn checkpoint(&self, seed: u64) -> Checkpoint {
        Checkpoint { config: self.config(), shards: vec![self.weights(seed)] }
    }

    /// Returns the bytes of the `config.json` for a model of this shape.
    #[must_use]
    pub fn config(&self) -> Vec<u8> {
        let slides = |layer: usize| layer > 0 && !(layer + 1).is_multiple_of(4);
        let kinds = |yes: &'static str, no: &'static str, is: &dyn Fn(usize) -> bool| -> Vec<&str> {
            (0..self.layers).map(|layer| if is(layer) { yes } else { no }).collect()
        };
        let config = json!({
            "model_type": "cohere2_moe", "hidden_act": "silu", "num_hidden_layers": self.layers,
            "hidden_size": self.hidden, "vocab_size": self.vocab, "max_position_embeddings": self.positions,
            "num_attention_heads": self.heads, "num_key_value_heads": self.kv_heads, "head_dim": self.head_dim,
            "layer_norm_eps": 1e-5, "rope_theta": 10000.0, "logit_scale": 0.25, "num_experts": self.experts,
            "num_experts_per_tok": 2, "expert_selection_fn": "softmax", "norm_topk_prob": true,
            "intermediate_size": self.width, "prefix_dense_intermediate_size": self.dense_width,
            "sliding_window": self.window, "eos_token_id": 3, "tie_word_embeddings": true,
            "layer_types": kinds("sliding_attention", "full_attention", &slides),
            "mlp_layer_types": kinds("dense", "sparse", &|layer| layer == 0),
        });
        config.to_string().into_bytes()
    }

    /// Returns a safetensors file of random weights from `seed`: norms around 1, and matrices scaled so that
    /// activations keep their size.
    #[must_use]
    pub fn weights(&self, seed: u64) -> Vec<u8> {
        let mut random = Random::new(seed);
        filled(self.dtype, &self.tensors(), |_, shape| {
            let (offset, scale) = match shape {
                [_, inputs] => (0.0, (3.0 / *inputs as f32).sqrt()),
                _ => (1.0, 0.1),
            };
            offset + scale * random.symmetric()
        })
    }

    fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let hidden = self.hidden;
        let (wide, narrow) = (self.heads * self.head_dim, self.kv_heads * self.head_dim);
        let mut all = vec![
            ("model.embed_tokens.weight".to_owned(), vec![self.vocab, hidden]),
            ("model.norm.weight".to_owned(), vec![hidden]),
        ];
        for layer in 0..self.layers {
            let mut put =
                |name: &str, shape: Vec<usize>| all.push((format!("model.layers.{layer}.{name}"), shape));
            put("input_layernorm.weight", vec![hidden]);
            put("self_attn.q_proj.weight", vec![wide, hidden]);
            put("self_attn.k_proj.weight", vec![narrow, hidden]);
            put("self_attn.v_proj.weight", vec![narrow, hidden]);
            put("self_attn.o_proj.weight", vec![hidden, wide]);
            let mut gated = |prefix: &str, width: usize| {
                put(&format!("{prefix}.gate_proj.weight"), vec![width, hidden]);
                put(&format!("{prefix}.up_proj.weight"), vec![width, hidden]);
                put(&format!("{prefix}.down_proj.weight"), vec![hidden, width]);
            };
            if layer == 0 {
                gated("mlp", self.dense_width);
            } else {
                (0..self.experts).for_each(|expert| gated(&format!("mlp.experts.{expert}"), self.width));
                put("mlp.gate.weight", vec![self.experts, hidden]);
            }
        }
        all
    }
}
