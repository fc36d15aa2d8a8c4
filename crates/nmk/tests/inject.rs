//! `nmk eval inject`: the same fact as tokens and as a residual, with causal controls; another model is refused.

mod common;

use common::home::Home;
use serde_json::{Value as Json, json};

fn named<'a>(list: &'a Json, name: &str) -> &'a Json {
    let rows = list.as_array().expect("a list");
    rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no row {name}"))
}

/// The share of the answers of one operation that follow the value.
fn follows(object: &Json, arm: &str, operation: &str) -> f64 {
    let rows = named(&object["arms"], arm)["operations"].as_array().expect("operations");
    let row = rows.iter().find(|row| row["operation"] == operation).expect("an operation");
    row["follows"]["rate"].as_f64().expect("a rate")
}

#[test]
fn both_modes_follow_values_and_the_controls_hold() {
    let home = Home::new("eval-inject");
    let log = home.path("log.json");
    let ended =
        home.run(["eval", "inject", "--items", "80", "--json", "--log", log.to_str().expect("UTF-8")]);
    let object = ended.json();
    assert_eq!((ended.code, &object["holds"]), (0, &json!(true)), "{object}");
    for arm in ["mode_a", "mode_b"] {
        assert!(follows(&object, arm, "letter_count") > 0.9, "{arm}: {object}");
        assert!(follows(&object, &format!("{arm}_other"), "letter_count") > 0.9, "{arm}: {object}");
    }
    assert!(follows(&object, "placebo_other", "letter_count") < 0.3, "{object}");
    let operands = &named(&object["differences"], "operands")["ci"];
    let says = match (operands[0].as_f64() > Some(0.0), operands[1].as_f64() < Some(0.0)) {
        (true, _) => "mode A is better on operands",
        (_, true) => "mode B is better on operands",
        _ => "no difference shown on operands",
    };
    assert_eq!(object["verdict"], says, "{object}");
    let known: Json = serde_json::from_str(&std::fs::read_to_string(log).expect("the log")).expect("JSON");
    assert_eq!(known["conditions"]["model"]["digest"].as_str().map(str::len), Some(64), "{known}");
    assert!(!home.ledger().exists(), "no ledger was made");
}

/// The answers and the bits belong to the questions, and not to the schedule.
#[test]
fn the_figures_do_not_depend_on_threads_chunks_or_drafts() {
    let home = Home::new("eval-inject-schedule");
    let run = |words: &[&str]| {
        let mut object = home.run([&["eval", "inject", "--items", "8", "--json"], words].concat()).json();
        object["conditions"] = Json::Null;
        object["arms"].as_array_mut().expect("arms").iter_mut().for_each(|arm| arm["seconds"] = Json::Null);
        object
    };
    let expected = run(&[]);
    for words in [&["--threads", "1"][..], &["--chunk", "7"], &["--speculate", "3"]] {
        assert_eq!(run(words), expected, "{words:?}");
    }
    assert_ne!(run(&["--max-new", "1"]), expected, "shorter replies are seen");
}

/// The negative control: weights that know nothing follow nothing, and the exit code says so.
#[test]
fn random_weights_follow_nothing() {
    let home = Home::new("eval-inject-placebo");
    let ended = home.run(["eval", "inject", "--items", "16", "--model", "placebo", "--json"]);
    let object = ended.json();
    assert_eq!((ended.code, &object["holds"]), (1, &json!(false)), "{object}");
    for arm in ["mode_a", "mode_b"] {
        assert_eq!(follows(&object, arm, "letter_count"), 0.0, "{object}");
    }
    assert_eq!(named(&object["findings"], "zero_up_is_identical")["holds"], true, "{object}");
}

#[test]
fn another_model_is_refused_by_its_digest_with_the_way_out() {
    let home = Home::new("eval-inject-other");
    let says = ["was trained on the model", "cargo xtask train injector", "leave --model and --state out"];
    home.run(["eval", "inject", "--items", "8", "--model", "coder"]).is_refused(&says);
    home.run(["eval", "inject", "--items", "8", "--state", "bf16"]).is_refused(&says);
    let remote = ["eval", "inject", "--items", "8", "--model", "http://127.0.0.1:9/v1"];
    home.run(remote).is_refused(&[]);
}
