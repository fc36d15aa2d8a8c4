//! `nmk eval novel`: what scripted models and a placebo solve, what the check of the set finds, and what is refused.

mod common;

use std::path::PathBuf;

use common::home::{Ended, Home};
use serde_json::{Value as Json, json};

fn set() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/novel500");
    path.to_str().expect("UTF-8").to_owned()
}

/// Runs an evaluation of the committed set, and returns its object. None on a machine that cannot isolate a candidate.
fn evaluated(home: &Home, words: &[&str]) -> Option<Json> {
    let set = set();
    let ended = home.run([&["eval", "novel", "--json", "--set", &set], words].concat());
    if ended.code == 3 {
        println!("UNPROVEN novel: {}", ended.err);
        return None;
    }
    assert_eq!(ended.code, 0, "{words:?}: {} {}", ended.out, ended.err);
    Some(ended.json())
}

fn rung<'a>(code: &'a Json, name: &str) -> &'a Json {
    let rungs = code["rungs"].as_array().expect("the rungs");
    rungs.iter().find(|rung| rung["rung"] == name).unwrap_or(&Json::Null)
}

#[test]
fn right_solutions_are_admitted_and_their_functions_go_elsewhere() {
    let home = Home::new("novel-right");
    let learned = home.path("learned_primitives.json");
    let learned = learned.to_str().expect("UTF-8");
    let words =
        ["--model", "scripted:right", "--items", "20", "--seed", "4", "--draws", "60", "--learned", learned];
    let Some(object) = evaluated(&home, &words) else { return };
    let code = &object["code"][0];
    assert_eq!((&code["items"], &code["solved"]["count"]), (&json!(12), &json!(12)), "{object}");
    let greedy = rung(code, "greedy");
    assert_eq!(
        (&greedy["reached"], &greedy["solved"], &greedy["attempts"]),
        (&json!(12), &json!(12), &json!(12))
    );
    assert_eq!((&greedy["attempts_share"], &greedy["tokens_share"]), (&json!(1.0), &json!(1.0)));
    assert!(greedy["interval"][0].as_f64().is_some_and(|low| (0.7..0.8).contains(&low)), "{greedy}");
    assert_eq!(
        (&object["prose"]["items"], &object["prose"]["right"]["count"]),
        (&json!(8), &json!(8)),
        "{object}"
    );
    assert_eq!(object["learned"], 12);
    let text = std::fs::read_to_string(learned).expect("the file");
    let functions: Json = serde_json::from_str(&text).expect("JSON");
    let signer = |function: &Json| function["signer"].as_str().map_or(0, str::len);
    assert!(functions.as_object().expect("functions").values().all(|function| signer(function) == 64));
    // The evaluation does not begin where the file could not be written.
    for (place, why) in [(learned, "it is there already"), ("/nosuch/x", "no such file or folder")] {
        let place = ["--model", "scripted:right", "--learned", place];
        home.run([&["eval", "novel", "--set", &set()], place.as_slice()].concat()).is_refused(&[why]);
    }
    // Their records were signed by a key that has ended, so that only an exam here lets them in.
    let refused = home.run(["prims", "import", learned]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let taken = home.run(["prims", "import", learned, "--recheck", "--json"]);
    assert_eq!((taken.code, &taken.json()["taken"]), (0, &json!(12)), "{taken:?}");
}

#[test]
fn wrong_programs_of_every_kind_are_admitted_nowhere() {
    let home = Home::new("novel-kinds");
    let words = ["--model", "scripted:wrong", "--items", "7", "--only", "code", "--draws", "60"];
    let Some(object) = evaluated(&home, &words) else { return };
    let code = &object["code"][0];
    assert_eq!((&code["items"], &code["abstained"]["count"]), (&json!(7), &json!(7)), "{object}");
}

#[test]
fn two_widths_are_compared_on_the_same_items() {
    let home = Home::new("novel-widths");
    let words = [
        "--model",
        "scripted:wrong",
        "--items",
        "3",
        "--only",
        "code",
        "--draws",
        "60",
        "--policy",
        "gate,fixed:3",
    ];
    let Some(object) = evaluated(&home, &words) else { return };
    for place in [0, 1] {
        let code = &object["code"][place];
        assert_eq!((&code["items"], &code["solved"]["count"]), (&json!(3), &json!(0)), "{object}");
        assert_eq!(rung(code, "greedy")["attempts"], 3);
        assert!(rung(code, "repair")["attempts"].as_u64() > Some(0));
    }
    let fixed = &object["code"][1];
    assert_eq!((&fixed["policy"], &fixed["mean_width"]), (&json!("fixed:3"), &json!(3.0)));
    assert_eq!(rung(fixed, "diverse")["attempts"], 9);
    assert!(object["comparison"].as_str().is_some_and(|line| line.starts_with("gate against fixed:3")));
    assert_eq!(object["prose"], Json::Null);
}

#[test]
fn wrong_replies_are_marked_as_that() {
    let home = Home::new("novel-wrong-prose");
    let words = ["--model", "scripted:wrong", "--only", "prose"];
    let Some(object) = evaluated(&home, &words) else { return };
    let prose = &object["prose"];
    assert_eq!((&prose["items"], &prose["right"]["count"]), (&json!(200), &json!(0)), "{prose}");
    assert!(
        prose["wrong"]["count"].as_u64() > Some(100) && prose["unanswered"]["count"].as_u64() > Some(20),
        "{prose}"
    );
}

#[test]
fn random_weights_solve_nothing() {
    let home = Home::new("novel-placebo");
    let words = ["--model", "placebo", "--items", "10", "--draws", "60", "--max-new", "24"];
    let Some(object) = evaluated(&home, &words) else { return };
    assert_eq!(
        (&object["model"], &object["code"][0]["solved"]["count"]),
        (&json!("placebo"), &json!(0)),
        "{object}"
    );
    assert_eq!(object["prose"]["right"]["count"], 0, "{object}");
}

#[test]
fn the_gate_admits_every_right_solution() {
    let home = Home::new("novel-check-code");
    let Some(object) = evaluated(&home, &["--check", "--only", "code", "--draws", "40"]) else { return };
    assert_eq!(object["faults"], json!([]));
    assert_eq!(object["code"], json!({ "items": 300, "admitted": 300 }));
}

#[test]
fn the_graders_accept_right_replies_and_no_wrong_one() {
    let home = Home::new("novel-check-prose");
    let Some(object) = evaluated(&home, &["--check", "--only", "prose"]) else { return };
    assert_eq!(object["faults"], json!([]));
    let prose = &object["prose"];
    assert_eq!((&prose["items"], &prose["accepted"]), (&json!(200), &json!(200)));
    assert_eq!(prose["wrong"], prose["refused"]);
    assert!(prose["wrong"].as_u64() >= Some(400));
}

#[test]
fn a_set_with_a_fault_is_refused_or_found_out() {
    let home = Home::new("novel-fault");
    let check = |line: &str| -> Ended {
        home.write("set/items.jsonl", format!("{line}\n"));
        home.run(["eval", "novel", "--check", "--set", home.path("set").to_str().expect("UTF-8")])
    };
    let prose = |grader: Json, right: &str, wrong: &str| {
        json!({ "id": "q1", "kind": "prose", "difficulty": "easy", "prompt": "?", "grader": grader, "right": right, "wrong": [wrong] })
            .to_string()
    };
    check("{}").is_refused(&["items.jsonl", "line 1", "`kind`"]);
    let lenient = check(&prose(json!({ "verifier": "def verify(reply):\n    return True\n" }), "1", "2"));
    if lenient.code == 3 {
        return println!("UNPROVEN novel: {}", lenient.err);
    }
    assert_eq!(lenient.code, 1, "{lenient:?}");
    assert!(lenient.out.contains("q1: a wrong reply is accepted: 2"), "{lenient:?}");
    for (grader, right, found) in [
        (json!({ "form": "integer", "expected": 3 }), "Answer: 4", "graded Wrong"),
        (json!({ "form": "integer", "expected": 3 }), "I cannot say.", "graded Unanswered"),
        (json!({ "form": "verse", "expected": 3 }), "3", "no grader"),
        (json!({ "verifier": "def verify(reply):\n    return reply > 'a'\n" }), "3", "graded Wrong"),
        (json!({ "verifier": "def verify(reply): return (" }), "3", "does not load"),
        (json!({ "schema": { "type": "object" }, "facts": { "n": 3 } }), "{\"n\": 4}", "graded Wrong"),
        (json!({ "schema": { "required": ["m"] }, "facts": { "n": 3 } }), "{\"n\": 3}", "graded Wrong"),
        (json!({ "schema": { "type": "object" } }), "{}", "no facts"),
    ] {
        let ended = check(&prose(grader.clone(), right, "no"));
        assert!(ended.code == 1 && ended.out.contains(found), "{grader}: {ended:?}");
    }
    let missing = home.run(["eval", "novel", "--set", "nowhere"]);
    missing.is_refused(&["nowhere"]);
    missing.is_refused(&["fixtures/novel500", "--set DIR"]);
    for (words, flag) in [
        (["--only=prose", "--policy=fixed:1"], "--policy"),
        (["--only=prose", "--draws=9"], "--draws"),
        (["--only=prose", "--learned=x"], "--learned"),
        (["--only=code", "--no-ledger"], "--no-ledger"),
        (["--only=code", "--key=k"], "--key"),
    ] {
        let idle = home.run([["eval", "novel"], words].concat());
        idle.is_refused(&[flag, "would change nothing"]);
    }
    home.run(["eval", "novel", "--items", "0", "--set", &set()]).is_refused(&["--items"]);
    home.run(["eval", "novel", "--policy", "fixed:9", "--set", &set()]).is_refused(&["fixed:N"]);
}

#[test]
fn a_log_keeps_the_result_and_flags_of_the_policy_act_or_are_refused() {
    let home = Home::new("novel-log");
    let log = home.path("novel.json");
    let words = ["--model", "scripted:right", "--only", "prose", "--items", "1", "--log"];
    let Some(object) = evaluated(&home, &[&words[..], &[log.to_str().expect("UTF-8")]].concat()) else {
        return;
    };
    let kept: Json = serde_json::from_slice(&std::fs::read(&log).expect("the log")).expect("JSON");
    assert_eq!(kept, object);
    assert_eq!(
        (&kept["conditions"]["seeds"], &kept["conditions"]["model"]),
        (&json!([0]), &Json::Null),
        "{kept}"
    );
    for (more, parts) in [
        (["--only", "prose", "--cost=1"], ["--cost", "only prose"]),
        (["--policy", "fixed:1", "--budget=1"], ["--budget", "--policy"]),
        (["--check", "--draws=9", "--importance=1"], ["--importance", "--check"]),
    ] {
        home.run(["eval", "novel", "--set", &set()].iter().chain(&more)).is_refused(&parts);
    }
    // A load of 1 leaves one attempt at a temperature, and an empty budget none.
    let attempts = |more: &[&str]| {
        let words = ["--model", "scripted:wrong", "--only", "code", "--items", "3", "--draws", "60"];
        let object = evaluated(&home, &[&words[..], more].concat())?;
        rung(&object["code"][0], "diverse")["attempts"].as_u64()
    };
    let (idle, busy, broke) = (attempts(&[]), attempts(&["--cost", "1"]), attempts(&["--budget", "0"]));
    assert!(idle > busy && busy > broke.or(Some(0)), "{idle:?} {busy:?} {broke:?}");
}
