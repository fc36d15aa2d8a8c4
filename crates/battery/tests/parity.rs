//! The decoder computes what the reference implementation computes.
//!
//! Tiny random checkpoints with the logits and the greedy continuation of Hugging Face transformers, in one
//! chunk and token by token through the cache, past the sliding window. The tolerance is 2e-4 of the logits'
//! standard deviation; a decoder with a wrong window or a wrong epsilon exceeds it.

mod common;

use std::sync::Arc;

use backend_cpu::CpuBackend;
use common::{TOLERANCE, load, logits};
use neural::{GenerateSpec, Model, Session, generate};
use synthetic::{edited, parity, relative_difference};

fn model(family: &str) -> Arc<Model<CpuBackend>> {
    let files = parity::checkpoint(family);
    load(&files.config, &files.shards[0])
}

#[test]
fn logits_agree_in_one_chunk() {
    for family in parity::FAMILIES {
        let model = model(family);
        for (index, case) in parity::expected(family).iter().enumerate() {
            let difference = relative_difference(&logits(&model, &case.ids), &case.logits);
            println!("{family} {index}: {difference:.2e}");
            assert!(difference <= TOLERANCE, "{family} {index}: {difference:e}");
        }
    }
}

#[test]
fn logits_agree_token_by_token_past_the_window() {
    for family in parity::FAMILIES {
        let model = model(family);
        for (index, case) in parity::expected(family).iter().enumerate() {
            let mut session = Session::open(&model);
            let mut logits = Vec::new();
            for id in &case.ids {
                logits.extend_from_slice(session.decode(*id).expect("a fixture").values());
            }
            let difference = relative_difference(&logits, &case.logits);
            assert!(difference <= TOLERANCE, "{family} {index}: {difference:e}");
        }
    }
}

#[test]
fn greedy_continuations_are_identical() {
    for family in parity::FAMILIES {
        let model = model(family);
        for (index, case) in parity::expected(family).iter().enumerate() {
            let spec = GenerateSpec { prompt: &case.ids, max_new: case.greedy.len(), end_tokens: &[] };
            let generation = generate(&model, &spec, &mut |_| {}).expect("a fixture");
            let tokens: Vec<u32> = generation.tokens.iter().map(|token| token.id).collect();
            assert_eq!(tokens, case.greedy, "{family} {index}");
        }
    }
}

#[test]
fn another_model_does_not_agree() {
    let edits = [
        ("cohere2_moe", "\"sliding_window\": 16", "\"sliding_window\": 17"),
        (
            "cohere2_moe",
            "\"prefix_dense_sliding_window_pattern\": 1",
            "\"prefix_dense_sliding_window_pattern\": 2",
        ),
        ("cohere2_moe_shared_sigmoid", "\"norm_topk_prob\": true", "\"norm_topk_prob\": false"),
        ("cohere2_moe", "\"rms_norm_eps\": null", "\"rms_norm_eps\": 1e-5"),
        ("cohere2_moe", "\"softmax\"", "\"sigmoid\""),
        ("cohere2_moe_shared_sigmoid", "\"sigmoid\"", "\"softmax\""),
        ("cohere2_moe_shared_sigmoid", "\"average\"", "\"sum\""),
        ("gpt_oss", "\"sliding_window\": 16", "\"sliding_window\": 17"),
        ("gpt_oss", "\"factor\": 32.0", "\"factor\": 16.0"),
        ("gpt_oss", "\"beta_fast\": 32.0", "\"beta_fast\": 16.0"),
        ("gpt_oss", "\"truncate\": false", "\"truncate\": true"),
        ("gpt_oss", "\"truncate\": false", "\"truncate\": false, \"attention_factor\": 1.0"),
        ("gpt_oss", "\"rope_type\": \"yarn\"", "\"rope_type\": \"linear\""),
        ("gpt_oss", "\"swiglu_alpha\": 1.702", "\"swiglu_alpha\": 1.0"),
        ("gpt_oss", "\"swiglu_limit\": 7.0", "\"swiglu_limit\": 0.25"),
        ("mixtral", "\"rope_theta\": 1000000.0", "\"rope_theta\": 10000.0"),
        ("mixtral", "\"sliding_window\": null", "\"sliding_window\": 48"),
        ("olmoe", "\"norm_topk_prob\": false", "\"norm_topk_prob\": true"),
        ("olmoe", "\"clip_qkv\": null", "\"clip_qkv\": 0.5"),
        ("olmoe", "\"rope_type\": \"default\"", "\"rope_type\": \"linear\", \"factor\": 2.0"),
        ("qwen2_moe", "\"norm_topk_prob\": false", "\"norm_topk_prob\": true"),
        ("qwen2_moe", "\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": 1e-02"),
        ("qwen3_moe", "\"norm_topk_prob\": true", "\"norm_topk_prob\": false"),
        ("qwen3_moe", "\"num_experts_per_tok\": 3", "\"num_experts_per_tok\": 2"),
    ];
    for (family, from, to) in edits {
        let config = String::from_utf8(parity::file(family, "config.json")).expect("JSON");
        assert!(config.contains(from), "{from} is in the configuration");
        let weights = parity::file(family, "model.safetensors");
        let model = load(config.replace(from, to).as_bytes(), &weights);
        let case = &parity::expected(family)[3];
        let difference = relative_difference(&logits(&model, &case.ids), &case.logits);
        assert!(difference > TOLERANCE, "{family} with {to}: {difference:e}");
    }
}

#[test]
fn every_tensor_that_sets_a_family_apart_counts() {
    let edits = [
        ("gpt_oss", "self_attn.sinks", -60.0),
        ("gpt_oss", "self_attn.q_proj.bias", 0.0),
        ("gpt_oss", "self_attn.o_proj.bias", 0.0),
        ("gpt_oss", "mlp.router.bias", 0.0),
        ("gpt_oss", "mlp.experts.gate_up_proj_bias", 0.0),
        ("gpt_oss", "mlp.experts.down_proj_bias", 0.0),
        ("mixtral", "post_attention_layernorm.weight", 1.0),
        ("olmoe", "self_attn.q_norm.weight", 1.0),
        ("olmoe", "self_attn.k_norm.weight", 1.0),
        ("qwen2_moe", "self_attn.v_proj.bias", 0.0),
        ("qwen2_moe", "mlp.shared_expert_gate.weight", 0.0),
        ("qwen2_moe", "mlp.shared_expert.down_proj.weight", 0.0),
        ("qwen3_moe", "self_attn.q_norm.weight", 1.0),
        ("qwen3_moe", "self_attn.k_norm.weight", 1.0),
    ];
    for (family, name, value) in edits {
        let name = format!("model.layers.1.{name}");
        let weights = edited(&parity::file(family, "model.safetensors"), |tensors| {
            let tensor = tensors.iter_mut().find(|tensor| tensor.name == name);
            tensor.expect("a tensor of this name").change(|_, _| value);
        });
        let model = load(&parity::file(family, "config.json"), &weights);
        let case = &parity::expected(family)[3];
        let difference = relative_difference(&logits(&model, &case.ids), &case.logits);
        assert!(difference > TOLERANCE, "{family} with {name} at {value}: {difference:e}");
    }
}
