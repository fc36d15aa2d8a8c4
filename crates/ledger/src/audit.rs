//! A folder's history, read against its head.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::chain::Tip;
use crate::files;
use crate::format::{BLOBS, ENTRIES, HEAD};
use crate::head::{Head, MAX_HEAD_BYTES};
use crate::scan::{Scan, Stopped};
use crate::{PublicKey, StoredEntry, VerifyError};

/// A history that holds, as far as its head goes.
pub(crate) struct Audit {
    pub(crate) tip: Tip,
    /// Bytes beyond the head.
    pub(crate) beyond: u64,
    /// The head, as it is on disk.
    pub(crate) sealed: Vec<u8>,
}

/// Checks the head against `pinned` and every entry against its head; shows each entry to `visit`.
pub(crate) fn audit(
    folder: &Path,
    pinned: &PublicKey,
    mut visit: impl FnMut(&StoredEntry) -> Result<(), VerifyError>,
) -> Result<Audit, VerifyError> {
    let sealed = sealed_head(folder)?;
    let head = Head::open(&sealed, pinned).map_err(|fault| head_error(folder, fault))?;
    let mut entries = Entries::open(folder, &head)?;
    for stored in entries.by_ref() {
        visit(&stored?)?;
    }
    let tip = *entries.scan.tip();
    if Head::of(&tip) != head {
        return Err(VerifyError::OtherChain {
            path: entries.path,
            found_count: tip.count,
            found: tip.chain,
            count: head.count,
            signed: head.chain,
        });
    }
    Ok(Audit { tip, beyond: entries.beyond, sealed })
}

/// The bytes of the head.
pub(crate) fn sealed_head(folder: &Path) -> Result<Vec<u8>, VerifyError> {
    let path = folder.join(HEAD);
    match files::read_capped(&path, MAX_HEAD_BYTES)? {
        Some(bytes) => Ok(bytes),
        None if holds_history(folder)? => Err(VerifyError::NoHead { path }),
        None => Err(VerifyError::NoLedger { path: folder.to_path_buf() }),
    }
}

fn holds_history(folder: &Path) -> Result<bool, VerifyError> {
    let entries = folder.join(ENTRIES);
    let bytes = match files::open(&entries)? {
        Some(file) => files::at("measure", &entries, file.metadata())?.len(),
        None => 0,
    };
    Ok(bytes > 0 || !files::names(&folder.join(BLOBS))?.is_empty())
}

fn head_error(folder: &Path, fault: crate::HeadFault) -> VerifyError {
    VerifyError::Head { path: folder.join(HEAD), fault }
}

/// The entries of a ledger in order, each checked against the one before.
///
/// After an error the iterator ends.
pub struct Entries {
    path: PathBuf,
    scan: Scan<BufReader<File>>,
    beyond: u64,
    ended: bool,
}

impl Entries {
    fn open(folder: &Path, head: &Head) -> Result<Self, VerifyError> {
        let path = folder.join(ENTRIES);
        let shorter = |path, bytes| VerifyError::ShorterThanHead { path, bytes, covered: head.length };
        let Some(file) = files::open(&path)? else { return Err(shorter(path, 0)) };
        let bytes = files::at("measure", &path, file.metadata())?.len();
        let Some(beyond) = bytes.checked_sub(head.length) else { return Err(shorter(path, bytes)) };
        let scan = Scan::new(BufReader::with_capacity(1 << 16, file), head.length);
        Ok(Self { path, scan, beyond, ended: false })
    }

    fn error(&self, stopped: Stopped) -> VerifyError {
        let tip = self.scan.tip();
        match stopped {
            Stopped::Io(source) => {
                crate::FileError { action: "read", path: self.path.clone(), source }.into()
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

/// The acknowledged entries of the ledger in `folder`, to be shown.
///
/// The chain is checked on the way; who signed the head is not, nor are blobs: that is
/// [`verify`](fn@crate::verify). Bytes beyond the head are not read.
///
/// # Errors
/// If there is no ledger, its head is unreadable, or its entries end before the head.
pub fn read(folder: &Path) -> Result<Entries, VerifyError> {
    let head = Head::read(&sealed_head(folder)?).map_err(|fault| head_error(folder, fault))?;
    Entries::open(folder, &head)
}
