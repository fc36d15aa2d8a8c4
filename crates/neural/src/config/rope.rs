//! The rotary embedding's part of a configuration.

use serde_json::{Map, Value};

use super::keys::{Keys, malformed, unsupported};
use super::{ConfigError, Pairing, RopeConfig};

/// The rope of the configuration, from `rope_parameters` or the older `rope_scaling` and `rope_theta`.
pub(super) fn rope(keys: &Keys, pairing: Pairing) -> Result<RopeConfig, ConfigError> {
    let mut theta = keys.positive_or_none("rope_theta")?;
    for key in ["rope_parameters", "rope_scaling"] {
        let Some(value) = keys.get(key) else { continue };
        let object = value.as_object().ok_or_else(|| malformed(key, value, "an object"))?;
        refuse_scaling(object)?;
        theta = merge_theta(theta, object)?;
    }
    let theta = theta.ok_or(ConfigError::Missing { key: "rope_theta" })?;
    Ok(RopeConfig { theta, pairing })
}

fn refuse_scaling(object: &Map<String, Value>) -> Result<(), ConfigError> {
    if let Some(nested) = object.values().find(|value| value.is_object()) {
        let remedy = "rope parameters per layer type are not computed; use a checkpoint with one rope";
        return Err(unsupported("rope_parameters", nested, remedy));
    }
    let named = object.get("rope_type").or_else(|| object.get("type"));
    let Some(named) = named.filter(|named| !named.is_null()) else { return Ok(()) };
    match named.as_str() {
        Some("default") => Ok(()),
        Some(rope_type @ ("dynamic" | "longrope")) => {
            Err(ConfigError::LengthDependentRope { rope_type: rope_type.to_owned() })
        }
        _ => Err(unsupported(
            "rope_type",
            named,
            "only \"default\" is computed; serve the model and pass `--model http://...`",
        )),
    }
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
