//! `nmk eval memory`: judged facts of earlier jobs help later ones, hostile entries commit nothing wrong, and an empty
//! memory changes nothing.

mod common;

use common::home::Home;
use serde_json::{Value as Json, json};

fn row<'a>(object: &'a Json, memory: &str, machine: &str) -> &'a Json {
    let rows = object["rows"].as_array().expect("rows");
    let found = rows.iter().find(|row| row["name"] == memory && row["machine"] == machine);
    found.unwrap_or_else(|| panic!("no row {memory} {machine}"))
}

#[test]
fn judged_facts_help_and_hostile_entries_commit_nothing_wrong() {
    let home = Home::new("eval-memory");
    let log = home.path("log.json");
    let ended =
        home.run(["eval", "memory", "--items", "40", "--json", "--log", log.to_str().expect("UTF-8")]);
    let object = ended.json();
    assert_eq!((ended.code, &object["holds"]), (0, &json!(true)), "{object}");
    let number = |memory, machine, key: &str| row(&object, memory, machine)[key].as_f64().expect("a number");
    assert!(number("judged", "vetoed", "accuracy") > number("empty", "vetoed", "accuracy"));
    assert!(number("judged", "idle", "avg_generations") < number("empty", "idle", "avg_generations"));
    for memory in ["judged", "hostile"] {
        assert!(number(memory, "idle", "recalled") > 20.0, "the control: entries enter prompts");
    }
    assert!(
        number("hostile", "vetoed", "accuracy") < number("empty", "vetoed", "accuracy"),
        "the control: hostile entries do mislead a first reply"
    );
    assert_eq!(number("empty", "idle", "recalled"), 0.0);
    let known: Json = serde_json::from_str(&std::fs::read_to_string(log).expect("the log")).expect("JSON");
    assert_eq!(known["conditions"]["model"]["name"], "embedded");
    assert!(!home.ledger().exists(), "no ledger was made");
}

/// The negative control: random weights read no fact, and the exit code says so.
#[test]
fn random_weights_gain_nothing_by_a_memory() {
    let home = Home::new("eval-memory-placebo");
    let words = ["eval", "memory", "--items", "16", "--max-new", "4", "--model", "placebo", "--json"];
    let ended = home.run(words);
    let object = ended.json();
    assert_eq!((ended.code, &object["holds"]), (1, &json!(false)), "{object}");
}
