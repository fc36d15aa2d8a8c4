//! Setting aside what lies beyond the head, so that it is no part of the history and not lost either.

use std::collections::BTreeSet;
use std::path::Path;

use files::{Disk, FileError, with_context};

use super::cut;
use crate::audit::audit;
use crate::beyond::{self, Beyond, beyond};
use crate::chain::Tip;
use crate::checkpoint::{self, Comparison};
use crate::format::{ASIDE, CHECKPOINT, ENTRIES, HEAD, HEAD_ANNOUNCED};
use crate::head::{Head, MAX_HEAD_BYTES};
use crate::survey;
use crate::writer::turn::lock;
use crate::{LedgerError, PublicKey, VerifyError};

/// Bytes that are copied at a time.
const CHUNK: usize = 1 << 20;
/// The most bytes beyond a head that a repair copies: four GiB, which no append comes near.
const MAX_TAIL_BYTES: u64 = 4 << 30;

/// The result of a repair: how much was moved to the folder `aside`, and how much stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repaired {
    /// Number of bytes beyond the head that were set aside.
    pub bytes: u64,
    /// True if an announcement was set aside.
    pub announcement: bool,
    /// True if a checkpoint was set aside, because it is not of this history, or beyond its head.
    pub checkpoint: bool,
    /// Number of entries that the head covers; they are as they were.
    pub count: u64,
}

/// Sets aside everything beyond the head of the ledger in `folder`, whether or not it was announced.
///
/// The bytes stay in the folder `aside` of the ledger and are no part of the history any more. Acknowledged entries
/// are not touched. If an older head was put back, then some of those bytes were acknowledged: restoring the newest
/// head is right then, and this is not.
///
/// # Errors
/// [`LedgerError`] if another writer has the ledger, the history does not hold up to its head, or the file system
/// refuses.
pub fn repair(folder: &Path, key: &PublicKey) -> Result<Repaired, LedgerError> {
    repair_on(&crate::audit::opened(folder)?, folder, key)
}

/// Sets aside everything beyond the head of a ledger on `disk`, as [`repair`] does on the machine's disk.
///
/// # Errors
/// Fails as [`repair`] does.
pub fn repair_on(disk: &impl Disk, folder: &Path, key: &PublicKey) -> Result<Repaired, LedgerError> {
    crate::survey::check_all(disk, folder)?;
    // The names among the blobs are checked on the way; their size is not needed here.
    crate::blobs::total_bytes(disk, folder)?;
    // Nothing is written, the lock included, before the folder is known to hold a ledger of this key.
    audit(disk, folder, key, Tip::genesis(), |_, _| Ok(()))?;
    let _lock = lock(disk, folder)?;
    let (checkpoint, unread) = match checkpoint::read(disk, folder, key) {
        Ok(checkpoint) => (checkpoint, false),
        Err(VerifyError::Checkpoint { .. }) => (None, true),
        Err(error) => return Err(error.into()),
    };
    let mut comparison = Comparison::new(checkpoint);
    let audit = audit(disk, folder, key, Tip::genesis(), |stored, tip| {
        comparison.take(&stored.entry, tip);
        Ok(())
    })?;
    let bytes = beyond::length(disk, folder)? - audit.tip.length;
    if bytes > MAX_TAIL_BYTES {
        let (path, end) = (folder.join(ENTRIES), audit.tip.length);
        return Err(LedgerError::TailTooLong { path, bytes, limit: MAX_TAIL_BYTES, end });
    }
    let (head, count) = (Head::from_tip(&audit.tip), audit.tip.count);
    let checkpoint = unread || comparison.end(folder, &head).is_err();
    let found = beyond(disk, folder, key, &audit.tip, &audit.sealed)?;
    if matches!(found, Beyond::Nothing) && !checkpoint {
        return Ok(Repaired { bytes, announcement: false, checkpoint, count });
    }
    let announcement = folder.join(HEAD_ANNOUNCED);
    let announcement = with_context("measure", &announcement, disk.length(&announcement))?.is_some();
    if checkpoint {
        set_checkpoint_aside(disk, folder)?;
    }
    set_aside(disk, folder, audit.tip.length, true)?;
    Ok(Repaired { bytes, announcement, checkpoint, count })
}

/// Moves the checkpoint to the folder `aside`, durably.
fn set_checkpoint_aside(disk: &impl Disk, folder: &Path) -> Result<(), FileError> {
    let (checkpoint, aside) = (folder.join(CHECKPOINT), folder.join(ASIDE));
    with_context("create", &aside, disk.create_folder(&aside))?;
    files::sync_folder(disk, folder)?;
    let target = aside.join(format!("{}.{CHECKPOINT}", next_number(disk, &aside)?));
    with_context("replace", &target, disk.rename(&checkpoint, &target))?;
    files::sync_folder(disk, &aside)?;
    files::sync_folder(disk, folder)
}

/// Moves the entries beyond byte `end` and the announcement to the folder `aside`, durably.
///
/// The copies are durable before anything is cut, and the announcement goes last: whenever the machine stops, the next
/// writer finds the same state or the next step of it. An announcement without entries is kept only if `keep` is true.
pub(super) fn set_aside(disk: &impl Disk, folder: &Path, end: u64, keep: bool) -> Result<(), VerifyError> {
    let (entries, announced, aside) = (folder.join(ENTRIES), folder.join(HEAD_ANNOUNCED), folder.join(ASIDE));
    let head = files::read_up_to(disk, &announced, MAX_HEAD_BYTES + 1)?;
    if beyond::length(disk, folder)? > end || (keep && head.is_some()) {
        with_context("create", &aside, disk.create_folder(&aside))?;
        files::sync_folder(disk, folder)?;
        let number = next_number(disk, &aside)?;
        if beyond::length(disk, folder)? > end {
            copy(disk, &entries, end, &aside.join(format!("{number}.{ENTRIES}")))?;
        }
        if let Some(head) = &head {
            files::write_synced(disk, &aside.join(format!("{number}.{HEAD}")), head)?;
        }
        files::sync_folder(disk, &aside)?;
        cut(disk, &entries, end)?;
    }
    if head.is_some() {
        with_context("remove", &announced, disk.remove(&announced))?;
        files::sync_folder(disk, folder)?;
    }
    Ok(())
}

/// Returns the number behind the largest one that a name in the folder `aside` has, or the first free one if that would
/// have more digits than a name may.
fn next_number(disk: &impl Disk, aside: &Path) -> Result<u64, FileError> {
    let names = files::list(disk, aside)?;
    let number = |name: &String| name.split_once('.')?.0.parse::<u64>().ok();
    let taken: BTreeSet<u64> = names.iter().filter_map(number).collect();
    let next = taken.last().map_or(0, |last| last.saturating_add(1));
    if survey::is_aside(&format!("{next}.{ENTRIES}")) {
        return Ok(next);
    }
    Ok((0..).find(|number| !taken.contains(number)).expect("a folder has fewer than 2^64 names"))
}

/// Copies the bytes of a file from `offset` on to a new file, durably.
fn copy(disk: &impl Disk, from: &Path, offset: u64, to: &Path) -> Result<(), FileError> {
    use std::io::Read;
    let Some(opened) = with_context("read", from, disk.open_at(from, offset))? else { return Ok(()) };
    let (mut reader, mut at) = (opened.reader, 0);
    loop {
        let mut chunk = Vec::new();
        with_context("read", from, (&mut reader).take(CHUNK as u64).read_to_end(&mut chunk))?;
        if chunk.is_empty() {
            break;
        }
        with_context("write", to, disk.write(to, at, &chunk))?;
        at += chunk.len() as u64;
    }
    with_context("sync", to, disk.sync(to))
}
