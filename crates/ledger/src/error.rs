//! Why a ledger was not opened, extended, read or believed.

use std::path::PathBuf;

use abi::{DecodeError, Digest};
use files::FileError;
use thiserror::Error;

use crate::PublicKey;
use crate::format::{MAX_BLOB_BYTES, MAX_ENTRY_BYTES, VERSION};

/// Why a ledger was not opened or not extended. Nothing was acknowledged.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The operating system refused something.
    #[error(transparent)]
    File(#[from] FileError),
    /// The history that is there does not hold, so nothing is built on it.
    #[error(transparent)]
    Broken(#[from] VerifyError),
    /// Another writer has the ledger.
    #[error("{} is in use by another writer; wait for it to end or name another ledger", path.display())]
    Locked {
        /// The ledger's folder.
        path: PathBuf,
    },
    /// The folder holds something else.
    #[error("{} holds {found:?} and no ledger; name an empty or new folder", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// A name found in it.
        found: String,
    },
    /// There was nothing to append.
    #[error("an append needs at least one entry")]
    NoEntries,
    /// The entry is longer than a reader accepts.
    #[error(
        "entry {position} of the append has {bytes} bytes, more than {MAX_ENTRY_BYTES}; keep the large part as a blob"
    )]
    EntryTooLong {
        /// Its position in the append, from 0.
        position: usize,
        /// Its length.
        bytes: usize,
    },
    /// The entry's body nests deeper than a reader accepts.
    #[error("the body of entry {position} of the append nests too deeply; flatten it or keep it as a blob")]
    TooDeep {
        /// Its position in the append, from 0.
        position: usize,
    },
    /// The entry's body has a `blobs` that is not a list of digests.
    #[error("the `blobs` of entry {position} of the append is not a list of 32-byte digests")]
    NotBlobs {
        /// Its position in the append, from 0.
        position: usize,
    },
    /// The entry says that a blob was forgotten, and not which.
    #[error(
        "entry {position} of the append is of the kind `forgotten` and has no 32-byte `digest`; use `forget`"
    )]
    NothingNamed {
        /// Its position in the append, from 0.
        position: usize,
    },
    /// The entry refers to a blob that was not kept.
    #[error("entry {position} of the append names blob {digest}, which was not kept; keep it first")]
    BlobNotKept {
        /// Its position in the append, from 0.
        position: usize,
        /// The digest named.
        digest: Digest,
    },
    /// The blob is longer than a reader accepts.
    #[error("a blob has {bytes} bytes, more than {MAX_BLOB_BYTES}; keep it in parts")]
    BlobTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The ledger is as large as its caps allow.
    #[error(
        "the ledger's {part} would have {bytes} bytes and {cap} are allowed; raise the cap, forget blobs, or start another ledger"
    )]
    Capped {
        /// What would be too large: `entries` or `blobs`.
        part: &'static str,
        /// How large it would be.
        bytes: u64,
        /// How large it may be.
        cap: u64,
    },
    /// There is no such blob to forget.
    #[error("there is no blob {digest} to forget; nmk ledger show names those that there are")]
    NothingToForget {
        /// The digest.
        digest: Digest,
    },
    /// A blob of this digest is there, with other bytes.
    #[error("blob {digest} was changed on disk; restore {} from a copy", path.display())]
    BlobChanged {
        /// The digest of what was to be kept.
        digest: Digest,
        /// Where it lies.
        path: PathBuf,
    },
    /// An earlier append failed and could not be taken back.
    #[error("an append to {} failed and cannot be taken back yet; make the disk writable and try again, or open the ledger again", path.display())]
    Unsettled {
        /// The ledger's folder.
        path: PathBuf,
    },
}

/// Why a history is not believed. The message names the first place that fails.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The operating system refused something.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no ledger.
    #[error("no ledger in {}; check the path", path.display())]
    NoLedger {
        /// The folder.
        path: PathBuf,
    },
    /// Entries or blobs are there and the head is not.
    #[error("{} is missing beside entries or blobs; restore it from a copy", path.display())]
    NoHead {
        /// The head's path.
        path: PathBuf,
    },
    /// The head is not what the pinned key signed.
    #[error("{}: {fault}", path.display())]
    Head {
        /// The head's path.
        path: PathBuf,
        /// What is wrong with it.
        fault: HeadFault,
    },
    /// An entry is not what was acknowledged.
    #[error("entry {index} at byte {offset} of {}: {fault}", path.display())]
    Entry {
        /// Path of the entries.
        path: PathBuf,
        /// The entry's number, from 0.
        index: u64,
        /// Where its frame begins.
        offset: u64,
        /// What is wrong with it.
        fault: EntryFault,
    },
    /// Acknowledged entries are gone.
    #[error("{} has {bytes} bytes and its head covers {covered}: acknowledged entries are gone; restore the file from a copy", path.display())]
    ShorterThanHead {
        /// Path of the entries.
        path: PathBuf,
        /// The file's length.
        bytes: u64,
        /// The length that the head covers.
        covered: u64,
    },
    /// Bytes follow that no head covers.
    #[error("{} has {bytes} bytes beyond its head: a writer stopped midway, or they were added; open the ledger for writing to cut them", path.display())]
    BeyondHead {
        /// Path of the entries.
        path: PathBuf,
        /// How many bytes follow.
        bytes: u64,
    },
    /// The entries are a chain, and not the one that was signed.
    #[error("{} is a chain of {found_count} entries to {found}, the head signs {count} to {signed}; restore both from a copy", path.display())]
    OtherChain {
        /// Path of the entries.
        path: PathBuf,
        /// Entries found.
        found_count: u64,
        /// Chain digest found.
        found: Digest,
        /// Entries signed.
        count: u64,
        /// Chain digest signed.
        signed: Digest,
    },
    /// A blob is not what its name says.
    #[error("{} is not the blob that its name says; restore it from a copy", path.display())]
    Blob {
        /// The blob's path.
        path: PathBuf,
    },
    /// A blob that was asked for is not there.
    #[error("blob {digest} is not in {}; check the digest", path.display())]
    NoBlob {
        /// The ledger's folder.
        path: PathBuf,
        /// The digest asked for.
        digest: Digest,
    },
    /// The expected head is none that this ledger ever had.
    #[error("head {expected} is not in the chain of {}: it was rolled back, sealed again, or is another ledger", path.display())]
    UnknownHead {
        /// The ledger's folder.
        path: PathBuf,
        /// The head expected.
        expected: Digest,
    },
}

/// What is wrong with a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HeadFault {
    /// The bytes are not a canonical value.
    #[error("not a canonical value ({0}); restore the file from a copy")]
    NotCanonical(DecodeError),
    /// A newer version wrote it.
    #[error("has version {found}, this program reads {VERSION}; use a newer nmk")]
    NewerVersion {
        /// The version found.
        found: i64,
    },
    /// A field is absent, of another type, or one too many.
    #[error("field `{field}` is not as the format has it; restore the file from a copy")]
    Shape {
        /// The first such field.
        field: &'static str,
    },
    /// Another key signed it.
    #[error("signed by {found}, not by the pinned {pinned}; this is another's ledger or the wrong key")]
    ForeignKey {
        /// The key that the head names.
        found: PublicKey,
        /// The key that was expected.
        pinned: PublicKey,
    },
    /// The signature is not of these bytes.
    #[error("the signature does not hold; restore the file from a copy")]
    Signature,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EntryFault {
    /// The frame's length does not fit.
    #[error("bad frame: {length} bytes are announced and {left} are left")]
    Frame {
        /// The length announced.
        length: u64,
        /// Bytes that the head covers from the frame on.
        left: u64,
    },
    /// The bytes are not a canonical value.
    #[error("not a canonical value: {0}")]
    NotCanonical(DecodeError),
    /// A newer version wrote it.
    #[error("has version {found}, this program reads {VERSION}; use a newer nmk")]
    NewerVersion {
        /// The version found.
        found: i64,
    },
    /// A field is absent, of another type, or one too many.
    #[error("field `{field}` is not as the format has it")]
    Shape {
        /// The first such field.
        field: &'static str,
    },
    /// The entry has another's number.
    #[error("wrong index: it says {found}")]
    Index {
        /// The number found.
        found: u64,
    },
    /// The entry follows another than the one before it.
    #[error("wrong previous entry: it says {found}")]
    Previous {
        /// The digest found.
        found: Digest,
    },
    /// The entry was changed after it was chained.
    #[error("chain mismatch: the entry or the digest after it was changed")]
    Chain,
    /// A blob that it names is not there.
    #[error("blob {digest} is missing; restore it from a copy")]
    BlobMissing {
        /// The digest named.
        digest: Digest,
    },
    /// A blob that it names has other bytes.
    #[error("blob {digest} was changed; restore it from a copy")]
    BlobChanged {
        /// The digest named.
        digest: Digest,
    },
}
