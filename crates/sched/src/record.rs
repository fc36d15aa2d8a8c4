//! The records of the kernel's decisions, and their form as ledger entries.

use std::sync::Arc;

use abi::bounds::{MAX_TEXT_BYTES, cut};
use abi::{Canonical, Digest, Entry, EntryKind, JobId, MapWriter, Origin, TaskId, Value};
use det::Level;

use crate::{Budget, Cause, Millis, Priority, Rights, Role, Spent, TaskSpec, TaskState, Tier};

/// The origin of a task: a plan, a request of another task, or a repair. It decides from whom the task gets
/// its rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskOrigin {
    /// The owner of the job put the task into a plan.
    Owner,
    /// The task with this number asked for it and is parked.
    Request(u32),
    /// The task repairs the task with this number.
    Repair(u32),
}

/// One decision of the kernel, to be kept in the history.
///
/// Records are typed, so a step of the kernel stays cheap: the driver encodes them and adds the digests of
/// blobs with [`into_entry`](Self::into_entry).
#[derive(Clone, Debug)]
pub enum Record {
    /// A job was opened.
    Opened {
        /// The job.
        job: JobId,
        /// Digest of the job's contract.
        contract: Digest,
        /// The least level at which an answer is committed.
        required: Level,
        /// The rights that tasks of the job may hold.
        rights: Arc<Rights>,
        /// The budget of the job.
        budget: Budget,
        /// The priority class of the job.
        priority: Priority,
        /// The time at which the job is ended, if it has a deadline.
        deadline: Option<Millis>,
    },
    /// A task passed the gates.
    Admitted {
        /// The task.
        task: TaskId,
        /// The specification of the task.
        spec: Arc<TaskSpec>,
        /// Digest of the task's contract.
        contract: Digest,
        /// Numbers of the tasks that it waits for.
        after: Vec<u32>,
        /// The origin of the task.
        asker: TaskOrigin,
        /// The highest level that a result of its operation can have.
        ceiling: Level,
    },
    /// A task parked until the tasks that it asked for have ended.
    Parked {
        /// The task that parked.
        task: TaskId,
        /// Numbers of the tasks that it waits for.
        children: Vec<u32>,
        /// The amounts that the run used.
        spent: Spent,
    },
    /// A run of a task returned a proposal.
    Proposed {
        /// The task that ran.
        task: TaskId,
        /// Digest of the proposed value.
        subject: Digest,
        /// The origin of the proposal, as its executor states it.
        origin: Origin,
        /// The tier of the operation that ran, as it was registered.
        tier: Tier,
        /// The executor's account of the run.
        record: Value,
        /// Digests of everything that the proposal was made from, dependencies first.
        inputs: Vec<Digest>,
        /// The amounts that the run used.
        spent: Spent,
    },
    /// A proposal was judged.
    Judged {
        /// The task that proposed.
        task: TaskId,
        /// Digest of the contract.
        contract: Digest,
        /// The verdict, in the encoding of `det`.
        verdict: Canonical,
        /// True if the contract is satisfied at the level that the task needs.
        met: bool,
    },
    /// A task ended without passing.
    Failed {
        /// The task that ended.
        task: TaskId,
        /// The last state: refuted, failed or cancelled.
        state: TaskState,
        /// The reason.
        cause: Cause,
        /// The amounts that the task's last run used, if no earlier record has them. All tokens of a run that
        /// did not come back with a proposal count as used.
        spent: Option<Spent>,
    },
    /// A value was committed, which ends the job.
    Committed {
        /// The task that proposed the value.
        task: TaskId,
        /// Digest of the value.
        subject: Digest,
        /// Digest of the contract.
        contract: Digest,
        /// The level shown.
        level: Level,
    },
    /// The job ended without a commit.
    Abstained {
        /// The job.
        job: JobId,
        /// The reason.
        reason: String,
    },
}

/// Digests of the blobs that were stored beside a record. Empty for a record without blobs.
#[derive(Clone, Debug, Default)]
pub struct BlobDigests {
    /// The blob of the contract's canonical value.
    pub contract: Option<Digest>,
    /// The blob of the task's input, or of its proposal.
    pub subject: Option<Digest>,
    /// The blobs that the executor's record refers to.
    pub others: Vec<Digest>,
}

impl Record {
    /// The task that the record is about. A record about a whole job has the task number 0.
    #[must_use]
    pub fn task(&self) -> TaskId {
        match self {
            Self::Opened { job, .. } | Self::Abstained { job, .. } => TaskId { job: *job, number: 0 },
            Self::Admitted { task, .. }
            | Self::Parked { task, .. }
            | Self::Proposed { task, .. }
            | Self::Judged { task, .. }
            | Self::Failed { task, .. }
            | Self::Committed { task, .. } => *task,
        }
    }

    /// The kind of entry that the record becomes.
    fn kind(&self) -> EntryKind {
        match self {
            Self::Opened { .. } => EntryKind::Opened,
            Self::Admitted { .. } => EntryKind::Admitted,
            Self::Parked { .. } => EntryKind::Parked,
            // An executor states the origin, so it alone does not make a model's text computed.
            Self::Proposed { origin: Origin::Primitive { .. }, tier: Tier::Primitive, .. } => {
                EntryKind::Computed
            }
            Self::Proposed { .. } => EntryKind::Proposed,
            Self::Judged { .. } => EntryKind::Judged,
            Self::Failed { .. } => EntryKind::Failed,
            Self::Committed { .. } => EntryKind::Committed,
            Self::Abstained { .. } => EntryKind::Abstained,
        }
    }

    /// Encodes the record as a ledger entry. The entry names the digests of `blobs`, under which a reader
    /// finds the contract, the input or the proposal.
    #[must_use]
    pub fn into_entry(mut self, blobs: &BlobDigests) -> Entry<Canonical> {
        let (kind, task, inputs) = (self.kind(), self.task(), self.take_inputs());
        Entry { kind, task, inputs, body: Canonical::map(|map| self.write(blobs, map)) }
    }

    /// Digests of the record's inputs, for the entry's own list. The body of a proposal does not repeat them.
    fn take_inputs(&mut self) -> Vec<Digest> {
        match self {
            Self::Opened { contract, .. }
            | Self::Admitted { contract, .. }
            | Self::Judged { contract, .. } => {
                vec![*contract]
            }
            Self::Proposed { inputs, .. } => std::mem::take(inputs),
            Self::Committed { subject, contract, .. } => vec![*subject, *contract],
            Self::Parked { .. } | Self::Failed { .. } | Self::Abstained { .. } => Vec::new(),
        }
    }

    /// Writes the entry's body. Keys are in ascending order, including those for `blobs`.
    fn write(&self, blobs: &BlobDigests, map: &mut MapWriter<'_>) {
        match self {
            Self::Opened { contract, required, rights, budget, priority, deadline, .. } => {
                blobs.write_blobs(map);
                map.map("budget", |map| write_budget(budget, map));
                map.digest("contract", contract);
                blobs.write_contract(map);
                match deadline {
                    None => map.null("deadline"),
                    Some(deadline) => map.int("deadline", number(deadline.0)),
                }
                map.text("priority", priority.word());
                map.text("required", required.word());
                map.texts("rights", rights.iter().map(|right| right.0.as_str()));
            }
            Self::Admitted { spec, contract, after, asker, ceiling, .. } => {
                map.ints("after", after.iter().copied().map(i64::from));
                if let TaskOrigin::Request(parent) = asker {
                    map.int("asked_by", i64::from(*parent));
                }
                map.text("at_least", spec.at_least.word());
                blobs.write_blobs(map);
                map.text("ceiling", ceiling.word());
                map.digest("contract", contract);
                blobs.write_contract(map);
                map.text("name", &spec.name);
                map.text("operation", &spec.operation);
                if let TaskOrigin::Repair(parent) = asker {
                    map.int("repairs", i64::from(*parent));
                }
                let role = match spec.role {
                    Role::Answer => "answer",
                    Role::Support => "support",
                };
                map.text("role", role);
                blobs.write_subject(map);
            }
            Self::Parked { children, spent, .. } => {
                map.ints("children", children.iter().copied().map(i64::from));
                map.map("spent", |map| write_spent(spent, map));
            }
            Self::Proposed { subject, origin, record, spent, .. } => {
                blobs.write_blobs(map);
                map.map("origin", |map| origin.write(map));
                map.body("record", record);
                map.map("spent", |map| write_spent(spent, map));
                map.digest("subject", subject);
                blobs.write_subject(map);
            }
            Self::Judged { verdict, met, .. } => {
                map.bool("met", *met);
                map.body("verdict", verdict);
            }
            Self::Failed { state, cause, spent, .. } => {
                map.body("cause", &cause.to_value());
                if let Some(spent) = spent {
                    map.map("spent", |map| write_spent(spent, map));
                }
                map.text("state", state.word());
            }
            Self::Committed { subject, level, .. } => {
                map.text("level", level.word());
                map.digest("result", subject);
            }
            Self::Abstained { reason, .. } => map.text("reason", &cut(reason, MAX_TEXT_BYTES)),
        }
    }
}

impl BlobDigests {
    /// Writes all digests under `blobs`, where the ledger looks for the blobs of an entry.
    fn write_blobs(&self, map: &mut MapWriter<'_>) {
        let blobs: Vec<&Digest> = self.others.iter().chain(&self.contract).chain(&self.subject).collect();
        if !blobs.is_empty() {
            map.digests("blobs", blobs.into_iter());
        }
    }

    /// Writes the contract's blob, if there is one.
    fn write_contract(&self, map: &mut MapWriter<'_>) {
        self.contract.iter().for_each(|digest| map.digest("contract_blob", digest));
    }

    /// Writes the blob of the input or the proposal, if there is one.
    fn write_subject(&self, map: &mut MapWriter<'_>) {
        self.subject.iter().for_each(|digest| map.digest("subject_blob", digest));
    }
}

fn write_budget(budget: &Budget, map: &mut MapWriter<'_>) {
    let Budget { tasks, runs, same_operation, tokens, wall_ms } = budget;
    map.int("runs", i64::from(*runs));
    map.int("same_operation", i64::from(*same_operation));
    map.int("tasks", i64::from(*tasks));
    map.int("tokens", number(*tokens));
    map.int("wall_ms", number(*wall_ms));
}

fn write_spent(spent: &Spent, map: &mut MapWriter<'_>) {
    map.int("tokens", number(spent.tokens));
    map.int("wall_ms", number(spent.wall_ms));
}

/// A count as an integer of the ledger. A count above `i64::MAX` is written as `i64::MAX`.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
