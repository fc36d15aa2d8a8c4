//! What the kernel knows of jobs, tasks and slots.

use foldhash::{HashMap, HashMapExt};
use std::collections::BTreeSet;
use std::sync::Arc;

use abi::{Digest, JobId, TaskId};
use det::Level;

use crate::budget::Account;
use crate::queue::ReadyQueue;
use crate::{Asker, Cause, JobSpec, Millis, Priority, Record, Rights, TaskSpec, TaskState};

/// What the kernel knows of a task.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) spec: Arc<TaskSpec>,
    /// Invariant: fixed at admission.
    pub(super) contract: Digest,
    pub(super) rights: Arc<Rights>,
    pub(super) state: TaskState,
    pub(super) asker: Asker,
    pub(super) after: Vec<u32>,
    /// Tasks that wait for this one.
    pub(super) dependents: Vec<u32>,
    /// Tasks among `after` that have not passed yet.
    pub(super) waits: usize,
    /// Tasks that this one asked for when it last parked.
    pub(super) requested: Vec<u32>,
    /// Of those, the ones that have not ended.
    pub(super) requests_open: usize,
    /// Repairs tried so far.
    pub(super) repairs: u32,
    /// The repair at work, while there is one.
    pub(super) repair: Option<u32>,
    /// The repair that passed in its place.
    pub(super) repaired_by: Option<u32>,
    /// Of a repair, the task whose refuted proposal it is to mend.
    pub(super) mends: Option<u32>,
    /// Digest of what it proposed last.
    pub(super) proposed: Option<Digest>,
    /// The level that was shown of it.
    pub(super) level: Option<Level>,
    pub(super) cause: Option<Cause>,
    /// When its run began.
    pub(super) started: Millis,
    /// When its run is stopped.
    pub(super) due: Millis,
}

/// What the kernel knows of a job.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) contract: Digest,
    pub(super) required: Level,
    pub(super) rights: Arc<Rights>,
    pub(super) priority: Priority,
    pub(super) deadline: Option<Millis>,
    pub(super) account: Account,
    pub(super) open: bool,
    pub(super) tasks: Vec<Task>,
    pub(super) names: HashMap<String, u32>,
    /// Tasks that have not ended.
    pub(super) live: usize,
    /// Whether it was said that nothing is left to do.
    pub(super) quiet: bool,
    /// Ready tasks that wait for a reservation to come back.
    pub(super) held: Vec<u32>,
    /// Operations that panicked.
    pub(super) disabled: BTreeSet<String>,
}

/// The slots, and who waits for them.
#[derive(Debug)]
pub(super) struct Workers {
    pub(super) count: usize,
    pub(super) running: usize,
    pub(super) queue: ReadyQueue,
    /// When running tasks are stopped.
    pub(super) due: BTreeSet<(Millis, TaskId)>,
}

impl Job {
    pub(super) fn open(spec: JobSpec, granted: &Rights) -> Self {
        let rights = spec.rights.unwrap_or_else(|| granted.clone());
        Self {
            contract: spec.contract.digest(),
            required: spec.required,
            rights: Arc::new(rights),
            priority: spec.priority,
            deadline: spec.deadline,
            account: Account::new(spec.budget),
            open: true,
            tasks: Vec::new(),
            names: HashMap::new(),
            live: 0,
            quiet: false,
            held: Vec::new(),
            disabled: BTreeSet::new(),
        }
    }

    pub(super) fn record(&self, job: JobId) -> Record {
        Record::Opened {
            job,
            contract: self.contract,
            required: self.required,
            rights: Arc::clone(&self.rights),
            budget: self.account.left().clone(),
            priority: self.priority,
            deadline: self.deadline,
        }
    }

    /// Whether nothing is left to do since the last plan, and nobody was told.
    pub(super) fn is_newly_quiet(&mut self) -> bool {
        let newly = self.open && self.live == 0 && !self.quiet;
        self.quiet |= newly;
        newly
    }

    pub(super) fn task(&mut self, number: u32) -> &mut Task {
        &mut self.tasks[number as usize]
    }
}
