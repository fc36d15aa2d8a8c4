//! What a checkpoint says about decoding.

use serde_json::{Map, Value};
use thiserror::Error;

/// Keys that would change what is generated and that are not applied, with the number at which they change
/// nothing. Absent, null, false and empty change nothing either.
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

/// What `generation_config.json` says, checked; a key that it does not have is `None`. A key that is not known
/// here is ignored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GenerationDefaults {
    /// Ids that end an answer.
    pub end_tokens: Option<Vec<u32>>,
    /// Whether tokens are drawn; otherwise each is the likeliest.
    pub do_sample: Option<bool>,
    /// Divides the logits before a token is drawn; at least 0 and finite.
    pub temperature: Option<f64>,
    /// Draws are from this many of the likeliest tokens, at least 1. The file's 0 is `None`.
    pub top_k: Option<usize>,
    /// Draws are from the likeliest tokens with this share of the mass together, in (0, 1].
    pub top_p: Option<f64>,
    /// Draws are from tokens at least this likely, as a share of the likeliest one, in [0, 1].
    pub min_p: Option<f64>,
    /// The most new tokens, at least 1.
    pub max_new_tokens: Option<usize>,
    /// Keys with their values that would change what is generated, and that are not applied.
    pub not_applied: Vec<(&'static str, String)>,
}

/// Why defaults are refused.
#[derive(Debug, Error)]
pub enum GenerationDefaultsError {
    /// The file is no JSON object.
    #[error("it is not a JSON object{}", source.as_ref().map(|source| format!(": {source}")).unwrap_or_default())]
    NotAnObject {
        /// What the reader found, if it was not JSON at all.
        source: Option<serde_json::Error>,
    },
    /// A value is of the wrong kind or out of its range.
    #[error("`{key}` is {found} and must be {wanted}")]
    Value {
        /// The key.
        key: &'static str,
        /// Its value, in JSON.
        found: String,
        /// What it may be.
        wanted: &'static str,
    },
}

impl GenerationDefaults {
    /// Reads the bytes of a `generation_config.json`.
    ///
    /// # Errors
    /// [`GenerationDefaultsError`] naming the key.
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

    /// By what logits are divided where nobody says otherwise: 0, which is the likeliest token, unless the file
    /// asks for draws, and then what it says or 1.
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
