//! The invariants of jobs, checked over the entries of a ledger.
//!
//! The checks share no code with the kernel that wrote the entries. Each violation is named with its invariant, so that a
//! reader knows which promise is broken. What the history of the scheduler refuses beyond that is the invariant
//! [`Invariant::Continuation`].

mod past;

use std::collections::BTreeMap;

use abi::{EntryKind, JobId};
use ledger::StoredEntry;
use sched::History;

use super::Chronicle;
use crate::replay::decision::{Again, again};

use past::Past;

/// A promise that every job of a ledger keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Invariant {
    /// A job begins with its opening and has one end, with nothing outside.
    Bracketed,
    /// A request is classified and its template chosen before a task is admitted, and only admitted tasks run.
    Planned,
    /// A committed value was judged as its job's answer, at the job's level or above.
    Judged,
    /// A task passed with a verdict that is about its proposal, under its contract, at the level that it needs.
    Proven,
    /// A repair proposes something else than what was refuted.
    EffectiveRepair,
    /// No confidence of 0.7 or more was stated where the verdict is worth 0.5 or less.
    Calibrated,
    /// The entries of a job are those of one run.
    OneRun,
    /// A decision follows from what its entry says that it was made from.
    Follows,
    /// Every entry is a legal continuation of those before it, as `nmk ledger trace` checks.
    Continuation,
}

impl Invariant {
    pub(crate) const ALL: [Self; 9] = [
        Self::Bracketed,
        Self::Planned,
        Self::Judged,
        Self::Proven,
        Self::EffectiveRepair,
        Self::Calibrated,
        Self::OneRun,
        Self::Follows,
        Self::Continuation,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Bracketed => "bracketed",
            Self::Planned => "planned",
            Self::Judged => "judged",
            Self::Proven => "proven",
            Self::EffectiveRepair => "effective_repair",
            Self::Calibrated => "calibrated",
            Self::OneRun => "one_run",
            Self::Follows => "follows",
            Self::Continuation => "continuation",
        }
    }
}

/// A broken promise, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) invariant: Invariant,
    pub(crate) job: JobId,
    /// The number of the task. None for a violation of the whole job.
    pub(crate) task: Option<u32>,
    /// The number of the entry that shows it.
    pub(crate) entry: u64,
    /// The fault in words.
    pub(crate) what: String,
}

/// A check of entries in their order, of one job or of all.
#[derive(Default)]
pub(crate) struct Checker {
    only: Option<JobId>,
    past: BTreeMap<JobId, Past>,
    /// All jobs, from whose outcomes choices of templates follow.
    chronicle: Chronicle,
    history: History,
    violations: Vec<Violation>,
    entries: u64,
}

/// The result of a check.
pub(crate) struct Checked {
    /// The violations in the order of their entries.
    pub(crate) violations: Vec<Violation>,
    /// The number of entries that were checked.
    pub(crate) entries: u64,
    /// The number of jobs that were checked.
    pub(crate) jobs: usize,
    /// The number of those on which a process works.
    pub(crate) running: usize,
}

impl Checker {
    /// Returns a check of one job, or of all jobs.
    pub(crate) fn new(only: Option<JobId>) -> Self {
        Self { only, ..Self::default() }
    }

    /// Takes the next entry of the ledger.
    pub(crate) fn take(&mut self, stored: &StoredEntry) {
        self.chronicle.take(stored);
        let (entry, job) = (&stored.entry, stored.entry.task.job);
        if entry.kind == EntryKind::Forgotten || self.only.is_some_and(|only| only != job) {
            return;
        }
        self.entries += 1;
        let before = self.violations.len();
        let past = self.past.entry(job).or_insert_with(|| Past::new(job, stored.index));
        past.take(stored, &mut self.violations);
        if entry.kind == EntryKind::Decided
            && let Again::Other { found, .. } = again(stored, &self.chronicle)
        {
            let what = format!("what follows from its entry is {}", crate::excerpt::one_line(&found));
            self.add(stored, Invariant::Follows, what);
        }
        let taken = self.history.take(entry);
        if let (Err(contradiction), true) = (taken, self.violations.len() == before) {
            self.add(stored, Invariant::Continuation, contradiction.what.to_owned());
        }
    }

    fn add(&mut self, stored: &StoredEntry, invariant: Invariant, what: String) {
        let task = stored.entry.task;
        self.violations.push(Violation {
            invariant,
            job: task.job,
            task: Some(task.number),
            entry: stored.index,
            what,
        });
    }

    /// Ends the check. `is_at_work` tells if a process works on a job, which then needs no end yet.
    ///
    /// # Errors
    /// Fails as `is_at_work` does.
    pub(crate) fn end<E>(mut self, is_at_work: impl Fn(JobId) -> Result<bool, E>) -> Result<Checked, E> {
        let mut running = 0;
        for (job, past) in &self.past {
            let Some(violation) = past.unfinished() else { continue };
            match is_at_work(*job)? {
                true => running += 1,
                false => self.violations.push(violation),
            }
        }
        self.violations.sort_by_key(|violation| violation.entry);
        let (entries, jobs) = (self.entries, self.past.len());
        Ok(Checked { violations: self.violations, entries, jobs, running })
    }
}

#[cfg(test)]
mod tests {
    use abi::{Digest, Entry, EntryKind, JobId, TaskId, Value};
    use ledger::StoredEntry;

    use super::{Checker, Invariant};

    /// Returns the invariants that break where a job has entries of these kinds, while a process works on it or not.
    fn broken(kinds: &[EntryKind], is_at_work: bool) -> Vec<Invariant> {
        let mut checker = Checker::new(None);
        let digest = Digest::hash_blob(b"a digest");
        for (index, kind) in kinds.iter().enumerate() {
            let body = Value::map([
                ("contract", digest.to_value()),
                ("required", Value::text("none")),
                ("reason", Value::text("none")),
            ]);
            let task = TaskId { job: JobId(1), number: 0 };
            let entry = Entry { kind: *kind, task, inputs: Vec::new(), body };
            let index = index as u64;
            checker.take(&StoredEntry { index, offset: index, digest, head: digest, entry });
        }
        let checked = checker.end(|_| Ok::<_, std::convert::Infallible>(is_at_work)).expect("it never fails");
        checked.violations.into_iter().map(|violation| violation.invariant).collect()
    }

    #[test]
    fn a_job_has_one_opening_and_one_end() {
        use EntryKind::{Abstained, Examined, Failed, Opened, Sealed};
        use Invariant::{Bracketed, OneRun, Planned};
        let cases: [(&[EntryKind], &[Invariant]); 8] = [
            (&[Opened, Abstained], &[]),
            // A job that was refused has no opening.
            (&[Abstained], &[]),
            (&[Sealed, Examined], &[]),
            (&[Sealed], &[Bracketed]),
            (&[Opened], &[Bracketed]),
            (&[Opened, Abstained, Abstained], &[Bracketed]),
            (&[Opened, Abstained, Opened], &[OneRun]),
            (&[Opened, Failed, Abstained], &[Planned]),
        ];
        for (kinds, wanted) in cases {
            assert_eq!(broken(kinds, false), wanted, "{kinds:?}");
        }
        assert_eq!(broken(&[Opened], true), []);
    }
}
