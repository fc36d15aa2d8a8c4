//! `nmk eval dispatch`: the head with the grammar notices wordings that the grammar does not read.

mod common;

use common::home::Home;
use serde_json::{Value as Json, json};

#[test]
fn the_head_notices_paraphrases_that_the_grammar_does_not_read() {
    let home = Home::new("eval-dispatch");
    let ended = home.run(["eval", "dispatch", "--json"]);
    let object = ended.json();
    assert_eq!((ended.code == 0, &object["prompts"]), (object["holds"] == true, &json!(580)), "{object}");
    let rate = |router: &str, group: &str| -> f64 {
        let routers = object["routers"].as_array().expect("routers");
        let found = routers.iter().find(|row| row["name"] == router).expect("a router");
        found[group]["rate"].as_f64().expect("a rate")
    };
    assert!(rate("head_then_rules", "paraphrases") > rate("rules", "paraphrases"), "{object}");
    assert!(rate("rules", "wrong_on_others") <= rate("head", "wrong_on_others"), "{object}");
    assert!(rate("head", "wrong_on_others") < 0.05, "{object}");
}

/// The control: the head belongs to the model in its first state, so in another one nothing is requested.
#[test]
fn without_its_model_the_head_adds_nothing() {
    let home = Home::new("eval-dispatch-bf16");
    let ended = home.run(["eval", "dispatch", "--json", "--state", "bf16"]);
    let object = ended.json();
    let row = |place: usize| -> Json { object["routers"][place]["paraphrases"].clone() };
    assert_eq!((ended.code, row(0)), (1, row(2)), "{object}");
    assert_eq!(row(1)["rate"], json!(0.0), "{object}");
}
