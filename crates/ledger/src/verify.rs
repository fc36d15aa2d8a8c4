//! The check of a whole ledger against a pinned key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use abi::{Digest, EntryKind};
use files::{Disk, FileError, OsDisk};

use crate::audit::{Audit, audit, sealed_head};
use crate::blobs::{self, Found};
use crate::chain::Tip;
use crate::format::{ENTRIES, LOCK};
use crate::{EntryFault, PublicKey, StoredEntry, VerifyError};

/// How often a pass is made, if a writer replaces the head meanwhile.
const ATTEMPTS: u32 = 8;

/// What a ledger holds that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Acknowledged entries.
    pub count: u64,
    /// The current head.
    pub head: Digest,
    /// Bytes of the entries.
    pub length: u64,
    /// Blobs, those that no entry names too.
    pub blobs: u64,
    /// Blobs that entries name and that are not there because an entry says that they were forgotten.
    pub forgotten: u64,
    /// Bytes beyond the head that a writer, at work meanwhile, had not acknowledged yet. They are no
    /// part of what passed. Without a writer at work such bytes are an error.
    pub in_flight: u64,
    /// Where the expected head lies, if one was given.
    pub expected: Option<Place>,
}

/// Where a head lies in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the current head: nothing was acknowledged after it.
    Current,
    /// It is an earlier head; the history went on after it.
    Earlier {
        /// Entries up to it.
        count: u64,
    },
}

/// Checks the ledger in `folder` and changes nothing.
///
/// `pinned` comes from outside the folder. With `expected_head`, a head that was kept elsewhere, the
/// chain must run through it: that shows a rollback behind it and a re-sealed history, which nothing
/// else can. The first thing that fails is named.
///
/// # Errors
/// [`VerifyError`] with the place and the reason.
pub fn verify(
    folder: &Path,
    pinned: &PublicKey,
    expected_head: Option<Digest>,
) -> Result<Verified, VerifyError> {
    verify_on(&OsDisk, folder, pinned, expected_head)
}

/// As [`verify`](fn@crate::verify), on another disk.
///
/// # Errors
/// As [`verify`](fn@crate::verify).
pub fn verify_on<D: Disk>(
    disk: &D,
    folder: &Path,
    pinned: &PublicKey,
    expected_head: Option<Digest>,
) -> Result<Verified, VerifyError> {
    let mut attempt = 1;
    loop {
        let mut pass = Pass::new(disk, folder, expected_head);
        let audit = audit(disk, folder, pinned, |stored| pass.visit(stored))?;
        if audit.beyond == 0 {
            return pass.end(&audit);
        }
        if attempt < ATTEMPTS && sealed_head(disk, folder)? != audit.sealed {
            attempt += 1;
        } else if writer_at_work(disk, folder)? {
            return pass.end(&audit);
        } else {
            return Err(VerifyError::BeyondHead { path: folder.join(ENTRIES), bytes: audit.beyond });
        }
    }
}

/// Whether a writer holds the ledger.
fn writer_at_work(disk: &impl Disk, folder: &Path) -> Result<bool, FileError> {
    let path = folder.join(LOCK);
    files::with_context("lock", &path, disk.is_locked(&path))
}

/// What one pass over the entries gathers.
struct Pass<'a, D> {
    disk: &'a D,
    folder: &'a Path,
    expected: Option<Digest>,
    /// Entries up to the expected head, once it was met.
    met_at: Option<u64>,
    blobs: BTreeSet<Digest>,
    /// Blobs that are not there, with the number and place of the first entry that names them.
    missing: BTreeMap<Digest, (u64, u64)>,
    forgotten: BTreeSet<Digest>,
}

impl<'a, D: Disk> Pass<'a, D> {
    fn new(disk: &'a D, folder: &'a Path, expected: Option<Digest>) -> Self {
        let met_at = (expected == Some(Tip::genesis().chain)).then_some(0);
        let (missing, forgotten) = (BTreeMap::new(), BTreeSet::new());
        Self { disk, folder, expected, met_at, blobs: BTreeSet::new(), missing, forgotten }
    }

    fn visit(&mut self, stored: &StoredEntry) -> Result<(), VerifyError> {
        if self.expected == Some(stored.head) {
            self.met_at = Some(stored.index + 1);
        }
        let Some(named) = stored.blobs() else {
            return Err(self.error(stored, EntryFault::Shape { field: "blobs" }));
        };
        for digest in named {
            self.check_blob(stored, digest)?;
        }
        if stored.entry.kind == EntryKind::Forgotten {
            let Some(digest) = stored.forgotten() else {
                return Err(self.error(stored, EntryFault::Shape { field: "digest" }));
            };
            self.forgotten.insert(digest);
        }
        Ok(())
    }

    fn check_blob(&mut self, stored: &StoredEntry, digest: Digest) -> Result<(), VerifyError> {
        if self.blobs.contains(&digest) || self.missing.contains_key(&digest) {
            return Ok(());
        }
        match blobs::find(self.disk, self.folder, &digest)? {
            Found::Missing => drop(self.missing.insert(digest, (stored.index, stored.offset))),
            Found::Changed => return Err(self.error(stored, EntryFault::BlobChanged { digest })),
            Found::Whole(_) => drop(self.blobs.insert(digest)),
        }
        Ok(())
    }

    /// The first entry that names a blob which is not there, and which nothing says was forgotten.
    fn lost(&self) -> Option<VerifyError> {
        let lost = self.missing.iter().filter(|(digest, _)| !self.forgotten.contains(digest));
        let (digest, (index, offset)) = lost.min_by_key(|(_, (index, _))| *index)?;
        let (path, fault) = (self.folder.join(ENTRIES), EntryFault::BlobMissing { digest: *digest });
        Some(VerifyError::Entry { path, index: *index, offset: *offset, fault })
    }

    fn error(&self, stored: &StoredEntry, fault: EntryFault) -> VerifyError {
        let path = self.folder.join(ENTRIES);
        VerifyError::Entry { path, index: stored.index, offset: stored.offset, fault }
    }

    fn end(self, audit: &Audit) -> Result<Verified, VerifyError> {
        let Audit { tip, beyond, .. } = audit;
        let expected = match (self.expected, self.met_at) {
            (None, _) => None,
            (Some(_), Some(count)) if count == tip.count => Some(Place::Current),
            (Some(_), Some(count)) => Some(Place::Earlier { count }),
            (Some(expected), None) => {
                return Err(VerifyError::UnknownHead { path: self.folder.to_path_buf(), expected });
            }
        };
        if let Some(lost) = self.lost() {
            return Err(lost);
        }
        let blobs = blobs::check_rest(self.disk, self.folder, &self.blobs)?;
        Ok(Verified {
            count: tip.count,
            head: tip.chain,
            length: tip.length,
            blobs,
            forgotten: self.missing.len() as u64,
            in_flight: *beyond,
            expected,
        })
    }
}
