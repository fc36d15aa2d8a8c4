//! Identifiers of jobs and tasks.

use core::fmt;

/// The number of a job: one request of a user, from the prompt to a commit or an abstention.
///
/// No two jobs in one ledger have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// The number of a task: one unit of admitted work, which belongs to exactly one job.
///
/// No two tasks in one ledger have the same pair of numbers. A verdict names its task, so it serves no other
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    /// The job that the task was admitted to.
    pub job: JobId,
    /// The number of the task within the job, from 0 in order of admission.
    pub number: u32,
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "job-{:016x}", self.0)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.job, self.number)
    }
}
