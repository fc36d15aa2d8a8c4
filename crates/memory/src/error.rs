//! The reasons for which the store refuses, or cannot work.

use std::path::PathBuf;
use std::time::Duration;

use abi::counted;
use files::FileError;
use rusqlite::ErrorCode;
use thiserror::Error;

use crate::{KeyFault, LineFault};

/// The reason why an operation of a store did nothing.
///
/// The store is as it was before the call. The message says what to do.
#[derive(Debug, Error)]
pub enum MemoryError {
    /// The quota has no room for an empty store.
    #[error(
        "a quota of {} is too small for the memory's own tables and rules; state at least {least}",
        counted(*quota, "byte")
    )]
    QuotaTooSmall {
        /// The quota in bytes.
        quota: u64,
        /// The smallest quota in bytes.
        least: u64,
    },
    /// The file is longer already than the quota permits.
    #[error(
        "the memory in {} has {bytes} bytes, more than the {most} that a quota of {quota} leaves for data; raise the quota, or export the entries and import them into a new place", path.display()
    )]
    FileAboveQuota {
        /// The path of the file.
        path: PathBuf,
        /// The length of the file in bytes.
        bytes: u64,
        /// The most bytes that the file may have.
        most: u64,
        /// The quota in bytes.
        quota: u64,
    },
    /// The text is no key that an ordinary caller may use.
    #[error("the key is refused: {0}")]
    Key(#[from] KeyFault),
    /// The entry is too large for the quota.
    #[error("the entry has {bytes} bytes, and {most} are the limit for one entry; store a part of it")]
    EntryTooLarge {
        /// The bytes that count for the entry.
        bytes: u64,
        /// The most bytes that one entry may have.
        most: u64,
    },
    /// The value nests too deeply to be encoded and read back.
    #[error("the value nests {depth} deep, and {most} is the limit; make it flatter")]
    TooDeep {
        /// The depth of the value.
        depth: usize,
        /// The greatest depth.
        most: usize,
    },
    /// The pinned entries would need more bytes than may be pinned.
    #[error(
        "pinned entries would need about {bytes} bytes, and {most} are the limit; store it without a pin, or unpin others"
    )]
    PinQuota {
        /// The bytes that all pinned entries need with this one, by estimate.
        bytes: u64,
        /// The most bytes that they may need if this caller pins.
        most: u64,
    },
    /// The entry is pinned, and the caller has no privilege.
    #[error("the entry `{key}` is pinned; its owner can unpin it")]
    Pinned {
        /// The key of the entry.
        key: String,
    },
    /// The entry belongs to the store itself.
    #[error("the entry `{key}` belongs to the store and is always there")]
    Governance {
        /// The key of the entry.
        key: String,
    },
    /// No entry has the key.
    #[error("no entry has the key `{key}`")]
    NoEntry {
        /// The key.
        key: String,
    },
    /// The entry does not fit beside what is pinned, even without all other entries.
    #[error("there is no room for the entry within the quota; unpin entries, or raise the quota")]
    NoRoom,
    /// The volume of the store is full.
    #[error("the disk is full ({}); free some space", path.display())]
    DiskFull {
        /// The path of the file.
        path: PathBuf,
    },
    /// Another process has been at work on the store for longer than the caller waits.
    #[error("the memory in {} is in use by another process for more than {waited:?}; try again", path.display())]
    Busy {
        /// The path of the file.
        path: PathBuf,
        /// The time for which this process waited.
        waited: Duration,
    },
    /// The file was made by a newer version.
    #[error("the memory in {} has version {found} of its format, and this program reads {known}; use the newer program", path.display())]
    Newer {
        /// The path of the file.
        path: PathBuf,
        /// The version of the file.
        found: i64,
        /// The newest version that this program reads.
        known: i64,
    },
    /// The file is a database of another program.
    #[error("{} is a database, and not a memory; name another place", path.display())]
    Foreign {
        /// The path of the file.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error(
        "the memory in {} is damaged ({what}): export what can still be read, and move the file aside", path.display()
    )]
    Corrupt {
        /// The path of the file.
        path: PathBuf,
        /// The fault, as the reader states it.
        what: String,
    },
    /// A line of an import cannot be used; nothing was imported.
    #[error("line {line} cannot be imported: {fault}")]
    Line {
        /// The number of the line, from 1.
        line: u64,
        /// The reason.
        fault: Box<LineFault>,
    },
    /// The lines do not fit within the quota; nothing was imported.
    #[error("the import does not fit within the quota (line {line}); raise the quota, or import fewer lines")]
    ImportTooLarge {
        /// The number of the line after which there was found to be no room, from 1.
        line: u64,
    },
    /// The budget of tokens has no room for the governance entry, which every consultation returns.
    #[error("a budget of {} has no room for the memory's rules; state at least {least}", counted(*budget, "token"))]
    BudgetTooSmall {
        /// The budget in tokens.
        budget: u64,
        /// The smallest budget in tokens.
        least: u64,
    },
    /// The file system refused an operation; the error names the place.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database refused an operation for another reason.
    #[error("the memory in {} cannot be used: {cause}", path.display())]
    Database {
        /// The path of the file.
        path: PathBuf,
        /// The reason, as the database states it.
        cause: Box<rusqlite::Error>,
    },
}

/// A failure inside a transaction, before the caller learns of it.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database refused.
    Sql(rusqlite::Error),
    /// The limit of pages is reached, or too few are left.
    Full,
    /// The content of a row is not what was stored.
    Damaged(String),
    /// The operation is refused.
    Refused(Box<MemoryError>),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<MemoryError> for Fault {
    fn from(error: MemoryError) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl Fault {
    /// Returns true if there was no page for what was to be written.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Full => true,
            Self::Sql(error) => error.sqlite_error_code() == Some(ErrorCode::DiskFull),
            _ => false,
        }
    }

    /// Returns the error for the caller of a store at `path` who waits for others as long as `waited`.
    pub(crate) fn named(self, path: &std::path::Path, waited: Duration) -> MemoryError {
        let path = path.to_path_buf();
        let error = match self {
            Self::Refused(error) => return *error,
            Self::Full => return MemoryError::NoRoom,
            Self::Damaged(what) => return MemoryError::Corrupt { path, what },
            Self::Sql(error) => error,
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => MemoryError::Busy { path, waited },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                MemoryError::Corrupt { path, what: error.to_string() }
            }
            Some(ErrorCode::DiskFull) => MemoryError::DiskFull { path },
            _ => MemoryError::Database { path, cause: Box::new(error) },
        }
    }
}
