//! `nmk eval factloop`: a fact lifts the embedded model, the policy saves some of it, and a placebo shows nothing of both.

mod common;

use common::home::Home;
use serde_json::{Value as Json, json};

fn arm<'a>(object: &'a Json, name: &str) -> &'a Json {
    let arms = object["arms"].as_array().expect("arms");
    arms.iter().find(|arm| arm["name"] == name).unwrap_or_else(|| panic!("no arm {name}"))
}

fn finding(object: &Json, name: &str) -> bool {
    let findings = object["findings"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["name"] == name);
    found.and_then(|found| found["holds"].as_bool()).unwrap_or_else(|| panic!("no finding {name}"))
}

#[test]
fn the_governed_loop_is_as_right_as_one_that_always_has_the_fact() {
    let home = Home::new("eval-factloop");
    let (log, picture) = (home.path("log.json"), home.path("picture.svg"));
    let [log, picture] = [&log, &picture].map(|path| path.to_str().expect("UTF-8"));
    let words = ["eval", "factloop", "--items", "40", "--json", "--log", log, "--picture", picture];
    let ended = home.run(words);
    let object = ended.json();
    assert_eq!((ended.code, &object["holds"]), (0, &json!(true)), "{object}");
    let number = |name: &str, key: &str| arm(&object, name)[key].as_f64().expect("a number");
    assert!(number("governed_idle", "accuracy") >= number("always", "accuracy") - 0.03, "{object}");
    assert!(arm(&object, "governed_idle")["ci"][0].as_f64() > arm(&object, "base")["ci"][1].as_f64());
    assert!((1.001..1.999).contains(&number("governed_idle", "avg_generations")), "{object}");
    assert_eq!(arm(&object, "governed_busy")["spent"], 0);
    assert_eq!(arm(&object, "budget")["spent"], 4, "a tenth of the questions");
    let costs = object["costs"].as_array().expect("costs");
    let rows: Vec<(&Json, &Json)> = costs.iter().map(|row| (&row["cost"], &row["k"])).collect();
    let wanted = [(json!(0.9), json!(1)), (json!(0.99), json!(1)), (json!(1.0), json!(0))];
    assert!(rows.iter().zip(&wanted).all(|((cost, k), (c, n))| *cost == c && *k == n), "{rows:?}");
    assert_eq!(costs[2]["spent"], 0, "cost 1 vetoes every discretionary spend");
    let known: Json = serde_json::from_str(&std::fs::read_to_string(log).expect("the log")).expect("JSON");
    let conditions = &known["conditions"];
    for key in ["machine", "threads", "isa", "model", "seeds", "version", "numerics", "arguments"] {
        assert!(!conditions[key].is_null(), "{key}: {conditions}");
    }
    assert_eq!(conditions["model"]["digest"].as_str().map(str::len), Some(64), "{conditions}");
    let svg = std::fs::read_to_string(picture).expect("the picture");
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && svg.contains("governed_idle"));
    assert!(!home.ledger().exists(), "no ledger was made");
}

/// The negative control: weights that know nothing have no lift, and the exit code says so.
#[test]
fn random_weights_show_no_lift_and_the_exit_code_says_so() {
    let home = Home::new("eval-factloop-placebo");
    let words = ["eval", "factloop", "--items", "40", "--max-new", "4", "--model", "placebo", "--json"];
    let ended = home.run(words);
    let object = ended.json();
    assert_eq!((ended.code, &object["holds"]), (1, &json!(false)), "{object}");
    assert!(!finding(&object, "above_base") && finding(&object, "nothing_wrong_committed"), "{object}");
    assert_eq!(arm(&object, "governed_idle")["committed"], 0);
}

#[test]
fn a_risk_makes_facts_mandatory_and_a_low_importance_buys_none() {
    let home = Home::new("eval-factloop-policy");
    let run =
        |words: &[&str]| home.run([&["eval", "factloop", "--items", "16", "--json"], words].concat()).json();
    let [risky, cheap] = [run(&["--risk", "1"]), run(&["--importance", "0"])];
    assert!(arm(&risky, "governed_busy")["spent"].as_u64() > Some(0), "{risky}");
    assert_eq!(arm(&cheap, "governed_idle")["spent"], 0, "{cheap}");
    assert_eq!(arm(&run(&["--budget", "0"]), "budget")["spent"], 0);
    assert!(arm(&run(&["--cost", "0.5"]), "governed_busy")["spent"].as_u64() > Some(0));
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let home = Home::new("eval-factloop-place");
    let words = ["eval", "factloop", "--items", "8", "--max-new", "2", "--log", "/nosuch/x.json"];
    home.run(words).is_refused(&["/nosuch/x.json", "cannot be written"]);
}
