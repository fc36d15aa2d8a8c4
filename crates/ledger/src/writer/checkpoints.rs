//! The checkpoint that a writer leaves for those who open the ledger next.

use abi::Digest;
use files::{Disk, FileError, with_context};

use super::{Ledger, remove_blob};
use crate::checkpoint::{Checkpoint, MAX_OPEN, place};
use crate::format::{CHECKPOINT_TEMPORARY, LOCK};

impl<D: Disk> Ledger<D> {
    /// Writes a checkpoint if there are enough entries after the last one. The head that covers them must be durable.
    pub(super) fn leave_checkpoint(&mut self, lock: &D::Lock) {
        let is_due = self.tip.count - self.checkpoint >= self.caps.unchecked;
        if is_due && self.standing.open.len() <= MAX_OPEN {
            // What was appended is acknowledged without it, and the next append tries again.
            let _ = self.write_checkpoint(lock);
        }
    }

    fn write_checkpoint(&mut self, lock: &D::Lock) -> Result<(), FileError> {
        let lock_file = self.folder.join(LOCK);
        if !with_context("lock", &lock_file, self.disk.holds(lock, &lock_file))? {
            return Ok(());
        }
        // Whoever goes on from the checkpoint does not see that these blobs were forgotten. One that was stored again
        // stays, and an entry that names it comes later.
        let stored = |digest: &Digest| self.known.contains(digest) || self.staged.contains_key(digest);
        if self.standing.forgotten.iter().any(stored) {
            return Ok(());
        }
        while let Some(digest) = self.standing.forgotten.first().copied() {
            remove_blob(&self.disk, &self.folder, &digest)?;
            self.standing.forgotten.remove(&digest);
        }
        let (tip, open) = (self.tip, self.standing.open.clone());
        let sealed = Checkpoint { tip, open, blob_bytes: self.blob_bytes }.seal(&self.key);
        let temporary = self.folder.join(CHECKPOINT_TEMPORARY);
        files::replace_via(&self.disk, &temporary, &place(&self.folder), &sealed)?;
        self.checkpoint = self.tip.count;
        Ok(())
    }
}
