//! The writer of a ledger. A ledger has one at a time.

mod opening;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use abi::{Body, Digest, Entry, EntryKind, JobId, Journal, MAX_DEPTH, Receipt, TaskId, Value};
use files::{Disk, FileError, OsDisk};

use crate::audit::sealed_head;
use crate::blobs::Found;
use crate::chain::Tip;
use crate::format::{ENTRIES, HEAD, HEAD_TEMPORARY, MAX_BLOB_BYTES};
use crate::head::Head;
use crate::record::{blobs_of, forgotten_of, write_frame};
use crate::{LedgerError, SigningKey, SizeLimits, StoredEntry, blobs};

pub use opening::OpenReport;

/// The largest number of digests of stored blobs that the writer keeps in memory.
const MAX_KNOWN: usize = 1 << 16;
/// The size in bytes at which blobs that wait for the next append are written at once.
const MAX_STAGED: usize = 64 << 20;

/// The memory that is reserved for each frame of an append, in bytes.
const USUAL_FRAME_BYTES: usize = 512;

/// A ledger that is open for writing.
///
/// Holding one proves that the history verified when the ledger was opened, and that no other writer has the
/// folder until the value is dropped. It does not prove that the blobs are whole:
/// [`verify`](fn@crate::verify) checks those.
///
/// [`Journal::append`] adds entries and [`Journal::store_blob`] adds a blob. When an append returns, its
/// entries are acknowledged and survive a crash. When an append fails, none of its entries is acknowledged,
/// and a later append may be tried.
#[derive(Debug)]
pub struct Ledger<D: Disk = OsDisk> {
    disk: D,
    folder: PathBuf,
    key: SigningKey,
    caps: SizeLimits,
    /// The end of the chain that the head on disk covers.
    tip: Tip,
    /// The bytes of the head on disk.
    sealed: Vec<u8>,
    /// True if an append failed and the disk has not let the writer undo it yet.
    unsettled: bool,
    /// The digests of some blobs that are on disk, to save reads.
    known: BTreeSet<Digest>,
    /// Blobs that go to disk with the next append, before its entries.
    staged: BTreeMap<Digest, Vec<u8>>,
    /// The size of the staged blobs in bytes.
    staged_bytes: usize,
    /// The folders with names of blobs that are not durable yet.
    unsynced: BTreeSet<PathBuf>,
    /// The size of the blobs on disk in bytes.
    blob_bytes: u64,
    /// The lock of the ledger, held until the value is dropped.
    _lock: D::Lock,
}

impl Ledger {
    /// Opens the ledger in `folder` for writing, or creates an empty one if the folder is new or empty.
    ///
    /// The head and every entry are verified first, so that nothing is appended to a damaged history. Bytes
    /// beyond the head are cut, and the report says how many.
    ///
    /// # Errors
    /// [`LedgerError`] if another writer has the ledger, the history does not verify, the folder contains
    /// something else, or the file system refuses. Acknowledged entries stay as they are.
    pub fn open(folder: &Path, key: &SigningKey) -> Result<(Self, OpenReport), LedgerError> {
        Self::open_on(OsDisk, folder, key, SizeLimits::default())
    }

    /// Opens the ledger in `folder` as [`open`](Self::open) does, and calls `watch` with each entry as it is
    /// checked.
    ///
    /// A caller that needs the history thus reads it only once. If this function fails, the entries that
    /// `watch` has seen must not be used.
    ///
    /// # Errors
    /// Fails as [`open`](Self::open) does.
    pub fn open_watched(
        folder: &Path,
        key: &SigningKey,
        watch: &mut dyn FnMut(&StoredEntry),
    ) -> Result<(Self, OpenReport), LedgerError> {
        Self::open_with(OsDisk, folder, key, SizeLimits::default(), watch)
    }
}

impl<D: Disk> Ledger<D> {
    /// Opens the ledger in `folder` of `disk` with these size limits, as [`open`](Ledger::open) does on the
    /// machine's disk.
    ///
    /// # Errors
    /// Fails as [`open`](Ledger::open) does.
    pub fn open_on(
        disk: D,
        folder: &Path,
        key: &SigningKey,
        caps: SizeLimits,
    ) -> Result<(Self, OpenReport), LedgerError> {
        Self::open_with(disk, folder, key, caps, &mut |_| {})
    }

    /// Removes the content of a blob, and appends an entry with its digest and the reason.
    ///
    /// The entry is durable before the content is removed, so the history always says why a blob is missing.
    /// Storing the same bytes again brings the blob back.
    ///
    /// # Errors
    /// [`LedgerError::NoSuchBlob`] if the blob is not in the ledger, and the errors of [`Journal::append`].
    /// If the entry is durable and the removal fails, opening the ledger again removes the content.
    pub fn forget(&mut self, digest: Digest, reason: &str) -> Result<Receipt, LedgerError> {
        if let Found::Missing = blobs::find(&self.disk, &self.folder, &digest)? {
            return Err(LedgerError::NoSuchBlob { digest });
        }
        let body = Value::map([("digest", digest.to_value()), ("reason", Value::text(reason))]);
        let task = TaskId { job: JobId(0), number: 0 };
        let entry = Entry { kind: EntryKind::Forgotten, task, inputs: Vec::new(), body };
        let receipts = self.append(&[entry])?;
        self.known.remove(&digest);
        remove_blob(&self.disk, &self.folder, &digest)?;
        self.blob_bytes = blobs::total_bytes(&self.disk, &self.folder)?;
        Ok(receipts[0])
    }

    /// Returns the folder of the ledger, as it was passed when the ledger was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Returns the current head: the chain digest after the last acknowledged entry.
    ///
    /// A head that is kept elsewhere shows a rollback later, when it is passed to
    /// [`verify`](fn@crate::verify).
    #[must_use]
    pub fn head(&self) -> Digest {
        self.tip.chain
    }

    /// Returns the number of acknowledged entries, which is also the index of the next one.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.tip.count
    }

    /// Returns the frames of `entries`, which follow the current tip, and the tip after each entry. Fails for
    /// an entry that [`check`](Self::check) refuses or that is too long.
    fn frames<B: Body>(&self, entries: &[Entry<B>]) -> Result<(Vec<u8>, Vec<Tip>), LedgerError> {
        let mut frames = Vec::with_capacity(entries.len() * USUAL_FRAME_BYTES);
        let mut tips = Vec::with_capacity(entries.len());
        let mut tip = self.tip;
        for (position, entry) in entries.iter().enumerate() {
            self.check(position, entry)?;
            tip = write_frame(entry, &tip, &mut frames)
                .map_err(|bytes| LedgerError::EntryTooLong { position, bytes })?;
            tips.push(tip);
        }
        Ok((frames, tips))
    }

    /// Fails for an entry that a reader would refuse, or that names a blob which is not in the ledger.
    fn check<B: Body>(&self, position: usize, entry: &Entry<B>) -> Result<(), LedgerError> {
        // The entry itself is one level around its body.
        if entry.body.depth() >= MAX_DEPTH {
            return Err(LedgerError::TooDeep { position });
        }
        if entry.kind == EntryKind::Forgotten && forgotten_of(&entry.body).is_none() {
            return Err(LedgerError::NoBlobNamed { position });
        }
        for digest in blobs_of(&entry.body).ok_or(LedgerError::NotBlobs { position })? {
            if !self.holds(&digest)? {
                return Err(LedgerError::BlobNotKept { position, digest });
            }
        }
        Ok(())
    }

    /// Returns true if a blob is on disk, or will be written with the next append.
    fn holds(&self, digest: &Digest) -> Result<bool, FileError> {
        if self.known.contains(digest) || self.staged.contains_key(digest) {
            return Ok(true);
        }
        let path = blobs::place(&self.folder, digest);
        Ok(files::with_context("measure", &path, self.disk.length(&path))?.is_some())
    }

    /// Fails if an append would exceed a size limit. An append that only forgets blobs is always possible.
    fn check_caps<B>(&self, entries: &[Entry<B>], tip: &Tip) -> Result<(), LedgerError> {
        let capped = |part, bytes, cap| {
            if bytes > cap { Err(LedgerError::Capped { part, bytes, cap }) } else { Ok(()) }
        };
        if entries.iter().all(|entry| entry.kind == EntryKind::Forgotten) {
            return Ok(());
        }
        capped("entries", tip.length, self.caps.entries)?;
        capped("blobs", self.blob_bytes + self.staged_bytes as u64, self.caps.blobs)
    }

    /// Makes the staged blobs durable. After an error, the next call continues with the remaining ones.
    fn write_staged_blobs(&mut self) -> Result<(), LedgerError> {
        while let Some((digest, bytes)) = self.staged.first_key_value() {
            blobs::put(&self.disk, &self.folder, digest, bytes, &mut self.unsynced)?;
            let (digest, length) = (*digest, bytes.len());
            self.staged.remove(&digest);
            self.staged_bytes -= length;
            self.blob_bytes += length as u64;
            self.remember(digest);
        }
        while let Some(shelf) = self.unsynced.first() {
            files::sync_folder(&self.disk, shelf)?;
            self.unsynced.pop_first();
        }
        Ok(())
    }

    /// Notes that a blob is on disk. The notes only save reads, so they are dropped when there are too many.
    fn remember(&mut self, digest: Digest) {
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        self.known.insert(digest);
    }

    /// Writes the frames after the tip, and then the head that covers them. Both are durable when this
    /// returns.
    fn write(&mut self, frames: &[u8], sealed: &[u8]) -> Result<(), FileError> {
        let path = self.folder.join(ENTRIES);
        files::with_context("write", &path, self.disk.write(&path, self.tip.length, frames))?;
        files::with_context("sync", &path, self.disk.sync(&path))?;
        files::replace_via(&self.disk, &self.folder.join(HEAD_TEMPORARY), &self.folder.join(HEAD), sealed)
    }

    /// Undoes an append that failed: restores the old head durably, and then cuts the entries beyond it.
    ///
    /// Until that succeeds, the ledger is unsettled and nothing is appended. The head comes first, because a
    /// head without its entries would look like a loss of acknowledged entries.
    fn take_back(&mut self) {
        let head = self.folder.join(HEAD);
        let head_is_old = sealed_head(&self.disk, &self.folder).is_ok_and(|sealed| sealed == self.sealed);
        let put_back =
            || files::replace_via(&self.disk, &self.folder.join(HEAD_TEMPORARY), &head, &self.sealed).is_ok();
        let settled = (head_is_old || put_back())
            && cut(&self.disk, &self.folder.join(ENTRIES), self.tip.length).is_ok();
        self.unsettled = !settled;
    }
}

impl<D: Disk> Journal for Ledger<D> {
    type Error = LedgerError;

    fn append<B: Body>(&mut self, entries: &[Entry<B>]) -> Result<Vec<Receipt>, LedgerError> {
        if self.unsettled {
            self.take_back();
        }
        if self.unsettled {
            return Err(LedgerError::UndoPending { path: self.folder.clone() });
        }
        if entries.is_empty() {
            return Err(LedgerError::NoEntries);
        }
        let (frames, tips) = self.frames(entries)?;
        let tip = *tips.last().expect("one entry at least has a tip");
        self.check_caps(entries, &tip)?;
        self.write_staged_blobs()?;
        let sealed = Head::from_tip(&tip).seal(&self.key);
        if let Err(error) = self.write(&frames, &sealed) {
            self.take_back();
            return Err(error.into());
        }
        self.tip = tip;
        self.sealed = sealed;
        Ok(tips.iter().map(Tip::receipt).collect())
    }

    fn store_blob(&mut self, bytes: &[u8]) -> Result<Digest, LedgerError> {
        if bytes.len() > MAX_BLOB_BYTES {
            return Err(LedgerError::BlobTooLong { bytes: bytes.len() });
        }
        let digest = blobs::digest_of(bytes);
        if self.known.contains(&digest) || self.staged.contains_key(&digest) {
            return Ok(digest);
        }
        match blobs::find(&self.disk, &self.folder, &digest)? {
            Found::Whole(_) => self.remember(digest),
            Found::Changed => {
                let path = blobs::place(&self.folder, &digest);
                return Err(LedgerError::BlobChanged { digest, path });
            }
            Found::Missing => {
                let total = self.blob_bytes + (self.staged_bytes + bytes.len()) as u64;
                if total > self.caps.blobs {
                    return Err(LedgerError::Capped { part: "blobs", bytes: total, cap: self.caps.blobs });
                }
                self.staged_bytes += bytes.len();
                self.staged.insert(digest, bytes.to_vec());
                if self.staged_bytes > MAX_STAGED {
                    self.write_staged_blobs()?;
                }
            }
        }
        Ok(digest)
    }
}

/// Cuts the file at `path` to `length` bytes, durably.
fn cut(disk: &impl Disk, path: &Path, length: u64) -> Result<(), FileError> {
    files::with_context("cut", path, disk.truncate(path, length).and_then(|()| disk.sync(path)))
}

/// Removes a blob durably. Does nothing if the blob is missing.
fn remove_blob(disk: &impl Disk, folder: &Path, digest: &Digest) -> Result<(), FileError> {
    let path = blobs::place(folder, digest);
    if files::with_context("measure", &path, disk.length(&path))?.is_none() {
        return Ok(());
    }
    files::with_context("remove", &path, disk.remove(&path))?;
    files::sync_folder(disk, files::parent(&path))
}
