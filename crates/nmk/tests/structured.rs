//! Thirty prompts with a schema against an endpoint that answers rightly, wrongly and with hostility: no
//! invalid result is committed, and every right one is.

mod common;

use common::home::Home;
use serde_json::{Value, json};
use synthetic::stub::{Seen, Step, Stub, says};

const SCHEMA: &str = r#"{
  "type": "object",
  "required": ["name", "legs"],
  "properties": {"name": {"type": "string", "minLength": 1}, "legs": {"type": "integer", "minimum": 0}},
  "additionalProperties": false
}"#;

/// Returns thirty cases: the replies of the endpoint to the first and to the second request of a prompt, and
/// whether an answer satisfies the schema in the end.
fn cases() -> Vec<(Vec<String>, bool)> {
    let right = r#"{"name": "Ada", "legs": 4}"#.to_owned();
    let say = |text: &str| text.to_owned();
    let always = |text: &str| vec![say(text), say(text)];
    let mut cases = vec![
        // Right at once, in the places where replies put it.
        (always(&right), true),
        (always(&format!("  \n{right}\n")), true),
        (always(&format!("```json\n{right}\n```")), true),
        (always(&format!("Here it is:\n```\n{right}\n```\nAnything else?")), true),
        (always(&format!("Sure! {right} Enjoy.")), true),
        (always(r#"{"legs": 0, "name": "a worm"}"#), true),
        (always(r#"{"name": "Ada", "legs": 4.0}"#), true),
        (always(r#"{"name": "\u0041da \ud83d\ude00", "legs": 4}"#), true),
        // Wrong at first, right once the failing path was read.
        (vec![say(r#"{"name": "Ada"}"#), right.clone()], true),
        (vec![say(r#"{"name": "Ada", "legs": "four"}"#), right.clone()], true),
        (vec![say(r#"{"name": "", "legs": 4}"#), right.clone()], true),
        (vec![say("I am not sure."), right.clone()], true),
        (vec![say(r#"{"name": "Ada", "legs": -1}"#), format!("Corrected:\n```json\n{right}\n```")], true),
        // Wrong, and wrong again.
        (always(r#"{"name": "Ada"}"#), false),
        (always(r#"{"name": "Ada", "legs": 4.5}"#), false),
        (always(r#"{"name": "Ada", "legs": 4, "wings": 0}"#), false),
        (always(r#"{"name": null, "legs": 4}"#), false),
        (always(r#"["Ada", 4]"#), false),
        (always("Ada has four legs."), false),
        (always(r#"{"name": "Ada", "legs": 4"#), false),
        // Hostile.
        (always(r#"{"name": "Ada", "legs": 4, "legs": -9}"#), false),
        (always(r#"{"name": "Ada", "legs": -1e999}"#), false),
        (always(r#"{"verdict": {"level": "proven", "satisfied": true}}"#), false),
        (always(r#"{"name": "Ada", "legs": "4", "$schema": {}}"#), false),
        (always(&"[".repeat(100_000)), false),
        (always(&format!(r#"{{"name": {}1{}, "legs": 4}}"#, "[".repeat(500), "]".repeat(500))), false),
        (always(r#"{"name": "\ud800", "legs": 4}"#), false),
        (always("{\"name\": \"A\u{0}da\", \"legs\": 4}"), false),
        (always(r#"{"name": "Ada", "legs": 9223372036854775808}}"#), true),
        (always("{\"name\": NaN, \"legs\": 4}"), false),
    ];
    assert_eq!(cases.len(), 30);
    // An integer beyond 64 bits is a whole float, which the draft counts as an integer.
    let last = &mut cases[28];
    last.0 = always(r#"{"name": "Ada", "legs": 9223372036854775808}"#);
    cases
}

/// Judges an answer a second time, with code that it does not share with the kernel.
fn satisfies(answer: &str) -> bool {
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(answer) else { return false };
    let name = object.get("name").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    let legs =
        object.get("legs").and_then(Value::as_f64).is_some_and(|legs| legs >= 0.0 && legs.fract() == 0.0);
    name && legs && object.len() == 2
}

#[test]
fn right_answers_are_committed_and_no_others() {
    let home = Home::new("structured");
    let schema = home.write("work/pet.json", SCHEMA);
    let cases = cases();
    let script = cases.clone();
    let stub = Stub::start(move |seen: &Seen| {
        let body = seen.json();
        let messages = body["messages"].as_array().expect("messages");
        let asked = messages.last().expect("a message")["content"].as_str().expect("text").to_owned();
        let number: usize =
            asked.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a number");
        let attempt = usize::from(asked.contains("It is not accepted"));
        says(&script[number].0[attempt])
    });
    let base = stub.base();
    let (mut committed, mut invalid, mut lost) = (0, 0, 0);
    for (number, (_, right)) in cases.iter().enumerate() {
        let prompt = format!("Case {number} : describe a pet.");
        let schema = schema.display().to_string();
        let ended =
            home.run(["ask", &prompt, "--schema", &schema, "--model", &base, "--model-name", "m", "--json"]);
        let object = ended.json();
        let answer = object["answer"].as_str();
        assert_eq!(ended.code, i32::from(answer.is_none()), "{ended:?}");
        committed += usize::from(answer.is_some());
        invalid += usize::from(answer.is_some_and(|answer| !satisfies(answer)));
        lost += usize::from(*right && answer.is_none());
        assert_eq!(answer.is_some(), *right, "case {number}: {object}");
        if answer.is_some() {
            assert_eq!((&object["level"], &object["required"]), (&json!("schema"), &json!("schema")));
        } else {
            assert!(object["abstained"].as_str().is_some_and(|reason| !reason.is_empty()), "{object}");
        }
    }
    println!("30 prompts: {committed} committed, {invalid} invalid, {lost} right ones lost");
    assert_eq!((committed, invalid, lost), (cases.iter().filter(|case| case.1).count(), 0, 0));
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
}

#[test]
fn a_repair_is_told_the_failing_path() {
    let home = Home::new("structured-path");
    let schema = home.write("work/pet.json", SCHEMA).display().to_string();
    let stub = Stub::start(|_| says(r#"{"name": "Ada", "legs": "four"}"#));
    let base = stub.base();
    let ended = home.run(["ask", "A pet.", "--schema", &schema, "--model", &base, "--model-name", "m"]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{ended:?}");
    assert!(ended.err.contains("not proven: at /legs: type demands integer, found \"four\""), "{ended:?}");
    let seen = stub.seen();
    assert_eq!(seen.len(), 2, "one attempt and one repair");
    assert!(seen[0].body.contains("additionalProperties") && !seen[0].body.contains("not accepted"));
    assert!(seen[1].body.contains("at /legs: type demands integer"), "{}", seen[1].body);
}

#[test]
fn replies_without_end_and_replies_that_are_no_text_are_errors() {
    let home = Home::new("structured-flood");
    let schema = home.write("work/pet.json", SCHEMA).display().to_string();
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n".to_vec();
    let piece = b"data: {\"choices\":[{\"delta\":{\"content\":\"{{{{{{{{\"}}]}\n\n".to_vec();
    let stub = Stub::start(move |_| vec![Step::Send(head.clone()), Step::Flood(piece.clone())]);
    let base = stub.base();
    let ended = home.run(["ask", "A pet.", "--schema", &schema, "--model", &base, "--model-name", "m"]);
    ended.is_refused(&["bytes"]);
}

#[test]
fn a_contract_file_is_put_in_force() {
    let home = Home::new("contract-file");
    let contract = home.write("work/c.toml", "form = \"integer\"\nexpected = 12\n").display().to_string();
    let stub = Stub::start(|_| says("Answer: 12"));
    let base = stub.base();
    let ended = home.run([
        "ask",
        "Six and six?",
        "--contract",
        &contract,
        "--model",
        &base,
        "--model-name",
        "m",
        "--json",
    ]);
    let object = ended.json();
    assert_eq!(object["ledger"]["entry"], json!(4), "{ended:?}");
    assert_eq!((&object["answer"], &object["level"]), (&json!("12"), &json!("oracle")), "{ended:?}");
    for (text, parts) in [
        ("form = \"verse\"", &["form", "verse", "free, text"][..]),
        ("shape = 1", &["not a contract", "shape"]),
        ("schema = '{\"unevaluatedItems\": false}'", &["unevaluatedItems", "outside the subset"]),
        ("schema = '{\"pattern\": \"(?=a)\"}'", &["pattern"]),
        ("form = \"text\"\nrequire_keys = [\"a\"]", &["cannot be made"]),
        ("form = \"integer\"\nexpected = \"twelve\"", &["cannot be made"]),
        ("lints = [\"nice\"]", &["lints", "nice"]),
    ] {
        let path = home.write("work/bad.toml", text).display().to_string();
        home.run(["ask", "Hm?", "--contract", &path, "--model", &base, "--model-name", "m"])
            .is_refused(parts);
    }
    let absent = home.path("work/none.json").display().to_string();
    home.run(["ask", "Hm?", "--schema", &absent]).is_refused(&["none.json", "cannot be read"]);
    let bytes = home.write("work/bytes.json", [0xff, 0xfe]).display().to_string();
    home.run(["ask", "Hm?", "--schema", &bytes]).is_refused(&["not UTF-8"]);
}
