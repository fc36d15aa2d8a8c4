//! The acknowledged entries under the signature of their head, without the blobs.

use std::path::Path;

use files::Disk;

use crate::audit::{audit, opened, sealed_head};
use crate::beyond::{self, Beyond, beyond};
use crate::chain::Tip;
use crate::checkpoint::{self, Comparison};
use crate::head::Head;
use crate::{PublicKey, StoredEntry, VerifyError};

/// The most times that the entries of writers at work are read on.
const READ_ON: u32 = 40;

/// Calls `visit` with every acknowledged entry of the ledger in `folder`, whose head must be signed by `pinned`, and
/// returns the number of entries. Changes nothing.
///
/// Success shows that whoever holds the key acknowledged exactly these entries, and that nothing lies beyond them but an
/// append that a writer announced. The next writer settles such an append, so it is no error, with or without a writer at
/// work. The blobs of acknowledged entries are not read, so this takes a small part of the time of
/// [`verify`](fn@crate::verify). What was visited before an error counts for nothing.
///
/// # Errors
/// [`VerifyError`] if there is no ledger, the signature does not hold, the entries do not lead to the signed head or not
/// past the checkpoint, or bytes lie beyond the head that nobody announced.
pub fn read_signed(
    folder: &Path,
    pinned: &PublicKey,
    mut visit: impl FnMut(&StoredEntry),
) -> Result<u64, VerifyError> {
    let disk = &opened(folder)?;
    // The checkpoint is read before the head, which then covers it whatever writers do.
    let mut comparison = Comparison::new(checkpoint::read(disk, folder, pinned)?);
    let mut tip = Tip::genesis();
    let mut round = 1;
    loop {
        let audit = audit(disk, folder, pinned, tip, |stored, tip| {
            comparison.take(&stored.entry, tip);
            visit(stored);
            Ok(())
        })?;
        tip = audit.tip;
        let found = judge(disk, folder, pinned, &tip, &audit.sealed);
        // A writer that moved the head meanwhile makes announced bytes look as if nobody had announced them, so its
        // entries are read on before the end is judged.
        if round == READ_ON || sealed_head(disk, folder)? == audit.sealed {
            comparison.end(folder, &Head::from_tip(&tip))?;
            return found.map(|()| tip.count);
        }
        round += 1;
    }
}

/// Fails if what lies beyond the head is nothing that the next writer settles.
fn judge(
    disk: &impl Disk,
    folder: &Path,
    pinned: &PublicKey,
    tip: &Tip,
    sealed: &[u8],
) -> Result<(), VerifyError> {
    let found = beyond(disk, folder, pinned, tip, sealed)?;
    match found {
        Beyond::Nothing | Beyond::Fulfilled | Beyond::Complete(_) | Beyond::Torn { .. } => Ok(()),
        Beyond::Unannounced { .. } | Beyond::Unfit(_) => {
            beyond::error(disk, folder, tip, &found)?.map_or(Ok(()), Err)
        }
    }
}
