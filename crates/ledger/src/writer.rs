//! The writer of a ledger. Any number of them share one, and take turns at appending.

mod aside;
mod checkpoints;
mod claim;
mod opening;
mod turn;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use abi::{Body, Digest, Entry, EntryKind, JobId, Journal, MAX_DEPTH, Receipt, TaskId, Value};
use files::{Disk, FileError, FolderDisk};

use crate::blobs::Found;
use crate::chain::Tip;
use crate::format::{ENTRIES, HEAD_ANNOUNCED, HEAD_TEMPORARY, LOCK, MAX_BLOB_BYTES};
use crate::head::Head;
use crate::record::{blobs_of, forgotten_of, write_frame};
use crate::standing::Standing;
use crate::{LedgerError, SigningKey, SizeLimits, blobs};

pub use aside::{Repaired, repair, repair_on};
pub use claim::JobClaim;
pub use opening::OpenReport;

use claim::Claims;
use turn::{Unsettled, lock};

/// Largest number of digests that the writer remembers of blobs on disk.
const MAX_KNOWN: usize = 1 << 16;
/// The size in bytes at which blobs that wait for the next append are written at once.
const MAX_STAGED: usize = 64 << 20;

/// The memory that is reserved for each frame of an append, in bytes.
const USUAL_FRAME_BYTES: usize = 512;

/// A ledger that is open for writing.
///
/// Holding one proves that the head and the entries after the last signed checkpoint held when the ledger was opened. It
/// does not keep other writers out: each append takes the lock, reads the head anew, goes on after what others appended,
/// and gives the lock back. Nor does it prove that older entries and the blobs are whole: [`verify`](fn@crate::verify)
/// checks those.
///
/// [`Journal::append`] adds entries and [`Journal::store_blob`] adds a blob. When an append returns, its
/// entries are acknowledged and survive a crash. When an append fails, none of its entries is acknowledged,
/// and a later append may be tried.
#[derive(Debug)]
pub struct Ledger<D: Disk = FolderDisk> {
    disk: D,
    folder: PathBuf,
    key: SigningKey,
    caps: SizeLimits,
    /// The end of the chain that the head covered when it was last read.
    tip: Tip,
    /// The bytes of that head.
    sealed: Vec<u8>,
    /// An append that failed and was not undone yet. The lock stays with it.
    unsettled: Option<Unsettled<D::Lock>>,
    /// Appends of others that were found unfinished.
    settled: Settled,
    /// Blobs that are known to be on disk.
    known: BTreeSet<Digest>,
    /// Blobs that the next append may name: those that are not on disk go there before its entries.
    staged: BTreeMap<Digest, Staged>,
    /// Size of the staged blobs in bytes.
    staged_bytes: usize,
    /// Size of those that were not on disk when they were staged, in bytes.
    staged_new_bytes: u64,
    /// Folders with names of blobs that are not durable yet.
    unsynced: BTreeSet<PathBuf>,
    /// The size of the blobs on disk in bytes, or more: a blob that entries of others name is counted each time. It is
    /// counted anew before a blob is refused for it.
    blob_bytes: u64,
    /// The open jobs at the tip, and the blobs whose content must be removed before the next checkpoint.
    standing: Standing,
    /// The number of entries up to the last checkpoint that this writer knows of.
    checkpoint: u64,
    /// The jobs that this writer claimed.
    claims: Claims<D>,
}

/// A blob that waits for the next append.
#[derive(Debug)]
struct Staged {
    bytes: Vec<u8>,
    /// True if it was not on disk when it was staged.
    is_new: bool,
}

/// Appends of writers that stopped, as the next writer found and settled them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled {
    /// Number of entries that were announced and complete, and are acknowledged now.
    pub finished: u64,
    /// Number of bytes that were announced and torn, and lie in the folder `aside` now.
    pub set_aside_bytes: u64,
}

impl Ledger {
    /// Opens the ledger in `folder` for writing, or creates an empty one if the folder is new or empty.
    ///
    /// The head and the entries after the last checkpoint are checked first, so that nothing is appended to a history
    /// that does not lead there. Without a checkpoint, every entry is checked. An append that another writer announced and
    /// did not end is settled, and the report says so.
    ///
    /// # Errors
    /// [`LedgerError`] if the history does not hold, if bytes that nobody announced lie beyond the head, if the folder
    /// holds something else or leads elsewhere, or if the file system refuses. Acknowledged entries stay as they are.
    pub fn open(folder: &Path, key: &SigningKey) -> Result<(Self, OpenReport), LedgerError> {
        opening::refuse_foreign(folder)?;
        let disk = files::with_context("create", folder, FolderDisk::create(folder))?;
        Self::open_on(disk, folder, key, SizeLimits::default())
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
        Self::open_with(disk, folder, key, caps)
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
        // The turn ends after the removal, so that no other writer names the blob again in between.
        let lock = self.begin()?;
        if let Found::Missing = blobs::find(&self.disk, &self.folder, &digest)? {
            return Err(LedgerError::NoSuchBlob { digest });
        }
        let body = Value::map([("digest", digest.to_value()), ("reason", Value::text(reason))]);
        let task = TaskId { job: JobId(0), number: 0 };
        let entry = Entry { kind: EntryKind::Forgotten, task, inputs: Vec::new(), body };
        let (receipts, lock) = self.append_in_turn(lock, &[entry])?;
        self.known.remove(&digest);
        remove_blob(&self.disk, &self.folder, &digest)?;
        self.blob_bytes = blobs::total_bytes(&self.disk, &self.folder)?;
        drop(lock);
        Ok(receipts[0])
    }

    /// Takes over what other writers have acknowledged meanwhile.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn refresh(&mut self) -> Result<(), LedgerError> {
        self.begin().map(drop)
    }

    /// Returns the jobs that an entry opened and no entry ended, as far as this writer knows the history.
    pub fn open_jobs(&self) -> impl Iterator<Item = JobId> {
        self.standing.open.iter().copied()
    }

    /// Returns the folder of the ledger, as it was passed when the ledger was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Returns the last head that this writer knows of: the chain digest after the last acknowledged entry.
    ///
    /// A head that is kept elsewhere shows a rollback later, when it is passed to
    /// [`verify`](fn@crate::verify).
    #[must_use]
    pub fn head(&self) -> Digest {
        self.tip.chain
    }

    /// Returns the number of acknowledged entries that this writer knows of.
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
    fn check_caps<B>(&mut self, entries: &[Entry<B>], tip: &Tip) -> Result<(), LedgerError> {
        if entries.iter().all(|entry| entry.kind == EntryKind::Forgotten) {
            return Ok(());
        }
        let (bytes, cap) = (tip.length, self.caps.entries);
        if bytes > cap {
            return Err(LedgerError::Capped { part: "entries", bytes, cap });
        }
        self.check_blob_cap(self.staged_new_bytes)
    }

    /// Fails if the blobs would exceed their size limit with `more` bytes.
    fn check_blob_cap(&mut self, more: u64) -> Result<(), LedgerError> {
        let cap = self.caps.blobs;
        if self.blob_bytes + more > cap {
            self.blob_bytes = blobs::total_bytes(&self.disk, &self.folder)?;
        }
        match self.blob_bytes + more {
            bytes if bytes > cap => Err(LedgerError::Capped { part: "blobs", bytes, cap }),
            _ => Ok(()),
        }
    }

    /// Writes the staged blobs that are not on disk, durably. After an error, the next call goes on with those that are
    /// left.
    fn write_staged_blobs(&mut self) -> Result<(), LedgerError> {
        while let Some((digest, Staged { bytes, is_new })) = self.staged.first_key_value() {
            let (digest, length, is_new) = (*digest, bytes.len(), *is_new);
            let path = blobs::place(&self.folder, &digest);
            // Another writer may have stored it or forgotten it since it was staged.
            if files::with_context("measure", &path, self.disk.length(&path))?.is_none() {
                blobs::put(&self.disk, &self.folder, &digest, bytes, &mut self.unsynced)?;
                self.blob_bytes += length as u64;
            }
            self.staged.remove(&digest);
            self.staged_bytes -= length;
            self.staged_new_bytes -= if is_new { length as u64 } else { 0 };
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

    /// Announces the next head, writes the frames after the tip, and makes the announced head the head; each step is
    /// durable before the next one.
    fn write(&mut self, lock: &D::Lock, frames: &[u8], sealed: &[u8]) -> Result<(), LedgerError> {
        let [entries, temporary, announced, lock_file] =
            [ENTRIES, HEAD_TEMPORARY, HEAD_ANNOUNCED, LOCK].map(|name| self.folder.join(name));
        files::replace_via(&self.disk, &temporary, &announced, sealed)?;
        files::with_context("write", &entries, self.disk.write(&entries, self.tip.length, frames))?;
        files::with_context("sync", &entries, self.disk.sync(&entries))?;
        if !files::with_context("lock", &lock_file, self.disk.holds(lock, &lock_file))? {
            return Err(LedgerError::LockLost { path: lock_file });
        }
        Ok(self.acknowledge()?)
    }

    /// Appends entries in a turn that has begun. Returns the lock with the receipts.
    fn append_in_turn<B: Body>(
        &mut self,
        lock: D::Lock,
        entries: &[Entry<B>],
    ) -> Result<(Vec<Receipt>, D::Lock), LedgerError> {
        self.check_jobs(entries)?;
        let (frames, tips) = self.frames(entries)?;
        let tip = *tips.last().ok_or(LedgerError::NoEntries)?;
        self.check_caps(entries, &tip)?;
        self.write_staged_blobs()?;
        let sealed = Head::from_tip(&tip).seal(&self.key);
        if let Err(error) = self.write(&lock, &frames, &sealed) {
            // What cannot be undone now is tried again at the next call, which says so.
            let _ = self.undo(lock, sealed);
            return Err(error);
        }
        self.tip = tip;
        self.sealed = sealed;
        entries.iter().for_each(|entry| self.standing.take(entry));
        Ok((tips.iter().map(Tip::receipt).collect(), lock))
    }
}

impl<D: Disk> Journal for Ledger<D> {
    type Error = LedgerError;

    fn append<B: Body>(&mut self, entries: &[Entry<B>]) -> Result<Vec<Receipt>, LedgerError> {
        let lock = self.begin()?;
        let (receipts, lock) = self.append_in_turn(lock, entries)?;
        self.leave_checkpoint(&lock);
        Ok(receipts)
    }

    fn refused_entry(error: &LedgerError) -> Option<usize> {
        error.refused_entry()
    }

    fn store_blob(&mut self, bytes: &[u8]) -> Result<Digest, LedgerError> {
        if bytes.len() > MAX_BLOB_BYTES {
            return Err(LedgerError::BlobTooLong { bytes: bytes.len() });
        }
        let digest = blobs::digest_of(bytes);
        if self.staged.contains_key(&digest) {
            return Ok(digest);
        }
        let is_new = !self.known.contains(&digest)
            && match blobs::find(&self.disk, &self.folder, &digest)? {
                Found::Whole(_) => {
                    self.remember(digest);
                    false
                }
                Found::Changed => {
                    let path = blobs::place(&self.folder, &digest);
                    return Err(LedgerError::BlobChanged { digest, path });
                }
                Found::Missing => true,
            };
        if is_new {
            self.check_blob_cap(self.staged_new_bytes + bytes.len() as u64)?;
        }
        // A blob on disk is staged too: another writer may forget it before an entry names it.
        self.staged_bytes += bytes.len();
        self.staged_new_bytes += if is_new { bytes.len() as u64 } else { 0 };
        self.staged.insert(digest, Staged { bytes: bytes.to_vec(), is_new });
        if self.staged_bytes > MAX_STAGED {
            let _lock = self.begin()?;
            self.write_staged_blobs()?;
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
