//! The defaults of generation in a checkpoint: read and checked, and keys that are not applied are named.

use proposer::{GenerationDefaults, GenerationDefaultsError};
use serde_json::{Value, json};

fn read(json: &Value) -> Result<GenerationDefaults, GenerationDefaultsError> {
    GenerationDefaults::from_json(json.to_string().as_bytes())
}

#[test]
fn what_is_said_is_read_and_what_is_not_known_is_ignored() {
    assert_eq!(read(&json!({})).expect("nothing"), GenerationDefaults::default());
    let all = json!({
        "do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "min_p": 0, "max_new_tokens": 64,
        "eos_token_id": [7, 9], "pad_token_id": 0, "transformers_version": "5.0", "use_cache": true
    });
    let expected = GenerationDefaults {
        end_tokens: Some(vec![7, 9]),
        do_sample: Some(true),
        temperature: Some(0.6),
        top_k: Some(20),
        top_p: Some(0.95),
        min_p: Some(0.0),
        max_new_tokens: Some(64),
        not_applied: Vec::new(),
    };
    assert_eq!(read(&all).expect("all of it"), expected);
    let one = read(&json!({"eos_token_id": 3, "top_k": 0, "top_p": null})).expect("readable");
    assert_eq!((one.end_tokens, one.top_k, one.top_p), (Some(vec![3]), None, None));
}

#[test]
fn tokens_are_drawn_only_where_the_file_asks_for_it() {
    let cases = [
        (json!({}), 0.0),
        (json!({"temperature": 0.6}), 0.0),
        (json!({"do_sample": false, "temperature": 0.6}), 0.0),
        (json!({"do_sample": true}), 1.0),
        (json!({"do_sample": true, "temperature": 0.6}), 0.6),
        (json!({"do_sample": true, "temperature": 0}), 0.0),
    ];
    for (json, temperature) in cases {
        assert_eq!(read(&json).expect("readable").stated_temperature(), temperature, "{json}");
    }
}

#[test]
fn what_would_change_decoding_is_named() {
    let inert = json!({
        "repetition_penalty": 1.0, "num_beams": 1, "no_repeat_ngram_size": 0, "bad_words_ids": null,
        "suppress_tokens": [], "sequence_bias": {}, "watermarking_config": null, "forced_eos_token_id": null
    });
    assert_eq!(read(&inert).expect("readable").not_applied, []);
    let alive =
        json!({"repetition_penalty": 1.05, "num_beams": 4, "suppress_tokens": [5], "stop_strings": "x"});
    let not_applied = read(&alive).expect("readable").not_applied;
    let not_applied: Vec<(&str, &str)> = not_applied.iter().map(|(key, value)| (*key, &**value)).collect();
    let expected = [
        ("num_beams", "4"),
        ("repetition_penalty", "1.05"),
        ("stop_strings", "\"x\""),
        ("suppress_tokens", "[5]"),
    ];
    assert_eq!(not_applied, expected);
}

#[test]
fn a_value_of_sampling_that_is_out_of_range_is_not_applied() {
    let odd = [
        json!({"do_sample": 1}),
        json!({"temperature": -0.1}),
        json!({"temperature": "hot"}),
        json!({"top_k": 2.5}),
        json!({"top_k": -1}),
        json!({"top_p": 0}),
        json!({"top_p": 1.01}),
        json!({"min_p": -0.5}),
        json!({"max_new_tokens": 0}),
        json!({"max_new_tokens": null, "top_k": "50"}),
    ];
    for json in odd {
        let defaults = read(&json).expect("such a file stops nothing");
        let (key, value) =
            json.as_object().expect("an object").iter().rfind(|(_, value)| !value.is_null()).expect("a key");
        assert_eq!(
            defaults,
            GenerationDefaults { not_applied: defaults.not_applied.clone(), ..Default::default() }
        );
        let not_applied: Vec<(&str, &str)> =
            defaults.not_applied.iter().map(|(key, value)| (*key, &**value)).collect();
        assert_eq!(not_applied, [(key.as_str(), value.to_string().as_str())]);
    }
}

#[test]
fn end_tokens_of_the_wrong_kind_are_refused_by_name() {
    for found in [json!("</s>"), json!([1, -1]), json!(4_294_967_296_u64), json!({}), json!([[1]])] {
        let refusal = read(&json!({"eos_token_id": found})).expect_err("refused");
        let named = matches!(&refusal, GenerationDefaultsError::Value { key: "eos_token_id", found: shown, .. }
            if serde_json::from_str::<Value>(shown).ok().as_ref() == Some(&found));
        assert!(named, "{refusal}");
    }
    for bytes in [&b""[..], b"[]", b"{\"top_k\": 1"] {
        let refusal = GenerationDefaults::from_json(bytes).expect_err("no object");
        assert!(matches!(refusal, GenerationDefaultsError::NotAnObject { .. }), "{refusal}");
    }
}
