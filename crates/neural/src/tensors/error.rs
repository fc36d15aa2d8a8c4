//! The reasons why weights are refused.

use abi::counted;
use safetensors::tensor::{Dtype, SafeTensorError};
use thiserror::Error;

/// The reason why a weights file is refused. The message names the tensor that is at fault.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The bytes are not a whole safetensors file.
    #[error("the weights are not a whole safetensors file of {length}: {source}; fetch the file again", length = counted(*length, "byte"))]
    NotSafetensors {
        /// The number of bytes that were given.
        length: usize,
        /// The error of the safetensors reader.
        source: SafeTensorError,
    },
    /// A tensor that the configuration calls for is absent.
    #[error("tensor `{name}` of shape {expected:?} is missing; the weights belong to another configuration")]
    Missing {
        /// The name of the absent tensor, for example `model.norm.weight`.
        name: String,
        /// The shape that the configuration calls for.
        expected: Vec<usize>,
    },
    /// A tensor has another shape than the configuration calls for.
    #[error("tensor `{name}` has shape {found:?}, the configuration calls for {expected:?}")]
    Shape {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
        /// The shape of the tensor in the file.
        found: Vec<usize>,
        /// The shape that the configuration calls for.
        expected: Vec<usize>,
    },
    /// A tensor is stored in a number format that this crate does not read.
    #[error(
        "tensor `{name}` is stored as {found:?}; F32 and BF16 are read, convert the checkpoint to one of them"
    )]
    Type {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
        /// The number format of the tensor in the file.
        found: Dtype,
    },
    /// A value of a tensor is infinite or not a number.
    #[error("tensor `{name}` holds {value} at element {index}; weights must be finite, fetch the file again")]
    NonFinite {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
        /// The index of the first value that is not finite, counted row by row.
        index: usize,
        /// The value that is not finite.
        value: f32,
    },
    /// Two of the model's files hold a tensor of the same name.
    #[error("tensor `{name}` is in two files of the model; fetch the folder again")]
    Twice {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
    },
    /// The configuration says that the embedding is the head, and the file holds a head with other values.
    #[error(
        "tensor `{name}` differs from the embedding at element {index}, but the configuration says \
         `tie_word_embeddings`; if the stored head is the right one, set `tie_word_embeddings` to false in \
         config.json, else fetch the folder again"
    )]
    TiedHead {
        /// The name of the head's tensor, `lm_head.weight`.
        name: String,
        /// The index of the first element that differs, counted row by row.
        index: usize,
    },
    /// A file holds rotary frequencies that are not those of the configuration.
    #[error(
        "tensor `{name}` holds {found} at pair {pair}, and the configuration's rope gives {expected}; the \
         config.json belongs to another model"
    )]
    Frequency {
        /// The name of the tensor, for example `model.rotary_emb.inv_freq`.
        name: String,
        /// The number of the first pair of a head whose frequency differs.
        pair: usize,
        /// The frequency in the file, in radians for each position.
        found: f32,
        /// The frequency that the configuration gives.
        expected: f32,
    },
    /// A file holds a tensor that the configuration does not call for.
    #[error("tensor `{name}` has no place in this configuration; leaving it out would compute another model")]
    Unexpected {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
    },
}
