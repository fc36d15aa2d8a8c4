//! The tensors that a random configuration calls for.

use safetensors::tensor::Dtype;

use super::Draw;
use crate::tensors::filled;

/// The name and the shape of a tensor.
type NamedShape = (String, Vec<usize>);

impl Draw {
    /// Returns a safetensors file of random weights, in f32 or bf16: norms around 1, and matrices scaled so
    /// that activations keep their size.
    pub(super) fn weights(&mut self) -> Vec<u8> {
        let dtype = self.one(&[Dtype::F32, Dtype::BF16]);
        let tensors = self.list();
        filled(dtype, &tensors, |name, shape| {
            let (offset, scale) = range(name, shape);
            offset + scale * self.random.symmetric()
        })
    }

    fn list(&self) -> Vec<NamedShape> {
        let (hidden, vocab) = (self.size("hidden_size"), self.size("vocab_size"));
        let mut all = vec![
            ("model.embed_tokens.weight".to_owned(), vec![vocab, hidden]),
            ("model.norm.weight".to_owned(), vec![hidden]),
        ];
        if self.json["tie_word_embeddings"] == false {
            all.push(("lm_head.weight".to_owned(), vec![vocab, hidden]));
        }
        for layer in 0..self.size("num_hidden_layers") {
            let mut tensors = self.attention();
            tensors.extend(self.feed_forward(layer));
            let named = |(name, shape): NamedShape| (format!("model.layers.{layer}.{name}"), shape);
            all.extend(tensors.into_iter().map(named));
        }
        all
    }

    fn attention(&self) -> Vec<NamedShape> {
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

    fn feed_forward(&self, layer: usize) -> Vec<NamedShape> {
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

    /// Returns the width of the feed-forward network if the layer is dense; `None` if it has experts.
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
}

/// Returns the middle of the values of a tensor, and their largest distance from it.
fn range(name: &str, shape: &[usize]) -> (f32, f32) {
    if name.contains("norm") {
        (1.0, 0.2)
    } else if shape.len() == 1 || name.ends_with("bias") {
        (0.0, 0.5)
    } else {
        // The stacked experts of gpt-oss are stored inputs first.
        let inputs = if shape.len() == 3 { shape[1] } else { shape[shape.len() - 1] };
        (0.0, (3.0 / inputs as f32).sqrt())
    }
}
