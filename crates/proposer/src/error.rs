//! The reasons why a local model cannot be loaded, or gives no answer.

use abi::counted;
use std::io;
use std::path::PathBuf;

use constrain::DeadEnd;
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
    /// A file is a pointer of Git LFS: a few lines of text that stand for the real file.
    #[error(
        "{} is a Git LFS pointer and not the file{}; run `git lfs pull` in the folder, or download the file",
        path.display(), size.map(|size| format!(" of {size}", size = counted(size, "byte"))).unwrap_or_default()
    )]
    LfsPointer {
        /// The path of the pointer.
        path: PathBuf,
        /// The size of the real file in bytes, if the pointer says it.
        size: Option<u64>,
    },
    /// A file is a web page: the download gave an error or a page to log in.
    #[error("{} is a web page and not the file; download it again, logged in if the model asks for it", path.display())]
    WebPage {
        /// The path of the page.
        path: PathBuf,
    },
    /// A file of weights ends before its last tensor.
    #[error(
        "{} is cut: it has {length}, and its header needs {stated}; download the file again", path.display(), length = counted(*length, "byte"))]
    CutFile {
        /// The path of the file.
        path: PathBuf,
        /// The length of the file in bytes.
        length: u64,
        /// The least length that the header of the file calls for, in bytes.
        stated: u64,
    },
    /// A file of weights that the index names is not there.
    #[error("{} is missing, and {index} says that it holds `{tensor}`; download the file", path.display())]
    MissingShard {
        /// The path of the missing file.
        path: PathBuf,
        /// The name of the index.
        index: &'static str,
        /// The name of a tensor in the missing file.
        tensor: String,
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
    /// The temperature of the request is out of its range.
    #[error("the temperature is {temperature}; ask for one above 0 and at most 2, or for greedy decoding")]
    Temperature {
        /// The temperature that was asked for.
        temperature: f64,
    },
    /// The tokenizer could not encode or decode a text.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The tokens do not fit the context of the model, or the forward pass failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The schema of the request leaves no token that may follow.
    #[error("{0}; pass a schema that asks for less, or another model")]
    DeadEnd(#[from] DeadEnd),
    /// The schema of the request and the forbidden text leave no token together.
    #[error(
        "after {tokens} the schema and the forbidden text leave no token; forbid less, or pass another schema", tokens = counted(*tokens, "token"))]
    SchemaAgainstForbidden {
        /// The number of tokens of the answer so far.
        tokens: usize,
    },
    /// The model would begin with a forbidden text, and nothing else is likely.
    #[error(
        "the model would begin its answer with a text that is forbidden, and no other beginning is likely; forbid less, or \
         word the question otherwise"
    )]
    NothingElseToSay,
}

/// Returns the error for a file that is not there, in words for people.
pub(crate) fn absent() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "there is no such file")
}
