//! The JSON of answers and errors satisfies the schema that `docs/json.md` documents, with every kind of answer.

mod common;

use common::home::Home;
use det::{Schema, parse_json};
use nmk::ErrorCode;
use serde_json::{Value, json};
use synthetic::stub::{Stub, chunked, says, stream};

const PAGE: &str = include_str!("../../../docs/json.md");

fn schema() -> Schema {
    let block = PAGE.split("```json\n").nth(1).and_then(|rest| rest.split("\n```").next());
    Schema::parse(block.expect("a block")).expect("a schema")
}

fn check(schema: &Schema, object: &Value) -> bool {
    schema.check(&parse_json(&object.to_string()).expect("JSON")).is_ok()
}

/// Checks that the schema refuses an object without one of its keys, and with a key that nobody knows.
fn every_key_counts(schema: &Schema, object: &Value) {
    for key in object.as_object().expect("an object").keys() {
        let mut less = object.clone();
        less.as_object_mut().expect("an object").remove(key);
        let optional = ["code", "requested", "suggested", "thinking", "unproven"];
        let may_be_missing = object.get("job").is_some() && optional.contains(&key.as_str());
        assert_eq!(check(schema, &less), may_be_missing, "without {key}: {object}");
    }
    let mut more = object.clone();
    more["other"] = json!(1);
    assert!(!check(schema, &more), "{object}");
}

#[test]
fn every_kind_of_answer_satisfies_the_documented_schema() {
    let schema = schema();
    let home = Home::new("json-answers");
    let pet =
        home.write("work/pet.json", "{\"type\": \"object\", \"required\": [\"name\"]}").display().to_string();
    let talk = Stub::start(|seen| {
        if seen.body.contains("cut") {
            return chunked("text/event-stream", &stream(&["Good mor"], "length"), 4096);
        }
        says("<think>A cat.</think>{\"name\": \"Tom\"}")
    });
    let base = talk.base();
    let remote = ["--model", &base, "--model-name", "m"];
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/median.toml");
    let graph = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sum.toml");
    let commands: Vec<Vec<&str>> = vec![
        vec!["ask", "Is 97 a prime number?"],
        vec!["ask", "Is 97 a prime number?", "--direct"],
        vec!["ask", "Is 97 a prime number?", "--require", "proven"],
        vec!["ask", "Hello"],
        vec!["ask", "Hello", "--no-ledger"],
        vec!["ask", "How many r are in strawberry?"],
        vec!["ask", "97 not prime?"],
        vec!["ask", "How many о's are in moon?"],
        [&["ask", "cut"][..], &remote].concat(),
        [&["ask", "A cat.", "--schema", &pet, "--show-thinking"][..], &remote].concat(),
        [&["ask", "What is the gcd of 84 and 36?", "--show-unproven"][..], &remote].concat(),
        vec!["run", graph],
        [&["ask", "A program.", "--contract", program][..], &remote].concat(),
        [&["run", "--request", "Describe a cat as JSON.", "--schema", &pet][..], &remote].concat(),
        [&["run", "--request", "Describe a cat as JSON.", "--planner"][..], &remote].concat(),
        vec!["ask", ""],
        vec!["ask", "Hi", "--nothing"],
        vec!["ask", "Hi", "--model", "nowhere"],
        vec!["run", "nothing.toml"],
        vec!["ask", "Hi", "--model", "http://127.0.0.1:1/v1", "--model-name", "m"],
        vec!["ask", "Hi", "--schema", "nothing.json"],
    ];
    let mut kinds = std::collections::BTreeSet::new();
    for words in &commands {
        let ended = home.run([&words[..], &["--json"]].concat());
        let object = ended.json();
        assert!(
            check(&schema, &object),
            "{words:?}: {object}\n{:?}",
            schema.check(&parse_json(&object.to_string()).expect("JSON"))
        );
        let is_error = object.get("error").is_some();
        assert_eq!(is_error, ended.code >= 2, "{words:?}: {object}");
        if !is_error {
            assert_eq!(object["committed"] == json!(true), ended.code == 0, "{words:?}: {object}");
        }
        for note in object["notes"].as_array().into_iter().flatten() {
            kinds.insert(note["kind"].as_str().expect("a word").to_owned());
        }
        every_key_counts(&schema, &object);
    }
    println!("{} objects checked, notes of the kinds {kinds:?}", commands.len());
    for kind in ["cut", "suggested", "unread"] {
        assert!(kinds.contains(kind), "no note of the kind {kind}: {kinds:?}");
    }
}

#[test]
fn errors_have_the_documented_codes() {
    let home = Home::new("json-errors");
    let code = |words: &[&str]| home.run([words, &["--json"]].concat()).json()["code"].clone();
    for (words, expected) in [
        (&["ask", ""][..], "prompt"),
        (&["ask", "Hi", "--messages", "none.json"], "prompt"),
        (&["ask", "Hi", "--nothing"], "usage"),
        (&["ask", "Hi", "--require", "maybe"], "config"),
        (&["ask", "Hi", "--schema", "none.json"], "contract"),
        (&["ask", "Hi", "--model", "nowhere"], "model"),
        (&["ask", "Hi", "--max-new", "1000000"], "prompt_too_long"),
        (&["ask", "Hi", "--model", "http://127.0.0.1:1/v1", "--model-name", "m"], "endpoint_unreachable"),
        (&["run", "none.toml"], "graph"),
        (&["ledger", "verify", "--ledger", "none"], "ledger"),
    ] {
        assert_eq!(code(words), expected, "{words:?}");
    }
    let status = |status: &'static str| {
        let stub =
            Stub::start(move |_| synthetic::stub::whole(status, "application/json", b"{\"error\": \"no\"}"));
        code(&["ask", "Hi", "--model", &stub.base(), "--model-name", "m"])
    };
    assert_eq!(status("500 Internal Server Error"), "endpoint_error");
    assert_eq!(status("401 Unauthorized"), "endpoint_key");
    // The table and the schema list the codes of the program, and no other.
    let rows: Vec<&str> = PAGE
        .split("## Errors")
        .nth(1)
        .and_then(|rest| rest.split("## ").next())
        .expect("a section")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(rows, ErrorCode::ALL.map(ErrorCode::word));
    let schema = schema();
    for word in ErrorCode::ALL.map(ErrorCode::word) {
        assert!(check(&schema, &json!({"error": "text", "code": word})), "{word}");
    }
    assert!(!check(&schema, &json!({"error": "text", "code": "other"})));
}
