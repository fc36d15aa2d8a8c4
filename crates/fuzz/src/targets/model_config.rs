use backend_cpu::CpuBackend;
use neural::{Model, ModelConfig};

/// Checks the `config.json` of a model: an accepted one must be consistent in itself, and a model of it
/// without weights must be refused.
pub(super) fn model_config(bytes: &[u8]) {
    let config = match ModelConfig::from_json(bytes) {
        Ok(config) => config,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(config.end_tokens.iter().all(|id| (*id as usize) < config.vocab_size));
    assert!(config.attention.heads.is_multiple_of(config.attention.kv_heads));
    assert!(config.router.chosen <= config.router.experts);
    let backend = CpuBackend::best().expect("IEEE arithmetic");
    assert!(Model::load(bytes, b"", backend).is_err());
}
