//! `nmk run --request`: words that become a graph by a template of their kind, and plans of a model that can
//! only narrow it.

mod common;

use common::home::{Ended, Home};
use serde_json::{Value, json};
use synthetic::stub::{Stub, says};

const PET: &str = r#"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}"#;
const RIGHT: &str = r#"{"name": "Tom"}"#;

/// Runs a request for the description of a pet, with a model that plans as `plan` says and answers `answer`.
/// Returns the result of the run and the report.
fn planned(home: &Home, plan: &str, answer: &str) -> (Ended, Value) {
    let schema = home.write("work/pet.json", PET).display().to_string();
    let (plan, answer) = (plan.to_owned(), answer.to_owned());
    let stub = Stub::start(move |seen| says(if seen.body.contains("Plan how to") { &plan } else { &answer }));
    let base = stub.base();
    let ended = home.run([
        "run",
        "--request",
        "Describe a cat.",
        "--schema",
        &schema,
        "--planner",
        "--json",
        "--model",
        &base,
        "--model-name",
        "m",
    ]);
    let object = ended.json();
    (ended, object)
}

#[test]
fn drafts_under_the_schema_of_a_later_task_replay() {
    let home = Home::new("request-replay");
    let schema = home.write("work/pet.json", PET).display().to_string();
    for more in [&[][..], &["--planner"]] {
        let ledger = home.path(&format!("ledger-{}", more.len())).display().to_string();
        let place = ["--ledger", ledger.as_str(), "--max-new", "40"];
        let asked = ["run", "--request", "Describe a cat as JSON.", "--schema", &schema, "--json"];
        let ran = home.run([asked.as_slice(), &place, more].concat()).json();
        assert_eq!(ran["reproducible"], true, "{ran}");
        let replayed = home.run(["ledger", "replay", "--ledger", &ledger, "--json"]);
        let object = replayed.json();
        assert_eq!((replayed.code, &object["unproven"]), (0, &json!([])), "{object} {}", replayed.err);
        assert_eq!(object["generations"], ran["generations"], "{object}");
    }
}

#[test]
fn the_kind_is_found_by_whole_words_or_declared() {
    let home = Home::new("request-kinds");
    let schema = home.write("work/pet.json", PET).display().to_string();
    let kind = |more: &[&str]| {
        let ended = home.run([&["run", "--dry-run", "--json", "--request"], more].concat());
        ended.json()["kind"].as_str().expect("a kind").to_owned()
    };
    assert_eq!(kind(&["Describe a cat."]), "text");
    assert_eq!(kind(&["Describe a cat as JSON."]), "structured_output");
    // A part of a word is no word.
    assert_eq!(kind(&["Is jsonlike a word? Are schemata programmatic?"]), "text");
    assert_eq!(kind(&["Describe a cat.", "--schema", &schema]), "structured_output");
    assert_eq!(kind(&["Describe a cat as JSON.", "--kind", "text"]), "text");
    home.run(["run", "--request", "Write a function.", "--dry-run"]).is_refused(&[
        "code_gen",
        "no cases",
        "--contract",
    ]);
    home.run(["run", "--request", "A cat.", "--kind", "poem"]).is_refused(&["poem", "structured_output"]);
    home.run(["run", "--request", "A cat.", "--template", "staged"])
        .is_refused(&["the kind text has no template \"staged\"", "direct"]);
    home.run(["run", "--request", "JSON.", "--template", "poem"]).is_refused(&["poem", "staged, direct"]);
    let direct =
        home.run(["run", "--request", "A cat as JSON.", "--template", "direct", "--dry-run", "--json"]);
    let tasks = direct.json()["tasks"].as_array().expect("tasks").len();
    assert_eq!(tasks, 1, "{direct:?}");
    home.run(["run", "--request", " "]).is_refused(&["blank"]);
    home.run(["run"]).is_refused(&["GRAPH"]);
    let program = "[program]\nlanguage = \"python\"\nentry = \"f\"\n\
                   cases = [{ arguments = [1], expected = 2 }]\n";
    let contract = home.write("work/program.toml", program).display().to_string();
    // A machine that cannot run the program says so before anything is generated, and a dry run says the same.
    let nowhere = [("PATH", "/nowhere")];
    for more in [&[][..], &["--dry-run"]] {
        let words = [&["run", "--request", "Write a function.", "--contract", &contract][..], more].concat();
        let ended = home.run_with(words, &nowhere);
        assert_eq!((ended.code, ended.out.as_str()), (3, ""), "{ended:?}");
        assert!(ended.err.contains("install python3"), "{ended:?}");
    }
}

/// A request that is a question of the grammar is read, computed and judged as `nmk ask` does it.
#[test]
fn a_request_that_can_be_checked_is_checked() {
    let home = Home::new("request-checked");
    let says_what_it_read = Stub::start(|seen| {
        let content = seen.json()["messages"].to_string();
        says(if content.contains("gcd(84, 36) = 12") { "Answer: 12" } else { "Answer: 2" })
    });
    let says_wrong = Stub::start(|_| says("Answer: 2"));
    let run = |stub: &Stub, request: &str| {
        let base = stub.base();
        home.run(["run", "--request", request, "--json", "--model", &base, "--model-name", "m"])
    };
    let ended = run(&says_what_it_read, "What is the gcd of 84 and 36?");
    let object = ended.json();
    assert_eq!(
        (ended.code, &object["value"], &object["level"]),
        (0, &json!(12), &json!("oracle")),
        "{object}"
    );
    assert!(object["reading"].as_str().is_some_and(|reading| reading.contains("84")), "{object}");
    assert_eq!(object["tasks"][1]["verification"], "verified", "{object}");
    let ended = run(&says_wrong, "What is the gcd of 84 and 36?");
    let object = ended.json();
    assert_eq!((ended.code, &object["answer"]), (1, &Value::Null), "{object}");
    // What is no such question is as before, and is not called verified.
    let object = run(&says_wrong, "Tell me a story.").json();
    assert_eq!((&object["level"], &object["reading"]), (&json!("syntax"), &Value::Null), "{object}");
    assert_eq!(object["tasks"][0]["verification"], "checked", "{object}");
}

/// A program tells the causes of a run that failed apart as it does with a question.
#[test]
fn a_run_that_failed_has_the_code_of_a_question_that_failed() {
    let home = Home::new("request-code");
    let refuses = Stub::start(|_| {
        synthetic::stub::whole(
            "401 Unauthorized",
            "application/json",
            br#"{"error": {"message": "no such key"}}"#,
        )
    });
    let base = refuses.base();
    let remote = ["--json", "--model", &base, "--model-name", "m"];
    let asked = home.run([&["ask", "Hello!"][..], &remote].concat());
    let ran = home.run([&["run", "--request", "Tell me a story."][..], &remote].concat());
    assert_eq!((asked.code, ran.code), (2, 2), "{asked:?} {ran:?}");
    assert_eq!(asked.json()["code"], ran.json()["code"], "{asked:?} {ran:?}");
    assert_eq!(ran.json()["code"], "endpoint_key");
    let answered = Stub::start(|_| says(RIGHT));
    let base = answered.base();
    let schema = home.write("work/pet.json", PET).display().to_string();
    let request =
        ["run", "--request", "A cat.", "--schema", &schema, "--json", "--model", &base, "--model-name", "m"];
    let object = home.run(request).json();
    assert_eq!((&object["value"], object.get("code")), (&json!({"name": "Tom"}), None), "{object}");
    assert_eq!(object["answer"], RIGHT);
}

/// A model of this machine is held to the schema of a request, and an endpoint is sent it.
#[test]
fn a_draft_is_generated_under_the_schema_of_its_request() {
    let home = Home::new("request-schema");
    let schema =
        home.write("work/colour.json", include_str!("../../../docs/colour.json")).display().to_string();
    let request = ["run", "--request", "Describe a cat as JSON.", "--json"];
    let ended = home.run([&request[..], &["--schema", &schema]].concat());
    let object = ended.json();
    assert_eq!((ended.code, &object["level"]), (0, &json!("schema")), "{ended:?}");
    let document: Value = serde_json::from_str(object["answer"].as_str().expect("a text")).expect("JSON");
    assert!(["black", "white", "red"].iter().any(|colour| document["colour"] == **colour), "{object}");
    // Without the schema the shipped model does not write the document by itself.
    assert_ne!(home.run(request).code, 0);
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&seen);
    let stub = Stub::start(move |request| {
        kept.lock().expect("no panic").push(request.body.contains("legs"));
        says(r#"{"colour": "red", "legs": 4}"#)
    });
    let base = stub.base();
    let ended =
        home.run([&request[..], &["--schema", &schema, "--model", &base, "--model-name", "m"]].concat());
    assert_eq!((ended.code, &*seen.lock().expect("no panic")), (0, &vec![true]), "{ended:?}");
}

#[test]
fn a_sound_plan_runs_and_its_making_is_in_the_ledger() {
    let home = Home::new("request-plan");
    let plan = r#"[{"id": "a", "operation": "model.draft"}, {"id": "b", "operation": "validate", "after": ["a"]},
                   {"id": "c", "operation": "commit", "after": ["b"]}]"#;
    let (ended, object) = planned(&home, plan, RIGHT);
    assert_eq!((ended.code, &object["value"]), (0, &json!({"name": "Tom"})), "{ended:?}");
    assert_eq!(object["planned"], json!({"dropped": [], "fallback": null}));
    assert_eq!(object["tasks"][0]["name"], "plan");
    assert_eq!(object["tasks"][0]["state"], "passed");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
}

#[test]
fn a_hostile_plan_widens_nothing() {
    let home = Home::new("request-hostile");
    let step =
        |id: &str, operation: &str, after: &[&str]| json!({"id": id, "operation": operation, "after": after});
    let sound = [step("a", "model.draft", &[]), step("b", "validate", &["a"]), step("c", "commit", &["b"])];
    let with = |more: Value| json!([sound[0], sound[1], sound[2], more]);
    // The plan, and what is said of it.
    let table: [(Value, &str); 9] = [
        (with(step("d", "tool.sysinfo", &[])), "no task of the operation tool.sysinfo"),
        (with(step("d", "model.draft", &[])), "no further task"),
        (with(step("a", "commit", &[])), "an earlier step"),
        (with(step("d", "shell", &["c"])), "no task of the operation shell"),
        // What is to check the draft is left out.
        (json!([sound[0], step("c", "commit", &["a"])]), "leaves the answer out"),
        (json!([step("c", "commit", &[])]), "leaves the answer out"),
        // A circle.
        (json!([step("a", "model.draft", &["c"]), sound[1], sound[2]]), "leaves the answer out"),
        (json!([sound[0], sound[1], step("c", "commit", &["nobody"])]), "leaves the answer out"),
        (
            json!([{"id": "a", "operation": "model.draft", "after": [], "rights": ["op:all"], "budget": {"tasks": 9},
                    "contract": {"form": "free"}, "at_least": "none", "answer": true}]),
            "leaves the answer out",
        ),
    ];
    for (plan, said) in table {
        let plan = plan.to_string();
        // Whatever the plan: what is right is committed, what is wrong is not.
        for (answer, code) in [(RIGHT, 0), (r#"{"name": 4}"#, 1), ("no JSON", 1)] {
            let (ended, object) = planned(&home, &plan, answer);
            assert_eq!(ended.code, code, "{plan} with {answer}: {ended:?}");
            assert!(object["planned"].to_string().contains(said), "{plan}: {object}");
            let tasks = object["tasks"].as_array().expect("tasks");
            assert!(tasks.len() <= 8, "{plan}: {object}");
            for task in tasks {
                let kind = task["kind"].as_str().expect("a kind");
                assert!(["model.draft", "model.repair", "validate", "commit"].contains(&kind), "{object}");
            }
        }
    }
}

#[test]
fn a_plan_that_cannot_be_read_leaves_the_template() {
    let home = Home::new("request-unread");
    for plan in ["I would rather not.", "[]", "{}", "[{\"id\": 1}]", &"[".repeat(100_000)] {
        let (ended, object) = planned(&home, plan, RIGHT);
        assert_eq!((ended.code, &object["value"]), (0, &json!({"name": "Tom"})), "{ended:?}");
        assert!(object["planned"]["fallback"].as_str().expect("a reason").contains("no plan"), "{object}");
    }
}
