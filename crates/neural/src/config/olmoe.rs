//! The `olmoe` family: sequential blocks, every layer sparse, queries and keys normed over all heads
//! together.

use super::keys::Keys;
use super::parts::{Sequential, attention, layer_count, only_silu, router, sequential};
use super::{
    AttentionConfig, ConfigError, Family, HeadNorm, LayerConfig, MlpConfig, ModelConfig, Scores, TensorNames,
};

pub(super) fn parse(keys: &Keys) -> Result<ModelConfig, ConfigError> {
    only_silu(keys)?;
    let bias = keys.flag_or("attention_bias", false)?;
    let clip = keys.positive_or_none("clip_qkv")?.map(|clip| clip as f32);
    let attention =
        AttentionConfig { bias, output_bias: bias, norm: Some(HeadNorm::Whole), clip, ..attention(keys)? };
    let mlp = MlpConfig::Sparse { width: keys.size("intermediate_size")? };
    let layer = LayerConfig { window: None, rotate: true, mlp };
    let renormalise = keys.flag_or("norm_topk_prob", false)?;
    let parts = Sequential {
        family: Family::Olmoe,
        layers: vec![layer; layer_count(keys)?],
        attention,
        router: router(keys, &["num_experts"], Scores::Softmax, renormalise)?,
        tensors: TensorNames::USUAL,
    };
    sequential(keys, parts)
}
