//! The report of a search, as lines for people and as JSON for programs.

use abi::{Value, counted};
use escalate::{Ended, Widened};
use serde_json::{Value as Json, json};

use super::{ABSTAINED, Solved, Told, Tried};
use crate::excerpt;
use crate::gate;
use crate::primitives::Primitive;
use crate::research::{References, ResearchError};

/// The most bytes of a reason on one line.
const MOST_REASON: usize = 300;

/// Returns the line about a thing that happened in a search. None where a person need not read one.
pub(crate) fn line(told: &Told<'_>) -> Option<String> {
    Some(match told {
        Told::LookedUp { found: true, .. } => "look_up   a function that was admitted before fits".to_owned(),
        Told::LookedUp { refused: Some(why), .. } => format!("look_up   {}", one_line(&why.to_string())),
        Told::LookedUp { near: 0, .. } => {
            "look_up   no admitted function is kept for this specification".to_owned()
        }
        Told::LookedUp { near, .. } => {
            format!("look_up   none is kept for this specification; {} examined", are(*near))
        }
        Told::Begins(_) => return None,
        Told::Ended(tried) => attempt(tried),
        Told::Widened(widened) => wider(widened),
        Told::Researched(Ok(references)) => {
            let addresses: Vec<&str> =
                references.sources.iter().map(|source| source.address.as_str()).collect();
            let missed = match references.missed.len() {
                0 => String::new(),
                count => format!("; {} could not be read", counted(count, "other page")),
            };
            format!(
                "research  {}: {}{missed}",
                counted(addresses.len(), "page"),
                one_line(&addresses.join(", "))
            )
        }
        Told::Researched(Err(why)) => format!("research  no pages: {}", one_line(&why.to_string())),
    })
}

/// Returns the number of attempts at a temperature in words, with the reason.
fn wider(widened: &Widened) -> String {
    let number = match widened.k {
        0 => "no attempts at a temperature".to_owned(),
        k => format!("{} at a temperature", counted(k, "more attempt")),
    };
    let why = match widened.is_fixed {
        true => "as the flag --k says".to_owned(),
        false => format!("because the first was wrong on {:.0} % of the instances", widened.severity * 100.0),
    };
    format!("          {number}, {why}")
}

fn are(near: usize) -> String {
    format!("{} {}", counted(near, "function"), if near == 1 { "is near and is" } else { "are near and are" })
}

fn attempt(tried: &Tried) -> String {
    let said = match &tried.report {
        Err(why) => one_line(&why.to_string()),
        Ok(report) if is_admitted(report) => "admitted".to_owned(),
        Ok(report) => {
            let text = |key| report.get(key).and_then(Value::as_text).unwrap_or_default();
            one_line(&format!("{} · {} · {}", text("stage"), text("reason"), text("detail")))
        }
    };
    let again = if tried.is_repeated { " (as before)" } else { "" };
    let (rung, number, tokens) = (tried.rung.word(), tried.number, counted(tried.tokens, "token"));
    format!("{rung:<9} attempt {number} · {tokens} · {said}{again}")
}

fn one_line(text: &str) -> String {
    excerpt::one_line(&abi::bounds::cut(text, MOST_REASON))
}

fn is_admitted(report: &Value) -> bool {
    report.get("admitted").and_then(Value::as_bool) == Some(true)
}

/// Returns the card at the end of a search.
pub(crate) fn card(solved: &Solved) -> String {
    let tokens: u64 = solved.tried.iter().map(|tried| tried.tokens).sum();
    let attempts = solved.tried.len();
    let spent = format!("{}, {}", counted(attempts, "attempt"), counted(tokens, "token"));
    let mut lines = match &solved.ended {
        Ended::Found => vec![format!("found: {}", solved.entry)],
        Ended::Admitted { rung, attempt, .. } => {
            vec![format!("admitted: {} · {} · attempt {attempt} of {spent}", solved.entry, rung.word())]
        }
        Ended::Unsound { why } if solved.is_faulty => {
            vec![
                format!("refused: the specification of {} is faulty", solved.entry),
                format!("  {}", one_line(why)),
            ]
        }
        Ended::Unsound { why } => vec![
            format!("refused: the specification of {} cannot tell right from wrong", solved.entry),
            format!("  {}", one_line(why)),
        ],
        Ended::Unexamined { why } => {
            vec![format!("not examined: {}", solved.entry), format!("  {}", one_line(why))]
        }
        Ended::Abstained => vec![
            format!("abstained: {ABSTAINED} · {} · {spent}", solved.entry),
            format!("  what would help: {}", help(solved)),
        ],
    };
    if let Some(primitive) = &solved.primitive {
        lines.extend(gate::shown(&primitive.record.report).lines().skip(1).map(str::to_owned));
        lines.push(format!("  record {}", primitive.kept.record_digest()));
    }
    lines.extend(solved.note.iter().map(|note| format!("  {note}")));
    lines.join("\n")
}

/// Returns the advice where nothing was admitted.
fn help(solved: &Solved) -> &'static str {
    let says = |what: &str| {
        let why = |tried: &Tried| tried.report.as_ref().err().map(ToString::to_string).unwrap_or_default();
        solved.tried.iter().any(|tried| why(tried).contains(what))
    };
    if says("--max-new") || says("was cut") {
        return "more tokens for each attempt (--max-new)";
    }
    if says("revoked here") {
        return "another function: what the model wrote was revoked here, and is not judged again";
    }
    "a larger model (--model), more attempts (--k), or samples that say more"
}

/// Returns a search as JSON, with the keys of `docs/solve.md`.
pub(crate) fn json(solved: &Solved) -> Json {
    let (word, rung, attempt, why) = match &solved.ended {
        Ended::Found => ("found", Some("look_up"), None, None),
        Ended::Admitted { rung, attempt, .. } => ("admitted", Some(rung.word()), Some(*attempt), None),
        Ended::Unsound { why } => ("unsound", None, None, Some(why.as_str())),
        Ended::Unexamined { why } => ("unexamined", None, None, Some(why.as_str())),
        Ended::Abstained => ("abstained", None, None, Some(ABSTAINED)),
    };
    let of_record = |key| solved.primitive.as_ref().and_then(|primitive| primitive.record.report.get(key));
    let number = |key| of_record(key).map_or(Json::Null, factloop::to_json);
    let code = solved.primitive.as_ref().map(|primitive: &Primitive| primitive.record.candidate.as_str());
    let digest = solved.primitive.as_ref().map(|primitive| primitive.kept.record_digest().to_string());
    json!({
        "entry": solved.entry,
        "solved": solved.is_solved(),
        "outcome": word,
        "reason": why,
        "rung": rung,
        "attempt": attempt,
        "code": code,
        "bound": number("bound"),
        "kill_rate": number("kill_rate"),
        "executor": number("executor"),
        "record": digest,
        "specification": solved.specification.to_string(),
        "model": solved.model,
        "width": solved.widened.as_ref().map(|widened| json!({
            "k": widened.k, "severity": widened.severity, "why": widened.why,
        })),
        "attempts": solved.tried.iter().map(tried).collect::<Vec<_>>(),
        "tokens": solved.tried.iter().map(|tried| tried.tokens).sum::<u64>(),
        "note": solved.note,
        "sources": match &solved.researched {
            Some(Ok(found)) => json!(found.sources.iter().map(|source| json!({
                "address": source.address, "digest": source.digest.to_string(), "chars": source.chars,
            })).collect::<Vec<_>>()),
            _ => Json::Null,
        },
        "missed": match &solved.researched {
            Some(Ok(References { missed, .. }) | Err(ResearchError::Nothing { missed })) => {
                json!(missed.iter().map(|missed| json!({
                    "address": missed.address, "reason": missed.refusal.to_string(),
                })).collect::<Vec<_>>())
            }
            _ => Json::Null,
        },
        "head": solved.receipt.as_ref().map(|receipt| receipt.head.to_string()),
    })
}

fn tried(tried: &Tried) -> Json {
    let report = tried.report.as_ref().ok();
    let part = |key| report.and_then(|report| report.get(key)).map_or(Json::Null, factloop::to_json);
    let detail = match &tried.report {
        Ok(_) => part("detail"),
        Err(why) => Json::String(why.to_string()),
    };
    json!({
        "number": tried.number,
        "rung": tried.rung.word(),
        "tokens": tried.tokens,
        "seconds": (tried.seconds * 1e3).round() / 1e3,
        "admitted": report.is_some_and(is_admitted),
        "stage": part("stage"),
        "reason": part("reason"),
        "detail": detail,
        "severity": part("severity"),
        "repeated": tried.is_repeated,
        "record": tried.record.map(|record| record.to_string()),
    })
}
