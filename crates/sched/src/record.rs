//! What the kernel wants remembered, and its form as a ledger entry.

use std::sync::Arc;

use abi::{Canonical, Digest, Entry, EntryKind, JobId, MapWriter, Origin, TaskId, Value};
use det::Level;

use crate::{Budget, Cause, Millis, Priority, Rights, Role, Spent, TaskSpec, TaskState};

/// How a task came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The job's owner put it into a plan.
    Owner,
    /// The task of this number parked on it.
    Request(u32),
    /// It repairs the task of this number.
    Repair(u32),
}

/// One thing to remember. Typed, so that the kernel's step stays cheap; the driver seals it as an entry.
#[derive(Clone, Debug)]
pub enum Record {
    /// A job was opened.
    Opened {
        /// The job.
        job: JobId,
        /// Digest of its contract.
        contract: Digest,
        /// Its least level.
        required: Level,
        /// Its rights.
        rights: Arc<Rights>,
        /// Its budget.
        budget: Budget,
        /// Its priority.
        priority: Priority,
        /// When it is called off.
        deadline: Option<Millis>,
    },
    /// A task passed the gates.
    Admitted {
        /// The task.
        task: TaskId,
        /// What it was admitted as.
        spec: Arc<TaskSpec>,
        /// Digest of its contract.
        contract: Digest,
        /// Numbers of the tasks that it waits for.
        after: Vec<u32>,
        /// Who asked for it.
        asker: Asker,
    },
    /// A task parked.
    Parked {
        /// The task.
        task: TaskId,
        /// Numbers of the tasks that it waits for.
        children: Vec<u32>,
        /// What it used until then.
        spent: Spent,
    },
    /// A task proposed.
    Proposed {
        /// The task.
        task: TaskId,
        /// Digest of what it proposes.
        subject: Digest,
        /// Who says so.
        origin: Origin,
        /// How it was made.
        record: Value,
        /// Digests of everything that it was made from, dependencies first.
        inputs: Vec<Digest>,
        /// What it used.
        spent: Spent,
    },
    /// A proposal was judged.
    Judged {
        /// The task.
        task: TaskId,
        /// Digest of the contract.
        contract: Digest,
        /// The verdict, as `det` puts it.
        verdict: Canonical,
        /// Whether the contract is satisfied at the level that is needed.
        met: bool,
    },
    /// A task ended without passing.
    Failed {
        /// The task.
        task: TaskId,
        /// Refuted, failed or cancelled.
        state: TaskState,
        /// Why.
        cause: Cause,
    },
    /// A value was committed, which ends the job.
    Committed {
        /// The task.
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
        /// Why.
        reason: String,
    },
}

/// Digests of blobs that were kept beside a record.
#[derive(Clone, Debug, Default)]
pub struct BlobDigests {
    /// The contract's canonical value.
    pub contract: Option<Digest>,
    /// The task's input, or its proposal.
    pub subject: Option<Digest>,
    /// What the executor's record refers to.
    pub others: Vec<Digest>,
}

impl Record {
    /// The task that it is about; of a job the number 0.
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

    fn kind(&self) -> EntryKind {
        match self {
            Self::Opened { .. } => EntryKind::Opened,
            Self::Admitted { .. } => EntryKind::Admitted,
            Self::Parked { .. } => EntryKind::Parked,
            Self::Proposed { origin: Origin::Primitive { .. }, .. } => EntryKind::Computed,
            Self::Proposed { .. } => EntryKind::Proposed,
            Self::Judged { .. } => EntryKind::Judged,
            Self::Failed { .. } => EntryKind::Failed,
            Self::Committed { .. } => EntryKind::Committed,
            Self::Abstained { .. } => EntryKind::Abstained,
        }
    }

    /// The record as an entry that names the blobs kept for it.
    #[must_use]
    pub fn into_entry(mut self, blobs: &BlobDigests) -> Entry<Canonical> {
        let (kind, task, inputs) = (self.kind(), self.task(), self.take_inputs());
        Entry { kind, task, inputs, body: Canonical::map(|map| self.write(blobs, map)) }
    }

    /// Digests of what went into it; the body does not repeat those of a proposal.
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

    /// Writes the body. Keys ascend, those of `blobs` among the record's own.
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
            Self::Admitted { spec, contract, after, asker, .. } => {
                map.ints("after", after.iter().copied().map(i64::from));
                if let Asker::Request(parent) = asker {
                    map.int("asked_by", i64::from(*parent));
                }
                map.text("at_least", spec.at_least.word());
                blobs.write_blobs(map);
                map.digest("contract", contract);
                blobs.write_contract(map);
                map.text("name", &spec.name);
                map.text("operation", &spec.operation);
                if let Asker::Repair(parent) = asker {
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
            Self::Failed { state, cause, .. } => {
                map.body("cause", &cause.to_value());
                map.text("state", state.word());
            }
            Self::Committed { subject, level, .. } => {
                map.text("level", level.word());
                map.digest("result", subject);
            }
            Self::Abstained { reason, .. } => map.text("reason", reason),
        }
    }
}

impl BlobDigests {
    /// Every blob under `blobs`, as the ledger looks for them.
    fn write_blobs(&self, map: &mut MapWriter<'_>) {
        let blobs: Vec<&Digest> = self.others.iter().chain(&self.contract).chain(&self.subject).collect();
        if !blobs.is_empty() {
            map.digests("blobs", blobs.into_iter());
        }
    }

    fn write_contract(&self, map: &mut MapWriter<'_>) {
        self.contract.iter().for_each(|digest| map.digest("contract_blob", digest));
    }

    fn write_subject(&self, map: &mut MapWriter<'_>) {
        self.subject.iter().for_each(|digest| map.digest("subject_blob", digest));
    }
}

fn write_budget(budget: &Budget, map: &mut MapWriter<'_>) {
    let Budget { tasks, traps, same_operation, tokens, wall_ms } = budget;
    map.int("same_operation", i64::from(*same_operation));
    map.int("tasks", i64::from(*tasks));
    map.int("tokens", number(*tokens));
    map.int("traps", i64::from(*traps));
    map.int("wall_ms", number(*wall_ms));
}

fn write_spent(spent: &Spent, map: &mut MapWriter<'_>) {
    map.int("tokens", number(spent.tokens));
    map.int("wall_ms", number(spent.wall_ms));
}

/// A count as an integer of the ledger; one beyond 2^63 stands as the largest.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
