//! A small model on the plain backend, a vocabulary of bytes and longer tokens, and a schema.

#![allow(dead_code, reason = "each test uses a part")]

use std::sync::Arc;

use constrain::{CompiledSchema, Vocabulary};
use neural::abi::Stop;
use neural::{Ended, GenerateSpec, Generation, Model, PlainBackend, Sampler, SamplingSpec};
use serde_json::Value;
use synthetic::{ODD, Shape};
use text::TokenBytes;

pub(crate) const SHAPE: Shape = Shape { vocab: 300, positions: 2048, ..ODD };
/// The token that ends an answer; it has no bytes.
pub(crate) const END: u32 = 256;
pub(crate) const SCHEMA: &str = r#"{"type": "object", "required": ["a", "b"], "additionalProperties": {"type": "boolean"},
    "properties": {"a": {"type": "integer", "minimum": -5, "maximum": 120},
        "b": {"type": "array", "maxItems": 3, "items": {"enum": ["x", "yy", null]}}}}"#;
/// Tokens of several bytes, which begin and end in the middle of the tokens of JSON.
pub(crate) const LONG: [&str; 10] =
    ["{\"", "\":", "\", \"", "ab", "\"a", "], \"", "}}", "12", "true", ": \""];

pub(crate) fn model(seed: u64) -> Arc<Model<PlainBackend>> {
    let files = SHAPE.checkpoint(seed);
    Arc::new(Model::load(&files.config, &files.shards[0], PlainBackend).expect("a sound checkpoint"))
}

pub(crate) fn bytes() -> Vec<Vec<u8>> {
    let mut bytes: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
    bytes.push(Vec::new());
    bytes.extend(LONG.map(|text| text.as_bytes().to_vec()));
    bytes
}

pub(crate) fn compiled(bytes: Vec<Vec<u8>>, schema: &str) -> Arc<CompiledSchema> {
    let vocabulary = Vocabulary::new(&TokenBytes::new(bytes), &[END], SHAPE.vocab).expect("a vocabulary");
    CompiledSchema::compile(schema, &vocabulary).expect("a schema")
}

/// Returns a sampler that draws at temperature 1.
pub(crate) fn drawing(seed: u64) -> Sampler {
    let spec = SamplingSpec { temperature: 1.0, top_k: None, top_p: None, min_p: None, seed, stream: 0 };
    Sampler::new(spec).expect("within the ranges")
}

pub(crate) fn text(generation: &Generation) -> Vec<u8> {
    let bytes = bytes();
    generation.tokens.iter().flat_map(|token| bytes[token.id as usize].clone()).collect()
}

/// Returns true if the generation ended by itself with a document of [`SCHEMA`], read by hand.
pub(crate) fn is_document(generation: &Generation) -> bool {
    let Ok(Value::Object(map)) = serde_json::from_slice::<Value>(&text(generation)) else { return false };
    let a =
        map.get("a").and_then(Value::as_f64).is_some_and(|a| a.fract() == 0.0 && (-5.0..=120.0).contains(&a));
    let item = |item: &Value| item.is_null() || matches!(item.as_str(), Some("x" | "yy"));
    let b = map.get("b").and_then(Value::as_array).is_some_and(|b| b.len() <= 3 && b.iter().all(item));
    let mut others = map.iter().filter(|(key, _)| !matches!(key.as_str(), "a" | "b"));
    generation.ended == Ended::Stop(Stop::End) && a && b && others.all(|(_, value)| value.is_boolean())
}

pub(crate) fn spec(prompt: &[u32]) -> GenerateSpec<'_> {
    GenerateSpec { prompt, max_new: 1200, end_tokens: &[END] }
}
