//! The defaults of generation in a checkpoint's `generation_config.json`.

use serde_json::{Map, Value};
use thiserror::Error;

/// The keys that would change a generation and that this crate does not apply, each with the number at which
/// the key has no effect. A key that is absent, null, false or an empty list has no effect either.
const NOT_APPLIED: [(&str, Option<f64>); 26] = [
    ("bad_words_ids", None),
    ("begin_suppress_tokens", None),
    ("constraints", None),
    ("diversity_penalty", Some(0.0)),
    ("dola_layers", None),
    ("encoder_no_repeat_ngram_size", Some(0.0)),
    ("encoder_repetition_penalty", Some(1.0)),
    ("epsilon_cutoff", Some(0.0)),
    ("eta_cutoff", Some(0.0)),
    ("exponential_decay_length_penalty", None),
    ("force_words_ids", None),
    ("forced_bos_token_id", None),
    ("forced_eos_token_id", None),
    ("guidance_scale", Some(1.0)),
    ("min_length", Some(0.0)),
    ("min_new_tokens", Some(0.0)),
    ("no_repeat_ngram_size", Some(0.0)),
    ("num_beams", Some(1.0)),
    ("num_return_sequences", Some(1.0)),
    ("penalty_alpha", Some(0.0)),
    ("repetition_penalty", Some(1.0)),
    ("sequence_bias", None),
    ("stop_strings", None),
    ("suppress_tokens", None),
    ("typical_p", Some(1.0)),
    ("watermarking_config", None),
];

/// The checked content of a `generation_config.json`. A field is `None` if the file does not have its key;
/// unknown keys of the file are ignored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GenerationDefaults {
    /// The ids of the tokens that end an answer.
    pub end_tokens: Option<Vec<u32>>,
    /// True if tokens are drawn at random, false if each is the likeliest.
    pub do_sample: Option<bool>,
    /// The temperature, by which logits are divided before a token is drawn; at least 0 and finite.
    pub temperature: Option<f64>,
    /// The number of likeliest tokens among which one is drawn, at least 1. A 0 in the file is read as
    /// `None`.
    pub top_k: Option<usize>,
    /// The share of the probability that the likeliest tokens, among which one is drawn, have together; above
    /// 0, at most 1.
    pub top_p: Option<f64>,
    /// The least probability of a token that may be drawn, as a share of the likeliest token's, from 0 to 1.
    pub min_p: Option<f64>,
    /// The largest number of new tokens, at least 1.
    pub max_new_tokens: Option<usize>,
    /// The keys that would change a generation and that are not applied, with their values in JSON: those
    /// that this crate does not know, and those whose value is out of range, for example a `top_k` of -1.
    pub not_applied: Vec<(&'static str, String)>,
}

/// The reason why the `generation_config.json` of a model folder is refused.
#[derive(Debug, Error)]
pub enum GenerationDefaultsError {
    /// The file is not a JSON object, or not JSON at all.
    #[error("it is not a JSON object{}", source.as_ref().map(|source| format!(": {source}")).unwrap_or_default())]
    NotAnObject {
        /// The error of the JSON parser. None if the file is JSON of another kind.
        source: Option<serde_json::Error>,
    },
    /// The value of a key is of the wrong kind or out of range.
    #[error("`{key}` is {found} and must be {wanted}")]
    Value {
        /// The name of the key.
        key: &'static str,
        /// The value that the file has for the key, in JSON.
        found: String,
        /// The values that are allowed for the key, in words.
        wanted: &'static str,
    },
}

impl GenerationDefaults {
    /// Reads and checks the bytes of a `generation_config.json`, as they are in the folder. A value of the
    /// sampling that is out of range is not applied, because a greedy answer does not need it.
    ///
    /// # Errors
    /// [`GenerationDefaultsError`] if the file is no JSON object, or if `eos_token_id` is no list of token
    /// ids: without the tokens that end an answer no answer ends where it should.
    pub fn from_json(json: &[u8]) -> Result<Self, GenerationDefaultsError> {
        let value: Value = serde_json::from_slice(json)
            .map_err(|source| GenerationDefaultsError::NotAnObject { source: Some(source) })?;
        let object = value.as_object().ok_or(GenerationDefaultsError::NotAnObject { source: None })?;
        let mut keys = Keys { object, not_applied: not_known(object) };
        let end_tokens = keys.end_tokens()?;
        let top_k = keys.get("top_k", whole);
        Ok(Self {
            end_tokens,
            do_sample: keys.get("do_sample", Value::as_bool),
            temperature: keys.number("temperature", |temperature| temperature >= 0.0),
            top_k: top_k.filter(|kept| *kept > 0),
            top_p: keys.number("top_p", |share| share > 0.0 && share <= 1.0),
            min_p: keys.number("min_p", |share| (0.0..=1.0).contains(&share)),
            max_new_tokens: keys.get("max_new_tokens", |found| whole(found).filter(|most| *most > 0)),
            not_applied: keys.not_applied,
        })
    }

    /// Returns the temperature that the file asks for. If `do_sample` is true, that is its temperature, or 1
    /// if it states none. Otherwise the temperature is 0: each token is the likeliest.
    #[must_use]
    pub fn stated_temperature(&self) -> f64 {
        match self.do_sample {
            Some(true) => self.temperature.unwrap_or(1.0),
            Some(false) | None => 0.0,
        }
    }
}

/// The object of the file, and the keys of it that are not applied.
struct Keys<'a> {
    object: &'a Map<String, Value>,
    not_applied: Vec<(&'static str, String)>,
}

impl<'a> Keys<'a> {
    fn stated(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|found| !found.is_null())
    }

    /// Returns the value of a key as `read` reads it. A value that cannot be read is not applied.
    fn get<T>(&mut self, key: &'static str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let found = self.stated(key)?;
        let value = read(found);
        if value.is_none() {
            self.not_applied.push((key, found.to_string()));
        }
        value
    }

    fn number(&mut self, key: &'static str, allowed: impl Fn(f64) -> bool) -> Option<f64> {
        self.get(key, |found| found.as_f64().filter(|number| allowed(*number)))
    }

    fn end_tokens(&self) -> Result<Option<Vec<u32>>, GenerationDefaultsError> {
        let (key, wanted) = ("eos_token_id", "a token id or a list of them");
        let Some(found) = self.stated(key) else { return Ok(None) };
        let wrong = || GenerationDefaultsError::Value { key, found: found.to_string(), wanted };
        ids(found).map(Some).ok_or_else(wrong)
    }
}

/// Returns the keys that would change a generation and that this crate does not know.
fn not_known(object: &Map<String, Value>) -> Vec<(&'static str, String)> {
    let stated = NOT_APPLIED.iter().filter_map(|(key, neutral)| {
        let value = object.get(*key)?;
        let inert = match value {
            Value::Null | Value::Bool(false) => true,
            Value::Number(number) => neutral.is_some() && number.as_f64() == *neutral,
            Value::Array(items) => items.is_empty(),
            Value::Object(items) => items.is_empty(),
            Value::Bool(true) | Value::String(_) => false,
        };
        (!inert).then(|| (*key, value.to_string()))
    });
    stated.collect()
}

fn whole(value: &Value) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok()
}

fn ids(value: &Value) -> Option<Vec<u32>> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().map(|id| u32::try_from(id.as_u64()?).ok()).collect()
}
