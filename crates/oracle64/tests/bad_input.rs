//! Refused input: the errors and their texts.

mod common;

use common::config_with;
use oracle64::{Error, ExpertMask, Model, carve};
use synthetic::parity::file;

#[test]
fn a_configuration_that_means_nothing_is_refused_by_its_key() {
    let cases = [
        ("mixtral", "model_type", "\"llama\"", "`llama` is not one of the six"),
        ("mixtral", "num_experts_per_tok", "9", "`num_experts_per_tok` is 9; expected at most the number"),
        ("mixtral", "num_experts_per_tok", "0", "`num_experts_per_tok` is 0; expected from 1"),
        (
            "mixtral",
            "hidden_size",
            "1099511627776",
            "`hidden_size` is 1099511627776; expected an integer up to",
        ),
        ("mixtral", "num_key_value_heads", "3", "`num_key_value_heads` is 3; expected a divisor"),
        ("mixtral", "rms_norm_eps", "null", "`rms_norm_eps` is missing"),
        ("mixtral", "rms_norm_eps", "-1", "`rms_norm_eps` is -1; expected a number above 0"),
        ("mixtral", "hidden_act", "\"gelu\"", "`hidden_act` is \"gelu\"; expected \"silu\""),
        ("mixtral", "vocab_size", "127", "tensor `model.embed_tokens.weight` has shape [128, 48]"),
        ("mixtral", "num_hidden_layers", "5", "has no tensor `model.layers.4.input_layernorm.weight`"),
        ("mixtral", "num_hidden_layers", "3", "is in the checkpoint but the configuration"),
        ("mixtral", "tie_word_embeddings", "true", "`lm_head.weight` is in the checkpoint but"),
        ("mixtral", "rope_parameters", r#"{"rope_type": "dynamic", "rope_theta": 1e4}"#, "type `dynamic`"),
        ("mixtral", "rope_parameters", r#"{"rope_type": "longrope", "rope_theta": 1e4}"#, "type `longrope`"),
        ("gpt_oss", "head_dim", "15", "`head_dim` is 15; expected even"),
        ("gpt_oss", "layer_types", r#"["full_attention"]"#, "expected a known kind for each layer"),
        ("gpt_oss", "attention_bias", "false", ".bias` is in the checkpoint but"),
        ("cohere2_moe", "expert_selection_fn", "\"tanh\"", "expected \"softmax\" or \"sigmoid\""),
        ("qwen2_moe", "qkv_bias", "1", "`qkv_bias` is 1; expected true or false"),
    ];
    for (family, key, value, words) in cases {
        let read = Model::read(&config_with(family, key, value), &file(family, "model.safetensors"));
        let error = read.expect_err(value).to_string();
        assert!(error.contains(words), "{family} with {key} = {value}: {error}");
    }
}

#[test]
fn bytes_that_are_no_checkpoint_are_refused() {
    let (config, weights) = (file("olmoe", "config.json"), file("olmoe", "model.safetensors"));
    assert!(matches!(Model::read(b"[]", &weights), Err(Error::Json(_))));
    for length in [0, 7, 8, 100, weights.len() - 1] {
        assert!(matches!(Model::read(&config, &weights[..length]), Err(Error::File(_))), "{length} bytes");
    }
    let infinite = common::scaled(&weights, "model.norm.weight", f32::INFINITY);
    assert!(
        matches!(Model::read(&config, &infinite), Err(Error::Weight(name)) if name == "model.norm.weight")
    );
}

#[test]
fn tokens_and_masks_outside_the_model_are_refused() {
    let (config, weights) = (file("olmoe", "config.json"), file("olmoe", "model.safetensors"));
    let model = Model::read(&config, &weights).expect("a fixture");
    let all = ExpertMask::all();
    assert_eq!(model.logits(&[], &all).expect("nothing asked").dim(), (0, 128));
    assert!(matches!(model.logits(&[5, 128], &all), Err(Error::Token { position: 1, id: 128, vocab: 128 })));
    let none = model.logits(&[5], &ExpertMask::only([]));
    assert!(matches!(none, Err(Error::NoExpertLeft)));
    let stranger = model.logits(&[5], &ExpertMask::only([0, 8]));
    assert!(matches!(stranger, Err(Error::Expert { expert: 8, experts: 8 })));
    assert!(matches!(carve(&config, &weights, &[]), Err(Error::NoExpertLeft)));
    assert!(matches!(carve(&config, &weights, &[8]), Err(Error::Expert { expert: 8, experts: 8 })));
    assert!(matches!(carve(&config, b"", &[1]), Err(Error::File(_))));
}
