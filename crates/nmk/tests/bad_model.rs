//! A model that cannot be used is refused before the ledger is touched.

mod common;

use common::checkpoint;
use common::home::Home;

fn ask<'a>(model: &'a str, prompt: &'a str) -> [&'a str; 4] {
    ["ask", prompt, "--model", model]
}

/// Writes the embedded model to a folder, changed by `alter`, and checks that it is refused with all of
/// `parts` in the message.
fn check(name: &str, alter: impl Fn(&str, Vec<u8>) -> Vec<u8>, parts: &[&str]) {
    let home = Home::new(&format!("model-{name}"));
    let model = checkpoint::write(&home, "model", alter);
    home.run(ask(&model, "Hi")).is_refused(&[&["the model is refused", &model], parts].concat());
    assert!(!home.ledger().exists(), "no ledger was made");
}

fn only(part: &'static str, change: fn(Vec<u8>) -> Vec<u8>) -> impl Fn(&str, Vec<u8>) -> Vec<u8> {
    move |name, bytes| if name == part { change(bytes) } else { bytes }
}

#[test]
fn a_place_without_a_model_is_named() {
    let home = Home::new("model-place");
    home.run(ask("no/such/model", "Hi")).is_refused(&["no model folder", "no/such/model", "config.json"]);
    home.run(ask("", "Hi")).is_refused(&["the model is empty"]);
    let file = home.write("model.gguf", "GGUF");
    home.run(ask(file.to_str().expect("UTF-8"), "Hi"))
        .is_refused(&["model.gguf", "serve it and pass --model http://"]);
    let empty = home.path("work");
    home.run(ask(empty.to_str().expect("UTF-8"), "Hi")).is_refused(&["cannot read", "work/config.json"]);
    assert!(!home.ledger().exists(), "no ledger was made");
}

#[test]
fn weights_that_are_cut_or_not_weights_are_refused() {
    let weights = "model.safetensors";
    check(
        "cut",
        only(weights, |mut bytes| {
            bytes.truncate(bytes.len() - 2);
            bytes
        }),
        &[],
    );
    check("headless", only(weights, |bytes| bytes[..5].to_vec()), &[]);
    check("empty", only(weights, |_| Vec::new()), &[]);
    check("text", only(weights, |_| b"<html>not found</html>".to_vec()), &[]);
}

#[test]
fn weights_of_another_model_are_refused() {
    let header = br#"{"wte":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let mut foreign = (header.len() as u64).to_le_bytes().to_vec();
    foreign.extend_from_slice(header);
    foreign.extend_from_slice(&[0; 4]);
    let alter = |name: &str, bytes| if name == "model.safetensors" { foreign.clone() } else { bytes };
    check("foreign", alter, &[]);
}

#[test]
fn a_tokenizer_that_does_not_match_is_refused() {
    let tokenizer = "tokenizer.json";
    check("tokenizer-garbage", only(tokenizer, |_| b"{}".to_vec()), &["tokenizer"]);
    let shorten = |bytes: Vec<u8>| {
        let mut json: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        let vocabulary = json["model"]["vocab"].as_object_mut().expect("a vocabulary");
        let ordinary = vocabulary.keys().filter(|token| !token.starts_with("<|"));
        let longest = ordinary.max_by_key(|token| token.len()).expect("a token").clone();
        vocabulary.remove(&longest);
        let merges = json["model"]["merges"].as_array_mut().expect("merges");
        merges.retain(|merge| !merge.to_string().contains(longest.trim()));
        json.to_string().into_bytes()
    };
    check("tokenizer-shorter", only(tokenizer, shorten), &["tokenizer"]);
}

#[test]
fn a_configuration_that_does_not_match_is_refused() {
    let config = "config.json";
    check("config-garbage", only(config, |_| b"[]".to_vec()), &[]);
    let other = |bytes: Vec<u8>| {
        let mut json: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        json["model_type"] = "mystery".into();
        json.to_string().into_bytes()
    };
    check("config-family", only(config, other), &["mystery"]);
}

#[test]
fn a_prompt_beyond_the_context_is_refused() {
    let home = Home::new("model-context");
    let long = "strawberry ".repeat(2_000);
    home.run(["ask", &long]).is_refused(&["the prompt is too long", "shorten it"]);
    home.run(["ask", "Hi", "--max-new", "100000"])
        .is_refused(&["the answer may be too long", "lower --max-new"]);
    assert!(!home.ledger().exists(), "no ledger was made");
}

/// A template with turns of all speakers.
const TURNS: &str = "{% for message in messages %}{% if message.role == 'system' %}<|facts|>{{ message.content }}<|/facts|>\
    {% elif message.role == 'user' %}<|user|>{{ message.content }}\
    {% else %}<|assistant|>{{ message.content }}<|end|>{% endif %}{% endfor %}<|assistant|>";

/// Texts of eight megabytes, of words and of none. To encode one as a whole takes up to minutes.
fn huge() -> [(&'static str, String); 4] {
    [
        ("words", "strawberry and cream ".repeat(400_000)),
        ("no words", "x0Zq".repeat(2_000_000)),
        ("spaces", format!("a{}b", " ".repeat(8_000_000))),
        ("letters of another script", "\u{82fa}".repeat(2_700_000)),
    ]
}

#[test]
fn a_huge_prompt_is_refused_at_once_at_every_door() {
    let home = Home::new("model-huge");
    let folder = checkpoint::write(&home, "work/talks", |_, bytes| bytes);
    home.write("work/talks/chat_template.jinja", TURNS);
    home.write("work/talks/tokenizer_config.json", "{\"eos_token\": \"<|end|>\"}");
    for (name, text) in huge() {
        let quoted = serde_json::Value::from(text.as_str()).to_string();
        let file = home.write("work/huge.txt", &text).display().to_string();
        let talk =
            format!(r#"[{{"role": "user", "content": {quoted}}}, {{"role": "assistant", "content": "?"}}]"#);
        let talk = home.write("work/talk.json", talk).display().to_string();
        let system = format!(r#"[{{"role": "system", "content": {quoted}}}]"#);
        let system = home.write("work/system.json", system).display().to_string();
        let graph = format!(
            "[[task]]\nname = \"a\"\noperation = \"model.draft\"\nanswer = true\nprompt = {quoted}\n"
        );
        let graph = home.write("work/huge.toml", graph).display().to_string();
        let doors: [&[&str]; 5] = [
            &["ask", "--file", &file],
            &["ask", "--file", &file, "--max-new", "9"],
            &["ask", "Hello!", "--messages", &talk, "--model", &folder],
            &["ask", "Hello!", "--messages", &system, "--model", &folder],
            &["run", &graph],
        ];
        for words in doors {
            let begun = std::time::Instant::now();
            let ended = home.run(words);
            let (took, said) = (begun.elapsed(), format!("{}{}", ended.out, ended.err));
            eprintln!("{name} {:?}: {took:?}: {said:.300}", &words[..2]);
            assert!(took.as_secs_f64() < 4.0, "{name} {words:?}: {took:?}");
            assert!(
                ended.code == 2 && said.contains("the prompt is too long (prompt of at least "),
                "{name}: {said}"
            );
            assert!(said.contains("shorten it to "), "{name}: {said}");
        }
    }
}
