//! The reasons why a local model cannot be loaded, or gives no answer.

use std::io;
use std::path::PathBuf;

use neural::{ModelError, SessionError};
use text::{ChatError, TokenizerError};
use thiserror::Error;

/// The reason why a model folder cannot be loaded. Every message names the file and a way out.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A file of the folder cannot be read.
    #[error("cannot read {}: {source}; a model folder holds config.json, tokenizer.json and model.safetensors", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error that the file system returned.
        source: io::Error,
    },
    /// The weights are in a format that this crate does not read, such as GGUF.
    #[error("{} is not read: the weights must be in safetensors, in the Hub's layout; fetch or convert them, or serve \
             the model and pass `--model http://...`", path.display())]
    OtherFormat {
        /// The path of the file.
        path: PathBuf,
    },
    /// The index of the shards, or the file with the defaults of generation, does not have the expected form.
    #[error("{} is refused: {why}; fetch the file again", path.display())]
    Index {
        /// The path of the file.
        path: PathBuf,
        /// The fault of the form, in words for people.
        why: String,
    },
    /// The configuration or the weights are refused; the error says which and why.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The tokenizer is refused, or does not fit the model.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The chat template of the folder is refused.
    #[error("{} is refused: {cause}", path.display())]
    Chat {
        /// The path of the file that contains it.
        path: PathBuf,
        /// The reason why the template is refused.
        cause: ChatError,
    },
    /// The folder has no chat template, so nothing says how a conversation is written.
    #[error(
        "{} has no chat template: neither chat_template.jinja nor `chat_template` in tokenizer_config.json is there, and \
         {missing}; fetch the model's own files", path.display()
    )]
    NoTemplate {
        /// The path of the model folder.
        path: PathBuf,
        /// The special token that the built-in form of conversations needs and that the tokenizer lacks.
        missing: TokenizerError,
    },
}

/// The reason why a local model gave no answer to a prompt.
#[derive(Debug, Error)]
pub enum ProposeError {
    /// The prompt is empty or has nothing but white space.
    #[error("the prompt is empty; say what you want to know")]
    EmptyPrompt,
    /// The request allows no new token, so there is nothing to generate.
    #[error("0 new tokens were asked for; ask for one at least")]
    NothingAsked,
    /// The tokenizer could not encode or decode a text.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The tokens do not fit the context of the model, or the forward pass failed.
    #[error(transparent)]
    Session(#[from] SessionError),
}
