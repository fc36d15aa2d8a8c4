//! The thoughts of a model are recorded and shown on demand, and are never judged and never the answer.

mod common;

use common::checkpoint;
use common::home::{Ended, Home};
use serde_json::{Value, json};
use synthetic::stub::{Step, Stub, chunked, says, stream, whole};

const SCHEMA: &str =
    r#"{"type": "object", "required": ["colour"], "properties": {"colour": {"type": "string"}}}"#;
const RED: &str = "{\"colour\":\"red\"}";
const BLUE: &str = "{\"colour\":\"blue\"}";
const QUESTION: &str = "What is the gcd of 84 and 36?";

/// Returns the reply of a server in one piece, with `message` as the model's message.
fn message(message: &Value, finish: &str) -> Vec<Step> {
    let choice = json!({"index": 0, "message": message, "finish_reason": finish});
    whole("200 OK", "application/json", json!({"choices": [choice]}).to_string().as_bytes())
}

/// Returns a streamed reply with one event for each of `deltas`.
fn deltas(deltas: &[Value], finish: &str) -> Vec<Step> {
    let mut text = String::new();
    let event = |delta: &Value, finish: Value| {
        format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}))
    };
    for delta in deltas {
        text += &event(delta, Value::Null);
    }
    text += &event(&json!({}), json!(finish));
    text += "data: [DONE]\n\n";
    chunked("text/event-stream", text.as_bytes(), 17)
}

/// Asks a stub for a colour under a schema.
fn colour(name: &str, reply: impl Fn() -> Vec<Step> + Send + 'static, flags: &[&str]) -> Ended {
    let home = Home::new(name);
    let schema = home.write("work/colour.json", SCHEMA).display().to_string();
    let stub = Stub::start(move |_| reply());
    let base = stub.base();
    let words = ["ask", "Which colour?", "--schema", &schema, "--model", &base, "--model-name", "m"];
    let ended = home.run([&words[..], flags].concat());
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    ended
}

#[test]
fn a_document_in_thoughts_is_not_committed() {
    let thought = format!("Is it {RED}? no");
    let replies = [
        format!("<think>{thought}</think>{BLUE}"),
        format!("<think>\n{thought}\n</think>\n\n```json\n{BLUE}\n```"),
        format!("{thought}</think>{BLUE}"),
        format!("[THINK]{thought}[/THINK]{BLUE}"),
        format!("<|START_THINKING|>{thought}<|END_THINKING|><|START_RESPONSE|>{BLUE}<|END_RESPONSE|>"),
        format!("<|channel>thought\n{thought}<channel|>{BLUE}"),
        format!(
            "<|channel|>analysis<|message|>{thought}<|end|><|start|>assistant<|channel|>final<|message|>{BLUE}"
        ),
        format!("analysis{thought}assistantfinal{BLUE}"),
    ];
    for reply in replies {
        let text = reply.clone();
        let object = colour("thought-document", move || says(&text), &["--json", "--show-thinking"]).json();
        assert_eq!(
            (&object["answer"], &object["committed"]),
            (&json!(BLUE), &json!(true)),
            "{reply}: {object}"
        );
        assert_eq!(object["thinking"], json!([{"task": "draft", "thoughts": thought}]), "{reply}");
        assert_eq!(object["finish"], "end");
    }
    // In the middle of the thoughts, nothing is stated, whatever the thoughts contain.
    for reply in [format!("<think>It is {RED}"), format!("<|channel|>analysis<|message|>It is {RED}")] {
        let cut = move || chunked("text/event-stream", &stream(&[&reply], "length"), 4096);
        let ended = colour("thought-cut", cut, &[]);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{ended:?}");
        assert!(ended.err.contains("still thought when its"), "{ended:?}");
        assert!(ended.err.contains("what would help: ask for a shorter answer"), "{ended:?}");
        assert!(!ended.err.contains("red"), "{ended:?}");
    }
}

#[test]
fn thoughts_that_an_endpoint_sends_apart_are_kept_apart() {
    let home = Home::new("thought-fields");
    for key in ["reasoning_content", "reasoning", "thinking"] {
        let thoughts = json!({"role": "assistant", key: "It is Answer: 6"});
        let streamed = [thoughts.clone(), json!({"content": "Answer: "}), json!({"content": "12"})];
        let mut at_once = thoughts;
        at_once["content"] = json!("Answer: 12");
        let stub = Stub::start(move |seen| match seen.json()["messages"][1]["content"].as_str() {
            Some(QUESTION) => deltas(&streamed, "stop"),
            _ => message(&at_once, "stop"),
        });
        let base = stub.base();
        for prompt in [QUESTION, "What is the gcd of 36 and 84?"] {
            let words = ["ask", prompt, "--model", &base, "--model-name", "m", "--json", "--show-thinking"];
            let object = home.run(words).json();
            assert_eq!(
                (&object["answer"], &object["level"]),
                (&json!("12"), &json!("oracle")),
                "{key}: {object}"
            );
            assert_eq!(object["thinking"][0]["thoughts"], "It is Answer: 6", "{key}");
        }
        let words = ["ask", QUESTION, "--model", &base, "--model-name", "m"];
        let shown = home.run([&words[..], &["--show-thinking"]].concat());
        assert!(shown.err.contains("thoughts of base: It is Answer: 6"), "{shown:?}");
        assert!(!home.run(words).err.contains("Answer: 6"));
    }
    // The ledger has the thoughts as a blob of their own.
    let shown = home.run(["ledger", "show", "--json"]).json();
    let entries = shown["entries"].as_array().expect("entries").clone();
    let blobs = entries.iter().filter_map(|entry| entry["body"]["record"]["blobs"]["thoughts"].as_str());
    assert_eq!(blobs.count(), 12);
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
}

#[test]
fn an_answer_that_is_cut_says_so() {
    let home = Home::new("thought-stops");
    let say = |text: &'static str, finish: &'static str| move || message(&json!({"content": text}), finish);
    let ask = |prompt: &str, reply: Box<dyn Fn() -> Vec<Step> + Send>, flags: &[&str]| {
        let stub = Stub::start(move |_| reply());
        let base = stub.base();
        home.run([&["ask", prompt, "--model", &base, "--model-name", "m"], flags].concat())
    };
    let refusal = || message(&json!({"content": null, "refusal": "I cannot say 12."}), "stop");
    let call =
        || message(&json!({"content": null, "tool_calls": [{"function": {"name": "gcd"}}]}), "tool_calls");
    type Reply = fn() -> Vec<Step>;
    let cases: [(&str, Reply, &str, &str, &str); 3] = [
        ("refusal", refusal, "refusal", "the model refused to answer", "I cannot say 12."),
        ("call", call, "tool_call", "called a tool instead of answering", ""),
        (
            "filter",
            || message(&json!({"content": ""}), "content_filter"),
            "content_filter",
            "content filter",
            "",
        ),
    ];
    for (name, reply, finish, words, chat) in cases {
        let checked = ask(QUESTION, Box::new(reply), &[]);
        assert_eq!((checked.code, checked.out.as_str()), (1, ""), "{name}: {checked:?}");
        assert!(checked.err.contains(words) && checked.err.contains("what would help: "), "{checked:?}");
        let object = ask(QUESTION, Box::new(reply), &["--json"]).json();
        assert_eq!((&object["finish"], &object["answer"]), (&json!(finish), &Value::Null), "{object}");
        let talk = ask("Good morning!", Box::new(reply), &[]);
        assert_eq!((talk.code, talk.out.trim_end()), (i32::from(chat.is_empty()), chat), "{name}: {talk:?}");
        assert!(talk.err.contains(words), "{talk:?}");
    }
    let cut = ask("Good morning!", Box::new(say("Good mor", "length")), &[]);
    assert_eq!((cut.code, cut.out.as_str()), (0, "Good mor\n"), "{cut:?}");
    assert!(
        cut.err.contains("the answer was cut off after") && cut.err.contains("raise --max-new"),
        "{cut:?}"
    );
    let checked = ask(QUESTION, Box::new(say("Let me see. 84 = 2", "length")), &[]);
    assert_eq!((checked.code, checked.out.as_str()), (1, ""), "{checked:?}");
    assert!(checked.err.contains("cut off") && checked.err.contains("raise --max-new"), "{checked:?}");
    let thought = ask("Good morning!", Box::new(say("<think>Hm, I", "length")), &["--json"]);
    assert_eq!((thought.code, &thought.json()["answer"]), (1, &Value::Null), "{thought:?}");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    assert_eq!(home.run(["ledger", "trace"]).code, 0);
}

/// A reply that was cut off is judged only where a truth of our own decides. `1` may be the beginning of `12`, and a
/// second document may have followed the first.
#[test]
fn a_cut_reply_states_no_answer_under_a_schema() {
    let home = Home::new("thought-prefix");
    let schema =
        home.write("work/schema.json", "{\"type\": [\"integer\", \"object\"]}").display().to_string();
    let replies =
        ["12", BLUE, "```json\n{\"a\": 1}\n```\nNo, w", "{\"a\": 1", "<think>{\"a\": 1}</think>{\"a\""];
    let cuts = [
        ("length", "the answer was cut off after", "raise --max-new"),
        (
            "content_filter",
            "a content filter of the endpoint ended the answer",
            "word the question differently",
        ),
        ("tool_calls", "the model called a tool instead of answering", "ask for an answer in words"),
        ("refusal", "the model refused to answer", "word the question differently"),
    ];
    for (finish, words, remedy) in cuts {
        for reply in replies {
            let stub = Stub::start(move |_| message(&json!({"content": reply}), finish));
            let base = stub.base();
            let words_of = ["ask", "Which?", "--schema", &schema, "--model", &base, "--model-name", "m"];
            let ended = home.run(words_of);
            assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{finish} {reply}: {ended:?}");
            assert!(ended.err.contains(words) && ended.err.contains(remedy), "{finish} {reply}: {ended:?}");
            assert!(!ended.err.contains("blank"), "{ended:?}");
            // The repair does not show the model an answer that it never gave.
            let seen = stub.seen();
            assert!(seen[1].body.contains("no complete answer"), "{}", seen[1].body);
        }
        // The same reply to its end is an answer, unless it is no whole document.
        let stub = Stub::start(move |_| message(&json!({"content": "12"}), "stop"));
        let base = stub.base();
        let words_of = ["ask", "Which?", "--schema", &schema, "--model", &base, "--model-name", "m"];
        assert_eq!((home.run(words_of).code, home.run(words_of).out.as_str()), (0, "12\n"));
    }
    // The truth of a computed question is our own: a right value stays right, a beginning of it stays wrong.
    for (reply, code) in [("Both numbers are divisible by 12.\nAnswer: 12", 0), ("Answer: 1", 1)] {
        let stub = Stub::start(move |_| message(&json!({"content": reply}), "length"));
        let ended = home.run(["ask", QUESTION, "--model", &stub.base(), "--model-name", "m"]);
        assert_eq!(ended.code, code, "{reply}: {ended:?}");
        assert!(ended.err.contains("cut off after") && ended.err.contains("raise --max-new"), "{ended:?}");
    }
}

#[test]
fn thoughts_arrive_apart_in_every_split_and_beside_tags() {
    let home = Home::new("thought-splits");
    let text = "<think>It is Answer: 6</think>Answer: 12";
    for size in [1, 2, 3, 5, 7, 64] {
        let chars: Vec<char> = text.chars().collect();
        let pieces: Vec<String> = chars.chunks(size).map(|piece| piece.iter().collect()).collect();
        let mut parts: Vec<Value> = pieces.iter().map(|piece| json!({"content": piece})).collect();
        // Some servers send thoughts apart and leave tags in the content too.
        parts.insert(0, json!({"reasoning_content": "Perhaps Answer: 5"}));
        let stub = Stub::start(move |_| deltas(&parts, "stop"));
        let base = stub.base();
        let words = ["ask", QUESTION, "--model", &base, "--model-name", "m", "--json", "--show-thinking"];
        let object = home.run(words).json();
        assert_eq!((&object["answer"], &object["level"]), (&json!("12"), &json!("oracle")), "{object}");
        assert_eq!(object["thinking"][0]["thoughts"], "Perhaps Answer: 5\nIt is Answer: 6", "{size}");
    }
}

#[test]
fn documents_that_differ_state_none_and_the_repair_says_so() {
    let home = Home::new("thought-two");
    let schema = home.write("work/colour.json", SCHEMA).display().to_string();
    let both = format!("{RED} or {BLUE}");
    let stub = Stub::start(move |_| says(&both));
    let base = stub.base();
    let ended = home.run(["ask", "Which?", "--schema", &schema, "--model", &base, "--model-name", "m"]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{ended:?}");
    assert!(ended.err.contains("JSON documents that differ"), "{ended:?}");
    let seen = stub.seen();
    assert!(seen[1].body.contains("JSON documents that differ"), "{}", seen[1].body);
}

/// A template that ends the prompt inside the thoughts, unless it is told to leave them out.
const OPENS: &str = "{% for message in messages %}{% if message.role == 'system' %}<|facts|>{{ message.content }}<|/facts|>\
    {% else %}<|user|>{{ message.content }}{% endif %}{% endfor %}<|assistant|>\
    {% if enable_thinking is not defined or enable_thinking %}<think>{% endif %}";

#[test]
fn a_local_template_says_where_thoughts_begin() {
    let home = Home::new("thought-local");
    let folder = checkpoint::write(&home, "work/thinks", |_, bytes| bytes);
    home.write("work/thinks/chat_template.jinja", OPENS);
    home.write("work/thinks/tokenizer_config.json", "{\"eos_token\": \"<|end|>\"}");
    let ask = |prompt: &str, flags: &[&str]| {
        home.run([&["ask", prompt, "--model", &folder, "--json", "--show-thinking"], flags].concat())
    };
    // The model never closes the thoughts that its template opens, so it states nothing.
    let thinks = ask("Good morning!", &[]);
    let object = thinks.json();
    assert_eq!((thinks.code, &object["answer"]), (1, &Value::Null), "{object}");
    assert!(!object["thinking"][0]["thoughts"].as_str().expect("thoughts").is_empty(), "{object}");
    let reason = object["reason"].as_str().expect("a reason");
    assert!(reason.contains("only thought") || reason.contains("still thought"), "{reason}");
    let answers = ask("Good morning!", &["--thinking", "off"]);
    let embedded = Home::new("thought-embedded").run(["ask", "Good morning!", "--json"]).json();
    assert_eq!((answers.code, &answers.json()["answer"]), (0, &embedded["answer"]), "{answers:?}");
    let on = ask("Good morning!", &["--thinking", "on"]).json();
    assert_eq!(on["thinking"], object["thinking"]);
    // The record says which choice was made, and a replay makes it again.
    let shown = home.run(["ledger", "show", "--json"]).json();
    let entries = shown["entries"].as_array().expect("entries").clone();
    let made = entries.iter().filter_map(|entry| entry["body"]["record"]["thinking"].as_str());
    assert_eq!(made.collect::<Vec<_>>(), ["off", "on"]);
    let replayed = home.run(["ledger", "replay", "--json", "--model", &folder]);
    assert_eq!((replayed.code, &replayed.json()["difference"]), (0, &Value::Null), "{replayed:?}");
    assert_eq!(replayed.json()["generations"], 3, "{replayed:?}");
    let inspected = home.run(["model", "inspect", &folder, "--json"]).json();
    assert_eq!(
        inspected["thinking"],
        serde_json::json!({"switch": true, "tags": ["<think>"]}),
        "{inspected}"
    );
    home.run(["ask", "Hi", "--thinking", "off"]).is_refused(&["embedded", "no switch", "--thinking"]);
    home.run(["ask", "Hi", "--thinking", "maybe"]).is_refused(&["on, off and auto"]);
}

#[test]
fn a_checkpoint_has_the_tokens_of_its_context() {
    let home = Home::new("thought-context");
    let folder = checkpoint::write(&home, "work/random", |name, bytes| match name {
        "model.safetensors" => checkpoint::randomised(bytes),
        _ => bytes,
    });
    let tokens = |folder: &str, flags: &[&str]| {
        let words = [&["ask", "Good morning!", "--json", "--model", folder], flags].concat();
        let object = home.run(words).json();
        let used = object["usage"]["tokens"].as_u64().expect("a count");
        (
            used,
            object["finish"].as_str().expect("a word").to_owned(),
            object["usage"]["prompt_tokens"].as_u64(),
        )
    };
    let (used, finish, prompt) = tokens(&folder, &[]);
    // Random weights rarely end an answer: they run on to the end of the context.
    if finish == "length" {
        let context = serde_json::from_str::<Value>(embedded::CONFIG).expect("JSON");
        let context = context["max_position_embeddings"].as_u64().expect("a context");
        assert_eq!(used + prompt.expect("counted here"), context);
    }
    assert!(used > 64 || finish == "end", "{used} {finish}");
    assert_eq!(tokens(&folder, &["--max-new", "5"]).0, 5);
    home.run(["ask", "Hi", "--model", &folder, "--max-new", "1000000"])
        .is_refused(&["too long", "--max-new"]);
}
