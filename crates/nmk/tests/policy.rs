//! `nmk policy decide`: every worked value of the reference design, and every refusal.

mod common;

use common::home::Home;
use serde_json::{Value, json};

fn decided(home: &Home, flags: &[(&str, &Value)]) -> Value {
    let texts: Vec<(&str, String)> = flags.iter().map(|(flag, object)| (*flag, object.to_string())).collect();
    let words = texts.iter().flat_map(|(flag, text)| [*flag, text.as_str()]);
    let ended = home.run(["policy", "decide", "--json"].into_iter().chain(words));
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{flags:?} {ended:?}");
    ended.json()
}

/// Asserts `k` of decisions whose signals vary in one key.
fn check(home: &Home, policy: &Value, signals: &Value, key: &str, rows: &[(f64, u64)]) {
    for (number, k) in rows {
        let mut signals = signals.clone();
        signals[key] = json!(number);
        let object = decided(home, &[("--signals", &signals), ("--policy", policy)]);
        assert_eq!(object["k"], json!(k), "{key} {number}: {object}");
        assert_eq!(object["est_cost"], json!(*k as f64), "{key} {number}: {object}");
    }
}

#[test]
fn the_worked_values_of_the_formula_come_out() {
    let home = Home::new("policy-formula");
    let reference = json!({});
    let split = json!({"disagreement": 1, "importance": 1});
    let importance = [(0.0, 1), (0.01, 2), (0.2, 2), (0.5, 3), (0.7, 4), (1.0, 4)];
    check(&home, &reference, &json!({"disagreement": 1, "cost": 0}), "importance", &importance);
    let disagreement = [(0.5, 1), (0.51, 2), (0.67, 3), (0.84, 4), (1.0, 4)];
    check(&home, &reference, &json!({"importance": 1}), "disagreement", &disagreement);
    let cost = [(0.6, 4), (0.7, 4), (0.8, 3), (0.9, 2), (0.999, 2), (1.0, 1)];
    check(&home, &reference, &split, "cost", &cost);
    let risk = [(0.5, 1), (0.51, 2), (0.67, 3), (0.84, 4), (1.0, 4)];
    check(&home, &reference, &json!({}), "risk", &risk);
    let ladder = json!({"k_max": 5});
    check(&home, &ladder, &split, "cost", &[(0.0, 5), (0.7, 4), (0.8, 3), (0.9, 2), (1.0, 1)]);
    let severity = [(0.1, 1), (0.5, 1), (0.6, 2), (0.75, 3), (0.9, 5)];
    check(&home, &ladder, &json!({"importance": 1}), "disagreement", &severity);
    let (fact, veto) = (json!({"k_min": 0, "k_max": 2}), [(0.0, 2), (0.9, 1), (0.99, 1), (1.0, 0)]);
    check(&home, &fact, &json!({"disagreement": 1, "importance": 0.7}), "cost", &veto);
}

#[test]
fn the_parts_and_the_signal_of_a_decision_come_out() {
    let home = Home::new("policy-parts");
    let one = json!({"k_min": 1, "k_max": 1});
    for (signals, policy, parts, signal) in [
        (json!({}), json!({}), (1, 0, 0), "thin_default"),
        (json!({"risk": 1}), json!({}), (4, 0, 3), "risk_floor"),
        // Without headroom the floor vanishes, as in the reference.
        (json!({"risk": 1}), one, (1, 0, 0), "thin_default"),
        (json!({"risk": 0.9, "cost": 1}), json!({}), (4, 0, 3), "risk_floor"),
        (json!({"uncertainty": 0.95}), json!({}), (1, 0, 0), "uncalibrated_held"),
        (
            json!({"uncertainty": 0.9, "uncertainty_calibrated": true, "importance": 1}),
            json!({}),
            (4, 3, 0),
            "calibrated_uncertainty",
        ),
        (
            json!({"uncertainty": 0.95, "importance": 1}),
            json!({"require_calibrated": false}),
            (4, 3, 0),
            "calibrated_uncertainty",
        ),
        (json!({"disagreement": 1, "cost": 1, "importance": 1}), json!({}), (1, 0, 0), "cost_braked"),
        (json!({"disagreement": 1, "importance": 1}), json!({}), (4, 3, 0), "independent_disagreement"),
        (json!({"disagreement": null}), json!({}), (1, 0, 0), "thin_default"),
    ] {
        let object = decided(&home, &[("--signals", &signals), ("--policy", &policy)]);
        let (k, explore, verify) = parts;
        let found = [&object["k"], &object["explore_k"], &object["verify_k"], &object["used_signal"]];
        assert_eq!(found, [&json!(k), &json!(explore), &json!(verify), &json!(signal)], "{signals} {object}");
        assert!(object["reason"].as_str().is_some_and(|reason| reason.contains("doubt")), "{object}");
    }
}

#[test]
fn the_worked_values_of_the_cost_come_out() {
    let home = Home::new("policy-cost");
    let eager = json!({"disagreement": 1, "importance": 1});
    for (readings, model, cost, binding) in [
        (json!({}), json!({}), 0.0, "load"),
        (json!({"load1": 0.1, "cores": 16, "memory_percent": 20}), json!({}), 0.006, "load"),
        (json!({"load1": 3, "cores": 4}), json!({}), 0.75, "load"),
        (json!({"load1": 3, "cores": 4}), json!({"load_saturate": 2}), 0.375, "load"),
        (json!({"load1": 3}), json!({}), 0.0, "load"),
        (json!({"memory_percent": 75}), json!({}), 0.5, "memory"),
        (json!({"memory_percent": 75}), json!({"mem_floor": 0}), 0.75, "memory"),
        (json!({"ready": 2, "held": 4}), json!({}), 0.75, "queue"),
        (json!({"ready": 2, "held": 4}), json!({"queue_soft_cap": 6}), 1.0, "queue"),
        (json!({"gpu_percent": 85}), json!({}), 1.0, "gpu"),
        (json!({"gpu_percent": 85}), json!({"gpu_saturate": 1}), 0.85, "gpu"),
        (json!({"load1": 64, "cores": 4, "gpu_percent": null}), json!({}), 1.0, "load"),
    ] {
        let flags = [("--sysinfo", &readings), ("--cost-model", &model), ("--signals", &eager)];
        let object = decided(&home, &flags);
        assert_eq!((&object["cost"], &object["binding"]), (&json!(cost), &json!(binding)), "{object}");
    }
    // From the readings to the decision, and to the budget.
    let idle = json!({"load1": 0.1, "cores": 16});
    let full = json!({"load1": 16, "cores": 16});
    for (readings, budget, k, admitted, note) in [
        (&idle, "9", 4, 4, "ok"),
        (&idle, "4", 4, 4, "ok"),
        (&idle, "2", 4, 2, "budget-clamped"),
        (&idle, "0.5", 4, 0, "budget-exhausted"),
        (&full, "9", 1, 1, "ok"),
    ] {
        let (readings, eager) = (readings.to_string(), eager.to_string());
        let words = ["--json", "--sysinfo", &readings, "--signals", &eager, "--budget", budget];
        let object = home.run(["policy", "decide"].into_iter().chain(words)).json();
        let found = [&object["k"], &object["admitted"], &object["note"]];
        assert_eq!(found, [&json!(k), &json!(admitted), &json!(note)], "{object}");
    }
}

#[test]
fn the_worked_values_of_the_lanes_come_out() {
    let home = Home::new("policy-lanes");
    let lanes = json!({"n_lanes": 8, "importance": 1});
    for (cost, width) in [(0.0, 8), (0.1, 7), (0.25, 5), (0.4, 3), (0.49, 2), (0.5, 1), (0.8, 1), (1.0, 1)] {
        let object = decided(&home, &[("--lanes", &lanes), ("--signals", &json!({"cost": cost}))]);
        assert_eq!(object["W"], json!(width), "{cost}: {object}");
    }
    // The load may come from readings, and the importance from the signals.
    for (lanes, width) in [(json!({"n_lanes": 8}), 5), (json!({"n_lanes": 1}), 1)] {
        let object = decided(&home, &[("--lanes", &lanes), ("--sysinfo", &json!({}))]);
        assert_eq!(object["W"], json!(width), "{object}");
    }
    let full = json!({"load1": 8, "cores": 4});
    let object = decided(&home, &[("--lanes", &lanes), ("--sysinfo", &full)]);
    assert_eq!(object["W"], json!(1), "{object}");
}

#[test]
fn every_wrong_object_is_refused_with_the_way_out() {
    let home = Home::new("policy-refused");
    for (flag, text, parts) in [
        ("--signals", "{\"risk\": 1.5}", &["`risk` of --signals is 1.5", "from 0 to 1"][..]),
        ("--signals", "{\"risk\": -0.001}", &["`risk`", "from 0 to 1"]),
        ("--signals", "{\"cost\": NaN}", &["--signals is not JSON", "no NaN"]),
        ("--signals", "{\"cost\": 1e999}", &["--signals", "leave it out"]),
        ("--signals", "{\"cost\": \"0.5\"}", &["`cost` of --signals is of the type text", "finite number"]),
        ("--signals", "{\"uncertainty_calibrated\": 1}", &["`uncertainty_calibrated`", "true or false"]),
        ("--signals", "{\"doubt\": 1}", &["no key `doubt`", "disagreement"]),
        ("--signals", "{\"risk\": 0, \"risk\": 1}", &["--signals is not JSON", "comes twice"]),
        ("--signals", "{\"risk\": 0", &["--signals is not JSON", "pass one object"]),
        ("--signals", "[0.5]", &["--signals is a list", "uncertainty"]),
        ("--signals", "", &["--signals is not JSON"]),
        ("--policy", "{\"k_min\": 5}", &["--policy is refused: k_min 5 is above k_max 4", "lower the first"]),
        ("--policy", "{\"k_max\": 2.5}", &["`k_max` of --policy is 2.5", "whole number"]),
        ("--policy", "{\"k_max\": -1}", &["`k_max`", "whole number"]),
        ("--policy", "{\"k_max\": 4000}", &["k_max 4000", "1024"]),
        ("--policy", "{\"widen_threshold\": 1}", &["widen_threshold", "below 1"]),
        ("--policy", "{\"unit_cost\": 0}", &["unit_cost 0"]),
        ("--policy", "{\"kmin\": 0}", &["no key `kmin`", "k_min"]),
        ("--sysinfo", "{\"cores\": 0}", &["`cores` of --sysinfo is 0", "from 1"]),
        ("--sysinfo", "{\"load1\": -1}", &["`load1` of --sysinfo is -1", "from 0"]),
        ("--sysinfo", "{\"load\": 1}", &["no key `load`", "load1"]),
        ("--lanes", "{\"n_lanes\": 0}", &["`n_lanes` of --lanes is 0", "from 1 to 1024"]),
        ("--lanes", "{\"n_lanes\": 9999}", &["`n_lanes`", "1024"]),
        ("--lanes", "{}", &["--lanes has no `n_lanes`", "from 1"]),
        ("--budget", "-1", &["--budget", "from 0"]),
        ("--budget", "nan", &["--budget", "from 0"]),
        ("--cost-model", "{}", &["--sysinfo"]),
    ] {
        home.run(["policy", "decide", flag, text]).is_refused(parts);
    }
    let model = ["--sysinfo", "{}", "--cost-model"];
    for (text, part) in [
        ("{\"queue_soft_cap\": 0}", "queue_soft_cap is 0"),
        ("{\"mem_floor\": 1}", "mem_floor is 1"),
        ("{\"cap\": 1}", "no key `cap`"),
    ] {
        home.run(["policy", "decide"].into_iter().chain(model).chain([text])).is_refused(&[part]);
    }
    let twice = ["--sysinfo", "{}", "--signals", "{\"cost\": 0.5}"];
    home.run(["policy", "decide"].into_iter().chain(twice)).is_refused(&["--sysinfo", "leave one"]);
    let object = home.run(["policy", "decide", "--json", "--signals", "{\"risk\": 2}"]).json();
    assert_eq!(object["code"], "config", "{object}");
    assert!(!home.ledger().exists(), "no ledger was made");
}

#[test]
fn a_person_is_told_in_words() {
    let home = Home::new("policy-words");
    let words = ["--sysinfo", "{\"load1\": 3, \"cores\": 4}", "--lanes", "{\"n_lanes\": 8}", "--budget", "0"];
    let ended = home.run(["policy", "decide"].into_iter().chain(words));
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
    for part in ["k = 1", "thin_default", "the cost is 0.75, by load", "1 lane at a time", "admits 0"] {
        assert!(ended.out.contains(part), "{part}: {ended:?}");
    }
}

#[test]
fn the_improved_mode_plans_or_refuses() {
    let home = Home::new("policy-improved");
    let improved = |signals: Value, more: &[&str]| {
        let signals = signals.to_string();
        let words = ["policy", "decide", "--json", "--mode", "improved", "--signals", &signals];
        home.run(words.iter().chain(more))
    };
    let eager = || json!({"disagreement": 1, "importance": 1, "risk": 0.6});
    let checks = "[{\"name\": \"slow\", \"cost\": 4, \"power\": 1}, {\"name\": \"quick\", \"cost\": 0.5, \"power\": 0.5}]";
    let object = improved(eager(), &["--checks", checks, "--budget", "4"]).json();
    assert_eq!(object["plan"]["attempts"], json!(["minimum", "doubt"]), "{object}");
    assert_eq!(object["plan"]["checks"], json!(["quick"]), "{object}");
    assert_eq!(object["plan"]["stop_attempts"], json!("first-that-passes"), "{object}");
    assert_eq!(object["cut"], json!({"by_cost": 0, "by_limit": 1, "by_budget": 1}), "{object}");
    let found = ["k", "explore_k", "verify_k", "est_cost", "left"].map(|key| object[key].clone());
    assert_eq!(found, [json!(3), json!(1), json!(1), json!(3.0), json!(1.0)], "{object}");
    // Where the reference drops checks and passes, a plan is refused.
    let short = improved(json!({"risk": 1}), &["--budget", "3"]);
    assert_eq!((short.code, &short.json()["refused"]), (1, &json!("refused-budget")), "{short:?}");
    let dropped = home.run(["policy", "decide", "--json", "--signals", "{\"risk\": 1}", "--budget", "3"]);
    assert_eq!((dropped.code, &dropped.json()["admitted"]), (0, &json!(3)), "{dropped:?}");
    let none = improved(json!({"risk": 1}), &["--checks", "[]"]);
    assert_eq!((none.code, &none.json()["refused"]), (1, &json!("refused-checks")), "{none:?}");
    let narrow = improved(json!({"risk": 1}), &["--policy", "{\"k_max\": 1}"]);
    assert_eq!((narrow.code, &narrow.json()["refused"]), (1, &json!("refused-headroom")), "{narrow:?}");
    let words = home.run(["policy", "decide", "--mode", "improved", "--signals", "{\"risk\": 1}"]);
    for part in
        ["attempts: minimum", "check-1, check-2, check-3", "reserved: 4, by risk_floor", "left out: 0"]
    {
        assert!(words.out.contains(part), "{part}: {words:?}");
    }
    for (checks, part) in [
        ("{}", "--checks is a map"),
        ("[1]", "--checks is a int"),
        ("[{\"name\": \"x\", \"cost\": 1}]", "no `power`"),
        ("[{\"name\": \"x\", \"cost\": -1, \"power\": 1}]", "`cost` of --checks is -1"),
        ("[{\"name\": \"x\", \"cost\": 1, \"power\": 2}]", "`power` of --checks is 2"),
        ("[{\"name\": 1, \"cost\": 1, \"power\": 1}]", "no `name`"),
        ("[{\"title\": 1}]", "no key `title`"),
    ] {
        let words = ["policy", "decide", "--mode", "improved", "--checks", checks];
        home.run(words).is_refused(&[part]);
    }
    home.run(["policy", "decide", "--mode", "best"]).is_refused(&["--mode"]);
}
