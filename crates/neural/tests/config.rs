//! Reading a `config.json`: the accepted values, and every reason for a refusal.
//!
//! Each refused file is the accepted one with one key changed, and the words must name that key, the value
//! found and what to do.

use neural::{
    Activation, Block, Combine, Family, HeadNorm, LayerConfig, MlpConfig, ModelConfig, NormKind, RopeScaling,
    Scores,
};
use serde_json::{Map, Value, json};

fn accepted() -> Map<String, Value> {
    let config = json!({
        "model_type": "cohere2_moe", "hidden_act": "silu", "hidden_size": 48, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 16, "num_hidden_layers": 3, "vocab_size": 128,
        "max_position_embeddings": 512, "layer_norm_eps": 1e-5, "rms_norm_eps": null, "logit_scale": 0.25,
        "expert_selection_fn": "softmax", "num_experts": 8, "num_experts_per_tok": 3, "norm_topk_prob": true,
        "num_shared_experts": 0, "shared_expert_combination_strategy": "average", "intermediate_size": 32,
        "prefix_dense_intermediate_size": 96, "prefix_dense_sliding_window_pattern": 1, "sliding_window": 16,
        "layer_types": ["full_attention", "sliding_attention", "full_attention"],
        "mlp_layer_types": ["dense", "sparse", "sparse"], "eos_token_id": 2,
        "rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"}, "tie_word_embeddings": true,
    });
    config.as_object().expect("an object").clone()
}

fn parse(config: &Map<String, Value>) -> Result<ModelConfig, neural::ConfigError> {
    ModelConfig::from_json(Value::Object(config.clone()).to_string().as_bytes())
}

#[test]
fn layers_resolve_window_rotation_and_width() {
    let config = parse(&accepted()).expect("the accepted configuration");
    let layer = |window, rotate, mlp| LayerConfig { window, rotate, mlp };
    let expected = [
        layer(None, true, MlpConfig::Dense { width: 96 }),
        layer(Some(16), true, MlpConfig::Sparse { width: 32 }),
        layer(None, false, MlpConfig::Sparse { width: 32 }),
    ];
    assert_eq!(config.layers, expected);
    assert_eq!(config.norm.kind, NormKind::Layer);
    assert_eq!((config.shared, config.end_tokens.as_slice()), (None, &[2][..]));
}

#[test]
fn absent_keys_take_the_defaults_of_the_family() {
    let mut config = accepted();
    for key in ["layer_types", "mlp_layer_types", "head_dim", "num_key_value_heads", "eos_token_id"] {
        config.remove(key);
    }
    config.insert("sliding_window_pattern".to_owned(), json!(3));
    let config = parse(&config).expect("defaults");
    let windows: Vec<_> = config.layers.iter().map(|layer| layer.window).collect();
    assert_eq!(windows, [Some(16), Some(16), None]);
    assert_eq!((config.attention.head_dim, config.attention.kv_heads), (12, 4));
    assert!(config.end_tokens.is_empty());
    assert!(config.router.renormalise);
}

/// The prefix has a period of its own, the sparse layers are counted from its end, and the flag for
/// renormalisation means nothing to a softmax: so does the reference implementation of the family.
#[test]
fn patterns_of_cohere2_layers() {
    let layers = |first: usize, prefix_period: usize| {
        let mut config = accepted();
        config.remove("layer_types");
        config.remove("mlp_layer_types");
        config.insert("num_hidden_layers".to_owned(), json!(6));
        config.insert("first_k_dense_replace".to_owned(), json!(first));
        config.insert("sliding_window_pattern".to_owned(), json!(3));
        config.insert("prefix_dense_sliding_window_pattern".to_owned(), json!(prefix_period));
        config.insert("norm_topk_prob".to_owned(), json!(false));
        let config = parse(&config).expect("a configuration");
        assert!(config.router.renormalise);
        let sees = |layer: &LayerConfig| (layer.window.is_some(), layer.rotate);
        config.layers.iter().map(sees).collect::<Vec<_>>()
    };
    let (near, far, forced) = ((true, true), (false, false), (false, true));
    assert_eq!(layers(0, 1), [near, near, far, near, near, far]);
    assert_eq!(layers(2, 1), [forced, forced, near, near, far, near]);
    assert_eq!(layers(3, 2), [near, far, near, near, near, far]);
}

/// Sets `key` to `value` and checks that the refusal says each of `words`.
fn refused(key: &str, value: Value, words: &[&str]) {
    let mut config = accepted();
    config.insert(key.to_owned(), value.clone());
    let said = match parse(&config) {
        Ok(_) => panic!("{key} = {value} is accepted"),
        Err(error) => error.to_string(),
    };
    assert!(words.iter().all(|word| said.contains(word)), "{key} = {value}: {said}");
}

#[test]
fn variants_that_are_not_computed_are_refused_by_key() {
    let serve = "serve";
    refused("model_type", json!("llama"), &["model_type", "\"llama\"", "mixtral", "gpt_oss", serve]);
    refused("hidden_act", json!("gelu"), &["hidden_act", "\"gelu\"", "silu"]);
    refused("attention_bias", json!(true), &["attention_bias", "true", serve]);
    refused("use_qk_norm", json!(true), &["use_qk_norm", "true", serve]);
    refused("use_parallel_block", json!(false), &["use_parallel_block", "false", serve]);
    refused("expert_selection_fn", json!("topk"), &["expert_selection_fn", "topk", "sigmoid"]);
    refused("layer_types", json!(["full_attention", "linear", "full_attention"]), &["layer_types", "linear"]);
}

#[test]
fn quantised_weights_are_refused_by_method() {
    for (stated, words) in [
        (
            json!({"quant_method": "gptq", "bits": 4, "group_size": 128}),
            &["\"gptq\"", "to 4 bits", "bf16"][..],
        ),
        (json!({"quant_method": "awq", "bits": 4}), &["\"awq\"", "bf16"]),
        (json!({"quant_method": "mxfp4", "modules_to_not_convert": []}), &["\"mxfp4\"", "Mxfp4Config"]),
        (json!({"quant_method": "fp8", "weight_block_size": [128, 128]}), &["\"fp8\"", "dequantize"]),
        (json!({"load_in_4bit": true, "bnb_4bit_quant_type": "nf4"}), &["\"bitsandbytes\"", "dequantize"]),
        (
            json!({"quant_method": "compressed-tensors", "format": "int-quantized"}),
            &["\"compressed-tensors\""],
        ),
        (json!({"group_size": 64}), &["not named"]),
        (json!("int8"), &["not named"]),
    ] {
        for key in ["quantization_config", "compression_config"] {
            refused(key, stated.clone(), &[&[key, "quantised", "serve"], words].concat());
        }
    }
    for nothing in [json!(null), json!({})] {
        let mut config = accepted();
        config.insert("quantization_config".to_owned(), nothing.clone());
        assert!(parse(&config).is_ok(), "{nothing}");
    }
}

#[test]
fn rope_types_are_refused_by_name() {
    for name in ["dynamic", "longrope"] {
        let words = [name, "length", "serve"];
        refused("rope_parameters", json!({"rope_theta": 1e4, "rope_type": name}), &words);
        refused("rope_scaling", json!({"type": name, "factor": 2.0}), &words);
    }
    refused(
        "rope_scaling",
        json!({"rope_type": "ntk", "factor": 2.0}),
        &["rope_type", "ntk", "yarn", "serve"],
    );
    let original = "original_max_position_embeddings";
    refused("rope_scaling", json!({"rope_type": "yarn", "factor": 2.0}), &[original, "missing"]);
    refused("rope_scaling", json!({"rope_type": "linear"}), &["factor", "missing"]);
    refused("rope_scaling", json!({"rope_type": "linear", "factor": 0}), &["factor", "above 0"]);
    let llama = json!({"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4,
        original: 8192});
    refused("rope_scaling", llama, &["low_freq_factor", "below", "high_freq_factor"]);
    let yarn = json!({"rope_type": "yarn", "factor": 2.0, original: 64, "truncate": 1});
    refused("rope_scaling", yarn, &["truncate", "true or false"]);
    refused("rope_scaling", json!({"partial_rotary_factor": 0.5}), &["partial_rotary_factor", "0.5"]);
    refused(
        "rope_parameters",
        json!({"full_attention": {"rope_theta": 1e4}}),
        &["rope_parameters", "one rope"],
    );
    refused("rope_theta", json!(5000.0), &["rope_theta", "5000", "10000"]);
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    refused("num_key_value_heads", json!(3), &["num_key_value_heads", "3", "divide", "4"]);
    refused("head_dim", json!(15), &["head_dim", "15", "even"]);
    refused("num_experts_per_tok", json!(9), &["num_experts_per_tok", "9", "8"]);
    refused("mlp_layer_types", json!(["dense", "sparse"]), &["mlp_layer_types", "2", "3"]);
    refused("mlp_layer_types", json!(["sparse", "dense", "sparse"]), &["mlp_layer_types", "dense", "first"]);
    refused("first_k_dense_replace", json!(2), &["first_k_dense_replace", "2", "1"]);
    refused("eos_token_id", json!([2, 128]), &["eos_token_id", "128", "vocab_size"]);
    refused("num_hidden_layers", json!(100_000), &["num_hidden_layers", "100000", "1024"]);
}

#[test]
fn malformed_values_are_refused() {
    refused("hidden_size", json!(0), &["hidden_size", "0", "positive"]);
    refused("hidden_size", json!(-48), &["hidden_size", "-48", "positive"]);
    refused("hidden_size", json!(1u64 << 40), &["hidden_size", "2^24"]);
    refused("vocab_size", json!("many"), &["vocab_size", "\"many\""]);
    refused("vocab_size", Value::Null, &["vocab_size", "missing"]);
    refused("logit_scale", json!(0.0), &["logit_scale", "above 0"]);
    refused("norm_topk_prob", json!(1), &["norm_topk_prob", "true or false"]);
    refused("eos_token_id", json!("end"), &["eos_token_id", "\"end\""]);
    refused("layer_types", json!("full_attention"), &["layer_types", "list of strings"]);
}

#[test]
fn what_is_not_an_object_is_refused() {
    for bytes in [&b""[..], b"[]", b"{\"model_type\": ", b"\xff\xfe", b"null"] {
        let said = ModelConfig::from_json(bytes).expect_err("no configuration").to_string();
        assert!(said.contains("not a JSON object"), "{said}");
    }
}

/// Reads a configuration of one of the families with sequential blocks, with the keys `more` in it.
fn sequential(family: &str, more: Value) -> Result<ModelConfig, neural::ConfigError> {
    let mut config = json!({
        "model_type": family, "hidden_act": "silu", "hidden_size": 48, "num_attention_heads": 4,
        "num_key_value_heads": 2, "num_hidden_layers": 4, "vocab_size": 128, "max_position_embeddings": 512,
        "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "num_experts": 8, "num_experts_per_tok": 2,
        "intermediate_size": 64, "moe_intermediate_size": 32, "shared_expert_intermediate_size": 80,
        "eos_token_id": 2, "sliding_window": 16,
    });
    let object = config.as_object_mut().expect("an object");
    object.extend(more.as_object().expect("an object").clone());
    object.retain(|_, value| !value.is_null());
    ModelConfig::from_json(config.to_string().as_bytes())
}

fn windows(config: &ModelConfig) -> Vec<Option<usize>> {
    config.layers.iter().map(|layer| layer.window).collect()
}

#[test]
fn a_family_is_a_function_from_keys_to_data() {
    let none = || json!({});
    let mixtral = sequential("mixtral", none()).expect("a configuration");
    assert_eq!((mixtral.family, mixtral.block), (Family::Mixtral, Block::Sequential));
    assert!(mixtral.router.renormalise && mixtral.shared.is_none() && !mixtral.head.tied);
    assert_eq!(windows(&mixtral), [Some(16); 4]);
    assert_eq!(windows(&sequential("mixtral", json!({"sliding_window": null})).expect("none")), [None; 4]);

    let olmoe = sequential("olmoe", json!({"clip_qkv": 8.0})).expect("a configuration");
    assert_eq!((olmoe.attention.norm, olmoe.attention.clip), (Some(HeadNorm::Whole), Some(8.0)));
    assert!(!olmoe.router.renormalise);

    let qwen2 = sequential("qwen2_moe", none()).expect("a configuration");
    assert!(qwen2.attention.bias && !qwen2.attention.output_bias);
    assert_eq!(qwen2.shared.map(|shared| (shared.width, shared.combine)), Some((80, Combine::Gated)));
    assert_eq!(windows(&qwen2), [None; 4]);
    let sliding = json!({"use_sliding_window": true, "max_window_layers": 3, "decoder_sparse_step": 2,
        "mlp_only_layers": [3], "tie_word_embeddings": true});
    let qwen2 = sequential("qwen2_moe", sliding).expect("a configuration");
    assert_eq!(windows(&qwen2), [Some(16), None, Some(16), None]);
    let (dense, sparse) = (MlpConfig::Dense { width: 64 }, MlpConfig::Sparse { width: 32 });
    let parts: Vec<MlpConfig> = qwen2.layers.iter().map(|layer| layer.mlp).collect();
    assert_eq!((parts, qwen2.head.tied), (vec![dense, sparse, dense, dense], true));

    let qwen3 = sequential("qwen3_moe", json!({"use_sliding_window": true, "attention_bias": true}));
    let qwen3 = qwen3.expect("a configuration");
    assert_eq!((qwen3.attention.norm, qwen3.attention.output_bias), (Some(HeadNorm::Each), true));
    assert_eq!(windows(&qwen3), [Some(16); 4]);

    let gpt_oss = sequential("gpt_oss", none()).expect("a configuration");
    assert_eq!(windows(&gpt_oss), [Some(16), None, Some(16), None]);
    assert_eq!(gpt_oss.activation, Activation::Clamped { alpha: 1.702, limit: 7.0 });
    assert_eq!((gpt_oss.router.scores, gpt_oss.router.bias), (Scores::SoftmaxOfChosen, true));
    assert!(gpt_oss.attention.sinks && gpt_oss.attention.bias);
}

#[test]
fn rope_scalings_are_read_from_either_key() {
    let original = "original_max_position_embeddings";
    for key in ["rope_parameters", "rope_scaling"] {
        let scaling =
            |object: Value| sequential("mixtral", json!({ key: object })).expect("a rope").rope.scaling;
        assert_eq!(scaling(json!({"rope_type": "default"})), RopeScaling::None);
        assert_eq!(scaling(json!({"type": "linear", "factor": 2})), RopeScaling::Linear { factor: 2.0 });
        let llama = json!({"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
            original: 8192});
        let expected = RopeScaling::Llama3 { factor: 8.0, low: 1.0, high: 4.0, original: 8192.0 };
        assert_eq!(scaling(llama), expected);
        let yarn = |more: Value| {
            let mut object = json!({"rope_type": "yarn", "factor": 32.0, original: 4096});
            object.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            match scaling(object) {
                RopeScaling::Yarn(yarn) => yarn,
                other => panic!("{other:?}"),
            }
        };
        let plain = yarn(json!({}));
        assert!((plain.magnitude - 1.346_573_590_279_973).abs() < 1e-12, "{plain:?}");
        assert_eq!((plain.fast, plain.slow, plain.truncate), (32.0, 1.0, true));
        assert_eq!(yarn(json!({"attention_factor": 1.0, "truncate": false})).magnitude, 1.0);
        assert_eq!(yarn(json!({"mscale": 1.0, "mscale_all_dim": 1.0})).magnitude, 1.0);
    }
}

#[test]
fn a_family_s_own_keys_are_refused_by_name() {
    let refused = |family: &str, more: Value, words: &[&str]| {
        let said = match sequential(family, more.clone()) {
            Ok(_) => panic!("{family} with {more} is accepted"),
            Err(error) => error.to_string(),
        };
        assert!(words.iter().all(|word| said.contains(word)), "{family} with {more}: {said}");
    };
    refused("mixtral", json!({"hidden_act": "gelu"}), &["hidden_act", "gelu"]);
    refused("mixtral", json!({"num_experts": null}), &["num_local_experts", "missing"]);
    refused("olmoe", json!({"clip_qkv": -1.0}), &["clip_qkv", "above 0"]);
    refused("qwen2_moe", json!({"shared_expert_intermediate_size": null}), &["shared_expert", "missing"]);
    refused("qwen2_moe", json!({"mlp_only_layers": [-1]}), &["mlp_only_layers", "[-1]"]);
    refused("qwen3_moe", json!({"decoder_sparse_step": 0}), &["decoder_sparse_step", "positive"]);
    refused("gpt_oss", json!({"layer_types": ["full_attention"]}), &["layer_types", "list of 1"]);
    refused("gpt_oss", json!({"sliding_window": null}), &["sliding_window", "missing"]);
    refused("gpt_oss", json!({"swiglu_limit": 0}), &["swiglu_limit", "above 0"]);
}
