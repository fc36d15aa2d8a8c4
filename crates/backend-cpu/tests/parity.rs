//! The decoder computes what the reference implementation computes.
//!
//! Tiny random checkpoints with the logits and the greedy continuation of Hugging Face transformers, in one
//! chunk and token by token through the cache, past the sliding window. The tolerance is 2e-4 of the logits'
//! standard deviation; a decoder with a wrong window or a wrong epsilon exceeds it.

mod common;

use std::sync::Arc;

use common::{FAMILIES, best, expected, file, model, relative_difference};
use neural::{GenerateSpec, Model, Session, Want, generate};

const TOLERANCE: f64 = 2e-4;

#[test]
fn logits_agree_in_one_chunk() {
    for family in FAMILIES {
        let model = model(family, best());
        for (index, case) in expected(family).iter().enumerate() {
            let logits = Session::open(&model).prefill(&case.ids, Want::All).expect("a fixture");
            let difference = relative_difference(logits.values(), &case.logits);
            println!("{family} {index}: {difference:.2e}");
            assert!(difference <= TOLERANCE, "{family} {index}: {difference:e}");
        }
    }
}

#[test]
fn logits_agree_token_by_token_past_the_window() {
    for family in FAMILIES {
        let model = model(family, best());
        for (index, case) in expected(family).iter().enumerate() {
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
    for family in FAMILIES {
        let model = model(family, best());
        for (index, case) in expected(family).iter().enumerate() {
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
        ("cohere2_moe", "\"norm_topk_prob\": true", "\"norm_topk_prob\": false"),
        ("cohere2_moe", "\"rms_norm_eps\": null", "\"rms_norm_eps\": 1e-5"),
        ("cohere2_moe", "\"softmax\"", "\"sigmoid\""),
        ("cohere2_moe_shared_sigmoid", "\"sigmoid\"", "\"softmax\""),
        ("cohere2_moe_shared_sigmoid", "\"average\"", "\"sum\""),
    ];
    for (family, from, to) in edits {
        let config = String::from_utf8(file(family, "config.json")).expect("JSON");
        assert!(config.contains(from), "{from} is in the configuration");
        let weights = file(family, "model.safetensors");
        let model =
            Model::load(config.replace(from, to).as_bytes(), &weights, best()).expect("still a model");
        let case = &expected(family)[3];
        let logits = Session::open(&Arc::new(model)).prefill(&case.ids, Want::All).expect("a fixture");
        let difference = relative_difference(logits.values(), &case.logits);
        assert!(difference > TOLERANCE, "{family} with {to}: {difference:e}");
    }
}
