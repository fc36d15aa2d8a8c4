//! Parts of a configuration that several families share.

use super::keys::Keys;
use super::rope::rope;
use super::{
    Activation, AttentionConfig, Block, ConfigError, Family, HeadConfig, LayerConfig, ModelConfig,
    NormConfig, NormKind, Pairing, RouterConfig, Scores, TensorNames,
};

/// The most blocks that a model may have; a configuration with more is refused.
const MAX_LAYERS: usize = 1024;

pub(super) fn inconsistent(key: &'static str, found: impl ToString, requirement: String) -> ConfigError {
    ConfigError::Inconsistent { key, found: found.to_string(), requirement }
}

pub(super) fn layer_count(keys: &Keys) -> Result<usize, ConfigError> {
    let count = keys.size("num_hidden_layers")?;
    if count > MAX_LAYERS {
        return Err(inconsistent("num_hidden_layers", count, format!("at most {MAX_LAYERS} are accepted")));
    }
    Ok(count)
}

/// Reads the heads of a model without biases, norms of heads, or sinks; a family sets those afterwards.
pub(super) fn attention(keys: &Keys) -> Result<AttentionConfig, ConfigError> {
    let hidden = keys.size("hidden_size")?;
    let heads = keys.size("num_attention_heads")?;
    let kv_heads = keys.size_or_none("num_key_value_heads")?.unwrap_or(heads);
    if !heads.is_multiple_of(kv_heads) {
        let requirement = format!("it must divide `num_attention_heads`, which is {heads}");
        return Err(inconsistent("num_key_value_heads", kv_heads, requirement));
    }
    let head_dim = match keys.size_or_none("head_dim")? {
        Some(head_dim) => head_dim,
        None if hidden.is_multiple_of(heads) => hidden / heads,
        None => {
            let requirement = format!("`head_dim` is absent and {heads} heads do not divide it");
            return Err(inconsistent("hidden_size", hidden, requirement));
        }
    };
    if !head_dim.is_multiple_of(2) {
        return Err(inconsistent("head_dim", head_dim, "rotation needs it even".to_owned()));
    }
    let (bias, output_bias, sinks) = (false, false, false);
    Ok(AttentionConfig { heads, kv_heads, head_dim, bias, output_bias, norm: None, sinks, clip: None })
}

/// The parts of a configuration in which families with sequential blocks differ.
pub(super) struct Sequential {
    pub(super) family: Family,
    pub(super) layers: Vec<LayerConfig>,
    pub(super) attention: AttentionConfig,
    pub(super) router: RouterConfig,
    pub(super) tensors: TensorNames,
}

/// Reads a model of sequential blocks with root-mean-square norms and rotated halves. Its head is not the
/// embedding, unless the configuration says so.
pub(super) fn sequential(keys: &Keys, parts: Sequential) -> Result<ModelConfig, ConfigError> {
    let Sequential { family, layers, attention, router, tensors } = parts;
    let epsilon = keys.positive("rms_norm_eps")? as f32;
    Ok(ModelConfig {
        family,
        vocab_size: keys.size("vocab_size")?,
        hidden_size: keys.size("hidden_size")?,
        max_positions: keys.size("max_position_embeddings")?,
        layers,
        block: Block::Sequential,
        attention,
        norm: NormConfig { kind: NormKind::RootMeanSquare, epsilon },
        rope: rope(keys, Pairing::Halves)?,
        router,
        activation: Activation::Silu,
        shared: None,
        head: HeadConfig { tied: keys.flag_or("tie_word_embeddings", false)?, scale: 1.0 },
        end_tokens: keys.token_ids("eos_token_id")?,
        tensors,
    })
}

/// Reads a router. The number of experts is under the first of `names` that the configuration has.
pub(super) fn router(
    keys: &Keys,
    names: &[&'static str],
    scores: Scores,
    renormalise: bool,
) -> Result<RouterConfig, ConfigError> {
    let named = names.iter().find(|name| keys.get(name).is_some()).unwrap_or(&names[0]);
    let experts = keys.size(named)?;
    let chosen = keys.size("num_experts_per_tok")?;
    if chosen > experts {
        return Err(inconsistent("num_experts_per_tok", chosen, format!("`{named}` is {experts}")));
    }
    Ok(RouterConfig { experts, chosen, scores, renormalise, bias: false })
}

pub(super) fn only_silu(keys: &Keys) -> Result<(), ConfigError> {
    keys.choice("hidden_act", &[("silu", ())], "only \"silu\" is computed for this family")
}

/// Returns for each layer true if its attention slides, as `layer_types` says; `None` if that key is absent.
pub(super) fn sliding_or_none(keys: &Keys, count: usize) -> Result<Option<Vec<bool>>, ConfigError> {
    let Some(kinds) = keys.names_or_none("layer_types", count)? else { return Ok(None) };
    kinds.iter().map(|kind| sliding_kind(kind)).collect::<Result<_, _>>().map(Some)
}

fn sliding_kind(kind: &str) -> Result<bool, ConfigError> {
    match kind {
        "sliding_attention" => Ok(true),
        "full_attention" => Ok(false),
        other => Err(ConfigError::Unsupported {
            key: "layer_types",
            found: format!("\"{other}\""),
            remedy: "\"sliding_attention\" and \"full_attention\" are computed",
        }),
    }
}
