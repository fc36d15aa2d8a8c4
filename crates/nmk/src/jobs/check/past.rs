//! One job and its tasks, as the check of the invariants sees them.

use std::collections::BTreeMap;

use abi::{Digest, Entry, EntryKind, JobId, Value};
use det::{Level, Verification};
use ledger::StoredEntry;

use super::{Invariant, Violation};
use crate::jobs::{Planned, SEAM};
use crate::request;

/// The least stated confidence that counts as a claim to be right.
const CLAIM: f64 = 0.7;
/// The highest worth of a verdict that contradicts such a claim.
const DOUBT: f64 = 0.5;

/// One job.
pub(super) struct Past {
    job: JobId,
    first: u64,
    opened: Option<u64>,
    /// True if the job is an exam of the hold-out gate, which is not opened.
    is_exam: bool,
    ended: Option<u64>,
    planned: Option<Planned>,
    has_choice: bool,
    contract: Option<Digest>,
    required: Level,
    tasks: BTreeMap<u32, Task>,
    /// The confidence that a decision took for calibrated, with its entry and its task.
    claims: Vec<(u32, f64)>,
}

/// One task.
struct Task {
    contract: Option<Digest>,
    is_answer: bool,
    at_least: Level,
    ceiling: Level,
    repairs: Option<u32>,
    subject: Option<Digest>,
    /// The confidence that was stated with the last proposal.
    stated: Option<f64>,
    /// The proposals that were refuted.
    refuted: Vec<Digest>,
    /// The level at which the task passed.
    passed: Option<Level>,
}

/// The violations of one entry, before its place is added.
type Found = Vec<(Invariant, String)>;

impl Past {
    pub(super) fn new(job: JobId, first: u64) -> Self {
        Self {
            job,
            first,
            opened: None,
            is_exam: false,
            ended: None,
            planned: None,
            has_choice: false,
            contract: None,
            required: Level::None,
            tasks: BTreeMap::new(),
            claims: Vec::new(),
        }
    }

    /// Takes the next entry of the job, and adds the violations that it shows.
    pub(super) fn take(&mut self, stored: &StoredEntry, violations: &mut Vec<Violation>) {
        let mut found = self.bracket(stored);
        found.extend(self.step(&stored.entry));
        let (job, task, entry) = (self.job, Some(stored.entry.task.number), stored.index);
        violations.extend(found.into_iter().map(|(invariant, what)| Violation {
            invariant,
            job,
            task,
            entry,
            what,
        }));
    }

    /// Returns the violation that the job has no end, if it has none.
    pub(super) fn unfinished(&self) -> Option<Violation> {
        let what = "no entry ends the job, and no process works on it".to_owned();
        let violation =
            Violation { invariant: Invariant::Bracketed, job: self.job, task: None, entry: self.first, what };
        self.ended.is_none().then_some(violation)
    }

    /// Looks if the entry stands between the opening and the end of its job.
    fn bracket(&mut self, stored: &StoredEntry) -> Found {
        let (kind, index) = (stored.entry.kind, stored.index);
        let mut found = Found::new();
        match (self.ended, self.opened) {
            (Some(end), _) if kind == EntryKind::Opened => {
                found.push((
                    Invariant::OneRun,
                    format!("the job was opened again after its end in entry {end}"),
                ));
            }
            (Some(end), _) => found.push((Invariant::Bracketed, format!("the job had ended in entry {end}"))),
            (None, Some(opened)) if kind == EntryKind::Opened => {
                found.push((Invariant::OneRun, format!("the job had been opened in entry {opened}")));
            }
            (None, None) => match kind {
                EntryKind::Opened | EntryKind::Abstained => {}
                EntryKind::Sealed | EntryKind::Examined => self.is_exam = true,
                _ if index == self.first => {
                    found.push((Invariant::Bracketed, "the job begins without an opening".to_owned()));
                }
                // Told once.
                _ => {}
            },
            _ => {}
        }
        match kind {
            EntryKind::Opened => self.opened = self.opened.or(Some(index)),
            EntryKind::Committed | EntryKind::Abstained => self.ended = self.ended.or(Some(index)),
            EntryKind::Examined if self.is_exam => self.ended = self.ended.or(Some(index)),
            _ => {}
        }
        found
    }

    /// Looks at what the entry says of its job and its task.
    fn step(&mut self, entry: &Entry) -> Found {
        let (number, body) = (entry.task.number, &entry.body);
        match entry.kind {
            EntryKind::Opened => {
                (self.contract, self.required) = (digest(body, "contract"), level(body, "required"));
                Found::new()
            }
            EntryKind::Decided => self.decided(number, body),
            EntryKind::Admitted => self.admitted(number, body),
            EntryKind::Proposed | EntryKind::Computed => self.proposed(number, body),
            EntryKind::Judged => self.judged(number, entry),
            EntryKind::Committed => self.committed(number, body),
            EntryKind::Parked | EntryKind::Failed => self.task(number).err().into_iter().collect(),
            EntryKind::Abstained | EntryKind::Sealed | EntryKind::Examined | EntryKind::Forgotten => {
                Found::new()
            }
        }
    }

    /// Returns an admitted task.
    fn task(&mut self, number: u32) -> Result<&mut Task, (Invariant, String)> {
        let unknown = || (Invariant::Planned, "the task was never admitted".to_owned());
        self.tasks.get_mut(&number).ok_or_else(unknown)
    }

    fn decided(&mut self, number: u32, body: &Value) -> Found {
        let mut found = Found::new();
        if body.get("seam").and_then(Value::as_text) == Some(SEAM) {
            if self.has_choice {
                found.push((Invariant::OneRun, "a template was chosen before".to_owned()));
            }
            if !self.tasks.is_empty() {
                let what = "the template was chosen after a task had been admitted".to_owned();
                found.push((Invariant::Planned, what));
            }
            self.has_choice = true;
            self.planned = self.planned.take().or_else(|| Planned::from_value(body));
        } else if let Some(signals) = body.get("signals")
            && matches!(signals.get("uncertainty_calibrated"), Some(Value::Bool(true)))
            && let Some(uncertainty) = number_of(signals.get("uncertainty"))
        {
            // The decision may come before or after the verdict on what it is about.
            let claimed = 1.0 - uncertainty;
            let refuted =
                self.tasks.get(&number).filter(|task| !task.refuted.is_empty() && task.passed.is_none());
            found.extend(refuted.and_then(|_| miscalibrated(claimed, worth(None))));
            self.claims.push((number, claimed));
        }
        found
    }

    fn admitted(&mut self, number: u32, body: &Value) -> Found {
        let mut found = Found::new();
        if number as usize != self.tasks.len() {
            let what = format!("task {number} was admitted where {} is the next one", self.tasks.len());
            found.push((Invariant::OneRun, what));
        }
        let repairs =
            body.get("repairs").and_then(Value::as_int).and_then(|number| u32::try_from(number).ok());
        let name = text(body, "name");
        if let Some(Planned { kind, template, planner, .. }) = &self.planned
            && repairs.is_none()
            && !request::has_task(kind, template, *planner, name)
        {
            let name = crate::excerpt::from_text(name);
            let what = format!("the template {template} of the kind {kind} has no task {name}");
            found.push((Invariant::Planned, what));
        }
        let task = Task {
            contract: digest(body, "contract"),
            is_answer: text(body, "role") == "answer",
            at_least: level(body, "at_least"),
            ceiling: body.get("ceiling").map_or(Level::Proven, |_| level(body, "ceiling")),
            repairs,
            subject: None,
            stated: None,
            refuted: Vec::new(),
            passed: None,
        };
        self.tasks.insert(number, task);
        found
    }

    fn proposed(&mut self, number: u32, body: &Value) -> Found {
        let subject = digest(body, "subject");
        let stated = body.get("record").and_then(|record| number_of(record.get("confidence")));
        let task = match self.task(number) {
            Ok(task) => task,
            Err(unknown) => return vec![unknown],
        };
        (task.subject, task.stated) = (subject, stated);
        let Some(parent) = task.repairs else { return Found::new() };
        // What was refuted before: the proposal of the task that is repaired, and those of its other repairs.
        let is_same = |(other, task): (&u32, &Task)| {
            let is_of_it = *other == parent || task.repairs == Some(parent);
            (is_of_it && subject.is_some_and(|subject| task.refuted.contains(&subject))).then_some(*other)
        };
        let same = self.tasks.iter().find_map(is_same);
        let what = |other| format!("the repair proposes again what was refuted of task {other}");
        same.map(|other| (Invariant::EffectiveRepair, what(other))).into_iter().collect()
    }

    fn judged(&mut self, number: u32, entry: &Entry) -> Found {
        let body = &entry.body;
        let met = matches!(body.get("met"), Some(Value::Bool(true)));
        let (required, claims) = (self.required, self.claims.clone());
        let task = match self.task(number) {
            Ok(task) => task,
            Err(unknown) => return vec![unknown],
        };
        let shown =
            body.get("verdict").map_or(Level::None, |verdict| level(verdict, "level")).min(task.ceiling);
        let mut found = Found::new();
        if met {
            let needed = if task.is_answer { task.at_least.max(required) } else { task.at_least };
            let lack = unproven(task, &entry.task.to_string(), body.get("verdict"), shown, needed);
            found.extend(lack.map(|what| (Invariant::Proven, format!("it passed without a proof: {what}"))));
            task.passed = Some(shown);
        } else {
            task.refuted.extend(task.subject);
        }
        let worth = worth(met.then_some(shown));
        let decided = claims.iter().rev().find(|(about, _)| *about == number).map(|(_, claimed)| *claimed);
        found.extend(task.stated.or(decided).and_then(|claimed| miscalibrated(claimed, worth)));
        found
    }

    fn committed(&mut self, number: u32, body: &Value) -> Found {
        let (contract, required) = (self.contract, self.required);
        let (result, stated) = (digest(body, "result"), level(body, "level"));
        let task = match self.task(number) {
            Ok(task) => task,
            Err(unknown) => return vec![unknown],
        };
        let wrong = |what: String| vec![(Invariant::Judged, what)];
        let Some(passed) = task.passed else {
            return wrong("it was committed without a judgement that it passed".to_owned());
        };
        if !task.is_answer || task.contract != contract {
            return wrong("it was committed, and was not judged as the answer of its job".to_owned());
        }
        if task.subject != result {
            return wrong("something else was committed than what was judged".to_owned());
        }
        if passed < required || stated < required || stated > passed {
            return wrong(format!(
                "it was committed at {stated} where {passed} was shown and {required} is needed"
            ));
        }
        Found::new()
    }
}

/// Returns the part of a proof that is missing from the verdict with which a task passed.
fn unproven(task: &Task, id: &str, verdict: Option<&Value>, shown: Level, needed: Level) -> Option<String> {
    let Some(verdict) = verdict else { return Some("there is no verdict".to_owned()) };
    if !matches!(verdict.get("satisfied"), Some(Value::Bool(true))) {
        return Some("its verdict is refuted".to_owned());
    }
    if text(verdict, "validator").is_empty() {
        return Some("no validator is named".to_owned());
    }
    if text(verdict, "task") != id {
        return Some("its verdict is about another task".to_owned());
    }
    if task.subject.is_none() || digest(verdict, "subject") != task.subject {
        return Some("its verdict is about another value than the proposed one".to_owned());
    }
    if digest(verdict, "contract") != task.contract {
        return Some("its verdict is under another contract".to_owned());
    }
    (shown < needed).then(|| format!("{shown} was shown and {needed} is needed"))
}

/// Returns what a verdict is worth as a confidence: that of the level at which the task passed, and that of something
/// unverified for a refuted one.
fn worth(passed: Option<Level>) -> f64 {
    match passed.map_or(Verification::Unverified, Verification::intended) {
        Verification::Verified => 0.95,
        Verification::Validated => 0.8,
        Verification::Checked => 0.6,
        Verification::Judgment => 0.5,
        Verification::Unverified => 0.1,
    }
}

fn miscalibrated(claimed: f64, worth: f64) -> Option<(Invariant, String)> {
    let what = || format!("a confidence of {claimed:.2} was stated, and the verdict is worth {worth:.2}");
    (claimed >= CLAIM && worth <= DOUBT).then(|| (Invariant::Calibrated, what()))
}

fn text<'a>(body: &'a Value, key: &str) -> &'a str {
    body.get(key).and_then(Value::as_text).unwrap_or_default()
}

fn digest(body: &Value, key: &str) -> Option<Digest> {
    body.get(key).and_then(Value::as_digest)
}

fn level(body: &Value, key: &str) -> Level {
    text(body, key).parse().unwrap_or(Level::None)
}

fn number_of(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Float(float) => Some(float.get()),
        Value::Int(int) => i32::try_from(*int).ok().map(f64::from),
        Value::Decimal(decimal) => decimal.to_string().parse().ok(),
        _ => None,
    }
}
