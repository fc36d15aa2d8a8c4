//! The check of the acknowledged history in a folder against its head.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use files::{Disk, OsDisk};

use crate::chain::Tip;
use crate::format::{BLOBS, ENTRIES, HEAD};
use crate::head::{Head, MAX_HEAD_BYTES};
use crate::scan::{Scan, Stopped};
use crate::{PublicKey, StoredEntry, VerifyError};

/// The result of reading a whole history that fits its head.
pub(crate) struct Audit {
    /// The end of the chain, which the head signs.
    pub(crate) tip: Tip,
    /// The number of bytes beyond the head, which are not acknowledged.
    pub(crate) beyond: u64,
    /// The bytes of the head on disk.
    pub(crate) sealed: Vec<u8>,
}

/// Checks the signature of the head with the key `pinned`, and every entry up to the head. Calls `visit` with
/// each entry in order.
pub(crate) fn audit<D: Disk>(
    disk: &D,
    folder: &Path,
    pinned: &PublicKey,
    mut visit: impl FnMut(&StoredEntry) -> Result<(), VerifyError>,
) -> Result<Audit, VerifyError> {
    let sealed = sealed_head(disk, folder)?;
    let head = Head::open(&sealed, pinned).map_err(|fault| head_error(folder, fault))?;
    let mut entries = Entries::open(disk, folder, &head)?;
    for stored in entries.by_ref() {
        visit(&stored?)?;
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
    Ok(Audit { tip, beyond: entries.beyond, sealed })
}

/// Returns the bytes of the head. If the head is missing, the error tells a folder without a ledger from one
/// that has entries or blobs and has lost its head.
pub(crate) fn sealed_head(disk: &impl Disk, folder: &Path) -> Result<Vec<u8>, VerifyError> {
    let path = folder.join(HEAD);
    match files::read_up_to(disk, &path, MAX_HEAD_BYTES + 1)? {
        Some(bytes) => Ok(bytes),
        None if holds_history(disk, folder)? => Err(VerifyError::NoHead { path }),
        None => Err(VerifyError::NoLedger { path: folder.to_path_buf() }),
    }
}

/// Returns true if the folder has entries or blobs, in which case a missing head is damage.
fn holds_history(disk: &impl Disk, folder: &Path) -> Result<bool, VerifyError> {
    let entries = folder.join(ENTRIES);
    let bytes = files::with_context("measure", &entries, disk.length(&entries))?.unwrap_or(0);
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
    beyond: u64,
    ended: bool,
}

/// The number of bytes that are read from the disk at a time.
const CHUNK: usize = 1 << 16;

/// The open file of entries. A missing file reads as empty, because a ledger without entries may have none.
struct Source(Option<Box<dyn Read + Send>>);

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.as_mut().map_or(Ok(0), |file| file.read(out))
    }
}

impl Entries {
    fn open(disk: &impl Disk, folder: &Path, head: &Head) -> Result<Self, VerifyError> {
        let path = folder.join(ENTRIES);
        let opened = files::with_context("read", &path, disk.open(&path))?;
        let bytes = opened.as_ref().map_or(0, |opened| opened.length);
        let Some(beyond) = bytes.checked_sub(head.length) else {
            return Err(VerifyError::ShorterThanHead { path, bytes, covered: head.length });
        };
        let source = Source(opened.map(|opened| Box::new(opened.reader) as Box<dyn Read + Send>));
        let scan = Scan::new(BufReader::with_capacity(CHUNK, source), head.length);
        Ok(Self { path, scan, beyond, ended: false })
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
    read_on(&OsDisk, folder)
}

/// Does the same as [`read`], on `disk` instead of the machine's disk.
///
/// # Errors
/// Fails as [`read`] does.
pub fn read_on(disk: &impl Disk, folder: &Path) -> Result<Entries, VerifyError> {
    let head = Head::read(&sealed_head(disk, folder)?).map_err(|fault| head_error(folder, fault))?;
    Entries::open(disk, folder, &head)
}
