//! Further checks on the result of a task: how many run, what they refute, and what the ledger says of the decision.

mod common;

use common::decided::decisions;
use common::home::{Ended, Home};
use serde_json::{Value as Json, json};

fn run(home: &Home, graph: &str, more: &[&str]) -> Ended {
    let path = home.write("work/graph.toml", graph).display().to_string();
    home.run([&["run", &path, "--json"], more].concat())
}

/// Returns a graph whose task `sum` is 7, with these keys and checks on it.
fn sum(keys: &str, checks: &[&str]) -> String {
    let checks = checks.iter().map(|check| format!("[[task.check]]\n{check}\n")).collect::<String>();
    format!(
        "[[task]]\nname = \"sum\"\noperation = \"prim.add\"\noperands = [3, 4]\nanswer = true\n{keys}\n{checks}"
    )
}

const WHOLE: &str = "name = \"whole\"\ncontract = { form = \"integer\" }";
const SEVEN: &str = "name = \"seven\"\ncontract = { form = \"value\", expected = 7 }";
const EIGHT: &str = "name = \"eight\"\ncontract = { form = \"value\", expected = 8 }";
const VALUE: &str = "name = \"value\"\ncontract = { form = \"value\" }";

fn states(object: &Json) -> Vec<(String, String)> {
    let tasks = object["tasks"].as_array().expect("tasks");
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    tasks.iter().map(|task| (text(&task["name"]), text(&task["state"]))).collect()
}

/// Returns the body of the last decision about the depth in the ledger.
fn decided(home: &Home) -> Json {
    decisions(home, "verify_depth").pop().expect("a decision")
}

/// Returns the names in a list of names, or of objects with one.
fn names(list: &Json) -> Vec<String> {
    let name = |one: &Json| one.get("name").unwrap_or(one).as_str().unwrap_or_default().to_owned();
    list.as_array().expect("a list").iter().map(name).collect()
}

#[test]
fn without_risk_one_check_runs_and_the_answer_waits_for_it() {
    let home = Home::new("depth-one");
    let ended = run(&home, &sum("", &[WHOLE, SEVEN]), &[]);
    let object = ended.json();
    assert_eq!((ended.code, &object["value"]), (0, &json!(7)), "{ended:?}");
    let expected = [("sum", "passed"), ("sum.check.whole", "passed"), ("sum.answer", "committed")];
    assert_eq!(states(&object), expected.map(|(name, state)| (name.to_owned(), state.to_owned())));
    let body = decided(&home);
    assert_eq!(names(&body["ran"]), ["whole"], "{body}");
    assert_eq!(names(&body["left_out"]), ["seven"], "{body}");
    assert_eq!((&body["left_out"][0]["why"], &body["for"]), (&json!("unjustified"), &json!("sum")), "{body}");
    assert_eq!(home.run(["ledger", "replay", "--json"]).json()["decisions"], 1);
    assert_eq!(home.run(["ledger", "trace"]).code, 0);
}

#[test]
fn every_check_that_risk_mandates_runs_and_one_that_refutes_ends_it() {
    let home = Home::new("depth-risk");
    let all = [WHOLE, SEVEN, VALUE, EIGHT];
    let refuted = run(&home, &sum("risk = 1", &all), &[]);
    let object = refuted.json();
    assert_eq!((refuted.code, &object["committed"]), (1, &json!(false)), "{object}");
    assert!(object["reason"].as_str().unwrap().contains("sum.check.eight"), "{object}");
    assert!(states(&object).contains(&("sum.check.value".to_owned(), "passed".to_owned())), "{object}");
    // The control: the check that refutes is left out where the risk mandates fewer.
    let passed = run(&home, &sum("risk = 0.8", &all), &[]);
    assert_eq!((passed.code, &passed.json()["value"]), (0, &json!(7)), "{passed:?}");
    assert_eq!(home.run(["ledger", "replay", "--json"]).json()["decisions"], 2);
}

#[test]
fn what_waits_for_a_checked_task_waits_for_its_checks() {
    let home = Home::new("depth-after");
    let graph = sum("risk = 1", &[WHOLE, SEVEN, VALUE, EIGHT]).replace("answer = true\n", "");
    let next = "[[task]]\nname = \"next\"\noperation = \"commit\"\nafter = [\"sum\"]\nanswer = true\n";
    let head = "[job.contract]\nform = \"value\"\n";
    let ended = run(&home, &format!("{head}{graph}{next}"), &[]);
    let object = ended.json();
    assert_eq!(ended.code, 1, "{object}");
    assert!(states(&object).contains(&("next".to_owned(), "failed".to_owned())), "{object}");
    let fine = run(&home, &format!("{head}{}{next}", graph.replace("expected = 8", "expected = 7")), &[]);
    assert_eq!((fine.code, &fine.json()["value"]), (0, &json!(7)), "{fine:?}");
}

#[test]
fn mandated_checks_that_cannot_all_run_are_a_refusal() {
    let home = Home::new("depth-refused");
    let ended = run(&home, &sum("risk = 1", &[WHOLE, SEVEN]), &[]);
    let object = ended.json();
    assert_eq!((ended.code, &object["committed"]), (1, &json!(false)), "{object}");
    let reason = object["reason"].as_str().unwrap();
    assert!(reason.contains("policy gate") && reason.contains("sum"), "{object}");
    assert!(reason.contains("add 2 checks") && reason.contains("0.66"), "{object}");
    assert!(states(&object).is_empty(), "{object}");
    let again = run(&home, &sum("risk = 0.66", &[WHOLE, SEVEN]), &[]);
    assert_eq!(again.code, 0, "{again:?}");
    home.write("work/nmk.toml", "[policy]\nbudget = 1\n");
    let unpaid = run(&home, &sum("risk = 0.66", &[WHOLE, SEVEN]), &[]);
    assert_eq!(unpaid.code, 1, "{unpaid:?}");
    assert!(unpaid.json()["reason"].as_str().unwrap().contains("budget"), "{unpaid:?}");
    assert_eq!(home.run(["ledger", "replay", "--json"]).json()["decisions"], 3);
}

#[test]
fn the_improved_mode_runs_what_finds_most_for_its_cost_and_shares_one_account() {
    let home = Home::new("depth-improved");
    home.write("work/nmk.toml", "[policy]\nmode = \"improved\"\nbudget = 3\n");
    let dear = format!("{WHOLE}\ncost = 5\npower = 0.9");
    let cheap = format!("{SEVEN}\ncost = 0.5\npower = 0.6");
    let usual = format!("{VALUE}\npower = 0.7");
    let ended = run(&home, &sum("risk = 0.6", &[&dear, &cheap, &usual]), &[]);
    assert_eq!((ended.code, &ended.json()["value"]), (0, &json!(7)), "{ended:?}");
    let body = decided(&home);
    assert_eq!(names(&body["ran"]), ["seven", "value"], "{body}");
    assert_eq!((&body["mode"], &body["reserved"]), (&json!("improved"), &json!(1.5)), "{body}");
    // Two tasks share the account: the second cannot be paid from what the first left.
    let second =
        sum("risk = 0.6", &[&cheap, &usual]).replace("\"sum\"", "\"other\"").replace("answer = true\n", "");
    let both = format!("{second}{}", sum("risk = 0.6", &[&format!("{WHOLE}\ncost = 1"), &usual]));
    let refused = run(&home, &both, &[]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.json()["reason"].as_str().unwrap().contains("sum"), "{refused:?}");
    assert_eq!(decided(&home)["remaining"], json!(1.5));
    assert_eq!(home.run(["ledger", "replay", "--json"]).json()["decisions"], 3);
}

#[test]
fn checks_that_cannot_be_used_are_refused_with_their_place() {
    let home = Home::new("depth-bad");
    let none = sum("check = []", &[]);
    let nan = format!("{WHOLE}\npower = nan");
    let negative = format!("{WHOLE}\ncost = -1");
    for (graph, parts) in [
        (none, ["task sum", "empty"]),
        (sum("", &[WHOLE, WHOLE]), ["task sum", "two checks named whole"]),
        (sum("", &[&nan]), ["`power` of the check whole", "from 0 to 1"]),
        (sum("", &[&negative]), ["`cost` of the check whole", "from 0"]),
        (sum("", &["name = \"bare\""]), ["check bare", "without a contract"]),
        (sum("", &["name = \"odd\"\ncontract = { form = \"colour\" }"]), ["check odd", "cannot be read"]),
        (sum("", &["name = \"more\"\nprice = 3"]), ["price", "docs/graph.md"]),
        (sum("risk = 0.9", &[]), ["states risk", "leave it out"]),
        (sum("risk = nan", &[WHOLE]), ["risk = NaN", "from 0 to 1"]),
    ] {
        let ended = run(&home, &graph, &[]);
        assert_eq!(ended.code, 2, "{graph} {ended:?}");
        for part in parts {
            assert!(ended.err.contains(part), "{part}: {ended:?}");
        }
    }
}

const LOOP: &str = "[[task]]\nname = \"loop\"\noperation = \"fact_loop\"\nanswer = true\n\
    prompt = \"How many times does the letter r appear in strawberry? Add 4 to it.\"\n\
    [[task.check]]\nname = \"whole\"\ncontract = { form = \"integer\" }\n";
const GRANTS: [&str; 4] = ["--grant", "op:fact_loop", "--grant", "fact:count_then_add"];

#[test]
fn a_check_raises_no_level() {
    let home = Home::new("depth-level");
    let checked = run(&home, LOOP, &GRANTS);
    let object = checked.json();
    assert_eq!((checked.code, &object["value"]), (0, &json!(7)), "{checked:?}");
    assert_eq!(object["level"], "property", "the loop answers at this level without a check too");
    let demanding = format!("[job]\nrequire = \"oracle\"\n{LOOP}");
    let refused = run(&home, &demanding, &GRANTS);
    let reason = refused.json()["reason"].as_str().unwrap_or_default().to_owned();
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(reason.contains("must reach level oracle and can be shown up to property"), "{reason}");
    assert_eq!(home.run(["ledger", "trace"]).code, 0);
}

#[test]
fn the_answer_waits_for_the_checks_of_other_tasks() {
    let home = Home::new("depth-aside");
    let aside = sum("risk = 1", &[WHOLE, SEVEN, VALUE, EIGHT]).replace("answer = true\n", "");
    let answer = "[[task]]\nname = \"ans\"\noperation = \"prim.gcd\"\noperands = [12, 18]\nanswer = true\n";
    for graph in [format!("{aside}{answer}"), format!("{answer}{aside}")] {
        for more in [&[][..], &["--policy-mode", "improved"], &["--workers", "4"]] {
            let ended = run(&home, &graph, more);
            let object = ended.json();
            assert_eq!((ended.code, &object["value"]), (1, &Json::Null), "{more:?} {object}");
            assert!(object["reason"].as_str().unwrap().contains("sum.check.eight"), "{object}");
        }
    }
    let right = run(
        &home,
        &format!("{}{answer}", aside.replace(EIGHT, "name = \"x\"\ncontract = { form = \"value\" }")),
        &[],
    );
    assert_eq!((right.code, &right.json()["value"]), (0, &json!(6)), "{right:?}");
    let late = sum("after = [\"ans\"]", &[WHOLE]).replace("answer = true\n", "");
    let path = home.write("work/graph.toml", format!("{answer}{late}")).display().to_string();
    home.run(["run", &path]).is_refused(&["sum", "waits for the answer", "before the job ends"]);
}

#[test]
fn mandated_checks_are_paid_before_second_drafts() {
    let home = Home::new("depth-paid");
    for mode in ["reference", "improved"] {
        let more = ["--budget", "1", "--policy-mode", mode];
        let object = run(&home, LOOP, &[GRANTS.as_slice(), &more].concat()).json();
        let reason = object["reason"].as_str().unwrap_or_default();
        assert!(!reason.contains("policy gate"), "{mode}: {object}");
        assert_eq!(names(&decided(&home)["ran"]), ["whole"], "{mode}");
    }
    let short = run(&home, &sum("risk = 1", &[WHOLE, SEVEN, VALUE, EIGHT]), &["--budget", "1"]).json();
    assert!(short["reason"].as_str().unwrap().contains("--budget, by 3"), "{short}");
    // A file may ask for more care than its user, and not for less.
    let careless = sum("risk = 0.6", &[WHOLE, SEVEN, VALUE, EIGHT]);
    assert_eq!(run(&home, &careless, &[]).code, 0);
    assert_eq!(run(&home, &careless, &["--risk", "1"]).code, 1);
}
