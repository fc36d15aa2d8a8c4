//! Claims of jobs: how one process sees that another one still works on a job.

use std::path::PathBuf;
use std::time::Duration;

use abi::JobId;
use files::{Disk, with_context};

use super::Ledger;
use crate::format::JOBS;
use crate::{FolderDisk, LedgerError};

/// The claim of a process on a job: as long as the value lives, every other process knows that somebody works on it.
///
/// The system gives the claim up when the process ends, however it ends. A job that is open in the history and that
/// nobody claims was interrupted.
#[derive(Debug)]
pub struct JobClaim<D: Disk = FolderDisk> {
    disk: D,
    path: PathBuf,
    /// The lock, which ends after the file is removed: nobody else can have claimed the file by then.
    _lock: D::Lock,
}

impl<D: Disk> Drop for JobClaim<D> {
    fn drop(&mut self) {
        // A file that stays is empty, and means nothing once its lock is gone.
        let _ = self.disk.remove(&self.path);
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
    pub fn claim(&self, job: JobId) -> Result<Option<JobClaim<D>>, LedgerError> {
        let folder = self.folder.join(JOBS);
        if !self.disk.is_folder(&folder) {
            with_context("create", &folder, self.disk.create_folder(&folder))?;
        }
        let path = folder.join(job.to_string());
        let lock = with_context("lock", &path, self.disk.lock(&path, Duration::ZERO))?;
        Ok(lock.map(|lock| JobClaim { disk: self.disk.clone(), path, _lock: lock }))
    }
}
