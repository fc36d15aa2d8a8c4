//! The scheduler as a tool may see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use abi::JobId;
use det::Level;

use super::Kernel;
use crate::{Budget, Priority, Rights, TaskState};

/// What the scheduler was doing when a run began. Of other jobs only counts: what they are about is theirs.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Tasks that may run at a time.
    pub workers: usize,
    /// Tasks that run.
    pub running: usize,
    /// Jobs that have not ended.
    pub jobs: usize,
    /// Tasks of those jobs, by state.
    pub states: BTreeMap<TaskState, usize>,
    /// The job of the run.
    pub own: OwnJob,
}

/// The job that a run belongs to.
#[derive(Clone, Debug)]
pub struct OwnJob {
    /// Its id.
    pub job: JobId,
    /// Its class.
    pub priority: Priority,
    /// What is left of its budget; what runs has its share set aside.
    pub left: Budget,
    /// The rights that its tasks may hold.
    pub rights: Arc<Rights>,
    /// Its tasks, by number.
    pub tasks: Vec<OwnTask>,
}

/// A task of the job that a run belongs to.
#[derive(Clone, Debug)]
pub struct OwnTask {
    /// Its name.
    pub name: String,
    /// What it runs.
    pub operation: String,
    /// Where it is.
    pub state: TaskState,
    /// What was shown of it so far.
    pub level: Option<Level>,
}

impl Kernel {
    /// The scheduler as a task of `job` may see it. None for a job that is not known.
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
