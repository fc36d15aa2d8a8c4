//! The one writer of a ledger.

use std::fs::{File, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use abi::{Digest, Entry, Journal, MAX_DEPTH, Receipt};

use crate::audit::{audit, sealed_head};
use crate::chain::Tip;
use crate::format::{BLOB_TEMPORARY, BLOBS, ENTRIES, HEAD, HEAD_TEMPORARY, LOCK, MAX_ENTRY_BYTES};
use crate::head::Head;
use crate::record::{blobs_of, payload, write_frame};
use crate::{FileError, LedgerError, SigningKey, VerifyError, blobs, files};

/// A ledger that is open for writing. Holding one proves that its history held when it was opened
/// and that no other writer has the folder.
#[derive(Debug)]
pub struct Ledger {
    folder: PathBuf,
    key: SigningKey,
    entries: File,
    /// What the head on disk covers.
    tip: Tip,
    /// The bytes of the head on disk.
    sealed: Vec<u8>,
    /// Whether an append failed and what it left on disk is unknown.
    unsettled: bool,
    /// Locked as long as the ledger is open.
    _lock: File,
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
        refuse_foreign(folder)?;
        files::create_durable_folder(folder)?;
        let lock = lock(folder)?;
        let created = match sealed_head(folder) {
            Ok(_) => false,
            Err(VerifyError::NoLedger { .. }) => {
                create(folder, key)?;
                true
            }
            Err(error) => return Err(error.into()),
        };
        let audit = audit(folder, key.public(), |_| Ok(()))?;
        let path = folder.join(ENTRIES);
        let entries = files::at("open", &path, files::private().open(&path))?;
        if audit.beyond > 0 {
            cut(&path, &entries, audit.tip.length)?;
        }
        let report = OpenReport { created, count: audit.tip.count, cut_bytes: audit.beyond };
        let ledger = Self {
            folder: folder.to_path_buf(),
            key: key.clone(),
            entries,
            tip: audit.tip,
            sealed: audit.sealed,
            unsettled: false,
            _lock: lock,
        };
        Ok((ledger, report))
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
    fn frames(&self, entries: &[Entry]) -> Result<(Vec<u8>, Vec<Tip>), LedgerError> {
        let (mut frames, mut tips) = (Vec::new(), Vec::with_capacity(entries.len()));
        let mut tip = self.tip;
        for (position, entry) in entries.iter().enumerate() {
            self.check(position, entry)?;
            let payload = payload(entry, &tip);
            if payload.len() > MAX_ENTRY_BYTES {
                return Err(LedgerError::EntryTooLong { position, bytes: payload.len() });
            }
            tip = tip.after(&payload);
            tips.push(tip);
            write_frame(&payload, tip.chain, &mut frames);
        }
        Ok((frames, tips))
    }

    /// Refuses what a reader would refuse.
    fn check(&self, position: usize, entry: &Entry) -> Result<(), LedgerError> {
        // The entry itself is one level around its body.
        if entry.body.depth() >= MAX_DEPTH {
            return Err(LedgerError::TooDeep { position });
        }
        let named = blobs_of(&entry.body).ok_or(LedgerError::NotBlobs { position })?;
        match named.into_iter().find(|digest| !blobs::place(&self.folder, digest).is_file()) {
            Some(digest) => Err(LedgerError::BlobNotKept { position, digest }),
            None => Ok(()),
        }
    }

    fn write(&mut self, frames: &[u8], sealed: &[u8]) -> Result<(), FileError> {
        let path = self.folder.join(ENTRIES);
        let start = SeekFrom::Start(self.tip.length);
        let written = self.entries.seek(start).and_then(|_| self.entries.write_all(frames));
        files::at("write", &path, written)?;
        files::at("sync", &path, self.entries.sync_data())?;
        files::replace(&self.folder.join(HEAD_TEMPORARY), &self.folder.join(HEAD), sealed)
    }

    /// Takes back an append that failed, if the old head is still in place.
    fn take_back(&mut self) {
        let head_is_old = sealed_head(&self.folder).is_ok_and(|sealed| sealed == self.sealed);
        let path = self.folder.join(ENTRIES);
        self.unsettled = !(head_is_old && cut(&path, &self.entries, self.tip.length).is_ok());
    }
}

impl Journal for Ledger {
    type Error = LedgerError;

    fn append(&mut self, entries: &[Entry]) -> Result<Vec<Receipt>, LedgerError> {
        if self.unsettled {
            return Err(LedgerError::Unsettled { path: self.folder.clone() });
        }
        if entries.is_empty() {
            return Err(LedgerError::NoEntries);
        }
        let (frames, tips) = self.frames(entries)?;
        let tip = *tips.last().expect("one entry at least has a tip");
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
        blobs::keep(&self.folder, bytes)
    }
}

/// Refuses a folder that has content and is no ledger.
fn refuse_foreign(folder: &Path) -> Result<(), LedgerError> {
    let ours = [ENTRIES, HEAD, BLOBS, LOCK, HEAD_TEMPORARY, BLOB_TEMPORARY];
    let names = files::names(folder)?;
    if names.iter().any(|name| name == HEAD) {
        return Ok(());
    }
    match names.into_iter().find(|name| !ours.contains(&name.as_str())) {
        Some(found) => Err(LedgerError::Foreign { path: folder.to_path_buf(), found }),
        None => Ok(()),
    }
}

fn lock(folder: &Path) -> Result<File, LedgerError> {
    let path = folder.join(LOCK);
    let file = files::at("open", &path, files::private().create(true).truncate(false).open(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Locked { path: folder.to_path_buf() }),
        Err(TryLockError::Error(source)) => Err(FileError { action: "lock", path, source }.into()),
    }
}

/// Makes an empty ledger. The head comes last: until it is there, there is no ledger.
fn create(folder: &Path, key: &SigningKey) -> Result<(), FileError> {
    files::close_to_others(folder)?;
    files::create_folder(&folder.join(BLOBS))?;
    files::write_whole(&folder.join(ENTRIES), b"")?;
    let sealed = Head::of(&Tip::genesis()).seal(key);
    files::replace(&folder.join(HEAD_TEMPORARY), &folder.join(HEAD), &sealed)
}

fn cut(path: &Path, entries: &File, length: u64) -> Result<(), FileError> {
    files::at("cut", path, entries.set_len(length).and_then(|()| entries.sync_all()))
}
