//! The part of a configuration that describes the rotary embedding.

use serde_json::{Map, Value};

use super::keys::{Keys, malformed, unsupported};
use super::{ConfigError, Pairing, RopeConfig, RopeScaling, Yarn};

/// Reads the rotary embedding, from `rope_parameters` or from the older `rope_scaling` and `rope_theta`.
pub(super) fn rope(keys: &Keys, pairing: Pairing) -> Result<RopeConfig, ConfigError> {
    let mut theta = keys.positive_or_none("rope_theta")?;
    let mut scaling = RopeScaling::None;
    for key in ["rope_parameters", "rope_scaling"] {
        let Some(value) = keys.get(key) else { continue };
        let object = value.as_object().ok_or_else(|| malformed(key, value, "an object"))?;
        let stated = self::scaling(&Parameters(object))?;
        if stated != RopeScaling::None {
            scaling = stated;
        }
        theta = merge_theta(theta, object)?;
    }
    let theta = theta.ok_or(ConfigError::Missing { key: "rope_theta" })?;
    Ok(RopeConfig { theta, pairing, scaling })
}

/// The JSON object that holds the parameters of the rotary embedding.
struct Parameters<'a>(&'a Map<String, Value>);

impl Parameters<'_> {
    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// Returns a finite number above 0, or `None` if the key is absent.
    fn number_or_none(&self, key: &'static str) -> Result<Option<f64>, ConfigError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = value.as_f64().filter(|number| number.is_finite() && *number > 0.0);
        number.map(Some).ok_or_else(|| malformed(key, value, "a finite number above 0"))
    }

    fn number(&self, key: &'static str) -> Result<f64, ConfigError> {
        self.number_or_none(key)?.ok_or(ConfigError::Missing { key })
    }
}

fn scaling(parameters: &Parameters<'_>) -> Result<RopeScaling, ConfigError> {
    if let Some(nested) = parameters.0.values().find(|value| value.is_object()) {
        let remedy = "rope parameters per layer type are not computed; use a checkpoint with one rope";
        return Err(unsupported("rope_parameters", nested, remedy));
    }
    if let Some(part) = parameters.number_or_none("partial_rotary_factor")?
        && part != 1.0
    {
        let remedy = "whole heads are rotated; serve the model and pass `--model http://...`";
        return Err(unsupported("partial_rotary_factor", &Value::from(part), remedy));
    }
    let Some(named) = parameters.get("rope_type").or_else(|| parameters.get("type")) else {
        return Ok(RopeScaling::None);
    };
    match named.as_str() {
        Some("default") => Ok(RopeScaling::None),
        Some("linear") => Ok(RopeScaling::Linear { factor: parameters.number("factor")? }),
        Some("llama3") => llama3(parameters),
        Some("yarn") => yarn(parameters),
        Some(rope_type @ ("dynamic" | "longrope")) => {
            Err(ConfigError::LengthDependentRope { rope_type: rope_type.to_owned() })
        }
        _ => Err(unsupported(
            "rope_type",
            named,
            "\"default\", \"linear\", \"llama3\" and \"yarn\" are computed; serve the model and pass `--model \
             http://...`",
        )),
    }
}

fn llama3(parameters: &Parameters<'_>) -> Result<RopeScaling, ConfigError> {
    let (low, high) = (parameters.number("low_freq_factor")?, parameters.number("high_freq_factor")?);
    if low >= high {
        return Err(ConfigError::Inconsistent {
            key: "low_freq_factor",
            found: low.to_string(),
            requirement: format!("it must be below `high_freq_factor`, which is {high}"),
        });
    }
    let original = parameters.number("original_max_position_embeddings")?;
    Ok(RopeScaling::Llama3 { factor: parameters.number("factor")?, low, high, original })
}

/// Reads the parameters of YaRN. The magnitude of cosines and sines is the stated one, or follows from the
/// factor.
fn yarn(parameters: &Parameters<'_>) -> Result<RopeScaling, ConfigError> {
    let factor = parameters.number("factor")?;
    let magnitude = |weight: f64| if factor <= 1.0 { 1.0 } else { 0.1 * weight * libm::log(factor) + 1.0 };
    let stated = parameters.number_or_none("attention_factor")?;
    let weights = (parameters.number_or_none("mscale")?, parameters.number_or_none("mscale_all_dim")?);
    let magnitude = match (stated, weights) {
        (Some(stated), _) => stated,
        (None, (Some(scale), Some(all))) => magnitude(scale) / magnitude(all),
        (None, _) => magnitude(1.0),
    };
    let truncate = match parameters.get("truncate") {
        None => true,
        Some(Value::Bool(truncate)) => *truncate,
        Some(value) => return Err(malformed("truncate", value, "true or false")),
    };
    Ok(RopeScaling::Yarn(Yarn {
        factor,
        original: parameters.number("original_max_position_embeddings")?,
        fast: parameters.number_or_none("beta_fast")?.unwrap_or(32.0),
        slow: parameters.number_or_none("beta_slow")?.unwrap_or(1.0),
        truncate,
        magnitude,
    }))
}

fn merge_theta(theta: Option<f64>, object: &Map<String, Value>) -> Result<Option<f64>, ConfigError> {
    let Some(value) = object.get("rope_theta").filter(|value| !value.is_null()) else { return Ok(theta) };
    let stated = value.as_f64().filter(|stated| stated.is_finite() && *stated > 0.0);
    let stated = stated.ok_or_else(|| malformed("rope_theta", value, "a finite number above 0"))?;
    match theta {
        Some(theta) if theta != stated => Err(ConfigError::Inconsistent {
            key: "rope_theta",
            found: theta.to_string(),
            requirement: format!("`rope_parameters` says {stated}"),
        }),
        _ => Ok(Some(stated)),
    }
}
