//! Checkpoints whose weights are quantised, which are refused by method.

use serde_json::Value;

use super::ConfigError;
use super::keys::Keys;

/// The keys under which a `config.json` describes its quantisation.
const KEYS: [&str; 2] = ["quantization_config", "compression_config"];

/// The methods whose checkpoints can be turned into plain weights, each with the way to do it.
const WAYS_OUT: [(&str, &str); 3] = [
    (
        "mxfp4",
        "load the folder with transformers and `quantization_config=Mxfp4Config(dequantize=True)`, and save it \
         in bf16",
    ),
    ("fp8", "load the folder with transformers and `dequantize=True`, and save it in bf16"),
    ("bitsandbytes", "load the folder with transformers, call `model.dequantize()`, and save it in bf16"),
];

/// The way out for every other method.
const USUAL: &str = "take the model's own release in bf16 or f32";

/// Refuses a configuration that describes quantised weights. A description that is empty, or that says that
/// nothing is quantised, is accepted.
pub(super) fn refuse(keys: &Keys) -> Result<(), ConfigError> {
    let Some((key, stated)) = KEYS.into_iter().find_map(|key| Some((key, keys.get(key)?))) else {
        return Ok(());
    };
    if stated.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(());
    }
    let method = method(stated);
    let way_out = WAYS_OUT.iter().find(|(name, _)| *name == method).map_or(USUAL, |(_, way_out)| way_out);
    let bits = stated.get("bits").and_then(Value::as_u64);
    Err(ConfigError::Quantised { key, method, bits, way_out })
}

/// Returns the name of the method. Older files of `bitsandbytes` do not name it.
fn method(stated: &Value) -> String {
    let named = ["quant_method", "quant_type", "format"].iter().find_map(|key| stated.get(key)?.as_str());
    let older =
        ["load_in_4bit", "load_in_8bit"].iter().any(|key| stated.get(key) == Some(&Value::Bool(true)));
    match named {
        Some(named) => named.to_owned(),
        None if older => "bitsandbytes".to_owned(),
        None => "not named".to_owned(),
    }
}
