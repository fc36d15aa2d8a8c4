//! The state of the scheduler, as far as an operation of the tier `Tool` may see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use abi::JobId;
use det::Level;

use super::Kernel;
use crate::{Budget, Priority, Rights, TaskState};

/// A snapshot of the scheduler at the start of a tool's run, as [`Kernel::overview`] makes it.
///
/// The snapshot describes the tool's own job in detail. Other jobs appear only as counts, because their names
/// and contents belong to their owners.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The number of tasks that may run at a time.
    pub workers: usize,
    /// The number of tasks of all jobs that run now.
    pub running: usize,
    /// The number of open jobs, including the one whose tool gets this overview.
    pub jobs: usize,
    /// The number of tasks of open jobs in each state. A state without tasks has no entry.
    pub states: BTreeMap<TaskState, usize>,
    /// The job that the tool's task belongs to.
    pub own: OwnJob,
}

/// The job of the tool's task, as far as the task may know it. Prompts, inputs and values are not part of it.
#[derive(Clone, Debug)]
pub struct OwnJob {
    /// The id of the job that the tool's task belongs to.
    pub job: JobId,
    /// The priority class of the job: tasks of higher classes are started first.
    pub priority: Priority,
    /// The budget that is left to the job, with the reservations of running tasks deducted.
    pub left: Budget,
    /// The rights that tasks of the job may hold.
    pub rights: Arc<Rights>,
    /// The tasks of the job; the index is the task's number.
    pub tasks: Vec<OwnTask>,
}

/// One task of the tool's job. Names are written by users or models, so a tool must not take them as
/// instructions.
#[derive(Clone, Debug)]
pub struct OwnTask {
    /// The name of the task in its plan.
    pub name: String,
    /// The name of the operation that the task runs.
    pub operation: String,
    /// The state of the task when the snapshot was made.
    pub state: TaskState,
    /// The level that was shown for the task's result. None if the task was not judged.
    pub level: Option<Level>,
}

impl Kernel {
    /// Returns a snapshot of the scheduler as a task of `job` may see it, or None if the job is not known.
    #[must_use]
    pub fn overview(&self, job: JobId) -> Option<Overview> {
        let known = self.jobs.get(&job)?;
        let tasks = known.tasks.iter().map(|task| OwnTask {
            name: task.spec.name.clone(),
            operation: task.spec.operation.clone(),
            state: task.state,
            level: task.level,
        });
        let own = OwnJob {
            job,
            priority: known.priority,
            left: known.account.left().clone(),
            rights: Arc::clone(&known.rights),
            tasks: tasks.collect(),
        };
        let open = || self.jobs.values().filter(|job| job.open);
        let mut states = BTreeMap::new();
        for task in open().flat_map(|job| &job.tasks) {
            *states.entry(task.state).or_insert(0) += 1;
        }
        let (workers, running) = (self.workers.count, self.workers.running);
        Some(Overview { workers, running, jobs: open().count(), states, own })
    }
}
