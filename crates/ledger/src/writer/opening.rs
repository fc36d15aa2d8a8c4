//! The opening of a ledger for writing: lock, check, cut, and finish what was begun.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use abi::EntryKind;
use files::{Disk, FileError};

use super::{Ledger, cut, remove_blob};
use crate::audit::{audit, sealed_head};
use crate::chain::Tip;
use crate::format::{BLOB_TEMPORARY, BLOBS, ENTRIES, HEAD, HEAD_TEMPORARY, LOCK};
use crate::head::Head;
use crate::{LedgerError, SigningKey, SizeLimits, StoredEntry, VerifyError, blobs};

/// The state in which a ledger was found when it was opened for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenReport {
    /// True if there was no ledger and an empty one was created.
    pub created: bool,
    /// The number of acknowledged entries.
    pub count: u64,
    /// The number of bytes beyond the head that were cut: an append that was never acknowledged.
    pub cut_bytes: u64,
}

impl<D: Disk> Ledger<D> {
    /// Opens the ledger in `folder` of `disk`, and calls `watch` with each entry as it is checked.
    pub(super) fn open_with(
        disk: D,
        folder: &Path,
        key: &SigningKey,
        caps: SizeLimits,
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
        // A crash can come between the entry that forgets a blob and the removal of its content, so the content of
        // every blob that is still forgotten is removed here.
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
}

/// Fails if the folder has files that are not a ledger's, and no head.
fn refuse_foreign(disk: &impl Disk, folder: &Path) -> Result<(), LedgerError> {
    let ours = [ENTRIES, HEAD, BLOBS, LOCK, HEAD_TEMPORARY, BLOB_TEMPORARY];
    let names = files::list(disk, folder)?;
    if names.iter().any(|name| name == HEAD) {
        return Ok(());
    }
    match names.into_iter().find(|name| !ours.contains(&name.as_str())) {
        Some(found) => Err(LedgerError::NotALedger { path: folder.to_path_buf(), found }),
        None => Ok(()),
    }
}

/// Locks the ledger. Fails if another writer holds the lock.
fn lock<D: Disk>(disk: &D, folder: &Path) -> Result<D::Lock, LedgerError> {
    let path = folder.join(LOCK);
    match files::with_context("lock", &path, disk.lock(&path))? {
        Some(lock) => Ok(lock),
        None => Err(LedgerError::Locked { path: folder.to_path_buf() }),
    }
}

/// Creates an empty ledger. The head is written last, and without a head there is no ledger.
fn create(disk: &impl Disk, folder: &Path, key: &SigningKey) -> Result<(), FileError> {
    for place in [folder, &folder.join(BLOBS)] {
        files::with_context("create", place, disk.create_folder(place))?;
    }
    files::write_synced(disk, &folder.join(ENTRIES), b"")?;
    let sealed = Head::from_tip(&Tip::genesis()).seal(key);
    files::replace_via(disk, &folder.join(HEAD_TEMPORARY), &folder.join(HEAD), &sealed)
}
