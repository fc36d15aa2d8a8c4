//! The check of a whole ledger against a pinned key.

use std::collections::BTreeSet;
use std::fs::TryLockError;
use std::path::Path;

use abi::Digest;

use crate::audit::{Audit, audit, sealed_head};
use crate::blobs::{self, Found};
use crate::chain::Tip;
use crate::format::{ENTRIES, LOCK};
use crate::{EntryFault, FileError, PublicKey, StoredEntry, VerifyError, files};

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
    let mut attempt = 1;
    loop {
        let mut pass = Pass::new(folder, expected_head);
        let audit = audit(folder, pinned, |stored| pass.visit(stored))?;
        if audit.beyond == 0 {
            return pass.end(&audit);
        }
        if attempt < ATTEMPTS && sealed_head(folder)? != audit.sealed {
            attempt += 1;
        } else if writer_at_work(folder)? {
            return pass.end(&audit);
        } else {
            return Err(VerifyError::BeyondHead { path: folder.join(ENTRIES), bytes: audit.beyond });
        }
    }
}

/// Whether a writer holds the ledger.
fn writer_at_work(folder: &Path) -> Result<bool, FileError> {
    let path = folder.join(LOCK);
    let Some(lock) = files::open(&path)? else { return Ok(false) };
    match lock.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(source)) => Err(FileError { action: "lock", path, source }),
    }
}

/// What one pass over the entries gathers.
struct Pass<'a> {
    folder: &'a Path,
    expected: Option<Digest>,
    /// Entries up to the expected head, once it was met.
    met_at: Option<u64>,
    blobs: BTreeSet<Digest>,
}

impl<'a> Pass<'a> {
    fn new(folder: &'a Path, expected: Option<Digest>) -> Self {
        let met_at = (expected == Some(Tip::genesis().chain)).then_some(0);
        Self { folder, expected, met_at, blobs: BTreeSet::new() }
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
        Ok(())
    }

    fn check_blob(&mut self, stored: &StoredEntry, digest: Digest) -> Result<(), VerifyError> {
        if self.blobs.contains(&digest) {
            return Ok(());
        }
        match blobs::find(self.folder, &digest)? {
            Found::Missing => Err(self.error(stored, EntryFault::BlobMissing { digest })),
            Found::Changed => Err(self.error(stored, EntryFault::BlobChanged { digest })),
            Found::Whole(_) => {
                self.blobs.insert(digest);
                Ok(())
            }
        }
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
        let blobs = blobs::check_rest(self.folder, &self.blobs)?;
        Ok(Verified {
            count: tip.count,
            head: tip.chain,
            length: tip.length,
            blobs,
            in_flight: *beyond,
            expected,
        })
    }
}
