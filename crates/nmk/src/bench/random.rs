//! A checkpoint of random weights, in memory.
//!
//! The model is larger than the caches of a machine and has a context of thousands of positions, neither of
//! which the shipped model has. Its bytes are the same every time. The text that it generates is nonsense,
//! and takes as long as sensible text.

use proposer::{Checkpoint, GenerationDefaults};
use serde_json::{Map, Value as Json, json};

const LAYERS: usize = 6;
const HIDDEN: usize = 1024;
const HEADS: usize = 16;
const KV_HEADS: usize = 4;
const HEAD_DIM: usize = 64;
const VOCAB: usize = 8192;
const EXPERTS: usize = 8;
const WIDTH: usize = 512;
const DENSE_WIDTH: usize = 2048;
const WINDOW: usize = 1024;
const CONTEXT: usize = 1 << 15;

/// Returns the files of the random model.
pub(super) fn checkpoint() -> Checkpoint {
    let config = config().to_string().into_bytes();
    let generation = GenerationDefaults::default();
    Checkpoint { config, shards: vec![weights()], tokenizer: None, generation, chat: None }
}

fn config() -> Json {
    let by_layer = |first: &str, full: &str, rest: &str| -> Vec<String> {
        let kind = |layer: usize| match layer {
            0 => first,
            3 => full,
            _ => rest,
        };
        (0..LAYERS).map(|layer| kind(layer).to_owned()).collect()
    };
    json!({
        "model_type": "cohere2_moe", "hidden_act": "silu", "num_hidden_layers": LAYERS, "hidden_size": HIDDEN,
        "vocab_size": VOCAB, "max_position_embeddings": CONTEXT, "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS, "head_dim": HEAD_DIM, "layer_norm_eps": 1e-5, "rope_theta": 10000.0,
        "logit_scale": 0.25, "num_experts": EXPERTS, "num_experts_per_tok": 2, "expert_selection_fn": "softmax",
        "norm_topk_prob": true, "intermediate_size": WIDTH, "prefix_dense_intermediate_size": DENSE_WIDTH,
        "sliding_window": WINDOW, "eos_token_id": 3, "tie_word_embeddings": true,
        "layer_types": by_layer("full_attention", "full_attention", "sliding_attention"),
        "mlp_layer_types": by_layer("dense", "sparse", "sparse"),
    })
}

fn tensors() -> Vec<(String, Vec<usize>)> {
    let one = |name: &str, shape: &[usize]| (name.to_owned(), shape.to_vec());
    let mut all =
        vec![one("model.embed_tokens.weight", &[VOCAB, HIDDEN]), one("model.norm.weight", &[HIDDEN])];
    for layer in 0..LAYERS {
        let mut put =
            |name: &str, shape: &[usize]| all.push(one(&format!("model.layers.{layer}.{name}"), shape));
        put("input_layernorm.weight", &[HIDDEN]);
        put("self_attn.q_proj.weight", &[HEADS * HEAD_DIM, HIDDEN]);
        put("self_attn.k_proj.weight", &[KV_HEADS * HEAD_DIM, HIDDEN]);
        put("self_attn.v_proj.weight", &[KV_HEADS * HEAD_DIM, HIDDEN]);
        put("self_attn.o_proj.weight", &[HIDDEN, HEADS * HEAD_DIM]);
        let dense = ("mlp".to_owned(), DENSE_WIDTH);
        let experts = (0..EXPERTS).map(|expert| (format!("mlp.experts.{expert}"), WIDTH));
        let gated: Vec<(String, usize)> = if layer == 0 { vec![dense] } else { experts.collect() };
        for (prefix, width) in gated {
            put(&format!("{prefix}.gate_proj.weight"), &[width, HIDDEN]);
            put(&format!("{prefix}.up_proj.weight"), &[width, HIDDEN]);
            put(&format!("{prefix}.down_proj.weight"), &[HIDDEN, width]);
        }
        if layer > 0 {
            put("mlp.gate.weight", &[EXPERTS, HIDDEN]);
        }
    }
    all
}

/// Returns a safetensors file in bf16: norms around 1, matrices scaled so that activations keep their size. The numbers
/// are written here, because the program links nothing that is for tests.
fn weights() -> Vec<u8> {
    let (mut header, mut data) = (Map::new(), Vec::new());
    let mut state = 0x6e6d_6b2e_6265_6e63_u64;
    for (name, shape) in tensors() {
        let (offset, scale) = match shape.as_slice() {
            [_, inputs] => (0.0, (3.0 / *inputs as f32).sqrt()),
            _ => (1.0, 0.1),
        };
        let start = data.len();
        for _ in 0..shape.iter().product() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let symmetric = (state >> 40) as f32 / (1 << 23) as f32 - 1.0;
            let bits = (offset + scale * symmetric).to_bits();
            data.extend_from_slice(&((bits >> 16) as u16).to_le_bytes());
        }
        header.insert(name, json!({"dtype": "BF16", "shape": shape, "data_offsets": [start, data.len()]}));
    }
    let mut header = Json::Object(header).to_string().into_bytes();
    // The tensors begin at a multiple of eight.
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.reserve_exact(header.len() + data.len());
    file.extend_from_slice(&header);
    file.extend_from_slice(&data);
    file
}
