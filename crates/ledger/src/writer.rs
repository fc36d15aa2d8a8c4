//! The one writer of a ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use abi::{Body, Digest, Entry, EntryKind, JobId, Journal, MAX_DEPTH, Receipt, TaskId, Value};
use files::{Disk, FileError, OsDisk};

use crate::audit::{audit, sealed_head};
use crate::blobs::Found;
use crate::chain::Tip;
use crate::format::{BLOB_TEMPORARY, BLOBS, ENTRIES, HEAD, HEAD_TEMPORARY, LOCK, MAX_BLOB_BYTES};
use crate::head::Head;
use crate::record::{blobs_of, forgotten_of, write_frame};
use crate::{LedgerError, SigningKey, StoredEntry, VerifyError, blobs};

/// The most digests of kept blobs that are remembered.
const MAX_KNOWN: usize = 1 << 16;
/// The most bytes of blobs that wait for the next append.
const MAX_STAGED: usize = 64 << 20;

/// Room that is made for a frame beforehand.
const USUAL_FRAME_BYTES: usize = 512;

/// How large a ledger may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Bytes of all entries.
    pub entries: u64,
    /// Bytes of all blobs.
    pub blobs: u64,
}

impl Default for Caps {
    /// 4 GiB of entries and 16 GiB of blobs.
    fn default() -> Self {
        Self { entries: 4 << 30, blobs: 16 << 30 }
    }
}

/// A ledger that is open for writing. Holding one proves that its history held when it was opened
/// and that no other writer has the folder.
#[derive(Debug)]
pub struct Ledger<D: Disk = OsDisk> {
    disk: D,
    folder: PathBuf,
    key: SigningKey,
    caps: Caps,
    /// What the head on disk covers.
    tip: Tip,
    /// The bytes of the head on disk.
    sealed: Vec<u8>,
    /// Whether an append failed and could not be taken back yet.
    unsettled: bool,
    /// Blobs that are known to be in their place.
    known: BTreeSet<Digest>,
    /// Blobs that go to disk with the next append, before its entries.
    staged: BTreeMap<Digest, Vec<u8>>,
    staged_bytes: usize,
    /// Folders with names of blobs that are not durable yet.
    unsynced: BTreeSet<PathBuf>,
    /// Bytes of the blobs on disk.
    blob_bytes: u64,
    /// Locked as long as the ledger is open.
    _lock: D::Lock,
}

/// What was found when a ledger was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenReport {
    /// Whether the ledger was made just now.
    pub created: bool,
    /// Entries in it.
    pub count: u64,
    /// Bytes that followed the head and were cut: an append that was never acknowledged.
    pub cut_bytes: u64,
}

impl Ledger {
    /// Opens the ledger in `folder`, or makes one there if the folder is new or empty.
    ///
    /// The whole history is checked first, blobs excepted: nothing is added to one that does not hold.
    ///
    /// # Errors
    /// [`LedgerError`]; the folder is as it was.
    pub fn open(folder: &Path, key: &SigningKey) -> Result<(Self, OpenReport), LedgerError> {
        Self::open_on(OsDisk, folder, key, Caps::default())
    }

    /// As [`open`](Self::open); `watch` hears each entry of the history as it is checked, so that who needs
    /// the history reads it once. What it hears counts only if the ledger opens.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_watched(
        folder: &Path,
        key: &SigningKey,
        watch: &mut dyn FnMut(&StoredEntry),
    ) -> Result<(Self, OpenReport), LedgerError> {
        Self::open_with(OsDisk, folder, key, Caps::default(), watch)
    }
}

impl<D: Disk> Ledger<D> {
    /// As [`open`](Ledger::open), on another disk or with other caps.
    ///
    /// # Errors
    /// As [`open`](Ledger::open).
    pub fn open_on(
        disk: D,
        folder: &Path,
        key: &SigningKey,
        caps: Caps,
    ) -> Result<(Self, OpenReport), LedgerError> {
        Self::open_with(disk, folder, key, caps, &mut |_| {})
    }

    fn open_with(
        disk: D,
        folder: &Path,
        key: &SigningKey,
        caps: Caps,
        watch: &mut dyn FnMut(&StoredEntry),
    ) -> Result<(Self, OpenReport), LedgerError> {
        refuse_foreign(&disk, folder)?;
        files::create_folder(&disk, folder)?;
        let lock = lock(&disk, folder)?;
        let created = match sealed_head(&disk, folder) {
            Ok(_) => false,
            Err(VerifyError::NoLedger { .. }) => {
                create(&disk, folder, key)?;
                true
            }
            Err(error) => return Err(error.into()),
        };
        // Blobs that were given up and not named again since.
        let mut forgotten = BTreeSet::new();
        let audit = audit(&disk, folder, key.public(), |stored| {
            for named in stored.blobs().unwrap_or_default() {
                forgotten.remove(&named);
            }
            if stored.entry.kind == EntryKind::Forgotten {
                forgotten.extend(stored.forgotten());
            }
            watch(stored);
            Ok(())
        })?;
        if audit.beyond > 0 {
            cut(&disk, &folder.join(ENTRIES), audit.tip.length)?;
        }
        for digest in &forgotten {
            remove_blob(&disk, folder, digest)?;
        }
        let report = OpenReport { created, count: audit.tip.count, cut_bytes: audit.beyond };
        let blob_bytes = blobs::total_bytes(&disk, folder)?;
        let ledger = Self {
            disk,
            folder: folder.to_path_buf(),
            key: key.clone(),
            caps,
            tip: audit.tip,
            sealed: audit.sealed,
            unsettled: false,
            known: BTreeSet::new(),
            staged: BTreeMap::new(),
            staged_bytes: 0,
            unsynced: BTreeSet::new(),
            blob_bytes,
            _lock: lock,
        };
        Ok((ledger, report))
    }

    /// Gives up the content of a blob. That it was there, and why it went, stays in the history; the entry
    /// is durable before the content goes. Keeping the same bytes again brings the blob back.
    ///
    /// # Errors
    /// There is no such blob, or the disk refuses.
    pub fn forget(&mut self, digest: Digest, reason: &str) -> Result<Receipt, LedgerError> {
        if let Found::Missing = blobs::find(&self.disk, &self.folder, &digest)? {
            return Err(LedgerError::NothingToForget { digest });
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

    /// The ledger's folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The current head. To be kept elsewhere by whoever wants to notice a rollback.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.tip.chain
    }

    /// Acknowledged entries.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.tip.count
    }

    /// The frames of `entries` after the current tip, and the tip after each.
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

    /// Refuses what a reader would refuse.
    fn check<B: Body>(&self, position: usize, entry: &Entry<B>) -> Result<(), LedgerError> {
        // The entry itself is one level around its body.
        if entry.body.depth() >= MAX_DEPTH {
            return Err(LedgerError::TooDeep { position });
        }
        if entry.kind == EntryKind::Forgotten && forgotten_of(&entry.body).is_none() {
            return Err(LedgerError::NothingNamed { position });
        }
        for digest in blobs_of(&entry.body).ok_or(LedgerError::NotBlobs { position })? {
            if !self.holds(&digest)? {
                return Err(LedgerError::BlobNotKept { position, digest });
            }
        }
        Ok(())
    }

    /// Whether a blob is in its place, or will be with the next append.
    fn holds(&self, digest: &Digest) -> Result<bool, FileError> {
        if self.known.contains(digest) || self.staged.contains_key(digest) {
            return Ok(true);
        }
        let path = blobs::place(&self.folder, digest);
        Ok(files::with_context("measure", &path, self.disk.length(&path))?.is_some())
    }

    /// Refuses what would make the ledger larger than it may be. Forgetting is always possible.
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

    /// Puts the staged blobs in their places, durably. After an error the next call goes on.
    fn place_blobs(&mut self) -> Result<(), LedgerError> {
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

    fn remember(&mut self, digest: Digest) {
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        self.known.insert(digest);
    }

    fn write(&mut self, frames: &[u8], sealed: &[u8]) -> Result<(), FileError> {
        let path = self.folder.join(ENTRIES);
        files::with_context("write", &path, self.disk.write(&path, self.tip.length, frames))?;
        files::with_context("sync", &path, self.disk.sync(&path))?;
        files::replace_via(&self.disk, &self.folder.join(HEAD_TEMPORARY), &self.folder.join(HEAD), sealed)
    }

    /// Takes back an append that failed: the old head is put back, durably, before the entries beyond it are
    /// cut. Until that succeeds nothing is appended.
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
            return Err(LedgerError::Unsettled { path: self.folder.clone() });
        }
        if entries.is_empty() {
            return Err(LedgerError::NoEntries);
        }
        let (frames, tips) = self.frames(entries)?;
        let tip = *tips.last().expect("one entry at least has a tip");
        self.check_caps(entries, &tip)?;
        self.place_blobs()?;
        let sealed = Head::of(&tip).seal(&self.key);
        if let Err(error) = self.write(&frames, &sealed) {
            self.take_back();
            return Err(error.into());
        }
        self.tip = tip;
        self.sealed = sealed;
        Ok(tips.iter().map(Tip::receipt).collect())
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<Digest, LedgerError> {
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
                    self.place_blobs()?;
                }
            }
        }
        Ok(digest)
    }
}

/// Refuses a folder that has content and is no ledger.
fn refuse_foreign(disk: &impl Disk, folder: &Path) -> Result<(), LedgerError> {
    let ours = [ENTRIES, HEAD, BLOBS, LOCK, HEAD_TEMPORARY, BLOB_TEMPORARY];
    let names = files::list(disk, folder)?;
    if names.iter().any(|name| name == HEAD) {
        return Ok(());
    }
    match names.into_iter().find(|name| !ours.contains(&name.as_str())) {
        Some(found) => Err(LedgerError::Foreign { path: folder.to_path_buf(), found }),
        None => Ok(()),
    }
}

fn lock<D: Disk>(disk: &D, folder: &Path) -> Result<D::Lock, LedgerError> {
    let path = folder.join(LOCK);
    match files::with_context("lock", &path, disk.lock(&path))? {
        Some(lock) => Ok(lock),
        None => Err(LedgerError::Locked { path: folder.to_path_buf() }),
    }
}

/// Makes an empty ledger. The head comes last: until it is there, there is no ledger.
fn create(disk: &impl Disk, folder: &Path, key: &SigningKey) -> Result<(), FileError> {
    for place in [folder, &folder.join(BLOBS)] {
        files::with_context("create", place, disk.create_folder(place))?;
    }
    files::write_synced(disk, &folder.join(ENTRIES), b"")?;
    let sealed = Head::of(&Tip::genesis()).seal(key);
    files::replace_via(disk, &folder.join(HEAD_TEMPORARY), &folder.join(HEAD), &sealed)
}

fn cut(disk: &impl Disk, path: &Path, length: u64) -> Result<(), FileError> {
    files::with_context("cut", path, disk.truncate(path, length).and_then(|()| disk.sync(path)))
}

/// Removes a blob, if it is there, and makes its absence durable.
fn remove_blob(disk: &impl Disk, folder: &Path, digest: &Digest) -> Result<(), FileError> {
    let path = blobs::place(folder, digest);
    if files::with_context("measure", &path, disk.length(&path))?.is_none() {
        return Ok(());
    }
    files::with_context("remove", &path, disk.remove(&path))?;
    files::sync_folder(disk, files::parent(&path))
}
