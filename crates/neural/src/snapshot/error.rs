//! The reasons why a snapshot is refused, or its file is not read or written.

use std::path::PathBuf;

use abi::Digest;
use files::FileError;
use thiserror::Error;

/// The reason why bytes are not a snapshot, or not one that the model can go on from.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// The bytes do not begin as a snapshot does.
    #[error("{bytes} bytes that do not begin as a snapshot of version 1 does; check the path")]
    NotSnapshot {
        /// Number of bytes that were read.
        bytes: usize,
    },
    /// The number of bytes differs from the number that was written.
    #[error(
        "{bytes} bytes where the snapshot says {stated}: it was cut or added to; prefill the session again"
    )]
    Length {
        /// Number of bytes that are there.
        bytes: u64,
        /// Number of bytes that were written.
        stated: u64,
    },
    /// The bytes differ from those that were written.
    #[error("digest {found} where the snapshot says {stated}: it was changed; prefill the session again")]
    Changed {
        /// The digest of the bytes that are there.
        found: Digest,
        /// The digest of the bytes that were written.
        stated: Digest,
    },
    /// The bytes match their digest, but no session wrote them.
    #[error(
        "the {part} at byte {offset} of the snapshot cannot be: no session wrote it; prefill the session again"
    )]
    Malformed {
        /// The part that is wrong.
        part: &'static str,
        /// The offset of that part, or of the end of the bytes before it.
        offset: usize,
    },
    /// The snapshot is another one than the caller asked for.
    #[error("snapshot {found} where {expected} was asked for: files were exchanged; check the path")]
    OtherSnapshot {
        /// The digest of the snapshot.
        found: Digest,
        /// The digest asked for.
        expected: Digest,
    },
    /// The snapshot was taken from a session of another model.
    #[error("a snapshot of model {found}, this is model {model}; load that one or prefill the session again")]
    OtherModel {
        /// The digest of the snapshot's model.
        found: Digest,
        /// The digest of the model that was to go on from the snapshot.
        model: Digest,
    },
    /// The keys and values were computed in another order of operations.
    #[error("a snapshot of numerics {found:?}, this is {expected:?}; prefill the session again")]
    OtherNumerics {
        /// The snapshot's numerics version.
        found: String,
        /// The model's numerics version.
        expected: String,
    },
    /// The snapshot names the model but does not fit it.
    #[error(
        "the snapshot's {part} is {found}, which does not fit the model: {allowed} is; prefill the session again"
    )]
    Unfit {
        /// The part that does not fit.
        part: &'static str,
        /// The value in the snapshot.
        found: usize,
        /// The value of the model, or the most that the model allows.
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
