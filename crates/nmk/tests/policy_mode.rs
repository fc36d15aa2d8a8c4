//! The mode of the policy: what a plan spends where the formula spends, and what the ledger says of both.

mod common;

use common::decided::decisions;
use common::home::Home;
use serde_json::{Value as Json, json};

const QUESTION: &str = "How many times does the letter r appear in strawberry? Add 4 to it.";

fn replays(home: &Home, decisions: u64) {
    let replayed = home.run(["ledger", "replay", "--json"]);
    assert_eq!((replayed.code, &replayed.json()["decisions"]), (0, &json!(decisions)), "{replayed:?}");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    assert_eq!(home.run(["ledger", "trace"]).code, 0);
}

#[test]
fn a_plan_rounds_down_where_the_formula_rounds_up() {
    let home = Home::new("mode-ask");
    let ask = |more: &[&str]| home.run([&["ask", "--json"], more, &[QUESTION]].concat()).json();
    let generations = |more: &[&str]| ask(more)["generations"].clone();
    assert_eq!(generations(&["--policy-mode", "improved"]), json!(2));
    assert_eq!(generations(&["--cost", "0.9"]), json!(2));
    assert_eq!(generations(&["--cost", "0.9", "--policy-mode", "improved"]), json!(1));
    // Mandated work is made at any load, and refused where it cannot be paid.
    let risky = ["--cost", "1", "--risk", "1", "--policy-mode", "improved"];
    assert_eq!(generations(&risky), json!(2));
    let refused = ask(&[&risky[..], &["--budget", "0"]].concat());
    assert_eq!(
        (&refused["committed"], &refused["audit"]["budget_note"]),
        (&json!(false), &json!("refused-budget"))
    );
    let bodies = decisions(&home, "fact_loop");
    let modes: Vec<&Json> = bodies.iter().map(|body| &body["mode"]).collect();
    assert_eq!(
        modes,
        [&json!("improved"), &Json::Null, &json!("improved"), &json!("improved"), &json!("improved")]
    );
    replays(&home, 5);
    home.write("work/nmk.toml", "[policy]\nmode = \"improved\"\n");
    assert_eq!(generations(&["--cost", "0.9"]), json!(1));
    home.write("work/nmk.toml", "[policy]\nmode = \"bold\"\n");
    let bad = home.run(["ask", "Hi"]);
    assert_eq!(bad.code, 2, "{bad:?}");
    assert!(bad.err.contains("policy.mode") && bad.err.contains("`improved`"), "{bad:?}");
}

#[test]
fn a_loop_and_checks_of_a_graph_share_one_account() {
    let home = Home::new("mode-run");
    let graph = format!(
        "[[task]]\nname = \"loop\"\noperation = \"fact_loop\"\nprompt = \"{QUESTION}\"\nanswer = true\n\
         [[task.check]]\nname = \"seven\"\ncontract = {{ form = \"value\", expected = 7 }}\n"
    );
    let path = home.write("work/graph.toml", graph).display().to_string();
    let grants = ["--grant", "op:fact_loop", "--grant", "fact:count_then_add", "--policy-mode", "improved"];
    let run = |budget| {
        let ended = home.run([&["run", &path, "--json", "--budget", budget], grants.as_slice()].concat());
        (ended.code, ended.json())
    };
    let (code, object) = run("2");
    assert_eq!((code, &object["value"], &object["generations"]), (0, &json!(7), &json!(2)), "{object}");
    // The check takes the whole budget, so there is no second draft.
    let (code, object) = run("1");
    assert_eq!((code, &object["value"], &object["generations"]), (1, &json!(null), &json!(1)), "{object}");
    assert_eq!(decisions(&home, "fact_loop")[1]["remaining"], json!(0.0));
    // The check cannot be paid, so nothing runs.
    let (code, object) = run("0");
    assert_eq!((code, &object["generations"]), (1, &json!(0)), "{object}");
    let reason = object["reason"].as_str().unwrap();
    assert!(reason.contains("policy gate: loop") && reason.contains("--budget, by 1"), "{object}");
    replays(&home, 6);
}

#[test]
fn a_look_up_by_words_is_in_the_ledger_with_its_signals() {
    let home = Home::new("mode-find");
    let find =
        |more: &[&str]| home.run([&["prims", "find", "--json", "greatest common divisor"], more].concat());
    let found = find(&[]);
    assert_eq!((found.code, &found.json()["try"][0]), (0, &json!("gcd")), "{found:?}");
    let bodies = decisions(&home, "look_up");
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert_eq!(bodies[0]["for"], json!("greatest common divisor"), "{bodies:?}");
    assert!(bodies[0]["signals"]["disagreement"].as_f64().is_some(), "{bodies:?}");
    // The formula tries one whatever the budget says; a plan whose minimum cannot be paid tries none.
    assert_eq!(find(&["--budget", "0"]).code, 0);
    let broke = find(&["--budget", "0", "--policy-mode", "improved"]);
    assert_eq!((broke.code, &broke.json()["action"]), (1, &json!("synthesize")), "{broke:?}");
    replays(&home, 3);
    // Nothing is decided, and nothing is written, where nothing is near or no ledger is kept.
    assert_eq!(home.run(["prims", "find", "zzzz"]).code, 1);
    assert_eq!(find(&["--no-ledger"]).code, 0);
    replays(&home, 3);
}
