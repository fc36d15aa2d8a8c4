//! All jobs of a ledger, with what follows from their ends.

use std::collections::HashMap;
use std::path::Path;

use abi::{EntryKind, JobId};
use ledger::{PublicKey, StoredEntry, VerifyError};

use super::{End, Learnings, Line, Outcomes};

/// The jobs of a ledger in the order of their first entries, the outcomes of those that were requests, and the learnings.
#[derive(Debug, Default)]
pub(crate) struct Chronicle {
    /// The number of entries that were taken.
    pub(crate) entries: u64,
    pub(crate) jobs: Vec<Line>,
    pub(crate) outcomes: Outcomes,
    pub(crate) learnings: Learnings,
    places: HashMap<JobId, usize>,
}

impl Chronicle {
    /// Reads the ledger in `folder`, whose head must be signed by `pinned`.
    ///
    /// # Errors
    /// [`VerifyError`] if there is no ledger, its entries cannot be read, or they are not those that the head signs.
    pub(crate) fn read(folder: &Path, pinned: &PublicKey) -> Result<Self, VerifyError> {
        let mut chronicle = Self::default();
        ledger::read_signed(folder, pinned, |stored| chronicle.take(stored))?;
        Ok(chronicle)
    }

    /// Takes the next entry of the ledger.
    pub(crate) fn take(&mut self, stored: &StoredEntry) {
        self.entries = stored.index + 1;
        // A blob that was forgotten is no step of a job.
        if stored.entry.kind == EntryKind::Forgotten {
            return;
        }
        let job = stored.entry.task.job;
        let place = *self.places.entry(job).or_insert_with(|| {
            self.jobs.push(Line::new(job, stored.index));
            self.jobs.len() - 1
        });
        let line = &mut self.jobs[place];
        let had_ended = line.end.is_some();
        line.take(stored.index, &stored.entry);
        if line.end.is_some() && !had_ended {
            self.ended(place, stored);
        }
    }

    /// Counts the outcome of a job that ended in this entry.
    fn ended(&mut self, place: usize, stored: &StoredEntry) {
        let line = &mut self.jobs[place];
        let failures = line.failures();
        let Some(planned) = &line.planned else { return };
        if line.is_evidence() {
            self.outcomes.add(planned.key(), stored.index, line.is_committed());
        }
        if matches!(line.end, Some(End::Abstained(_))) {
            self.learnings.add(&planned.kind, failures, line.at, stored.index, stored.digest);
        }
    }

    /// Returns the number of the entry that opened a job.
    pub(crate) fn opened(&self, job: JobId) -> Option<u64> {
        self.places.get(&job).map(|place| self.jobs[*place].opened)
    }
}
