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

impl FileError {
    /// Returns the reason why a [`FolderDisk`](crate::FolderDisk) did not open the file; `None` for other errors.
    #[must_use]
    pub fn irregular(&self) -> Option<Irregular> {
        self.source.get_ref()?.downcast_ref().copied()
    }
}

/// A file or folder that is not what its place demands, so that it was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Irregular {
    /// The name is a symbolic link, which may lead anywhere.
    #[error("it is a symbolic link; put there what it leads to")]
    SymbolicLink,
    /// The file has a second name, under which others may read or change it.
    #[error("it is a hard link, a file with another name elsewhere; put a copy there")]
    HardLink,
    /// A named pipe.
    #[error("it is a FIFO and no plain file; move it away, or name another place")]
    Fifo,
    /// A socket.
    #[error("it is a socket and no plain file; move it away, or name another place")]
    Socket,
    /// A block or character device.
    #[error("it is a device and no plain file; move it away, or name another place")]
    Device,
    /// A folder where a file must be.
    #[error("it is a folder and no plain file; move it away, or name another place")]
    Folder,
    /// A file where a folder must be.
    #[error("it is a file and no folder; move it away, or name another place")]
    NotAFolder,
    /// Somebody else owns the file, or the folder that is written.
    #[error("user {found} owns it and not user {wanted}; give it back with chown, or name another place")]
    Owner {
        /// Number of the user who owns it.
        found: u32,
        /// Number of the user who must own it.
        wanted: u32,
    },
    /// Others may change the file.
    #[error("others may change it (mode {mode:04o}); if no one did, run chmod go-w on it")]
    Writable {
        /// Permission bits of the file.
        mode: u32,
    },
    /// The file of a lock was gone each time that it was made and locked.
    #[error("it is removed again and again; end the program that removes it, or name another place")]
    Vanishing,
    /// The path does not lie in the folder.
    #[error("it lies outside of the folder that was opened")]
    Outside,
}

impl From<Irregular> for io::Error {
    fn from(irregular: Irregular) -> Self {
        Self::other(irregular)
    }
}
