//! The reasons why a snapshot is refused, or its file is not read or written.

use std::path::PathBuf;

use abi::{Digest, counted};
use files::FileError;
use thiserror::Error;

/// The reason why a snapshot is refused: its bytes are damaged, or it does not fit the model that was to go
/// on from it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// The bytes do not begin with the mark of a snapshot of version 1.
    #[error("{bytes} that do not begin as a snapshot of version 1 does; check the path", bytes = counted(*bytes, "byte"))]
    NotSnapshot {
        /// Number of bytes that were read.
        bytes: usize,
    },
    /// The number of bytes is not the one that the snapshot states.
    #[error(
        "{bytes} where the snapshot says {stated}: it was cut or added to; prefill the session again", bytes = counted(*bytes, "byte"))]
    Length {
        /// Number of bytes that are there.
        bytes: u64,
        /// Number of bytes that the snapshot states.
        stated: u64,
    },
    /// The digest of the bytes is not the one that the snapshot states.
    #[error("digest {found} where the snapshot says {stated}: it was changed; prefill the session again")]
    Changed {
        /// The digest of the bytes that are there.
        found: Digest,
        /// The digest that the snapshot states.
        stated: Digest,
    },
    /// The bytes match their digest, but no session could have written them.
    #[error(
        "the {part} at byte {offset} of the snapshot cannot be: no session wrote it; prefill the session again"
    )]
    Malformed {
        /// The name of the part that is wrong, for example `position`.
        part: &'static str,
        /// Offset of that part in the bytes, or of the end of the bytes before it.
        offset: usize,
    },
    /// The snapshot is another one than [`Snapshot::require`](crate::Snapshot::require) was asked for.
    #[error("snapshot {found} where {expected} was asked for: files were exchanged; check the path")]
    OtherSnapshot {
        /// The digest of the snapshot that is there.
        found: Digest,
        /// The digest of the snapshot that was asked for.
        expected: Digest,
    },
    /// The snapshot was taken from a session of another model.
    #[error("a snapshot of model {found}, this is model {model}; load that one or prefill the session again")]
    OtherModel {
        /// The digest of the model that the snapshot names.
        found: Digest,
        /// The digest of the model that was to go on from the snapshot.
        model: Digest,
    },
    /// The keys and values were computed under another numerics version.
    #[error("a snapshot of numerics {found:?}, this is {expected:?}; prefill the session again")]
    OtherNumerics {
        /// The numerics version that the snapshot names.
        found: String,
        /// The numerics version of the model that was to go on from it.
        expected: String,
    },
    /// The snapshot names the right model, but a size or a token in it does not fit that model.
    #[error(
        "the snapshot's {part} is {found}, which does not fit the model: {allowed} is; prefill the session again"
    )]
    Unfit {
        /// The name of the part that does not fit, for example `number of layers`.
        part: &'static str,
        /// The value in the snapshot.
        found: usize,
        /// The value that the model has, or the largest that it allows.
        allowed: usize,
    },
}

/// The reason why a snapshot file is not read or not written.
#[derive(Debug, Error)]
pub enum SnapshotFileError {
    /// The file system refused to open, read or write the file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file was read, and its content is refused.
    #[error("{}: {source}", path.display())]
    Refused {
        /// The path of the file.
        path: PathBuf,
        /// The reason why its content is refused.
        source: SnapshotError,
    },
}
