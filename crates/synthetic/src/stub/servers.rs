//! Stand-ins for ten servers of the protocol, each with what it refuses and with the form of its replies.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{Seen, Step, chunked, gzip, whole, whole_with};

/// The key that the servers with a key take.
pub const KEY: &str = "sesame";

/// A stand-in for a server of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// A server of a provider, with a model that reasons and takes few parameters.
    OpenAi,
    /// A server with deployments in the path, a version in the query, and a header of its own for the key.
    Azure,
    /// A server that takes thoughts apart itself.
    Vllm,
    /// A server that leaves thoughts in the text and fails on schemas.
    LlamaCpp,
    /// A server with many models, none of which is the wanted one by default.
    Ollama,
    /// A server with one model, which answers success even to a wrong path.
    LmStudio,
    /// A server that refuses every parameter that it does not know, and whose content is a list of parts.
    Mistral,
    /// A server that asks to wait.
    Groq,
    /// A gateway, which repeats the words of others, compresses, and knows no system message.
    Gateway,
    /// A server that fails in another way at each request.
    Broken,
}

impl Server {
    /// All servers.
    pub const ALL: [Self; 10] = [
        Self::OpenAi,
        Self::Azure,
        Self::Vllm,
        Self::LlamaCpp,
        Self::Ollama,
        Self::LmStudio,
        Self::Mistral,
        Self::Groq,
        Self::Gateway,
        Self::Broken,
    ];

    /// Returns the name of the server, for tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "OpenAI",
            Self::Azure => "Azure",
            Self::Vllm => "vLLM",
            Self::LlamaCpp => "llama.cpp",
            Self::Ollama => "Ollama",
            Self::LmStudio => "LM Studio",
            Self::Mistral => "Mistral",
            Self::Groq => "Groq",
            Self::Gateway => "gateway",
            Self::Broken => "broken",
        }
    }

    /// Returns the names of the models that the server lists.
    #[must_use]
    pub fn models(self) -> &'static [&'static str] {
        match self {
            Self::Ollama => &["small", "llama3.2", "qwen3"],
            Self::OpenAi | Self::Mistral | Self::Groq | Self::Gateway => &["small", "large"],
            Self::Azure | Self::Vllm | Self::LlamaCpp | Self::LmStudio | Self::Broken => &["small"],
        }
    }

    /// Returns true if the server demands a key.
    #[must_use]
    pub fn wants_a_key(self) -> bool {
        matches!(self, Self::OpenAi | Self::Azure | Self::Mistral | Self::Groq | Self::Gateway)
    }

    /// Returns the address to pass as the model, where `origin` is the scheme, host and port of the stub.
    #[must_use]
    pub fn address(self, origin: &str) -> String {
        match self {
            Self::Azure => format!("{origin}/openai/deployments/small?api-version=2024-10-21"),
            _ => format!("{origin}/v1"),
        }
    }

    /// Returns the reply to `seen`, for a model that says what [`words`] returns. `count` counts the requests.
    #[must_use]
    pub fn reply(self, seen: &Seen, count: &AtomicUsize) -> Vec<Step> {
        let number = count.fetch_add(1, Ordering::SeqCst);
        if let Some(refusal) = self.misplaced(seen).or_else(|| self.keyless(seen)) {
            return refusal;
        }
        if seen.path.split('?').next().is_some_and(|path| path.ends_with("/models")) {
            let list: Vec<Value> = self.models().iter().map(|name| json!({"id": name})).collect();
            return json_reply("200 OK", &json!({"object": "list", "data": list}));
        }
        if self == Self::Broken {
            return broken(seen);
        }
        if self == Self::Groq && number.is_multiple_of(2) {
            let body =
                json!({"error": {"message": "Rate limit reached for small. Please try again in 50ms."}});
            return whole_with("429 Too Many Requests", &["Retry-After: 0.05"], &body);
        }
        let body = seen.json();
        if let Some(refusal) = self.refusal(&body) {
            return refusal;
        }
        let words = words(&prompt(&body));
        let cut = words.is_cut(&body);
        self.say(&words, cut, body["stream"] == json!(true))
    }

    /// Returns the refusal of a request to another path than the server's. None if the path is right.
    fn misplaced(self, seen: &Seen) -> Option<Vec<Step>> {
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        let base = if self == Self::Azure { "/openai/deployments/small" } else { "/v1" };
        let is_known =
            [format!("{base}/chat/completions"), format!("{base}/models")].iter().any(|known| known == path);
        if is_known && (self != Self::Azure || query.starts_with("api-version=")) {
            return None;
        }
        Some(match self {
            Self::LmStudio => {
                let words =
                    format!("Unexpected endpoint or method. ({} {path}). Returning 200 anyway", seen.method);
                json_reply("200 OK", &json!({"error": words}))
            }
            Self::Gateway => whole("200 OK", "text/html", b"<!doctype html><title>Console</title>"),
            Self::Ollama => whole("404 Not Found", "text/plain", b"404 page not found"),
            Self::Vllm => json_reply("404 Not Found", &json!({"detail": "Not Found"})),
            _ => json_reply("404 Not Found", &json!({"error": {"message": "Resource not found"}})),
        })
    }

    /// Returns the refusal of a request without the right key. None if the key is right or not wanted.
    fn keyless(self, seen: &Seen) -> Option<Vec<Step>> {
        let bearer = format!("Bearer {KEY}");
        let header = |name: &str, value: &str| seen.headers.get(name).is_some_and(|found| found == value);
        let is_right = match self {
            Self::Azure => header("api-key", KEY),
            _ => header("authorization", &bearer),
        };
        if is_right || !self.wants_a_key() {
            return None;
        }
        let words = match self {
            Self::Azure => "Access denied due to invalid subscription key or wrong API endpoint.",
            _ => "Incorrect API key provided.",
        };
        Some(json_reply("401 Unauthorized", &json!({"error": {"message": words, "code": "invalid_api_key"}})))
    }

    /// Returns the refusal of a parameter or of the model. None if everything is taken.
    fn refusal(self, body: &Value) -> Option<Vec<Step>> {
        let has = |key: &str| body.get(key).is_some();
        let bad = |error: Value| Some(json_reply("400 Bad Request", &error));
        let model = body["model"].as_str().unwrap_or_default();
        if !self.models().contains(&model) {
            return Some(match self {
                Self::Vllm => json_reply(
                    "404 Not Found",
                    &json!({"object": "error", "message": format!("The model `{model}` does not exist."), "code": 404}),
                ),
                Self::Mistral | Self::Gateway => json_reply(
                    "400 Bad Request",
                    &json!({"error": {"message": format!("Invalid model: {model} is not a valid model ID")}}),
                ),
                _ => json_reply(
                    "404 Not Found",
                    &json!({"error": {"message": format!("model '{model}' not found"), "code": "model_not_found"}}),
                ),
            });
        }
        match self {
            Self::OpenAi if has("max_tokens") => bad(json!({"error": {
                "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                "param": "max_tokens", "code": "unsupported_parameter"}})),
            Self::OpenAi if has("temperature") => bad(json!({"error": {
                "message": "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
                "param": "temperature", "code": "unsupported_value"}})),
            Self::OpenAi if has("chat_template_kwargs") => bad(json!({"error": {
                "message": "Unrecognized request argument supplied: chat_template_kwargs"}})),
            Self::Azure if has("stream_options") => bad(json!({"error": {
                "message": "Unrecognized request argument supplied: stream_options"}})),
            Self::Ollama if model == "llama3.2" && body["reasoning_effort"] == json!("high") => {
                bad(json!({"error": {"message": "\"llama3.2\" does not support thinking"}}))
            }
            Self::LlamaCpp if has("response_format") => Some(json_reply(
                "500 Internal Server Error",
                &json!({"error": {"message": "failed to parse grammar", "code": 500}}),
            )),
            Self::LmStudio if has("response_format") => {
                bad(json!({"error": "'response_format.json_schema' is not supported by this model"}))
            }
            Self::Mistral => {
                let extra =
                    ["seed", "stream_options", "chat_template_kwargs"].into_iter().find(|key| has(key))?;
                let fault = json!({
                    "type": "extra_forbidden", "loc": ["body", extra], "msg": "Extra inputs are not permitted",
                    "input": body[extra]
                });
                Some(json_reply("422 Unprocessable Entity", &json!({"detail": [fault]})))
            }
            Self::Gateway if body["messages"][0]["role"] == json!("system") => bad(json!({"error": {
                "message": "Provider returned error", "code": 400, "metadata": {
                    "raw": "{\"error\":{\"message\":\"Developer instruction is not enabled for models/small\"}}"}}})),
            _ => None,
        }
    }

    /// Returns the reply of the server for `words`, cut if `cut` says so.
    fn say(self, words: &Words, cut: bool, streamed: bool) -> Vec<Step> {
        let text = if cut { words.text.get(..3).unwrap_or_default() } else { words.text };
        let end = match (cut, self) {
            (true, Self::Mistral) => "model_length",
            (true, _) => "length",
            (false, _) => "stop",
        };
        let thought = "Let me see. It could be {\"colour\":\"red\"} or Answer: 6.";
        let message = match self {
            Self::Vllm => json!({"reasoning_content": thought, "content": text}),
            Self::Ollama | Self::Groq => json!({"reasoning": thought, "content": text}),
            Self::LlamaCpp => json!({"content": format!("<think>\n{thought}\n</think>\n\n{text}")}),
            Self::Mistral => json!({"content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": thought}]}, {"type": "text", "text": text}]}),
            _ => json!({"content": text, "refusal": null, "tool_calls": []}),
        };
        if !streamed {
            let choice = json!({"index": 0, "message": message, "finish_reason": end});
            return json_reply("200 OK", &json!({"choices": [choice], "usage": usage()}));
        }
        let events = self.events(&message, end);
        match self {
            Self::Gateway => {
                whole_with_bytes("200 OK", &["Content-Encoding: gzip"], &gzip(events.as_bytes()))
            }
            _ => chunked("text/event-stream", events.as_bytes(), 11),
        }
    }

    /// Returns the events of a streamed reply.
    fn events(self, message: &Value, end: &str) -> String {
        let event = |choices: Value| {
            format!("data: {}\n\n", json!({"object": "chat.completion.chunk", "choices": choices}))
        };
        let part =
            |delta: Value, end: Value| event(json!([{"index": 0, "delta": delta, "finish_reason": end}]));
        let mut text = match self {
            Self::Azure => event(json!([])),
            Self::Gateway => ": PROCESSING\n\n".to_owned(),
            _ => String::new(),
        };
        text += &part(json!({"role": "assistant", "content": ""}), Value::Null);
        for key in ["reasoning_content", "reasoning"] {
            if let Some(thought) = message.get(key) {
                text += &part(json!({key: thought}), Value::Null);
            }
        }
        match &message["content"] {
            Value::String(content) => {
                for piece in content.split_inclusive(' ') {
                    text += &part(json!({"content": piece}), Value::Null);
                }
            }
            content => text += &part(json!({"content": content}), Value::Null),
        }
        text += &part(json!({}), json!(end));
        text += &format!("data: {}\n\n", json!({"choices": [], "usage": usage()}));
        if self == Self::LlamaCpp {
            // An empty last event.
            text += "data: {}\n\n";
        }
        text + "data: [DONE]\n\n"
    }
}

/// The words of the model of every server.
struct Words {
    text: &'static str,
}

impl Words {
    /// Returns true if the words do not fit the limit of the request.
    fn is_cut(&self, body: &Value) -> bool {
        let limit = body.get("max_tokens").or_else(|| body.get("max_completion_tokens"));
        limit.and_then(Value::as_u64).is_some_and(|limit| limit < 4)
    }
}

fn words(prompt: &str) -> Words {
    let text = if prompt.contains("JSON Schema") {
        "{\"colour\":\"blue\"}"
    } else if prompt.contains("gcd") {
        "84 and 36 have it in common.\nAnswer: 12"
    } else {
        "Hello there."
    };
    Words { text }
}

/// Returns all texts of the messages of a request.
fn prompt(body: &Value) -> String {
    let messages = body["messages"].as_array().into_iter().flatten();
    messages.filter_map(|message| message["content"].as_str()).collect::<Vec<_>>().join("\n")
}

fn usage() -> Value {
    json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14})
}

fn json_reply(status: &str, body: &Value) -> Vec<Step> {
    whole(status, "application/json", body.to_string().as_bytes())
}

fn whole_with_bytes(status: &str, headers: &[&str], body: &[u8]) -> Vec<Step> {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    vec![Step::Send(head.into_bytes()), Step::Send(body.to_vec())]
}

/// Returns a faulty reply, which the last word of the prompt chooses.
fn broken(seen: &Seen) -> Vec<Step> {
    const SSE: &str = "text/event-stream";
    let prompt = prompt(&seen.json());
    let begun = "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n";
    let fault = |name: &str| prompt.contains(&format!("fault:{name}"));
    if fault("null") {
        return json_reply("200 OK", &json!({"choices": null, "error": {"message": "upstream went away"}}));
    }
    if fault("nothing") {
        return json_reply("200 OK", &json!({"choices": null}));
    }
    if fault("event") {
        let events = format!("{begun}event: error\ndata: {{\"message\":\"out of memory\",\"code\":500}}\n\n");
        return chunked(SSE, events.as_bytes(), 11);
    }
    if fault("cut") {
        return chunked(SSE, begun.as_bytes(), 11);
    }
    if fault("html") {
        return whole("502 Bad Gateway", "text/html", b"<h1>Bad Gateway</h1>");
    }
    if fault("json") {
        return whole("200 OK", "application/json", b"{\"choices\": [{\"mess");
    }
    if fault("empty") {
        return json_reply(
            "200 OK",
            &json!({"choices": [{"message": {"content": ""}, "finish_reason": "stop"}]}),
        );
    }
    if fault("redirect") {
        return whole_with("302 Found", &["Location: http://example.com/"], &json!({}));
    }
    if fault("busy") {
        return whole_with(
            "503 Service Unavailable",
            &["Retry-After: 86400"],
            &json!({"error": "loading the model"}),
        );
    }
    if fault("finish") {
        let choice = json!({"delta": {"content": ""}, "finish_reason": "error"});
        return chunked(SSE, format!("{begun}data: {}\n\n", json!({"choices": [choice]})).as_bytes(), 11);
    }
    json_reply("500 Internal Server Error", &json!({"error": {"message": "the disk is full"}}))
}
