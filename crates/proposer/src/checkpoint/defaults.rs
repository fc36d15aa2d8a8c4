//! The defaults of generation that a checkpoint comes with.

use serde_json::{Map, Value};
use thiserror::Error;

/// Keys that would change a generation and that are not applied, each with the number at which the key changes
/// nothing. An absent key, null, false and an empty list change nothing either.
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

/// The checked content of a `generation_config.json`. An absent key is `None`; a key that is not known here is ignored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GenerationDefaults {
    /// Ids that end an answer.
    pub end_tokens: Option<Vec<u32>>,
    /// True if tokens are drawn, false if each is the likeliest.
    pub do_sample: Option<bool>,
    /// Divides the logits before a token is drawn; at least 0 and finite.
    pub temperature: Option<f64>,
    /// The number of likeliest tokens that are drawn from, at least 1. A 0 in the file is `None`.
    pub top_k: Option<usize>,
    /// The share of the mass of the likeliest tokens that are drawn from, in (0, 1].
    pub top_p: Option<f64>,
    /// The least probability of a token that is drawn, as a share of the likeliest one's, in [0, 1].
    pub min_p: Option<f64>,
    /// The most new tokens, at least 1.
    pub max_new_tokens: Option<usize>,
    /// Keys that would change a generation and are not applied, with their values.
    pub not_applied: Vec<(&'static str, String)>,
}

/// The reason why the defaults of a checkpoint are refused.
#[derive(Debug, Error)]
pub enum GenerationDefaultsError {
    /// The file is not a JSON object.
    #[error("it is not a JSON object{}", source.as_ref().map(|source| format!(": {source}")).unwrap_or_default())]
    NotAnObject {
        /// The parser's error, if the file was not JSON at all.
        source: Option<serde_json::Error>,
    },
    /// A value is of the wrong kind or out of its range.
    #[error("`{key}` is {found} and must be {wanted}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value, in JSON.
        found: String,
        /// The values that are allowed.
        wanted: &'static str,
    },
}

impl GenerationDefaults {
    /// Reads and checks the bytes of a `generation_config.json`, as they are in the folder.
    ///
    /// # Errors
    /// [`GenerationDefaultsError`] names the key whose value is of the wrong kind or out of range.
    pub fn from_json(json: &[u8]) -> Result<Self, GenerationDefaultsError> {
        let value: Value = serde_json::from_slice(json)
            .map_err(|source| GenerationDefaultsError::NotAnObject { source: Some(source) })?;
        let object = value.as_object().ok_or(GenerationDefaultsError::NotAnObject { source: None })?;
        let keys = Keys { object };
        let top_k = keys.get("top_k", "a whole number, 0 for all tokens", whole)?;
        Ok(Self {
            end_tokens: keys.get("eos_token_id", "a token id or a list of them", ids)?,
            do_sample: keys.get("do_sample", "true or false", Value::as_bool)?,
            temperature: keys.number("temperature", "a finite number of at least 0", |t| t >= 0.0)?,
            top_k: top_k.filter(|kept| *kept > 0),
            top_p: keys.number("top_p", "above 0 and at most 1", |share| share > 0.0 && share <= 1.0)?,
            min_p: keys.number("min_p", "from 0 to 1", |share| (0.0..=1.0).contains(&share))?,
            max_new_tokens: keys.get("max_new_tokens", "a whole number of at least 1", |found| {
                whole(found).filter(|most| *most > 0)
            })?,
            not_applied: keys.not_applied(),
        })
    }

    /// Returns the temperature that the file asks for. If the file asks for draws, that is its temperature, or 1 if it
    /// has none. Otherwise the value is 0: each token is the likeliest.
    #[must_use]
    pub fn stated_temperature(&self) -> f64 {
        match self.do_sample {
            Some(true) => self.temperature.unwrap_or(1.0),
            Some(false) | None => 0.0,
        }
    }
}

struct Keys<'a> {
    object: &'a Map<String, Value>,
}

impl Keys<'_> {
    fn get<T>(
        &self,
        key: &'static str,
        wanted: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, GenerationDefaultsError> {
        let Some(found) = self.object.get(key).filter(|found| !found.is_null()) else { return Ok(None) };
        let wrong = || GenerationDefaultsError::Value { key, found: found.to_string(), wanted };
        read(found).map(Some).ok_or_else(wrong)
    }

    fn number(
        &self,
        key: &'static str,
        wanted: &'static str,
        allowed: impl Fn(f64) -> bool,
    ) -> Result<Option<f64>, GenerationDefaultsError> {
        self.get(key, wanted, |found| found.as_f64().filter(|number| allowed(*number)))
    }

    fn not_applied(&self) -> Vec<(&'static str, String)> {
        let stated = NOT_APPLIED.iter().filter_map(|(key, neutral)| {
            let value = self.object.get(*key)?;
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
}

fn whole(value: &Value) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok()
}

fn ids(value: &Value) -> Option<Vec<u32>> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().map(|id| u32::try_from(id.as_u64()?).ok()).collect()
}
