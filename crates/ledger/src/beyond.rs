//! The end of a ledger beyond its head: nothing, an append that was announced, or bytes that nobody announced.

use std::collections::BTreeSet;
use std::path::Path;

use abi::EntryKind;
use files::{Disk, with_context};

use crate::audit::Entries;
use crate::blobs::{self, Found};
use crate::chain::Tip;
use crate::format::{ENTRIES, HEAD_ANNOUNCED};
use crate::head::{Head, MAX_HEAD_BYTES};
use crate::{HeadFault, PublicKey, StoredEntry, VerifyError};

/// The state of a ledger beyond its head.
pub(crate) enum Beyond {
    /// There is nothing.
    Nothing,
    /// There are no bytes, and the announcement of the head itself is still there.
    Fulfilled,
    /// An append was announced, and all of it is there, with every blob that it names. Only the head is missing.
    Complete(Complete),
    /// An append was announced, and its entries are not there as announced, or a blob of theirs is missing or changed.
    Torn {
        /// Number of bytes beyond the head.
        bytes: u64,
        /// Number of entries that were announced.
        entries: u64,
    },
    /// There are bytes that no announcement covers.
    Unannounced {
        /// Number of these bytes.
        bytes: u64,
    },
    /// The announcement is none that a writer of this ledger makes after this head.
    Unfit(HeadFault),
}

/// An announced append that only lacks its head.
pub(crate) struct Complete {
    /// The entries.
    pub(crate) entries: Vec<StoredEntry>,
    /// The end of the chain after them.
    pub(crate) tip: Tip,
    /// The bytes of the announced head.
    pub(crate) sealed: Vec<u8>,
    /// Number of bytes beyond the head.
    pub(crate) bytes: u64,
}

/// The most times that an announcement is read again because it changed.
const READ_AGAIN: u32 = 8;

/// Returns what lies beyond the head, whose bytes are `sealed` and which covers the entries up to `tip`.
pub(crate) fn beyond(
    disk: &impl Disk,
    folder: &Path,
    pinned: &PublicKey,
    tip: &Tip,
    sealed: &[u8],
) -> Result<Beyond, VerifyError> {
    let path = folder.join(HEAD_ANNOUNCED);
    // The announcement is read before the length: a writer removes it last, so bytes that were announced are
    // never seen without it. A writer that announces and writes between the two is seen by reading it again.
    let read = || files::read_up_to(disk, &path, MAX_HEAD_BYTES + 1);
    let mut announced = read()?;
    let mut bytes = length(disk, folder)?.checked_sub(tip.length);
    for _ in 0..READ_AGAIN {
        let again = read()?;
        if again == announced {
            break;
        }
        announced = again;
        bytes = length(disk, folder)?.checked_sub(tip.length);
    }
    let Some(bytes) = bytes else {
        let path = folder.join(ENTRIES);
        return Err(VerifyError::ShorterThanHead { bytes: length(disk, folder)?, path, covered: tip.length });
    };
    let unannounced = |bytes| if bytes == 0 { Beyond::Nothing } else { Beyond::Unannounced { bytes } };
    let Some(announced) = announced else { return Ok(unannounced(bytes)) };
    if announced == sealed {
        return Ok(if bytes == 0 { Beyond::Fulfilled } else { Beyond::Unannounced { bytes } });
    }
    let next = match Head::open(&announced, pinned) {
        Ok(next) if next.count > tip.count && next.length > tip.length => next,
        Ok(next) => return Ok(Beyond::Unfit(HeadFault::Stale { found: next.count, covered: tip.count })),
        Err(fault) => return Ok(Beyond::Unfit(fault)),
    };
    let (entries, expected) = (next.count - tip.count, next.length - tip.length);
    if bytes > expected {
        return Ok(Beyond::Unannounced { bytes: bytes - expected });
    }
    if bytes < expected {
        return Ok(Beyond::Torn { bytes, entries });
    }
    let mut found = Vec::new();
    let end = follow(disk, folder, tip, next.length, &mut |stored| found.push(stored))?;
    if Head::from_tip(&end) != next || !has_blobs(disk, folder, &found)? {
        return Ok(Beyond::Torn { bytes, entries });
    }
    Ok(Beyond::Complete(Complete { entries: found, tip: end, sealed: announced, bytes }))
}

/// Returns true if every blob that these entries name is there and has its digest, except those that a later one of them
/// forgets. Returns false for an entry whose digests are not as the format has them.
fn has_blobs(disk: &impl Disk, folder: &Path, entries: &[StoredEntry]) -> Result<bool, VerifyError> {
    let mut needed = BTreeSet::new();
    for stored in entries {
        let Some(named) = stored.blobs() else { return Ok(false) };
        needed.extend(named);
        if stored.entry.kind == EntryKind::Forgotten {
            let Some(forgotten) = stored.forgotten() else { return Ok(false) };
            needed.remove(&forgotten);
        }
    }
    for digest in &needed {
        if !matches!(blobs::find(disk, folder, digest)?, Found::Whole(_)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the length of the file of entries.
pub(crate) fn length(disk: &impl Disk, folder: &Path) -> Result<u64, VerifyError> {
    let path = folder.join(ENTRIES);
    let length = with_context("measure", &path, disk.length(&path))?;
    length.ok_or(VerifyError::NoEntries { path })
}

/// Calls `visit` with each entry from `tip` to byte `end`, up to the first that does not hold. Returns the end of the
/// chain there.
fn follow(
    disk: &impl Disk,
    folder: &Path,
    tip: &Tip,
    end: u64,
    visit: &mut dyn FnMut(StoredEntry),
) -> Result<Tip, VerifyError> {
    let mut entries = Entries::after(disk, folder, *tip, end)?;
    for stored in entries.by_ref() {
        match stored {
            Ok(stored) => visit(stored),
            Err(error @ VerifyError::File(_)) => return Err(error),
            Err(_) => break,
        }
    }
    Ok(entries.tip())
}

/// Returns the error of bytes beyond the head that nobody announced, with the number of whole entries among them.
fn unannounced(disk: &impl Disk, folder: &Path, tip: &Tip, bytes: u64) -> Result<VerifyError, VerifyError> {
    let end = follow(disk, folder, tip, length(disk, folder)?, &mut drop)?;
    let path = folder.join(ENTRIES);
    Ok(VerifyError::BeyondHead { path, bytes, entries: end.count - tip.count })
}

/// Returns the error that stands for a state in which no writer is at work; `None` if the state is a sound one.
pub(crate) fn error(
    disk: &impl Disk,
    folder: &Path,
    tip: &Tip,
    found: &Beyond,
) -> Result<Option<VerifyError>, VerifyError> {
    let path = folder.join(HEAD_ANNOUNCED);
    Ok(match found {
        Beyond::Nothing | Beyond::Fulfilled => None,
        Beyond::Complete(Complete { entries, bytes, .. }) => {
            let entries = entries.len() as u64;
            Some(VerifyError::Interrupted { path, entries, bytes: *bytes, complete: true })
        }
        Beyond::Torn { bytes, entries } => {
            Some(VerifyError::Interrupted { path, entries: *entries, bytes: *bytes, complete: false })
        }
        Beyond::Unannounced { bytes } => Some(unannounced(disk, folder, tip, *bytes)?),
        Beyond::Unfit(fault) => Some(VerifyError::Announcement { path, fault: *fault }),
    })
}
