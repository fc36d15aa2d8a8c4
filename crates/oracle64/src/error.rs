//! The errors of this crate: refused checkpoints, tokens and masks.

/// The reason why a checkpoint or a call is refused. The message names the place and the value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The `config.json` is not a JSON object.
    #[error("config.json is not a JSON object: {0}")]
    Json(serde_json::Error),
    /// A key that the family needs is absent or null.
    #[error("config.json: `{0}` is missing")]
    Missing(&'static str),
    /// A key has a value that is not allowed for its family.
    #[error("config.json: `{key}` is {found}; expected {expected}")]
    Value {
        /// The name of the key, for example `hidden_act`.
        key: &'static str,
        /// The values that are allowed, in words.
        expected: &'static str,
        /// The value that was found, as JSON, for example `"gelu"`.
        found: String,
    },
    /// The `model_type` is not one of the six families.
    #[error("config.json: the model type `{0}` is not one of the six that are known")]
    Family(String),
    /// The type of the rotary embedding is not known, or its angles depend on the length of the sequence.
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
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
        /// The shape that the configuration asks for.
        expected: Vec<usize>,
        /// The shape in the checkpoint.
        found: Vec<usize>,
    },
    /// A tensor is stored in a number format other than F32, BF16 and F64.
    #[error("tensor `{name}` has type {found}; expected F32, BF16 or F64")]
    Type {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
        /// The number format in the checkpoint.
        found: String,
    },
    /// The tensor with this name holds a value that is infinite or not a number.
    #[error("tensor `{0}` has a value that is not finite")]
    Weight(String),
    /// The checkpoint has a tensor that the configuration does not ask for. A check that ignored this tensor
    /// would not check the whole model.
    #[error("tensor `{0}` is in the checkpoint but the configuration does not account for it")]
    Unread(String),
    /// A token id is not below the size of the vocabulary.
    #[error("token {id} at position {position} is outside the vocabulary of {vocab}")]
    Token {
        /// The index of the token in the sequence, from 0.
        position: usize,
        /// The token id that was given.
        id: u32,
        /// The size of the vocabulary, which is the number of token ids.
        vocab: usize,
    },
    /// A mask or a removal names an expert that the model does not have.
    #[error("the mask names expert {expert}; the model has {experts}, from 0")]
    Expert {
        /// The number of the expert that was named, from 0.
        expert: usize,
        /// The number of experts that the model has.
        experts: usize,
    },
    /// A mask or a removal leaves no expert to route to.
    #[error("the mask leaves no expert; name at least one")]
    NoExpertLeft,
    /// A value after this layer is infinite or not a number. The number of layers stands for the logits,
    /// after the last layer.
    #[error("the output of layer {0} is not finite")]
    NotFinite(usize),
}
