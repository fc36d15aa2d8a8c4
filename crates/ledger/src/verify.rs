//! Verification of a whole ledger against a public key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use abi::{Digest, EntryKind, JobId};
use files::{Disk, FileError};

use crate::audit::{Audit, audit, opened, sealed_head};
use crate::beyond::{self, Beyond, Complete, beyond};
use crate::blobs::{self, Found};
use crate::chain::Tip;
use crate::checkpoint::{self, Comparison};
use crate::format::{ENTRIES, LOCK};
use crate::head::Head;
use crate::standing::{concerns_job, ends_job};
use crate::survey::check_all;
use crate::{EntryFault, PublicKey, StoredEntry, VerifyError};

/// The largest number of passes. A pass is repeated if a writer has replaced the head meanwhile.
const ATTEMPTS: u32 = 40;

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
    /// Bytes beyond the head that a writer at work had announced and not acknowledged yet. They are no part of the
    /// content that passed. Without a writer at work, such bytes are an error.
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
    verify_on(&opened(folder)?, folder, pinned, expected_head)
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
        let before = sealed_head(disk, folder)?;
        let found = look(disk, folder, pinned, expected_head);
        // A writer that is at work can make a sound history look wrong: the head moves, a forgotten blob goes.
        let moved = sealed_head(disk, folder)? != before;
        match found {
            Ok(verified) if verified.in_flight == 0 => return Ok(verified),
            found if !moved || attempt == ATTEMPTS => return found,
            _ => attempt += 1,
        }
    }
}

/// Makes one pass over the ledger.
fn look<D: Disk>(
    disk: &D,
    folder: &Path,
    pinned: &PublicKey,
    expected_head: Option<Digest>,
) -> Result<Verified, VerifyError> {
    check_all(disk, folder)?;
    let mut comparison = Comparison::new(checkpoint::read(disk, folder, pinned)?);
    let mut pass = Pass::new(disk, folder, expected_head);
    let audit = audit(disk, folder, pinned, Tip::genesis(), |stored, tip| {
        comparison.take(&stored.entry, tip);
        pass.visit(stored)
    })?;
    comparison.end(folder, &Head::from_tip(&audit.tip))?;
    let found = beyond(disk, folder, pinned, &audit.tip, &audit.sealed)?;
    match beyond::error(disk, folder, &audit.tip, &found)? {
        Some(_) if is_announced(&found) && writer_at_work(disk, folder)? => {}
        Some(error) => return Err(error),
        None => {}
    }
    pass.end(&audit, in_flight(&found))
}

/// Returns true for the states that an append passes through.
fn is_announced(found: &Beyond) -> bool {
    matches!(found, Beyond::Complete(_) | Beyond::Torn { .. })
}

fn in_flight(found: &Beyond) -> u64 {
    match found {
        Beyond::Nothing | Beyond::Fulfilled | Beyond::Unfit(_) => 0,
        Beyond::Complete(Complete { bytes, .. })
        | Beyond::Torn { bytes, .. }
        | Beyond::Unannounced { bytes } => *bytes,
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
    /// Blobs that are missing and that entries name which no later entry forgets, with number and offset of the first
    /// such entry.
    missing: BTreeMap<Digest, (u64, u64)>,
    /// Blobs that are missing and were forgotten.
    forgotten: BTreeSet<Digest>,
    /// The jobs that an entry ended.
    ended: BTreeSet<JobId>,
}

impl<'a, D: Disk> Pass<'a, D> {
    fn new(disk: &'a D, folder: &'a Path, expected: Option<Digest>) -> Self {
        let met_at = (expected == Some(Tip::genesis().chain)).then_some(0);
        let (missing, forgotten) = (BTreeMap::new(), BTreeSet::new());
        let (blobs, ended) = (BTreeSet::new(), BTreeSet::new());
        Self { disk, folder, expected, met_at, blobs, missing, forgotten, ended }
    }

    /// Checks that the job of an entry has not ended, and the blobs that the entry names. A missing blob is only noted,
    /// because a later entry may say that it was forgotten.
    fn visit(&mut self, stored: &StoredEntry) -> Result<(), VerifyError> {
        if self.expected == Some(stored.head) {
            self.met_at = Some(stored.index + 1);
        }
        self.visit_job(stored)?;
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
            // Only what was named up to here is forgotten; an entry that names the blob again needs it again.
            if self.missing.remove(&digest).is_some() {
                self.forgotten.insert(digest);
            }
        }
        Ok(())
    }

    fn visit_job(&mut self, stored: &StoredEntry) -> Result<(), VerifyError> {
        let (kind, job) = (stored.entry.kind, stored.entry.task.job);
        if concerns_job(kind) && self.ended.contains(&job) {
            return Err(self.error(stored, EntryFault::JobEnded { job }));
        }
        if ends_job(kind) {
            self.ended.insert(job);
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

    /// Returns the error for the first entry that names a missing blob which no later entry forgets.
    fn lost(&self) -> Option<VerifyError> {
        let (digest, (index, offset)) = self.missing.iter().min_by_key(|(_, (index, _))| *index)?;
        let (path, fault) = (self.folder.join(ENTRIES), EntryFault::BlobMissing { digest: *digest });
        Some(VerifyError::Entry { path, index: *index, offset: *offset, fault })
    }

    fn error(&self, stored: &StoredEntry, fault: EntryFault) -> VerifyError {
        let path = self.folder.join(ENTRIES);
        VerifyError::Entry { path, index: stored.index, offset: stored.offset, fault }
    }

    /// Ends the pass: judges the missing blobs, and checks those that no entry names.
    fn end(self, audit: &Audit, in_flight: u64) -> Result<Verified, VerifyError> {
        let Audit { tip, .. } = audit;
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
            forgotten: self.forgotten.len() as u64,
            in_flight,
            expected,
        })
    }
}
