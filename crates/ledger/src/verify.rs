//! Verification of a whole ledger against a public key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use abi::{Digest, EntryKind};
use files::{Disk, FileError, OsDisk};

use crate::audit::{Audit, audit, sealed_head};
use crate::blobs::{self, Found};
use crate::chain::Tip;
use crate::format::{ENTRIES, LOCK};
use crate::{EntryFault, PublicKey, StoredEntry, VerifyError};

/// The largest number of passes. A pass is repeated if a writer has replaced the head meanwhile.
const ATTEMPTS: u32 = 8;

/// A report about a ledger that passed verification.
///
/// Only [`verify`](fn@crate::verify) makes one. The fields are public and can be changed afterwards, so the
/// value is a report and no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The number of acknowledged entries.
    pub count: u64,
    /// The current head: the chain digest after the last acknowledged entry.
    pub head: Digest,
    /// The length of the acknowledged entries in bytes.
    pub length: u64,
    /// The number of blobs in the ledger, including those that no entry names.
    pub blobs: u64,
    /// The number of blobs that entries name and that are missing, because a later entry says that they were
    /// forgotten.
    pub forgotten: u64,
    /// The number of bytes beyond the head, which a writer that is at work has not acknowledged yet. They are
    /// not part of the verified history. Without a writer at work, such bytes are an error.
    pub in_flight: u64,
    /// The place of the expected head in the chain. None if the caller gave no head.
    pub expected: Option<HeadPosition>,
}

/// The place of a head, which a caller kept elsewhere, in the chain of a ledger that was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadPosition {
    /// The current head: nothing was acknowledged after it.
    Current,
    /// An earlier head: more entries were acknowledged after it.
    Earlier {
        /// The number of entries up to this head.
        count: u64,
    },
}

/// Verifies the ledger in `folder`: the signature of the head, every entry, every blob. Changes nothing.
///
/// The key `pinned` must come from outside the folder. With `expected_head`, a head that was kept elsewhere,
/// the chain must contain that head. Only this reveals a rollback to before it, or a history that was signed
/// again.
///
/// # Errors
/// [`VerifyError`] names the first place that fails and the reason.
pub fn verify(
    folder: &Path,
    pinned: &PublicKey,
    expected_head: Option<Digest>,
) -> Result<Verified, VerifyError> {
    verify_on(&OsDisk, folder, pinned, expected_head)
}

/// Does the same as [`verify`](fn@crate::verify), on `disk` instead of the machine's disk.
///
/// # Errors
/// Fails as [`verify`](fn@crate::verify) does.
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

/// Returns true if a writer holds the lock of the ledger.
fn writer_at_work(disk: &impl Disk, folder: &Path) -> Result<bool, FileError> {
    let path = folder.join(LOCK);
    files::with_context("lock", &path, disk.is_locked(&path))
}

/// The state of one pass over the entries of a ledger.
struct Pass<'a, D> {
    disk: &'a D,
    folder: &'a Path,
    expected: Option<Digest>,
    /// The number of entries up to the expected head. None until the pass has met that head.
    met_at: Option<u64>,
    /// The blobs that entries name and that are on disk unchanged.
    blobs: BTreeSet<Digest>,
    /// The blobs that entries name and that are missing, with the number and the offset of the first such
    /// entry.
    missing: BTreeMap<Digest, (u64, u64)>,
    /// The blobs that entries of the kind `forgotten` name.
    forgotten: BTreeSet<Digest>,
}

impl<'a, D: Disk> Pass<'a, D> {
    fn new(disk: &'a D, folder: &'a Path, expected: Option<Digest>) -> Self {
        let met_at = (expected == Some(Tip::genesis().chain)).then_some(0);
        let (missing, forgotten) = (BTreeMap::new(), BTreeSet::new());
        Self { disk, folder, expected, met_at, blobs: BTreeSet::new(), missing, forgotten }
    }

    /// Checks the blobs that an entry names. A missing blob is only noted, because a later entry may say that
    /// it was forgotten.
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

    /// Returns the error for the first entry that names a missing blob which was not forgotten, or `None` if
    /// there is none.
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

    /// Ends the pass: fails for a missing blob that was not forgotten, and checks the blobs that no entry
    /// names.
    fn end(self, audit: &Audit) -> Result<Verified, VerifyError> {
        let Audit { tip, beyond, .. } = audit;
        let expected = match (self.expected, self.met_at) {
            (None, _) => None,
            (Some(_), Some(count)) if count == tip.count => Some(HeadPosition::Current),
            (Some(_), Some(count)) => Some(HeadPosition::Earlier { count }),
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
