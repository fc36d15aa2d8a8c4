//! The gate on the command line: what is admitted, refused, kept, made again, and said about bad input.

mod common;

use std::path::PathBuf;

use common::home::{Ended, Home};
use serde_json::json;

const RIGHT: &str = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n";
const WRONG: &str = "def gcd(a, b):\n    return min(a, b)\n";

fn spec() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/gate/gcd.toml");
    path.to_str().expect("UTF-8").to_owned()
}

/// Returns a file in the home with this content.
fn file(home: &Home, name: &str, content: impl AsRef<[u8]>) -> String {
    home.write(name, content).to_str().expect("UTF-8").to_owned()
}

/// Returns false, and says so, on a machine that cannot isolate a candidate.
fn can_be_shown(ended: &Ended) -> bool {
    let can = ended.code != 3;
    if !can {
        println!("UNPROVEN gate: {}", ended.err);
    }
    can
}

#[test]
fn a_candidate_has_one_exam_which_can_be_made_again() {
    let home = Home::new("gate");
    let (spec, right) = (spec(), file(&home, "right.py", RIGHT));
    let check = |more: &[&str]| {
        home.run([&["gate", "check", "--json", "--spec", &spec, "--candidate", &right], more].concat())
    };
    let ended = check(&[]);
    if !can_be_shown(&ended) {
        return;
    }
    let first = ended.json();
    assert_eq!(
        (ended.code, &first["admitted"], &first["repeated"]),
        (0, &json!(true), &json!(false)),
        "{first}"
    );
    assert_eq!((&first["n"], &first["confidence"]), (&json!(2000), &json!(0.95)));
    assert!((0.0014..0.0016).contains(&first["bound"].as_f64().unwrap()));
    assert!(first["isolation"].as_str().unwrap().contains("seccomp"));
    // The same candidate gets the recorded verdict, and the ledger holds.
    let again = check(&[]).json();
    assert_eq!((&again["repeated"], &again["record"]), (&json!(true), &first["record"]));
    assert_eq!(again["distinct"], first["distinct"]);
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    assert!(home.run(["ledger", "show"]).out.contains("exam of gcd · admitted"));
    // An exam is made again by `gate recheck`; a replay has nothing to judge here, and says so.
    let replayed = home.run(["ledger", "replay"]);
    assert_eq!(replayed.code, 1, "{replayed:?}");
    assert!(replayed.err.contains("nothing was run again"), "{replayed:?}");
    // Another name makes another candidate, and another exam.
    let other = file(&home, "other.py", RIGHT.replace("a, b = b, a % b", "a, b = b, a % b  # as Euclid did"));
    let other = home.run(["gate", "check", "--json", "--spec", &spec, "--candidate", &other]).json();
    assert_eq!(other["admitted"], json!(true));
    assert_ne!(other["record"], first["record"]);
    let record = first["record"].as_str().unwrap();
    let ended = home.run(["gate", "recheck", record, "--json"]);
    assert_eq!((ended.code, &ended.json()["same"]), (0, &json!(true)), "{ended:?}");
}

/// Each executor has its own verdict on a candidate, and what both say is compared on the same instances.
#[test]
fn two_executors_have_two_verdicts() {
    let home = Home::new("gate-executors");
    let lazy = format!("{RIGHT}\ndef unused():\n    yield 1\n");
    let (spec, right, lazy) = (spec(), file(&home, "right.py", RIGHT), file(&home, "lazy.py", lazy));
    let check = |candidate: &str, more: &[&str]| {
        home.run([&["gate", "check", "--json", "--spec", &spec, "--candidate", candidate], more].concat())
    };
    let ended = check(&lazy, &["--executor", "monty"]);
    if !can_be_shown(&ended) {
        return;
    }
    let refused = ended.json();
    assert_eq!(
        (ended.code, &refused["stage"], &refused["reason"]),
        (1, &json!("load"), &json!("unsupported"))
    );
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("unsupported: yield, line 7") && detail.contains("--executor cpython"),
        "{detail}"
    );
    assert!(refused["executor"].as_str().unwrap().starts_with("monty 0."), "{refused}");
    // A refusal before the exam is made again too, and by the executor that made it.
    let record = refused["record"].as_str().unwrap();
    let again = home.run(["gate", "recheck", record]);
    assert!(again.code == 0 && again.out.contains("refused again"), "{again:?}");
    let other = home.run(["gate", "recheck", record, "--executor", "cpython"]);
    assert_eq!(other.code, 1, "{other:?}");
    // The verdict of one executor is not that of the other.
    let admitted = check(&lazy, &[]).json();
    assert_eq!((&admitted["admitted"], &admitted["repeated"]), (&json!(true), &json!(false)), "{admitted}");
    assert!(admitted["executor"].as_str().unwrap().starts_with("cpython 3."), "{admitted}");
    assert_eq!(admitted["difference"], json!(null));
    let both = check(&lazy, &["--executor", "both"]).json();
    // No second draw: the verdict is the recorded one, and the other executor is asked on its instances.
    assert_eq!((&both["record"], &both["repeated"]), (&admitted["record"], &json!(true)));
    let difference = both["difference"].as_str().unwrap();
    assert!(difference.contains("unsupported: yield, line 7"), "{difference}");
    let same = check(&right, &["--executor", "both"]).json();
    assert_eq!((&same["admitted"], &same["difference"]), (&json!(true), &json!(null)), "{same}");
    // An exam without a ledger is signed by nobody, and can be made again all the same.
    let unsigned = home.path("unsigned.record").to_str().unwrap().to_owned();
    let ended = check(&right, &["--no-ledger", "--record", &unsigned]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let again = home.run(["gate", "recheck", &unsigned]);
    assert!(
        again.code == 0 && again.out.contains("admitted again") && again.out.contains("not signed"),
        "{again:?}"
    );
    // A record is made again by the executor that made it, or by another one on demand.
    let monty = check(&right, &["--executor", "monty"]).json();
    assert_eq!(monty["admitted"], json!(true), "{monty}");
    let record = monty["record"].as_str().unwrap();
    let recheck = |more: &[&str]| home.run([&["gate", "recheck", record], more].concat());
    let again = recheck(&[]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(!again.out.contains("it ran in"), "{again:?}");
    let other = recheck(&["--executor", "cpython"]);
    assert!(other.code == 0 && other.out.contains("it ran in monty 0.0.23, and now in cpython"), "{other:?}");
}

/// The executor that a specification demands is used without a flag, and no other one is.
#[test]
fn a_specification_may_demand_an_executor() {
    let home = Home::new("gate-demanded");
    let right = file(&home, "right.py", RIGHT);
    let text = std::fs::read_to_string(spec()).expect("a specification");
    let demands = |executor: &str, more: &[&str]| {
        let spec = file(&home, "spec.toml", format!("executor = \"{executor}\"\n{text}"));
        let words = ["gate", "check", "--no-ledger", "--spec", &spec, "--candidate", &right];
        home.run([&words[..], more].concat())
    };
    let ended = demands("monty", &["--json"]);
    if !can_be_shown(&ended) {
        return;
    }
    assert!(ended.json()["executor"].as_str().unwrap().starts_with("monty"), "{ended:?}");
    let ended = demands("cpython 2.7", &[]);
    ended.is_refused(&["demands the executor cpython 2.7, and this is cpython 3."]);
    let spec = file(&home, "spec.toml", format!("executor = \"cpython\"\n{text}"));
    let both = ["gate", "check", "--executor", "both", "--spec", &spec, "--candidate", &right];
    home.run(both).is_refused(&["demands the executor cpython, and this is a comparison of both"]);
    assert!(!home.run(["ledger", "show"]).out.contains("exam of"));
    demands("pypy", &[]).is_refused(&["executor: it is cpython, monty, native or external"]);
}

#[test]
fn a_record_that_was_altered_is_not_believed() {
    let home = Home::new("gate-record");
    let right = file(&home, "right.py", RIGHT);
    let kept = home.path("kept.record");
    let kept = kept.to_str().unwrap();
    let ended = home.run(["gate", "check", "--spec", &spec(), "--candidate", &right, "--record", kept]);
    if !can_be_shown(&ended) {
        return;
    }
    assert_eq!(ended.code, 0, "{ended:?}");
    let bytes = std::fs::read(kept).unwrap();
    let recheck = |bytes: &[u8], more: &[&str]| {
        let path = file(&home, "altered.record", bytes);
        home.run([&["gate", "recheck", path.as_str()], more].concat())
    };
    assert_eq!(recheck(&bytes, &[]).code, 0);
    let replaced = |from: &[u8], to: &[u8]| {
        assert_eq!(from.len(), to.len());
        let place = bytes.windows(from.len()).position(|part| part == from).expect("it is there");
        let mut altered = bytes.clone();
        altered[place..place + to.len()].copy_from_slice(to);
        altered
    };
    // The candidate's own text, a survivor's fate, the executor's isolation, one byte of the end.
    let altered = recheck(&replaced(b"a % b", b"a - b"), &[]);
    altered.is_refused(&["candidate is not the one that it names"]);
    let altered = recheck(&replaced(b"survived", b"killed  "), &[]);
    assert_eq!(altered.code, 1, "{altered:?}");
    assert!(altered.out.contains("not believed"), "{altered:?}");
    assert_eq!(recheck(&replaced(b"landlock 6", b"landlock 7"), &[]).code, 1);
    assert_eq!(recheck(&bytes[..bytes.len() - 1], &[]).code, 2);
    assert_eq!(recheck(b"", &[]).code, 2);
    assert_eq!(recheck(b"{}", &[]).code, 2);
    // Another key vouches for nothing here.
    let foreign = recheck(&bytes, &["--trust", &"ab".repeat(32)]);
    assert_eq!(foreign.code, 1, "{foreign:?}");
    home.run(["gate", "recheck", "nowhere.record"]).is_refused(&["nowhere.record"]);
    assert_eq!(home.run(["gate", "recheck", &"0".repeat(64)]).code, 2);
}

#[test]
fn a_batch_has_a_line_for_each_candidate() {
    let home = Home::new("gate-batch");
    let line = |id: &str, code: &str| json!({"id": id, "code": code}).to_string();
    let lines = [
        line("right", RIGHT),
        "not json".to_owned(),
        line("wrong", WRONG),
        String::new(),
        json!({"id": 4}).to_string(),
        line("loop", "while True:\n    pass\n"),
        line("right again", RIGHT),
    ];
    let batch = file(&home, "batch.jsonl", lines.join("\n"));
    let ended = home.run(["gate", "check", "--spec", &spec(), "--batch", &batch]);
    if !can_be_shown(&ended) {
        return;
    }
    let printed: Vec<serde_json::Value> =
        ended.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<String> = printed
        .iter()
        .map(|line| match line.get("error") {
            Some(_) => format!("error in line {}", line["line"]),
            None => format!("{} {} {}", line["id"], line["admitted"], line["reason"]),
        })
        .collect();
    assert_eq!(
        told,
        [
            "\"right\" true null",
            "error in line 2",
            "\"wrong\" false \"wrong\"",
            "error in line 5",
            "\"loop\" false \"out_of_time\"",
            "\"right again\" true null",
        ]
    );
    assert_eq!(ended.code, 2, "a line that cannot be read is bad input");
    assert_eq!(printed[5]["repeated"], json!(true));
}

#[test]
fn bad_input_is_named() {
    let home = Home::new("gate-bad");
    let right = file(&home, "right.py", RIGHT);
    let with =
        |spec: &str, candidate: &str| home.run(["gate", "check", "--spec", spec, "--candidate", candidate]);
    with("nowhere.toml", &right).is_refused(&["nowhere.toml", "check the path"]);
    with(&spec(), "nowhere.py").is_refused(&["nowhere.py"]);
    let ended = with(&spec(), &file(&home, "latin.py", b"def gcd(a, b):\n    return '\xe9'\n"));
    ended.is_refused(&["not UTF-8"]);
    for (text, expected) in [
        ("entry = ", "it is not TOML (line 1"),
        ("entry = 5", "entry: it is a int, and a text is needed"),
        ("entry = \"gcd\"", "args: it is missing"),
        (
            "entry = \"gcd\"\nreturns = \"int\"\nargs = []\n[oracle]\nbuiltin = \"none\"\n",
            "there is no primitive \"none\"",
        ),
        (
            "entry = \"gcd\"\nreturns = \"int\"\nargs = []\n[oracle]\npython_file = \"nowhere.py\"\n",
            "nowhere.py",
        ),
        (
            "entry = \"gcd\"\nreturns = \"int\"\nargs = []\nexams = 1\n[oracle]\npython = \"\"\n",
            "exams: this key is not known",
        ),
    ] {
        with(&file(&home, "bad.toml", text), &right).is_refused(&[expected]);
    }
    // Without an interpreter this machine shows nothing.
    let ended =
        home.run(["gate", "check", "--spec", &spec(), "--candidate", &right, "--python", "/no/python"]);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.err.contains("/no/python") && ended.err.contains("install python3"), "{ended:?}");
    home.run(["gate", "check", "--spec", &spec()]).is_refused(&["--candidate"]);
    home.run(["gate", "init", "2x"]).is_refused(&["does not begin with a digit"]);
    home.run(["eval", "humaneval", "--problems", &right]).is_refused(&["line 1 is no problem"]);
}

#[test]
fn a_specification_to_begin_with_is_whole() {
    let home = Home::new("gate-init");
    let ended = home.run(["gate", "init", "clamp"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    home.run(["gate", "init", "clamp"]).is_refused(&["clamp.toml"]);
    let candidate = file(&home, "c.py", "def clamp(x, low, high):\n    return max(low, min(x, high))\n");
    let ended = home.run(["gate", "check", "--spec", "clamp.toml", "--candidate", &candidate]);
    if can_be_shown(&ended) {
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.out.contains("admitted: clamp"), "{ended:?}");
    }
}
