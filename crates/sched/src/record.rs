//! The records of the kernel's decisions, and their form as ledger entries.

use std::sync::Arc;

use abi::bounds::{MAX_TEXT_BYTES, cut};
use abi::{Canonical, Digest, Entry, EntryKind, JobId, MapWriter, Origin, TaskId, Value};
use det::Level;

use crate::{Budget, Cause, Consulted, Millis, Priority, Rights, Role, Spent, TaskSpec, TaskState, Tier};

/// The way in which a task came into its job. It decides from whom the task gets its rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskOrigin {
    /// The task is part of a plan of the job's owner.
    Owner,
    /// The running task with this number asked for it, and is parked until it ends.
    Request(u32),
    /// The task repairs the refuted task with this number.
    Repair(u32),
}

/// One decision of the kernel, which the driver keeps in the history as a ledger entry.
///
/// Records are typed, so a step of the kernel stays cheap: the driver encodes them and adds the digests of
/// blobs with [`into_entry`](Self::into_entry).
#[derive(Clone, Debug)]
pub enum Record {
    /// A job was opened with these terms, which are fixed from then on.
    Opened {
        /// The id of the job that was opened.
        job: JobId,
        /// The digest of the contract that an answer of the job must satisfy.
        contract: Digest,
        /// The least level at which an answer is committed.
        required: Level,
        /// The rights that tasks of the job may hold.
        rights: Arc<Rights>,
        /// The most that the job may spend.
        budget: Budget,
        /// The priority class of the job: tasks of higher classes are started first.
        priority: Priority,
        /// The time at which the job is ended without an answer. None means no deadline.
        deadline: Option<Millis>,
        /// The time of day at which it was opened, in milliseconds since 1970, as its process claims.
        at: Option<i64>,
        /// The record that the memory was consulted for the job.
        consulted: Arc<Consulted>,
    },
    /// A task passed all gates of admission.
    Admitted {
        /// The id of the task: its job, and its number in the job by order of admission.
        task: TaskId,
        /// The specification of the task, as the plan or the asking task stated it.
        spec: Arc<TaskSpec>,
        /// The digest of the contract under which the task's proposal will be judged.
        contract: Digest,
        /// The numbers of the tasks that it waits for.
        after: Vec<u32>,
        /// The plan, task or repair that brought the task into the job.
        asker: TaskOrigin,
        /// The highest level that a result of its operation can have.
        ceiling: Level,
    },
    /// A task parked until the tasks that it asked for have ended.
    Parked {
        /// The id of the task that parked and will run again.
        task: TaskId,
        /// The numbers of the tasks that it asked for and waits for.
        children: Vec<u32>,
        /// The tokens and the time that the run used.
        spent: Spent,
    },
    /// A run of a task returned a proposal.
    Proposed {
        /// The id of the task whose run returned the proposal.
        task: TaskId,
        /// The digest of the proposed value, by which its verdict names it.
        subject: Digest,
        /// The origin of the proposal, as its executor states it.
        origin: Origin,
        /// The tier of the operation that ran, as it was registered.
        tier: Tier,
        /// The executor's account of the run.
        record: Value,
        /// The digests of everything that the proposal was made from, results of dependencies first.
        inputs: Vec<Digest>,
        /// The tokens and the time that the run used.
        spent: Spent,
    },
    /// The proposal of a task was judged, with whatever outcome.
    Judged {
        /// The id of the task whose proposal was judged.
        task: TaskId,
        /// The digest of the contract that the verdict names.
        contract: Digest,
        /// The canonical encoding of the verdict: its outcome, its level, and what it was made on.
        verdict: Canonical,
        /// True if the contract is satisfied at the level that the task needs.
        met: bool,
    },
    /// A task ended without passing: it was refuted, it failed, or it was cancelled.
    Failed {
        /// The id of the task that ended without passing.
        task: TaskId,
        /// The last state of the task: refuted, failed or cancelled.
        state: TaskState,
        /// The reason why the task did not pass.
        cause: Cause,
        /// The amounts that the task's last run used, if no earlier record has them. All tokens of a run that
        /// did not come back with a proposal count as used.
        spent: Option<Spent>,
    },
    /// A value was committed as the answer of its job, which ends the job.
    Committed {
        /// The task that proposed the value.
        task: TaskId,
        /// The digest of the value that was committed as the answer.
        subject: Digest,
        /// The digest of the job's contract, which the value satisfies.
        contract: Digest,
        /// The level that was shown, the job's level or above.
        level: Level,
    },
    /// The job ended without an answer.
    Abstained {
        /// The id of the job that ended without an answer.
        job: JobId,
        /// The reason why there is no answer, in words for people.
        reason: String,
        /// The time of day of the job, if no record of an opening has it.
        at: Option<i64>,
    },
}

/// The digests of the blobs that were stored beside a record. All are absent for a record without blobs.
#[derive(Clone, Debug, Default)]
pub struct BlobDigests {
    /// The digest of the blob with the contract's canonical value.
    pub contract: Option<Digest>,
    /// The digest of the blob with the task's input, or with its proposal.
    pub subject: Option<Digest>,
    /// The digest of the blob with what the memory recalled for a job.
    pub consulted: Option<Digest>,
    /// The digests of the blobs that the executor's account refers to.
    pub others: Vec<Digest>,
}

impl Record {
    /// Returns the task that the record is about. A record about a whole job has the task number 0.
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

    /// Returns the kind of the entry that the record becomes.
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

    /// Encodes the record as a ledger entry. The entry names the digests of `blobs`, by which a reader finds
    /// the contract, the input or the proposal.
    #[must_use]
    pub fn into_entry(mut self, blobs: &BlobDigests) -> Entry<Canonical> {
        let (kind, task, inputs) = (self.kind(), self.task(), self.take_inputs());
        Entry { kind, task, inputs, body: Canonical::map(|map| self.write(blobs, map)) }
    }

    /// Returns the digests of the record's inputs, for the entry's own list, and takes them out of a
    /// proposal's record so that its body does not repeat them.
    fn take_inputs(&mut self) -> Vec<Digest> {
        match self {
            Self::Opened { contract, consulted, .. } => vec![*contract, consulted.digest()],
            Self::Admitted { contract, .. } | Self::Judged { contract, .. } => {
                vec![*contract]
            }
            Self::Proposed { inputs, .. } => std::mem::take(inputs),
            Self::Committed { subject, contract, .. } => vec![*subject, *contract],
            Self::Parked { .. } | Self::Failed { .. } | Self::Abstained { .. } => Vec::new(),
        }
    }

    /// Writes the entry's body, with all keys in ascending order, those of `blobs` included.
    fn write(&self, blobs: &BlobDigests, map: &mut MapWriter<'_>) {
        match self {
            Self::Opened {
                contract, required, rights, budget, priority, deadline, at, consulted, ..
            } => {
                at.iter().for_each(|at| map.int("at", *at));
                blobs.write_blobs(map);
                map.map("budget", |map| write_budget(budget, map));
                map.map("consulted", |map| consulted.write(blobs.consulted.as_ref(), map));
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
            Self::Abstained { reason, at, .. } => {
                at.iter().for_each(|at| map.int("at", *at));
                blobs.write_blobs(map);
                map.text("reason", &cut(reason, MAX_TEXT_BYTES));
                blobs.write_subject(map);
            }
        }
    }
}

impl BlobDigests {
    /// Writes all digests under `blobs`, where the ledger looks for the blobs of an entry.
    fn write_blobs(&self, map: &mut MapWriter<'_>) {
        let blobs: Vec<&Digest> =
            self.others.iter().chain(&self.contract).chain(&self.subject).chain(&self.consulted).collect();
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

/// Returns a count as an integer of the ledger. A count above `i64::MAX` is written as `i64::MAX`.
fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
