//! Why a snapshot is refused.

use std::path::PathBuf;

use abi::Digest;
use files::FileError;
use thiserror::Error;

/// Why bytes are no snapshot, or none that this model can go on from.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// They do not begin as a snapshot does.
    #[error("{bytes} bytes that do not begin as a snapshot of version 1 does; check the path")]
    NotSnapshot {
        /// How many bytes were read.
        bytes: usize,
    },
    /// There are fewer or more of them than were written.
    #[error(
        "{bytes} bytes where the snapshot says {stated}: it was cut or added to; prefill the session again"
    )]
    Length {
        /// How many there are.
        bytes: u64,
        /// How many were written.
        stated: u64,
    },
    /// They are not those that were written.
    #[error("digest {found} where the snapshot says {stated}: it was changed; prefill the session again")]
    Changed {
        /// The digest of what is there.
        found: Digest,
        /// The digest of what was written.
        stated: Digest,
    },
    /// They have their digest and no session wrote them.
    #[error(
        "the {part} at byte {offset} of the snapshot cannot be: no session wrote it; prefill the session again"
    )]
    Malformed {
        /// What is wrong.
        part: &'static str,
        /// Where it begins, or where the bytes ended before it.
        offset: usize,
    },
    /// It is a snapshot, and not the one that was asked for.
    #[error("snapshot {found} where {expected} was asked for: files were exchanged; check the path")]
    OtherSnapshot {
        /// Its digest.
        found: Digest,
        /// The digest asked for.
        expected: Digest,
    },
    /// It is of another model.
    #[error("a snapshot of model {found}, this is model {model}; load that one or prefill the session again")]
    OtherModel {
        /// The digest of its model.
        found: Digest,
        /// The digest of the model it was to be restored into.
        model: Digest,
    },
    /// It was computed in another order of operations.
    #[error("a snapshot of numerics {found:?}, this is {expected:?}; prefill the session again")]
    OtherNumerics {
        /// Its numerics version.
        found: String,
        /// That of the model.
        expected: String,
    },
    /// It names the model and does not fit it.
    #[error(
        "the snapshot's {part} is {found}, which does not fit the model: {allowed} is; prefill the session again"
    )]
    Unfit {
        /// What does not fit.
        part: &'static str,
        /// What the snapshot has.
        found: usize,
        /// What the model has, or the most that it allows.
        allowed: usize,
    },
}

/// The reason why a snapshot was not read from a file or not written to one.
#[derive(Debug, Error)]
pub enum SnapshotFileError {
    /// The file system refused an operation.
    #[error(transparent)]
    File(#[from] FileError),
    /// The content of the file is refused.
    #[error("{}: {source}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: SnapshotError,
    },
}
