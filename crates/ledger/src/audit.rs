//! The check of the acknowledged history in a folder against its head.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use abi::JobId;
use files::{Disk, FolderDisk, with_context};

use crate::chain::Tip;
use crate::checkpoint::{self, Checkpoint};
use crate::format::{BLOBS, ENTRIES, HEAD, JOBS};
use crate::head::{Head, MAX_HEAD_BYTES};
use crate::scan::{Scan, Stopped};
use crate::{PublicKey, StoredEntry, VerifyError};

/// The result of reading a whole history that fits its head.
pub(crate) struct Audit {
    /// The end of the chain, which the head signs.
    pub(crate) tip: Tip,
    /// The bytes of the head on disk.
    pub(crate) sealed: Vec<u8>,
}

/// Checks the signature of the head with the key `pinned`, and every entry after `from` up to the head. Calls `visit` with
/// each entry in order, and with the end of the chain after it.
pub(crate) fn audit<D: Disk>(
    disk: &D,
    folder: &Path,
    pinned: &PublicKey,
    from: Tip,
    mut visit: impl FnMut(&StoredEntry, &Tip) -> Result<(), VerifyError>,
) -> Result<Audit, VerifyError> {
    let sealed = sealed_head(disk, folder)?;
    let head = Head::open(&sealed, pinned).map_err(|fault| head_error(folder, fault))?;
    let mut entries = Entries::after(disk, folder, from, head.length)?;
    while let Some(stored) = entries.next() {
        visit(&stored?, entries.scan.tip())?;
    }
    let tip = *entries.scan.tip();
    if Head::from_tip(&tip) != head {
        return Err(VerifyError::OtherChain {
            path: entries.path,
            found_count: tip.count,
            found: tip.chain,
            count: head.count,
            signed: head.chain,
        });
    }
    Ok(Audit { tip, sealed })
}

/// Checks the head with the key `pinned`, and the entries after `checkpoint` up to the head, or all of them if there is no
/// checkpoint. Calls `visit` with each entry that is read.
///
/// # Errors
/// Fails as [`audit`] does. Where the entries do not lead from the checkpoint to the head, the whole history tells which
/// of them is wrong.
pub(crate) fn audit_after<D: Disk>(
    disk: &D,
    folder: &Path,
    pinned: &PublicKey,
    checkpoint: Option<&Checkpoint>,
    mut visit: impl FnMut(&StoredEntry),
) -> Result<Audit, VerifyError> {
    let visit = |stored: &StoredEntry, _: &Tip| {
        visit(stored);
        Ok(())
    };
    let Some(checkpoint) = checkpoint else { return audit(disk, folder, pinned, Tip::genesis(), visit) };
    let sealed = sealed_head(disk, folder)?;
    let head = Head::open(&sealed, pinned).map_err(|fault| head_error(folder, fault))?;
    if let Some(behind) = checkpoint.behind(folder, &head) {
        return Err(behind);
    }
    match audit(disk, folder, pinned, checkpoint.tip, visit) {
        Err(VerifyError::Entry { .. } | VerifyError::OtherChain { .. }) => {
            audit(disk, folder, pinned, Tip::genesis(), |_, _| Ok(()))?;
            Err(checkpoint::elsewhere(folder, checkpoint))
        }
        found => found,
    }
}

/// Opens the folder of a ledger on the machine's disk, following no link there.
pub(crate) fn opened(folder: &Path) -> Result<FolderDisk, VerifyError> {
    let disk = with_context("open", folder, FolderDisk::open(folder))?;
    disk.ok_or_else(|| VerifyError::NoLedger { path: folder.to_path_buf() })
}

/// Returns the bytes of the head. If the head is missing, the error tells a folder without a ledger from one
/// that has entries or blobs and has lost its head.
pub(crate) fn sealed_head(disk: &impl Disk, folder: &Path) -> Result<Vec<u8>, VerifyError> {
    let path = folder.join(HEAD);
    let read = || files::read_up_to(disk, &path, MAX_HEAD_BYTES + 1);
    match read()? {
        Some(bytes) => Ok(bytes),
        // The first writer may have made all of it since the head was looked for.
        None if holds_history(disk, folder)? => read()?.ok_or(VerifyError::NoHead { path }),
        None => Err(VerifyError::NoLedger { path: folder.to_path_buf() }),
    }
}

/// Returns true if the folder has entries or blobs, in which case a missing head is damage.
fn holds_history(disk: &impl Disk, folder: &Path) -> Result<bool, VerifyError> {
    let entries = folder.join(ENTRIES);
    let bytes = with_context("measure", &entries, disk.length(&entries))?.unwrap_or(0);
    Ok(bytes > 0 || !files::list(disk, &folder.join(BLOBS))?.is_empty())
}

fn head_error(folder: &Path, fault: crate::HeadFault) -> VerifyError {
    VerifyError::Head { path: folder.join(HEAD), fault }
}

/// An iterator over the acknowledged entries of a ledger, in order, as [`read`] returns it.
///
/// Each entry is checked against the one before it. The iterator ends after the first error.
pub struct Entries {
    path: PathBuf,
    scan: Scan<BufReader<Source>>,
    ended: bool,
}

/// The number of bytes that are read from the disk at a time.
const CHUNK: usize = 1 << 16;

/// The open file of entries, on whatever disk.
type Source = Box<dyn Read + Send>;

impl Entries {
    fn open(disk: &impl Disk, folder: &Path, head: &Head) -> Result<Self, VerifyError> {
        Self::after(disk, folder, Tip::genesis(), head.length)
    }

    /// Returns the entries after `tip`, up to byte `end`.
    pub(crate) fn after(disk: &impl Disk, folder: &Path, tip: Tip, end: u64) -> Result<Self, VerifyError> {
        let path = folder.join(ENTRIES);
        let Some(opened) = with_context("read", &path, disk.open_at(&path, tip.length))? else {
            return Err(VerifyError::NoEntries { path });
        };
        if opened.length < end {
            return Err(VerifyError::ShorterThanHead { path, bytes: opened.length, covered: end });
        }
        let source: Source = Box::new(opened.reader);
        Ok(Self { path, scan: Scan::new(BufReader::with_capacity(CHUNK, source), tip, end), ended: false })
    }

    /// Returns the end of the chain so far.
    pub(crate) fn tip(&self) -> Tip {
        *self.scan.tip()
    }

    fn error(&self, stopped: Stopped) -> VerifyError {
        let tip = self.scan.tip();
        match stopped {
            Stopped::Io(source) => {
                files::FileError { action: "read", path: self.path.clone(), source }.into()
            }
            Stopped::Fault(fault) => {
                VerifyError::Entry { path: self.path.clone(), index: tip.count, offset: tip.length, fault }
            }
        }
    }
}

impl Iterator for Entries {
    type Item = Result<StoredEntry, VerifyError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.scan.next().map_err(|stopped| self.error(stopped)).transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Returns the acknowledged entries of the ledger in `folder`, for showing them.
///
/// The chain is checked while the entries are read. The signature of the head and the blobs are not checked:
/// [`verify`](fn@crate::verify) does that, with the public key. Bytes beyond the head are not read.
///
/// # Errors
/// [`VerifyError`] if there is no ledger, its head cannot be read, or its entries end before the head. A
/// later fault in the chain is an error of the iterator.
pub fn read(folder: &Path) -> Result<Entries, VerifyError> {
    read_on(&opened(folder)?, folder)
}

/// Does the same as [`read`], on `disk` instead of the machine's disk.
///
/// # Errors
/// Fails as [`read`] does.
pub fn read_on(disk: &impl Disk, folder: &Path) -> Result<Entries, VerifyError> {
    let head = Head::read(&sealed_head(disk, folder)?).map_err(|fault| head_error(folder, fault))?;
    Entries::open(disk, folder, &head)
}

/// Returns the number of bytes beyond the head of the ledger in `folder`, which [`read`] does not return. They are
/// those of a writer at work, of one that stopped, or of somebody else: [`verify`](fn@crate::verify) tells.
///
/// # Errors
/// Fails as [`read`] does.
pub fn bytes_beyond_head(folder: &Path) -> Result<u64, VerifyError> {
    let disk = opened(folder)?;
    let path = folder.join(ENTRIES);
    // The head is read first: a writer appends before it moves the head.
    let head = Head::read(&sealed_head(&disk, folder)?).map_err(|fault| head_error(folder, fault))?;
    let length = with_context("measure", &path, disk.length(&path))?;
    let length = length.ok_or(VerifyError::NoEntries { path })?;
    Ok(length.saturating_sub(head.length))
}

/// Returns true if a process works on `job` in the ledger in `folder`, as its lock on the claim of the job shows.
///
/// # Errors
/// [`VerifyError`] if there is no ledger, or the claim cannot be looked at.
pub fn is_claimed(folder: &Path, job: JobId) -> Result<bool, VerifyError> {
    let (disk, path) = (opened(folder)?, folder.join(JOBS).join(job.to_string()));
    if with_context("measure", &path, disk.length(&path))?.is_none() {
        return Ok(false);
    }
    Ok(with_context("lock", &path, disk.is_locked(&path))?)
}
