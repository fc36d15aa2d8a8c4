//! The gate as the examiner of a job: what a model wrote is examined where it is judged.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;

use abi::{Digest, Value};
use det::{Examined, Examiner, RunnerError, TrustRoot};
use holdout::ExperimentError;

use crate::Error;
use crate::gate::{self, Checked, ExecutorName, Gate};

/// The findings of an examiner about one candidate, for the ladder and for people.
#[derive(Clone, Debug)]
pub(crate) struct Examination {
    pub(crate) code: String,
    /// The report of the exam, or the reason why there is none.
    pub(crate) report: Result<Value, Unexamined>,
    /// The bytes of the record.
    pub(crate) record: Vec<u8>,
    /// True if the verdict is that of an earlier exam.
    pub(crate) is_repeated: bool,
}

/// The reason why an exam says nothing about its candidate.
#[derive(Clone, Debug)]
pub(crate) enum Unexamined {
    /// The specification cannot be used.
    Specification(String),
    /// The machine cannot hold the exam, or the ledger refused it.
    Machine(String),
}

impl Examination {
    /// Returns true if the specification itself is faulty: its code fails, or contradicts its samples.
    pub(crate) fn is_faulty(&self) -> bool {
        matches!(self.report, Err(Unexamined::Specification(_)))
    }
}

impl Unexamined {
    fn of(error: &Error) -> Self {
        let what = error.to_string();
        match error {
            Error::Exam(cause) => match **cause {
                ExperimentError::Specification { .. }
                | ExperimentError::SpecificationFault { .. }
                | ExperimentError::Executor { .. } => Self::Specification(what),
                _ => Self::Machine(what),
            },
            _ => Self::Machine(what),
        }
    }

    pub(crate) fn what(&self) -> &str {
        match self {
            Self::Specification(what) | Self::Machine(what) => what,
        }
    }
}

/// The examinations of a job, which its examiner and its ladder share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Examinations(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    /// The number of the attempt that is examined next.
    attempt: u32,
    /// The last examination, until the ladder takes it.
    last: Option<Examination>,
}

impl Examinations {
    /// Says which attempt comes next, and forgets what was examined before.
    pub(crate) fn begin(&self, attempt: u32) {
        *self.0.borrow_mut() = State { attempt, last: None };
    }

    /// Returns the examination of the present attempt. None if nothing was examined.
    pub(crate) fn take(&self) -> Option<Examination> {
        self.0.borrow_mut().last.take()
    }
}

/// The gate of one specification, as an examiner.
pub(crate) struct GateExaminer<R> {
    pub(crate) gate: RefCell<Gate>,
    pub(crate) root: R,
    pub(crate) examinations: Examinations,
    /// The earlier examinations of this job, because a journal in memory is not read back.
    pub(crate) before: RefCell<HashMap<Digest, Examination>>,
}

impl<R: TrustRoot> Examiner for GateExaminer<R> {
    fn examine(&self, specification: Digest, _entry: &str, candidate: &str) -> Result<Examined, RunnerError> {
        let mut gate = self.gate.borrow_mut();
        if gate.specification() != specification {
            return Err(RunnerError { what: "the contract names another specification".to_owned() });
        }
        let digest = det::subject_digest(&Value::text(candidate));
        let before = self.before.borrow().get(&digest).cloned();
        let examination = match before {
            Some(examination) => Examination { is_repeated: true, ..examination },
            None => {
                gate.set_attempt(self.examinations.0.borrow().attempt);
                let examination = self.examination(candidate, gate.check(candidate, &self.root));
                self.before.borrow_mut().insert(digest, examination.clone());
                examination
            }
        };
        let examined = examined(&examination);
        self.examinations.0.borrow_mut().last = Some(examination);
        examined
    }
}

impl<R: TrustRoot> GateExaminer<R> {
    fn examination(&self, candidate: &str, checked: Result<Checked, Error>) -> Examination {
        let code = candidate.to_owned();
        match checked {
            Err(error) => {
                let report = Err(Unexamined::of(&error));
                Examination { code, report, record: Vec::new(), is_repeated: false }
            }
            Ok(Checked { report, record, is_repeated, .. }) => {
                Examination { code, report: Ok(report), record, is_repeated }
            }
        }
    }
}

/// Returns what an examiner tells `det` of an examination.
fn examined(examination: &Examination) -> Result<Examined, RunnerError> {
    let failed = |what: &str| RunnerError { what: what.to_owned() };
    match &examination.report {
        Err(unexamined) => Err(failed(unexamined.what())),
        Ok(report) => told(report, &examination.record),
    }
}

/// Returns what a report and its record tell of a candidate.
fn told(report: &Value, record: &[u8]) -> Result<Examined, RunnerError> {
    let text = |key| report.get(key).and_then(Value::as_text).unwrap_or_default();
    if report.get("admitted").and_then(Value::as_bool) != Some(true) {
        let stage = format!("{} · {}", text("stage"), text("reason"));
        return Ok(Examined::Refused { stage, what: text("detail").to_owned() });
    }
    let read = gate::read_record(record).map_err(|error| RunnerError { what: error.to_string() })?;
    match read.signed_admission() {
        Some((record, signature)) => Ok(Examined::Admitted { record: record.clone(), signature: *signature }),
        None => Err(RunnerError { what: "its admission is not signed".to_owned() }),
    }
}

/// The exams that a ledger has, as an examiner. No exam is held.
pub(crate) struct RecordedExaminer {
    /// The folder of the ledger.
    pub(crate) ledger: PathBuf,
}

impl Examiner for RecordedExaminer {
    fn examine(&self, specification: Digest, _entry: &str, candidate: &str) -> Result<Examined, RunnerError> {
        let failed = |what: String| RunnerError { what };
        let digest = det::subject_digest(&Value::text(candidate));
        let earlier =
            gate::earlier(&self.ledger, specification).map_err(|error| failed(error.to_string()))?;
        // A job runs candidates in one executor, and the first exam in it is the one that counts.
        let judged = earlier
            .iter()
            .find(|judged| judged.candidate == digest && judged.executor == Some(ExecutorName::Cpython))
            .or_else(|| earlier.iter().find(|judged| judged.candidate == digest))
            .ok_or_else(|| failed("the ledger has no exam of it".to_owned()))?;
        let bytes = ledger::blob(&self.ledger, &judged.record).map_err(|error| failed(error.to_string()))?;
        let record = gate::read_record(&bytes).map_err(|error| failed(error.to_string()))?;
        told(&record.report, &bytes)
    }
}
