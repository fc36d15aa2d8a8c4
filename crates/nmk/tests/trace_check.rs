//! `nmk trace check`: each invariant of a job is named when the entries of a ledger break it.

mod common;

use common::home::Home;
use common::reseal::{field, reseal_all};
use ledger::{Entry, EntryKind, Value};
use serde_json::Value as Json;
use synthetic::stub::{Stub, says};

const PET: &str = r#"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}"#;

/// Makes a ledger with a request that is committed, one that is refuted together with its repair, a question, and a graph.
fn history(home: &Home) {
    let schema = home.write("work/pet.json", PET).display().to_string();
    home.write("work/sum.toml", include_str!("../../../docs/sum.toml"));
    let stub = Stub::start(|seen| {
        says(match (seen.body.contains("cat"), seen.body.contains("An earlier answer was")) {
            (true, _) => r#"{"name": "Tom"}"#,
            (false, false) => r#"{"name": 4}"#,
            (false, true) => r#"{"name": 5}"#,
        })
    });
    let base = stub.base();
    for (request, code) in [("Describe a cat.", 0), ("Describe a dog.", 1)] {
        let words = ["run", "--request", request, "--schema", &schema, "--model", &base, "--model-name", "m"];
        assert_eq!(home.run(words).code, code);
    }
    assert_eq!(home.run(["ask", "How many times does the letter r appear in strawberry?"]).code, 0);
    assert_eq!(home.run(["run", "sum.toml"]).code, 0);
}

/// Returns the place of the first entry of this kind from place `from` on whose body has `part` in its text.
fn place(entries: &[Entry], kind: EntryKind, part: &str) -> usize {
    let fits = |entry: &Entry| entry.kind == kind && format!("{:?}", entry.body).contains(part);
    entries.iter().position(fits).unwrap_or_else(|| panic!("no {kind:?} with {part}"))
}

fn set(entry: &mut Entry, path: &[&str], value: Value) {
    let (last, parents) = path.split_last().expect("a path");
    let map = parents.iter().fold(&mut entry.body, |map, key| field(map, key).expect("a part"));
    let Value::Map(map) = map else { panic!("{map:?} is no map") };
    map.insert((*last).to_owned(), value);
}

fn text(text: &str) -> Value {
    Value::text(text)
}

type Change = fn(&mut Vec<Entry>);

/// The invariants with a change that breaks each, and a part of what is said of it.
const BROKEN: &[(&str, &str, Change)] = &[
    ("bracketed", "no entry ends the job", |entries| {
        entries.remove(place(entries, EntryKind::Abstained, ""));
    }),
    ("bracketed", "begins without an opening", |entries| {
        entries.remove(0);
    }),
    ("planned", "never admitted", |entries| {
        entries.remove(place(entries, EntryKind::Admitted, "schema"));
    }),
    ("planned", "after a task had been admitted", |entries| {
        let choice = entries.remove(1);
        entries.insert(3, choice);
    }),
    ("planned", "has no task other_task", |entries| {
        let admitted = place(entries, EntryKind::Admitted, "schema");
        set(&mut entries[admitted], &["name"], text("other_task"));
    }),
    ("judged", "without a judgement", |entries| {
        let judged = place(entries, EntryKind::Committed, "") - 1;
        assert_eq!(entries.remove(judged).kind, EntryKind::Judged);
    }),
    ("judged", "something else was committed", |entries| {
        let committed = place(entries, EntryKind::Committed, "");
        set(&mut entries[committed], &["result"], Value::Bytes(vec![7; 32]));
    }),
    ("judged", "is needed", |entries| set(&mut entries[0], &["required"], text("oracle"))),
    ("proven", "no validator is named", |entries| {
        let judged = place(entries, EntryKind::Judged, "schema");
        set(&mut entries[judged], &["verdict", "validator"], text(""));
    }),
    ("proven", "its verdict is refuted", |entries| {
        let judged = place(entries, EntryKind::Judged, "\"met\": Bool(false)");
        set(&mut entries[judged], &["met"], Value::Bool(true));
    }),
    ("proven", "another value", |entries| {
        let judged = place(entries, EntryKind::Judged, "schema");
        set(&mut entries[judged], &["verdict", "subject"], Value::Bytes(vec![7; 32]));
    }),
    ("effective_repair", "proposes again", |entries| {
        let refuted = place(entries, EntryKind::Judged, "\"met\": Bool(false)");
        let subject = entries[refuted - 1].body.get("subject").expect("a subject").clone();
        let repair = entries[refuted..].iter().position(|entry| entry.kind == EntryKind::Proposed);
        set(&mut entries[refuted + repair.expect("a repair")], &["subject"], subject);
    }),
    ("calibrated", "0.90 was stated, and the verdict is worth 0.10", |entries| {
        let refuted = place(entries, EntryKind::Judged, "\"met\": Bool(false)");
        let task = entries[refuted].task;
        let of_task = |entry: &&mut Entry| entry.task == task && entry.kind == EntryKind::Proposed;
        let proposed = entries.iter_mut().find(of_task).expect("a proposal");
        let confidence = Value::map([("confidence", Value::Float(abi::Float::new(0.9).expect("a number")))]);
        set(proposed, &["record"], confidence);
    }),
    ("calibrated", "0.80 was stated", |entries| {
        let refuted = place(entries, EntryKind::Judged, "\"met\": Bool(false)");
        let share = |share| kpolicy::Unit::new(share).expect("a share");
        let signals = kpolicy::Signals {
            uncertainty: share(0.2),
            uncertainty_calibrated: true,
            ..kpolicy::Signals::QUIET
        };
        let (seam, about) = ("ladder_width".to_owned(), "text".to_owned());
        let policy = kpolicy::Policy::new(kpolicy::Settings::REFERENCE).expect("a policy");
        let (mode, checks) = (kpolicy::Mode::Reference, Vec::new());
        let decided =
            kpolicy::Recorded { seam, about, policy, signals, remaining: None, most: 4, mode, checks };
        let (kind, task) = (EntryKind::Decided, entries[refuted].task);
        entries.insert(refuted, Entry { kind, task, inputs: Vec::new(), body: decided.to_value() });
    }),
    ("one_run", "had been opened", |entries| {
        let again = entries[0].clone();
        entries.insert(2, again);
    }),
    ("one_run", "a template was chosen before", |entries| {
        let again = entries[1].clone();
        entries.insert(2, again);
    }),
    ("one_run", "was admitted where", |entries| {
        let again = entries[place(entries, EntryKind::Admitted, "schema")].clone();
        entries.insert(place(entries, EntryKind::Committed, ""), again);
    }),
    ("follows", "what follows from its entry", |entries| {
        let choice = place(entries, EntryKind::Decided, "staged");
        set(&mut entries[choice], &["template"], text("direct"));
    }),
    ("follows", "what follows from its entry", |entries| {
        let decided = place(entries, EntryKind::Decided, "fact_loop");
        set(&mut entries[decided], &["k"], Value::Int(9));
    }),
    ("continuation", "unknown state", |entries| {
        let failed = place(entries, EntryKind::Failed, "refuted");
        set(&mut entries[failed], &["state"], text("asleep"));
    }),
];

#[test]
fn each_broken_invariant_is_named_with_its_place() {
    let home = Home::new("trace-check");
    history(&home);
    let sound = home.run(["trace", "check", "--json"]);
    let object = sound.json();
    assert_eq!((sound.code, &object["passed"]), (0, &Json::Bool(true)), "{object}");
    assert_eq!((object["jobs"].as_u64(), object["running"].as_u64()), (Some(4), Some(0)), "{object}");
    let original: Vec<Entry> = ledger::read(&home.ledger())
        .expect("a ledger")
        .map(|stored| stored.expect("an entry").entry)
        .collect();
    for (invariant, what, change) in BROKEN {
        reseal_all(&home, |entries| {
            entries.clone_from(&original);
            change(entries);
        });
        let checked = home.run(["trace", "check"]);
        let named = checked.out.lines().find(|line| line.starts_with(invariant) && line.contains(what));
        let line = named.unwrap_or_else(|| panic!("{invariant}, {what}: {checked:?}"));
        assert!(line.contains(" · job-") && line.contains(" · entry "), "{line}");
        assert_eq!(checked.code, 1, "{checked:?}");
        let object = home.run(["trace", "check", "--json"]).json();
        let violations = object["violations"].as_array().expect("violations");
        assert!(violations.iter().any(|one| one["invariant"] == **invariant), "{object}");
        assert_eq!(object["passed"], Json::Bool(false));
    }
}

#[test]
fn one_job_is_checked_and_an_invariant_left_out() {
    let home = Home::new("trace-one");
    history(&home);
    let job = home.run(["jobs", "--json"]).json()["recent"][3]["job"].as_str().expect("a job").to_owned();
    reseal_all(&home, |entries| {
        let last = entries.len() - 1;
        assert_eq!(entries.remove(last).kind, EntryKind::Committed);
    });
    assert_eq!(home.run(["trace", "check"]).code, 1);
    let one = home.run(["trace", "check", &job, "--json"]);
    assert_eq!((one.code, one.json()["jobs"].as_u64()), (0, Some(1)), "{one:?}");
    let without = home.run(["trace", "check", "--except", "bracketed"]);
    assert_eq!(without.code, 0, "{without:?}");
    assert!(without.err.contains("8 invariants, 0 violations"), "{without:?}");
    home.run(["trace", "check", "--except", "kind"]).is_refused(&["--except", "bracketed, planned, judged"]);
    home.run(["trace", "check", "job-zz"]).is_refused(&["0 jobs begin with job-zz"]);
    // What fits every job names none.
    for word in ["", "j", "job-"] {
        home.run(["trace", "check", word]).is_refused(&["4 jobs begin with", "pass more of its digits"]);
    }
    // Without an invariant there is nothing to check.
    let all = home.run(["trace", "check", "--json"]).json();
    let all = all["invariants"].as_array().expect("invariants");
    let except: Vec<&str> = all.iter().flat_map(|one| ["--except", one.as_str().expect("a word")]).collect();
    let nothing = home.run([&["trace", "check", "--json"], &except[..]].concat());
    assert_eq!((nothing.code, &nothing.json()["passed"]), (1, &Json::Bool(false)), "{nothing:?}");
}
