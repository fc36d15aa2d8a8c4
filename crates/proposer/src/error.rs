//! The reasons why a local model is not loaded, or gives no answer.

use std::io;
use std::path::PathBuf;

use neural::{ModelError, SessionError};
use text::{ChatError, TokenizerError};
use thiserror::Error;

/// The reason why a checkpoint folder is not loaded. Every message names the file and a way out.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A file of the folder cannot be read.
    #[error("cannot read {}: {source}; a model folder holds config.json, tokenizer.json and model.safetensors", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The weights are in a format that is not read.
    #[error("{} is not read: the weights must be in safetensors, in the Hub's layout; fetch or convert them, or serve \
             the model and pass `--model http://...`", path.display())]
    OtherFormat {
        /// The file.
        path: PathBuf,
    },
    /// The index of shards or the defaults of generation have a wrong form.
    #[error("{} is refused: {why}; fetch the file again", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// The part that is wrong.
        why: String,
    },
    /// The configuration or the weights are refused.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The tokenizer is refused.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The chat template is refused.
    #[error("{} is refused: {cause}", path.display())]
    Chat {
        /// The file.
        path: PathBuf,
        /// The reason.
        cause: ChatError,
    },
    /// No file says how a conversation is written.
    #[error(
        "{} has no chat template: neither chat_template.jinja nor `chat_template` in tokenizer_config.json is there, and \
         {missing}; fetch the model's own files", path.display()
    )]
    NoTemplate {
        /// The folder.
        path: PathBuf,
        /// The token that our own shape of conversations needs and the tokenizer lacks.
        missing: TokenizerError,
    },
}

/// The reason why a local model gave no answer to a prompt.
#[derive(Debug, Error)]
pub enum ProposeError {
    /// The prompt has no words.
    #[error("the prompt is empty; say what you want to know")]
    EmptyPrompt,
    /// The request allows no new token.
    #[error("0 new tokens were asked for; ask for one at least")]
    NothingAsked,
    /// A text could not be encoded or decoded.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The sequence does not fit the context, or the forward pass failed.
    #[error(transparent)]
    Session(#[from] SessionError),
}
