//! Values and reports in the JSON that the interfaces document.

use std::path::Path;

use abi::{Usage, Value};
use det::Form;
use factloop::{Audit, Generated, JobReport, PlanReport, stated_text, to_json};
use sched::{Consulted, TaskReport, Tier};
use serde_json::{Value as Json, json};

use crate::notes::Note;

/// A value as JSON for people: digests and other bytes are cut to their first digits.
pub(crate) fn short(value: &Value) -> Json {
    match value {
        Value::Bytes(bytes) => {
            json!(bytes.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        Value::List(items) => items.iter().map(short).collect(),
        Value::Map(map) => map.iter().map(|(key, item)| (key.clone(), short(item))).collect(),
        other => to_json(other),
    }
}

/// The parts of a report that are shown only if the caller asks for them, because nobody judged them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown {
    /// True if the text that nobody checked is shown.
    pub(crate) unproven: bool,
    /// True if the thoughts of the model are shown.
    pub(crate) thinking: bool,
}

/// Returns the kind of question that the prompt was read as, with a mark if it was denied. None for conversation.
pub(crate) fn route(report: &JobReport) -> Option<String> {
    let denied = || report.denied.map(|denied| format!("cap-denied:{}", denied.word()));
    report.routed.map(|routed| routed.word().to_owned()).or_else(denied)
}

/// Returns a report with exactly the keys that `docs/json.md` documents. The `form` is that of the contract, if the caller chose one. The keys `unproven` and `thinking` are part of
/// it only if they are to be shown, and the key `requested` only if the model read a request from a prompt that the grammar
/// did not read.
pub(crate) fn report(
    report: &JobReport,
    form: Option<Form>,
    ledger: Option<&Path>,
    shown: Shown,
    notes: &[Note],
) -> Json {
    let facts = report.facts.iter().map(|fact| json!({"label": fact.label, "value": to_json(&fact.value)}));
    let abstained = report.abstained.as_ref();
    let mut object = json!({
        "job": report.job.to_string(),
        "kind": report.kind,
        "planned": report.planned.as_ref().map(planned),
        "answer": report.answer(),
        "value": report.value.as_ref().map(|value| stated_value(value, form)),
        "committed": report.is_committed(),
        "level": report.level.word(),
        "required": report.required.word(),
        "routed": route(report),
        "reading": report.reading,
        "facts": facts.collect::<Vec<_>>(),
        "generations": report.generations,
        "k": report.k,
        "audit": report.audit.as_ref().map(audit),
        "tasks": report.tasks.iter().map(|one| task(one, &report.generated)).collect::<Vec<_>>(),
        "findings": report.findings,
        "executor": report.executor,
        "finish": report.last_generated().map(|last| last.stop.word()),
        "usage": usage(&report.generated),
        "notes": notes.iter().map(Note::to_json).collect::<Vec<_>>(),
        "memory": report.consulted.as_ref().map(memory),
        "reason": abstained.map(|abstention| abstention.reason.as_str()),
        "abstained": abstained.map(ToString::to_string),
        "model_digest": report.identity.model_digest.map(|digest| digest.to_string()),
        "reproducible": report.identity.reproducible,
        "ledger": ledger.map(|ledger| json!({
            "path": ledger.display().to_string(),
            "entry": report.receipt.index,
            "head": report.receipt.head.to_string(),
        })),
    });
    if let Some(requested) = report.requested.as_ref().filter(|_| route(report).is_none()) {
        object["requested"] = json!(requested.to_string());
    }
    if shown.thinking {
        object["thinking"] = json!(report.generated.iter().map(thoughts).collect::<Vec<_>>());
    }
    if shown.unproven {
        object["unproven"] = json!(unproven(report));
    }
    object
}

/// Returns the committed value for a program. An answer of the form JSON is committed as its text, and given as the
/// document that the text is.
fn stated_value(value: &Value, form: Option<Form>) -> Json {
    let document =
        value.as_text().filter(|_| form == Some(Form::Json)).and_then(|text| det::parse_json(text).ok());
    to_json(document.as_ref().unwrap_or(value))
}

/// Returns the text that nobody checked, for a caller who asked for it: the whole reply of the last generation, or
/// the refuted value of a job whose reply was not kept. None if all that was generated is the answer.
pub(crate) fn unproven(report: &JobReport) -> Option<String> {
    let text = report.reply.clone().or_else(|| report.unproven.as_ref().map(stated_text));
    text.filter(|text| report.answer().as_ref() != Some(text))
}

/// Returns the number of tokens that the generations of a job used together, or null if nothing was generated. A sum
/// is of the word of its least certain part.
fn usage(generated: &[Generated]) -> Json {
    if generated.is_empty() {
        return Json::Null;
    }
    let is_any = |wanted: fn(&Usage) -> bool| generated.iter().any(|one| wanted(&one.usage));
    let counted = if is_any(|usage| matches!(usage, Usage::Estimated(_))) {
        "estimate"
    } else if is_any(|usage| matches!(usage, Usage::Stated(_))) {
        "endpoint"
    } else {
        "here"
    };
    let prompts: Option<Vec<u64>> = generated.iter().map(|one| one.prompt_tokens).collect();
    json!({
        "prompt_tokens": prompts.map(|prompts| prompts.iter().sum::<u64>()),
        "tokens": generated.iter().map(|one| one.tokens).sum::<u64>(),
        "counted": counted,
    })
}

fn thoughts(generated: &Generated) -> Json {
    json!({"task": generated.task, "thoughts": generated.thoughts})
}

/// Returns the record of a consultation: the entries that were recalled, or the reason why no memory answered.
pub(crate) fn memory(consulted: &Consulted) -> Json {
    let recalled = consulted.entries().iter().map(|entry| {
        json!({"label": entry.label, "value": to_json(&entry.value), "entry": entry.entry.to_string(),
               "mark": entry.mark()})
    });
    json!({
        "recalled": recalled.collect::<Vec<_>>(),
        "abstained": consulted.abstention(),
        "digest": consulted.digest().to_string(),
    })
}

fn audit(audit: &Audit) -> Json {
    json!({
        "used_signal": audit.used_signal,
        "reason": audit.reason,
        "cost": audit.cost,
        "budget_note": audit.budget_note,
        "base_validated": audit.base_validated,
        "final_validated": audit.final_validated,
    })
}

fn planned(planned: &PlanReport) -> Json {
    let dropped = planned.dropped.iter().map(|(step, why)| json!({"step": step, "why": why}));
    json!({"dropped": dropped.collect::<Vec<_>>(), "fallback": planned.fallback})
}

fn task(task: &TaskReport, generated: &[Generated]) -> Json {
    let last = generated.iter().rev().find(|one| one.task == task.name);
    json!({
        "name": task.name,
        "kind": task.operation,
        "owner": owner(task),
        "state": task.state.word(),
        "level": task.level.word(),
        "verification": task.verification.word(),
        "cause": task.cause,
        "finish": last.map(|last| last.stop.word()),
    })
}

/// Returns the word for the tier that runs a task, or `nobody` if its operation is not registered.
pub(crate) fn owner(task: &TaskReport) -> &'static str {
    task.tier.map_or("nobody", Tier::word)
}
