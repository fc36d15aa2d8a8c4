//! The reasons why a command could not be carried out.

use std::path::PathBuf;

use crate::config::ConfigError;
use crate::remote::{ApiKeyError, RemoteError};

/// Bad input or an operating error; never a negative result. Displayed as one line that says what is
/// wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line was not understood.
    #[error("{what} (command line): see {help}")]
    Usage {
        /// The fault.
        what: String,
        /// The command that explains.
        help: String,
    },
    /// The prompt has no words.
    #[error(
        "the prompt is empty (command line): say what you want to know, as in nmk ask \"Is 7 a prime number?\""
    )]
    EmptyPrompt,
    /// The prompt is not text.
    #[error("the prompt is not UTF-8 (command line, byte {at}): pass it in UTF-8")]
    PromptNotUtf8 {
        /// The byte at which it stops being text.
        at: usize,
    },
    /// The prompt and the answer do not fit the model's context together.
    #[error(
        "the prompt is too long (prompt of {tokens} tokens, {max_new} more to generate, context of {capacity}): \
         shorten it, lower --max-new, or pass a model with a longer context with --model"
    )]
    PromptTooLong {
        /// Tokens of the prompt.
        tokens: usize,
        /// Tokens that may be generated.
        max_new: u32,
        /// The model's context.
        capacity: usize,
    },
    /// A choice cannot be put in force.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A contract or schema cannot be put in force.
    #[error("the contract is refused ({}): {cause}", .path.display())]
    Contract {
        /// The file.
        path: PathBuf,
        /// The reason.
        cause: Box<crate::ContractFileError>,
    },
    /// A graph file cannot be read.
    #[error("the graph cannot be read ({}): {cause}: check the path", .path.display())]
    GraphFile {
        /// The file.
        path: PathBuf,
        /// The message of the system.
        cause: std::io::Error,
    },
    /// A graph file does not say what a graph says.
    #[error("the graph is refused ({}): {cause}", .path.display())]
    Graph {
        /// The file.
        path: PathBuf,
        /// The reason.
        cause: Box<crate::graph::GraphError>,
    },
    /// A request is not laid out as a graph.
    #[error("the request is refused: {0}")]
    Request(#[from] crate::request::RequestError),
    /// The scheduler does not admit what was laid out for a request.
    #[error("the request is {refusal}")]
    RequestRefused {
        /// The reason, with the gate and the change that would be accepted.
        refusal: String,
    },
    /// The scheduler does not admit a graph.
    #[error("the graph is {refusal} ({})", .path.display())]
    GraphRefused {
        /// The file.
        path: PathBuf,
        /// The reason, with the gate and the change that would be accepted.
        refusal: String,
    },
    /// No thread could be started.
    #[error("no thread could be started ({0}): lower --workers")]
    Threads(std::io::Error),
    /// An operation of a job produced nothing.
    #[error("nothing was proposed: {0}")]
    Operation(String),
    /// The endpoint's key cannot be used.
    #[error(transparent)]
    ApiKey(#[from] ApiKeyError),
    /// There is no such model.
    #[error("there is no model folder (--model {}): pass a folder with config.json, tokenizer.json and model.safetensors, or an endpoint's address", .path.display())]
    NoModel {
        /// The folder.
        path: PathBuf,
    },
    /// A file is not a model folder.
    #[error("a single file is no model folder (--model {}): serve it and pass --model http://HOST/v1 with --model-name, or pass a folder with config.json, tokenizer.json and model.safetensors", .path.display())]
    ModelIsAFile {
        /// The file.
        path: PathBuf,
    },
    /// A model was not loaded.
    #[error("the model is refused ({place}): {cause}")]
    Model {
        /// The folder of the model, or `embedded`.
        place: String,
        /// The reason.
        cause: proposer::LoadError,
    },
    /// Words or patterns cannot be forbidden.
    #[error("this cannot be forbidden (command line): {0}")]
    Forbid(crate::model::ForbidError),
    /// The processor of this machine cannot run a model.
    #[error("this process cannot compute so: {0}")]
    Backend(#[from] backend_cpu::BackendError),
    /// A local model failed at generating.
    #[error("the model gave no answer ({place}): {cause}")]
    Generation {
        /// The name of the model.
        place: String,
        /// The reason.
        cause: proposer::ProposeError,
    },
    /// An endpoint failed.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The key that signs the ledger is not usable.
    #[error("the ledger's key is refused ({}): {cause}", .path.display())]
    LedgerKey {
        /// The key's file.
        path: PathBuf,
        /// The reason.
        cause: ledger::KeyError,
    },
    /// The ledger cannot be written.
    #[error("the ledger is refused ({}): {cause}", .path.display())]
    Ledger {
        /// The ledger's folder.
        path: PathBuf,
        /// The reason.
        cause: Box<ledger::LedgerError>,
    },
    /// The ledger cannot be read.
    #[error("the ledger cannot be read ({}): {cause}", .path.display())]
    Unreadable {
        /// The ledger's folder.
        path: PathBuf,
        /// The reason.
        cause: Box<ledger::VerifyError>,
    },
    /// The kernel refused a plan of its own making.
    #[error("the kernel refused its own plan, which is a fault of nmk ({0}): please report it")]
    Kernel(String),
    /// The system gives no entropy.
    #[error("the system gives no random bytes ({0}): check /dev/urandom")]
    Entropy(#[from] getrandom::Error),
    /// Tokens cannot be drawn so.
    #[error("the way of drawing is refused: {0}")]
    Sampling(#[from] neural::SamplingError),
    /// A model is too small to be measured.
    #[error(
        "the model's context is too short to measure ({place}, {capacity} positions): pass one of {least} at least with --model, or --random"
    )]
    ShortContext {
        /// The folder of the model, or `embedded`.
        place: String,
        /// The positions of the model's context.
        capacity: usize,
        /// The positions that are needed.
        least: usize,
    },
    /// A snapshot cannot be written or read back.
    #[error(transparent)]
    Snapshot(#[from] neural::SnapshotFileError),
    /// A file cannot be written.
    #[error("{} cannot be written ({cause}): check the place of --out", .path.display())]
    OutFile {
        /// The file.
        path: PathBuf,
        /// The message of the system.
        cause: std::io::Error,
    },
    /// The output cannot be written.
    #[error("the output cannot be written ({0}): check where it goes")]
    Output(#[from] std::io::Error),
}
