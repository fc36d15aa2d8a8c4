//! The JSON objects of replies: a whole completion, or one event of a stream.
//!
//! Servers agree on the form of a plain text and on little else. The reader takes what each of them writes: content as
//! a text or as a list of parts, thoughts under several names, refusals, and calls of tools.

use abi::Stop;
use serde::Deserialize;
use serde_json::Value;

use crate::excerpt;

/// The keys under which servers write what a model thinks.
const THOUGHTS: [&str; 3] = ["reasoning_content", "reasoning", "thinking"];

/// The keys of a part, or of an object of thoughts, that may hold its text.
const TEXTS: [&str; 6] = ["text", "content", "thinking", "reasoning", "summary", "refusal"];

/// The deepest nesting of parts that is read.
const MOST_DEPTH: usize = 4;

/// The fields that this crate reads of one event of a stream, or of a reply in one piece.
#[derive(Deserialize)]
pub(crate) struct Completion {
    choices: Option<Vec<Choice>>,
    error: Option<Value>,
    /// The server's account of the tokens, in whatever form it has.
    usage: Option<Value>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

/// One choice of a completion: an alternative reply. A request never asks for more than one.
#[derive(Deserialize)]
struct Choice {
    delta: Option<Value>,
    message: Option<Value>,
    /// The text of a server that speaks the older protocol.
    text: Option<String>,
    finish_reason: Option<Value>,
}

/// The parts that one object adds to a reply.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) thoughts: String,
    pub(crate) refusal: String,
    pub(crate) calls_tool: bool,
    pub(crate) stop: Option<Stop>,
    /// The server's word for a fault of its own, because of which it ended the reply.
    pub(crate) broken_by: Option<String>,
    /// The word for the end of the reply, if it is none that is known.
    pub(crate) unknown_end: Option<String>,
}

impl Completion {
    /// Returns true if the object is one of the protocol: it has choices, or it reports usage.
    pub(crate) fn is_of_the_protocol(&self) -> bool {
        self.choices.is_some() || self.usage.is_some()
    }

    /// Returns the server's message if the object reports an error.
    pub(crate) fn reported(&self) -> Option<String> {
        let stated = self.error.as_ref().filter(|error| !is_empty(error)).map(message_of);
        if stated.is_some() || self.choices.as_ref().is_some_and(|choices| !choices.is_empty()) {
            return stated;
        }
        // Without a choice, a message is about an error.
        let words = ["message", "detail", "msg"].iter().find_map(|key| self.rest.get(*key));
        // A message with a role is an answer of another protocol.
        words.filter(|words| !is_empty(words) && words.get("role").is_none()).map(message_of)
    }

    /// Returns the number of generated tokens that the server states, if it states one.
    pub(crate) fn used(&self) -> Option<u64> {
        self.count(&["completion_tokens", "output_tokens"])
    }

    /// Returns the number of tokens of the prompt that the server states, if it states one.
    pub(crate) fn prompted(&self) -> Option<u64> {
        self.count(&["prompt_tokens", "input_tokens"])
    }

    fn count(&self, keys: &[&str]) -> Option<u64> {
        let usage = self.usage.as_ref()?;
        keys.iter().find_map(|key| usage.get(key)?.as_u64())
    }

    /// Returns what the first choice says. Nothing if there is no choice.
    pub(crate) fn said(&self) -> Said {
        let Some(choice) = self.choices.as_ref().and_then(|choices| choices.first()) else {
            return Said::default();
        };
        let mut said = Said::default();
        let content = [&choice.delta, &choice.message].into_iter().flatten().find(|found| !found.is_null());
        match content {
            Some(content) => said.read(content),
            None => said.text.push_str(choice.text.as_deref().unwrap_or_default()),
        }
        let reason =
            choice.finish_reason.as_ref().and_then(Value::as_str).filter(|reason| !reason.is_empty());
        if let Some(reason) = reason {
            match end(reason) {
                End::Known(stop) => said.stop = Some(stop),
                End::Fault => said.broken_by = Some(excerpt::from_text(reason)),
                End::Unknown => {
                    (said.stop, said.unknown_end) = (Some(Stop::End), Some(excerpt::from_text(reason)));
                }
            }
        }
        said
    }
}

impl Said {
    /// Reads a message, or the part of one that an event adds.
    fn read(&mut self, message: &Value) {
        match message.get("content") {
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.read_part(part)),
            Some(content) => push_text(&mut self.text, content, MOST_DEPTH),
            None => {}
        }
        // Some servers write the same thoughts under two names.
        let thoughts = THOUGHTS.iter().filter_map(|key| message.get(*key)).find(|found| !is_empty(found));
        if let Some(thoughts) = thoughts.or_else(|| message.get("reasoning_details")) {
            push_text(&mut self.thoughts, thoughts, MOST_DEPTH);
        }
        if let Some(refusal) = message.get("refusal") {
            push_text(&mut self.refusal, refusal, MOST_DEPTH);
        }
        let calls = ["tool_calls", "function_call"].iter().filter_map(|key| message.get(*key));
        self.calls_tool = calls.into_iter().any(|calls| !is_empty(calls));
    }

    /// Reads one part of a content that is a list.
    fn read_part(&mut self, part: &Value) {
        let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
        let into = match kind {
            "thinking" | "reasoning" | "reasoning_content" | "redacted_thinking" => &mut self.thoughts,
            "refusal" => &mut self.refusal,
            "tool_use" | "tool_call" | "function_call" => {
                self.calls_tool = true;
                return;
            }
            _ => &mut self.text,
        };
        push_text(into, part, MOST_DEPTH);
    }
}

/// Appends the text of a value: the value itself, or the texts of its parts.
fn push_text(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::String(part) => text.push_str(part),
        Value::Array(parts) if depth > 0 => parts.iter().for_each(|part| push_text(text, part, depth - 1)),
        Value::Object(part) if depth > 0 => {
            if let Some(part) = TEXTS.iter().find_map(|key| part.get(*key)) {
                push_text(text, part, depth - 1);
            }
        }
        _ => {}
    }
}

/// Returns true for a value that says nothing: null, false, or an empty text, list or object.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(items) => items.is_empty(),
        _ => false,
    }
}

/// The meaning of a server's word for the end of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The reason that the word stands for.
    Known(Stop),
    /// A fault of the server.
    Fault,
    /// A word of which nothing is known.
    Unknown,
}

/// Returns the meaning of a server's word for the end of a reply, in any case of its letters.
fn end(reason: &str) -> End {
    End::Known(match reason.to_ascii_lowercase().as_str() {
        "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" | "end" | "complete" | "completed"
        | "finished" | "done" => Stop::End,
        "length"
        | "max_tokens"
        | "model_length"
        | "max_output_tokens"
        | "max_length"
        | "context_length"
        | "context_length_exceeded"
        | "model_context_window_exceeded"
        | "incomplete" => Stop::Length,
        "content_filter"
        | "content_filtered"
        | "safety"
        | "prohibited_content"
        | "blocklist"
        | "recitation"
        | "spii"
        | "sensitive"
        | "guardrail_intervened" => Stop::ContentFilter,
        "tool_calls" | "tool_call" | "function_call" | "tool_use" | "malformed_function_call" => {
            Stop::ToolCall
        }
        "refusal" => Stop::Refusal,
        "error"
        | "abort"
        | "aborted"
        | "cancelled"
        | "canceled"
        | "failed"
        | "timeout"
        | "network_error"
        | "insufficient_system_resource"
        | "overloaded" => return End::Fault,
        _ => return End::Unknown,
    })
}

/// Returns the message in an `error` field, which may be a text or an object with a `message`.
pub(crate) fn message_of(error: &Value) -> String {
    let message = error.get("message").unwrap_or(error);
    message.as_str().map_or_else(|| message.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Completion, Said, Stop};

    fn said(choice: serde_json::Value) -> Said {
        let completion: Completion = serde_json::from_value(json!({"choices": [choice]})).expect("a form");
        completion.said()
    }

    #[test]
    fn messages_of_every_server_are_read() {
        let text = |text: &str| Said { text: text.to_owned(), ..Said::default() };
        let thought = |thoughts: &str, text: &str| Said {
            thoughts: thoughts.to_owned(),
            text: text.to_owned(),
            ..Said::default()
        };
        let table = [
            (json!({"content": "7"}), text("7")),
            (json!({"content": null}), text("")),
            (json!({}), text("")),
            (json!({"content": ["a", {"type": "text", "text": "b"}]}), text("ab")),
            (json!({"content": {"type": "text", "text": "b"}}), text("b")),
            (json!({"content": "7", "reasoning_content": "hm"}), thought("hm", "7")),
            (json!({"content": "7", "reasoning": "hm", "reasoning_content": "hm"}), thought("hm", "7")),
            (json!({"content": "7", "reasoning": null, "thinking": "hm"}), thought("hm", "7")),
            (json!({"content": "7", "reasoning": {"content": "hm"}}), thought("hm", "7")),
            (
                json!({"content": "7", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]}),
                thought("hm", "7"),
            ),
            (
                json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "7"}]}),
                thought("hm", "7"),
            ),
            (
                json!({"content": null, "refusal": "No."}),
                Said { refusal: "No.".to_owned(), ..Said::default() },
            ),
            (
                json!({"content": null, "tool_calls": [{"function": {"name": "f"}}]}),
                Said { calls_tool: true, ..Said::default() },
            ),
            (json!({"content": "7", "tool_calls": [], "refusal": null}), text("7")),
        ];
        for (message, expected) in table {
            assert_eq!(said(json!({"message": message.clone()})), expected, "{message}");
            assert_eq!(said(json!({"delta": message.clone(), "finish_reason": null})), expected, "{message}");
        }
        assert_eq!(said(json!({"text": "7"})), text("7"));
    }

    #[test]
    fn every_word_for_an_end_is_read() {
        let table = [
            ("stop", Stop::End),
            ("eos", Stop::End),
            ("length", Stop::Length),
            ("max_tokens", Stop::Length),
            ("model_length", Stop::Length),
            ("content_filter", Stop::ContentFilter),
            ("tool_calls", Stop::ToolCall),
            ("function_call", Stop::ToolCall),
            ("refusal", Stop::Refusal),
            ("STOP", Stop::End),
            ("MAX_TOKENS", Stop::Length),
            ("model_context_window_exceeded", Stop::Length),
            ("RECITATION", Stop::ContentFilter),
            ("guardrail_intervened", Stop::ContentFilter),
        ];
        for (word, stop) in table {
            assert_eq!(said(json!({"delta": {}, "finish_reason": word})).stop, Some(stop), "{word}");
        }
        assert_eq!(said(json!({"delta": {}, "finish_reason": ""})).stop, None);
        for word in ["error", "abort", "insufficient_system_resource"] {
            assert_eq!(said(json!({"delta": {}, "finish_reason": word})).broken_by.as_deref(), Some(word));
        }
        let unknown = said(json!({"delta": {}, "finish_reason": "tired"}));
        assert_eq!((unknown.stop, unknown.unknown_end.as_deref()), (Some(Stop::End), Some("tired")));
    }

    #[test]
    fn errors_are_found_where_servers_put_them() {
        let table = [
            (json!({"error": {"message": "overloaded"}}), Some("overloaded")),
            (json!({"error": "overloaded"}), Some("overloaded")),
            (json!({"object": "error", "message": "overloaded", "code": 500}), Some("overloaded")),
            (json!({"choices": null, "msg": "overloaded"}), Some("overloaded")),
            (json!({"detail": "overloaded"}), Some("overloaded")),
            (json!({"message": {"role": "assistant", "content": "7"}, "done": true}), None),
            (json!({"choices": [], "error": null}), None),
            (json!({"choices": [{"delta": {"content": "a"}}], "message": "b"}), None),
        ];
        for (object, words) in table {
            let completion: Completion = serde_json::from_value(object.clone()).expect("a form");
            assert_eq!(completion.reported().as_deref(), words, "{object}");
        }
    }
}
