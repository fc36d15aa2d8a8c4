//! The state of a history that a writer must know and that its last entries do not tell.

use std::collections::BTreeSet;

use abi::{Body, Digest, Entry, EntryKind, JobId};

use crate::record::{blobs_of, forgotten_of};

/// The open and the ended jobs of a history, and the blobs whose content must still be removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The jobs that an entry opened and no later entry ended.
    pub(crate) open: BTreeSet<JobId>,
    /// The jobs that an entry ended. Those that ended before the checkpoint from which the history was read are not known.
    pub(crate) ended: BTreeSet<JobId>,
    /// The blobs that were forgotten since the last checkpoint, and not named again. A crash can come between such an
    /// entry and the removal of the content, so each writer removes it again before it writes a checkpoint.
    pub(crate) forgotten: BTreeSet<Digest>,
}

impl Standing {
    /// Takes the next entry of the history.
    pub(crate) fn take<B: Body>(&mut self, entry: &Entry<B>) {
        for named in blobs_of(&entry.body).unwrap_or_default() {
            self.forgotten.remove(&named);
        }
        match entry.kind {
            EntryKind::Opened => drop(self.open.insert(entry.task.job)),
            kind if ends_job(kind) => {
                self.open.remove(&entry.task.job);
                self.ended.insert(entry.task.job);
            }
            EntryKind::Forgotten => self.forgotten.extend(forgotten_of(&entry.body)),
            _ => {}
        }
    }
}

/// Returns true for an entry that ends its job. A job has one such entry at most, and it is the last one about the job.
pub(crate) fn ends_job(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::Committed | EntryKind::Abstained)
}

/// Returns true for an entry that may not follow the end of its job. An entry that forgets a blob is about no job.
pub(crate) fn concerns_job(kind: EntryKind) -> bool {
    kind != EntryKind::Forgotten
}
