//! The reasons why the kernels cannot be compiled or loaded on this machine.

use std::io;
use std::path::PathBuf;

use gpu::check::CheckError;
use thiserror::Error;

/// The reason why the kernels cannot be run on this host.
#[derive(Debug, Error)]
pub enum HostError {
    /// There is no C compiler on this machine.
    #[error("the C compiler cc cannot be started: {0}; install one, or use the backend cpu")]
    NoCompiler(io::Error),
    /// The compiler refused the kernels. Its messages are in a file.
    #[error("the kernels do not compile; the messages of cc are in {}", log.display())]
    Compile {
        /// The path of the file with the messages.
        log: PathBuf,
    },
    /// A file could not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The shared object could not be loaded, or lacks a kernel.
    #[error("the compiled kernels cannot be loaded: {0}")]
    Load(#[from] libloading::Error),
    /// The compiled code does not compute the arithmetic of the contract.
    #[error(transparent)]
    Check(#[from] CheckError),
}
