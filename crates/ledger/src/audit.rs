//! A folder's history, read against its head.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use files::{Disk, OsDisk};

use crate::chain::Tip;
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
    match files::read_up_to(disk, &path, MAX_HEAD_BYTES + 1)? {
        Some(bytes) => Ok(bytes),
        None if holds_history(disk, folder)? => Err(VerifyError::NoHead { path }),
        None => Err(VerifyError::NoLedger { path: folder.to_path_buf() }),
    }
}

fn holds_history(disk: &impl Disk, folder: &Path) -> Result<bool, VerifyError> {
    let entries = folder.join(ENTRIES);
    let bytes = files::with_context("measure", &entries, disk.length(&entries))?.unwrap_or(0);
    Ok(bytes > 0 || !files::list(disk, &folder.join(BLOBS))?.is_empty())
}

fn head_error(folder: &Path, fault: crate::HeadFault) -> VerifyError {
    VerifyError::Head { path: folder.join(HEAD), fault }
}

/// The entries of a ledger in order, each checked against the one before.
///
/// After an error the iterator ends.
pub struct Entries {
    path: PathBuf,
    scan: Scan<BufReader<Source>>,
    beyond: u64,
    ended: bool,
}

/// How much of a file is read at a time.
const CHUNK: usize = 1 << 16;

/// The bytes of the file of entries; a missing file has none.
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

/// The acknowledged entries of the ledger in `folder`, to be shown.
///
/// The chain is checked on the way; who signed the head is not, nor are blobs: that is
/// [`verify`](fn@crate::verify). Bytes beyond the head are not read.
///
/// # Errors
/// If there is no ledger, its head is unreadable, or its entries end before the head.
pub fn read(folder: &Path) -> Result<Entries, VerifyError> {
    read_on(&OsDisk, folder)
}

/// As [`read`], on another disk.
///
/// # Errors
/// As [`read`].
pub fn read_on(disk: &impl Disk, folder: &Path) -> Result<Entries, VerifyError> {
    let head = Head::read(&sealed_head(disk, folder)?).map_err(|fault| head_error(folder, fault))?;
    Entries::open(disk, folder, &head)
}
