//! The data that the kernel holds about jobs, tasks and workers.

use foldhash::{HashMap, HashMapExt};
use std::collections::BTreeSet;
use std::sync::Arc;

use abi::{Digest, JobId, TaskId};
use det::Level;

use crate::budget::Account;
use crate::queue::ReadyQueue;
use crate::{
    Cause, Consulted, JobSpec, Millis, Priority, Record, Remembered, Rights, Spent, TaskOrigin, TaskSpec,
    TaskState,
};

/// A task that was admitted, in whatever state it is.
#[derive(Debug)]
pub(super) struct Task {
    /// The specification, as admitted.
    pub(super) spec: Arc<TaskSpec>,
    /// The digest of the contract. Invariant: fixed at admission.
    pub(super) contract: Digest,
    /// The rights that the task holds.
    pub(super) rights: Arc<Rights>,
    pub(super) state: TaskState,
    /// The plan, task or repair that brought the task into the job.
    pub(super) asker: TaskOrigin,
    /// Numbers of the tasks that must pass first, in the order of the specification.
    pub(super) after: Vec<u32>,
    /// Numbers of the tasks that wait for this one.
    pub(super) dependents: Vec<u32>,
    /// The number of tasks in `after` that have not passed yet.
    pub(super) waits: usize,
    /// Numbers of the tasks that this one asked for when it last parked.
    pub(super) requested: Vec<u32>,
    /// The number of tasks in `requested` that have not ended.
    pub(super) requests_open: usize,
    /// The number of repairs tried so far.
    pub(super) repairs: u32,
    /// The number of the repair that runs in place of this task.
    pub(super) repair: Option<u32>,
    /// The number of the repair that passed in place of this task.
    pub(super) repaired_by: Option<u32>,
    /// For a repair, the number of the task whose refuted proposal it corrects.
    pub(super) repaired: Option<u32>,
    /// The digest of the latest proposal.
    pub(super) proposed: Option<Digest>,
    /// The level of the latest verdict, at most the ceiling of the operation.
    pub(super) level: Option<Level>,
    /// The reason why the task ended without passing.
    pub(super) cause: Option<Cause>,
    /// The amounts that the latest run used, until a record says so.
    pub(super) unrecorded: Option<Spent>,
    /// The time at which the current run began.
    pub(super) started: Millis,
    /// The time at which the current run is stopped.
    pub(super) due: Millis,
}

/// A job that was opened, whether it is still open or has ended.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) contract: Digest,
    pub(super) required: Level,
    pub(super) rights: Arc<Rights>,
    pub(super) priority: Priority,
    pub(super) deadline: Option<Millis>,
    /// The time of day at which its process says that it was opened.
    at: Option<i64>,
    /// The record that the memory was consulted for the job.
    consulted: Arc<Consulted>,
    pub(super) account: Account,
    pub(super) open: bool,
    pub(super) tasks: Vec<Task>,
    pub(super) names: HashMap<String, u32>,
    /// The number of tasks that have not ended.
    pub(super) live: usize,
    /// Set when the caller was told that all tasks have ended; cleared by the next plan.
    pub(super) quiet: bool,
    /// Ready tasks that cannot start until a running task returns a part of its reservation.
    pub(super) held: Vec<u32>,
    /// Operations that panicked in this job.
    pub(super) disabled: BTreeSet<String>,
}

/// The workers of the pool as the kernel counts them, and the tasks that run on them or wait for one.
#[derive(Debug)]
pub(super) struct Workers {
    /// The number of tasks that may run at a time.
    pub(super) count: usize,
    /// The number of tasks that run.
    pub(super) running: usize,
    /// The tasks that wait for a worker.
    pub(super) queue: ReadyQueue,
    /// The deadlines of running tasks, the earliest first.
    pub(super) due: BTreeSet<(Millis, TaskId)>,
}

impl Job {
    /// Opens a job with the rights that it asks for, or with all granted ones.
    pub(super) fn open(spec: JobSpec, consulted: Consulted, granted: &Rights) -> Self {
        let rights = spec.rights.unwrap_or_else(|| granted.clone());
        Self {
            contract: spec.contract.digest(),
            required: spec.required,
            rights: Arc::new(rights),
            priority: spec.priority,
            deadline: spec.deadline,
            at: spec.at,
            consulted: Arc::new(consulted),
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

    /// Returns the entries of the memory that were recalled for the job.
    pub(super) fn recalled(&self) -> Arc<[Remembered]> {
        self.consulted.shared()
    }

    /// Returns the record that says that the job was opened.
    pub(super) fn record(&self, job: JobId) -> Record {
        Record::Opened {
            job,
            contract: self.contract,
            required: self.required,
            rights: Arc::clone(&self.rights),
            budget: self.account.left().clone(),
            priority: self.priority,
            deadline: self.deadline,
            at: self.at,
            consulted: Arc::clone(&self.consulted),
        }
    }

    /// Returns true if all tasks have ended, and this was not reported since the last plan.
    pub(super) fn is_newly_quiet(&mut self) -> bool {
        let newly = self.open && self.live == 0 && !self.quiet;
        self.quiet |= newly;
        newly
    }

    /// Returns the task with this number, which must exist.
    pub(super) fn task(&mut self, number: u32) -> &mut Task {
        &mut self.tasks[number as usize]
    }
}
