//! `nmk run`: graphs that commit, graphs that do not and say why, graphs that are refused, and a process
//! that is killed on the way.

mod common;

use std::process::{Command, Stdio};
use std::time::Duration;

use common::home::Home;
use serde_json::json;
use synthetic::Random;
use synthetic::stub::{Stub, says};

fn run(home: &Home, graph: &str, more: &[&str]) -> common::home::Ended {
    let path = home.write("work/graph.toml", graph).display().to_string();
    home.run([&["run", &path, "--json"], more].concat())
}

const SUM: &str = include_str!("../../../docs/sum.toml");

#[test]
fn a_graph_of_primitives_commits_with_a_report_per_task() {
    let home = Home::new("run-sum");
    let ended = run(&home, SUM, &[]);
    let object = ended.json();
    assert_eq!(
        (ended.code, &object["value"], &object["level"]),
        (0, &json!(7), &json!("oracle")),
        "{ended:?}"
    );
    let tasks = object["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 2);
    assert_eq!(
        (&tasks[1]["kind"], &tasks[1]["owner"], &tasks[1]["state"], &tasks[1]["verification"]),
        (&json!("commit"), &json!("primitive"), &json!("committed"), &json!("verified"))
    );
    let head = object["ledger"]["head"].as_str().unwrap();
    assert_eq!(home.run(["ledger", "verify", "--head", head]).code, 0);
    // Wrongly expected: the value passes through unchanged, which no repair mends.
    let ended = run(&home, &SUM.replace("expected = 7", "expected = 8"), &[]);
    let object = ended.json();
    assert_eq!((ended.code, &object["value"], &object["committed"]), (1, &json!(null), &json!(false)));
    assert!(object["reason"].as_str().unwrap().contains("answer:"), "{object}");
    assert_eq!(object["tasks"][1]["state"], "refuted");
}

#[test]
fn drafts_are_validated_repaired_and_committed() {
    let home = Home::new("run-draft");
    let stub = Stub::start(|seen| {
        let repaired = seen.body.contains("not accepted");
        says(if repaired { "{\"n\": 3}" } else { "{\"n\": \"three\"}" })
    });
    let base = stub.base();
    let graph = r#"
        [job.contract]
        form = "json"
        schema = { type = "object", required = ["n"], properties = { n = { type = "integer" } } }
        [[task]]
        name = "draft"
        operation = "model.draft"
        prompt = "Give n."
        contract = { form = "json" }
        [[task]]
        name = "valid"
        operation = "validate"
        after = ["draft"]
        prompt = "Give n, from {draft}."
        contract = { schema = '{"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}' }
        [[task]]
        name = "answer"
        operation = "commit"
        after = ["valid"]
        answer = true
        [[task]]
        name = "aside"
        operation = "delegate"
        child = "model.draft"
        prompt = "Give n."
        contract = { form = "text" }
    "#;
    let ended = run(&home, graph, &["--model", &base, "--model-name", "m"]);
    let object = ended.json();
    assert_eq!((ended.code, &object["value"]), (0, &json!({"n": 3})), "{ended:?}");
    let state = |name: &str| {
        let tasks = object["tasks"].as_array().unwrap();
        tasks.iter().find(|task| task["name"] == name).map(|task| task["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(state("valid").as_deref(), Some("repaired"));
    assert_eq!(state("valid.repair1").as_deref(), Some("passed"));
    assert_eq!(state("answer").as_deref(), Some("committed"));
}

#[test]
fn what_is_wrong_with_a_graph_is_named_with_its_gate_or_place() {
    let home = Home::new("run-bad");
    let task = |more: &str| {
        format!("{SUM}\n[[task]]\nname = \"more\"\noperation = \"prim.add\"\noperands = [1, 2]\n{more}")
    };
    let draft = |more: &str| format!("{SUM}\n[[task]]\nname = \"said\"\noperation = \"model.draft\"\n{more}");
    let delegate = |more: &str| format!("{SUM}\n[[task]]\nname = \"asks\"\noperation = \"delegate\"\n{more}");
    let table: [(String, &[&str]); 32] = [
        // The child of a delegation is looked at with its task.
        (delegate("child = \"perform\"\nprompt = \"x\""), &["operation gate", "asks.child", "perform"]),
        (delegate("child = \"tool.datetime\""), &["capability gate", "asks.child", "op:datetime"]),
        (delegate("child = \"delegate\"\nprompt = \"x\""), &["plan gate", "asks", "asks for a child itself"]),
        (delegate("child = \"model.draft\""), &["task asks", "model.draft", "needs a prompt"]),
        (delegate("child = \"model.repair\"\nprompt = \"x\""), &["task asks", "nothing to repair"]),
        (delegate("child = \"fact_loop\"\nprompt = \"x\""), &["task asks", "the operation fact_loop itself"]),
        (delegate("child = \"validate\""), &["task asks", "validate", "waits for none"]),
        (delegate("child = \"prim.add\""), &["task asks", "prim.add", "computed value"]),
        (
            delegate("child = \"model.draft\"\nprompt = \"x\"\narguments = { a = 1 }"),
            &["task asks", "arguments"],
        ),
        (SUM.replace("prim.add", "prim.unheard"), &["unheard", "no primitive"]),
        (SUM.replace("\"commit\"", "\"perform\""), &["operation gate", "perform"]),
        (SUM.replace("operands = [3, 4]", "operands = [3]"), &["task check"]),
        (
            SUM.replace("\"check\"\noperation", "\"answer\"\noperation"),
            &["plan gate", "two tasks are named answer"],
        ),
        (task("after = [\"nobody\"]"), &["plan gate", "nobody"]),
        (task("after = [\"more\"]"), &["plan gate", "wait for each other: more"]),
        (task("at_least = \"sure\""), &["at_least", "sure"]),
        (task("rights = [\"op:datetime\"]"), &["capability gate", "op:datetime"]),
        (task("colour = 3"), &["colour", "docs/graph.md"]),
        (SUM.replace("[job]", "[job]\nrights = [\"op:all\"]"), &["capability gate", "op:all"]),
        (
            SUM.replace("[job]", "[job]\nbudget = { tasks = 1 }"),
            &["budget gate", "2 tasks wanted and 1 left"],
        ),
        (
            draft("prompt = \"x\"\ncontract = { program = { language = \"python\", entry = \"f\" } }"),
            &["task said", "no cases", "[[program.cases]]"],
        ),
        (
            draft("prompt = \"x\"").replace("model.draft", "code_gen"),
            &["task said", "code_gen needs a contract with a program"],
        ),
        // Each task runs once at least, so fewer runs can never suffice.
        (
            SUM.replace("[job]", "[job]\nbudget = { runs = 1 }"),
            &["budget gate", "2 runs wanted and 1 left", "raise the job's runs"],
        ),
        (
            task("").replace("[job]", "[job]\nbudget = { same_operation = 1 }"),
            &["budget gate", "2 same_operation wanted and 1 left"],
        ),
        (SUM.replace("operands = [3, 4]", "operands = [3, nan]"), &["task check", "not a number"]),
        (SUM.replace("expected = 7", "expected = -nan"), &["job: expected", "not a number"]),
        (SUM.replace("operands = [3, 4]", "operands = [3, 1979-05-27]"), &["task check", "date or time"]),
        ("[job".to_owned(), &["not a graph"]),
        (draft("prompt = \"{check} {nobody}\"\nafter = [\"check\"]"), &["plan gate", "{nobody}", "`after`"]),
        (draft("prompt = \"x\"\nlimits = { tokens = 0 }"), &["budget gate", "said", "no tokens"]),
        (
            draft("prompt = \"x\"").replace("[job]", "[job]\nbudget = { tokens = 0 }"),
            &["budget gate", "tokens wanted and 0 left"],
        ),
        (
            task("").replace("\"more\"", &format!("\"{}\"", "m".repeat(2_000))),
            &["plan gate", "2000 bytes of name"],
        ),
    ];
    for (graph, parts) in table {
        let path = home.write("work/graph.toml", &graph).display().to_string();
        home.run(["run", &path]).is_refused(parts);
    }
    // A level that nothing can show is a negative result, as it is for a question.
    for graph in [task("at_least = \"proven\""), SUM.replace("require = \"oracle\"", "require = \"proven\"")]
    {
        home.write("work/graph.toml", graph);
        let ended = home.run(["run", "graph.toml"]);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{ended:?}");
        let parts = ["validator gate", "proven", "oracle or lower"];
        assert!(parts.iter().all(|part| ended.err.contains(part)), "{ended:?}");
    }
    let path = home.write("work/bytes.toml", [b'a', 0xff]).display().to_string();
    home.run(["run", &path]).is_refused(&["not UTF-8 at byte 1"]);
    home.run(["run", "absent.toml"]).is_refused(&["absent.toml", "cannot be read"]);
    let million = format!("{SUM}\n{}", "[[task]]\nname=\"x\"\noperation=\"commit\"\n".repeat(1_000_000));
    let path = home.write("work/million.toml", million).display().to_string();
    home.run(["run", &path]).is_refused(&["1000002 tasks", "131072 is the limit"]);
}

/// A job whose deadline has passed is no refused graph: it ends without an answer, and says why.
#[test]
fn a_deadline_that_passes_is_the_reason() {
    let home = Home::new("run-deadline");
    let stub = Stub::start(|_| {
        std::thread::sleep(Duration::from_millis(1_500));
        says("late")
    });
    let base = stub.base();
    let draft = "[[task]]\nname = \"a\"\noperation = \"model.draft\"\nprompt = \"x\"\nanswer = true\n";
    let model = ["--model", &base, "--model-name", "m"];
    let ended = run(&home, &format!("[job]\ndeadline_ms = 200\n{draft}"), &model);
    let object = ended.json();
    assert_eq!((ended.code, &object["committed"]), (1, &json!(false)), "{ended:?}");
    assert_eq!(object["reason"], "the job's deadline of 200 ms has passed", "{object}");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
    // With time enough the same graph answers.
    let ended = run(&home, &format!("[job]\ndeadline_ms = 60000\n{draft}"), &model);
    assert_eq!((ended.code, &ended.json()["answer"]), (0, &json!("late")), "{ended:?}");
}

/// A key that would change nothing is refused, for every operation and every key that it does not read.
#[test]
fn a_key_that_an_operation_does_not_read_is_refused() {
    let home = Home::new("run-unread");
    let keys = [
        ("contract", "contract = { form = \"text\" }"),
        ("prompt", "prompt = \"x\""),
        ("operands", "operands = [1, 2]"),
        ("arguments", "arguments = { facet = \"host\" }"),
        ("child", "child = \"prim.add\""),
    ];
    let operations: [(&str, &[&str]); 8] = [
        ("model.draft", &["contract", "prompt"]),
        ("model.repair", &["contract", "prompt"]),
        ("validate", &["contract", "prompt"]),
        ("delegate", &["contract", "prompt", "arguments", "child"]),
        ("commit", &["contract"]),
        ("answer", &["contract"]),
        ("prim.add", &["operands"]),
        ("tool.sysinfo", &["arguments"]),
    ];
    for (operation, read) in operations {
        for (key, line) in keys.iter().filter(|(key, _)| !read.contains(key)) {
            let graph = format!("{SUM}\n[[task]]\nname = \"more\"\noperation = \"{operation}\"\n{line}");
            let path = home.write("work/graph.toml", &graph).display().to_string();
            let reason = format!("task more: {operation} does not read {key}");
            home.run(["run", &path]).is_refused(&[&reason, "leave it out"]);
        }
    }
    // What an operation reads is not refused for that.
    let reads = "[[task]]\nname = \"more\"\noperation = \"prim.add\"\noperands = [1, 2]";
    assert_eq!(run(&home, &format!("{SUM}\n{reads}"), &[]).code, 0);
}

/// The start of a name of any length is shown, and the fault behind it.
#[test]
fn a_long_name_does_not_hide_the_fault() {
    let home = Home::new("run-long");
    let long = "m".repeat(2_000_000);
    let task = |more: &str| format!("{SUM}\n[[task]]\nname = \"{long}\"\n{more}");
    let table: [(String, &[&str]); 9] = [
        (task("operation = \"commit\""), &["mmm… [cut, 2000000 bytes in all]", "exactly one task"]),
        (task("operation = \"prim.add\""), &["needs operands"]),
        (task("operation = \"prim.add\"\noperands = [1]"), &["takes 2 operands, 1 given"]),
        (task("operation = \"commit\"\nchild = \"x\""), &["does not read child"]),
        (task("operation = \"model.draft\"\nprompt = \"x\"\nat_least = \"sure\""), &["at_least = \"sure\""]),
        (task("operation = 3"), &["line ", "this is the integer `3`"]),
        (format!("{SUM}\n[[task]]\nname = \"a\"\noperation = \"{long}\""), &["plan gate", "operation"]),
        (SUM.replace("[job]", &format!("[job]\npriority = \"{long}\"")), &["high, normal, low"]),
        (format!("{SUM}\n[[task]]\n{long} = 1"), &["unknown key"]),
    ];
    for (graph, parts) in table {
        let path = home.write("work/graph.toml", &graph).display().to_string();
        let ended = home.run(["run", &path]);
        ended.is_refused(parts);
        assert!(ended.err.len() < 2_500, "{} bytes", ended.err.len());
    }
}

#[test]
fn what_belongs_to_a_request_is_refused_beside_a_graph() {
    let home = Home::new("run-flags");
    let path = home.write("work/graph.toml", SUM).display().to_string();
    for flag in
        [&["--schema", "pet.json"][..], &["--contract", "none.toml"], &["--kind", "text"], &["--planner"]]
    {
        let ended = home.run([&["run", &path], flag].concat());
        assert!(ended.code == 2 && ended.out.is_empty(), "{flag:?}: {ended:?}");
    }
}

#[test]
fn a_primitive_answers_with_its_evidence() {
    let home = Home::new("run-primitive");
    let add = "[[task]]\nname = \"a\"\noperation = \"prim.add\"\noperands = [3, 4]\nanswer = true\n";
    let expects = |value: &str| format!("[job.contract]\nform = \"integer\"\nexpected = {value}\n{add}");
    // Without a contract of the job, the call of the primitive is the contract.
    let ended = run(&home, add, &[]);
    let object = ended.json();
    assert_eq!(
        (ended.code, &object["value"], &object["level"]),
        (0, &json!(7), &json!("oracle")),
        "{ended:?}"
    );
    assert_eq!(object["tasks"][0]["verification"], "verified", "{ended:?}");
    assert_eq!(object["tasks"].as_array().map(Vec::len), Some(1), "{ended:?}");
    // Under a contract of the job, a task `commit` answers in its place.
    let ended = run(&home, &expects("7"), &[]);
    assert_eq!((ended.code, &ended.json()["value"]), (0, &json!(7)), "{ended:?}");
    assert_eq!(ended.json()["tasks"][1]["name"], "a.answer", "{ended:?}");
    let ended = run(&home, &expects("8"), &[]);
    assert_eq!((ended.code, &ended.json()["value"]), (1, &json!(null)), "the control: {ended:?}");
    let prime = "[[task]]\nname = \"p\"\noperation = \"prim.is_prime\"\noperands = [91]\nanswer = true\n";
    assert_eq!(run(&home, prime, &[]).json()["value"], json!(false));
    let clock = "[[task]]\nname = \"clock\"\noperation = \"tool.datetime\"\nanswer = true\n";
    let ended = run(&home, clock, &["--grant", "op:datetime"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.json()["value"]["weekday"].is_string(), "{ended:?}");
    let shown = home.path("work/graph.toml").display().to_string();
    home.write("work/graph.toml", add);
    let person = home.run(["run", &shown]);
    assert_eq!(person.out, "7\n");
    assert!(person.err.contains("committed at oracle (computed by a primitive)"), "{person:?}");
    assert_eq!(home.run(["ledger", "replay"]).code, 0);
}

#[test]
fn a_primitive_that_is_not_known_is_refused_with_those_that_were_meant() {
    let home = Home::new("run-unknown");
    for (name, near) in [
        ("gdc", "did you mean gcd?"),
        ("count", "divisor_count or grapheme_count or letter_count"),
        ("zebra", "zebra; nmk"),
    ] {
        for answer in ["", "answer = true\n"] {
            let graph =
                format!("[[task]]\nname = \"a\"\noperation = \"prim.{name}\"\noperands = [3, 4]\n{answer}");
            home.write("work/graph.toml", graph);
            home.run(["run", "graph.toml"]).is_refused(&["task a", near, "nmk prims list"]);
        }
    }
    for (operation, near) in
        [("model.drat", "model.draft"), ("comit", "commit"), ("tool.clock", "nmk prims list")]
    {
        home.write(
            "work/graph.toml",
            format!("[[task]]\nname = \"a\"\noperation = \"{operation}\"\nprompt = \"x\"\n"),
        );
        home.run(["run", "graph.toml"]).is_refused(&[operation, near, "docs/graph.md"]);
    }
}

#[test]
fn the_primitives_are_listed_with_examples_that_hold() {
    let home = Home::new("prims");
    let ended = home.run(["prims", "list", "--json"]);
    let object = ended.json();
    let primitives = object["primitives"].as_array().expect("a list");
    assert!(primitives.len() >= 8, "{object}");
    let text = home.run(["prims", "list"]).out;
    for primitive in primitives {
        let word = |key: &str| primitive[key].as_str().expect("a text").to_owned();
        assert!(text.contains(&word("signature")) && text.contains(&word("summary")), "{primitive}");
        let (operands, result) = (&primitive["example"]["operands"], &primitive["example"]["result"]);
        let graph = format!(
            "[[task]]\nname = \"a\"\noperation = \"prim.{}\"\noperands = {operands}\nanswer = true\n",
            word("name")
        );
        assert_eq!(&run(&home, &graph, &[]).json()["value"], result, "{primitive}");
    }
}

/// A model's text stays a model's text: `validate` and `commit` state its origin again, and pass on the value alone.
#[test]
fn what_is_passed_on_keeps_its_origin() {
    let home = Home::new("run-origin");
    let stub = Stub::start(|_| says("Here is the result.\nAnswer: 7"));
    let base = stub.base();
    let graph = r#"
        [job.contract]
        form = "integer"
        expected = 7
        [[task]]
        name = "draft"
        operation = "model.draft"
        prompt = "Three and four?"
        [[task]]
        name = "check"
        operation = "validate"
        after = ["draft"]
        contract = { form = "integer" }
        [[task]]
        name = "answer"
        operation = "commit"
        after = ["check"]
        answer = true
    "#;
    let ended = run(&home, graph, &["--model", &base, "--model-name", "m"]);
    let object = ended.json();
    let answer = (&object["answer"], &object["value"], &object["level"]);
    assert_eq!((ended.code, answer), (0, (&json!("7"), &json!(7), &json!("oracle"))), "{ended:?}");
    let shown = home.run(["ledger", "show", "--json"]).json();
    let entries = shown["entries"].as_array().expect("entries");
    let proposed: Vec<_> = entries.iter().filter(|entry| entry["kind"] == "proposed").collect();
    assert_eq!(proposed.len(), 3, "{shown}");
    for entry in proposed {
        assert_eq!(entry["body"]["origin"]["name"], "m", "{entry}");
    }
    assert!(entries.iter().all(|entry| entry["kind"] != "computed"), "{shown}");
    assert_eq!(home.run(["ledger", "replay"]).code, 0, "what is passed on is no generation of its own");
}

#[test]
fn a_tool_runs_where_it_is_granted() {
    let home = Home::new("run-tool");
    let graph = r#"
        [job.contract]
        form = "value"
        require_keys = ["utc", "weekday"]
        [[task]]
        name = "clock"
        operation = "tool.datetime"
        [[task]]
        name = "answer"
        operation = "commit"
        after = ["clock"]
        answer = true
    "#;
    let path = home.write("work/graph.toml", graph).display().to_string();
    home.run(["run", &path]).is_refused(&["capability gate", "op:datetime", "grant it"]);
    let ended = home.run(["run", &path, "--json", "--grant", "op:datetime"]);
    let object = ended.json();
    assert_eq!((ended.code, &object["level"]), (0, &json!("schema")), "{ended:?}");
    assert!(object["value"]["utc"].as_str().is_some_and(|utc| utc.ends_with("+00:00")), "{object}");
    assert_eq!(object["tasks"][0]["owner"], "tool");
}

/// Returns a graph with so many tasks that a kill meets it at work.
fn long_graph() -> String {
    let mut graph = SUM.to_owned();
    for number in 0..300 {
        graph += &format!(
            "\n[[task]]\nname = \"t{number}\"\noperation = \"prim.gcd\"\noperands = [{}, 84]\n",
            number + 2
        );
    }
    graph
}

/// Kills runs at moments that are spread over the whole of a run, and some after its end.
#[test]
fn a_kill_loses_no_acknowledged_commit_and_shows_nothing_unjudged() {
    const MOMENTS: u64 = 200;
    let home = Home::new("run-killed");
    let path = home.write("work/graph.toml", long_graph()).display().to_string();
    let started = std::time::Instant::now();
    assert_eq!(home.run(["run", &path]).code, 0);
    let mut whole = started.elapsed();
    let mut random = Random::new(7);
    let (mut acknowledged, mut killed) = (Vec::new(), 0);
    for _ in 0..MOMENTS {
        let mut child = Command::new(env!("CARGO_BIN_EXE_nmk"))
            .args(["run", &path, "--json"])
            .current_dir(home.path("work"))
            .env_clear()
            .env("HOME", home.path("home"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        let share = random.below(1_250);
        let moment = whole.mul_f64(share as f64 / 1_000.0).min(Duration::from_secs(2));
        std::thread::sleep(moment);
        child.kill().expect("a signal");
        let output = child.wait_with_output().expect("it ended");
        match output.status.code() {
            None => killed += 1,
            // The machine had other work when the whole run was measured.
            Some(_) => whole = whole.min(moment.max(whole.mul_f64(0.9))),
        }
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        if let Ok(object) = serde_json::from_str::<serde_json::Value>(&text) {
            assert_eq!((&object["value"], &object["level"]), (&json!(7), &json!("oracle")), "{object}");
            acknowledged.push(object["ledger"]["head"].as_str().expect("a head").to_owned());
        } else {
            assert!(!text.contains("\"value\":"), "a piece of a report was shown: {text}");
        }
    }
    println!("{MOMENTS} moments: {killed} killed at work, {} acknowledged", acknowledged.len());
    assert!(killed >= 20, "only {killed} of {MOMENTS} kills met the process at work");
    // The next writer cuts what was never acknowledged and closes what was left open.
    assert_eq!(home.run(["run", &path]).code, 0);
    for head in &acknowledged {
        let verified = home.run(["ledger", "verify", "--head", head]);
        assert_eq!(verified.code, 0, "an acknowledged head is gone: {verified:?}");
    }
}
