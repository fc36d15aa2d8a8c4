//! A writer's turn: the time in which it holds the lock and nobody else appends.

use std::time::Duration;

use abi::EntryKind;
use files::{Disk, FileError, Irregular, with_context};

use super::{Ledger, Settled, cut};
use crate::audit::{Entries, sealed_head};
use crate::beyond::{self, Beyond, Complete, beyond};
use crate::chain::Tip;
use crate::format::{ENTRIES, HEAD, HEAD_ANNOUNCED, HEAD_TEMPORARY, LOCK};
use crate::head::{Head, MAX_HEAD_BYTES};
use crate::writer::aside::set_aside;
use crate::{LedgerError, StoredEntry, VerifyError, blobs};

/// Longest time that a writer waits for its turn. An append takes milliseconds, so this is hundreds of them.
const WAIT: Duration = Duration::from_secs(15);

/// The heads of an append that failed and that the disk has not let the writer undo yet, and the lock, which the
/// writer keeps until then.
#[derive(Debug)]
pub(super) struct Unsettled<L> {
    lock: L,
    /// The bytes of the head that was announced.
    announced: Vec<u8>,
}

/// Waits for the lock of the ledger in `folder`.
pub(super) fn lock<D: Disk>(disk: &D, folder: &std::path::Path) -> Result<D::Lock, LedgerError> {
    let path = folder.join(LOCK);
    match with_context("lock", &path, disk.lock(&path, WAIT)) {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => Err(LedgerError::Locked { path: folder.to_path_buf() }),
        // Somebody who removes the file all the time holds no lock, and waiting for an end would be vain.
        Err(error) if error.irregular() == Some(Irregular::Vanishing) => Err(LedgerError::LockLost { path }),
        Err(error) => Err(error.into()),
    }
}

impl<D: Disk> Ledger<D> {
    /// Takes the lock, undoes what is left of a failed append, and takes over what others appended meanwhile.
    pub(super) fn begin(&mut self) -> Result<D::Lock, LedgerError> {
        let lock = match self.unsettled.take() {
            None => lock(&self.disk, &self.folder)?,
            Some(Unsettled { lock, announced }) => self.undo(lock, announced)?,
        };
        self.catch_up()?;
        self.settle()?;
        Ok(lock)
    }

    /// Reads the head anew, and the entries that it covers and the last one did not.
    fn catch_up(&mut self) -> Result<(), LedgerError> {
        let sealed = sealed_head(&self.disk, &self.folder)?;
        if sealed == self.sealed {
            return Ok(());
        }
        let path = self.folder.join(HEAD);
        let head = Head::open(&sealed, self.key.public())
            .map_err(|fault| VerifyError::Head { path: path.clone(), fault })?;
        if head.count < self.tip.count || head.length < self.tip.length {
            return Err(LedgerError::RolledBack { path, found: head.count, known: self.tip.count });
        }
        let mut entries = Entries::after(&self.disk, &self.folder, self.tip, head.length)?;
        let mut theirs = Vec::new();
        for stored in entries.by_ref() {
            theirs.push(stored?);
        }
        let tip = entries.tip();
        if Head::from_tip(&tip) != head {
            let (found, signed) = (tip.chain, head.chain);
            let path = self.folder.join(ENTRIES);
            return Err(VerifyError::OtherChain {
                path,
                found_count: tip.count,
                found,
                count: head.count,
                signed,
            }
            .into());
        }
        self.take_over(&theirs, tip, sealed)
    }

    /// Goes on after entries that this writer did not append.
    fn take_over(&mut self, entries: &[StoredEntry], tip: Tip, sealed: Vec<u8>) -> Result<(), LedgerError> {
        for stored in entries {
            for named in stored.blobs().unwrap_or_default() {
                let path = blobs::place(&self.folder, &named);
                if !self.known.contains(&named) {
                    self.blob_bytes += with_context("measure", &path, self.disk.length(&path))?.unwrap_or(0);
                }
            }
            if stored.entry.kind == EntryKind::Forgotten {
                self.known.clear();
                self.blob_bytes = blobs::total_bytes(&self.disk, &self.folder)?;
            }
        }
        (self.tip, self.sealed) = (tip, sealed);
        entries.iter().for_each(|stored| self.standing.take(&stored.entry));
        Ok(())
    }

    /// Settles an append that another writer announced and did not end, because it stopped.
    fn settle(&mut self) -> Result<(), LedgerError> {
        let found = beyond(&self.disk, &self.folder, self.key.public(), &self.tip, &self.sealed)?;
        match found {
            Beyond::Nothing => Ok(()),
            Beyond::Fulfilled => Ok(self.withdraw()?),
            Beyond::Complete(Complete { entries, tip, sealed, .. }) => {
                self.acknowledge()?;
                self.settled.finished += entries.len() as u64;
                self.take_over(&entries, tip, sealed)
            }
            Beyond::Torn { bytes, .. } => {
                set_aside(&self.disk, &self.folder, self.tip.length, false)?;
                self.settled.set_aside_bytes += bytes;
                Ok(())
            }
            found => match beyond::error(&self.disk, &self.folder, &self.tip, &found)? {
                Some(error) => Err(error.into()),
                None => Ok(()),
            },
        }
    }

    /// Makes the announced head the head, durably.
    pub(super) fn acknowledge(&self) -> Result<(), FileError> {
        let (announced, head) = (self.folder.join(HEAD_ANNOUNCED), self.folder.join(HEAD));
        with_context("replace", &head, self.disk.rename(&announced, &head))?;
        files::sync_folder(&self.disk, &self.folder)
    }

    /// Removes the announcement if there is one, durably.
    fn withdraw(&self) -> Result<(), FileError> {
        let path = self.folder.join(HEAD_ANNOUNCED);
        if with_context("measure", &path, self.disk.length(&path))?.is_some() {
            with_context("remove", &path, self.disk.remove(&path))?;
        }
        files::sync_folder(&self.disk, &self.folder)
    }

    /// Undoes an append that failed after its head may have been announced. Returns the lock once that is done; until
    /// then the writer keeps it, and nothing is appended by anybody.
    pub(super) fn undo(&mut self, lock: D::Lock, announced: Vec<u8>) -> Result<D::Lock, LedgerError> {
        match self.take_back(&lock, &announced) {
            Ok(()) => Ok(lock),
            Err(_) => {
                self.unsettled = Some(Unsettled { lock, announced });
                Err(LedgerError::UndoPending { path: self.folder.clone() })
            }
        }
    }

    /// Restores the old head, cuts the entries beyond it, and withdraws the announcement, each durably.
    ///
    /// The order matters. A head without its entries would be acknowledged entries that are gone, and entries
    /// without an announcement would be bytes that nobody can account for.
    fn take_back(&self, lock: &D::Lock, announced: &[u8]) -> Result<(), LedgerError> {
        let [head, next, temporary, entries, lock_file] =
            [HEAD, HEAD_ANNOUNCED, HEAD_TEMPORARY, ENTRIES, LOCK].map(|name| self.folder.join(name));
        let found = files::read_up_to(&self.disk, &head, MAX_HEAD_BYTES + 1)?;
        if !with_context("lock", &lock_file, self.disk.holds(lock, &lock_file))? {
            // The next writer may have the lock by now. It settles the announcement before it does anything else.
            let left = files::read_up_to(&self.disk, &next, MAX_HEAD_BYTES + 1)?;
            if found.as_ref() != Some(&self.sealed) || left.as_deref() != Some(announced) {
                return Ok(());
            }
        }
        if found.as_ref() != Some(&self.sealed) {
            files::replace_via(&self.disk, &temporary, &next, announced)?;
            files::replace_via(&self.disk, &temporary, &head, &self.sealed)?;
        }
        cut(&self.disk, &entries, self.tip.length)?;
        Ok(self.withdraw()?)
    }

    /// Returns what this writer has found of appends that other writers did not end, and settled, since it opened the
    /// ledger.
    #[must_use]
    pub fn settled(&self) -> Settled {
        self.settled
    }
}
