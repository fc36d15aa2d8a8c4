//! The tokenizer of the embedded model, with tokens that a test adds.

#![allow(dead_code, unreachable_pub, reason = "each file of tests uses a part of it")]

use serde_json::{Value, json};

const EMBEDDED: &str = include_str!("../../../embedded/model/tokenizer.json");

/// A token that a test adds: its spelling, whether it is special, and whether it takes the white space after
/// it.
pub type Added = (&'static str, bool, bool);

/// Returns the JSON of a tokenizer with more tokens, and the number of its tokens.
pub fn with_tokens(mut json: Value, added: &[Added]) -> (String, usize) {
    let mut next = json["model"]["vocab"].as_object().expect("a vocabulary").len();
    for (content, special, rstrip) in added {
        json["added_tokens"].as_array_mut().expect("a list").push(json!({
            "id": next, "content": content, "single_word": false, "lstrip": false, "rstrip": rstrip,
            "normalized": false, "special": special
        }));
        next += 1;
    }
    (json.to_string(), next)
}

/// Returns the tokenizer of the embedded model with more tokens, and the number of its tokens.
pub fn embedded(added: &[Added]) -> (String, usize) {
    with_tokens(serde_json::from_str(EMBEDDED).expect("JSON"), added)
}
