//! A folder as the Hub has it: with a chat template of its own, and defaults of generation.

mod common;

use common::checkpoint;
use common::home::Home;
use serde_json::{Value, json};

/// A chat template in the manner of ChatML, in the tokens that [`renamed`] gives the tokenizer.
const TEMPLATE: &str = "{% for message in messages %}{% if message['role'] == 'system' %}{{ '<|im_facts|>' + message['content'] \
    + '<|/im_facts|>' }}{% else %}{{ '<|im_user|>' + message['content'] }}{% endif %}{% endfor %}\
    {% if add_generation_prompt %}{{ '<|im_assistant|>' }}{% endif %}";

/// Returns a file of the model folder as it is, or, if it is the tokenizer, with other names for the special
/// tokens.
fn renamed(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    if name != "tokenizer.json" {
        return bytes;
    }
    let text = String::from_utf8(bytes).expect("UTF-8");
    let names = ["user", "assistant", "end", "facts"];
    let renamed = names.iter().fold(text, |text, name| {
        text.replace(&format!("<|{name}|>"), &format!("<|im_{name}|>"))
            .replace(&format!("<|/{name}|>"), &format!("<|/im_{name}|>"))
    });
    renamed.into_bytes()
}

/// Writes a model folder with the renamed tokenizer and with `files` besides, and returns its path.
fn folder(home: &Home, name: &str, files: &[(&str, &str)]) -> String {
    let folder = checkpoint::write(home, &format!("work/{name}"), renamed);
    for (file, content) in files {
        home.write(&format!("work/{name}/{file}"), content);
    }
    folder
}

fn tokenizer_config(template: &str) -> String {
    json!({"chat_template": template, "eos_token": "<|im_end|>", "bos_token": null}).to_string()
}

#[test]
fn a_foreign_template_is_what_is_asked_in() {
    let home = Home::new("hub-ask");
    let prompt = "Good morning! Do you know <|im_end|> and <|im_assistant|>?";
    let embedded = home.run(["ask", prompt, "--json"]);
    assert_eq!(embedded.code, 0, "{embedded:?}");
    let config = tokenizer_config(TEMPLATE);
    let places = [
        ("in-config", vec![("tokenizer_config.json", config.as_str())]),
        (
            "in-file",
            vec![
                ("chat_template.jinja", TEMPLATE),
                ("tokenizer_config.json", r#"{"eos_token": "<|im_end|>"}"#),
            ],
        ),
    ];
    for (name, files) in places {
        let folder = folder(&home, name, &files);
        let ended = home.run(["ask", prompt, "--json", "--model", &folder]);
        // The embedded model writes the same ids by another way, and there are no facts: the same answer.
        assert_eq!((ended.code, &ended.json()["answer"]), (0, &embedded.json()["answer"]), "{ended:?}");
        let inspected = home.run(["model", "inspect", &folder, "--json"]).json();
        assert_eq!(
            (&inspected["chat_template"], &inspected["chat_template_refused"]),
            (&json!(files[0].0), &Value::Null)
        );
    }
    let logits = |home: &Home| {
        let shown = home.run(["ledger", "show", "--json"]).json();
        let entries = shown["entries"].as_array().expect("entries").clone();
        let proposed = entries.into_iter().filter(|entry| entry["kind"] == "proposed");
        // A reply that is passed on as the answer has no generation of its own.
        let logits = proposed.map(|entry| entry["body"]["record"]["logits"].clone());
        logits.filter(|logits| !logits.is_null()).collect::<Vec<_>>()
    };
    let logits = logits(&home);
    assert!(logits.len() == 3 && logits[0][0].is_string(), "{logits:?}");
    assert_eq!((&logits[1], &logits[2]), (&logits[0], &logits[0]));
    // Facts have a place in it too, and the check of the answer does not depend on who proposed.
    let folder = home.path("work/in-file").display().to_string();
    let counted = home.run([
        "ask",
        "How many times does the letter r appear in strawberry?",
        "--json",
        "--model",
        &folder,
    ]);
    assert!(counted.code == 0 || counted.code == 1, "{counted:?}");
    assert_eq!(counted.json()["facts"].as_array().map(Vec::is_empty), Some(false), "{counted:?}");
    let replayed = home.run(["ledger", "replay", "--json", "--model", &folder]);
    assert_eq!((replayed.code, &replayed.json()["difference"]), (0, &Value::Null), "{replayed:?}");
}

#[test]
fn a_folder_that_cannot_converse_says_what_is_missing() {
    let home = Home::new("hub-refused");
    let refused = |name: &str, files: &[(&str, &str)], parts: &[&str]| {
        let folder = folder(&home, name, files);
        home.run(["ask", "Hi", "--model", &folder])
            .is_refused(&[&["the model is refused", &folder], parts].concat());
        assert!(!home.ledger().exists(), "no ledger was made");
    };
    let nothing = ["has no chat template", "chat_template.jinja", "tokenizer_config.json", "<|user|>"];
    refused("nothing", &[], &nothing);
    refused("only-tokens", &[("tokenizer_config.json", "{}")], &nothing);
    refused(
        "syntax",
        &[("chat_template.jinja", "\n{% for %}")],
        &["chat_template.jinja is refused", "line 2"],
    );
    let raises = "{{ raise_exception('only for tools') }}";
    refused("raises", &[("tokenizer_config.json", &tokenizer_config(raises))], &["only for tools"]);
    refused("deaf", &[("chat_template.jinja", "<|im_user|>")], &["leaves out what the user says"]);
    refused(
        "broken",
        &[("tokenizer_config.json", "{\"chat")],
        &["tokenizer_config.json is refused", "not JSON"],
    );
    // What needs no conversation does not need a template, and what is refused is shown.
    let folder = home.path("work/nothing").display().to_string();
    assert_eq!(home.run(["model", "logits", &folder, "--tokens", "7,8"]).code, 0);
    let inspected = home.run(["model", "inspect", &folder, "--json"]).json();
    assert!(
        inspected["chat_template"].is_null() && inspected["chat_template_refused"].is_string(),
        "{inspected}"
    );
    let unsupported = inspected["unsupported"].to_string();
    assert!(
        unsupported.contains("chat template is refused") && inspected["thinking"].is_null(),
        "{inspected}"
    );
    let embedded = home.run(["model", "inspect", "embedded", "--json"]).json();
    let thinking = json!({"switch": false, "tags": []});
    assert_eq!((&embedded["thinking"], &embedded["unsupported"]), (&thinking, &json!([])));
    assert_eq!(embedded["chat_template"], "special tokens of the tokenizer");
}

#[test]
fn generation_follows_the_folder_until_a_flag_says_otherwise() {
    let home = Home::new("hub-defaults");
    let said = json!({
        "do_sample": true, "temperature": 1.5, "top_k": 40, "top_p": 0.9, "max_new_tokens": 12, "eos_token_id": 3,
        "repetition_penalty": 1.3, "num_beams": 1, "transformers_version": "5.0"
    });
    let drawn = folder(&home, "drawn", &[("generation_config.json", &said.to_string())]);
    let plain = folder(&home, "plain", &[]);
    let tokens = |folder: &str, flags: &[&str]| {
        let words =
            [&["model", "generate", folder, "--tokens", "1,40,41,42,2", "--ignore-eos"][..], flags].concat();
        let ended = home.run(&words);
        assert_eq!(ended.code, 0, "{words:?}: {ended:?}");
        (ended.json()["tokens"].clone(), ended.err)
    };
    let greedy = tokens(&plain, &["--max-new", "12"]).0;
    let flags = ["--max-new", "12", "--temperature", "1.5", "--top-k", "40", "--top-p", "0.9"];
    let by_flags = tokens(&plain, &flags).0;
    let (by_folder, notes) = tokens(&drawn, &[]);
    assert_eq!(by_folder, by_flags, "the folder says what the flags say");
    assert_ne!(by_folder, greedy);
    assert!(notes.contains("temperature 1.5") && notes.contains("repetition_penalty = 1.3"), "{notes}");
    assert!(!notes.contains("num_beams") && !notes.contains("transformers_version"), "{notes}");
    // A flag wins, each for itself.
    assert_eq!(tokens(&drawn, &["--temperature", "0"]).0, greedy);
    assert_eq!(tokens(&drawn, &["--top-k", "1"]).0, greedy);
    assert_eq!(tokens(&drawn, &["--max-new", "3"]).0.as_array().map(Vec::len), Some(3));
    assert_ne!(tokens(&drawn, &["--seed", "1"]).0, by_folder);
    let inspected = home.run(["model", "inspect", &drawn, "--json"]).json();
    let expected = json!({
        "temperature": 1.5, "top_k": 40, "top_p": 0.9, "min_p": null, "max_new_tokens": 12,
        "not_applied": {"repetition_penalty": "1.3"}
    });
    assert_eq!((&inspected["generation"], &inspected["end_tokens"]), (&expected, &json!([3])));
    home.run(["model", "generate", &plain, "--tokens", "1"]).is_refused(&["--max-new", "max_new_tokens"]);
    // A value that is out of range is said, and stops nothing.
    let odd = folder(&home, "odd", &[("generation_config.json", r#"{"top_p": 2, "temperature": "hot"}"#)]);
    let (found, notes) = tokens(&odd, &["--max-new", "12"]);
    assert_eq!(found, greedy);
    assert!(notes.contains("top_p = 2") && notes.contains("temperature = \"hot\""), "{notes}");
    for (file, parts) in [
        (r#"{"eos_token_id": "</s>"}"#, ["`eos_token_id` is \"</s>\"", "a token id"]),
        ("[]", ["generation_config.json is refused", "JSON object"]),
    ] {
        let bad = folder(&home, "bad", &[("generation_config.json", file)]);
        home.run(["model", "generate", &bad, "--tokens", "1", "--max-new", "2"]).is_refused(&parts);
    }
}
