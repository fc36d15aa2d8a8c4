//! The history of jobs and tasks, read back from the entries of a ledger.
//!
//! [`History`] takes the entries in order and rebuilds jobs and tasks from them. It shares no code with the
//! kernel and checks that every entry may follow those before it. So the entries alone show if a value was
//! committed unjudged, below its job's level, or under another contract. Recovery reads the same history to
//! find the jobs that a process left open when it ended.

mod fields;
mod past;

use std::collections::BTreeMap;
use std::fmt;

use abi::{Entry, EntryKind, JobId, TaskId};

use fields::{digest, level};

pub use past::{JobEnd, PastJob, PastState, PastTask};

/// Jobs and tasks as the entries of a ledger describe them. A history starts empty; [`take`](Self::take) adds
/// one entry.
///
/// A history that took all entries without a [`Contradiction`] proves that they describe a legal run. It does
/// not prove that the entries are authentic: the ledger's own verification does that.
#[derive(Clone, Debug, Default)]
pub struct History {
    jobs: BTreeMap<JobId, PastJob>,
}

/// An entry that cannot follow the entries before it, with the rule that it breaks. The kernel never records
/// such an entry, so one shows a forged or damaged history, or a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The task that the entry is about; task number 0 for an entry about a whole job.
    pub task: TaskId,
    /// The rule that the entry breaks, in words.
    pub what: &'static str,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.task, self.what)
    }
}

impl std::error::Error for Contradiction {}

/// The rule that an entry breaks, before the task is added to it.
struct Wrong(&'static str);

impl History {
    /// Returns all jobs of the history with their ids, in ascending order of the ids. Ended jobs are
    /// included.
    pub fn jobs(&self) -> impl Iterator<Item = (JobId, &PastJob)> {
        self.jobs.iter().map(|(id, job)| (*id, job))
    }

    /// Returns the job with this id, or None if no entry has opened it.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<&PastJob> {
        self.jobs.get(&id)
    }

    /// Returns the ids of the jobs that were opened and never ended. After a crash, these are the jobs to
    /// close.
    pub fn unfinished(&self) -> impl Iterator<Item = JobId> {
        self.jobs.iter().filter(|(_, job)| job.end.is_none()).map(|(id, _)| *id)
    }

    /// Takes the next entry of the ledger. Entries must come in the order in which they were appended.
    ///
    /// # Errors
    /// Returns the rule that the entry breaks. The history is unchanged then.
    pub fn take(&mut self, entry: &Entry) -> Result<(), Contradiction> {
        let task = entry.task;
        let taken = match entry.kind {
            EntryKind::Opened => self.opened(task.job, entry),
            // A policy's decision, the deletion of a blob and an exam of the hold-out gate are no steps of a task.
            EntryKind::Decided | EntryKind::Sealed | EntryKind::Examined | EntryKind::Forgotten => Ok(()),
            EntryKind::Abstained => self.abstained(task.job),
            _ => self.task_entry(entry),
        };
        taken.map_err(|Wrong(what)| Contradiction { task, what })
    }

    /// Takes the entry that a job was opened, whose id must be new.
    fn opened(&mut self, id: JobId, entry: &Entry) -> Result<(), Wrong> {
        let body = &entry.body;
        // Entries of old ledgers do not say whether a memory was consulted.
        if let Some(consulted) = body.get("consulted")
            && !entry.inputs.contains(&digest(consulted, "digest")?)
        {
            return Err(Wrong("what the memory recalled is no input of the job's opening"));
        }
        let contract = digest(body, "contract")?;
        let required = level(body, "required")?;
        let job = PastJob { contract, required, tasks: BTreeMap::new(), end: None };
        match self.jobs.entry(id) {
            std::collections::btree_map::Entry::Occupied(_) => Err(Wrong("the job was opened before")),
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(job);
                Ok(())
            }
        }
    }

    /// Takes the entry that a job ended without an answer. The job may be unknown, because a job that was
    /// refused when it was to be opened abstains too.
    fn abstained(&mut self, id: JobId) -> Result<(), Wrong> {
        let Some(job) = self.jobs.get_mut(&id) else { return Ok(()) };
        if job.end.is_some() {
            return Err(Wrong("the job had ended"));
        }
        job.end = Some(JobEnd::Abstained);
        job.cancel_rest();
        Ok(())
    }

    /// Takes an entry about a task of an open job.
    fn task_entry(&mut self, entry: &Entry) -> Result<(), Wrong> {
        let job = self.jobs.get_mut(&entry.task.job).ok_or(Wrong("the job was never opened"))?;
        if job.end.is_some() {
            return Err(Wrong("the job had ended"));
        }
        let (number, body) = (entry.task.number, &entry.body);
        match entry.kind {
            EntryKind::Admitted => job.admitted(number, body),
            EntryKind::Parked => job.parked(number, body),
            EntryKind::Proposed | EntryKind::Computed => job.proposed(number, body),
            EntryKind::Judged => job.judged(entry.task, body),
            EntryKind::Failed => job.failed(number, body),
            EntryKind::Committed => job.committed(number, body),
            EntryKind::Opened
            | EntryKind::Decided
            | EntryKind::Abstained
            | EntryKind::Sealed
            | EntryKind::Examined
            | EntryKind::Forgotten => Ok(()),
        }
    }
}
