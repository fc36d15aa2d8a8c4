//! The reasons why a configuration is refused.

use thiserror::Error;

/// The reason why a `config.json` is refused. The message names the key, its value and the way out.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The bytes are not a JSON object.
    #[error(
        "the configuration is not a JSON object: {source}; expected the config.json of a Hugging Face model folder"
    )]
    NotJson {
        /// The JSON reader's error.
        source: serde_json::Error,
    },
    /// A key without a default is absent or null.
    #[error("config key `{key}` is missing; the model's own config.json states it")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A key has a value of another type than the family defines, or a number out of range.
    #[error("config key `{key}` is {found}, expected {expected}")]
    Malformed {
        /// The key.
        key: &'static str,
        /// The value, as JSON.
        found: String,
        /// The values that are accepted.
        expected: &'static str,
    },
    /// A well-formed value that this decoder does not compute.
    #[error("config key `{key}` is {found}, which is not supported: {remedy}")]
    Unsupported {
        /// The key.
        key: &'static str,
        /// The value, as JSON.
        found: String,
        /// The way out.
        remedy: &'static str,
    },
    /// A rope scaling under which a position's logits depend on the length of the whole sequence.
    #[error(
        "rope type \"{rope_type}\" depends on the sequence's length, so the same history would not give the \
         same logits in every schedule; it is refused by name: use a checkpoint with a fixed rope scaling, or \
         serve the model and pass `--model http://...`"
    )]
    LengthDependentRope {
        /// `dynamic` or `longrope`.
        rope_type: String,
    },
    /// Two keys, or a key and a rule of the family, contradict each other.
    #[error("config key `{key}` is {found}, but {requirement}; correct the config.json")]
    Inconsistent {
        /// The key.
        key: &'static str,
        /// The value.
        found: String,
        /// The condition that the value must meet.
        requirement: String,
    },
}
