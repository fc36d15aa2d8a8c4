//! The reasons why a model's configuration is refused.

use thiserror::Error;

/// The reason why a `config.json` is refused. The message names the key, its value and what to do about it.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The bytes are not the JSON object that a `config.json` is.
    #[error(
        "the configuration is not a JSON object: {}; expected the config.json of a Hugging Face model folder",
        in_words(source)
    )]
    NotJson {
        /// The error of the JSON reader, with the line and the column.
        source: serde_json::Error,
    },
    /// A key that has no default is absent or null.
    #[error("config key `{key}` is missing; the model's own config.json states it")]
    Missing {
        /// The name of the absent key, for example `hidden_size`.
        key: &'static str,
    },
    /// The value of a key has another type than the family defines, or is a number out of range.
    #[error("config key `{key}` is {found}, expected {expected}")]
    Malformed {
        /// The name of the key whose value is wrong, for example `hidden_size`.
        key: &'static str,
        /// The value that was found, as JSON, for example `"gelu"`.
        found: String,
        /// The values that would be accepted, in words.
        expected: &'static str,
    },
    /// A value is well-formed, but stands for a variant that this decoder does not compute.
    #[error("config key `{key}` is {found}, which is not supported: {remedy}")]
    Unsupported {
        /// The name of the key that asks for the variant, for example `hidden_act`.
        key: &'static str,
        /// The value that was found, as JSON, for example `"gelu"`.
        found: String,
        /// The way out for the user, in words, for example another checkpoint.
        remedy: &'static str,
    },
    /// The weights of the folder are quantised, in a way that this crate does not read.
    #[error(
        "config key `{key}` says that the weights are quantised, by method \"{method}\"{}, which is not read: \
         {way_out}; or serve the model and pass `--model http://...`",
        bits.map(|bits| format!(" to {bits} bits")).unwrap_or_default()
    )]
    Quantised {
        /// The name of the key that describes the quantisation.
        key: &'static str,
        /// The name of the method, for example `gptq`.
        method: String,
        /// The number of bits of a weight, if the configuration states it.
        bits: Option<u64>,
        /// The way to weights that can be read, in words.
        way_out: &'static str,
    },
    /// The scaling of the rotary frequencies makes a position's logits depend on the length of the whole
    /// sequence. Such models cannot give the same bits in every schedule.
    #[error(
        "rope type \"{rope_type}\" depends on the sequence's length, so the same history would not give the \
         same logits in every schedule; it is refused by name: use a checkpoint with a fixed rope scaling, or \
         serve the model and pass `--model http://...`"
    )]
    LengthDependentRope {
        /// The name of the scaling: `dynamic` or `longrope`.
        rope_type: String,
    },
    /// The values of two keys contradict each other, or a value contradicts a rule of the family.
    #[error("config key `{key}` is {found}, but {requirement}; correct the config.json")]
    Inconsistent {
        /// The name of the key whose value does not fit, for example `head_dim`.
        key: &'static str,
        /// The value that was found, as text.
        found: String,
        /// The condition that the value would have to meet, in words.
        requirement: String,
    },
}

/// Returns the fault of a JSON text in words for people.
fn in_words(error: &serde_json::Error) -> String {
    match error.is_eof() {
        true => format!("the text ends too early, in line {}", error.line()),
        false => error.to_string(),
    }
}
