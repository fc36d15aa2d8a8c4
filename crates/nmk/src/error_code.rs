//! Codes of errors, by which a program tells them apart.

use crate::Error;
use crate::model::ModelFailure;
use crate::remote::RemoteError;

/// The kind of an error, as a word that stays the same when the message is worded better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The command line was not understood.
    Usage,
    /// The prompt or the messages before it cannot be used.
    Prompt,
    /// The prompt does not fit the model's context.
    PromptTooLong,
    /// A flag, a configuration file, or a folder that they name is not valid.
    Config,
    /// A contract or a schema is refused.
    Contract,
    /// A graph or a request is refused.
    Graph,
    /// The specification of an exam is refused, or its own code failed.
    Specification,
    /// A candidate, a batch of them, or the record of an exam cannot be read.
    Candidate,
    /// An admitted function is not there, does not count, or cannot be kept.
    Primitive,
    /// The machine cannot run a candidate in isolation.
    Unsandboxed,
    /// The model cannot be loaded, or cannot do what a flag asks of it.
    Model,
    /// The model failed to generate.
    Generation,
    /// No connection to the endpoint came about.
    EndpointUnreachable,
    /// The endpoint's certificate or the connection's encryption is refused.
    EndpointEncryption,
    /// The endpoint asks to wait longer than the deadline.
    EndpointBusy,
    /// The endpoint did not answer in time.
    EndpointTimeout,
    /// The endpoint answered with an error.
    EndpointError,
    /// The endpoint's key is missing or refused.
    EndpointKey,
    /// The endpoint has no model of this name.
    EndpointModel,
    /// The endpoint's reply cannot be read.
    EndpointReply,
    /// The ledger or its key cannot be used.
    Ledger,
    /// The memory refuses, or cannot be used.
    Memory,
    /// An operation of a job failed.
    Operation,
    /// The machine lacks something, for example random bytes, threads or space for the output.
    Machine,
    /// The program itself has a fault.
    Internal,
}

impl ErrorCode {
    /// All codes, in the order of the documentation.
    pub const ALL: [Self; 25] = [
        Self::Usage,
        Self::Prompt,
        Self::PromptTooLong,
        Self::Config,
        Self::Contract,
        Self::Graph,
        Self::Specification,
        Self::Candidate,
        Self::Primitive,
        Self::Unsandboxed,
        Self::Model,
        Self::Generation,
        Self::EndpointUnreachable,
        Self::EndpointEncryption,
        Self::EndpointBusy,
        Self::EndpointTimeout,
        Self::EndpointError,
        Self::EndpointKey,
        Self::EndpointModel,
        Self::EndpointReply,
        Self::Ledger,
        Self::Memory,
        Self::Operation,
        Self::Machine,
        Self::Internal,
    ];

    /// Returns the word of the code, for example `endpoint_busy`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Prompt => "prompt",
            Self::PromptTooLong => "prompt_too_long",
            Self::Config => "config",
            Self::Contract => "contract",
            Self::Graph => "graph",
            Self::Specification => "specification",
            Self::Candidate => "candidate",
            Self::Primitive => "primitive",
            Self::Unsandboxed => "unsandboxed",
            Self::Model => "model",
            Self::Generation => "generation",
            Self::EndpointUnreachable => "endpoint_unreachable",
            Self::EndpointEncryption => "endpoint_encryption",
            Self::EndpointBusy => "endpoint_busy",
            Self::EndpointTimeout => "endpoint_timeout",
            Self::EndpointError => "endpoint_error",
            Self::EndpointKey => "endpoint_key",
            Self::EndpointModel => "endpoint_model",
            Self::EndpointReply => "endpoint_reply",
            Self::Ledger => "ledger",
            Self::Memory => "memory",
            Self::Operation => "operation",
            Self::Machine => "machine",
            Self::Internal => "internal",
        }
    }
}

impl Error {
    /// Returns the code of the error.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Usage { .. } | Self::Idle { .. } => ErrorCode::Usage,
            Self::Prompt(_) | Self::Messages { .. } => ErrorCode::Prompt,
            Self::PromptTooLong { .. } => ErrorCode::PromptTooLong,
            Self::Config(_) | Self::Research(_) | Self::Policy(_) => ErrorCode::Config,
            Self::Contract { .. } => ErrorCode::Contract,
            Self::GraphFile { .. }
            | Self::Graph { .. }
            | Self::Request(_)
            | Self::RequestRefused { .. }
            | Self::GraphRefused { .. } => ErrorCode::Graph,
            Self::Specification { .. } | Self::Exam(_) => ErrorCode::Specification,
            Self::Candidate { .. } | Self::GateRecord { .. } => ErrorCode::Candidate,
            Self::Primitive(_) => ErrorCode::Primitive,
            Self::Sandbox(_) => ErrorCode::Unsandboxed,
            Self::GateHistory { .. } => ErrorCode::Ledger,
            Self::NoModel { .. }
            | Self::ModelIsAFile { .. }
            | Self::Model { .. }
            | Self::Forbid(_)
            | Self::Thinking { .. }
            | Self::Conversation { .. }
            | Self::Sampling(_)
            | Self::ShortContext { .. }
            | Self::Snapshot(_)
            | Self::Injector(_) => ErrorCode::Model,
            Self::Generation { .. } => ErrorCode::Generation,
            Self::ApiKey(_) => ErrorCode::EndpointKey,
            Self::Proxy(_) => ErrorCode::EndpointUnreachable,
            Self::Certificates { .. } => ErrorCode::EndpointEncryption,
            Self::Remote(error) => of_endpoint(error),
            Self::NoKey { .. }
            | Self::LedgerKey { .. }
            | Self::Ledger { .. }
            | Self::KeyPlace { .. }
            | Self::BlobDigits { .. }
            | Self::NoBlob { .. }
            | Self::NoLedger { .. }
            | Self::BinaryBlob { .. }
            | Self::JobDigits { .. }
            | Self::Unreadable { .. } => ErrorCode::Ledger,
            Self::Memory(_) | Self::NoMemoryPlace | Self::MemoryInput { .. } | Self::MemoryFile { .. } => {
                ErrorCode::Memory
            }
            Self::Operation(_) => ErrorCode::Operation,
            Self::Calibration(_) | Self::NoTap | Self::NoResidual => ErrorCode::Usage,
            Self::Threads(_)
            | Self::Backend(_)
            | Self::Entropy(_)
            | Self::OutFile { .. }
            | Self::EvalFile { .. }
            | Self::Output(_) => ErrorCode::Machine,
            Self::Kernel(_) => ErrorCode::Internal,
        }
    }
}

impl ModelFailure {
    /// Returns the code of the failure.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Local(_) => ErrorCode::Generation,
            Self::Remote(error) => of_endpoint(error),
            Self::Prompt(error) => error.code(),
        }
    }
}

fn of_endpoint(error: &RemoteError) -> ErrorCode {
    match error {
        RemoteError::Refused { .. }
        | RemoteError::Proxy { .. }
        | RemoteError::HostNotFound { .. }
        | RemoteError::NoConnection { .. }
        | RemoteError::Failed { .. } => ErrorCode::EndpointUnreachable,
        RemoteError::Certificate { .. } | RemoteError::NotEncrypted { .. } => ErrorCode::EndpointEncryption,
        RemoteError::Busy { .. } => ErrorCode::EndpointBusy,
        RemoteError::Stalled { .. } | RemoteError::TooSlow { .. } => ErrorCode::EndpointTimeout,
        RemoteError::Reported { .. } | RemoteError::Status { .. } => ErrorCode::EndpointError,
        RemoteError::NoKey { .. } | RemoteError::KeyRefused { .. } | RemoteError::KeyHeldBack { .. } => {
            ErrorCode::EndpointKey
        }
        RemoteError::NoName { .. } | RemoteError::UnknownModel { .. } => ErrorCode::EndpointModel,
        RemoteError::ClosedEarly { .. }
        | RemoteError::NotHttp { .. }
        | RemoteError::TooLarge { .. }
        | RemoteError::NotACompletion { .. }
        | RemoteError::NotUtf8 { .. }
        | RemoteError::Truncated { .. }
        | RemoteError::Empty { .. } => ErrorCode::EndpointReply,
    }
}
