//! The jobs of a ledger for programs.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::view::{State, Sums, Templates, View};
use crate::jobs::{End, Line};

/// Returns the object of a ledger that does not verify.
pub(super) fn unverified(folder: &Path, reason: &str) -> Json {
    json!({"verified": false, "ledger": folder.display().to_string(), "reason": reason})
}

/// Returns the object with everything that is shown.
pub(super) fn object(folder: &Path, view: &View<'_>) -> Json {
    let kinds = view.kinds.iter().map(|(kind, of_kind)| {
        let mut object = sums(of_kind);
        object["kind"] = json!(kind);
        object
    });
    let learnings = view.learnings.iter().map(|(kind, learning)| {
        json!({
            "kind": kind, "task": learning.task, "check": learning.check, "jobs": learning.count,
            "last_ms": learning.last_ms, "entry": learning.index, "digest": learning.entry.to_string(),
        })
    });
    let jobs =
        |jobs: &[(&Line, State)]| jobs.iter().map(|(line, state)| job(line, *state)).collect::<Vec<_>>();
    json!({
        "verified": true,
        "ledger": folder.display().to_string(),
        "entries": view.entries,
        "jobs": sums(&view.sums),
        "kinds": kinds.collect::<Vec<_>>(),
        "templates": view.templates.iter().map(templates).collect::<Vec<_>>(),
        "learnings": learnings.collect::<Vec<_>>(),
        "open": jobs(&view.open),
        "recent": jobs(&view.recent),
    })
}

fn sums(sums: &Sums) -> Json {
    let share = sums.success();
    let levels: serde_json::Map<String, Json> =
        sums.levels.iter().map(|(level, count)| (level.word().to_owned(), json!(count))).collect();
    json!({
        "jobs": sums.jobs, "committed": sums.committed, "abstained": sums.abstained,
        "unchecked": sums.unchecked, "looked_up": sums.looked_up, "interrupted": sums.interrupted, "open": sums.open,
        "judged": share.trials,
        "success": (share.trials > 0).then(|| share.rate()),
        "ci": (share.trials > 0).then(|| share.interval()),
        "levels": levels, "generations": sums.generations, "tokens": sums.tokens,
        "seconds": sums.wall_ms.map(seconds),
    })
}

fn templates(Templates { choice, is_chosen }: &Templates) -> Json {
    let runs = choice.candidates.iter().map(|(name, tally)| {
        json!({"template": name, "passes": tally.passes, "runs": tally.runs(), "ci": tally.interval()})
    });
    json!({
        "kind": choice.kind, "planner": choice.planner, "model": choice.model,
        "next": is_chosen.then_some(&choice.template), "by": is_chosen.then(|| choice.by.word()),
        "templates": runs.collect::<Vec<_>>(),
    })
}

fn job(line: &Line, state: State) -> Json {
    let level = match state {
        State::Committed(level) => Some(level.word()),
        _ => None,
    };
    let reason = match &line.end {
        Some(End::Abstained(reason)) => Some(reason),
        _ => None,
    };
    json!({
        "job": line.id.to_string(), "at_ms": line.at, "kind": line.kind(),
        "template": line.planned.as_ref().map(|planned| &planned.template),
        "state": state.word(), "level": level, "reason": reason, "tasks": line.admitted,
        "generations": line.generations, "tokens": line.tokens, "seconds": line.wall_ms().map(seconds),
    })
}

fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}
