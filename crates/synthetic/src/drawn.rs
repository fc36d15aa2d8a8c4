//! Models of every family with random configurations, for cases that no stored checkpoint has.

mod tensors;

use serde_json::{Map, Value, json};

use crate::random::Random;

/// The families for which [`drawn`] makes models, by their `model_type`.
pub const FAMILIES: [&str; 6] = ["cohere2_moe", "gpt_oss", "mixtral", "olmoe", "qwen2_moe", "qwen3_moe"];

/// A model with a random configuration, and random weights that fit it.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The bytes of the model's `config.json`.
    pub config: Vec<u8>,
    /// The bytes of its one safetensors file.
    pub weights: Vec<u8>,
    /// Number of tokens of the vocabulary.
    pub vocab: usize,
    /// Number of experts of each sparse layer.
    pub experts: usize,
}

/// Returns the model that belongs to a seed and a family, which must be one of [`FAMILIES`]: sizes, windows,
/// rotary scalings, routers and weights are all random.
#[must_use]
pub fn drawn(family: &str, seed: u64) -> Drawn {
    let mut draw = Draw { random: Random::new(seed), json: Map::new(), family: family.to_owned() };
    draw.configure();
    let weights = draw.weights();
    let (vocab, experts) = (draw.size("vocab_size"), draw.size("num_experts"));
    Drawn { config: Value::Object(draw.json).to_string().into_bytes(), weights, vocab, experts }
}

struct Draw {
    random: Random,
    json: Map<String, Value>,
    family: String,
}

impl Draw {
    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        self.random.choose(of)
    }

    fn kinds(&mut self, of: [&str; 2], layers: usize) -> Value {
        (0..layers).map(|_| Value::from(self.one(&of))).collect()
    }

    fn size(&self, key: &str) -> usize {
        self.json[key].as_u64().expect(key) as usize
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.json.insert(key.to_owned(), value.into());
    }

    fn configure(&mut self) {
        let (heads, kv_heads) = self.one(&[(3, 1), (4, 2), (6, 2), (2, 2)]);
        let experts = self.one(&[3, 5, 8]);
        let sizes = [
            ("hidden_size", self.one(&[36, 37, 48])),
            ("vocab_size", self.one(&[61, 96])),
            ("num_hidden_layers", self.one(&[3, 5])),
            ("num_attention_heads", heads),
            ("num_key_value_heads", kv_heads),
            ("head_dim", self.one(&[10, 16, 24])),
            ("num_experts", experts),
            ("num_local_experts", experts),
            ("num_experts_per_tok", self.one(&[1, 2, 3])),
            ("intermediate_size", self.one(&[19, 32])),
            ("moe_intermediate_size", self.one(&[17, 24])),
            ("shared_expert_intermediate_size", self.one(&[20, 33])),
            ("prefix_dense_intermediate_size", self.one(&[45, 64])),
            ("sliding_window", self.one(&[1, 9, 21])),
            ("max_position_embeddings", 512),
            ("eos_token_id", 2),
        ];
        sizes.into_iter().for_each(|(key, value)| self.set(key, value));
        let family = self.family.clone();
        self.set("model_type", family.as_str());
        self.set("hidden_act", "silu");
        for key in ["tie_word_embeddings", "norm_topk_prob"] {
            let flag = self.one(&[true, false]);
            self.set(key, flag);
        }
        let epsilon = self.one(&[1e-5, 1e-3]);
        self.set("rms_norm_eps", epsilon);
        self.rope();
        match family.as_str() {
            "cohere2_moe" => self.cohere2(epsilon),
            "gpt_oss" => self.gpt_oss(),
            "mixtral" if self.one(&[true, false]) => self.set("sliding_window", Value::Null),
            "olmoe" => {
                let clip = self.one(&[json!(0.5), json!(1.5), Value::Null].each_ref()).clone();
                self.set("clip_qkv", clip);
            }
            "qwen2_moe" | "qwen3_moe" => self.qwen(),
            _ => {}
        }
    }

    fn rope(&mut self) {
        let theta = self.one(&[1e3, 1e4, 5e5]);
        let rope = match self.one(&[0, 1, 2, 3, 4, 5]) {
            0 => return self.set("rope_theta", theta),
            1 => json!({"rope_type": "default"}),
            2 => json!({"rope_type": "linear", "factor": 3.0}),
            3 => json!({
                "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 40,
            }),
            4 => json!({
                "rope_type": "yarn", "factor": 4.0, "beta_fast": 8.0, "beta_slow": 0.5,
                "original_max_position_embeddings": 64, "truncate": false,
            }),
            _ => json!({
                "rope_type": "yarn", "factor": 16.0, "original_max_position_embeddings": 32,
                "attention_factor": 0.9,
            }),
        };
        let mut rope = rope.as_object().expect("an object").clone();
        // Configurations keep it in either place.
        if self.one(&[true, false]) {
            rope.insert("rope_theta".to_owned(), theta.into());
            self.set("rope_parameters", rope);
        } else {
            self.set("rope_theta", theta);
            self.set("rope_scaling", rope);
        }
    }

    fn cohere2(&mut self, epsilon: f64) {
        let layers = self.size("num_hidden_layers");
        self.set("layer_norm_eps", epsilon);
        if self.one(&[true, false]) {
            self.set("rms_norm_eps", Value::Null);
        }
        let scale = self.one(&[0.25, 1.0]);
        self.set("logit_scale", scale);
        let scores = self.one(&["softmax", "sigmoid"]);
        self.set("expert_selection_fn", scores);
        let shared = self.one(&[0, 1, 3]);
        self.set("num_shared_experts", shared);
        let join = self.one(&["sum", "average"]);
        self.set("shared_expert_combination_strategy", join);
        let period = self.one(&[1, 2]);
        self.set("prefix_dense_sliding_window_pattern", period);
        if self.one(&[true, false]) {
            let kinds = self.kinds(["sliding_attention", "full_attention"], layers);
            self.set("layer_types", kinds);
            let kinds: Value = (0..layers).map(|layer| if layer == 0 { "dense" } else { "sparse" }).collect();
            self.set("mlp_layer_types", kinds);
        } else {
            let (dense, period) = (self.one(&[0, 1, 2]), self.one(&[2, 3]));
            self.set("first_k_dense_replace", dense);
            self.set("sliding_window_pattern", period);
        }
    }

    fn gpt_oss(&mut self) {
        let (alpha, limit) = (self.one(&[1.0, 1.702]), self.one(&[0.5, 7.0]));
        self.set("swiglu_alpha", alpha);
        self.set("swiglu_limit", limit);
        self.set("attention_bias", true);
        if self.one(&[true, false]) {
            let kinds = self.kinds(["sliding_attention", "full_attention"], self.size("num_hidden_layers"));
            self.set("layer_types", kinds);
        }
    }

    fn qwen(&mut self) {
        let (step, named) = (self.one(&[1, 2]), self.one(&[0, 1]));
        self.set("decoder_sparse_step", step);
        self.set("mlp_only_layers", json!([named]));
        let (sliding, from) = (self.one(&[true, false]), self.one(&[0, 2]));
        self.set("use_sliding_window", sliding);
        self.set("max_window_layers", from);
        if self.family == "qwen2_moe" && self.one(&[true, false]) {
            let kinds = self.kinds(["sliding_attention", "full_attention"], self.size("num_hidden_layers"));
            self.set("layer_types", kinds);
        }
    }
}
