//! Opening a ledger for writing: create, check, settle, finish what was begun.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use files::{Disk, FileError};

use super::{Ledger, Settled, lock, remove_blob};
use crate::audit::{audit_after, sealed_head};
use crate::chain::Tip;
use crate::checkpoint::{self, Checkpoint};
use crate::format::{BLOBS, ENTRIES, HEAD, HEAD_TEMPORARY};
use crate::head::Head;
use crate::standing::Standing;
use crate::survey::{NAMES, check_all};
use crate::{Digest, FolderDisk, LedgerError, SigningKey, SizeLimits, VerifyError, blobs};

/// The state in which a ledger was found when it was opened for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenReport {
    /// True if there was no ledger and an empty one was created.
    pub created: bool,
    /// The number of acknowledged entries.
    pub count: u64,
    /// The number of entries before the checkpoint, which were not read. Zero if there was no checkpoint.
    pub unread: u64,
    /// An append of a writer that stopped, if there was one.
    pub settled: Settled,
}

impl<D: Disk> Ledger<D> {
    /// Opens the ledger in `folder` of `disk`.
    pub(super) fn open_with(
        disk: D,
        folder: &Path,
        key: &SigningKey,
        caps: SizeLimits,
    ) -> Result<(Self, OpenReport), LedgerError> {
        refuse_foreign_on(&disk, folder)?;
        files::create_folder(&disk, folder)?;
        let created = create_if_missing(&disk, folder, key)?;
        check_all(&disk, folder)?;
        let checkpoint = checkpoint::read(&disk, folder, key.public())?;
        let mut standing = Standing::default();
        if let Some(checkpoint) = &checkpoint {
            standing.open.clone_from(&checkpoint.open);
        }
        let mut named = BTreeSet::new();
        // The entries up to a head never change, so they are read without the lock.
        let audit = audit_after(&disk, folder, key.public(), checkpoint.as_ref(), |stored| {
            standing.take(&stored.entry);
            named.extend(stored.blobs().unwrap_or_default());
        })?;
        let unread = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.tip.count);
        let blob_bytes = blob_bytes(&disk, folder, checkpoint.as_ref(), &named)?;
        let mut ledger = Self {
            disk,
            folder: folder.to_path_buf(),
            key: key.clone(),
            caps,
            tip: audit.tip,
            sealed: audit.sealed,
            unsettled: None,
            settled: Settled::default(),
            known: BTreeSet::new(),
            staged: BTreeMap::new(),
            staged_bytes: 0,
            staged_new_bytes: 0,
            unsynced: BTreeSet::new(),
            blob_bytes,
            standing,
            checkpoint: unread,
            claims: BTreeMap::new(),
        };
        let lock = ledger.begin()?;
        // A crash can come between the entry that forgets a blob and the removal of its content.
        for digest in &ledger.standing.forgotten {
            remove_blob(&ledger.disk, folder, digest)?;
        }
        drop(lock);
        let report = OpenReport { created, count: ledger.tip.count, unread, settled: ledger.settled };
        Ok((ledger, report))
    }
}

/// Returns the size of the blobs, where the entries after `checkpoint` name those in `named`. Fails if anything else lies
/// among the blobs; after a checkpoint, only their folders are looked at.
fn blob_bytes(
    disk: &impl Disk,
    folder: &Path,
    checkpoint: Option<&Checkpoint>,
    named: &BTreeSet<Digest>,
) -> Result<u64, VerifyError> {
    let Some(checkpoint) = checkpoint else { return blobs::total_bytes(disk, folder) };
    blobs::shelves(disk, folder)?;
    let mut total = checkpoint.blob_bytes;
    for digest in named {
        let path = blobs::place(folder, digest);
        total += files::with_context("measure", &path, disk.length(&path))?.unwrap_or(0);
    }
    Ok(total)
}

/// Refuses a folder of the machine's disk that holds other files and no ledger. A folder that is missing is fine.
pub(super) fn refuse_foreign(folder: &Path) -> Result<(), LedgerError> {
    match files::with_context("open", folder, FolderDisk::open(folder))? {
        Some(disk) => refuse_foreign_on(&disk, folder),
        None => Ok(()),
    }
}

fn refuse_foreign_on(disk: &impl Disk, folder: &Path) -> Result<(), LedgerError> {
    let names = files::list(disk, folder)?;
    if names.iter().any(|name| name == HEAD) {
        return Ok(());
    }
    match names.into_iter().find(|name| NAMES.iter().all(|(ours, _)| ours != name)) {
        Some(found) => Err(LedgerError::NotALedger { path: folder.to_path_buf(), found }),
        None => Ok(()),
    }
}

/// Creates an empty ledger if there is none. Returns true if this call made it.
fn create_if_missing(disk: &impl Disk, folder: &Path, key: &SigningKey) -> Result<bool, LedgerError> {
    let is_missing = || match sealed_head(disk, folder) {
        Err(VerifyError::NoLedger { .. }) => Ok(true),
        found => found.map(|_| false),
    };
    if !is_missing()? {
        return Ok(false);
    }
    let _lock = lock(disk, folder)?;
    // Another process may have made it while this one waited for the lock.
    if !is_missing()? {
        return Ok(false);
    }
    create(disk, folder, key)?;
    Ok(true)
}

/// Creates an empty ledger. The head is written last, and without a head there is no ledger.
fn create(disk: &impl Disk, folder: &Path, key: &SigningKey) -> Result<(), FileError> {
    for place in [folder, &folder.join(BLOBS)] {
        files::with_context("create", place, disk.create_folder(place))?;
    }
    files::write_synced(disk, &folder.join(ENTRIES), b"")?;
    files::sync_folder(disk, folder)?;
    let sealed = Head::from_tip(&Tip::genesis()).seal(key);
    files::replace_via(disk, &folder.join(HEAD_TEMPORARY), &folder.join(HEAD), &sealed)
}
