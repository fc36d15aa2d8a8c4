//! What the kernel wants remembered, and its form as a ledger entry.

use std::sync::Arc;

use abi::{Digest, Entry, EntryKind, JobId, Origin, TaskId, Value};
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
        verdict: Value,
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
pub struct Kept {
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
    pub fn into_entry(self, kept: Kept) -> Entry {
        let (kind, task) = (self.kind(), self.task());
        let (inputs, mut body) = self.into_parts();
        let Kept { contract, subject, mut others } = kept;
        for (key, digest) in [("contract_blob", contract), ("subject_blob", subject)] {
            if let Some(digest) = digest {
                body.push((key, digest.to_value()));
                others.push(digest);
            }
        }
        if !others.is_empty() {
            body.push(("blobs", Value::List(others.into_iter().map(Digest::to_value).collect())));
        }
        Entry { kind, task, inputs, body: Value::map(body) }
    }

    fn into_parts(self) -> (Vec<Digest>, Vec<(&'static str, Value)>) {
        match self {
            Self::Opened { contract, required, rights, budget, priority, deadline, .. } => {
                let rights = rights.iter().map(|right| Value::text(right.0.as_str())).collect();
                let deadline = deadline.map_or(Value::Null, |deadline| number(deadline.0));
                let body = vec![
                    ("contract", contract.to_value()),
                    ("required", Value::text(required.word())),
                    ("rights", Value::List(rights)),
                    ("budget", budget_value(&budget)),
                    ("priority", Value::text(priority.word())),
                    ("deadline", deadline),
                ];
                (vec![contract], body)
            }
            Self::Admitted { spec, contract, after, asker, .. } => admitted(&spec, contract, &after, asker),
            Self::Parked { children, spent, .. } => {
                (Vec::new(), vec![("children", numbers(&children)), ("spent", spent_value(&spent))])
            }
            Self::Proposed { subject, origin, record, inputs, spent, .. } => {
                let body = vec![
                    ("origin", origin.to_value()),
                    ("subject", subject.to_value()),
                    ("record", record),
                    ("spent", spent_value(&spent)),
                ];
                (inputs, body)
            }
            Self::Judged { contract, verdict, met, .. } => {
                (vec![contract], vec![("verdict", verdict), ("met", Value::Bool(met))])
            }
            Self::Failed { state, cause, .. } => {
                (Vec::new(), vec![("state", Value::text(state.word())), ("cause", cause.to_value())])
            }
            Self::Committed { subject, contract, level, .. } => {
                let body = vec![("level", Value::text(level.word())), ("result", subject.to_value())];
                (vec![subject, contract], body)
            }
            Self::Abstained { reason, .. } => (Vec::new(), vec![("reason", Value::Text(reason))]),
        }
    }
}

fn admitted(
    spec: &TaskSpec,
    contract: Digest,
    after: &[u32],
    asker: Asker,
) -> (Vec<Digest>, Vec<(&'static str, Value)>) {
    let role = match spec.role {
        Role::Answer => "answer",
        Role::Support => "support",
    };
    let mut body = vec![
        ("name", Value::text(spec.name.as_str())),
        ("operation", Value::text(spec.operation.as_str())),
        ("contract", contract.to_value()),
        ("at_least", Value::text(spec.at_least.word())),
        ("role", Value::text(role)),
        ("after", numbers(after)),
    ];
    match asker {
        Asker::Owner => {}
        Asker::Request(parent) => body.push(("asked_by", number(u64::from(parent)))),
        Asker::Repair(parent) => body.push(("repairs", number(u64::from(parent)))),
    }
    (vec![contract], body)
}

fn budget_value(budget: &Budget) -> Value {
    let Budget { tasks, traps, same_operation, tokens, wall_ms } = budget;
    Value::map([
        ("tasks", number(u64::from(*tasks))),
        ("traps", number(u64::from(*traps))),
        ("same_operation", number(u64::from(*same_operation))),
        ("tokens", number(*tokens)),
        ("wall_ms", number(*wall_ms)),
    ])
}

fn spent_value(spent: &Spent) -> Value {
    Value::map([("tokens", number(spent.tokens)), ("wall_ms", number(spent.wall_ms))])
}

/// A count as a value; one beyond 2^63 stands as the largest.
fn number(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn numbers(tasks: &[u32]) -> Value {
    Value::List(tasks.iter().map(|task| number(u64::from(*task))).collect())
}
