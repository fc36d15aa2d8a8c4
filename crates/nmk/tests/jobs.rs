//! The use of earlier jobs: the choice of a template by their record, the learnings, and the dashboard `nmk jobs`.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::home::{Ended, Home};
use common::reseal::{field, reseal};
use common::terminal::Terminal;
use serde_json::{Value, json};
use synthetic::stub::{Stub, says};

const PET: &str = r#"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}"#;

/// A model that describes a pet rightly or wrongly, as it is told, and keeps the prompts that it is sent.
struct Model {
    stub: Stub,
    is_right: Arc<AtomicBool>,
    prompts: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Model {
    fn start() -> Self {
        let is_right = Arc::new(AtomicBool::new(true));
        let prompts = Arc::<std::sync::Mutex<Vec<String>>>::default();
        let (right, kept) = (Arc::clone(&is_right), Arc::clone(&prompts));
        let stub = Stub::start(move |seen| {
            kept.lock().expect("no panic").push(seen.body.clone());
            says(if right.load(Ordering::SeqCst) { r#"{"name": "Tom"}"# } else { r#"{"name": 4}"# })
        });
        Self { stub, is_right, prompts }
    }

    /// Runs a request with further arguments, and the model right or wrong.
    fn request(&self, home: &Home, is_right: bool, more: &[&str]) -> Ended {
        self.is_right.store(is_right, Ordering::SeqCst);
        let schema = home.write("work/pet.json", PET).display().to_string();
        let base = self.stub.base();
        let words = ["run", "--request", "Describe a cat.", "--schema", &schema, "--json"];
        home.run([&words[..], &["--model", &base, "--model-name", "m"], more].concat())
    }

    /// Fails four times with the default template, and succeeds eight times with the other one.
    fn make_direct_better(&self, home: &Home) {
        for _ in 0..4 {
            assert_eq!(self.request(home, false, &["--template", "staged"]).code, 1);
        }
        for _ in 0..8 {
            assert_eq!(self.request(home, true, &["--template", "direct"]).code, 0);
        }
    }
}

fn task_names(object: &Value) -> Vec<&str> {
    object["tasks"].as_array().expect("tasks").iter().filter_map(|task| task["name"].as_str()).collect()
}

#[test]
fn a_template_that_did_better_beyond_doubt_is_used_and_the_report_says_why() {
    let (home, model) = (Home::new("jobs-choice"), Model::start());
    let first = model.request(&home, true, &[]).json();
    assert_eq!((task_names(&first), first.get("template")), (vec!["draft", "schema", "commit"], None));
    model.make_direct_better(&home);
    let object = model.request(&home, true, &[]).json();
    assert_eq!(task_names(&object), ["draft"], "{object}");
    let template = &object["template"];
    assert_eq!((&template["template"], &template["by"]), (&json!("direct"), &json!("record")), "{object}");
    let reason = template["reason"].as_str().expect("a reason");
    assert!(reason.contains("direct and not staged") && reason.contains("8 of 8"), "{reason}");
    // What the caller states wins, and so does the wish to look at nothing earlier.
    let stated = model.request(&home, true, &["--template", "staged"]).json();
    assert_eq!((task_names(&stated).len(), &stated["template"]["by"]), (3, &json!("stated")), "{stated}");
    let alone = model.request(&home, true, &["--no-memory"]).json();
    assert_eq!((task_names(&alone).len(), alone.get("template")), (3, None), "{alone}");
    let why = alone["memory"]["abstained"].as_str().expect("a reason");
    assert_eq!(why, "--no-memory was passed");
    // Another kind and another way of planning have a record of their own.
    let other = model.request(&home, true, &["--planner"]).json();
    assert!(task_names(&other).contains(&"schema"), "{other}");
    let replayed = home.run(["ledger", "replay", "--json"]).json();
    assert_eq!((&replayed["difference"], &replayed["decisions"]), (&Value::Null, &json!(17)), "{replayed}");
}

#[test]
fn a_choice_that_does_not_follow_is_found() {
    let (home, model) = (Home::new("jobs-forged"), Model::start());
    model.make_direct_better(&home);
    assert_eq!(model.request(&home, true, &[]).code, 0);
    assert_eq!(home.run(["ledger", "replay"]).code, 0);
    // Whoever holds the key praises the default template.
    reseal(&home, |entry| {
        if let Some(by) = field(&mut entry.body, "by")
            && by.as_text() == Some("record")
        {
            *by = ledger::Value::text("default");
        }
    });
    let replayed = home.run(["ledger", "replay"]);
    assert_eq!(replayed.code, 1, "{replayed:?}");
    assert!(replayed.err.contains("comes out otherwise: decision"), "{replayed:?}");
    let checked = home.run(["trace", "check"]);
    assert_eq!(checked.code, 1, "{checked:?}");
    assert!(checked.out.contains("follows · job-"), "{checked:?}");
}

#[test]
fn the_dashboard_counts_what_the_ledger_tells() {
    let (home, model) = (Home::new("jobs-table"), Model::start());
    home.run(["jobs"]).is_refused(&["no ledger"]);
    model.request(&home, true, &[]);
    model.request(&home, false, &[]);
    home.run(["ask", "Is 97 a prime number?"]);
    let object = home.run(["jobs", "--json"]).json();
    let templates = &object["templates"][0];
    assert_eq!((&templates["next"], &templates["templates"][0]["runs"]), (&json!("staged"), &json!(2)));
    let jobs = &object["jobs"];
    assert_eq!((&jobs["jobs"], &jobs["open"], &object["verified"]), (&json!(3), &json!(0), &json!(true)));
    let kinds: Vec<&str> =
        object["kinds"].as_array().expect("kinds").iter().filter_map(|kind| kind["kind"].as_str()).collect();
    assert_eq!(kinds, ["question", "structured_output"]);
    let structured = &object["kinds"][1];
    assert_eq!((&structured["committed"], &structured["abstained"]), (&json!(1), &json!(1)), "{object}");
    assert_eq!(structured["success"], json!(0.5));
    assert_eq!(structured["levels"], json!({"schema": 1}));
    let learning = &object["learnings"][0];
    assert_eq!(
        (&learning["task"], &learning["check"], &learning["jobs"]),
        (&json!("schema"), &json!("structure"), &json!(1))
    );
    assert_eq!(object["recent"][0]["kind"], "question");
    let of_kind = home.run(["jobs", "--kind", "structured_output", "--last", "1", "--json"]).json();
    assert_eq!((&of_kind["jobs"]["jobs"], of_kind["recent"].as_array().map(Vec::len)), (&json!(2), Some(1)));
    assert_eq!(home.run(["jobs", "--since", "2999-01-01", "--json"]).json()["jobs"]["jobs"], json!(0));
    let text = home.run(["jobs"]);
    for part in
        ["3 jobs: ", "structured_output", "schema failed at structure in 1 job", "next: staged (default)"]
    {
        assert!(text.out.contains(part), "{part}: {text:?}");
    }
    home.run(["jobs", "--watch"]).is_refused(&["--watch needs a terminal", "leave it out"]);
    home.run(["jobs", "--since", "yesterday"]).is_refused(&["--since", "2026-11-28"]);
}

#[test]
fn a_ledger_that_does_not_verify_is_said() {
    let (home, model) = (Home::new("jobs-damaged"), Model::start());
    model.request(&home, true, &[]);
    let path = home.ledger().join("entries");
    let mut bytes = std::fs::read(&path).expect("the entries");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).expect("the entries");
    for words in [&["jobs", "--json"][..], &["trace", "check"], &["trace", "check", "job-0"]] {
        let ended = home.run(words);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.err.contains("verification failed"), "{ended:?}");
    }
    assert_eq!(home.run(["jobs", "--json"]).json()["verified"], json!(false));
}

/// Returns the numbers of one kind of job.
fn of_kind(home: &Home, kind: &str) -> Value {
    let object = home.run(["jobs", "--kind", kind, "--json"]).json();
    object["kinds"][0].clone()
}

#[test]
fn what_was_not_checked_or_measured_is_not_counted_as_if_it_were() {
    let home = Home::new("jobs-unchecked");
    let stub = Stub::start(|_| says("There are 3."));
    let model = ["--model", &stub.base(), "--model-name", "m"];
    assert_eq!(home.run([&["ask", "Tell me something nice."], &model[..]].concat()).code, 0);
    let told = of_kind(&home, "question");
    assert_eq!(told["levels"], json!({"none": 1}), "{told}");
    assert_eq!((&told["committed"], &told["unchecked"], &told["judged"]), (&json!(1), &json!(1), &json!(0)));
    // No clock runs beside a question.
    assert_eq!((&told["success"], &told["ci"], &told["seconds"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(home.run(["ask", "Is 97 a prime number?"]).code, 0);
    let told = of_kind(&home, "question");
    assert_eq!((&told["committed"], &told["unchecked"], &told["judged"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(told["success"], json!(1.0), "{told}");
    let text = home.run(["jobs"]);
    assert!(text.out.contains("unchecked") && text.out.contains("time not known"), "{text:?}");
    assert!(!text.out.contains("0.00"), "{text:?}");
}

#[test]
fn a_look_up_is_no_refused_job() {
    let home = Home::new("jobs-look-up");
    assert_eq!(home.run(["prims", "find", "greatest common divisor"]).code, 0);
    let told = of_kind(&home, "look_up");
    assert_eq!((&told["looked_up"], &told["abstained"]), (&json!(1), &json!(0)), "{told}");
    let text = home.run(["jobs"]);
    assert!(text.out.contains("0 abstained") && text.out.contains("1 look-up"), "{text:?}");
    assert_eq!(home.run(["jobs", "--json"]).json()["recent"][0]["state"], "looked_up");
    home.run(["jobs", "--kind", "nope"]).is_refused(&["--kind", "structured_output, code_gen, text"]);
}

#[test]
fn a_template_that_no_request_chooses_is_not_the_next_one() {
    let home = Home::new("jobs-fact");
    let stub = Stub::start(|_| says("3"));
    let model = ["--model", &stub.base(), "--model-name", "m"];
    let question = "How many times does the letter r appear in strawberry?";
    assert_eq!(home.run([&["run", "--request", question], &model[..]].concat()).code, 0);
    let object = home.run(["jobs", "--json"]).json();
    let template = &object["templates"][0];
    assert_eq!(template["templates"][0]["template"], "fact", "{object}");
    assert_eq!((&template["next"], &template["by"]), (&Value::Null, &Value::Null), "{object}");
    let text = home.run(["jobs"]);
    assert!(text.out.contains("never chosen by its record") && !text.out.contains("next: "), "{text:?}");
}

#[test]
fn a_head_that_was_put_back_is_no_sound_ledger() {
    let home = Home::new("jobs-rolled-back");
    assert_eq!(home.run(["ask", "Is 97 a prime number?"]).code, 0);
    let file = |name: &str| home.ledger().join(name);
    let (head, entries) =
        (std::fs::read(file("head")).expect("a head"), std::fs::read(file("entries")).expect("the entries"));
    assert_eq!(home.run(["ask", "Is 91 a prime number?"]).code, 0);
    let grown = std::fs::read(file("entries")).expect("the entries");
    std::fs::write(file("head"), head).expect("the head");
    for entries in [&grown[..], &[&entries[..], b"tail"].concat()] {
        std::fs::write(file("entries"), entries).expect("the entries");
        for words in [&["jobs"][..], &["jobs", "--json"], &["trace", "check"], &["ledger", "verify"]] {
            let ended = home.run(words);
            assert_eq!(ended.code, 1, "{ended:?}");
            assert!(ended.err.contains("beyond its head that no writer announced"), "{ended:?}");
        }
    }
}

#[test]
fn learnings_reach_a_prompt_only_when_asked_for_and_in_words_of_the_kernel() {
    let (home, model) = (Home::new("jobs-learnings"), Model::start());
    let last = |model: &Model| model.prompts.lock().expect("no panic").last().cloned().expect("a prompt");
    model.request(&home, true, &[]);
    let before = last(&model);
    model.request(&home, false, &[]);
    // An earlier failure changes no byte of a prompt by itself.
    model.request(&home, true, &[]);
    assert_eq!(last(&model), before);
    let object = model.request(&home, true, &["--learnings"]).json();
    let recalled = &object["memory"]["recalled"][0];
    assert_eq!(recalled["label"], "failed_jobs(structured_output, schema, structure)", "{object}");
    assert_eq!(recalled["value"], json!(1));
    let mark = recalled["mark"].as_str().expect("a mark");
    let line = format!("failed_jobs(structured_output, schema, structure) = 1 ‹memory {mark}›");
    assert!(last(&model).contains(&line), "{}", last(&model));
    // The mark is that of the entry that ended the job, so the claim can be looked up.
    let learnings = home.run(["jobs", "--json"]).json();
    assert_eq!(learnings["learnings"][0]["digest"], recalled["entry"]);
    assert_eq!(object["level"], "schema");
    assert_eq!(home.run(["ledger", "verify"]).code, 0);
}

/// Looks at the open jobs until there is one. Returns its state.
fn state_of_the_open_job(home: &Home) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let shown = home.run(["jobs", "--json"]);
        // Until the first entry is written there is no ledger.
        let object = if shown.code == 0 { shown.json() } else { Value::Null };
        if let Some(state) = object["open"][0]["state"].as_str() {
            return state.to_owned();
        }
        assert!(Instant::now() < end, "no job was opened: {shown:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_job_of_a_killed_process_is_told_from_one_at_work() {
    let home = Home::new("jobs-killed");
    let is_over = Arc::new(AtomicBool::new(false));
    let waits = Arc::clone(&is_over);
    let stub = Stub::start(move |_| {
        while !waits.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        says("too late")
    });
    let base = stub.base();
    let words = ["run", "--request", "Tell me a story.", "--model", &base, "--model-name", "m"];
    let mut child = home.start(words);
    assert_eq!(state_of_the_open_job(&home), "running");
    // A job at work needs no end yet.
    let checked = home.run(["trace", "check", "--json"]);
    assert_eq!((checked.code, checked.json()["running"].as_u64()), (0, Some(1)), "{checked:?}");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    is_over.store(true, Ordering::SeqCst);
    assert_eq!(state_of_the_open_job(&home), "left_open");
    let checked = home.run(["trace", "check"]);
    assert!(checked.code == 1 && checked.out.contains("no entry ends the job"), "{checked:?}");
    // The next writer ends it. It is no evidence about its template, and nothing is learned from it.
    home.run(["ask", "Is 97 a prime number?"]);
    let object = home.run(["jobs", "--json"]).json();
    assert_eq!((&object["jobs"]["interrupted"], &object["open"]), (&json!(1), &json!([])), "{object}");
    assert_eq!((&object["templates"], &object["learnings"]), (&json!([]), &json!([])), "{object}");
    assert_eq!(home.run(["trace", "check"]).code, 0);
}

#[test]
fn a_terminal_is_drawn_anew_until_a_key_ends_it() {
    let (home, model) = (Home::new("jobs-watch"), Model::start());
    model.request(&home, true, &[]);
    for key in [&b"q"[..], &[3]] {
        let mut terminal = Terminal::open();
        let mut command = home.command(["jobs", "--watch"], &[]);
        command.stdin(terminal.side()).stdout(terminal.side()).stderr(terminal.side());
        let mut child = command.spawn().expect("it runs");
        drop(command);
        let jobs = home.run(["jobs", "--json"]).json()["jobs"]["jobs"].as_u64().expect("a number");
        terminal.wait_for("press q to end");
        model.request(&home, true, &[]);
        terminal.wait_for(&format!("{} jobs: ", jobs + 1));
        terminal.press(key);
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
}
