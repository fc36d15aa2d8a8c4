//! One attempt: its task, and what came of it.

use std::sync::Arc;

use abi::Value;
use escalate::{Attempt, Fault, Outcome, Recalled, Sampling, fault_of};
use factloop::operations::{DRAFT, PROMPT};
use kpolicy::Unit;
use sched::{Limits, TaskSpec};

use super::NoReport;
use super::examiner::{Examination, Unexamined};
use crate::operations::{AUTHOR, CODE, RECALL};

/// Returns the task of an attempt.
pub(super) fn task(attempt: &Attempt, contract: &Arc<det::Contract>, max_new: u32) -> TaskSpec {
    let name = format!("attempt-{}", attempt.number);
    if let Some(Recalled { code, author, .. }) = &attempt.recalled {
        let input = Value::map([(CODE, Value::text(code.as_str())), (AUTHOR, Value::text(author.as_str()))]);
        let limits = Limits { retries: 0, ..Limits::REFERENCE };
        return TaskSpec::new(name, RECALL, Arc::clone(contract)).answering().given(input).within(limits);
    }
    let mut input = vec![(PROMPT, Value::text(attempt.prompt.as_str()))];
    if let Some(Sampling { temperature_ppm, seed }) = attempt.sampling {
        let seed = i64::try_from(seed).unwrap_or(i64::MAX);
        let decoding =
            [("temperature_ppm", Value::Int(i64::from(temperature_ppm))), ("seed", Value::Int(seed))];
        input.push(("decoding", Value::map(decoding)));
    }
    let limits = Limits { retries: 0, tokens: u64::from(max_new), ..Limits::REFERENCE };
    TaskSpec::new(name, DRAFT, Arc::clone(contract)).answering().given(Value::map(input)).within(limits)
}

/// Returns the outcome of an attempt for the ladder.
pub(super) fn outcome(
    entry: &str,
    examination: Option<&Examination>,
    is_committed: bool,
    why: &dyn Fn() -> String,
) -> Outcome {
    let Some(Examination { code, report, .. }) = examination else {
        return Outcome::NoCode { why: why() };
    };
    let report = match report {
        Ok(report) => report,
        Err(Unexamined::Specification(why)) => return Outcome::Unsound { why: why.clone() },
        Err(Unexamined::Machine(why)) => return Outcome::Unexamined { why: why.clone() },
    };
    if is_committed {
        return Outcome::Admitted { code: code.clone() };
    }
    let text = |key| report.get(key).and_then(Value::as_text).unwrap_or_default();
    if text("blame") == "specification" {
        return Outcome::Unsound {
            why: format!("{} · {}: {}", text("stage"), text("reason"), text("detail")),
        };
    }
    let shown = report.get("counterexample");
    let part = |key| shown.and_then(|shown| shown.get(key));
    let got = part("args").and_then(Value::as_list).zip(part("got"));
    let fault = fault_of(entry, &Fault { what: text("detail"), got, expected: part("expected") });
    let severity = match report.get("severity") {
        Some(Value::Float(share)) => Unit::clamped(share.get()).ok(),
        Some(Value::Int(share)) => Unit::clamped(if *share > 0 { 1.0 } else { 0.0 }).ok(),
        _ => None,
    };
    Outcome::Refused { code: code.clone(), fault, severity }
}

/// Returns the report of an attempt's exam, or the reason why there is none.
pub(super) fn reported(examination: Option<&Examination>, outcome: &Outcome) -> Result<Value, NoReport> {
    match (examination.map(|examination| &examination.report), outcome) {
        (Some(Ok(report)), _) => Ok(report.clone()),
        (_, Outcome::NoCode { why } | Outcome::Unsound { why } | Outcome::Unexamined { why }) => {
            Err(NoReport(why.clone()))
        }
        _ => Err(NoReport(String::new())),
    }
}
