//! The reasons why a store of functions does not do what it is asked.

use std::path::PathBuf;

use files::FileError;

use super::KeptError;

/// The reason why a store of functions does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refuses.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file of the store is not as it was written.
    #[error(
        "{} is not as it was written: {what}; nmk prims revoke FILE takes it away",
        path.display()
    )]
    Altered {
        /// The file.
        path: PathBuf,
        /// The difference in words.
        what: KeptError,
    },
    /// The store has no room.
    #[error(
        "the store of functions is full: {kept} functions, {bytes} bytes in {}; `nmk prims revoke` removes one",
        folder.display()
    )]
    Full {
        /// The folder of the store.
        folder: PathBuf,
        /// The number of functions in it.
        kept: usize,
        /// The bytes that they would take with the new one.
        bytes: u64,
    },
    /// The code was revoked here.
    #[error("{entry} was revoked here: {why}")]
    Revoked {
        /// The name of the function.
        entry: String,
        /// The reason that was given.
        why: String,
    },
    /// Another process changes the store and does not end.
    #[error("{} is locked by another process; try again when it has ended", path.display())]
    Busy {
        /// The lock's file.
        path: PathBuf,
    },
    /// The file of trusted keys has a line that is no key.
    #[error("{} has a line that is no key of 64 hexadecimal digits", path.display())]
    Trusted {
        /// The file.
        path: PathBuf,
    },
}
