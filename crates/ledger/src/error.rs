//! Errors of the writer, and reasons to refuse a history.

use std::path::PathBuf;

use abi::{DecodeError, Digest};
use files::FileError;
use thiserror::Error;

use crate::PublicKey;
use crate::format::{MAX_BLOB_BYTES, MAX_ENTRY_BYTES, VERSION};

/// The reason why a ledger was not opened or not extended.
///
/// No entry of the failed call is acknowledged. The message says what to do, and names the place where there is one.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The file system refused an operation.
    #[error(transparent)]
    File(#[from] FileError),
    /// The history in the folder is refused, so nothing is appended to it.
    #[error(transparent)]
    Broken(#[from] VerifyError),
    /// Another process has held the lock of the ledger for longer than an append takes.
    #[error("{} is in use by another writer that does not end; wait for it to end or name another ledger", path.display())]
    Locked {
        /// The ledger's folder.
        path: PathBuf,
    },
    /// The folder holds other files and no ledger.
    #[error("{} holds {found:?} and no ledger; name an empty or new folder", path.display())]
    NotALedger {
        /// The folder.
        path: PathBuf,
        /// Name of one of these files.
        found: String,
    },
    /// The append has no entries.
    #[error("an append needs at least one entry")]
    NoEntries,
    /// The entry is longer than a reader accepts.
    #[error(
        "entry {position} of the append has {bytes} bytes, more than {MAX_ENTRY_BYTES}; keep the large part as a blob"
    )]
    EntryTooLong {
        /// Position of the entry in the append, from 0.
        position: usize,
        /// Length of the payload in bytes.
        bytes: usize,
    },
    /// The entry's body nests deeper than a reader accepts.
    #[error("the body of entry {position} of the append nests too deeply; flatten it or keep it as a blob")]
    TooDeep {
        /// Position of the entry in the append, from 0.
        position: usize,
    },
    /// The entry's body has a `blobs` that is not a list of digests.
    #[error("the `blobs` of entry {position} of the append is not a list of 32-byte digests")]
    NotBlobs {
        /// Position of the entry in the append, from 0.
        position: usize,
    },
    /// The entry has the kind `forgotten` and does not name the blob.
    #[error(
        "entry {position} of the append is of the kind `forgotten` and has no 32-byte `digest`; use `forget`"
    )]
    NoBlobNamed {
        /// Position of the entry in the append, from 0.
        position: usize,
    },
    /// The entry names a blob that is not in the ledger.
    #[error("entry {position} of the append names blob {digest}, which was not kept; keep it first")]
    BlobNotKept {
        /// Position of the entry in the append, from 0.
        position: usize,
        /// Digest of the blob.
        digest: Digest,
    },
    /// The blob is longer than a reader accepts.
    #[error("a blob has {bytes} bytes, more than {MAX_BLOB_BYTES}; keep it in parts")]
    BlobTooLong {
        /// Length of the blob in bytes.
        bytes: usize,
    },
    /// The append or the blob would make the ledger larger than its caps allow.
    #[error(
        "the ledger's {part} would have {bytes} bytes and {cap} are allowed; raise the cap, forget blobs, or start another ledger"
    )]
    Capped {
        /// The part that would be too large: `entries` or `blobs`.
        part: &'static str,
        /// Size that the part would have, in bytes.
        bytes: u64,
        /// Size that the part may have, in bytes.
        cap: u64,
    },
    /// The blob to forget is not in the ledger.
    #[error("there is no blob {digest} to forget; nmk ledger show names those that there are")]
    NoSuchBlob {
        /// Digest of the blob.
        digest: Digest,
    },
    /// The file of a blob with this digest has other bytes.
    #[error("blob {digest} was changed on disk; restore {} from a copy", path.display())]
    BlobChanged {
        /// Digest of the blob.
        digest: Digest,
        /// Path of the file.
        path: PathBuf,
    },
    /// The head on disk covers less than this writer knows to be acknowledged.
    #[error("{} covers {found} entries and {known} were acknowledged: an older head was put back; restore the newest one", path.display())]
    RolledBack {
        /// Path of the head.
        path: PathBuf,
        /// Number of entries that the head on disk covers.
        found: u64,
        /// Number of entries that this writer has seen acknowledged.
        known: u64,
    },
    /// The file of the lock was removed or replaced while this writer held the lock.
    #[error("{} was removed or replaced while it was locked; try again, and leave the file alone", path.display())]
    LockLost {
        /// Path of the lock.
        path: PathBuf,
    },
    /// An earlier append failed, and the disk has not let the writer undo it yet.
    #[error("an append to {} failed and cannot be taken back yet; make the disk writable and try again, or open the ledger again", path.display())]
    UndoPending {
        /// The ledger's folder.
        path: PathBuf,
    },
}

impl LedgerError {
    /// Returns the position of the entry that the error refuses for good; 0 for a blob. None if the disk, a cap or
    /// another writer is at fault, so that the same call may succeed later.
    pub(crate) fn refused_entry(&self) -> Option<usize> {
        match self {
            Self::EntryTooLong { position, .. }
            | Self::TooDeep { position }
            | Self::NotBlobs { position }
            | Self::NoBlobNamed { position }
            | Self::BlobNotKept { position, .. } => Some(*position),
            Self::BlobTooLong { .. } | Self::BlobChanged { .. } => Some(0),
            Self::File(_)
            | Self::Broken(_)
            | Self::Locked { .. }
            | Self::NotALedger { .. }
            | Self::NoEntries
            | Self::Capped { .. }
            | Self::NoSuchBlob { .. }
            | Self::RolledBack { .. }
            | Self::LockLost { .. }
            | Self::UndoPending { .. } => None,
        }
    }
}

/// The reason why a history is refused, with the first place that fails.
///
/// Verification changes nothing, so the folder is as it was. A refusal is final for these bytes, except that the next
/// writer settles what is [`Interrupted`](Self::Interrupted), and [`repair`](crate::repair) sets aside what is
/// [`BeyondHead`](Self::BeyondHead) or a wrong [`Announcement`](Self::Announcement).
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The file system refused an operation.
    #[error(transparent)]
    File(#[from] FileError),
    /// The folder holds no ledger.
    #[error("no ledger in {}; check the path", path.display())]
    NoLedger {
        /// The folder.
        path: PathBuf,
    },
    /// The head is missing, although there are entries or blobs.
    #[error("{} is missing beside entries or blobs; restore it from a copy", path.display())]
    NoHead {
        /// Path of the head.
        path: PathBuf,
    },
    /// The head is not one that the pinned key signed.
    #[error("{}: {fault}", path.display())]
    Head {
        /// Path of the head.
        path: PathBuf,
        /// The defect.
        fault: HeadFault,
    },
    /// An entry is not the one that was acknowledged.
    #[error("entry {index} at byte {offset} of {}: {fault}", path.display())]
    Entry {
        /// Path of the entries.
        path: PathBuf,
        /// Number of the entry, from 0.
        index: u64,
        /// Byte at which its frame begins.
        offset: u64,
        /// The defect.
        fault: EntryFault,
    },
    /// The file of entries ends before its head: acknowledged entries are gone.
    #[error("{} has {bytes} bytes and its head covers {covered}: acknowledged entries are gone; restore the file from a copy", path.display())]
    ShorterThanHead {
        /// Path of the entries.
        path: PathBuf,
        /// Length of the file in bytes.
        bytes: u64,
        /// Length that the head covers, in bytes.
        covered: u64,
    },
    /// There is a head and no file of entries.
    #[error("{} is missing beside its head; restore it from a copy", path.display())]
    NoEntries {
        /// Path of the entries.
        path: PathBuf,
    },
    /// The file of entries goes on beyond its head, and no signed announcement covers the bytes. They were added, or
    /// an older head was put back.
    #[error("{} has {bytes} bytes beyond its head that no writer announced, {entries} whole entries among them: if an older head was put back, restore the newest one; otherwise nmk ledger repair sets them aside", path.display())]
    BeyondHead {
        /// Path of the entries.
        path: PathBuf,
        /// Number of bytes beyond the head and beyond what is announced.
        bytes: u64,
        /// Number of whole entries that follow the last covered one in the chain.
        entries: u64,
    },
    /// A writer stopped in the middle of an append that it had announced.
    #[error("{} announces {entries} more entries, of which {bytes} bytes are there: a writer stopped in an append; the next writer {}", path.display(), if *complete { "finishes it" } else { "sets them aside" })]
    Interrupted {
        /// Path of the announcement.
        path: PathBuf,
        /// Number of entries that are announced.
        entries: u64,
        /// Number of bytes beyond the head.
        bytes: u64,
        /// True if all of them are there.
        complete: bool,
    },
    /// The announced head is none that this ledger's writer would announce after the head.
    #[error("{}: {fault}; nmk ledger repair sets it aside", path.display())]
    Announcement {
        /// Path of the announcement.
        path: PathBuf,
        /// The defect.
        fault: HeadFault,
    },
    /// Something lies in the folder that is no part of a ledger.
    #[error("{} is no part of a ledger; move it elsewhere", path.display())]
    Stray {
        /// The path.
        path: PathBuf,
    },
    /// The entries form a chain, but not the one that the head signs.
    #[error("{} is a chain of {found_count} entries to {found}, the head signs {count} to {signed}; restore both from a copy", path.display())]
    OtherChain {
        /// Path of the entries.
        path: PathBuf,
        /// Number of entries found.
        found_count: u64,
        /// Chain digest found.
        found: Digest,
        /// Number of entries that the head signs.
        count: u64,
        /// Chain digest that the head signs.
        signed: Digest,
    },
    /// A file among the blobs does not have the digest in its name.
    #[error("{} is not the blob that its name says; restore it from a copy", path.display())]
    Blob {
        /// Path of the file.
        path: PathBuf,
    },
    /// The blob that was asked for is not in the ledger.
    #[error("blob {digest} is not in {}; check the digest", path.display())]
    NoBlob {
        /// The ledger's folder.
        path: PathBuf,
        /// Digest of the blob.
        digest: Digest,
    },
    /// The expected head is not in the chain: the ledger was rolled back or sealed anew, or it is another ledger.
    #[error("head {expected} is not in the chain of {}: it was rolled back, sealed again, or is another ledger", path.display())]
    UnknownHead {
        /// The ledger's folder.
        path: PathBuf,
        /// The expected head.
        expected: Digest,
    },
}

/// The defect of a head that was read from disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HeadFault {
    /// The bytes are not a canonical value.
    #[error("not a canonical value ({0}); restore the file from a copy")]
    NotCanonical(DecodeError),
    /// A newer version of the format.
    #[error("has version {found}, this program reads {VERSION}; use a newer nmk")]
    NewerVersion {
        /// Version found.
        found: i64,
    },
    /// A field is missing, has another type, or is not of the format.
    #[error("field `{field}` is not as the format has it; restore the file from a copy")]
    Shape {
        /// Name of the first such field.
        field: &'static str,
    },
    /// Another key signed the head.
    #[error("signed by {found}, not by the pinned {pinned}; this is another's ledger or the wrong key")]
    ForeignKey {
        /// Key that the head names.
        found: PublicKey,
        /// Key that was expected.
        pinned: PublicKey,
    },
    /// The signature does not fit the bytes.
    #[error("the signature does not hold; restore the file from a copy")]
    Signature,
    /// An announced head that covers no more than the head itself.
    #[error("announces {found} entries and the head covers {covered} already")]
    Stale {
        /// Number of entries that are announced.
        found: u64,
        /// Number of entries that the head covers.
        covered: u64,
    },
}

/// The defect of an entry, found in a history that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EntryFault {
    /// The length of the frame does not fit.
    #[error("bad frame: {length} bytes are announced and {left} are left")]
    Frame {
        /// Length that the frame announces.
        length: u64,
        /// Bytes from the frame to the end that the head covers.
        left: u64,
    },
    /// The bytes are not a canonical value.
    #[error("not a canonical value: {0}")]
    NotCanonical(DecodeError),
    /// A newer version of the format.
    #[error("has version {found}, this program reads {VERSION}; use a newer nmk")]
    NewerVersion {
        /// Version found.
        found: i64,
    },
    /// A field is missing, has another type, or is not of the format.
    #[error("field `{field}` is not as the format has it")]
    Shape {
        /// Name of the first such field.
        field: &'static str,
    },
    /// The entry has the number of another one.
    #[error("wrong index: it says {found}")]
    Index {
        /// Number found.
        found: u64,
    },
    /// The entry follows another than the one before it.
    #[error("wrong previous entry: it says {found}")]
    Previous {
        /// Digest found.
        found: Digest,
    },
    /// The entry was changed after it was chained.
    #[error("chain mismatch: the entry or the digest after it was changed")]
    Chain,
    /// A blob that the entry names is missing.
    #[error("blob {digest} is missing; restore it from a copy")]
    BlobMissing {
        /// Digest of the blob.
        digest: Digest,
    },
    /// A blob that the entry names has other bytes.
    #[error("blob {digest} was changed; restore it from a copy")]
    BlobChanged {
        /// Digest of the blob.
        digest: Digest,
    },
}
