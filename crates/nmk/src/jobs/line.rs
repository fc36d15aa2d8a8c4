//! One job, as far as its entries tell of it.

use std::collections::BTreeMap;

use abi::{Entry, EntryKind, JobId, Origin, Value};
use det::Level;

use super::learning::Failure;
use super::{Planned, SEAM};
use crate::{interrupted, lookup};

/// The causes of a task that ended because something else did.
const NOT_ITS_OWN: [&str; 3] = ["dependency", "job_ended", "cancelled"];
/// The seam of the decision that a look-up makes.
const LOOK_UP: &str = "look_up";
/// The kinds of jobs, those of requests first.
pub(crate) const KINDS: [&str; 9] =
    ["structured_output", "code_gen", "text", "question", "search", "exam", "graph", LOOK_UP, "refused"];
/// The words before the name of a gate in the reason of a job that a gate refused.
const REFUSED: &str = "refused at the ";

/// The end of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// An answer was committed at this level.
    Committed(Level),
    /// The job ended without an answer, for this reason.
    Abstained(String),
    /// The job was a look-up by words, which has no answer.
    LookedUp,
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
    /// The milliseconds of its runs, which may have run beside each other. Zero too if no clock measured them.
    run_ms: u64,
    /// The last time that its entries state after the first one, in milliseconds since 1970.
    last_at: Option<i64>,
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
    LookUp,
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
            run_ms: 0,
            last_at: None,
            admitted: 0,
            was_refuted: false,
            shape: Shape::Unknown,
            tasks: BTreeMap::new(),
        }
    }

    /// Returns the kind of the job: that of its request, or else `question`, `search` (`nmk solve`), `exam`, `look_up`, or
    /// `graph`, which is also a question under a contract. A job that was refused before anything was admitted is `refused`.
    pub(crate) fn kind(&self) -> &str {
        match (&self.planned, self.shape) {
            (Some(planned), _) => &planned.kind,
            (None, Shape::Exam) => "exam",
            (None, Shape::Question) => "question",
            (None, Shape::Search) => "search",
            (None, Shape::Graph) => "graph",
            // A search decides about a look-up too, and may be refused after that.
            (None, Shape::LookUp) if !matches!(self.end, Some(End::Abstained(_))) => LOOK_UP,
            (None, Shape::LookUp | Shape::Unknown) => "refused",
        }
    }

    /// Returns the milliseconds that the job took: those of its runs, or else those between the first and the last time that
    /// its entries state. None if the entries do not tell, or if a clock was set back.
    pub(crate) fn wall_ms(&self) -> Option<u64> {
        let between = || u64::try_from(self.last_at?.checked_sub(self.at?)?).ok();
        if self.run_ms > 0 { Some(self.run_ms) } else { between() }
    }

    /// Returns true if a check says how the job ended by its own doing: committed, or refuted. An answer that was committed
    /// at the level `none` was not checked.
    pub(crate) fn is_evidence(&self) -> bool {
        match self.end {
            Some(End::Committed(level)) => level > Level::None,
            Some(End::Abstained(_)) => self.was_refuted,
            Some(End::LookedUp | End::Interrupted) | None => false,
        }
    }

    /// Returns true if an answer was committed.
    pub(crate) fn is_committed(&self) -> bool {
        matches!(self.end, Some(End::Committed(_)))
    }

    /// Takes the next entry of the job.
    pub(crate) fn take(&mut self, index: u64, Entry { kind, task, body, .. }: &Entry) {
        let text = |key: &str| body.get(key).and_then(Value::as_text);
        self.stated(body.get("at").and_then(Value::as_int));
        match kind {
            EntryKind::Opened => self.opened = index,
            EntryKind::Sealed | EntryKind::Examined => self.exam(*kind, text("outcome").unwrap_or_default()),
            EntryKind::Decided => {
                if text("seam") == Some(SEAM) && self.planned.is_none() {
                    self.planned = Planned::from_value(body);
                }
                if text("seam") == Some(LOOK_UP) && self.shape == Shape::Unknown {
                    self.shape = Shape::LookUp;
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
                self.end = Some(match text("reason").unwrap_or_default() {
                    interrupted::CAUSE => End::Interrupted,
                    lookup::NOTHING if self.shape == Shape::LookUp => End::LookedUp,
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

    /// Notes a time that an entry states.
    fn stated(&mut self, at: Option<i64>) {
        match self.at {
            None => self.at = at,
            Some(_) => self.last_at = at.or(self.last_at),
        }
    }

    fn admitted(&mut self, number: u32, name: &str) {
        if matches!(self.shape, Shape::Unknown | Shape::LookUp) {
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
        self.run_ms = self.run_ms.saturating_add(count("wall_ms").unwrap_or(0));
    }
}

/// Returns true if the proposal with this body came from a model. A value that is passed on keeps the origin of its model,
/// and has no record of its own.
fn is_generation(body: &Value) -> bool {
    let has_record = body.get("record").is_some_and(|record| !matches!(record, Value::Null));
    let origin = body.get("origin").map(Origin::from_value);
    has_record && matches!(origin, Some(Ok(Origin::LocalModel { .. } | Origin::RemoteModel { .. })))
}

#[cfg(test)]
mod tests {
    use abi::{Entry, EntryKind, JobId, TaskId, Value};

    use super::Line;

    #[test]
    fn a_time_is_that_of_the_entries_or_not_known() {
        use EntryKind::{Examined, Opened, Proposed, Sealed};
        let at = |at| Value::map([("at", Value::Int(at))]);
        let ran = |wall_ms| {
            let spent = Value::map([("tokens", Value::Int(3)), ("wall_ms", Value::Int(wall_ms))]);
            Value::map([("spent", spent)])
        };
        type Case<'a> = (&'a [(EntryKind, Value)], Option<u64>);
        let cases: [Case<'_>; 6] = [
            (&[(Sealed, at(1000)), (Examined, at(3500))], Some(2500)),
            (&[(Sealed, at(3500)), (Examined, at(1000))], None),
            (&[(Sealed, Value::map([("at", Value::Null)])), (Examined, at(1000))], None),
            (&[(Opened, at(1000))], None),
            // The clock of a question stands still.
            (&[(Opened, at(1000)), (Proposed, ran(0))], None),
            (&[(Opened, at(1000)), (Proposed, ran(7)), (Proposed, ran(8))], Some(15)),
        ];
        for (entries, wanted) in cases {
            let mut line = Line::new(JobId(1), 0);
            for (index, (kind, body)) in (0..).zip(entries) {
                let task = TaskId { job: JobId(1), number: 0 };
                line.take(index, &Entry { kind: *kind, task, inputs: Vec::new(), body: body.clone() });
            }
            assert_eq!(line.wall_ms(), wanted, "{entries:?}");
        }
    }
}
