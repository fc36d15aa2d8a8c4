//! Messages before a prompt reach the model, are recorded, and are set again by a replay.

mod common;

use common::checkpoint;
use common::home::Home;
use serde_json::{Value, json};
use synthetic::stub::{Stub, says};

const QUESTION: &str = "What is the gcd of 84 and 36?";
const TALK: &str = r#"[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello."},
    {"role": "assistant", "content": "Hello!"}]"#;

#[test]
fn an_endpoint_is_sent_the_messages_in_order() {
    let home = Home::new("messages-endpoint");
    let talk = home.write("work/talk.json", TALK).display().to_string();
    let asked = TALK.trim_end().trim_end_matches(']').to_owned()
        + &format!(r#", {{"role": "user", "content": "{QUESTION}"}}]"#);
    let asked = home.write("work/asked.json", format!("{{\"messages\": {asked}}}")).display().to_string();
    let stub = Stub::start(|_| says("Answer: 12"));
    let base = stub.base();
    let model = ["--model", &base, "--model-name", "m", "--json"];
    let ask = |words: &[&str]| home.run([&["ask"], words, &model[..]].concat()).json();
    for words in [&[QUESTION, "--messages", &talk][..], &["--messages", &asked][..]] {
        let object = ask(words);
        assert_eq!((&object["answer"], &object["level"]), (&json!("12"), &json!("oracle")), "{object}");
        assert_eq!(
            object["reading"],
            ask(&[QUESTION])["reading"],
            "the reading is that of the question alone"
        );
    }
    ask(&[QUESTION, "--system", "Be kind."]);
    let seen = stub.seen();
    let sent = |at: usize| {
        let messages = seen[at].json()["messages"].clone();
        let said = |message: &Value| {
            let content = message["content"].as_str().expect("a text").to_owned();
            (message["role"].as_str().expect("a role").to_owned(), content)
        };
        messages.as_array().expect("messages").iter().map(said).collect::<Vec<_>>()
    };
    for at in [0, 2] {
        let messages = sent(at);
        assert!(messages[0].0 == "system" && messages[0].1.starts_with("Be brief.\n\n"), "{messages:?}");
        let turns = [("user", "Hello."), ("assistant", "Hello!"), ("user", QUESTION)];
        let turns = turns.map(|(role, content)| (role.to_owned(), content.to_owned()));
        assert_eq!(messages[1..], turns);
    }
    let plain = sent(1);
    assert_eq!(plain.len(), 2, "without the flag nothing stands before the prompt: {plain:?}");
    assert!(sent(4)[0].1.starts_with("Be kind.\n\n") && sent(4).len() == 2, "{:?}", sent(4));
    // The ledger keeps them beside the prompt.
    let shown = home.run(["ledger", "show", "--json"]).json();
    let entries = shown["entries"].as_array().expect("entries").clone();
    let blobs = entries.iter().filter_map(|entry| entry["body"]["record"]["blobs"]["conversation"].as_str());
    assert_eq!(blobs.count(), 3);
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
}

/// A template with turns of all speakers.
const TURNS: &str = "{% for message in messages %}{% if message.role == 'system' %}<|facts|>{{ message.content }}<|/facts|>\
    {% elif message.role == 'user' %}<|user|>{{ message.content }}\
    {% else %}<|assistant|>{{ message.content }}<|end|>{% endif %}{% endfor %}<|assistant|>";

#[test]
fn a_local_model_reads_the_messages_and_a_replay_sets_them_again() {
    let home = Home::new("messages-local");
    let folder = checkpoint::write(&home, "work/talks", |name, bytes| match name {
        "model.safetensors" => checkpoint::randomised(bytes),
        _ => bytes,
    });
    home.write("work/talks/chat_template.jinja", TURNS);
    home.write("work/talks/tokenizer_config.json", "{\"eos_token\": \"<|end|>\"}");
    let talk = home.write("work/talk.json", TALK).display().to_string();
    let other = home.write("work/other.json", TALK.replace("Hello!", "Hello?")).display().to_string();
    let ask = |flags: &[&str]| {
        let words = ["ask", "Good morning!", "--model", &folder, "--max-new", "8", "--json"];
        home.run([&words[..], flags].concat()).json()
    };
    let [bare, first, again, altered] =
        [&[][..], &["--messages", &talk], &["--messages", &talk], &["--messages", &other]].map(ask);
    let tokens = |object: &Value| object["usage"]["prompt_tokens"].as_u64().expect("a count");
    assert!(tokens(&first) > tokens(&bare), "{first}");
    assert_eq!((tokens(&first), &first["answer"]), (tokens(&again), &again["answer"]));
    assert_eq!(tokens(&first), tokens(&altered));
    let shown = home.run(["ledger", "show", "--json"]).json();
    let entries = shown["entries"].as_array().expect("entries").clone();
    let records = entries.iter().filter_map(|entry| entry["body"].get("record"));
    let logits: Vec<Value> = records.filter_map(|record| Some(record.get("logits")?[0].clone())).collect();
    assert_eq!(logits.len(), 4);
    assert_eq!(logits[1], logits[2]);
    assert_ne!(logits[1], logits[3], "one character of an earlier message changes the logits");
    assert_ne!(logits[0], logits[1]);
    let replayed = home.run(["ledger", "replay", "--json", "--model", &folder]);
    assert_eq!((replayed.code, &replayed.json()["difference"]), (0, &Value::Null), "{replayed:?}");
    assert_eq!(replayed.json()["generations"], 4, "{replayed:?}");
    // Where they were forgotten, a replay shows nothing of that generation.
    let shown = home.run(["ledger", "show", "--json"]).json();
    let entries = shown["entries"].as_array().expect("entries").clone();
    let blob =
        entries.iter().rev().find_map(|entry| entry["body"]["record"]["blobs"]["conversation"].as_str());
    assert_eq!(home.run(["ledger", "forget", blob.expect("a digest"), "--reason", "a test"]).code, 0);
    let replayed = home.run(["ledger", "replay", "--json", "--model", &folder]).json();
    assert_eq!(replayed["generations"], 3, "{replayed}");
    assert!(replayed.to_string().contains("the messages before its prompt were forgotten"), "{replayed}");
}

#[test]
fn messages_that_cannot_be_used_are_refused_with_a_way_out() {
    let home = Home::new("messages-refused");
    let ask = |content: &str, words: &[&str]| {
        let file = home.write("work/messages.json", content).display().to_string();
        let base = "http://127.0.0.1:9/v1";
        home.run([&["ask", "--messages", &file, "--model", base, "--model-name", "m"], words].concat())
    };
    let user = r#"[{"role": "user", "content": "Hi."}]"#;
    ask(user, &["Hello?"]).is_refused(&["messages.json", "a prompt was passed too"]);
    ask(TALK, &[]).is_refused(&["messages.json", "pass the question as the prompt"]);
    ask(TALK, &["Hi", "--system", "Be kind."]).is_refused(&["a system message", "--system"]);
    ask("[]", &[]).is_refused(&["pass the question as the prompt"]);
    ask("{", &[]).is_refused(&["not JSON"]);
    ask("[3]", &["Hi"]).is_refused(&["message 1 is not a role and a text"]);
    ask(r#"[{"role": "user", "content": " "}, {"role": "user", "content": "a"}]"#, &[])
        .is_refused(&["message 1 is blank"]);
    let late = r#"[{"role": "assistant", "content": "a"}, {"role": "system", "content": "a"}]"#;
    ask(late, &["Hi"]).is_refused(&["message 2 is a system message"]);
    home.run(["ask", "Hi", "--messages", "work/none.json"]).is_refused(&["none.json", "check the path"]);
    home.run(["ask", "Hi", "--system", " "]).is_refused(&["--system", "blank"]);
    // The shipped model was trained on prompts alone.
    home.run(["ask", "Hi", "--system", "Be kind."]).is_refused(&["embedded", "no system message", "--model"]);
}
