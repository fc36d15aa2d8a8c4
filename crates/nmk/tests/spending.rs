//! What may be spent: the flags of the policy, the capabilities, and the decisions in the ledger.

mod common;

use common::home::Home;
use common::reseal::{field, reseal_all};
use ledger::{EntryKind, Value};
use serde_json::{Value as Json, json};

/// A question that the embedded model answers wrongly without its fact.
const PROMPT: &str = "How many times does the letter r appear in strawberry? Add 4 to it.";
const GCD: &str = "What is the gcd of 12 and 18?";

fn asked(home: &Home, flags: &[&str]) -> Json {
    home.run(["ask", "--json", PROMPT].iter().chain(flags)).json()
}

#[test]
fn flags_say_what_a_second_attempt_may_cost() {
    let home = Home::new("spending-flags");
    for (flags, generations, signal, note) in [
        (&[][..], 2, "independent_disagreement", "no-budget"),
        (&["--cost", "0.9"], 2, "independent_disagreement", "no-budget"),
        (&["--cost", "0.99"], 2, "independent_disagreement", "no-budget"),
        (&["--cost", "1"], 1, "cost_braked", "no-budget"),
        (&["--importance", "0"], 1, "thin_default", "no-budget"),
        (&["--budget", "1"], 2, "independent_disagreement", "ok"),
        (&["--budget", "0"], 1, "independent_disagreement", "budget-exhausted"),
        // Risk makes the second attempt mandatory: no load prevents it, and no budget thins it out.
        (&["--cost", "1", "--risk", "1"], 2, "risk_floor", "no-budget"),
        (&["--budget", "0", "--risk", "1"], 1, "risk_floor", "refused-budget"),
    ] {
        let object = asked(&home, flags);
        let audit = &object["audit"];
        let found = (&object["generations"], &audit["used_signal"], &audit["budget_note"]);
        assert_eq!(found, (&json!(generations), &json!(signal), &json!(note)), "{flags:?} {object}");
        assert_eq!(object["committed"], json!(generations == 2), "{flags:?} {object}");
    }
    for (flag, value, part) in [
        ("--cost", "1.5", "0 to 1"),
        ("--cost", "nan", "machine"),
        ("--importance", "-1", "0 to 1"),
        ("--risk", "nan", "0 to 1"),
        ("--budget", "inf", "from 0"),
        ("--budget", "-1", "from 0"),
    ] {
        home.run(["ask", "Hi", flag, value]).is_refused(&[flag, part]);
    }
}

#[test]
fn the_load_of_the_machine_can_be_measured() {
    let home = Home::new("spending-machine");
    let object = asked(&home, &["--cost", "machine"]);
    let cost = object["audit"]["cost"].as_f64().expect("a number");
    assert!((0.0..=1.0).contains(&cost), "{object}");
    home.write("home/.config/nmk/nmk.toml", "[policy]\ncost = \"machine\"\n");
    assert_eq!(home.run(["config", "--json"]).json()["policy"]["cost"], json!("machine"));
}

#[test]
fn a_denied_capability_leaves_the_plain_generation() {
    let home = Home::new("spending-denied");
    let plain = home.run(["model", "generate", "embedded", "--prompt", GCD, "--max-new", "64"]).json();
    let plain = plain["text"].as_str().expect("a text");
    let ended = home.run(["ask", GCD, "--deny", "fact:gcd"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, format!("{plain}\n").as_str()), "{ended:?}");
    let object = home.run(["ask", GCD, "--deny", "fact:gcd", "--json"]).json();
    assert_eq!(object["answer"].as_str(), Some(plain), "{object}");
    let found = [&object["routed"], &object["level"], &object["generations"], &object["facts"]];
    assert_eq!(found, [&json!("cap-denied:gcd"), &json!("none"), &json!(1), &json!([])], "{object}");
    // A denial counts whatever grants the same, and it concerns its own kind alone.
    let flags = ["--json", "--deny", "fact:gcd", "--grant", "fact:gcd"];
    let object = home.run(["ask", GCD].iter().chain(&flags)).json();
    assert_eq!(object["routed"], json!("cap-denied:gcd"), "{object}");
    let direct = home.run(["ask", GCD, "--direct", "--deny", "fact:gcd"]);
    assert_eq!(direct.out, ended.out, "nothing is computed");
    let object = home.run(["ask", GCD, "--json", "--deny", "fact:is_prime"]).json();
    assert_eq!((&object["routed"], &object["answer"]), (&json!("gcd"), &json!("6")), "{object}");
    let strict = home.run(["ask", GCD, "--deny", "fact:gcd", "--require", "oracle", "--json"]);
    assert_eq!((strict.code, &strict.json()["answer"]), (1, &json!(null)));
    home.run(["ask", GCD, "--deny", "gcd"]).is_refused(&["`gcd`", "--deny", "fact:gcd"]);
    home.run(["ask", GCD, "--grant", "op:datetime"]).is_refused(&["`op:datetime`", "--grant", "fact:gcd"]);
}

#[test]
fn a_granted_capability_is_added_to_those_of_the_file() {
    let home = Home::new("spending-granted");
    home.write("home/.config/nmk/nmk.toml", "facts = []\n");
    let without = home.run(["ask", GCD, "--json"]);
    assert_eq!((without.code, &without.json()["facts"]), (1, &json!([])), "{without:?}");
    let with = home.run(["ask", GCD, "--grant", "fact:gcd", "--json"]).json();
    assert_eq!((&with["answer"], &with["routed"]), (&json!("6"), &json!("gcd")), "{with}");
}

/// Returns the bodies of the decisions in the ledger.
fn decided(home: &Home) -> Vec<Json> {
    let entries = home.run(["ledger", "show", "--json"]).json();
    let entries = entries["entries"].as_array().expect("entries").clone();
    entries
        .into_iter()
        .filter(|entry| entry["kind"] == "decided")
        .map(|entry| entry["body"].clone())
        .collect()
}

#[test]
fn every_decision_is_in_the_ledger_and_is_made_again() {
    let home = Home::new("spending-ledger");
    asked(&home, &["--budget", "3", "--cost", "0.7"]);
    home.write("work/sum.toml", include_str!("../../../docs/sum.toml"));
    assert_eq!(home.run(["run", "sum.toml", "--workers", "8", "--cost", "0.25"]).code, 0);
    assert_eq!(
        home.run(["run", "sum.toml", "--workers", "8"]).code,
        0,
        "nothing is decided for an idle machine"
    );
    let found = decided(&home);
    let of = |body: &Json| {
        [&body["seam"], &body["k"], &body["signals"]["cost"], &body["remaining"]].map(Json::clone)
    };
    assert_eq!(of(&found[0]), [json!("fact_loop"), json!(1), json!(0.7), json!(3.0)]);
    assert_eq!(of(&found[1]), [json!("lane_width"), json!(5), json!(0.25), json!(null)]);
    assert_eq!(found.len(), 2);
    let replayed = home.run(["ledger", "replay", "--json"]);
    let object = replayed.json();
    assert_eq!((replayed.code, &object["decisions"], &object["difference"]), (0, &json!(2), &json!(null)));
}

#[test]
fn the_width_of_a_search_is_in_the_ledger_too() {
    let home = Home::new("spending-search");
    home.write("work/gap.toml", include_str!("../../../docs/gate/longest_gap.toml"));
    let solved =
        home.run(["solve", "gap.toml", "--budget", "1", "--cost", "0.5", "--max-new", "12", "--json"]);
    assert_eq!(solved.code, 1, "{solved:?}");
    let found = decided(&home);
    let of = ["seam", "for", "admitted", "budget"].map(|key| found[0][key].clone());
    assert_eq!(of, [json!("ladder_width"), json!("longest_gap"), json!(1), json!("budget-clamped")]);
    assert!(found[0]["signals"]["disagreement"].as_f64() > Some(0.5), "{found:?}");
    let object = home.run(["ledger", "replay", "--json"]).json();
    assert_eq!((&object["decisions"], &object["difference"]), (&json!(1), &json!(null)), "{object}");
}

#[test]
fn an_altered_decision_is_found_by_a_replay() {
    let alterations: [(&str, Value); 6] = [
        ("k", Value::Int(0)),
        ("admitted", Value::Int(0)),
        ("signal", Value::text("thin_default")),
        ("remaining", Value::from_number("0.0").expect("a number")),
        ("signals", Value::map([("cost", Value::Int(9))])),
        ("policy", Value::Null),
    ];
    for (key, value) in alterations {
        let home = Home::new(&format!("spending-altered-{key}"));
        asked(&home, &[]);
        reseal_all(&home, |entries| {
            let of = entries.iter_mut().find(|entry| entry.kind == EntryKind::Decided).expect("a decision");
            *field(&mut of.body, key).expect("a part of it") = value.clone();
        });
        assert_eq!(home.run(["ledger", "verify"]).code, 0, "whoever holds the key can seal anything");
        let ended = home.run(["ledger", "replay", "--json"]);
        let object = ended.json();
        assert_eq!((ended.code, &object["difference"]["what"]), (1, &json!("decision")), "{key}: {object}");
    }
}

#[test]
fn a_decision_without_signals_is_unproven() {
    let home = Home::new("spending-older");
    asked(&home, &[]);
    reseal_all(&home, |entries| {
        let of = entries.iter_mut().find(|entry| entry.kind == EntryKind::Decided).expect("a decision");
        let Value::Map(body) = &mut of.body else { panic!("a map") };
        body.remove("signals");
    });
    let object = home.run(["ledger", "replay", "--json"]).json();
    assert_eq!((&object["decisions"], &object["difference"]), (&json!(0), &json!(null)), "{object}");
    assert!(object["unproven"].to_string().contains("no signals"), "{object}");
}
