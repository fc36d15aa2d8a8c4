//! The `mixtral` family: sequential blocks, every layer sparse, chosen scores divided by their sum.

use super::keys::Keys;
use super::parts::{Sequential, attention, layer_count, only_silu, router, sequential};
use super::{ConfigError, ExpertNames, Family, LayerConfig, MlpConfig, ModelConfig, Scores, TensorNames};

pub(super) fn parse(keys: &Keys) -> Result<ModelConfig, ConfigError> {
    only_silu(keys)?;
    let window = keys.size_or_none("sliding_window")?;
    let mlp = MlpConfig::Sparse { width: keys.size("intermediate_size")? };
    let layer = LayerConfig { window, rotate: true, mlp };
    let experts =
        ExpertNames::Separate { folder: "block_sparse_moe.experts", gate: "w1", up: "w3", down: "w2" };
    let tensors = TensorNames { router: "block_sparse_moe.gate", experts, shared: "" };
    let parts = Sequential {
        family: Family::Mixtral,
        layers: vec![layer; layer_count(keys)?],
        attention: attention(keys)?,
        router: router(keys, &["num_local_experts", "num_experts"], Scores::Softmax, true)?,
        tensors,
    };
    sequential(keys, parts)
}
