//! The `qwen2_moe` and `qwen3_moe` families: sequential blocks, dense layers in between, and in the older one
//! biased projections and a shared expert behind a gate of its own, in the newer one a norm of each head.

use super::keys::Keys;
use super::parts::{Sequential, attention, layer_count, only_silu, router, sequential, sliding_or_none};
use super::{
    AttentionConfig, Combine, ConfigError, Family, HeadNorm, LayerConfig, MlpConfig, ModelConfig, Scores,
    SharedConfig, TensorNames,
};

pub(super) fn parse_2(keys: &Keys) -> Result<ModelConfig, ConfigError> {
    let shared =
        SharedConfig { width: keys.size("shared_expert_intermediate_size")?, combine: Combine::Gated };
    let attention = AttentionConfig { bias: keys.flag_or("qkv_bias", true)?, ..attention(keys)? };
    let count = layer_count(keys)?;
    // Where layers are not listed, every other one below the bound slides, from the first.
    let bound = keys.count_or("max_window_layers", 28)?;
    let sliding = match sliding_or_none(keys, count)? {
        Some(sliding) => sliding,
        None => (0..count).map(|layer| layer.is_multiple_of(2) && layer < bound).collect(),
    };
    let config = common(keys, Family::Qwen2Moe, attention, &sliding)?;
    Ok(ModelConfig { shared: Some(shared), ..config })
}

pub(super) fn parse_3(keys: &Keys) -> Result<ModelConfig, ConfigError> {
    let bias = keys.flag_or("attention_bias", false)?;
    let norm = Some(HeadNorm::Each);
    let attention = AttentionConfig { bias, output_bias: bias, norm, ..attention(keys)? };
    let sliding = vec![true; layer_count(keys)?];
    common(keys, Family::Qwen3Moe, attention, &sliding)
}

fn common(
    keys: &Keys,
    family: Family,
    attention: AttentionConfig,
    sliding: &[bool],
) -> Result<ModelConfig, ConfigError> {
    only_silu(keys)?;
    let renormalise = keys.flag_or("norm_topk_prob", false)?;
    let parts = Sequential {
        family,
        layers: layers(keys, sliding)?,
        attention,
        router: router(keys, &["num_experts", "num_local_experts"], Scores::Softmax, renormalise)?,
        tensors: TensorNames { shared: "mlp.shared_expert", ..TensorNames::USUAL },
    };
    sequential(keys, parts)
}

/// Returns the layers. A layer is sparse, unless `mlp_only_layers` lists it or `decoder_sparse_step` skips
/// it.
fn layers(keys: &Keys, sliding: &[bool]) -> Result<Vec<LayerConfig>, ConfigError> {
    let step = keys.size_or_none("decoder_sparse_step")?.unwrap_or(1);
    let dense_only = keys.counts_or_none("mlp_only_layers")?;
    let sparse = MlpConfig::Sparse { width: keys.size("moe_intermediate_size")? };
    let dense = MlpConfig::Dense { width: keys.size("intermediate_size")? };
    let window = match keys.flag_or("use_sliding_window", false)? {
        true => Some(keys.size("sliding_window")?),
        false => None,
    };
    let layer = |(index, sliding): (usize, &bool)| LayerConfig {
        window: window.filter(|_| *sliding),
        rotate: true,
        mlp: if dense_only.contains(&index) || !(index + 1).is_multiple_of(step) { dense } else { sparse },
    };
    Ok(sliding.iter().enumerate().map(layer).collect())
}
