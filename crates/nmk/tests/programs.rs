//! Programs that a model writes: committed if every case of the contract holds in the sandbox, and never otherwise.

mod common;

use common::home::{Ended, Home};
use serde_json::{Value, json};
use synthetic::stub::{Stub, says};

/// A contract whose last two cases the model is not told.
const CONTRACT: &str = r#"
[program]
language = "python"
entry = "add"
cases = [
    { arguments = [1, 2], expected = 3 },
    { arguments = [10, -4], expected = 6 },
    { arguments = ["a", "b"], expected = "ab" },
    { arguments = [1, "b"], raises = "TypeError" },
    { arguments = [0.1, 0.2], expected = 0.3, tolerance = 1e-9 },
    { arguments = [7001, 22], expected = 7023, held_out = true },
    { arguments_json = "[[null], [7002]]", expected_json = "[null, 7002]", held_out = true },
]
"#;

const RIGHT: &str = "def add(a, b):\n    return a + b";
const WRONG: &str = "def add(a, b):\n    return a - b";

fn fenced(program: &str) -> String {
    format!("Here it is:\n```python\n{program}\n```\nAsk me for more.")
}

/// Asks for a program of an endpoint that gives these replies, one after the other and the last one again.
fn asked(home: &Home, contract: &str, replies: &[String], more: &[&str]) -> (Ended, Stub) {
    let contract = home.write("work/contract.toml", contract).display().to_string();
    let replies = replies.to_vec();
    let stub = Stub::start(move |seen| {
        let again = usize::from(seen.body.contains("It is not accepted"));
        says(&replies[again.min(replies.len() - 1)])
    });
    let base = stub.base();
    let words = ["ask", "Add.", "--contract", &contract, "--model", &base, "--model-name", "m", "--json"];
    (home.run([&words[..], more].concat()), stub)
}

/// Returns false, and says so, on a machine that cannot isolate a program.
fn can_be_shown(home: &Home) -> bool {
    let (ended, _stub) = asked(home, CONTRACT, &[fenced(RIGHT)], &[]);
    let can = ended.code != 3;
    if !can {
        println!("UNPROVEN programs: {}", ended.out);
    }
    can
}

/// The environment of these tests has no PATH, as that of a service may have none.
#[test]
fn an_interpreter_is_found_without_a_path() {
    let home = Home::new("programs-path");
    let contract = home.write("work/contract.toml", CONTRACT).display().to_string();
    let words = ["run", "--request", "Add.", "--contract", &contract, "--dry-run"];
    let with = home.run_with(words, &[("PATH", "/bin:/usr/bin")]);
    let without = home.run(words);
    assert_eq!((without.code, &without.out), (with.code, &with.out), "{without:?}");
}

#[test]
fn a_right_program_is_committed_alone() {
    let home = Home::new("programs-right");
    if !can_be_shown(&home) {
        return;
    }
    let twice = format!("{}\nThat is:\n```\n{RIGHT}\n```", fenced(RIGHT));
    let with_output = format!("{}\n```text\n3\n```", fenced(RIGHT));
    for reply in [fenced(RIGHT), RIGHT.to_owned(), twice, with_output] {
        let (ended, stub) = asked(&home, CONTRACT, &[reply], &[]);
        let object = ended.json();
        assert_eq!((ended.code, &object["value"]), (0, &json!(RIGHT)), "{object}");
        assert_eq!((&object["level"], &object["required"]), (&json!("property"), &json!("property")));
        assert!(object["executor"].as_str().unwrap().contains("seccomp"), "{object}");
        let seen = stub.seen();
        assert_eq!(seen.len(), 1);
        assert!(seen[0].body.contains("add(1, 2) == 3") && seen[0].body.contains("raises TypeError"));
        assert!(!seen[0].body.contains("700"), "a held-out case was told: {}", seen[0].body);
    }
}

#[test]
fn a_wrong_program_is_repaired_with_the_first_failing_case() {
    let home = Home::new("programs-repair");
    if !can_be_shown(&home) {
        return;
    }
    let no_program = "I would add both numbers.".to_owned();
    let two = format!("{}\nor\n{}", fenced(RIGHT), fenced(WRONG));
    let table: [(&str, String, &str); 7] = [
        ("wrong", fenced(WRONG), "add(1, 2) == 3 does not hold: it returns -1"),
        ("raises", fenced("def add(a, b):\n    return a.x"), "it raises AttributeError in line 2"),
        ("no entry", fenced("def sub(a, b):\n    return a - b"), "defines no function of that name"),
        ("syntax", fenced("def add(a, b)\n"), "does not load: it raises SyntaxError in line 1"),
        ("prose", no_program, "does not load: it raises SyntaxError"),
        ("two programs", two, "the reply states no single program"),
        // A table of the cases that were told.
        (
            "table",
            fenced("def add(a, b):\n    if a == 7001:\n        return 0\n    return a + b"),
            "1 of 2 held-out cases does not hold",
        ),
    ];
    for (name, first, finding) in table {
        let (ended, stub) = asked(&home, CONTRACT, &[first, fenced(RIGHT)], &[]);
        let object = ended.json();
        assert_eq!((ended.code, &object["value"]), (0, &json!(RIGHT)), "{name}: {object}");
        assert_eq!(object["generations"], json!(2), "{name}");
        let seen = stub.seen();
        let repair = seen[1].json()["messages"].to_string();
        assert!(repair.contains(finding), "{name}: {repair}");
        let told = repair.replace("a == 7001", "");
        assert!(!told.contains("700") && !told.contains("7023"), "{name}: {repair}");
    }
    // A model that is wrong again gets no third attempt.
    let (ended, stub) = asked(&home, CONTRACT, &[fenced(WRONG)], &[]);
    let object = ended.json();
    assert_eq!((ended.code, &object["answer"], stub.seen().len()), (1, &Value::Null, 2), "{object}");
    assert!(object["reason"].as_str().unwrap().contains("it returns -1"), "{object}");
}

/// Programs that attack what runs them or what judges them. None is committed, and the kernel lives.
#[test]
fn hostile_programs_are_not_committed() {
    let home = Home::new("programs-hostile");
    if !can_be_shown(&home) {
        return;
    }
    // A frame of the runner's protocol: the reply to the second request, with the right result.
    let forged = "import os, struct\n\
        def reply(value):\n\
        \x20   data = b'\\x07' + struct.pack('<I', 3) + b'\\x03' + struct.pack('<q', 2)\n\
        \x20   data += b'\\x05' + struct.pack('<I', 5) + b'value' + b'\\x03' + struct.pack('<q', value)\n\
        \x20   return struct.pack('<I', len(data)) + data\n\
        def add(a, b):\n\
        \x20   for fd in range(0, 64):\n\
        \x20       try:\n\
        \x20           os.write(fd, reply(3))\n\
        \x20       except OSError:\n\
        \x20           pass\n\
        \x20   return 0";
    let equal = "class Yes(int):\n\
        \x20   def __eq__(self, other):\n\
        \x20       return True\n\
        \x20   __hash__ = int.__hash__\n\
        def add(a, b):\n\
        \x20   return Yes(0)";
    // Everything that the frames above hold is looked at; the expected values are not among it.
    let stack = "import sys\n\
        def values(thing, depth):\n\
        \x20   if depth > 6:\n\
        \x20       return\n\
        \x20   yield thing\n\
        \x20   items = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, (list, tuple)) else ()\n\
        \x20   for item in list(items):\n\
        \x20       yield from values(item, depth + 1)\n\
        def add(a, b):\n\
        \x20   frame = sys._getframe()\n\
        \x20   while frame:\n\
        \x20       for value in values(frame.f_locals, 0):\n\
        \x20           if value in (3, 6, 'ab', 7023) and type(value) in (int, str) and value not in (a, b):\n\
        \x20               if frame is not sys._getframe():\n\
        \x20                   return value\n\
        \x20       frame = frame.f_back\n\
        \x20   raise LookupError('nothing is expected here')";
    let table: [(&str, &str, &str); 10] = [
        ("forges a frame", forged, "sent what was not asked for"),
        ("overrides equality", equal, "no plain data: Yes"),
        ("reads the stack", stack, "does not hold"),
        ("exits", "import sys\ndef add(a, b):\n    sys.exit(0)", "SystemExit"),
        ("exits at load", "import os\nos._exit(0)", "its process ended"),
        ("never returns", "def add(a, b):\n    while True:\n        pass", "did not return in time"),
        ("floods", "def add(a, b):\n    return 'x' * (1 << 25)", "too large"),
        ("takes all memory", "def add(a, b):\n    return [0] * (1 << 33)", "more memory"),
        ("raises a text of many lines", "def add(a, b):\n    raise KeyError('a\\n\\x1b[31mb')", "KeyError"),
        (
            "counts its calls",
            "n = 0\ndef add(a, b):\n    global n\n    n += 1\n    return a + b if n != 8 - 1 or a != 1 else 0",
            "does not hold again",
        ),
    ];
    for (name, program, finding) in table {
        // Both attempts are the same, so the time limit counts twice.
        let (ended, _stub) = asked(&home, CONTRACT, &[fenced(program)], &[]);
        let object = ended.json();
        assert_eq!((ended.code, &object["answer"]), (1, &Value::Null), "{name}: {object}");
        let reason = object["reason"].as_str().unwrap();
        assert!(reason.contains(finding), "{name}: {reason}");
        assert!(!reason.contains(['\n', '\u{1b}']), "{name}: {reason}");
    }
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
}

/// The negative control: with one case flipped, the right program is refused.
#[test]
fn a_flipped_case_refuses_the_right_program() {
    let home = Home::new("programs-flipped");
    if !can_be_shown(&home) {
        return;
    }
    for (case, flipped) in [
        ("expected = 3 }", "expected = 4 }"),
        ("expected = \"ab\"", "expected = [\"a\", \"b\"]"),
        ("raises = \"TypeError\"", "raises = \"ValueError\""),
        ("0.3, tolerance = 1e-9", "0.3, tolerance = 0.0"),
        ("7023", "7024"),
        ("[null, 7002]\"", "[0, 7002]\""),
    ] {
        let contract = CONTRACT.replacen(case, flipped, 1);
        assert_ne!(contract, CONTRACT);
        let (ended, _stub) = asked(&home, &contract, &[fenced(RIGHT)], &[]);
        assert_eq!((ended.code, &ended.json()["answer"]), (1, &Value::Null), "{flipped}: {ended:?}");
    }
}

#[test]
fn what_was_judged_is_run_again() {
    let home = Home::new("programs-replay");
    if !can_be_shown(&home) {
        return;
    }
    let (ended, _stub) = asked(&home, CONTRACT, &[fenced(WRONG), fenced(RIGHT)], &[]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    assert_eq!(home.run(["ledger", "trace"]).code, 0);
    let replayed = home.run(["ledger", "replay", "--json"]);
    let object = replayed.json();
    assert_eq!((replayed.code, &object["judgements"]), (0, &json!(3)), "{object}");
    assert_eq!((&object["unproven"], &object["difference"]), (&json!([]), &Value::Null));
    let entries = home.run(["ledger", "show", "--entries"]).out;
    assert!(entries.contains("\"executor\":\"cpython"), "{entries}");
    // Without an interpreter nothing is shown, and nothing is called different.
    let replayed = home.run_with(["ledger", "replay", "--json"], &[("PATH", "/nowhere")]);
    let object = replayed.json();
    assert_eq!((replayed.code, &object["judgements"]), (3, &json!(0)), "{object}");
    assert!(object["unproven"].to_string().contains("install python3"), "{object}");
}

#[test]
fn a_machine_that_cannot_run_programs_is_refused_before_anything_is_paid() {
    let home = Home::new("programs-unsandboxed");
    let contract = home.write("work/contract.toml", CONTRACT).display().to_string();
    let stub = Stub::start(|_| says("no"));
    let base = stub.base();
    let words = ["ask", "Add.", "--contract", &contract, "--model", &base, "--model-name", "m"];
    let nowhere = [("PATH", "/nowhere")];
    let ended = home.run_with(words, &nowhere);
    assert_eq!((ended.code, ended.out.as_str()), (3, ""), "{ended:?}");
    assert!(ended.err.contains("install python3"), "{ended:?}");
    let named = home.run([&words[..], &["--python", "/nowhere/python", "--json"]].concat());
    assert_eq!((named.code, &named.json()["code"]), (3, &json!("unsandboxed")), "{named:?}");
    assert!(stub.seen().is_empty(), "the endpoint was asked");
    assert!(!home.ledger().exists(), "a ledger was begun");
}

#[test]
fn a_level_that_cases_cannot_show_is_refused_before_anything_is_paid() {
    let home = Home::new("programs-level");
    if !can_be_shown(&home) {
        return;
    }
    let (ended, stub) = asked(&home, CONTRACT, &[fenced(RIGHT)], &["--require", "oracle"]);
    let object = ended.json();
    assert_eq!((ended.code, stub.seen().len()), (1, 0), "{object}");
    assert!(object["reason"].as_str().unwrap().contains("up to property"), "{object}");
}

#[test]
fn a_graph_and_a_request_write_programs() {
    let home = Home::new("programs-graph");
    if !can_be_shown(&home) {
        return;
    }
    let graph = format!(
        "[job.contract]{}\n[[task]]\nname = \"write\"\noperation = \"code_gen\"\nprompt = \"Add.\"\nanswer = true\n",
        CONTRACT.replace("[program]", "[job.contract.program]")
    );
    let graph = home.write("work/graph.toml", graph).display().to_string();
    let contract = home.write("work/contract.toml", CONTRACT).display().to_string();
    let (wrong, right) = (fenced(WRONG), fenced(RIGHT));
    let stub = Stub::start(move |seen| {
        // A draft of a request is told what the program must do, before that is judged.
        assert!(seen.body.contains("add(1, 2) == 3"), "{}", seen.body);
        says(if seen.body.contains("It is not accepted") { &right } else { &wrong })
    });
    let base = stub.base();
    let remote = ["--model", &base, "--model-name", "m", "--json"];
    for (words, tasks) in [
        (vec!["run", &graph], json!(["code_gen", "model.repair"])),
        (
            vec!["run", "--request", "Add.", "--contract", &contract],
            json!(["model.draft", "validate", "commit", "model.repair"]),
        ),
    ] {
        let ended = home.run([&words[..], &remote].concat());
        let object = ended.json();
        assert_eq!((ended.code, &object["value"], &object["level"]), (0, &json!(RIGHT), &json!("property")));
        let ran: Vec<&Value> = object["tasks"].as_array().unwrap().iter().map(|task| &task["kind"]).collect();
        assert_eq!(json!(ran), tasks, "{object}");
    }
    assert_eq!(home.run(["ledger", "replay"]).code, 0);
}

#[test]
fn a_contract_that_no_program_can_meet_is_refused_by_name() {
    let home = Home::new("programs-bad");
    let stub = Stub::start(|_| says("no"));
    let base = stub.base();
    let program = |rest: &str| format!("[program]\nlanguage = \"python\"\nentry = \"f\"\n{rest}");
    let cases = |cases: &str| program(&format!("cases = [{cases}]"));
    let one = "{ arguments = [1], expected = 2 }";
    let huge = cases(&format!("{{ arguments = [\"{}\"], expected = 2 }}", "x".repeat(1 << 20)));
    let many = cases(&format!("{one}, ").repeat(1001));
    let deep =
        cases(&format!("{{ arguments_json = \"[{}1{}]\", expected = 2 }}", "[".repeat(61), "]".repeat(61)));
    let entry = |entry: &str| cases(one).replace("entry = \"f\"", &format!("entry = \"{entry}\""));
    let table: Vec<(String, &[&str])> = vec![
        (cases(one).replace("entry = \"f\"\n", ""), &["entry"]),
        (cases(one).replace("language = \"python\"\n", ""), &["language"]),
        (cases(one).replace("python", "ruby"), &["language", "ruby", "python"]),
        (entry("1f"), &["entry = \"1f\"", "no name"]),
        (entry("f.g"), &["entry = \"f.g\""]),
        (entry("def"), &["entry = \"def\""]),
        (entry(""), &["entry = \"\""]),
        (entry("f\\u0430"), &["no name"]),
        (program(""), &["no cases"]),
        (cases(""), &["no cases"]),
        (many, &["1001 cases", "1000 is the limit"]),
        (
            cases(&format!("{one}, {{ arguments = [1, 2], expected = 2 }}")),
            &["case 2", "2 arguments", "case 1"],
        ),
        (cases(&format!("{one}, {{ arguments = [1], expected = 3 }}")), &["cases 1 and 2", "contradict"]),
        (
            cases(&format!("{one}, {{ arguments = [1], raises = \"KeyError\" }}")),
            &["cases 1 and 2", "contradict"],
        ),
        (huge, &["case 1", "bytes", "1048576 is the limit"]),
        (deep, &["nests"]),
        (cases("{ arguments = [1] }"), &["case 1", "expected", "raises"]),
        (cases("{ arguments = [1], expected = 2, raises = \"KeyError\" }"), &["case 1", "exactly one"]),
        (cases("{ expected = 2 }"), &["case 1", "arguments"]),
        (cases("{ arguments_json = \"[\", expected = 2 }"), &["case 1", "arguments_json", "not JSON"]),
        (cases("{ arguments_json = \"1\", expected = 2 }"), &["case 1", "no list"]),
        (cases("{ arguments = [1], raises = \"Value Error\" }"), &["case 1", "no name of an exception"]),
        (cases("{ arguments = [1], expected = 2, tolerance = 0.5 }"), &["case 1", "tolerance"]),
        (cases("{ arguments = [1], raises = \"KeyError\", tolerance = 0.1 }"), &["case 1", "tolerance"]),
        (cases("{ arguments = [nan], expected = 2 }"), &["arguments", "nan"]),
        (cases("{ arguments = [1], expected = 1979-05-27 }"), &["expected", "date"]),
        (cases("{ arguments = [1], expected = 2, colour = 3 }"), &["colour"]),
        (program("colour = 3"), &["colour"]),
        (format!("form = \"json\"\n{}", cases(one)), &["form does not go with a program"]),
        (format!("expected = 3\n{}", cases(one)), &["expected does not go with a program"]),
    ];
    for (contract, parts) in table {
        let path = home.write("work/bad.toml", contract).display().to_string();
        let words = ["ask", "Hm?", "--contract", &path, "--model", &base, "--model-name", "m"];
        home.run(words).is_refused(&[&["the contract"][..], parts].concat());
    }
    assert!(stub.seen().is_empty());
}
