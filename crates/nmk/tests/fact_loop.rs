//! The operation `fact_loop` of graphs: its capabilities, its veto, its two checks, and its record.

mod common;

use common::home::{Ended, Home};
use serde_json::{Value as Json, json};

const PROMPT: &str = "How many times does the letter r appear in strawberry? Add 4 to it.";
/// A question that the embedded model answers right by itself.
const KNOWN: &str = "Is 96 a prime number?";
const GRANTS: [&str; 4] = ["--grant", "op:fact_loop", "--grant", "fact:count_then_add"];

fn graph(prompt: &str) -> String {
    format!("[[task]]\nname = \"loop\"\noperation = \"fact_loop\"\nanswer = true\n{prompt}\n")
}

fn run(home: &Home, graph: &str, more: &[&str]) -> Ended {
    let path = home.write("work/graph.toml", graph).display().to_string();
    home.run([&["run", &path, "--json"], more].concat())
}

fn asked(prompt: &str) -> String {
    graph(&format!("prompt = \"{prompt}\""))
}

fn state<'a>(object: &'a Json, name: &str) -> &'a Json {
    let tasks = object["tasks"].as_array().expect("tasks");
    tasks.iter().find(|task| task["name"] == name).map_or(&Json::Null, |task| &task["state"])
}

#[test]
fn a_refuted_draft_is_made_again_with_a_judged_fact_and_replays() {
    let home = Home::new("fact-loop");
    let ended = run(&home, &asked(PROMPT), &GRANTS);
    let object = ended.json();
    assert_eq!((ended.code, &object["value"]), (0, &json!(7)), "{object} {}", ended.err);
    assert_eq!((&object["level"], &object["generations"]), (&json!("property"), &json!(2)), "{object}");
    // The operand has a check of its own, apart from that of the answer.
    assert_eq!(state(&object, "loop.fact"), "passed", "{object}");
    assert_eq!(object["facts"][0]["value"], json!(3), "{object}");
    let shown = home.run(["ledger", "show", "--json"]);
    assert!(shown.out.contains("fact_loop") && shown.out.contains("independent_disagreement"), "{shown:?}");
    let replayed = home.run(["ledger", "replay", "--json"]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    assert_eq!(home.run(["ledger", "trace"]).code, 0);
}

#[test]
fn a_cost_of_one_and_an_empty_budget_veto_the_second_draft() {
    let home = Home::new("fact-loop-veto");
    let vetoed = run(&home, &asked(PROMPT), &[GRANTS.as_slice(), &["--cost", "1"]].concat());
    let object = vetoed.json();
    assert_eq!(
        (vetoed.code, &object["generations"], &object["value"]),
        (1, &json!(1), &Json::Null),
        "{object}"
    );
    home.write("work/nmk.toml", "[policy]\nbudget = 0\n");
    let broke = run(&home, &asked(PROMPT), &GRANTS);
    assert_eq!((broke.code, &broke.json()["generations"]), (1, &json!(1)), "{broke:?}");
    // The control: the same graph at half the load.
    home.write("work/nmk.toml", "");
    let idle = run(&home, &asked(PROMPT), &[GRANTS.as_slice(), &["--cost", "0.5"]].concat());
    assert_eq!((idle.code, &idle.json()["generations"]), (0, &json!(2)), "{idle:?}");
    home.write("work/nmk.toml", "[policy]\nbudget = 0\nrisk = 1\n");
    let refused = run(&home, &asked(PROMPT), &GRANTS);
    assert_eq!((refused.code, &refused.json()["generations"]), (1, &json!(0)), "{refused:?}");
}

#[test]
fn a_right_draft_and_conversation_take_one_generation() {
    let home = Home::new("fact-loop-once");
    let known = run(&home, &asked(KNOWN), &["--grant", "op:fact_loop", "--grant", "fact:is_prime"]);
    let object = known.json();
    assert_eq!(
        (known.code, &object["value"], &object["generations"]),
        (0, &json!(false), &json!(1)),
        "{object}"
    );
    let chat = run(&home, &asked("Good morning!"), &["--grant", "op:fact_loop"]);
    let object = chat.json();
    assert_eq!((chat.code, &object["generations"]), (0, &json!(1)), "{object}");
    assert_eq!(state(&object, "loop.fact"), &Json::Null, "nothing is computed for conversation");
}

#[test]
fn a_prompt_that_is_not_read_is_told() {
    let home = Home::new("fact-loop-unread");
    let notes =
        |prompt: &str| run(&home, &asked(prompt), &["--grant", "op:fact_loop"]).json()["notes"].clone();
    let told = notes("Is 97 not prime?");
    assert_eq!(told[0]["kind"], "unread", "{told}");
    let text = told[0]["text"].as_str().expect("a text");
    assert!(text.contains("the prompt of loop") && text.contains("negated"), "{text}");
}

#[test]
fn what_is_missing_is_refused_by_name() {
    let home = Home::new("fact-loop-refused");
    let refused = |graph: &str, more: &[&str], parts: &[&str]| {
        let path = home.write("work/graph.toml", graph).display().to_string();
        home.run([&["run", &path], more].concat()).is_refused(parts);
    };
    refused(&graph(""), &GRANTS, &["loop", "a prompt"]);
    refused(&graph("prompt = \" \""), &GRANTS, &["loop", "a prompt"]);
    let narrowed = graph(&format!("prompt = \"{PROMPT}\"\nrights = [\"op:fact_loop\"]"));
    refused(&narrowed, &GRANTS, &["loop.fact", "fact:count_then_add"]);
    refused(&graph("prompt = \"Hi\"\noperands = [1]"), &GRANTS, &["operands"]);
    for (granted, missing) in
        [("op:fact_loop", "fact:count_then_add"), ("fact:count_then_add", "op:fact_loop")]
    {
        refused(&asked(PROMPT), &["--grant", granted], &[missing]);
    }
}
