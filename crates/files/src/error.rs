//! The error of a file operation, which names the action and the path.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file operation that the file system refused, with the action and the path.
#[derive(Debug, Error)]
#[error("cannot {action} {}: {source}; check that the place exists, is yours and has room", path.display())]
pub struct FileError {
    /// The action as a verb, for example `read`.
    pub action: &'static str,
    /// The path of the file or folder that the operation was for.
    pub path: PathBuf,
    /// The error that the file system returned.
    pub source: io::Error,
}

/// Returns `result` with its error turned into a [`FileError`] that names `action`, a verb, and `path`.
///
/// # Errors
/// Fails exactly if `result` is an error.
pub fn with_context<T>(action: &'static str, path: &Path, result: io::Result<T>) -> Result<T, FileError> {
    result.map_err(|source| FileError { action, path: path.to_path_buf(), source })
}
