//! Notes: what a person or a program should know about an answer, beside its evidence.

use serde_json::{Value as Json, json};

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

    /// The answer was cut off, or the model refused to give one.
    pub(crate) fn cut(text: impl Into<String>) -> Self {
        Self { kind: "cut", text: text.into() }
    }

    /// Returns true if a person is told elsewhere: before the answer, or in the line of the evidence.
    pub(crate) fn is_told_elsewhere(&self) -> bool {
        matches!(self.kind, "unconstrained" | "cut")
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
