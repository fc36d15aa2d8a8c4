//! The `gpt_oss` family: sequential blocks, windows on every other layer, a sink beside the keys of each
//! head, biases everywhere, a clamped activation, and the softmax over the chosen experts alone.

use super::keys::Keys;
use super::parts::{Sequential, attention, layer_count, router, sequential, sliding_or_none};
use super::{
    Activation, AttentionConfig, ConfigError, ExpertNames, Family, LayerConfig, MlpConfig, ModelConfig,
    RouterConfig, Scores, TensorNames,
};

/// The steepness of the activation if the configuration states none.
const ALPHA: f64 = 1.702;
/// The bound of the activation's inputs if the configuration states none.
const LIMIT: f64 = 7.0;

pub(super) fn parse(keys: &Keys) -> Result<ModelConfig, ConfigError> {
    let bias = keys.flag_or("attention_bias", true)?;
    let attention = AttentionConfig { bias, output_bias: bias, sinks: true, ..attention(keys)? };
    let count = layer_count(keys)?;
    let sliding = match sliding_or_none(keys, count)? {
        Some(sliding) => sliding,
        None => (0..count).map(|layer| layer.is_multiple_of(2)).collect(),
    };
    let window = if sliding.contains(&true) { Some(keys.size("sliding_window")?) } else { None };
    let mlp = MlpConfig::Sparse { width: keys.size("intermediate_size")? };
    let layer = |sliding| LayerConfig { window: window.filter(|_| sliding), rotate: true, mlp };
    let router = router(keys, &["num_local_experts", "num_experts"], Scores::SoftmaxOfChosen, false)?;
    let alpha = keys.positive_or_none("swiglu_alpha")?.unwrap_or(ALPHA) as f32;
    let limit = keys.positive_or_none("swiglu_limit")?.unwrap_or(LIMIT) as f32;
    let experts = ExpertNames::Interleaved { folder: "mlp.experts" };
    let parts = Sequential {
        family: Family::GptOss,
        layers: sliding.into_iter().map(layer).collect(),
        attention,
        router: RouterConfig { bias: true, ..router },
        tensors: TensorNames { router: "mlp.router", experts, shared: "" },
    };
    Ok(ModelConfig { activation: Activation::Clamped { alpha, limit }, ..sequential(keys, parts)? })
}
