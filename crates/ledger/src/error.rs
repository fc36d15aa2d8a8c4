//! The errors of the writer, and the reasons to refuse a history.

use std::path::PathBuf;

use abi::{DecodeError, Digest, JobId, counted};
use files::FileError;
use thiserror::Error;

use crate::PublicKey;
use crate::format::{MAX_BLOB_BYTES, MAX_ENTRY_BYTES, VERSION};

/// The reason why a ledger was not opened, or an append or a blob was not accepted.
///
/// No entry of the failed call is acknowledged. The message says what to do, and names the place where there
/// is one.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The file system refused an operation; the error names the file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The history in the folder does not verify, so nothing is appended to it.
    #[error(transparent)]
    Broken(#[from] VerifyError),
    /// Another process has held the lock of the ledger for longer than an append takes.
    #[error("{} is in use by another writer that does not end; wait for it to end or name another ledger", path.display())]
    Locked {
        /// The folder of the ledger.
        path: PathBuf,
    },
    /// The folder contains files that are not a ledger's, and no head.
    #[error("{} holds {found:?} and no ledger; name an empty or new folder", path.display())]
    NotALedger {
        /// The folder that was to be opened.
        path: PathBuf,
        /// The name of one of these files.
        found: String,
    },
    /// More bytes lie beyond the head than are copied when they are set aside. A file may claim any length by a hole.
    #[error("{} has {} beyond its head, more than the {limit} that are set aside; look at them, and cut the file to its first {end}", path.display(), counted(*bytes, "byte"))]
    TailTooLong {
        /// The file of entries.
        path: PathBuf,
        /// The number of bytes beyond the head.
        bytes: u64,
        /// The largest number that is set aside.
        limit: u64,
        /// The length of the file up to its head, in bytes.
        end: u64,
    },
    /// The append contains no entries.
    #[error("an append needs at least one entry")]
    NoEntries,
    /// An entry is longer than [`MAX_ENTRY_BYTES`](crate::format::MAX_ENTRY_BYTES), so no reader would accept
    /// it.
    #[error(
        "entry {position} of the append has {bytes}, more than {MAX_ENTRY_BYTES}; keep the large part as a blob", bytes = counted(*bytes, "byte"))]
    EntryTooLong {
        /// The position of the entry in the append, from 0.
        position: usize,
        /// The length of the entry's payload in bytes.
        bytes: usize,
    },
    /// The body of an entry nests deeper than a reader accepts.
    #[error("the body of entry {position} of the append nests too deeply; flatten it or keep it as a blob")]
    TooDeep {
        /// The position of the entry in the append, from 0.
        position: usize,
    },
    /// The body of an entry has a key `blobs` whose value is not a list of digests.
    #[error("the `blobs` of entry {position} of the append is not a list of 32-byte digests")]
    NotBlobs {
        /// The position of the entry in the append, from 0.
        position: usize,
    },
    /// An entry of the kind `forgotten` does not say which blob was forgotten.
    #[error(
        "entry {position} of the append is of the kind `forgotten` and has no 32-byte `digest`; use `forget`"
    )]
    NoBlobNamed {
        /// The position of the entry in the append, from 0.
        position: usize,
    },
    /// An entry names a blob that is not in the ledger.
    #[error("entry {position} of the append names blob {digest}, which was not kept; keep it first")]
    BlobNotKept {
        /// The position of the entry in the append, from 0.
        position: usize,
        /// The digest of the missing blob.
        digest: Digest,
    },
    /// A blob is longer than [`MAX_BLOB_BYTES`](crate::format::MAX_BLOB_BYTES), so no reader would accept it.
    #[error("a blob has {bytes}, more than {MAX_BLOB_BYTES}; keep it in parts", bytes = counted(*bytes, "byte"))]
    BlobTooLong {
        /// The length of the blob in bytes.
        bytes: usize,
    },
    /// The append or the blob would make the ledger larger than its [`SizeLimits`](crate::SizeLimits) allow.
    #[error(
        "the ledger's {part} would have {bytes} and {cap} are allowed; raise the cap, forget blobs, or start another ledger", bytes = counted(*bytes, "byte"))]
    Capped {
        /// The part that would be too large: `entries` or `blobs`.
        part: &'static str,
        /// The size that the part would have, in bytes.
        bytes: u64,
        /// The size that the part may have, in bytes.
        cap: u64,
    },
    /// The blob that was to be forgotten is not in the ledger.
    #[error(
        "there is no blob {digest} to forget; it was forgotten before, or nmk ledger show --json names those that there are"
    )]
    NoSuchBlob {
        /// The digest that the caller passed.
        digest: Digest,
    },
    /// A blob that was to be stored is on disk already, under its digest but with other bytes.
    #[error("blob {digest} was changed on disk; restore {} from a copy", path.display())]
    BlobChanged {
        /// The digest of the blob.
        digest: Digest,
        /// The path of the changed file.
        path: PathBuf,
    },
    /// The head on disk covers less than this writer knows to be acknowledged.
    #[error("{} covers {found} and {known} were acknowledged: an older head was put back; restore the newest one", path.display(), found = counted(*found, "entry"))]
    RolledBack {
        /// Path of the head.
        path: PathBuf,
        /// Number of entries that the head on disk covers.
        found: u64,
        /// Number of entries that this writer has seen acknowledged.
        known: u64,
    },
    /// The file of the lock, or the whole folder, was removed or replaced while this writer held the lock or took it.
    #[error("{} was removed or replaced while it was locked; try again, and leave the ledger's folder alone", path.display())]
    LockLost {
        /// Path of the lock.
        path: PathBuf,
    },
    /// An entry is about a job that has ended, in the history or by an entry before it in the same append.
    #[error(
        "{job} has ended in this history, so nothing more of it is recorded; ask again if another process took it for interrupted"
    )]
    JobEnded {
        /// The number of the job.
        job: JobId,
    },
    /// The file of a claim was removed or replaced while its job was at work. Other processes then take the job for
    /// interrupted and end it, so nothing more of it is recorded.
    #[error("{} was removed or replaced while its job was at work, so nothing more of the job is recorded; ask again, and leave the file alone", path.display())]
    ClaimLost {
        /// The number of the job.
        job: JobId,
        /// Path of the file.
        path: PathBuf,
    },
    /// An earlier append failed, and the disk has not let the writer undo it yet.
    #[error("an append to {} failed and cannot be taken back yet; make the disk writable and try again, or open the ledger again", path.display())]
    UndoPending {
        /// The folder of the ledger.
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
            | Self::TailTooLong { .. }
            | Self::NoEntries
            | Self::Capped { .. }
            | Self::NoSuchBlob { .. }
            | Self::RolledBack { .. }
            | Self::LockLost { .. }
            | Self::JobEnded { .. }
            | Self::ClaimLost { .. }
            | Self::UndoPending { .. } => None,
        }
    }
}

/// The reason why a history is refused, with the first place that fails.
///
/// Verification changes nothing, so the folder is as it was. A refusal is final for these bytes, except that the next
/// writer settles what is [`Interrupted`](Self::Interrupted), and [`repair`](crate::repair) sets aside what is
/// [`BeyondHead`](Self::BeyondHead), a wrong [`Announcement`](Self::Announcement) or a wrong
/// [`Checkpoint`](Self::Checkpoint).
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The file system refused an operation; the error names the file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The folder contains no ledger.
    #[error("no ledger in {}; check the path", path.display())]
    NoLedger {
        /// The folder that was read.
        path: PathBuf,
    },
    /// The head is missing, although there are entries or blobs.
    #[error("{} is missing beside entries or blobs; restore it from a copy", path.display())]
    NoHead {
        /// The path of the missing head.
        path: PathBuf,
    },
    /// The head cannot be read, or the expected key did not sign it.
    #[error("{}: {fault}", path.display())]
    Head {
        /// The path of the head.
        path: PathBuf,
        /// The fault of the head.
        fault: HeadFault,
    },
    /// An entry, or a blob that it names, is not what was acknowledged.
    #[error("entry {index} at byte {offset} of {}: {fault}", path.display())]
    Entry {
        /// The path of the file of entries.
        path: PathBuf,
        /// The number of the entry, from 0.
        index: u64,
        /// The byte of the file at which the entry's frame begins.
        offset: u64,
        /// The fault of the entry.
        fault: EntryFault,
    },
    /// The file of entries is shorter than its head says: acknowledged entries are lost.
    #[error("{} has {bytes} and its head covers {covered}: acknowledged entries are gone; restore the file from a copy", path.display(), bytes = counted(*bytes, "byte"))]
    ShorterThanHead {
        /// The path of the file of entries.
        path: PathBuf,
        /// The length of the file in bytes.
        bytes: u64,
        /// The length that the head covers, in bytes.
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
    #[error("{} has {bytes} beyond its head that no writer announced, {entries} among them: if an older head was put back, restore the newest one; otherwise nmk ledger repair sets them aside", path.display(), bytes = counted(*bytes, "byte"), entries = counted(*entries, "whole entry"))]
    BeyondHead {
        /// The path of the file of entries.
        path: PathBuf,
        /// Number of bytes beyond the head and beyond what is announced.
        bytes: u64,
        /// Number of whole entries that follow the last covered one in the chain.
        entries: u64,
    },
    /// A writer stopped in the middle of an append that it had announced.
    #[error("{} announces {entries}, of which only {bytes} can be read: a writer stopped in an append; the next writer {}", path.display(), if *complete { "finishes it" } else { "sets them aside" }, entries = counted(*entries, "more entry"), bytes = counted(*bytes, "byte"))]
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
    /// The checkpoint cannot be read, or the expected key did not sign it.
    #[error("{}: {fault}, or remove the file: a checkpoint only saves time", path.display())]
    Checkpoint {
        /// Path of the checkpoint.
        path: PathBuf,
        /// The fault of the checkpoint.
        fault: HeadFault,
    },
    /// The checkpoint was signed by the expected key and says otherwise than the history does.
    #[error("{} states a place after {count} that is not in this history; remove the file: a checkpoint only saves time", path.display(), count = counted(*count, "entry"))]
    OtherCheckpoint {
        /// Path of the checkpoint.
        path: PathBuf,
        /// Number of entries that the checkpoint states.
        count: u64,
    },
    /// The head covers less than the checkpoint, which is written only after the head that covers it.
    #[error("{} covers {found} and the checkpoint beside it {known}: an older head was put back; restore the newest one, or nmk ledger repair sets aside what lies beyond it", path.display(), found = counted(*found, "entry"))]
    BehindCheckpoint {
        /// Path of the head.
        path: PathBuf,
        /// Number of entries that the head covers.
        found: u64,
        /// Number of entries that the checkpoint says were acknowledged.
        known: u64,
    },
    /// Something lies in the folder that is no part of a ledger.
    #[error("{} is no part of a ledger; move it elsewhere", path.display())]
    Stray {
        /// The path.
        path: PathBuf,
    },
    /// The entries form a valid chain, but not the one that the head signs.
    #[error("{} is a chain of {found_count} to {found}, the head signs {count} to {signed}; restore both from a copy", path.display(), found_count = counted(*found_count, "entry"))]
    OtherChain {
        /// The path of the file of entries.
        path: PathBuf,
        /// The number of entries in the file.
        found_count: u64,
        /// The chain digest after the last entry in the file.
        found: Digest,
        /// The number of entries that the head signs.
        count: u64,
        /// The chain digest that the head signs.
        signed: Digest,
    },
    /// A file among the blobs has bytes with another digest than the one in its name.
    #[error("{} is not the blob that its name says; restore it from a copy", path.display())]
    Blob {
        /// The path of the file.
        path: PathBuf,
    },
    /// The blob that a caller asked for is not in the ledger.
    #[error("blob {digest} is not in {}; check the digest", path.display())]
    NoBlob {
        /// The folder of the ledger.
        path: PathBuf,
        /// The digest that the caller passed.
        digest: Digest,
    },
    /// The chain never had the expected head: the ledger was rolled back or signed again, or it is another
    /// ledger.
    #[error("head {expected} is not in the chain of {}: it was rolled back, sealed again, or is another ledger", path.display())]
    UnknownHead {
        /// The folder of the ledger.
        path: PathBuf,
        /// The expected head, as the caller kept it.
        expected: Digest,
    },
}

/// The fault of a head that was read from disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HeadFault {
    /// The bytes are not the canonical encoding of a value.
    #[error("not a canonical value ({0}); restore the file from a copy")]
    NotCanonical(DecodeError),
    /// The head has a newer version of the format than this program reads.
    #[error("has version {found}, this program reads {VERSION}; use a newer nmk")]
    NewerVersion {
        /// The version that the head states.
        found: i64,
    },
    /// A field of the head is missing, has another type, or is unknown.
    #[error("field `{field}` is not as the format has it; restore the file from a copy")]
    Shape {
        /// The name of the first such field.
        field: &'static str,
    },
    /// The head names another key than the one that the caller expects.
    #[error(
        "signed by {found}, and not by the expected key {pinned}; it is another's ledger, or the key is the wrong one: name the key that signed it"
    )]
    ForeignKey {
        /// The key that the head names.
        found: PublicKey,
        /// The key that the caller expects.
        pinned: PublicKey,
    },
    /// The signature was not made over these bytes with the key that the head names.
    #[error("the signature does not hold; restore the file from a copy")]
    Signature,
    /// An announced head that covers no more than the head itself.
    #[error("announces {found} and the head covers {covered} already", found = counted(*found, "entry"))]
    Stale {
        /// Number of entries that are announced.
        found: u64,
        /// Number of entries that the head covers.
        covered: u64,
    },
}

/// The fault of an entry that was read from disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EntryFault {
    /// The frame around the entry announces a length that is too large for an entry, or for the rest of the
    /// file.
    #[error("bad frame: {length} announced and {left} left", length = counted(*length, "byte"))]
    Frame {
        /// The length that the frame announces, in bytes.
        length: u64,
        /// The number of bytes from the frame to the end that the head covers.
        left: u64,
    },
    /// The bytes are not the canonical encoding of a value.
    #[error("not a canonical value: {0}")]
    NotCanonical(DecodeError),
    /// The entry has a newer version of the format than this program reads.
    #[error("has version {found}, this program reads {VERSION}; use a newer nmk")]
    NewerVersion {
        /// The version that the entry states.
        found: i64,
    },
    /// A field of the entry is missing, has another type, or is unknown.
    #[error("field `{field}` is not as the format has it")]
    Shape {
        /// The name of the first such field.
        field: &'static str,
    },
    /// The entry states another number than its place in the chain.
    #[error("wrong index: it says {found}")]
    Index {
        /// The number that the entry states for itself, which is not its place.
        found: u64,
    },
    /// The entry states another digest of its predecessor than the entry before it has.
    #[error("wrong previous entry: it says {found}")]
    Previous {
        /// The digest that the entry states for the entry before it.
        found: Digest,
    },
    /// The entry, or the chain digest after it, was changed after it was written.
    #[error("chain mismatch: the entry or the digest after it was changed")]
    Chain,
    /// The entry is about a job that an earlier entry ended.
    #[error("{job} ended before this entry: a job has one end, and nothing follows it")]
    JobEnded {
        /// The number of the job.
        job: JobId,
    },
    /// A blob that the entry names is missing, and no entry says that it was forgotten.
    #[error("blob {digest} is missing; restore it from a copy")]
    BlobMissing {
        /// The digest of the missing blob, as the entry states it.
        digest: Digest,
    },
    /// A blob that the entry names has other bytes than were stored.
    #[error("blob {digest} was changed; restore it from a copy")]
    BlobChanged {
        /// The digest of the blob.
        digest: Digest,
    },
}
