//! An endpoint proposes, the kernel decides: wrong answers are repaired with a fact or not given.

mod common;

use common::home::Home;
use synthetic::stub::{Seen, Stub, says};

const EXAMPLE: &str = "How many times does the letter r appear in strawberry? Add 4 to it.";

/// The keys of a report, the last of which it has on demand only.
const KEYS: [&str; 27] = [
    "abstained",
    "answer",
    "audit",
    "committed",
    "executor",
    "facts",
    "findings",
    "finish",
    "generations",
    "job",
    "k",
    "kind",
    "ledger",
    "level",
    "memory",
    "model_digest",
    "notes",
    "planned",
    "reading",
    "reason",
    "reproducible",
    "required",
    "routed",
    "tasks",
    "usage",
    "value",
    "unproven",
];

fn keys(object: &serde_json::Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Returns every key of a report in ascending order.
fn all_keys() -> Vec<&'static str> {
    let mut keys = KEYS.to_vec();
    keys.sort_unstable();
    keys
}

fn arguments<'a>(base: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["ask", EXAMPLE, "--model", base, "--model-name", "small"], more].concat()
}

/// Wrong at first, right once it has read the fact.
fn reads_facts(seen: &Seen) -> Vec<synthetic::stub::Step> {
    let content = seen.json()["messages"][1]["content"].as_str().expect("text").to_owned();
    says(if content.contains("letter_count(strawberry, r) = 3") {
        "3 + 4 = 7\nAnswer: 7"
    } else {
        "Answer: 6"
    })
}

#[test]
fn a_wrong_attempt_is_repaired_with_a_fact() {
    let home = Home::new("remote-repaired");
    let stub = Stub::start(reads_facts);
    let base = stub.base();
    let ended = home.run(arguments(&base, &["--json"]));
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "nothing but the object: {ended:?}");
    let object = ended.json();
    assert_eq!(keys(&object), &KEYS[..26]);
    assert_eq!((&object["answer"], &object["value"]), (&"7".into(), &7.into()));
    assert_eq!(
        (&object["committed"], &object["level"], &object["required"]),
        (&true.into(), &"oracle".into(), &"oracle".into())
    );
    assert_eq!(
        (&object["routed"], &object["generations"], &object["k"]),
        (&"count_then_add".into(), &2.into(), &1.into())
    );
    assert_eq!(object["facts"], serde_json::json!([{"label": "letter_count(strawberry, r)", "value": 3}]));
    let audit = ["base_validated", "budget_note", "cost", "final_validated", "reason", "used_signal"];
    assert_eq!(keys(&object["audit"]), audit);
    assert_eq!(
        (&object["audit"]["base_validated"], &object["audit"]["final_validated"]),
        (&false.into(), &true.into())
    );
    assert_eq!((&object["model_digest"], &object["reproducible"]), (&serde_json::Value::Null, &false.into()));
    assert_eq!(keys(&object["ledger"]), ["entry", "head", "path"]);
    assert_eq!(object["abstained"], serde_json::Value::Null);
    let tasks = object["tasks"].as_array().expect("a list");
    let tasks: Vec<_> = tasks.iter().map(|task| (task["name"].as_str(), task["state"].as_str())).collect();
    let states = [("base", "refuted"), ("fact", "passed"), ("reread", "committed")];
    assert_eq!(tasks, states.map(|(name, state)| (Some(name), Some(state))));

    let head = object["ledger"]["head"].as_str().expect("text");
    let verified = home.run(["ledger", "verify", "--head", head]);
    assert_eq!(verified.code, 0, "{verified:?}");
    let other = "0".repeat(64);
    assert_eq!(home.run(["ledger", "verify", "--head", &other]).code, 1);
    let shown = home.run(["ledger", "show", "--entries"]);
    for kind in ["admitted", "proposed", "judged", "decided", "committed"] {
        assert!(shown.out.contains(kind), "{kind}: {shown:?}");
    }
}

#[test]
fn a_person_sees_the_answer_and_its_evidence() {
    let home = Home::new("remote-person");
    let stub = Stub::start(reads_facts);
    let base = stub.base();
    let ended = home.run(arguments(&base, &[]));
    assert_eq!((ended.code, ended.out.as_str()), (0, "7\n"));
    let evidence = "read as: the letter r in \"strawberry\", counted, plus 4\nevidence: oracle · count_then_add · letter_count(strawberry, r) = 3 · 2 generations";
    assert!(ended.err.starts_with(evidence), "{ended:?}");
    assert!(ended.err.contains("\nledger: ") && ended.err.contains(", head "), "{ended:?}");
    assert!(!ended.err.contains('\r'), "no progress in a pipe: {ended:?}");
}

#[test]
fn a_wrong_answer_is_not_given() {
    let home = Home::new("remote-wrong");
    let stub = Stub::start(|_| says("Answer: 6"));
    let base = stub.base();
    let ended = home.run(arguments(&base, &[]));
    assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{ended:?}");
    for part in ["not proven: ", "\n  letter_count(strawberry, r) = 3\n", "\nwhat would help: "] {
        assert!(ended.err.contains(part), "{part:?}: {ended:?}");
    }
    assert!(!ended.err.contains("Answer: 6"), "{ended:?}");
    assert!(home.run(arguments(&base, &["--show-unproven"])).err.contains("unproven proposal: Answer: 6"));

    let object = home.run(arguments(&base, &["--json"])).json();
    assert_eq!(keys(&object), &KEYS[..26]);
    assert_eq!(
        (&object["answer"], &object["committed"], &object["level"]),
        (&serde_json::Value::Null, &false.into(), &"none".into())
    );
    assert!(object["abstained"].is_string() && !object.to_string().contains("Answer: 6"), "{object}");
    let object = home.run(arguments(&base, &["--json", "--show-unproven"])).json();
    assert_eq!(keys(&object), all_keys());
    assert_eq!(object["unproven"], "Answer: 6");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
}

#[test]
fn conversation_is_given_unverified_and_checked_only_on_demand() {
    let home = Home::new("remote-conversation");
    let stub = Stub::start(|_| says("Hello \x1b[2Jthere."));
    let base = stub.base();
    let model = ["--model", &base, "--model-name", "small"];
    let ended = home.run(["ask", "Good morning!"].iter().chain(&model));
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (0, "Hello \x1b[2Jthere.\n"),
        "a pipe gets the bytes: {ended:?}"
    );
    assert!(
        ended.err.starts_with("evidence: unverified · conversation · no facts · 1 generation"),
        "{ended:?}"
    );
    let object = home.run(["ask", "Good morning!", "--json"].iter().chain(&model)).json();
    assert_eq!(
        (&object["committed"], &object["level"], &object["routed"]),
        (&true.into(), &"none".into(), &serde_json::Value::Null)
    );

    let ended = home.run(["ask", "Good morning!", "--require", "oracle"].iter().chain(&model));
    assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{ended:?}");
    assert!(ended.err.contains("oracle"), "{ended:?}");
    let bare = stub.seen()[0].json()["messages"][1]["content"].clone();
    assert_eq!(bare, "Good morning!", "the prompt goes out as it is");
}

#[test]
fn one_primitive_can_answer_alone() {
    let home = Home::new("remote-direct");
    let stub = Stub::start(|_| says("Answer: no"));
    let base = stub.base();
    let model = ["--json", "--direct", "--model", &base, "--model-name", "small"];
    let object = home.run(["ask", "Is 97 a prime number?"].iter().chain(&model)).json();
    assert_eq!((&object["answer"], &object["generations"]), (&"yes".into(), &0.into()), "{object}");
    assert!(stub.seen().is_empty(), "the model was not asked");
}

#[test]
fn a_policy_without_means_does_not_spend() {
    let home = Home::new("remote-budget");
    let stub = Stub::start(reads_facts);
    let base = stub.base();
    for policy in ["[policy]\nbudget = 0.0\n", "[policy]\ncost = 1.0\n", "facts = []\n"] {
        let config = home.write("thrifty.toml", policy);
        let config = ["--json", "--config", config.to_str().expect("UTF-8")];
        let ended = home.run(arguments(&base, &config));
        assert_eq!(ended.code, 1, "{policy}: {ended:?}");
        let object = ended.json();
        assert_eq!(
            (&object["generations"], &object["facts"]),
            (&1.into(), &serde_json::json!([])),
            "{policy}: {object}"
        );
    }
}
