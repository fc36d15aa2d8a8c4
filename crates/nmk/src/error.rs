//! The reasons why a command could not be carried out.

use abi::counted;
use std::path::PathBuf;

use crate::config::ConfigError;
use crate::prompt_length::{PromptLength, too_long};
use crate::remote::{ApiKeyError, ProxyError, RemoteError};

/// The reason why a command could not be carried out: bad input or a failure, never a negative result.
///
/// The message is one line that says what is wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Pages of the web cannot be searched for.
    #[error(transparent)]
    Research(#[from] crate::research::ResearchError),
    /// A stored function is not used, or the store of functions refuses.
    #[error(transparent)]
    Primitive(#[from] crate::PrimitiveError),
    /// The command line was not understood.
    #[error("{what} (command line): see {help}")]
    Usage {
        /// The fault in the command line, in words for people.
        what: String,
        /// The command whose help explains the command line.
        help: String,
    },
    /// A flag would change nothing, so that whoever passed it expects something else.
    #[error("--{flag} would change nothing (command line): {why}")]
    Idle {
        /// The name of the flag without its dashes.
        flag: String,
        /// The reason and the way out, in words for people.
        why: &'static str,
    },
    /// There is no prompt that can be asked.
    #[error(transparent)]
    Prompt(#[from] crate::PromptError),
    /// The prompt and the answer together do not fit the model's context.
    #[error("{}", too_long(*.length, *.max_new, *.capacity))]
    PromptTooLong {
        /// The length of the prompt with what goes with it.
        length: PromptLength,
        /// The number of tokens that may be generated.
        max_new: u32,
        /// The number of tokens in the model's context.
        capacity: usize,
    },
    /// An object that is passed to the policy cannot be used.
    #[error(transparent)]
    Policy(#[from] crate::PolicyInputError),
    /// A flag, or a value in the configuration file, is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A contract or a schema in a file cannot be used.
    #[error("the contract is refused ({}): {cause}", .path.display())]
    Contract {
        /// The path of the file with the contract or the schema.
        path: PathBuf,
        /// The reason, as the reader of contract files states it.
        cause: Box<crate::ContractFileError>,
    },
    /// The specification of an exam cannot be used.
    #[error("the specification is refused ({}): {cause}", .path.display())]
    Specification {
        /// The path of the file.
        path: PathBuf,
        /// The first fault, with its place.
        cause: Box<crate::SpecFileError>,
    },
    /// An exam says nothing about the candidate: the specification's own code failed, or the candidate was not sealed.
    #[error("no exam took place: {0}")]
    Exam(Box<holdout::ExperimentError>),
    /// A file of candidates, or the place of a file that is to be written, cannot be used.
    #[error("{} cannot be used: {what}", .path.display())]
    Candidate {
        /// The path of the file.
        path: PathBuf,
        /// The reason, as the operating system or the reader states it.
        what: String,
    },
    /// The ledger's history of exams cannot be read.
    #[error("the exams of the ledger cannot be read ({}): {cause}", .path.display())]
    GateHistory {
        /// The ledger's folder.
        path: PathBuf,
        /// The reason, as the ledger's reader states it.
        cause: Box<ledger::VerifyError>,
    },
    /// A record of the gate cannot be used.
    #[error("the record is refused ({record}): {cause}")]
    GateRecord {
        /// The digest or the file of the record.
        record: String,
        /// The reason.
        cause: Box<crate::RecordError>,
    },
    /// No candidate can be run here.
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    /// The file of a graph cannot be read.
    #[error("the graph cannot be read ({}): {cause}: check the path", .path.display())]
    GraphFile {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// The file of a graph is not the description of a graph.
    #[error("the graph is refused ({}): {cause}", .path.display())]
    Graph {
        /// The path of the file.
        path: PathBuf,
        /// The first fault, with its place.
        cause: Box<crate::graph::GraphError>,
    },
    /// No graph can be laid out for a request.
    #[error("the request is refused: {0}")]
    Request(#[from] crate::request::RequestError),
    /// The scheduler does not admit the graph that was laid out for a request.
    #[error("the request is {refusal}")]
    RequestRefused {
        /// The reason, with the gate and the change that would be accepted.
        refusal: String,
    },
    /// The scheduler does not admit a graph from a file.
    #[error("the graph is {refusal} ({})", .path.display())]
    GraphRefused {
        /// The path of the file.
        path: PathBuf,
        /// The reason, with the gate and the change that would be accepted.
        refusal: String,
    },
    /// No thread could be started.
    #[error("no thread could be started ({0}): lower --workers")]
    Threads(std::io::Error),
    /// An operation of the job proposed nothing, for example because a tool failed.
    #[error("nothing was proposed: {0}")]
    Operation(String),
    /// The key for the endpoint cannot be used.
    #[error(transparent)]
    ApiKey(#[from] ApiKeyError),
    /// A proxy is named by a variable of the environment that cannot be read.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The folder of the model does not exist.
    #[error("there is no model folder (--model {}): {}", .path.display(), instead_of(.path))]
    NoModel {
        /// The path that was passed as the model.
        path: PathBuf,
    },
    /// The model is a single file, and a folder is needed.
    #[error("a single file is no model folder (--model {}): serve it and pass --model http://HOST/v1 with --model-name, or pass a folder with config.json, tokenizer.json and model.safetensors", .path.display())]
    ModelIsAFile {
        /// The path of the file.
        path: PathBuf,
    },
    /// The model in a folder, or the one in the binary, could not be loaded.
    #[error("the model is refused ({place}): {cause}")]
    Model {
        /// The folder of the model, or `embedded`.
        place: String,
        /// The reason, with the file and a way out.
        cause: proposer::LoadError,
    },
    /// The words or patterns of `--forbid` cannot be forbidden to the model.
    #[error("this cannot be forbidden (command line): {0}")]
    Forbid(crate::model::ForbidError),
    /// A file of certificates that the user names cannot be used.
    #[error("the certificates are refused ({named_by} {}): {cause}", .path.display())]
    Certificates {
        /// The path of the file.
        path: PathBuf,
        /// The flag or the variable that names the file.
        named_by: &'static str,
        /// The reason, with the form that is read.
        cause: crate::CertificateFileError,
    },
    /// The model cannot be told whether to think.
    #[error("the choice of thinking is refused ({place}): {cause}")]
    Thinking {
        /// The name of the model.
        place: String,
        /// The reason, as the reader of chat templates states it.
        cause: text::ChatError,
    },
    /// The messages before the prompt cannot be used.
    #[error("the messages are refused ({}): {cause}", .path.display())]
    Messages {
        /// The path of the file, or the flag that states a message.
        path: PathBuf,
        /// The first fault, with its place.
        cause: Box<crate::messages::MessagesError>,
    },
    /// The model cannot read the messages before the prompt.
    #[error("the messages are refused (model {place}): {cause}")]
    Conversation {
        /// The name of the model.
        place: String,
        /// The reason, as the reader of chat templates states it.
        cause: text::ChatError,
    },
    /// The machine or the process cannot compute with the chosen instruction set or threads.
    #[error("this process cannot compute so: {0}")]
    Backend(#[from] backend_cpu::BackendError),
    /// A local model failed to generate an answer.
    #[error("the model gave no answer ({place}): {cause}")]
    Generation {
        /// The name or the folder of the model.
        place: String,
        /// The reason, as the proposer of local models states it.
        cause: proposer::ProposeError,
    },
    /// A request to an endpoint failed; the error says how and what to do.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The key that signs the ledger cannot be read or made.
    #[error("the ledger's key is refused ({}): {cause}", .path.display())]
    LedgerKey {
        /// The path of the key.
        path: PathBuf,
        /// The reason, as the ledger's reader of keys states it.
        cause: ledger::KeyError,
    },
    /// The ledger is there, and no key at the place of its key.
    #[error(
        "no key is here ({}), and the ledger in {} is signed already: pass --key with the key of that ledger, or name \
         another ledger with --ledger",
        .path.display(), .ledger.display()
    )]
    NoKey {
        /// The place at which there is no key.
        path: PathBuf,
        /// The ledger's folder.
        ledger: PathBuf,
    },
    /// The key that signs the ledger cannot be kept where the configuration places it.
    #[error(
        "the ledger's key cannot be kept ({}): {cause}; name another place with --key FILE, or keep none with --no-ledger",
        .path.display()
    )]
    KeyPlace {
        /// The path of the key.
        path: PathBuf,
        /// The operation that the file system refused.
        cause: ledger::FileError,
    },
    /// The ledger cannot be opened, or an entry cannot be appended.
    #[error("the ledger is refused ({}): {cause}", .path.display())]
    Ledger {
        /// The folder of the ledger.
        path: PathBuf,
        /// The reason, as the ledger's writer states it.
        cause: Box<ledger::LedgerError>,
    },
    /// The first digits of a digest stand for no blob, or for several.
    #[error("{found} begin with {digits} ({}): nmk ledger show JOB lists the blobs of a job", .ledger.display(), found = counted(*found, "blob"))]
    BlobDigits {
        /// The digits that were passed.
        digits: String,
        /// The number of blobs whose digests begin with them.
        found: usize,
        /// The folder of the ledger.
        ledger: PathBuf,
    },
    /// The blob is not in the ledger.
    #[error(
        "there is no blob {digest} ({}), or it was forgotten: nmk ledger show JOB lists the blobs of a job",
        .ledger.display()
    )]
    NoBlob {
        /// The digest that was passed.
        digest: abi::Digest,
        /// The folder of the ledger.
        ledger: PathBuf,
    },
    /// There is no ledger in the folder.
    #[error(
        "there is no ledger in {}: the first nmk ask or nmk run begins one; or pass --ledger PATH with another folder",
        .path.display()
    )]
    NoLedger {
        /// The folder in which the ledger was looked for.
        path: PathBuf,
    },
    /// The bytes of a blob are no text, and a terminal cannot show them.
    #[error("blob {digest} is no text ({bytes}): pass it on, as in nmk ledger blob {} > FILE", .digest.short(), bytes = counted(*bytes, "byte"))]
    BinaryBlob {
        /// The digest of the blob.
        digest: abi::Digest,
        /// The number of its bytes.
        bytes: usize,
    },
    /// The first digits of a job's id stand for no job, or for several.
    #[error("{found} begin with {word} ({}): {more}nmk ledger show lists the jobs", .ledger.display(), found = counted(*found, "job"), more = if *found > 1 { "pass more of its digits; " } else { "" })]
    JobDigits {
        /// The word that was passed.
        word: String,
        /// The number of jobs whose ids begin with it.
        found: usize,
        /// The folder of the ledger.
        ledger: PathBuf,
    },
    /// The ledger cannot be read; the error names the first fault.
    #[error("the ledger cannot be read ({}): {cause}", .path.display())]
    Unreadable {
        /// The folder of the ledger.
        path: PathBuf,
        /// The first fault, as the check of the ledger states it.
        cause: Box<ledger::VerifyError>,
    },
    /// The memory refuses, or cannot be used.
    #[error(transparent)]
    Memory(Box<memory::MemoryError>),
    /// Nothing says where the memory lies.
    #[error(
        "there is no home folder for the memory: state `folder` under [memory] in a file and pass it with --config FILE, or pass --memory DIR to a command of nmk memory"
    )]
    NoMemoryPlace,
    /// What was to be stored in the memory cannot be used.
    #[error("{what} (command line)")]
    MemoryInput {
        /// The fault and the way out, in words for people.
        what: String,
    },
    /// A file of entries cannot be read or written.
    #[error("the entries cannot be moved ({}): {cause}: check the path", .path.display())]
    MemoryFile {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// The kernel refused a plan that this program made itself, which is a bug.
    #[error("the kernel refused its own plan, which is a fault of nmk ({0}): please report it")]
    Kernel(String),
    /// The operating system gives no random bytes.
    #[error("the system gives no random bytes ({0}): check /dev/urandom")]
    Entropy(#[from] getrandom::Error),
    /// The settings by which tokens are drawn are out of range.
    #[error("the way of drawing is refused: {0}")]
    Sampling(#[from] neural::SamplingError),
    /// The context of the model is too short for the measurement.
    #[error(
        "the model's context is too short to measure ({place}, {capacity}): pass one of {least} at least with --model, or --random", capacity = counted(*capacity, "position"))]
    ShortContext {
        /// The folder of the model, or `embedded`.
        place: String,
        /// The number of positions in the model's context.
        capacity: usize,
        /// The least number of positions that is needed.
        least: usize,
    },
    /// A snapshot of a session cannot be written or read back.
    #[error(transparent)]
    Snapshot(#[from] neural::SnapshotFileError),
    /// The file that `--out` names cannot be written.
    #[error("{} cannot be written ({cause}): check the place of --out", .path.display())]
    OutFile {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// The labelled items of an evaluation do not suffice.
    #[error("nothing was measured: {0}")]
    Calibration(kpolicy::CalibrationError),
    /// The model is behind an endpoint, where nothing can be tapped.
    #[error("the routers of a model behind an endpoint cannot be tapped: pass a folder, or no --model")]
    NoTap,
    /// The model is behind an endpoint, so nothing can be added to its residual.
    #[error("a model behind an endpoint shows no residual, so no value can be injected; leave --model out")]
    NoResidual,
    /// An injector does not belong to the model, or cannot tell a value.
    #[error("{0}, or leave --model and --state out")]
    Injector(Box<neural::InjectorError>),
    /// A file for the result of an evaluation cannot be written.
    #[error("{} cannot be written ({cause}): name a file in a folder that is there", .path.display())]
    EvalFile {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// The standard output cannot be written.
    #[error("the output cannot be written ({0}): check where it goes")]
    Output(#[from] std::io::Error),
}

impl From<memory::MemoryError> for Error {
    fn from(error: memory::MemoryError) -> Self {
        Self::Memory(Box::new(error))
    }
}

impl From<holdout::ExperimentError> for Error {
    fn from(error: holdout::ExperimentError) -> Self {
        match error {
            holdout::ExperimentError::Sandbox(error) => Self::Sandbox(error),
            error => Self::Exam(Box::new(error)),
        }
    }
}

impl Error {
    /// Returns true if this machine lacks what was asked for, so that another one may do it.
    #[must_use]
    pub fn is_about_the_machine(&self) -> bool {
        self.code() == crate::ErrorCode::Unsandboxed
            || matches!(self, Self::Backend(backend_cpu::BackendError::Isa(_)))
    }
}

/// Returns the change that helps where `path` is no model folder: a name alone may be that of a model at a server.
fn instead_of(path: &std::path::Path) -> String {
    let shown = path.display().to_string();
    let folder = "a folder with config.json, tokenizer.json and model.safetensors";
    if shown.contains("://") {
        format!("pass {folder}; the address of an endpoint begins with http:// or https://")
    } else if path.components().count() == 1 {
        format!(
            "pass {folder}, or for a model of a server its address and name, as in --model http://HOST:PORT/v1 --model-name {shown}"
        )
    } else {
        format!("pass {folder}, or an endpoint's address")
    }
}
