//! The history of jobs and tasks, read back from the entries of a ledger.
//!
//! [`History`] takes the entries in order and rebuilds jobs and tasks from them. It shares no code with the
//! kernel and checks that every entry may follow those before it. So the entries alone show if a value was
//! committed unjudged, below its job's level, or under another contract. Recovery reads the same history to
//! find the jobs that a process left open when it ended.

use std::collections::BTreeMap;
use std::fmt;

use abi::{Digest, Entry, EntryKind, JobId, TaskId, Value};
use det::Level;

/// The state of a task as far as the entries tell it. Coarser than [`TaskState`](crate::TaskState), because
/// not every change of state has an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recorded {
    /// Admitted; the task waits, runs or is parked.
    Pending,
    /// The proposal was recorded and awaits a verdict.
    Proposed,
    /// The verdict was not good enough, and no later entry says what follows.
    Short,
    /// A repair was admitted in place of the task.
    Repairing,
    /// The task passed.
    Passed,
    /// A repair passed in place of the task.
    Repaired,
    /// The value of the task was committed.
    Committed,
    /// The task ended because its verdict was not good enough.
    Refuted,
    /// The task ended without a proposal that could be judged.
    Failed,
    /// The task was cancelled, or its job ended first.
    Cancelled,
}

impl Recorded {
    /// The name of the state in reports, for example in `nmk ledger trace`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Proposed => "proposed",
            Self::Short => "short",
            Self::Repairing => "repairing",
            Self::Passed => "passed",
            Self::Repaired => "repaired",
            Self::Committed => "committed",
            Self::Refuted => "refuted",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The way in which a job of the history ended: with a committed value or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// A value was committed.
    Committed {
        /// Digest of the value.
        result: Digest,
        /// The level shown.
        level: Level,
    },
    /// The job ended without an answer.
    Abstained,
}

/// A task of the history, in the state in which the entries leave it.
#[derive(Clone, Debug)]
pub struct PastTask {
    /// The name of the task.
    pub name: String,
    /// The operation that the task ran.
    pub operation: String,
    /// The state in which the entries leave the task.
    pub state: Recorded,
    contract: Digest,
    is_answer: bool,
    /// Numbers of the tasks that must have passed before this one runs.
    after: Vec<u32>,
    /// Numbers of the tasks that must have ended before this one runs again.
    children: Vec<u32>,
    at_least: Level,
    /// For a repair, the number of the task that it repairs.
    repairs: Option<u32>,
    /// Digest of the latest proposal.
    subject: Option<Digest>,
    /// The level of the latest verdict.
    level: Level,
}

/// A job of the history, with its tasks and its end if the entries tell one.
#[derive(Clone, Debug)]
pub struct PastJob {
    contract: Digest,
    required: Level,
    /// The tasks of the job, by number.
    pub tasks: BTreeMap<u32, PastTask>,
    /// The end of the job. None if the job was never ended.
    pub end: Option<JobEnd>,
}

/// Jobs and tasks, rebuilt from ledger entries. Starts empty; [`take`](Self::take) adds one entry.
///
/// A history that took all entries without a [`Contradiction`] proves that they describe a legal run. It does
/// not prove that the entries are authentic: the ledger's own verification does that.
#[derive(Clone, Debug, Default)]
pub struct History {
    jobs: BTreeMap<JobId, PastJob>,
}

/// An entry that cannot follow the entries before it, with the rule that it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The task that the entry is about.
    pub task: TaskId,
    /// The broken rule.
    pub what: &'static str,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.task, self.what)
    }
}

impl std::error::Error for Contradiction {}

/// The rule that an entry breaks.
struct Wrong(&'static str);

impl History {
    /// All jobs of the history with their ids, in ascending order of the ids.
    pub fn jobs(&self) -> impl Iterator<Item = (JobId, &PastJob)> {
        self.jobs.iter().map(|(id, job)| (*id, job))
    }

    /// The job with this id. None if no entry has opened it.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<&PastJob> {
        self.jobs.get(&id)
    }

    /// Ids of the jobs that were opened and never ended. After a crash, these are the jobs to close.
    pub fn unfinished(&self) -> impl Iterator<Item = JobId> {
        self.jobs.iter().filter(|(_, job)| job.end.is_none()).map(|(id, _)| *id)
    }

    /// Takes the next entry of the ledger, in the order in which they were appended.
    ///
    /// # Errors
    /// Returns the rule that the entry breaks. The history is unchanged then.
    pub fn take(&mut self, entry: &Entry) -> Result<(), Contradiction> {
        let task = entry.task;
        let taken = match entry.kind {
            EntryKind::Opened => self.opened(task.job, &entry.body),
            // Neither a policy's decision nor the deletion of a blob is a step of a task.
            EntryKind::Decided | EntryKind::Forgotten => Ok(()),
            EntryKind::Abstained => self.abstained(task.job),
            _ => self.of_task(entry),
        };
        taken.map_err(|Wrong(what)| Contradiction { task, what })
    }

    /// A job was opened. Its id must be new.
    fn opened(&mut self, id: JobId, body: &Value) -> Result<(), Wrong> {
        let contract = digest(body, "contract")?;
        let required = level(body, "required")?;
        let job = PastJob { contract, required, tasks: BTreeMap::new(), end: None };
        match self.jobs.entry(id) {
            std::collections::btree_map::Entry::Occupied(_) => Err(Wrong("the job was opened before")),
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(job);
                Ok(())
            }
        }
    }

    /// A job ended without an answer. A job that was refused when it was opened abstains without being known.
    fn abstained(&mut self, id: JobId) -> Result<(), Wrong> {
        let Some(job) = self.jobs.get_mut(&id) else { return Ok(()) };
        if job.end.is_some() {
            return Err(Wrong("the job had ended"));
        }
        job.end = Some(JobEnd::Abstained);
        job.cancel_rest();
        Ok(())
    }

    /// An entry about a task of an open job.
    fn of_task(&mut self, entry: &Entry) -> Result<(), Wrong> {
        let job = self.jobs.get_mut(&entry.task.job).ok_or(Wrong("the job was never opened"))?;
        if job.end.is_some() {
            return Err(Wrong("the job had ended"));
        }
        let (number, body) = (entry.task.number, &entry.body);
        match entry.kind {
            EntryKind::Admitted => job.admitted(number, body),
            EntryKind::Parked => {
                let children = tasks(body, "children")?;
                job.ran(number)?;
                job.task(number)?.children = children;
                Ok(())
            }
            EntryKind::Proposed | EntryKind::Computed => {
                let subject = digest(body, "subject")?;
                job.ran(number)?;
                let task = job.task(number)?;
                (task.state, task.subject) = (Recorded::Proposed, Some(subject));
                Ok(())
            }
            EntryKind::Judged => job.judged(number, body),
            EntryKind::Failed => job.failed(number, body),
            EntryKind::Committed => job.committed(number, body),
            EntryKind::Opened | EntryKind::Decided | EntryKind::Abstained | EntryKind::Forgotten => Ok(()),
        }
    }
}

impl PastTask {
    /// The level of the task's latest verdict. `Level::None` if the task was not judged.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }
}

impl PastJob {
    /// The admitted task with this number.
    fn task(&mut self, number: u32) -> Result<&mut PastTask, Wrong> {
        self.tasks.get_mut(&number).ok_or(Wrong("the task was never admitted"))
    }

    /// Changes a task's state, which must be `from`.
    fn moved(&mut self, number: u32, from: Recorded, to: Recorded) -> Result<(), Wrong> {
        let task = self.task(number)?;
        if task.state != from {
            return Err(Wrong("the task was in another state"));
        }
        task.state = to;
        Ok(())
    }

    /// Checks that a task was allowed to run: everything that it waits for has passed or ended.
    fn ran(&mut self, number: u32) -> Result<(), Wrong> {
        let task = self.task(number)?;
        if task.state != Recorded::Pending {
            return Err(Wrong("the task was in another state"));
        }
        let task = &self.tasks[&number];
        let state = |number: &u32| self.tasks.get(number).map(|task| task.state);
        let passed = |number| {
            matches!(state(number), Some(Recorded::Passed | Recorded::Repaired | Recorded::Committed))
        };
        let ended = |number| {
            passed(number)
                || matches!(state(number), Some(Recorded::Refuted | Recorded::Failed | Recorded::Cancelled))
        };
        if !task.after.iter().all(passed) {
            return Err(Wrong("the task ran before what it waits for had passed"));
        }
        if !task.children.iter().all(ended) {
            return Err(Wrong("the task ran before what it asked for had ended"));
        }
        Ok(())
    }

    /// A task was admitted. A repair must repair a task that was judged and did not pass.
    fn admitted(&mut self, number: u32, body: &Value) -> Result<(), Wrong> {
        if number as usize != self.tasks.len() {
            return Err(Wrong("tasks are numbered in order of admission"));
        }
        let contract = digest(body, "contract")?;
        let is_answer = text(body, "role")? == "answer";
        if is_answer && contract != self.contract {
            return Err(Wrong("an answer was admitted under another contract than its job's"));
        }
        let repairs = match body.get("repairs") {
            None => None,
            Some(Value::Int(parent)) => {
                Some(u32::try_from(*parent).map_err(|_| Wrong("repairs is no task"))?)
            }
            Some(_) => return Err(Wrong("repairs is no task")),
        };
        let task = PastTask {
            name: text(body, "name")?.to_owned(),
            operation: text(body, "operation")?.to_owned(),
            state: Recorded::Pending,
            contract,
            is_answer,
            after: tasks(body, "after")?,
            children: Vec::new(),
            at_least: level(body, "at_least")?,
            repairs,
            subject: None,
            level: Level::None,
        };
        if let Some(parent) = repairs {
            let parent = self.task(parent)?;
            if !matches!(parent.state, Recorded::Short | Recorded::Repairing) {
                return Err(Wrong("a repair was admitted for a task that was not found short"));
            }
            if parent.contract != contract {
                return Err(Wrong("a repair was admitted under another contract"));
            }
            parent.state = Recorded::Repairing;
        }
        self.tasks.insert(number, task);
        Ok(())
    }

    /// A proposal was judged. The verdict must fit the proposal, the contract and the stated outcome.
    fn judged(&mut self, number: u32, body: &Value) -> Result<(), Wrong> {
        let required = self.required;
        let verdict = body.get("verdict").ok_or(Wrong("there is no verdict"))?;
        let met = matches!(body.get("met"), Some(Value::Bool(true)));
        let satisfied = matches!(verdict.get("satisfied"), Some(Value::Bool(true)));
        let (subject, contract) = (digest(verdict, "subject")?, digest(verdict, "contract")?);
        let shown = level(verdict, "level")?;
        let task = self.task(number)?;
        if task.state != Recorded::Proposed {
            return Err(Wrong("a verdict without a proposal"));
        }
        if task.subject != Some(subject) {
            return Err(Wrong("the verdict is on something else than what was proposed"));
        }
        if task.contract != contract {
            return Err(Wrong("the verdict is under another contract than the task's"));
        }
        let needed = if task.is_answer { task.at_least.max(required) } else { task.at_least };
        if met && !(satisfied && shown >= needed) {
            return Err(Wrong("a task passed that its verdict does not carry"));
        }
        // This step can refuse the entry, so it comes before any change.
        if let (true, Some(parent)) = (met, task.repairs) {
            self.moved(parent, Recorded::Repairing, Recorded::Repaired)?;
        }
        let task = self.task(number)?;
        task.level = shown;
        task.state = if met { Recorded::Passed } else { Recorded::Short };
        Ok(())
    }

    /// A task ended without passing.
    fn failed(&mut self, number: u32, body: &Value) -> Result<(), Wrong> {
        let state = match text(body, "state")? {
            "refuted" => Recorded::Refuted,
            "failed" => Recorded::Failed,
            "cancelled" => Recorded::Cancelled,
            _ => return Err(Wrong("a task ended in no known state")),
        };
        let task = self.task(number)?;
        let legal = match state {
            Recorded::Refuted => matches!(task.state, Recorded::Short | Recorded::Repairing),
            Recorded::Failed => matches!(task.state, Recorded::Pending | Recorded::Proposed),
            _ => matches!(task.state, Recorded::Pending | Recorded::Proposed | Recorded::Repairing),
        };
        if !legal {
            return Err(Wrong("the task was in another state"));
        }
        task.state = state;
        Ok(())
    }

    /// A value was committed: a passed answer, judged under the job's contract, at the job's level or above.
    fn committed(&mut self, number: u32, body: &Value) -> Result<(), Wrong> {
        let (required, contract) = (self.required, self.contract);
        let (result, level) = (digest(body, "result")?, level(body, "level")?);
        let task = self.task(number)?;
        if task.state != Recorded::Passed || !task.is_answer {
            return Err(Wrong("something was committed that had not passed as an answer"));
        }
        if task.subject != Some(result) {
            return Err(Wrong("something else was committed than what was judged"));
        }
        if task.contract != contract || level < required || level > task.level {
            return Err(Wrong("something was committed below its job's level, or under another contract"));
        }
        task.state = Recorded::Committed;
        self.end = Some(JobEnd::Committed { result, level });
        self.cancel_rest();
        Ok(())
    }

    /// Cancels the tasks that have not ended, because the job has.
    fn cancel_rest(&mut self) {
        for task in self.tasks.values_mut() {
            if matches!(
                task.state,
                Recorded::Pending | Recorded::Proposed | Recorded::Short | Recorded::Repairing
            ) {
                task.state = Recorded::Cancelled;
            }
        }
    }
}

/// The task numbers under `key`.
fn tasks(body: &Value, key: &str) -> Result<Vec<u32>, Wrong> {
    let wrong = || Wrong("a list of tasks is none");
    let Some(Value::List(tasks)) = body.get(key) else { return Err(wrong()) };
    let number = |task: &Value| match task {
        Value::Int(number) => u32::try_from(*number).map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    tasks.iter().map(number).collect()
}

/// The text under `key`.
fn text<'a>(body: &'a Value, key: &str) -> Result<&'a str, Wrong> {
    match body.get(key) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(Wrong("a text is missing from the entry")),
    }
}

/// The level under `key`.
fn level(body: &Value, key: &str) -> Result<Level, Wrong> {
    text(body, key)?.parse().map_err(|_| Wrong("a level is none"))
}

/// The digest under `key`.
fn digest(body: &Value, key: &str) -> Result<Digest, Wrong> {
    match body.get(key) {
        Some(Value::Bytes(bytes)) => {
            bytes.as_slice().try_into().map(Digest::from_bytes).map_err(|_| Wrong("a digest has 32 bytes"))
        }
        _ => Err(Wrong("a digest is missing from the entry")),
    }
}
