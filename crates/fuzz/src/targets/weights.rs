use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::{Model, Session, Want};

/// The configuration of the model that the weights are for: one dense and one sparse layer, every width 2 or
/// 4.
pub(crate) const CONFIG: &str = r#"{"model_type":"cohere2_moe","hidden_act":"silu","num_hidden_layers":2,
"hidden_size":4,"vocab_size":4,"max_position_embeddings":8,"num_attention_heads":1,"num_key_value_heads":1,
"head_dim":2,"layer_norm_eps":1e-5,"rope_theta":10000.0,"logit_scale":0.25,"num_experts":2,
"num_experts_per_tok":1,"expert_selection_fn":"softmax","norm_topk_prob":true,"intermediate_size":2,
"prefix_dense_intermediate_size":2,"sliding_window":4,"eos_token_id":3,"tie_word_embeddings":true,
"layer_types":["full_attention","sliding_attention"],"mlp_layer_types":["dense","sparse"]}"#;

/// Checks a safetensors file: an accepted one must be a model whose logits are finite, or whose error names
/// the layer, and the logits must not depend on the split of the tokens into passes.
pub(super) fn weights(bytes: &[u8]) {
    let backend = CpuBackend::best().expect("IEEE arithmetic");
    let model = match Model::load(CONFIG.as_bytes(), bytes, backend) {
        Ok(model) => Arc::new(model),
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let mut whole = Session::open(&model);
    let Ok(logits) = whole.prefill(&[0, 3, 1], Want::All) else { return };
    assert!(logits.values().iter().all(|logit| logit.is_finite()));
    let mut parts = Session::open(&model);
    parts.prefill(&[0], Want::Last).expect("a part of what was read");
    parts.decode(3).expect("a part of what was read");
    let last = parts.decode(1).expect("what was read");
    assert_eq!(last.digest(last.rows() - 1), logits.digest(logits.rows() - 1), "prefill and decode differ");
}
