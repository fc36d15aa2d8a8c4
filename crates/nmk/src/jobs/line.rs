//! One job, as far as its entries tell of it.

use std::collections::BTreeMap;

use abi::{Entry, EntryKind, JobId, Origin, Value};
use det::Level;

use super::learning::Failure;
use super::{Planned, SEAM};
use crate::interrupted;

/// The causes of a task that ended because something else did.
const NOT_ITS_OWN: [&str; 3] = ["dependency", "job_ended", "cancelled"];
/// The words before the name of a gate in the reason of a job that a gate refused.
const REFUSED: &str = "refused at the ";

/// The end of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// An answer was committed at this level.
    Committed(Level),
    /// The job ended without an answer, for this reason.
    Abstained(String),
    /// The process ended before the job did, and another one closed the job.
    Interrupted,
}

/// One job.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: JobId,
    /// The time at which its process says that it began the job, in milliseconds since 1970. Nobody checks it.
    pub(crate) at: Option<i64>,
    /// The choice of a template, where the job is a request.
    pub(crate) planned: Option<Planned>,
    /// The number of the entry that opened the job, or else of its first one.
    pub(crate) opened: u64,
    /// The end of the job. None while it is open.
    pub(crate) end: Option<End>,
    /// The proposals of models.
    pub(crate) generations: u64,
    /// The tokens of its runs, also of those that proposed nothing.
    pub(crate) tokens: u64,
    /// The milliseconds of its runs, which may have run beside each other.
    pub(crate) wall_ms: u64,
    /// The number of its tasks.
    pub(crate) admitted: u32,
    /// True if a proposal was judged and did not pass.
    pub(crate) was_refuted: bool,
    shape: Shape,
    /// The tasks, until the job has ended.
    tasks: BTreeMap<u32, Task>,
}

/// The command that a job without a recorded kind came from, as far as its entries show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Exam,
    Question,
    Search,
    Graph,
    Unknown,
}

/// A task of an open job.
#[derive(Clone, Debug)]
struct Task {
    name: String,
    /// The check that refuted its proposal last.
    check: Option<String>,
    /// The cause with which it ended.
    cause: Option<String>,
}

impl Line {
    /// Returns the job whose first entry is that with the number `index`.
    pub(crate) fn new(id: JobId, index: u64) -> Self {
        Self {
            id,
            at: None,
            planned: None,
            opened: index,
            end: None,
            generations: 0,
            tokens: 0,
            wall_ms: 0,
            admitted: 0,
            was_refuted: false,
            shape: Shape::Unknown,
            tasks: BTreeMap::new(),
        }
    }

    /// Returns the kind of the job: that of its request, or else `question`, `search` (`nmk solve`), `exam`, or `graph`,
    /// which is also a question under a contract. A job that was refused before anything was admitted is `refused`.
    pub(crate) fn kind(&self) -> &str {
        match (&self.planned, self.shape) {
            (Some(planned), _) => &planned.kind,
            (None, Shape::Exam) => "exam",
            (None, Shape::Question) => "question",
            (None, Shape::Search) => "search",
            (None, Shape::Graph) => "graph",
            (None, Shape::Unknown) => "refused",
        }
    }

    /// Returns true if the entries say how the job ended by its own doing: committed, or refuted.
    pub(crate) fn is_evidence(&self) -> bool {
        match self.end {
            Some(End::Committed(_)) => true,
            Some(End::Abstained(_)) => self.was_refuted,
            Some(End::Interrupted) | None => false,
        }
    }

    /// Returns true if an answer was committed.
    pub(crate) fn is_committed(&self) -> bool {
        matches!(self.end, Some(End::Committed(_)))
    }

    /// Takes the next entry of the job.
    pub(crate) fn take(&mut self, index: u64, Entry { kind, task, body, .. }: &Entry) {
        let text = |key: &str| body.get(key).and_then(Value::as_text);
        let at = || body.get("at").and_then(Value::as_int);
        match kind {
            EntryKind::Opened => (self.at, self.opened) = (at(), index),
            EntryKind::Sealed | EntryKind::Examined => {
                self.at = self.at.or_else(at);
                self.exam(*kind, text("outcome").unwrap_or_default());
            }
            EntryKind::Decided => {
                if text("seam") == Some(SEAM) && self.planned.is_none() {
                    self.planned = Planned::from_value(body);
                }
            }
            EntryKind::Admitted => self.admitted(task.number, text("name").unwrap_or_default()),
            EntryKind::Parked => self.spent(body),
            EntryKind::Proposed | EntryKind::Computed => {
                self.spent(body);
                self.generations += u64::from(is_generation(body));
            }
            EntryKind::Judged => self.judged(task.number, body),
            EntryKind::Failed => {
                self.spent(body);
                let cause = body.get("cause").and_then(|cause| cause.get("cause")?.as_text());
                if let Some(task) = self.tasks.get_mut(&task.number) {
                    task.cause = cause.map(str::to_owned);
                }
            }
            EntryKind::Committed => {
                let level = text("level").and_then(|word| word.parse().ok()).unwrap_or(Level::None);
                self.end = Some(End::Committed(level));
            }
            EntryKind::Abstained => {
                self.at = self.at.or_else(at);
                self.end = Some(match text("reason").unwrap_or_default() {
                    interrupted::CAUSE => End::Interrupted,
                    reason => End::Abstained(reason.to_owned()),
                });
            }
            EntryKind::Forgotten => {}
        }
    }

    /// Returns the failures of the job, each once, and gives its tasks up.
    pub(crate) fn failures(&mut self) -> Vec<Failure> {
        let tasks = std::mem::take(&mut self.tasks);
        let Some(End::Abstained(reason)) = &self.end else { return Vec::new() };
        if let Some(gate) = reason.strip_prefix(REFUSED).and_then(|rest| rest.split(' ').next()) {
            return vec![Failure::new("plan", &format!("gate:{gate}"))];
        }
        let mut failures: Vec<Failure> = Vec::new();
        for task in tasks.values() {
            let own = task.cause.as_deref().filter(|cause| !NOT_ITS_OWN.contains(cause));
            let Some(cause) = own else { continue };
            // A repair stands in for its task, so both are one failure.
            let name = task.name.split(".repair").next().unwrap_or_default();
            failures.push(Failure::new(name, task.check.as_deref().unwrap_or(cause)));
        }
        failures.sort();
        failures.dedup();
        failures
    }

    fn admitted(&mut self, number: u32, name: &str) {
        if self.shape == Shape::Unknown {
            self.shape = match name {
                "base" | "value" => Shape::Question,
                _ if name.starts_with("attempt-") || name.starts_with("page-") => Shape::Search,
                _ => Shape::Graph,
            };
        }
        self.admitted += 1;
        let task = Task { name: name.to_owned(), check: None, cause: None };
        self.tasks.insert(number, task);
    }

    fn judged(&mut self, number: u32, body: &Value) {
        if matches!(body.get("met"), Some(Value::Bool(true))) {
            return;
        }
        self.was_refuted = true;
        let validator = body.get("verdict").and_then(|verdict| verdict.get("validator")?.as_text());
        if let Some(task) = self.tasks.get_mut(&number) {
            task.check = validator.map(str::to_owned);
        }
    }

    /// Takes an entry of an exam, which has no entry that ends the job.
    fn exam(&mut self, kind: EntryKind, outcome: &str) {
        if self.shape == Shape::Unknown {
            self.shape = Shape::Exam;
        }
        if kind == EntryKind::Examined && self.shape == Shape::Exam {
            self.end = Some(match outcome {
                "admitted" => End::Committed(Level::Proven),
                other => End::Abstained(other.to_owned()),
            });
            self.was_refuted = !self.is_committed();
        }
    }

    fn spent(&mut self, body: &Value) {
        let Some(spent) = body.get("spent") else { return };
        let count =
            |key: &str| spent.get(key).and_then(Value::as_int).and_then(|count| u64::try_from(count).ok());
        self.tokens = self.tokens.saturating_add(count("tokens").unwrap_or(0));
        self.wall_ms = self.wall_ms.saturating_add(count("wall_ms").unwrap_or(0));
    }
}

/// Returns true if the proposal with this body came from a model. A value that is passed on keeps the origin of its model,
/// and has no record of its own.
fn is_generation(body: &Value) -> bool {
    let has_record = body.get("record").is_some_and(|record| !matches!(record, Value::Null));
    let origin = body.get("origin").map(Origin::from_value);
    has_record && matches!(origin, Some(Ok(Origin::LocalModel { .. } | Origin::RemoteModel { .. })))
}
