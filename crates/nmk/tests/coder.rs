//! The second shipped model, by its name: it is inspected, asked, and climbs the ladder.

mod common;

use std::fs;

use common::home::Home;
use serde_json::json;

const SPEC: &str = r#"
entry = "count_up"
description = "Return the numbers from 1 to n."
args = [{ name = "n", type = "int", min = 0, max = 12 }]
returns = { type = "list", of = "int" }

[[samples]]
args = [3]
returns = [1, 2, 3]

[oracle]
python = '''
def oracle(n):
    return [i + 1 for i in range(n)]
'''
"#;

#[test]
fn it_has_the_size_of_the_embedded_model_and_another_digest() {
    let home = Home::new("coder-inspect");
    let [embedded, coder] =
        ["embedded", "coder"].map(|place| home.run(["model", "inspect", place, "--json"]).json());
    assert_eq!(coder["parameters"], embedded["parameters"]);
    assert_ne!(coder["digest"], embedded["digest"]);
}

#[test]
fn it_writes_a_function_that_a_replay_gives_again() {
    let home = Home::new("coder-ask");
    let prompt = "Write the Python function up(n).\nReturn the numbers from 1 to n.\n>>> up(3)\n[1, 2, 3]\nReply with the function only.";
    let asked = home.run(["ask", prompt, "--model", "coder", "--json"]);
    let object = asked.json();
    assert!(
        object["answer"].as_str().is_some_and(|answer| answer.starts_with("def up(n):\n    ")),
        "{asked:?}"
    );
    let replayed = home.run(["ledger", "replay", "--model", "coder"]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
}

#[test]
fn it_climbs_the_ladder_and_ends_admitted_or_abstained() {
    let home = Home::new("coder-solve");
    let spec = home.path("work/spec.toml");
    fs::write(&spec, SPEC).expect("the specification");
    let solved = home.run(["solve", &spec.display().to_string(), "--model", "coder", "--json"]);
    if solved.code == 3 {
        println!("UNPROVEN coder: {}", solved.out);
        return;
    }
    let object = solved.json();
    let outcome = object["outcome"].as_str().unwrap_or_default();
    assert!(["admitted", "abstained"].contains(&outcome), "{solved:?}");
    assert_eq!(object["model"], json!("coder"), "{solved:?}");
    assert!(object["attempts"].as_array().is_some_and(|attempts| !attempts.is_empty()), "{solved:?}");
}
