//! Notes: what a person or a program should know about an answer, beside its evidence.

use abi::Stop;
use factloop::{Generated, JobReport};
use serde_json::{Value as Json, json};

use crate::contract_file::Chosen;
use crate::model::Unfamiliar;
use crate::{Engine, Error};

/// A note about an answer.
#[derive(Debug)]
pub(crate) struct Note {
    /// The word for the kind of the note, as `docs/json.md` lists it.
    kind: &'static str,
    text: String,
}

impl Note {
    /// A question that looks like one that can be checked was not read, for this reason.
    pub(crate) fn unread(reason: impl Into<String>) -> Self {
        Self { kind: "unread", text: reason.into() }
    }

    /// The prompt of a task of a graph was not read as a question, so its draft was not checked.
    pub(crate) fn unread_of(task: &str, prompt: &str) -> Self {
        let advice = match (factloop::suggestion(prompt), factloop::unread_reason(prompt)) {
            (Some(wording), _) => format!("; if you mean one, ask: {wording}"),
            (None, Some(reason)) => format!(": {reason}"),
            (None, None) => String::new(),
        };
        Self::unread(format!(
            "the prompt of {task} was not read as a question, and nothing was checked{advice}"
        ))
    }

    /// A prompt was not read as a question, and this wording would be.
    pub(crate) fn suggested(text: impl Into<String>) -> Self {
        Self { kind: "suggested", text: text.into() }
    }

    /// The model takes a prompt for a question that the rules do not read.
    pub(crate) fn requested(text: impl Into<String>) -> Self {
        Self { kind: "requested", text: text.into() }
    }

    /// The prompt is far from what the model knows.
    pub(crate) fn unfamiliar(text: impl Into<String>) -> Self {
        Self { kind: "unfamiliar", text: text.into() }
    }

    /// The schema is judged, and does not constrain the model.
    pub(crate) fn unconstrained(text: impl Into<String>) -> Self {
        Self { kind: "unconstrained", text: text.into() }
    }

    /// The answer was cut off, or the model refused or stated none. None if the model ended an answer by itself.
    pub(crate) fn ended(generated: &Generated) -> Option<Self> {
        let kind = if generated.stop == Stop::End && !generated.exceeds() { "empty" } else { "cut" };
        generated.cut().map(|text| Self { kind, text })
    }

    /// A memory is there, and did not answer.
    pub(crate) fn memory(fault: &str) -> Self {
        Self { kind: "memory", text: format!("the memory was not used: {fault}") }
    }

    /// The answer was stored in the memory, or was not; the text says which.
    pub(crate) fn remembered(text: impl Into<String>) -> Self {
        Self { kind: "remembered", text: text.into() }
    }

    /// The earlier jobs of the ledger were to be looked at, and could not be read.
    pub(crate) fn history(fault: &str) -> Self {
        Self { kind: "history", text: format!("earlier jobs were not looked at: {fault}") }
    }

    /// Returns true if a person is told elsewhere: before the answer, or in the line of the evidence.
    pub(crate) fn is_told_elsewhere(&self) -> bool {
        matches!(self.kind, "unconstrained" | "cut" | "empty")
    }

    /// Returns the note as a line for a person.
    pub(crate) fn line(&self) -> String {
        format!("note: {}", self.text)
    }

    /// Returns the note as a JSON object.
    pub(crate) fn to_json(&self) -> Json {
        json!({"kind": self.kind, "text": self.text})
    }
}

/// Returns a wording of the prompt that would be read, if it was not read and has one.
pub(crate) fn suggestion(report: &JobReport, prompt: &str, chosen: Option<&Chosen>) -> Option<String> {
    let unread = chosen.is_none() && crate::json::route(report).is_none() && report.unread.is_none();
    unread.then(|| factloop::suggestion(prompt)).flatten()
}

/// Returns the reason why the prompt, which seems to ask a question that can be checked, was not read.
fn unread_reason(
    report: &JobReport,
    prompt: &str,
    chosen: Option<&Chosen>,
) -> Option<factloop::UnreadReason> {
    let unread = chosen.is_none() && crate::json::route(report).is_none();
    unread.then(|| factloop::unread_reason(prompt)).flatten()
}

/// Returns what a person should know about the answer: at most one note about the prompt, and those about the schema and
/// the end of the answer.
pub(crate) fn about(
    report: &JobReport,
    prompt: &str,
    chosen: Option<&Chosen>,
    suggested: Option<&str>,
    engine: &mut Engine,
) -> Result<Vec<Note>, Error> {
    let mut notes = Vec::new();
    if let Some(routed) = chosen.and_then(|_| factloop::route(prompt)) {
        notes.push(Note::unread(format!(
            "the prompt is a question that can be checked ({}), and the contract is checked in its place; to have the value \
             checked, leave the contract out",
            routed.reading
        )));
    } else if let Some(refusal) = &report.unread {
        let text = format!("the question was not read, and nothing was checked: {refusal}");
        notes.push(Note::unread(text));
    } else if let Some(wording) = suggested {
        let text = format!(
            "this was not read as a question that can be checked, and nothing was checked; if you mean one, ask: \
             {wording}"
        );
        notes.push(Note::suggested(text));
    } else if let Some(reason) = unread_reason(report, prompt, chosen) {
        notes.push(Note::unread(format!("the question was not read, and nothing was checked: {reason}")));
    } else if let Some(requested) = report
        .requested
        .as_ref()
        .filter(|_| crate::json::route(report).is_none() && factloop::may_ask(prompt))
    {
        let requested = requested.to_string();
        let kind = requested.rsplit(':').next().unwrap_or_default().replace('_', " ");
        let text = format!(
            "the model takes this for a question of the kind {kind}, which could be checked, and it is not worded as one; \
             nothing was computed or checked. docs/questions.md has the wordings that are read"
        );
        notes.push(Note::requested(text));
    }
    notes.extend(chosen.into_iter().flat_map(|chosen| engine.unconstrained(chosen)).map(Note::unconstrained));
    // A prompt that should be worded otherwise need not be familiar. A model that was not asked need not know the prompt,
    // and a contract or a checked question states itself what an answer is.
    if notes.is_empty()
        && report.generations > 0
        && chosen.is_none()
        && crate::json::route(report).is_none()
        && let Some(unfamiliar) = engine.unfamiliar(prompt)?
    {
        notes.push(Note::unfamiliar(warning(&unfamiliar)));
    }
    notes.extend(report.last_generated().and_then(Note::ended));
    notes.extend(engine.memory_fault().map(Note::memory));
    Ok(notes)
}

fn warning(unfamiliar: &Unfamiliar) -> String {
    let Unfamiliar { distance, calibration } = unfamiliar;
    format!(
        "this prompt is far from what the embedded model was trained on (distance {distance:.2}, familiar up to {:.2}; \
         {:.1} % of familiar prompts get this note by mistake); for better answers pass a larger model with --model",
        calibration.threshold,
        100.0 * calibration.false_alarm_rate,
    )
}
