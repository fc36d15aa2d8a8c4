//! Claims of jobs: how one process sees that another one still works on a job.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use abi::{Entry, JobId};
use files::{Disk, FileError, with_context};

use super::Ledger;
use crate::format::JOBS;
use crate::standing::{concerns_job, ends_job};
use crate::{FolderDisk, LedgerError};

/// The claim of a process on a job: as long as the value lives, every other process knows that somebody works on it.
///
/// The system gives the claim up when the process ends, however it ends. A job that is open in the history and that
/// nobody claims was interrupted. The writer that made the claim appends nothing of the job once the file of the claim is
/// removed or replaced, because others take the job for interrupted from then on.
#[derive(Debug)]
pub struct JobClaim<D: Disk = FolderDisk> {
    /// The file, to which the writer has a weak reference. It is never read here.
    _file: Arc<ClaimFile<D>>,
}

/// The claims of a writer by their jobs. A claim that was dropped is a reference to nothing.
pub(super) type Claims<D> = BTreeMap<JobId, Weak<ClaimFile<D>>>;

/// The locked file of a claim.
#[derive(Debug)]
pub(super) struct ClaimFile<D: Disk> {
    disk: D,
    path: PathBuf,
    /// The lock, which ends after the file is removed: nobody else can have claimed the file by then.
    lock: D::Lock,
}

impl<D: Disk> ClaimFile<D> {
    /// Returns true if the file that was locked still has its name.
    fn is_in_place(&self) -> Result<bool, FileError> {
        with_context("lock", &self.path, self.disk.holds(&self.lock, &self.path))
    }
}

impl<D: Disk> Drop for ClaimFile<D> {
    fn drop(&mut self) {
        // A file that stays is empty, and means nothing once its lock is gone. Another file there is somebody else's claim.
        if self.is_in_place().is_ok_and(|in_place| in_place) {
            let _ = self.disk.remove(&self.path);
        }
    }
}

impl<D: Disk> Ledger<D> {
    /// Returns the jobs that have a file in the folder `jobs`. A process works on each of them, or was killed while it
    /// did: then [`claim`](Self::claim) succeeds, and dropping that claim removes the file.
    ///
    /// # Errors
    /// [`LedgerError::File`] if the file system refuses.
    pub fn claimed(&self) -> Result<Vec<JobId>, LedgerError> {
        let names = files::list(&self.disk, &self.folder.join(JOBS))?;
        let job = |name: &String| u64::from_str_radix(name.strip_prefix("job-")?, 16).ok().map(JobId);
        Ok(names.iter().filter_map(job).collect())
    }

    /// Claims `job` for this process. Returns `None` if another process has it.
    ///
    /// # Errors
    /// [`LedgerError::File`] if the file system refuses.
    pub fn claim(&mut self, job: JobId) -> Result<Option<JobClaim<D>>, LedgerError> {
        let folder = self.folder.join(JOBS);
        if !self.disk.is_folder(&folder) {
            with_context("create", &folder, self.disk.create_folder(&folder))?;
        }
        let path = folder.join(job.to_string());
        let Some(lock) = with_context("lock", &path, self.disk.lock(&path, Duration::ZERO))? else {
            return Ok(None);
        };
        let file = Arc::new(ClaimFile { disk: self.disk.clone(), path, lock });
        self.claims.retain(|_, claim| claim.strong_count() > 0);
        self.claims.insert(job, Arc::downgrade(&file));
        Ok(Some(JobClaim { _file: file }))
    }

    /// Fails if an entry is about a job that has ended, or whose claim by this writer is no longer in its place.
    ///
    /// The caller holds the lock and has taken over what others appended. So a job has one end in the chain even where
    /// somebody removed the files of claims beside live writers.
    pub(super) fn check_jobs<B>(&self, entries: &[Entry<B>]) -> Result<(), LedgerError> {
        let (mut seen, mut ended) = (BTreeSet::new(), BTreeSet::new());
        for entry in entries.iter().filter(|entry| concerns_job(entry.kind)) {
            let job = entry.task.job;
            if ended.contains(&job) || self.standing.ended.contains(&job) {
                return Err(LedgerError::JobEnded { job });
            }
            if seen.insert(job)
                && let Some(claim) = self.claims.get(&job).and_then(Weak::upgrade)
                && !claim.is_in_place()?
            {
                return Err(LedgerError::ClaimLost { job, path: claim.path.clone() });
            }
            if ends_job(entry.kind) {
                ended.insert(job);
            }
        }
        Ok(())
    }
}
