//! The reply of a server that refuses a request, and the words in which it does.

use serde_json::Value;

use crate::completion::message_of;
use crate::excerpt;

/// The words with which servers call a parameter unknown.
const UNKNOWN: [&str; 13] = [
    "unsupported",
    "not supported",
    "does not support",
    "unrecognized",
    "unrecognised",
    "unknown",
    "unexpected",
    "not permitted",
    "not allowed",
    "extra",
    "deprecated",
    "instead",
    "invalid parameter",
];

/// The words with which servers say that a model does not exist.
const NO_MODEL: [&str; 10] = [
    "not found",
    "not_found",
    "not exist",
    "no such",
    "unknown model",
    "invalid model",
    "not available",
    "not loaded",
    "no model",
    "not a valid model",
];

/// A refusal: a status other than success, and the words of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The server's words as one line, for messages.
    pub(crate) said: String,
    /// Everything in which a parameter can be named, in lower case.
    words: String,
}

impl Refusal {
    /// Reads the body of a refusal. The body may be of any form.
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            let said = excerpt::from_bytes(body);
            return Self { status, words: said.to_ascii_lowercase(), said };
        };
        // Some gateways put the object into a list.
        let json = json.get(0).cloned().unwrap_or(json);
        let stated = ["error", "detail", "message", "msg"].iter().find_map(|key| json.get(*key));
        let Some(stated) = stated.filter(|stated| !stated.is_null()) else {
            let said = excerpt::from_bytes(body);
            return Self { status, words: said.to_ascii_lowercase(), said };
        };
        let (said, mut words) = match stated {
            Value::Array(faults) => listed(faults),
            stated => (message_of(stated), message_of(stated)),
        };
        // A gateway repeats the words of the server behind it.
        let raw = stated.pointer("/metadata/raw").map(message_of);
        let said = raw.as_ref().map_or_else(|| said.clone(), |raw| format!("{said}: {raw}"));
        // The parameter at fault comes first, because the message can name others beside it.
        if let Some(name) =
            [stated.get("param"), json.get("param")].into_iter().flatten().find_map(Value::as_str)
        {
            words = format!("{name} {words}");
        }
        for more in stated.get("code").and_then(Value::as_str).map(str::to_owned).into_iter().chain(raw) {
            words.push(' ');
            words.push_str(&more);
        }
        Self { status, said: excerpt::from_message(&said), words: words.to_ascii_lowercase() }
    }

    /// Returns true if another request could be taken instead.
    pub(crate) fn is_about_the_request(&self) -> bool {
        matches!(self.status, 400 | 404 | 405 | 415 | 422 | 500 | 501)
    }

    /// Returns true if the words say that something is to be paid, against which no waiting helps.
    pub(crate) fn is_about_payment(&self) -> bool {
        ["insufficient_quota", "insufficient quota", "out of quota", "billing", "credit", "payment"]
            .iter()
            .any(|words| self.words.contains(words))
    }

    /// Returns true for a status that says nothing about the request.
    pub(crate) fn is_a_fault_of_the_server(&self) -> bool {
        self.status == 500
    }

    /// Returns true if the words name `name`, which must stand by itself.
    fn names(&self, name: &str) -> bool {
        self.place_of(name).is_some()
    }

    /// Returns the first place at which the words name `name`, which must stand by itself. None if they do not.
    pub(crate) fn place_of(&self, name: &str) -> Option<usize> {
        let is_inner =
            |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric() || char == '_');
        let mut places = self.words.match_indices(name).map(|(at, _)| at);
        places.find(|at| {
            let (before, after) = (&self.words[..*at], &self.words[*at + name.len()..]);
            !is_inner(before.chars().next_back()) && !is_inner(after.chars().next())
        })
    }

    /// Returns true if the words call something unknown or not supported.
    pub(crate) fn calls_unknown(&self) -> bool {
        UNKNOWN.iter().any(|word| self.words.contains(word))
    }

    /// Returns true if the words are about the form of an answer.
    pub(crate) fn is_about_schemas(&self) -> bool {
        self.words.contains("structured output") || self.names("grammar") || self.names("schema")
    }

    /// Returns true if the words are about a message that is not the user's.
    pub(crate) fn is_about_system_messages(&self) -> bool {
        let is_named = self.names("system") || self.names("developer");
        let is_message =
            ["role", "message", "instruction", "prompt"].iter().any(|word| self.words.contains(word));
        let others = ["roles must alternate", "only user and assistant roles"];
        (is_named && is_message) || others.iter().any(|words| self.words.contains(words))
    }

    /// Returns true if the words may be about the key: there are few or none, or they name a key or the right to something.
    pub(crate) fn may_be_about_the_key(&self) -> bool {
        let names =
            ["key", "auth", "token", "credential", "permission", "forbidden", "denied", "access", "login"];
        self.words.split_whitespace().count() < 3
            || self.words.trim_start().starts_with('<')
            || names.iter().any(|name| self.words.contains(name))
    }

    /// Returns true if the words may mean that the endpoint has no model of the wanted name.
    pub(crate) fn is_about_the_model(&self) -> bool {
        let says_so = NO_MODEL.iter().any(|words| self.words.contains(words));
        matches!(self.status, 400 | 404 | 422) && self.words.contains("model") && says_so
    }

    /// Returns true if the server wants its key in another header than usual.
    pub(crate) fn wants_other_header(&self) -> bool {
        let headers = ["api-key", "subscription key", "subscription-key", "api_key header"];
        matches!(self.status, 401 | 403) && headers.iter().any(|words| self.words.contains(words))
    }
}

/// Returns the faults of a list in words, twice: for people, and for the search for names. Each fault has the place of a
/// parameter and a message; the value of the parameter is left out, because it can be the whole request.
fn listed(faults: &[Value]) -> (String, String) {
    let fault = |fault: &Value| {
        let place = fault.get("loc").and_then(Value::as_array);
        let place: Vec<&str> = place.into_iter().flatten().filter_map(Value::as_str).collect();
        let place = place.iter().filter(|part| **part != "body").copied().collect::<Vec<_>>().join(".");
        let words =
            fault.get("msg").or_else(|| fault.get("message")).map_or_else(|| fault.to_string(), message_of);
        if place.is_empty() { words } else { format!("{place}: {words}") }
    };
    let words = faults.iter().map(fault).collect::<Vec<_>>().join("; ");
    (words.clone(), words)
}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn the_words_of_every_server_are_found() {
        let cases: [(&str, &str); 9] = [
            (r#"{"error":{"message":"no such\nmodel"}}"#, "no such model"),
            (r#"{"error":"plain"}"#, "plain"),
            (r#"{"detail":"not found"}"#, "not found"),
            (r#"[{"error":{"message":"in a list"}}]"#, "in a list"),
            (
                r#"{"detail":[{"loc":["body","seed"],"msg":"Extra inputs are not permitted","input":{"temperature":0}}]}"#,
                "seed: Extra inputs are not permitted",
            ),
            (
                r#"{"error":{"message":"Provider returned error","metadata":{"raw":"no seed here"}}}"#,
                "Provider returned error: no seed here",
            ),
            (r#"{"object":"error","message":"bad"}"#, "bad"),
            (r#"{"code":3}"#, r#"{"code":3}"#),
            ("<h1>Bad Gateway</h1>", "<h1>Bad Gateway</h1>"),
        ];
        for (body, said) in cases {
            assert_eq!(Refusal::read(400, body.as_bytes()).said, said, "{body}");
        }
    }

    #[test]
    fn a_name_stands_by_itself() {
        let refusal = |words: &str| Refusal::read(400, words.as_bytes());
        assert!(refusal("Unsupported parameter: 'seed'.").names("seed"));
        assert!(!refusal("stream_options is new; seeds are not; upstream").names("stream"));
        assert!(!refusal("seeds").names("seed"));
        let echoed = r#"{"detail":[{"loc":["body","seed"],"msg":"bad","input":{"temperature":0}}]}"#;
        assert!(!refusal(echoed).names("temperature") && refusal(echoed).names("seed"));
    }
}
