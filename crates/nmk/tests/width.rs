//! `nmk eval width`: the real ladder widens on an idle machine, narrows on a busy one, and obeys a budget.

mod common;

use common::home::Home;
use serde_json::{Value, json};

#[test]
fn a_search_is_as_wide_as_load_and_budget_allow() {
    let home = Home::new("eval-width");
    let log = home.path("width.json");
    let ended = home.run(["eval", "width", "--json", "--log", log.to_str().expect("UTF-8")]);
    let object = ended.json();
    let kept: Value = serde_json::from_slice(&std::fs::read(&log).expect("the log")).expect("JSON");
    assert_eq!(kept, object, "the log is the result with its conditions");
    assert!(
        object["conditions"]["arguments"].is_array() && object["conditions"]["model"].is_null(),
        "{object}"
    );
    let arms = object["arms"].as_array().expect("arms");
    let names: Vec<&str> = arms.iter().filter_map(|arm| arm["name"].as_str()).collect();
    assert_eq!(names, ["no_policy", "idle", "busy_stated", "busy_measured", "budget", "first_passes"]);
    for (arm, k) in arms.iter().zip([3, 5, 1, 1, 2, 0]) {
        // A machine that other processes keep this one from filling is named as one where nothing is shown.
        if arm["unproven"] != Value::Null {
            assert_eq!((&arm["name"], ended.code), (&json!("busy_measured"), 3), "{object}");
            continue;
        }
        assert_eq!((&arm["k"], &arm["wanted"]), (&json!(k), &json!(k)), "{arm}");
    }
    assert_eq!(arms[5]["attempts"], json!(1), "nothing follows a first attempt that passes");
    assert!(arms[4]["why"].as_str().is_some_and(|why| why.contains("budget-clamped")), "{object}");
    assert!(arms[2]["why"].as_str().is_some_and(|why| why.contains("cost_braked")), "{object}");
    assert!([0, 3].contains(&ended.code), "{ended:?}");
    assert!(!home.ledger().exists(), "no ledger was made");
}
