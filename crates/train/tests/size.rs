//! The size of what ships.

use train::config::Config;
use train::params::Schema;

#[test]
fn parameters_are_within_bounds() {
    let config = Config::shipped();
    let schema = Schema::new(&config);
    assert!((2_000_000..=4_500_000).contains(&schema.total()), "{}", schema.total());
    assert!(schema.active(&config) <= 2_000_000, "{}", schema.active(&config));
    assert!(config.num_experts >= 8 && config.num_experts_per_tok == 2);
    assert!(config.sliding_window == 64 && config.max_position_embeddings >= 512);
}

#[test]
fn embedded_files_are_those_of_the_shipped_architecture_and_small() {
    let config: Config = serde_json::from_str(embedded::CONFIG).expect("config");
    assert_eq!(config, Config::shipped());
    let schema = Schema::new(&config);
    assert_eq!(
        train::checkpoint::load_values(&schema, embedded::WEIGHTS).expect("weights").len(),
        schema.total()
    );
    let bytes = embedded::CONFIG.len()
        + embedded::TOKENIZER.len()
        + embedded::WEIGHTS.len()
        + embedded::CALIBRATION.len()
        + embedded::ENTRY_HEAD.len()
        + embedded::INJECTOR.len()
        + embedded::INJECTOR_SUMS.len()
        + embedded::INJECTOR_PLACEBO.len();
    assert!(bytes < 10 << 20, "{bytes}");
    let calibration: train::calibrate::Calibration =
        serde_json::from_str(embedded::CALIBRATION).expect("calibration");
    assert!(calibration.threshold > 0.0 && calibration.metric == "mean_prompt_nll");
}
