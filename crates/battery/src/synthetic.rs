//! Models with seeded random weights in shapes that the fixtures do not have.

use std::sync::Arc;

use neural::{Backend, Model};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;

/// The shape of a synthetic model.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Blocks: the first has a dense network and sees all, every fourth after it sees all, the others slide.
    pub layers: usize,
    /// Width of the residual.
    pub hidden: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_dim: usize,
    /// Tokens.
    pub vocab: usize,
    /// Width of an expert.
    pub width: usize,
    /// Width of the dense network.
    pub dense_width: usize,
    /// Experts, of which a token uses two.
    pub experts: usize,
    /// Positions that a sliding block sees.
    pub window: usize,
    /// Positions of the context.
    pub positions: usize,
    /// How weights are stored.
    pub dtype: Dtype,
}

/// The embedded model's shape.
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

/// No size is a multiple of a panel, and windows end inside one.
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

/// Wide enough that threads share a single row out, with outputs that end inside a panel.
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

/// A window as large as that of models in use, in two small layers: a dense one that sees all, and a sparse one that
/// slides.
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
    /// Its `config.json`.
    #[must_use]
    pub fn config(&self) -> Vec<u8> {
        let sliding = |layer: usize| layer > 0 && !(layer + 1).is_multiple_of(4);
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
            "layer_types": kinds("sliding_attention", "full_attention", &sliding),
            "mlp_layer_types": kinds("dense", "sparse", &|layer| layer == 0),
        });
        config.to_string().into_bytes()
    }

    /// Weights that are drawn from `seed`, as one safetensors file.
    ///
    /// # Panics
    /// If a size is 0.
    #[must_use]
    pub fn weights(&self, seed: u64) -> Vec<u8> {
        let mut random = Random(seed);
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = self
            .tensors()
            .into_iter()
            .map(|(name, shape)| {
                let bytes = self.fill(&shape, &mut random);
                (name, shape, bytes)
            })
            .collect();
        let views = tensors.iter().map(|(name, shape, bytes)| {
            (name.clone(), TensorView::new(self.dtype, shape.clone(), bytes).expect("sizes agree"))
        });
        safetensors::serialize(views, None).expect("a file")
    }

    /// The model of one seed.
    ///
    /// # Panics
    /// If the shape is none of a model.
    #[must_use]
    pub fn model<B: Backend>(&self, backend: B) -> Arc<Model<B>> {
        Arc::new(Model::load(&self.config(), &self.weights(7), backend).expect("a synthetic model"))
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

    /// Norms around 1, matrices scaled so that activations keep their size.
    fn fill(&self, shape: &[usize], random: &mut Random) -> Vec<u8> {
        let scale = if shape.len() == 1 { 0.1 } else { (3.0 / shape[1] as f32).sqrt() };
        let offset = if shape.len() == 1 { 1.0 } else { 0.0 };
        let values = (0..shape.iter().product()).map(|_| offset + scale * random.symmetric());
        match self.dtype {
            Dtype::BF16 => values.flat_map(|x| ((x.to_bits() >> 16) as u16).to_le_bytes()).collect(),
            _ => values.flat_map(f32::to_le_bytes).collect(),
        }
    }
}

/// A 64-bit linear congruential generator with its upper bits as output.
pub struct Random(
    /// The state, which is the seed at first.
    pub u64,
);

impl Random {
    /// 31 bits.
    pub fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    /// Uniform in [-1, 1).
    pub fn symmetric(&mut self) -> f32 {
        (self.bits() >> 7) as f32 / (1 << 23) as f32 - 1.0
    }

    /// Ids below `vocab`.
    pub fn tokens(&mut self, count: usize, vocab: usize) -> Vec<u32> {
        (0..count).map(|_| self.bits() % vocab as u32).collect()
    }
}
