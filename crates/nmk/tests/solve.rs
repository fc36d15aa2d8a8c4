//! A missing function is searched for with a scripted model: every rung, what is kept, and what is found again.

mod common;

use std::fs;

use common::home::Home;
use common::search::{RIGHT, SPEC, Scene, find};
use serde_json::{Value, json};
use synthetic::stub::{Stub, whole};

/// Wrong for odd numbers.
const HALF: &str = "def third(n):\n    return 3 * n";
/// Wrong for numbers from 100 on, which no sample shows.
const LATE: &str = "def third(n):\n    return 3 * n + n % 2 if n < 100 else 0";

fn rungs(object: &Value) -> Vec<(String, bool)> {
    let attempts = object["attempts"].as_array().unwrap();
    let rung = |attempt: &Value| {
        (attempt["rung"].as_str().unwrap().to_owned(), attempt["admitted"].as_bool().unwrap())
    };
    attempts.iter().map(rung).collect()
}

#[test]
fn the_first_attempt_is_admitted_kept_and_found_again() {
    let scene = Scene::new("solve-greedy", |_, _| format!("```python\n{RIGHT}\n```"));
    if !scene.can_be_shown() {
        return;
    }
    let asked_before = scene.stub.seen().len();
    let first = scene.solve(&[]).json();
    assert_eq!((&first["outcome"], &first["rung"]), (&json!("admitted"), &json!("greedy")), "{first}");
    assert_eq!(first["code"], json!(RIGHT));
    assert!(first["bound"].as_f64().unwrap() > 0.0 && first["kill_rate"].as_f64().unwrap() >= 0.5);
    let again = scene.solve(&[]).json();
    assert_eq!((&again["outcome"], &again["record"]), (&json!("found"), &first["record"]), "{again}");
    assert_eq!(scene.stub.seen().len(), asked_before + 1, "the second search asked nobody");
    assert_eq!(scene.home.run(["ledger", "verify"]).code, 0);
    let replayed = scene.home.run(["ledger", "replay", "--json"]).json();
    assert_eq!((&replayed["judgements"], &replayed["remote"]), (&json!(1), &json!(1)), "{replayed}");
    // Calls check the record, and refuse what no exam says anything about.
    let call = |args: &str| scene.home.run(["prims", "call", "third", "--args", args, "--json"]);
    assert_eq!(call("[7]").json()["result"], json!(22));
    assert_eq!((call("[-1]").code, call("[\"7\"]").code, call("[1, 2]").code, call("7").code), (2, 2, 2, 2));
    let shown = scene.home.run(["prims", "show", "third", "--json"]).json();
    assert_eq!((&shown["code"], &shown["model"]), (&json!(RIGHT), &json!("m")), "{shown}");
    assert_eq!(scene.home.run(["prims", "recheck", "third"]).code, 0);
    let found = scene.home.run(["prims", "find", "three times n", "--name", "third", "--json"]).json();
    assert_eq!((&found["action"], &found["try"]), (&json!("route"), &json!(["third"])), "{found}");
    assert_eq!(scene.home.run(["prims", "find", "weather of tomorrow", "--json"]).code, 1);
}

#[test]
fn every_rung_is_climbed_in_order_and_repairs_show_the_failure() {
    // Greedy and diverse attempts fail in two ways; the repair of the second is right.
    let scene = Scene::new("solve-repair", |_, seen| {
        let body = &seen.body;
        match (
            body.contains("This code is wrong"),
            body.contains("else 0"),
            body.contains("\"temperature\":0.8"),
        ) {
            (true, true, _) => RIGHT,
            (true, false, _) => HALF,
            (false, _, true) => LATE,
            (false, _, false) => HALF,
        }
        .to_owned()
    });
    if !scene.can_be_shown() {
        return;
    }
    let object = scene.solve(&["--k", "2"]).json();
    let expected = [("greedy", false), ("diverse", false), ("diverse", false), ("repair", true)];
    let expected: Vec<(String, bool)> = expected.map(|(rung, admitted)| (rung.to_owned(), admitted)).into();
    assert_eq!(rungs(&object), expected, "{object}");
    assert_eq!((&object["rung"], &object["attempt"]), (&json!("repair"), &json!(4)));
    // Half of the instances are odd, and every draw from 100 on is wrong.
    let severity = |place: usize| object["attempts"][place]["severity"].as_f64().unwrap();
    assert!((0.2..0.8).contains(&severity(0)), "{object}");
    assert!(severity(1) > 0.5, "{object}");
    assert_eq!(object["attempts"][2]["repeated"], json!(true), "the same code has one exam");
    let repair = scene.stub.seen().last().unwrap().body.clone();
    assert!(repair.contains("n < 100 else 0") && repair.contains("is right."), "{repair}");
    // The prompt has a counterexample of the development split, and nothing of the oracle.
    assert!(!repair.contains("n + n + n"), "{repair}");
}

#[test]
fn nothing_that_is_wrong_is_admitted_and_the_search_abstains() {
    let oracle = "def oracle(n):\n    return n + n + n + (n & 1)";
    let constant = "def third(n):\n    return 12";
    let table = "def third(n):\n    return {4: 12, 3: 10}.get(n, 0)";
    let endless = "def third(n):\n    while True:\n        pass";
    let replies: [(&str, &str); 5] = [
        ("prose", "I am sorry, I cannot write code."),
        ("constant", constant),
        ("table", table),
        ("endless", endless),
        ("oracle", oracle),
    ];
    for (name, reply) in replies {
        let scene = Scene::new(&format!("solve-wrong-{name}"), move |_, _| reply.to_owned());
        if !scene.can_be_shown() {
            return;
        }
        let ended = scene.solve(&["--k", "1"]);
        let object = ended.json();
        assert_eq!((ended.code, &object["outcome"]), (1, &json!("abstained")), "{name}: {object}");
        assert_eq!(object["code"], Value::Null);
        let listed = scene.home.run(["prims", "list", "--json"]).json();
        assert_eq!(listed["admitted"], json!([]), "{name}");
        assert_eq!(scene.home.run(["ledger", "verify"]).code, 0);
        let replayed = scene.home.run(["ledger", "replay", "--json"]);
        assert_eq!(replayed.code, 0, "{name}: {}", replayed.out);
    }
}

#[test]
fn a_specification_that_cannot_tell_right_from_wrong_ends_the_search() {
    let scene = Scene::new("solve-unsound", |_, _| "def third(n):\n    return 0".to_owned());
    if !scene.can_be_shown() {
        return;
    }
    let constant = SPEC
        .replace("return n + n + n + (n & 1)", "return 0 * n")
        .replace("returns = 12", "returns = 0")
        .replace("returns = 10", "returns = 0");
    fs::write(&scene.spec, constant).unwrap();
    let ended = scene.solve(&[]);
    let object = ended.json();
    assert_eq!((ended.code, &object["outcome"]), (1, &json!("unsound")), "{object}");
    assert_eq!(object["attempts"].as_array().unwrap().len(), 1, "no further attempt can change that");
    // An oracle that disagrees with its own samples is the specification's fault too.
    fs::write(&scene.spec, SPEC.replace("returns = 12", "returns = 13")).unwrap();
    let object = scene.solve(&[]).json();
    assert_eq!(object["outcome"], json!("unsound"), "{object}");
}

#[test]
fn what_was_tampered_with_or_revoked_is_not_used() {
    let scene = Scene::new("solve-tamper", |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return;
    }
    let first = scene.solve(&[]).json();
    assert_eq!(first["outcome"], json!("admitted"));
    let listed = scene.home.run(["prims", "list", "--json"]).json();
    assert_eq!(listed["admitted"][0]["counts"], json!(true), "{listed}");
    let file = listed["admitted"][0]["file"].as_str().unwrap().to_owned();
    let path = find(&scene.home.path(""), &file);
    let whole = fs::read(&path).unwrap();
    // One flipped bit anywhere is noticed: under the old name, by the name; under the right one, by the signature.
    for at in (0..whole.len()).step_by(97) {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        fs::write(&path, &altered).unwrap();
        let ended = scene.home.run(["prims", "call", "third", "--args", "[7]", "--json"]);
        assert_eq!(ended.code, 2, "bit at {at}: {}", ended.out);
        let digest = abi::Digest::hash_blob(&altered).to_string();
        let renamed = path.with_file_name(format!("{}-{digest}", &file[..64]));
        fs::rename(&path, &renamed).unwrap();
        let ended = scene.home.run(["prims", "call", "third", "--args", "[7]", "--json"]);
        let is_a_claim = ended.code == 0 && ended.json()["result"] == json!(22);
        assert!(ended.code == 2 || is_a_claim, "bit at {at}: {}", ended.out);
        fs::remove_file(&renamed).unwrap();
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(scene.home.run(["prims", "call", "third", "--args", "[7]"]).code, 0);
    let revoked = scene.home.run(["prims", "revoke", "third", "--because", "a test", "--json"]);
    assert_eq!(revoked.code, 0, "{}", revoked.out);
    assert_eq!(scene.home.run(["prims", "call", "third", "--args", "[7]"]).code, 2);
    fs::write(&path, &whole).unwrap();
    let ended = scene.home.run(["prims", "import", &path.display().to_string()]);
    assert_eq!(ended.code, 1, "{}", ended.out);
    // The file alone, put back, is of no use.
    for words in [&["prims", "call", "third", "--args", "[7]"][..], &["prims", "show", "third"]] {
        let ended = scene.home.run(words);
        assert!(ended.code == 2 && ended.err.contains("revoked here: a test"), "{ended:?}");
    }
    let rechecked = scene.home.run(["prims", "recheck", "third", "--json"]);
    assert!(rechecked.code == 1 && rechecked.out.contains("revoked here"), "{rechecked:?}");
    let listed = scene.home.run(["prims", "list", "--json"]).json();
    assert_eq!(listed["admitted"][0]["counts"], json!(false), "{listed}");
    // Neither is a new exam of the same code, nor the same record with another part.
    let recheck = ["prims", "import", &path.display().to_string(), "--recheck", "--json"];
    let ended = scene.home.run(recheck);
    assert!(ended.code == 1 && ended.out.contains("revoked here"), "{ended:?}");
    // The same code is not judged again, so that the search finds nothing and says why.
    fs::remove_file(&path).unwrap();
    let object = scene.solve(&["--k", "1"]).json();
    assert_eq!(object["outcome"], json!("abstained"), "{object}");
    assert!(object["attempts"][0]["detail"].as_str().unwrap().contains("revoked here: a test"), "{object}");
    assert_eq!(object["attempts"][0]["admitted"], json!(false));
    // A verdict follows from the ledger alone, which a revocation is no part of.
    let replayed = scene.home.run(["ledger", "replay", "--json"]).json();
    assert_eq!(replayed["difference"], json!(null), "{replayed}");
}

#[test]
fn another_machine_decides_whose_records_count() {
    let scene = Scene::new("solve-export", |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return;
    }
    assert_eq!(scene.solve(&[]).json()["outcome"], json!("admitted"));
    let file = scene.home.path("work/third.primitive").display().to_string();
    let exported = scene.home.run(["prims", "export", "third", "--to", &file, "--json"]).json();
    let signer = exported["signer"].as_str().unwrap().to_owned();
    assert_eq!(
        scene.home.run(["prims", "export", "third", "--to", &file]).code,
        2,
        "nothing is written over"
    );
    let other = Home::new("solve-import");
    let import = |more: &[&str]| other.run([&["prims", "import", &file, "--json"][..], more].concat());
    assert_eq!(import(&[]).code, 1, "nobody here trusts that key");
    assert_eq!(import(&["--trust", &"0".repeat(64)]).code, 1);
    assert_eq!(import(&["--trust", &signer]).code, 0);
    assert_eq!(other.run(["prims", "call", "third", "--args", "[7]", "--json"]).json()["result"], json!(22));
    // A third machine believes nobody, and holds the exam itself.
    let third = Home::new("solve-recheck");
    let ended = third.run(["prims", "import", &file, "--recheck", "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.out);
    let shown = third.run(["prims", "show", "third", "--json"]).json();
    assert_ne!(shown["record"], exported["record"], "it has a record of its own");
    assert_eq!(third.run(["ledger", "verify"]).code, 0);
}

#[test]
fn an_admission_that_nobody_kept_is_found_in_the_ledger() {
    let scene = Scene::new("solve-recover", |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return;
    }
    let first = scene.solve(&[]).json();
    let listed = scene.home.run(["prims", "list", "--json"]).json();
    let path = find(&scene.home.path(""), listed["admitted"][0]["file"].as_str().unwrap());
    // As if the process had been killed between the admission and the store.
    fs::remove_file(&path).unwrap();
    let asked = scene.stub.seen().len();
    let again = scene.solve(&[]).json();
    assert_eq!((&again["outcome"], &again["record"]), (&json!("found"), &first["record"]), "{again}");
    assert_eq!(scene.stub.seen().len(), asked);
}

#[test]
fn a_model_that_cannot_be_asked_is_an_error_and_no_abstention() {
    let scene = Scene::new("solve-dead", |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return;
    }
    let dead = ["solve", &scene.spec, "--model", "http://127.0.0.1:9/v1", "--model-name", "m", "--k", "1"];
    let ended = scene.home.run(dead);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.err.contains("127.0.0.1:9"), "{ended:?}");
    assert_eq!(scene.home.run(["ledger", "verify"]).code, 0);
    // An endpoint whose replies have no text gives nothing to judge either.
    let silent = Scene::new("solve-silent", |_, _| " ".to_owned());
    let ended = silent.solve(&["--k", "1"]);
    assert_eq!((ended.code, &ended.json()["code"]), (2, &json!("endpoint_reply")), "{ended:?}");
}

/// Returns a copy of an exported function whose record `change` has changed.
fn changed(
    bytes: &[u8],
    change: impl FnOnce(&mut std::collections::BTreeMap<String, abi::Value>),
) -> Vec<u8> {
    let mut kept = abi::decode(bytes).unwrap().into_map().unwrap();
    let record = kept["record"].as_bytes().unwrap();
    let mut record = abi::decode(record).unwrap().into_map().unwrap();
    change(&mut record);
    kept.insert("record".to_owned(), abi::Value::Bytes(abi::encode(&abi::Value::Map(record))));
    abi::encode(&abi::Value::Map(kept))
}

#[test]
fn a_record_says_what_its_signer_signed_and_nothing_else() {
    let scene = Scene::new("solve-record", |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return;
    }
    assert_eq!(scene.solve(&[]).json()["outcome"], json!("admitted"));
    let file = scene.home.path("work/third.primitive");
    let exported =
        scene.home.run(["prims", "export", "third", "--to", &file.display().to_string(), "--json"]);
    let signer = exported.json()["signer"].as_str().unwrap().to_owned();
    let whole = fs::read(&file).unwrap();
    let other = Home::new("solve-record-import");
    let import = |bytes: &[u8]| {
        let path = other.write("work/changed.primitive", bytes).display().to_string();
        other.run(["prims", "import", &path, "--trust", &signer, "--json"])
    };
    let report =
        |record: &mut std::collections::BTreeMap<String, abi::Value>, key: &str, value: abi::Value| {
            let mut report = record["report"].as_map().unwrap().clone();
            report.insert(key.to_owned(), value);
            record.insert("report".to_owned(), abi::Value::Map(report));
        };
    let float = |number: f64| abi::Value::Float(abi::Float::new(number).unwrap());
    let all: Vec<Vec<u8>> = vec![
        changed(&whole, |record| report(record, "bound", float(1e-9))),
        changed(&whole, |record| report(record, "n", abi::Value::Int(1_000_000_000))),
        changed(&whole, |record| report(record, "kill_rate", float(1.0 - 1e-9))),
        changed(&whole, |record| report(record, "executor", abi::Value::text("cpython 9.9"))),
        changed(&whole, |record| report(record, "more", abi::Value::Null)),
        changed(&whole, |record| report(record, "growth", abi::Value::text("slow"))),
        changed(&whole, |record| drop(record.insert("report".to_owned(), abi::Value::text("{}")))),
        changed(&whole, |record| drop(record.insert("zzz".to_owned(), abi::Value::Null))),
        changed(&whole, |record| drop(record.remove("signature"))),
    ];
    for (number, bytes) in all.iter().enumerate() {
        let ended = import(bytes);
        assert_eq!((ended.code, &ended.json()["taken"]), (1, &json!(0)), "{number}: {ended:?}");
    }
    // A key that signed nothing that was taken in is not trusted from now on.
    assert_eq!(other.run(["prims", "trust", "--json"]).json()["trusted"], json!([]));
    let file = file.display().to_string();
    let shown = other.run(["prims", "show", "--file", &file, "--json"]).json();
    assert_eq!((&shown["code"], &shown["checked"]), (&json!(RIGHT), &json!(false)), "{shown}");
    let ended = other.run(["prims", "import", &file]);
    assert!(ended.code == 1 && ended.out.contains(&format!("--trust {signer}")), "{ended:?}");
    assert_eq!(import(&whole).code, 0);
    assert_eq!(other.run(["prims", "trust", "--json"]).json()["trusted"], json!([signer]));
    assert_eq!(other.run(["prims", "call", "third", "--args", "[7]"]).code, 0);
    assert_eq!(other.run(["prims", "trust", "--withdraw", &signer]).code, 0);
    assert_eq!(other.run(["prims", "call", "third", "--args", "[7]"]).code, 2);
}

#[test]
fn alpha_is_spent_over_searches() {
    let scene = Scene::new("solve-alpha", |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return;
    }
    let solve = || {
        let ended = scene.solve(&["--k", "0"]).json();
        (ended["outcome"].as_str().unwrap().to_owned(), ended["bound"].as_f64().unwrap(), ended)
    };
    let (outcome, first, _) = solve();
    assert_eq!(outcome, "admitted");
    // The exam that was drawn is in the ledger, also after the function was revoked; a variant of it has another exam.
    assert_eq!(scene.home.run(["prims", "revoke", "third", "--because", "a test"]).code, 0);
    let variant = Stub::start(|_| synthetic::stub::says(&format!("{RIGHT}  # again")));
    let base = variant.base();
    let later = ["solve", &scene.spec, "--model", &base, "--model-name", "m", "--k", "0", "--json"];
    let later = scene.home.run(later).json();
    assert_eq!(later["outcome"], json!("admitted"), "{later}");
    // alpha/2 and alpha/4 over 300 draws.
    let bound = |alpha: f64| 1.0 - alpha.powf(1.0 / 300.0);
    let near = |found: f64, alpha: f64| (found - bound(alpha)).abs() < 1e-9;
    assert!(near(first, 0.025) && near(later["bound"].as_f64().unwrap(), 0.0125), "{first} {later}");
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for() {
    let scene = Scene::new("solve-pipe", |_, _| RIGHT.to_owned());
    let pipe = scene.home.path("work/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.display().to_string();
    for words in [
        &["solve", &pipe][..],
        &["prims", "import", &pipe],
        &["prims", "show", "--file", &pipe],
        &["gate", "check", "--spec", &pipe, "--candidate", &pipe],
    ] {
        let ended = scene.home.run(words);
        assert!(ended.code == 2 && ended.err.contains("plain file"), "{words:?} {ended:?}");
    }
}

#[test]
fn one_altered_file_concerns_its_own_function_alone() {
    let scene = Scene::new("solve-damaged", |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return;
    }
    assert_eq!(scene.solve(&[]).json()["outcome"], json!("admitted"));
    let folder = find(&scene.home.path(""), "admitted");
    let damaged = format!("{}-{}", "a".repeat(64), "b".repeat(64));
    fs::write(folder.join(&damaged), "no function").unwrap();
    assert_eq!(scene.home.run(["prims", "call", "third", "--args", "[7]"]).code, 0);
    assert!(scene.home.run(["prims", "list"]).out.contains(&damaged));
    let ended = scene.home.run(["prims", "show", "other"]);
    assert!(ended.code == 2 && ended.err.contains("not as it was written"), "{ended:?}");
    assert_eq!(scene.home.run(["prims", "revoke", &damaged, "--because", "damaged"]).code, 0);
    let ended = scene.home.run(["prims", "show", "other"]);
    assert!(ended.code == 2 && ended.err.contains("no admitted function other"), "{ended:?}");
    let ended = scene.home.run(["prims", "call", "gcd", "--args", "[1, 2]"]);
    assert!(
        ended.code == 0 && ended.out == "1\n" && ended.err.contains("primitive of the kernel"),
        "{ended:?}"
    );
}

#[test]
fn a_cut_reply_and_an_endpoint_that_is_down_are_told_as_such() {
    let scene = Scene::new("solve-cut", |_, _| RIGHT.to_owned());
    if !scene.can_be_shown() {
        return;
    }
    let asked = scene.stub.seen().len();
    let cut = Stub::start(|_| {
        let body = json!({"choices": [{"message": {"content": RIGHT}, "finish_reason": "length"}]});
        whole("200 OK", "application/json", body.to_string().as_bytes())
    });
    let base = cut.base();
    let ended =
        scene.home.run(["solve", &scene.spec, "--model", &base, "--model-name", "m", "--k", "0", "--json"]);
    let object = ended.json();
    assert!(object["attempts"][0]["detail"].as_str().unwrap().contains("cut"), "{object}");
    // An endpoint that is down is asked twice, and not once for each attempt of the ladder.
    let down = Stub::start(|_| whole("404 Not Found", "application/json", b"{}"));
    let base = down.base();
    let ended = scene.home.run(["solve", &scene.spec, "--model", &base, "--model-name", "m", "--k", "4"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(down.seen().len() <= 6, "{}", down.seen().len());
    assert_eq!(scene.stub.seen().len(), asked);
}
