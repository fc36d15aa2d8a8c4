//! Models of every family with drawn configurations, for what no fixture has.

use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Map, Value, json};

use super::synthetic::Random;

pub(crate) const FAMILIES: [&str; 6] =
    ["cohere2_moe", "gpt_oss", "mixtral", "olmoe", "qwen2_moe", "qwen3_moe"];

/// A configuration and a checkpoint that fits it.
pub(crate) struct Drawn {
    pub(crate) config: Vec<u8>,
    pub(crate) weights: Vec<u8>,
    pub(crate) vocab: usize,
    pub(crate) experts: usize,
}

/// The model of a family and a seed.
pub(crate) fn drawn(family: &str, seed: u64) -> Drawn {
    let mut draw =
        Draw { random: Random(seed), json: Map::new(), tensors: Vec::new(), family: family.to_owned() };
    draw.configure();
    draw.list();
    let weights = draw.fill();
    let (vocab, experts) = (draw.size("vocab_size"), draw.size("num_experts"));
    Drawn { config: Value::Object(draw.json).to_string().into_bytes(), weights, vocab, experts }
}

struct Draw {
    random: Random,
    json: Map<String, Value>,
    tensors: Vec<(String, Vec<usize>)>,
    family: String,
}

impl Draw {
    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.random.bits() as usize % of.len()]
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

    fn list(&mut self) {
        let (hidden, vocab) = (self.size("hidden_size"), self.size("vocab_size"));
        self.tensors.push(("model.embed_tokens.weight".to_owned(), vec![vocab, hidden]));
        self.tensors.push(("model.norm.weight".to_owned(), vec![hidden]));
        if self.json["tie_word_embeddings"] == false {
            self.tensors.push(("lm_head.weight".to_owned(), vec![vocab, hidden]));
        }
        for layer in 0..self.size("num_hidden_layers") {
            let mut tensors = self.attention();
            tensors.extend(self.feed_forward(layer));
            let named = |(name, shape): (String, Vec<usize>)| (format!("model.layers.{layer}.{name}"), shape);
            self.tensors.extend(tensors.into_iter().map(named));
        }
    }

    fn attention(&self) -> Vec<(String, Vec<usize>)> {
        let (hidden, width) = (self.size("hidden_size"), self.size("head_dim"));
        let heads = self.size("num_attention_heads");
        let (wide, narrow) = (heads * width, self.size("num_key_value_heads") * width);
        let mut all = vec![("input_layernorm.weight".to_owned(), vec![hidden])];
        if self.family != "cohere2_moe" {
            all.push(("post_attention_layernorm.weight".to_owned(), vec![hidden]));
        }
        let projections =
            [("q", wide, hidden), ("k", narrow, hidden), ("v", narrow, hidden), ("o", hidden, wide)];
        for (name, outputs, inputs) in projections {
            all.push((format!("self_attn.{name}_proj.weight"), vec![outputs, inputs]));
            if self.family == "gpt_oss" || (self.family == "qwen2_moe" && name != "o") {
                all.push((format!("self_attn.{name}_proj.bias"), vec![outputs]));
            }
        }
        let norms = match self.family.as_str() {
            "olmoe" => Some((wide, narrow)),
            "qwen3_moe" => Some((width, width)),
            _ => None,
        };
        if let Some((query, key)) = norms {
            all.push(("self_attn.q_norm.weight".to_owned(), vec![query]));
            all.push(("self_attn.k_norm.weight".to_owned(), vec![key]));
        }
        if self.family == "gpt_oss" {
            all.push(("self_attn.sinks".to_owned(), vec![heads]));
        }
        all
    }

    fn feed_forward(&self, layer: usize) -> Vec<(String, Vec<usize>)> {
        let (hidden, experts) = (self.size("hidden_size"), self.size("num_experts"));
        let gated = |prefix: &str, names: [&str; 3], width: usize| {
            let shapes = [vec![width, hidden], vec![width, hidden], vec![hidden, width]];
            names.map(|name| format!("{prefix}.{name}.weight")).into_iter().zip(shapes)
        };
        let names = ["gate_proj", "up_proj", "down_proj"];
        let width = self.size("intermediate_size");
        if let Some(width) = self.dense(layer) {
            return gated("mlp", names, width).collect();
        }
        if self.family == "gpt_oss" {
            let shapes = [
                ("router.weight", vec![experts, hidden]),
                ("router.bias", vec![experts]),
                ("experts.gate_up_proj", vec![experts, hidden, 2 * width]),
                ("experts.gate_up_proj_bias", vec![experts, 2 * width]),
                ("experts.down_proj", vec![experts, width, hidden]),
                ("experts.down_proj_bias", vec![experts, hidden]),
            ];
            return shapes.map(|(name, shape)| (format!("mlp.{name}"), shape)).into();
        }
        let (block, names) = match self.family.as_str() {
            "mixtral" => ("block_sparse_moe", ["w1", "w3", "w2"]),
            _ => ("mlp", names),
        };
        let qwen = self.family.starts_with("qwen");
        let width = if qwen { self.size("moe_intermediate_size") } else { width };
        let mut all = vec![(format!("{block}.gate.weight"), vec![experts, hidden])];
        for expert in 0..experts {
            all.extend(gated(&format!("{block}.experts.{expert}"), names, width));
        }
        if self.family == "qwen2_moe" {
            all.extend(gated("mlp.shared_expert", names, self.size("shared_expert_intermediate_size")));
            all.push(("mlp.shared_expert_gate.weight".to_owned(), vec![1, hidden]));
        }
        if self.family == "cohere2_moe" && self.size("num_shared_experts") > 0 {
            all.extend(gated("mlp.shared_experts", names, width * self.size("num_shared_experts")));
        }
        all
    }

    /// The width of a layer without experts.
    fn dense(&self, layer: usize) -> Option<usize> {
        match self.family.as_str() {
            "cohere2_moe" => {
                let dense = match self.json.get("mlp_layer_types") {
                    Some(kinds) => kinds[layer] == "dense",
                    None => layer < self.size("first_k_dense_replace"),
                };
                dense.then(|| self.size("prefix_dense_intermediate_size"))
            }
            "qwen2_moe" | "qwen3_moe" => {
                let named = self.json["mlp_only_layers"][0] == layer;
                let stepped = !(layer + 1).is_multiple_of(self.size("decoder_sparse_step"));
                (named || stepped).then(|| self.size("intermediate_size"))
            }
            _ => None,
        }
    }

    /// Norms around 1, matrices scaled so that activations keep their size.
    fn fill(&mut self) -> Vec<u8> {
        let dtype = self.one(&[Dtype::F32, Dtype::BF16]);
        let mut bytes = Vec::new();
        for (name, shape) in &self.tensors {
            let norm = name.contains("norm");
            // The stacked experts of gpt-oss are stored inputs first.
            let inputs = if shape.len() == 3 { shape[1] } else { shape[shape.len() - 1] };
            let plain = shape.len() == 1 || name.ends_with("bias");
            let scale = if norm {
                0.2
            } else if plain {
                0.5
            } else {
                (3.0 / inputs as f32).sqrt()
            };
            let offset = if norm { 1.0 } else { 0.0 };
            let count: usize = shape.iter().product();
            let values = (0..count).map(|_| offset + scale * self.random.symmetric());
            bytes.push(match dtype {
                Dtype::BF16 => values.flat_map(|x| ((x.to_bits() >> 16) as u16).to_le_bytes()).collect(),
                _ => values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>(),
            });
        }
        let views = self.tensors.iter().zip(&bytes).map(|((name, shape), bytes)| {
            (name, TensorView::new(dtype, shape.clone(), bytes).expect("sizes agree"))
        });
        safetensors::serialize(views, None).expect("a file")
    }
}
