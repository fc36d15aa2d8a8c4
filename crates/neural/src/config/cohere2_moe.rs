//! The `cohere2_moe` family.
//!
//! Parallel blocks (attention and feed-forward read one norm; both are added to the input), rotation
//! on sliding layers only, a prefix of dense layers that may force rotation, tied scaled head.

use super::keys::Keys;
use super::parts::{attention, inconsistent, layer_count, only_silu, router, sliding_or_none};
use super::rope::rope;
use super::{
    Activation, Block, Combine, ConfigError, Family, HeadConfig, LayerConfig, MlpConfig, ModelConfig,
    NormConfig, NormKind, Pairing, Scores, SharedConfig, TensorNames,
};

const SERVE_IT: &str = "this variant is not computed; serve the model and pass `--model http://...`";

pub(super) fn parse(keys: &Keys) -> Result<ModelConfig, ConfigError> {
    refuse_variants(keys)?;
    let scores = scores(keys)?;
    // The flag is for the sigmoid: the family takes its softmax over the chosen in any case.
    let renormalise = keys.flag_or("norm_topk_prob", true)? || scores == Scores::Softmax;
    let router = router(keys, &["num_experts"], scores, renormalise)?;
    Ok(ModelConfig {
        family: Family::Cohere2Moe,
        vocab_size: keys.size("vocab_size")?,
        hidden_size: keys.size("hidden_size")?,
        max_positions: keys.size("max_position_embeddings")?,
        layers: layers(keys, layer_count(keys)?)?,
        block: Block::Parallel,
        attention: attention(keys)?,
        norm: norm(keys)?,
        rope: rope(keys, Pairing::Interleaved)?,
        router,
        activation: Activation::Silu,
        shared: shared(keys)?,
        head: HeadConfig {
            tied: keys.flag_or("tie_word_embeddings", true)?,
            scale: positive_f32(keys, "logit_scale")?,
        },
        end_tokens: keys.token_ids("eos_token_id")?,
        tensors: TensorNames { shared: "mlp.shared_experts", ..TensorNames::USUAL },
    })
}

fn refuse_variants(keys: &Keys) -> Result<(), ConfigError> {
    keys.expect_flag("attention_bias", false, SERVE_IT)?;
    keys.expect_flag("layer_norm_bias", false, SERVE_IT)?;
    keys.expect_flag("use_qk_norm", false, SERVE_IT)?;
    keys.expect_flag("use_parallel_block", true, SERVE_IT)?;
    only_silu(keys)
}

fn norm(keys: &Keys) -> Result<NormConfig, ConfigError> {
    let (kind, epsilon) = match keys.positive_or_none("rms_norm_eps")? {
        Some(epsilon) => (NormKind::RootMeanSquare, epsilon),
        None => (NormKind::Layer, keys.positive("layer_norm_eps")?),
    };
    Ok(NormConfig { kind, epsilon: epsilon as f32 })
}

fn scores(keys: &Keys) -> Result<Scores, ConfigError> {
    keys.choice(
        "expert_selection_fn",
        &[("softmax", Scores::Softmax), ("sigmoid", Scores::Sigmoid)],
        "\"softmax\" and \"sigmoid\" are computed",
    )
}

fn shared(keys: &Keys) -> Result<Option<SharedConfig>, ConfigError> {
    let count = keys.count_or("num_shared_experts", 0)?;
    if count == 0 {
        return Ok(None);
    }
    let combine = keys.choice(
        "shared_expert_combination_strategy",
        &[("average", Combine::Average), ("sum", Combine::Sum)],
        "\"average\" and \"sum\" are computed",
    )?;
    let width = count.saturating_mul(keys.size("intermediate_size")?);
    Ok(Some(SharedConfig { width, combine }))
}

fn layers(keys: &Keys, count: usize) -> Result<Vec<LayerConfig>, ConfigError> {
    let prefix = dense_prefix(keys, count)?;
    let sliding = sliding_layers(keys, count, prefix)?;
    let window = if sliding.contains(&true) { Some(keys.size("sliding_window")?) } else { None };
    let forced = prefix_period(keys)? == 1;
    let sparse = MlpConfig::Sparse { width: keys.size("intermediate_size")? };
    let dense = match keys.size_or_none("prefix_dense_intermediate_size")? {
        Some(width) => MlpConfig::Dense { width },
        None => MlpConfig::Dense { width: keys.size("intermediate_size")? },
    };
    let layer = |(index, sliding): (usize, bool)| LayerConfig {
        window: window.filter(|_| sliding),
        rotate: sliding || (forced && index < prefix),
        mlp: if index < prefix { dense } else { sparse },
    };
    Ok(sliding.into_iter().enumerate().map(layer).collect())
}

/// Returns the number of leading dense layers, from `mlp_layer_types` or the older `first_k_dense_replace`.
fn dense_prefix(keys: &Keys, count: usize) -> Result<usize, ConfigError> {
    let stated = keys.count_or("first_k_dense_replace", 0)?;
    let Some(kinds) = keys.names_or_none("mlp_layer_types", count)? else {
        return Ok(stated.min(count));
    };
    let prefix = kinds.iter().take_while(|kind| **kind == "dense").count();
    if let Some(kind) = kinds[prefix..].iter().find(|kind| **kind != "sparse") {
        let requirement = "\"dense\" layers come first and the others are \"sparse\"".to_owned();
        return Err(inconsistent("mlp_layer_types", kind, requirement));
    }
    if keys.get("first_k_dense_replace").is_some() && stated != prefix {
        let requirement = format!("`mlp_layer_types` begins with {prefix} dense layers");
        return Err(inconsistent("first_k_dense_replace", stated, requirement));
    }
    Ok(prefix)
}

/// Returns for each layer true if its attention slides. If `layer_types` is absent, the last layer of each
/// period sees all positions and the others slide. The dense prefix has its own period, and the sparse layers
/// are counted from the end of the prefix.
fn sliding_layers(keys: &Keys, count: usize, prefix: usize) -> Result<Vec<bool>, ConfigError> {
    if let Some(sliding) = sliding_or_none(keys, count)? {
        return Ok(sliding);
    }
    let (dense, sparse) = (prefix_period(keys)?, keys.size("sliding_window_pattern")?);
    let slides = |layer: usize| match layer.checked_sub(prefix) {
        None => !(layer + 1).is_multiple_of(dense),
        Some(past) => !(past + 1).is_multiple_of(sparse),
    };
    Ok((0..count).map(slides).collect())
}

fn prefix_period(keys: &Keys) -> Result<usize, ConfigError> {
    Ok(keys.size_or_none("prefix_dense_sliding_window_pattern")?.unwrap_or(1))
}

fn positive_f32(keys: &Keys, key: &'static str) -> Result<f32, ConfigError> {
    Ok(keys.positive(key)? as f32)
}
