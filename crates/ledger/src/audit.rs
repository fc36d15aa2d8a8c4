//! A folder's history, read against its head.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::chain::Tip;
use crate::disk::{Disk, Os};
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
pub(crate) fn sealed_head(disk: &impl Disk, folder: &Path) -> Result<Vec<u8>, VerifyError> {
    let path = folder.join(HEAD);
    match files::read_capped(disk, &path, MAX_HEAD_BYTES)? {
        Some(bytes) => Ok(bytes),
        None if holds_history(disk, folder)? => Err(VerifyError::NoHead { path }),
        None => Err(VerifyError::NoLedger { path: folder.to_path_buf() }),
    }
}

fn holds_history(disk: &impl Disk, folder: &Path) -> Result<bool, VerifyError> {
    let entries = folder.join(ENTRIES);
    let bytes = files::at("measure", &entries, disk.length(&entries))?.unwrap_or(0);
    Ok(bytes > 0 || !files::names(disk, &folder.join(BLOBS))?.is_empty())
}

fn head_error(folder: &Path, fault: crate::HeadFault) -> VerifyError {
    VerifyError::Head { path: folder.join(HEAD), fault }
}

/// The entries of a ledger in order, each checked against the one before.
///
/// After an error the iterator ends.
pub struct Entries<D = Os> {
    path: PathBuf,
    scan: Scan<BufReader<Range<D>>>,
    beyond: u64,
    ended: bool,
}

/// How much of a file is read at a time.
const CHUNK: usize = 1 << 16;

/// A file, read from front to back.
struct Range<D> {
    disk: D,
    path: PathBuf,
    at: u64,
}

impl<D: Disk> Read for Range<D> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.disk.read(&self.path, self.at, out.len())?.unwrap_or_default();
        out[..bytes.len()].copy_from_slice(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }
}

impl<D: Disk> Entries<D> {
    fn open(disk: &D, folder: &Path, head: &Head) -> Result<Self, VerifyError> {
        let path = folder.join(ENTRIES);
        let bytes = files::at("measure", &path, disk.length(&path))?.unwrap_or(0);
        let Some(beyond) = bytes.checked_sub(head.length) else {
            return Err(VerifyError::ShorterThanHead { path, bytes, covered: head.length });
        };
        let file = Range { disk: disk.clone(), path: path.clone(), at: 0 };
        let scan = Scan::new(BufReader::with_capacity(CHUNK, file), head.length);
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

impl<D: Disk> Iterator for Entries<D> {
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
    read_on(&Os, folder)
}

/// As [`read`], on another disk.
///
/// # Errors
/// As [`read`].
pub fn read_on<D: Disk>(disk: &D, folder: &Path) -> Result<Entries<D>, VerifyError> {
    let head = Head::read(&sealed_head(disk, folder)?).map_err(|fault| head_error(folder, fault))?;
    Entries::open(disk, folder, &head)
}
