//! The jobs and tasks of a history, and the rules that every entry about them must keep.

use std::collections::BTreeMap;

use abi::{Digest, TaskId, Value};
use det::Level;

use super::Wrong;
use super::fields::{digest, level, tasks, text};

/// The state of a task as far as the entries tell it. Coarser than [`TaskState`](crate::TaskState), because
/// not every change of state is recorded in an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PastState {
    /// Admitted; the task waits, runs or is parked.
    Pending,
    /// A proposal of the task was recorded and awaits its verdict.
    Proposed,
    /// The verdict refuted the proposal or showed too low a level, and no later entry says what followed.
    Short,
    /// The proposal was refuted, and a repair was admitted in place of the task.
    Repairing,
    /// The task passed: its proposal satisfied the contract at the level that the task needs.
    Passed,
    /// A repair passed in place of the task.
    Repaired,
    /// The value of the task was committed as the answer of the job.
    Committed,
    /// The task ended because its proposal was refuted or showed too low a level.
    Refuted,
    /// The task ended without a proposal that could be judged.
    Failed,
    /// The task was cancelled, or its job ended first.
    Cancelled,
}

impl PastState {
    /// Returns the word that stands for the state in reports, for example `pending` in `nmk ledger trace`.
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

/// The way in which a recorded job ended: with a committed answer, or without one. A job ends at most once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// A value was committed as the answer of the job.
    Committed {
        /// The digest of the value, as [`subject_digest`](det::subject_digest) computes it.
        result: Digest,
        /// The level that was shown when the value was committed.
        level: Level,
    },
    /// The job ended without an answer, for the reason that its entry gives.
    Abstained,
}

/// A task as the entries of a ledger describe it, in the state in which they leave it. Values are not part of
/// the entries, only their digests.
#[derive(Clone, Debug)]
pub struct PastTask {
    /// The name of the task in its plan.
    pub name: String,
    /// The name of the operation that the task ran.
    pub operation: String,
    /// The state in which the entries leave the task.
    pub state: PastState,
    contract: Digest,
    is_answer: bool,
    /// Numbers of the tasks that must have passed before this one runs.
    after: Vec<u32>,
    /// Numbers of the tasks that must have ended before this one runs again.
    children: Vec<u32>,
    at_least: Level,
    /// The highest level that a result of the operation can have. Entries of old ledgers do not say it.
    ceiling: Level,
    /// For a repair, the number of the task that it repairs.
    repairs: Option<u32>,
    /// The digest of the latest proposal.
    subject: Option<Digest>,
    /// The level of the latest verdict.
    level: Level,
}

/// A job as the entries of a ledger describe it. A job without an end was open when the last entry was
/// written.
#[derive(Clone, Debug)]
pub struct PastJob {
    pub(super) contract: Digest,
    pub(super) required: Level,
    /// The tasks of the job by their numbers, which count from 0 in order of admission.
    pub tasks: BTreeMap<u32, PastTask>,
    /// The way in which the job ended. None if no entry ends it.
    pub end: Option<JobEnd>,
}

impl PastTask {
    /// Returns the level of the task's latest verdict, or [`Level::None`] if the task was not judged.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }
}

impl PastJob {
    /// Returns the admitted task with this number. Fails if there is none.
    fn task(&mut self, number: u32) -> Result<&mut PastTask, Wrong> {
        self.tasks.get_mut(&number).ok_or(Wrong("the task was never admitted"))
    }

    /// Changes a task's state from `from` to `to`. Fails if the task is in another state.
    fn moved(&mut self, number: u32, from: PastState, to: PastState) -> Result<(), Wrong> {
        let task = self.task(number)?;
        if task.state != from {
            return Err(Wrong("the state of the task does not allow this entry"));
        }
        task.state = to;
        Ok(())
    }

    /// Takes the entry that a task parked until the tasks that it asked for have ended.
    pub(super) fn parked(&mut self, number: u32, body: &Value) -> Result<(), Wrong> {
        let children = tasks(body, "children")?;
        self.ran(number)?;
        self.task(number)?.children = children;
        Ok(())
    }

    /// Takes the entry that a run of a task proposed a value.
    pub(super) fn proposed(&mut self, number: u32, body: &Value) -> Result<(), Wrong> {
        let subject = digest(body, "subject")?;
        self.ran(number)?;
        let task = self.task(number)?;
        (task.state, task.subject) = (PastState::Proposed, Some(subject));
        Ok(())
    }

    /// Returns an error unless the task was allowed to run: the tasks that it waits for have passed, and
    /// those that it asked for have ended.
    fn ran(&mut self, number: u32) -> Result<(), Wrong> {
        let task = self.task(number)?;
        if task.state != PastState::Pending {
            return Err(Wrong("the state of the task does not allow this entry"));
        }
        let task = &self.tasks[&number];
        let state = |number: &u32| self.tasks.get(number).map(|task| task.state);
        let passed = |number| {
            matches!(state(number), Some(PastState::Passed | PastState::Repaired | PastState::Committed))
        };
        let ended = |number| {
            passed(number)
                || matches!(
                    state(number),
                    Some(PastState::Refuted | PastState::Failed | PastState::Cancelled)
                )
        };
        if !task.after.iter().all(passed) {
            return Err(Wrong("the task ran before what it waits for had passed"));
        }
        if !task.children.iter().all(ended) {
            return Err(Wrong("the task ran before what it asked for had ended"));
        }
        Ok(())
    }

    /// Takes the entry that a task was admitted. A repair must repair a task that was judged and did not
    /// pass.
    pub(super) fn admitted(&mut self, number: u32, body: &Value) -> Result<(), Wrong> {
        if number as usize != self.tasks.len() {
            return Err(Wrong("the number of the task is not the next one of its job"));
        }
        let contract = digest(body, "contract")?;
        let is_answer = text(body, "role")? == "answer";
        if is_answer && contract != self.contract {
            return Err(Wrong("an answer was admitted under another contract than its job's"));
        }
        let repairs = match body.get("repairs") {
            None => None,
            Some(Value::Int(parent)) => {
                Some(u32::try_from(*parent).map_err(|_| Wrong("`repairs` is not the number of a task"))?)
            }
            Some(_) => return Err(Wrong("`repairs` is not the number of a task")),
        };
        let task = PastTask {
            name: text(body, "name")?.to_owned(),
            operation: text(body, "operation")?.to_owned(),
            state: PastState::Pending,
            contract,
            is_answer,
            after: tasks(body, "after")?,
            children: Vec::new(),
            at_least: level(body, "at_least")?,
            ceiling: match body.get("ceiling") {
                None => Level::Proven,
                Some(_) => level(body, "ceiling")?,
            },
            repairs,
            subject: None,
            level: Level::None,
        };
        if let Some(parent) = repairs {
            let parent = self.task(parent)?;
            if !matches!(parent.state, PastState::Short | PastState::Repairing) {
                return Err(Wrong("a repair was admitted for a task that was not judged, or had passed"));
            }
            if parent.contract != contract {
                return Err(Wrong("a repair was admitted under another contract"));
            }
            parent.state = PastState::Repairing;
        }
        self.tasks.insert(number, task);
        Ok(())
    }

    /// A proposal was judged. The verdict must fit the proposal, the contract and the stated outcome.
    pub(super) fn judged(&mut self, id: TaskId, body: &Value) -> Result<(), Wrong> {
        let required = self.required;
        let verdict = body.get("verdict").ok_or(Wrong("the entry of a judgement has no verdict"))?;
        let met = matches!(body.get("met"), Some(Value::Bool(true)));
        let satisfied = matches!(verdict.get("satisfied"), Some(Value::Bool(true)));
        let (subject, contract) = (digest(verdict, "subject")?, digest(verdict, "contract")?);
        let shown = level(verdict, "level")?;
        if text(verdict, "task")? != id.to_string() {
            return Err(Wrong("the verdict is about another task"));
        }
        let number = id.number;
        let task = self.task(number)?;
        // The level of a verdict counts up to the ceiling of the operation.
        let shown = shown.min(task.ceiling);
        if task.state != PastState::Proposed {
            return Err(Wrong("a verdict without a proposal was recorded"));
        }
        if task.subject != Some(subject) {
            return Err(Wrong("the verdict is on another value than the proposed one"));
        }
        if task.contract != contract {
            return Err(Wrong("the verdict is under another contract than the task's"));
        }
        let needed = if task.is_answer { task.at_least.max(required) } else { task.at_least };
        if met && !(satisfied && shown >= needed) {
            return Err(Wrong("a task passed although its verdict is refuted or below the level it needs"));
        }
        // This step can refuse the entry, so it comes before any change.
        if let (true, Some(parent)) = (met, task.repairs) {
            self.moved(parent, PastState::Repairing, PastState::Repaired)?;
        }
        let task = self.task(number)?;
        task.level = shown;
        task.state = if met { PastState::Passed } else { PastState::Short };
        Ok(())
    }

    /// Takes the entry that a task ended without passing.
    pub(super) fn failed(&mut self, number: u32, body: &Value) -> Result<(), Wrong> {
        let state = match text(body, "state")? {
            "refuted" => PastState::Refuted,
            "failed" => PastState::Failed,
            "cancelled" => PastState::Cancelled,
            _ => return Err(Wrong("a task ended in an unknown state")),
        };
        let task = self.task(number)?;
        let legal = match state {
            PastState::Refuted => matches!(task.state, PastState::Short | PastState::Repairing),
            PastState::Failed => matches!(task.state, PastState::Pending | PastState::Proposed),
            _ => matches!(task.state, PastState::Pending | PastState::Proposed | PastState::Repairing),
        };
        if !legal {
            return Err(Wrong("the state of the task does not allow this entry"));
        }
        task.state = state;
        Ok(())
    }

    /// Takes the entry that a value was committed. It must be the passed result of an answering task, under
    /// the job's contract and at the job's level or above.
    pub(super) fn committed(&mut self, number: u32, body: &Value) -> Result<(), Wrong> {
        let (required, contract) = (self.required, self.contract);
        let (result, level) = (digest(body, "result")?, level(body, "level")?);
        let task = self.task(number)?;
        if task.state != PastState::Passed || !task.is_answer {
            return Err(Wrong("a value was committed whose task had not passed as an answer"));
        }
        if task.subject != Some(result) {
            return Err(Wrong("something else was committed than what was judged"));
        }
        if task.contract != contract || level < required || level > task.level {
            return Err(Wrong("a value was committed below its job's level, or under another contract"));
        }
        task.state = PastState::Committed;
        self.end = Some(JobEnd::Committed { result, level });
        self.cancel_rest();
        Ok(())
    }

    /// Cancels the tasks that have not ended, because the job has.
    pub(super) fn cancel_rest(&mut self) {
        for task in self.tasks.values_mut() {
            if matches!(
                task.state,
                PastState::Pending | PastState::Proposed | PastState::Short | PastState::Repairing
            ) {
                task.state = PastState::Cancelled;
            }
        }
    }
}
