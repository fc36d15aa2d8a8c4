//! Values and reports as the JSON of the interfaces.

use std::path::Path;

use abi::Value;
use factloop::Report;
use serde_json::{Value as Json, json};

use crate::structured::Structured;

/// A value as JSON. Bytes become hexadecimal text; a float that JSON cannot hold becomes its name.
pub(crate) fn value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(int) => json!(int),
        Value::Float(float) if float.get().is_finite() => json!(float.get()),
        Value::Float(float) => json!(float.get().to_string()),
        Value::Text(text) => json!(text),
        Value::Bytes(bytes) => json!(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
        Value::List(items) => items.iter().map(self::value).collect(),
        Value::Map(map) => map.iter().map(|(key, item)| (key.clone(), self::value(item))).collect(),
    }
}

/// A value as JSON for people: digests and other bytes are cut to their first digits.
pub(crate) fn short(value: &Value) -> Json {
    match value {
        Value::Bytes(bytes) => {
            json!(bytes.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        Value::List(items) => items.iter().map(short).collect(),
        Value::Map(map) => map.iter().map(|(key, item)| (key.clone(), short(item))).collect(),
        other => self::value(other),
    }
}

/// A report with exactly the documented keys, `unproven` where the proposal was asked for, and `requested` where the model
/// took for a question what the rules read as none.
pub(crate) fn report(report: &Report, ledger: &Path, show_unproven: bool) -> Json {
    let audit = &report.audit;
    let facts: Vec<Json> =
        report.facts.iter().map(|fact| json!({"label": fact.label, "value": value(&fact.value)})).collect();
    let mut object = json!({
        "answer": report.answer,
        "committed": report.is_committed(),
        "level": report.level.word(),
        "required": report.required.word(),
        "routed": report.routed.map(factloop::Specification::word),
        "facts": facts,
        "generations": report.generations,
        "k": report.k,
        "audit": {
            "used_signal": audit.used_signal,
            "reason": audit.reason,
            "cost": audit.cost,
            "budget_note": audit.budget_note,
            "base_validated": audit.base_validated,
            "final_validated": audit.final_validated,
        },
        "model_digest": report.identity.model_digest.map(|digest| digest.to_string()),
        "reproducible": report.identity.reproducible,
        "ledger": {
            "path": ledger.display().to_string(),
            "entry": report.receipt.index,
            "head": report.receipt.head.to_string(),
        },
        "abstained": report.abstained.as_ref().map(ToString::to_string),
    });
    if let Some(requested) = report.requested.as_ref().filter(|_| report.routed.is_none()) {
        object["requested"] = json!(requested.to_string());
    }
    if show_unproven {
        object["unproven"] = json!(report.unproven);
    }
    object
}

/// The end of a question under a contract of the caller's.
pub(crate) fn structured(report: &Structured, ledger: &Path) -> Json {
    json!({
        "answer": report.answer,
        "committed": report.answer.is_some(),
        "level": report.level.word(),
        "required": report.required.word(),
        "generations": report.generations,
        "findings": report.findings,
        "model_digest": report.identity.model_digest.map(|digest| digest.to_string()),
        "reproducible": report.identity.reproducible,
        "ledger": report.receipt.map(|receipt| json!({
            "path": ledger.display().to_string(),
            "entry": receipt.index,
            "head": receipt.head.to_string(),
        })),
        "abstained": report.abstained,
    })
}
