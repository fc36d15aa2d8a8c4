//! What a ledger says happened, read back from its entries.
//!
//! [`History`] folds entries, in order, into jobs and tasks. It is a second opinion on the kernel: every
//! entry must be a legal continuation of those before it, so a history in which something was committed
//! unjudged, below its level, or under another contract is found out by the entries alone. It is also what
//! recovery reads: the jobs that a process left open when it ended.

use std::collections::BTreeMap;
use std::fmt;

use abi::{Digest, Entry, EntryKind, JobId, TaskId, Value};
use det::Level;

/// What is known of a task from the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recorded {
    /// Admitted; it waits, runs or is parked.
    Pending,
    /// It proposed and awaits a verdict.
    Proposed,
    /// It was judged and found short; what follows was not recorded yet.
    Short,
    /// A repair is at work in its place.
    Repairing,
    /// It passed.
    Passed,
    /// Its repair passed.
    Repaired,
    /// Its value was committed.
    Committed,
    /// It was judged and what is needed was not shown.
    Refuted,
    /// It produced nothing that passed.
    Failed,
    /// It was called off, or its job ended first.
    Cancelled,
}

impl Recorded {
    /// The word for it in reports.
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

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// With this value, at this level.
    Committed {
        /// Digest of the value.
        result: Digest,
        /// The level shown.
        level: Level,
    },
    /// Without a value.
    Abstained,
}

/// A task of the history.
#[derive(Clone, Debug)]
pub struct PastTask {
    /// Its name in the job.
    pub name: String,
    /// What it ran.
    pub operation: String,
    /// Where it was left.
    pub state: Recorded,
    contract: Digest,
    is_answer: bool,
    /// The tasks that must have passed before it runs.
    after: Vec<u32>,
    /// The tasks that must have ended before it runs again.
    children: Vec<u32>,
    at_least: Level,
    repairs: Option<u32>,
    subject: Option<Digest>,
    level: Level,
}

/// A job of the history.
#[derive(Clone, Debug)]
pub struct PastJob {
    contract: Digest,
    required: Level,
    /// Its tasks, by number.
    pub tasks: BTreeMap<u32, PastTask>,
    /// How it ended; none if it is open.
    pub end: Option<JobEnd>,
}

/// Jobs, as entries tell of them.
#[derive(Clone, Debug, Default)]
pub struct History {
    jobs: BTreeMap<JobId, PastJob>,
}

/// An entry that cannot follow those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The task of the entry.
    pub task: TaskId,
    /// What is wrong.
    pub what: &'static str,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.task, self.what)
    }
}

impl std::error::Error for Contradiction {}

/// What is wrong with an entry.
struct Wrong(&'static str);

impl History {
    /// The jobs, by id.
    pub fn jobs(&self) -> impl Iterator<Item = (JobId, &PastJob)> {
        self.jobs.iter().map(|(id, job)| (*id, job))
    }

    /// The job of this id.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<&PastJob> {
        self.jobs.get(&id)
    }

    /// Jobs that were opened and never ended.
    pub fn unfinished(&self) -> impl Iterator<Item = JobId> {
        self.jobs.iter().filter(|(_, job)| job.end.is_none()).map(|(id, _)| *id)
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// It cannot follow the entries before it; the history is as it was.
    pub fn take(&mut self, entry: &Entry) -> Result<(), Contradiction> {
        let task = entry.task;
        let taken = match entry.kind {
            EntryKind::Opened => self.opened(task.job, &entry.body),
            // What a policy decided, or that a blob is gone, is no step of a task.
            EntryKind::Decided | EntryKind::Forgotten => Ok(()),
            EntryKind::Abstained => self.abstained(task.job),
            _ => self.of_task(entry),
        };
        taken.map_err(|Wrong(what)| Contradiction { task, what })
    }

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

    /// A job that was refused at the door abstains without having been opened.
    fn abstained(&mut self, id: JobId) -> Result<(), Wrong> {
        let Some(job) = self.jobs.get_mut(&id) else { return Ok(()) };
        if job.end.is_some() {
            return Err(Wrong("the job had ended"));
        }
        job.end = Some(JobEnd::Abstained);
        job.cancel_rest();
        Ok(())
    }

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
    /// The level that its last verdict showed.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }
}

impl PastJob {
    fn task(&mut self, number: u32) -> Result<&mut PastTask, Wrong> {
        self.tasks.get_mut(&number).ok_or(Wrong("the task was never admitted"))
    }

    fn moved(&mut self, number: u32, from: Recorded, to: Recorded) -> Result<(), Wrong> {
        let task = self.task(number)?;
        if task.state != from {
            return Err(Wrong("the task was in another state"));
        }
        task.state = to;
        Ok(())
    }

    /// A task ran: it was its turn.
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
        // What may still refuse comes before anything changes.
        if let (true, Some(parent)) = (met, task.repairs) {
            self.moved(parent, Recorded::Repairing, Recorded::Repaired)?;
        }
        let task = self.task(number)?;
        task.level = shown;
        task.state = if met { Recorded::Passed } else { Recorded::Short };
        Ok(())
    }

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

/// Numbers of tasks.
fn tasks(body: &Value, key: &str) -> Result<Vec<u32>, Wrong> {
    let wrong = || Wrong("a list of tasks is none");
    let Some(Value::List(tasks)) = body.get(key) else { return Err(wrong()) };
    let number = |task: &Value| match task {
        Value::Int(number) => u32::try_from(*number).map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    tasks.iter().map(number).collect()
}

fn text<'a>(body: &'a Value, key: &str) -> Result<&'a str, Wrong> {
    match body.get(key) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(Wrong("a text is missing from the entry")),
    }
}

fn level(body: &Value, key: &str) -> Result<Level, Wrong> {
    text(body, key)?.parse().map_err(|_| Wrong("a level is none"))
}

fn digest(body: &Value, key: &str) -> Result<Digest, Wrong> {
    match body.get(key) {
        Some(Value::Bytes(bytes)) => {
            bytes.as_slice().try_into().map(Digest::from_bytes).map_err(|_| Wrong("a digest has 32 bytes"))
        }
        _ => Err(Wrong("a digest is missing from the entry")),
    }
}
