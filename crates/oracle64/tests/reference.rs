//! The f64 decoder against the reference implementation, and against itself with experts removed.
//!
//! The logits of `fixtures/parity` are those of Hugging Face transformers in f32. The remaining difference to
//! f64 is about 1.5e-5 of their standard deviation. A decoder with one property of a family wrong would
//! differ by far more than the bound, which the edits of configurations and tensors show.

mod common;

use common::{config_with, logits};
use oracle64::{ExpertMask, Model, carve};
use synthetic::parity::{self, Expected, FAMILIES, file};
use synthetic::relative_difference;

/// The bound, as a share of the standard deviation of the logits.
const TOLERANCE: f64 = 2e-4;

fn model(family: &str) -> Model {
    Model::read(&file(family, "config.json"), &file(family, "model.safetensors")).expect("a fixture")
}

#[test]
fn logits_and_greedy_choices_are_those_of_the_reference() {
    for family in FAMILIES {
        let model = model(family);
        for (index, Expected { ids, logits: expected, greedy }) in parity::expected(family).iter().enumerate()
        {
            // A greedy choice depends on nothing after it, so one pass over the whole continuation gives all
            // of them.
            let all = logits(&model, &[ids.as_slice(), &greedy[..greedy.len() - 1]].concat());
            let vocab = all.ncols();
            let found: Vec<f64> = all.iter().copied().take(ids.len() * vocab).collect();
            let difference = relative_difference(&found, expected);
            println!("{family} {index}: {difference:.1e}");
            assert!(difference <= TOLERANCE, "{family} {index}: {difference:e}");
            let largest = |row: ndarray::ArrayView1<'_, f64>| {
                let of = |best: usize, at: usize| if row[at] > row[best] { at } else { best };
                (0..row.len()).fold(0, of) as u32
            };
            let chosen: Vec<u32> = all.rows().into_iter().skip(ids.len() - 1).map(largest).collect();
            assert_eq!(&chosen, greedy, "{family} {index}");
        }
    }
}

/// Returns the difference between the logits of an edited model and the reference.
fn distance(family: &str, config: &[u8], weights: &[u8]) -> f64 {
    let Expected { ids, logits: expected, .. } = &parity::expected(family)[3];
    let model = Model::read(config, weights).expect("still a model");
    let found = logits(&model, ids).into_raw_vec_and_offset().0;
    relative_difference(&found, expected)
}

#[test]
fn another_configuration_does_not_agree() {
    let edits = [
        ("cohere2_moe", "sliding_window", "17"),
        ("cohere2_moe", "prefix_dense_sliding_window_pattern", "2"),
        ("cohere2_moe", "rms_norm_eps", "1e-5"),
        ("cohere2_moe", "expert_selection_fn", "\"sigmoid\""),
        ("cohere2_moe", "logit_scale", "0.251"),
        ("cohere2_moe_shared_sigmoid", "norm_topk_prob", "false"),
        ("cohere2_moe_shared_sigmoid", "expert_selection_fn", "\"softmax\""),
        ("cohere2_moe_shared_sigmoid", "shared_expert_combination_strategy", "\"sum\""),
        ("gpt_oss", "sliding_window", "15"),
        ("gpt_oss", "swiglu_alpha", "1.5"),
        ("gpt_oss", "swiglu_limit", "0.25"),
        ("gpt_oss", "rope_parameters", "{\"rope_type\": \"default\", \"rope_theta\": 150000.0}"),
        ("mixtral", "rope_parameters", "{\"rope_type\": \"default\", \"rope_theta\": 10000.0}"),
        ("mixtral", "sliding_window", "48"),
        ("mixtral", "num_experts_per_tok", "3"),
        ("olmoe", "norm_topk_prob", "true"),
        ("olmoe", "clip_qkv", "0.5"),
        ("qwen2_moe", "norm_topk_prob", "true"),
        ("qwen2_moe", "rms_norm_eps", "1e-3"),
        ("qwen3_moe", "norm_topk_prob", "false"),
        ("qwen3_moe", "num_experts_per_tok", "2"),
    ];
    for (family, key, value) in edits {
        let found = distance(family, &config_with(family, key, value), &file(family, "model.safetensors"));
        assert!(found > TOLERANCE, "{family} with {key} = {value}: {found:e}");
    }
}

/// The reference implementation reads the flag only for its sigmoid.
#[test]
fn the_softmax_of_cohere2_is_over_the_chosen_in_any_case() {
    let weights = file("cohere2_moe", "model.safetensors");
    let found = distance("cohere2_moe", &config_with("cohere2_moe", "norm_topk_prob", "false"), &weights);
    assert!(found <= TOLERANCE, "{found:e}");
}

#[test]
fn every_tensor_counts() {
    for family in FAMILIES {
        let (config, weights) = (file(family, "config.json"), file(family, "model.safetensors"));
        let file = safetensors::SafeTensors::deserialize(&weights).expect("a checkpoint");
        let mut names: Vec<_> = file.names().into_iter().filter(|name| !name.contains(".experts.")).collect();
        names.sort_unstable();
        for name in names {
            let found = distance(family, &config, &common::scaled(&weights, name, 1.5));
            assert!(found > TOLERANCE, "{family} with half of {name} half as large again: {found:e}");
        }
    }
}

#[test]
fn a_mask_is_the_absence_of_the_others() {
    let subsets: [&[usize]; 5] = [&[0, 1, 2, 3, 4, 5, 6, 7], &[0, 2, 3, 5, 6, 7], &[1, 4, 6], &[5, 2], &[3]];
    for family in FAMILIES {
        let (config, weights) = (file(family, "config.json"), file(family, "model.safetensors"));
        let (model, Expected { ids, .. }) = (model(family), &parity::expected(family)[2]);
        let whole = logits(&model, ids).into_raw_vec_and_offset().0;
        for subset in subsets {
            let mask = ExpertMask::only(subset.iter().copied());
            let masked = model.logits(ids, &mask).expect("experts are left").into_raw_vec_and_offset().0;
            let carved = carve(&config, &weights, subset).expect("a checkpoint");
            let carved = Model::read(&carved.config, &carved.weights).expect("still a checkpoint");
            let alone = logits(&carved, ids).into_raw_vec_and_offset().0;
            let difference = relative_difference(&masked, &alone);
            assert!(difference < 1e-12, "{family} {subset:?}: {difference:e}");
            let difference = relative_difference(&masked, &whole);
            assert_eq!(difference > TOLERANCE, subset.len() < 8, "{family} {subset:?}: {difference:e}");
        }
    }
}
