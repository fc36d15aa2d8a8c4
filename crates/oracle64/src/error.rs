//! The errors of this crate: refused checkpoints, and refused tokens and masks.

/// The reason why a checkpoint or a call is refused, with the place and the value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration is not a JSON object.
    #[error("config.json is not a JSON object: {0}")]
    Json(serde_json::Error),
    /// A key that the family needs is absent or null.
    #[error("config.json: `{0}` is missing")]
    Missing(&'static str),
    /// A key has a value that means nothing here.
    #[error("config.json: `{key}` is {found}; expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// The values that are allowed.
        expected: &'static str,
        /// The value found, as JSON.
        found: String,
    },
    /// The `model_type` is not one of the six.
    #[error("config.json: the model type `{0}` is not one of the six that are known")]
    Family(String),
    /// A kind of rope that is not known, or whose angles depend on the length of the sequence.
    #[error("config.json: rope of type `{0}` is not supported; use default, linear, llama3 or yarn")]
    Rope(String),
    /// The checkpoint is not a safetensors file.
    #[error("the checkpoint is not a safetensors file: {0}")]
    File(#[from] safetensors::SafeTensorError),
    /// A tensor that the configuration asks for is not in the checkpoint.
    #[error("the checkpoint has no tensor `{0}`")]
    NoTensor(String),
    /// A tensor has another shape than the configuration states.
    #[error("tensor `{name}` has shape {found:?}; expected {expected:?}")]
    Shape {
        /// The name of the tensor.
        name: String,
        /// The shape by the configuration.
        expected: Vec<usize>,
        /// The shape in the checkpoint.
        found: Vec<usize>,
    },
    /// A tensor has a type other than F32, BF16 or F64.
    #[error("tensor `{name}` has type {found}; expected F32, BF16 or F64")]
    Type {
        /// The name of the tensor.
        name: String,
        /// The type in the checkpoint.
        found: String,
    },
    /// A weight is infinite or not a number.
    #[error("tensor `{0}` has a value that is not finite")]
    Weight(String),
    /// A tensor that the configuration does not mention. A check that ignored it would not be a check of it.
    #[error("tensor `{0}` is in the checkpoint but the configuration does not account for it")]
    Unread(String),
    /// A token id outside the vocabulary.
    #[error("token {id} at position {position} is outside the vocabulary of {vocab}")]
    Token {
        /// The position of the token, from 0.
        position: usize,
        /// The token id.
        id: u32,
        /// The number of token ids.
        vocab: usize,
    },
    /// A mask names an expert that the model does not have.
    #[error("the mask names expert {expert}; the model has {experts}, from 0")]
    Expert {
        /// The expert named.
        expert: usize,
        /// The number of experts.
        experts: usize,
    },
    /// The mask leaves no expert to route to.
    #[error("the mask leaves no expert; name at least one")]
    NoExpertLeft,
    /// The output of a layer, or the logits after the last layer, are not finite.
    #[error("the output of layer {0} is not finite")]
    NotFinite(usize),
}
