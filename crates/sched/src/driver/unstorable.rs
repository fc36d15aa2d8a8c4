//! The end of a job of which an entry can never be stored.
//!
//! Every record of the kernel fits into an entry, because admission and the results of runs are measured against the
//! table of bounds. This is the second line, for a journal that refuses an entry all the same: appending it again
//! would fail again, for ever, and keep every other job from being acknowledged.

use std::fmt;

use abi::{Entry, EntryKind, JobId, Journal};

use super::{Driver, Failure};
use crate::pool::Pool;
use crate::{BlobDigests, Clock, DriveError, Effect, Event, Record};

/// The reason with which the job ends in the history.
const REASON: &str = "the history cannot take an entry of this job";

impl<P: Pool, J: Journal, C: Clock> Driver<'_, P, J, C> {
    /// Returns the failure of an append that failed. If it failed because of one entry and not of the journal,
    /// the job of that entry is given up, so that the next append can succeed.
    pub(super) fn not_appended(&mut self, error: J::Error) -> Failure<J> {
        let refused = J::refused_entry(&error).and_then(|at| Some((at, self.pending.get(at)?.task.job)));
        match refused {
            None => DriveError::Journal(error),
            Some((at, job)) => {
                self.give_up(job, at, None);
                DriveError::Unstorable { job, error }
            }
        }
    }

    /// Ends `job` without an answer. Its pending entries from position `at` on are dropped, and so is everything
    /// that waits to be done for it; `record` is one more that is lost.
    pub(super) fn give_up(&mut self, job: JobId, at: usize, record: Option<&Record>) {
        let mut ends = record.is_some_and(is_end);
        self.effects.retain(|effect| match effect {
            Effect::Record(record) if record.task().job == job => {
                ends |= is_end(record);
                false
            }
            Effect::Run(task) | Effect::Judge { task, .. } => task.job != job,
            Effect::Deliver(judged) | Effect::Unmet(judged) => judged.verdict().task().job != job,
            Effect::Reveal(committed) => committed.task().job != job,
            _ => true,
        });
        self.blobs.forget(job);
        ends |= self.drop_pending(job, at);
        if self.kernel.is_open(job) {
            self.step(Event::Abstain { job, reason: REASON.to_owned() }).expect("an open job may abstain");
        } else if ends {
            // The kernel has ended the job, and the history does not know it yet.
            let end = Record::Abstained { job, reason: REASON.to_owned(), at: None };
            self.pending.push(end.into_entry(&BlobDigests::default()));
        }
    }

    /// Drops the pending entries of `job` from position `at` on, and the committed values that they stand for.
    /// Returns true if one of them ended the job.
    fn drop_pending(&mut self, job: JobId, at: usize) -> bool {
        let mut ended = false;
        let mut places = Vec::with_capacity(self.pending.len());
        let mut kept = Vec::with_capacity(self.pending.len());
        for (position, entry) in std::mem::take(&mut self.pending).into_iter().enumerate() {
            if position >= at && entry.task.job == job {
                ended |= ends(&entry);
                places.push(None);
            } else {
                places.push(Some(kept.len()));
                kept.push(entry);
            }
        }
        self.pending = kept;
        let moved = std::mem::take(&mut self.unacknowledged).into_iter();
        self.unacknowledged = moved.filter_map(|(value, at)| Some((value, places[at]?))).collect();
        ended
    }
}

fn is_end(record: &Record) -> bool {
    matches!(record, Record::Committed { .. } | Record::Abstained { .. })
}

fn ends<B>(entry: &Entry<B>) -> bool {
    matches!(entry.kind, EntryKind::Committed | EntryKind::Abstained)
}

/// Shows the counts of what waits, and no value: one that is committed and not durable would be among them.
impl<P: Pool, J, C> fmt::Debug for Driver<'_, P, J, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("effects", &self.effects.len())
            .field("pending", &self.pending.len())
            .field("unacknowledged", &self.unacknowledged.len())
            .field("ignored", &self.ignored)
            .finish_non_exhaustive()
    }
}
