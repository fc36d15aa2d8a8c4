//! A ledger that re-executes: what was judged and generated comes out the same, and what was changed by
//! whoever holds the key does not.

mod common;

use common::home::Home;
use common::reseal::{field, reseal, reseal_all};
use ledger::{Entry, EntryKind, FolderDisk, JobId, Journal, Ledger, SizeLimits, TaskId, Value};
use serde_json::json;
use synthetic::stub::{Stub, says};

const PROMPT: &str = "How many times does the letter r appear in strawberry? Add 4 to it.";

#[test]
fn what_was_asked_comes_out_the_same() {
    let home = Home::new("replay");
    assert_eq!(home.run(["ask", PROMPT]).code, 0);
    assert_eq!(home.run(["ask", "Good morning!"]).code, 0);
    let stub = Stub::start(|_| says("Answer: 7"));
    let base = stub.base();
    assert_eq!(home.run(["ask", PROMPT, "--model", &base, "--model-name", "m"]).code, 0);
    let ended = home.run(["ledger", "replay", "--json"]);
    let object = ended.json();
    assert_eq!((ended.code, &object["difference"]), (0, &json!(null)), "{ended:?}");
    assert!(
        object["generations"].as_u64() >= Some(2) && object["judgements"].as_u64() >= Some(3),
        "{object}"
    );
    assert_eq!((&object["remote"], object["unproven"].as_array().map(Vec::len)), (&json!(1), Some(0)));
    // What was forgotten is not proven, and said to be so.
    let shown = home.run(["ledger", "show", "--json"]).json();
    let entries = shown["entries"].as_array().unwrap();
    let proposed = entries.iter().find(|entry| entry["kind"] == "proposed").unwrap();
    let prompt = proposed["body"]["record"]["blobs"]["prompt"].as_str().unwrap();
    let job = proposed["job"].as_str().unwrap();
    let of_job = home.run(["ledger", "show", "--job", job, "--json"]).json();
    assert!(of_job["entries"].as_array().unwrap().iter().all(|entry| entry["job"] == job));
    let forgotten = home.run(["ledger", "forget", prompt, "--reason", "private"]);
    assert_eq!(forgotten.code, 0, "{forgotten:?}");
    assert_eq!(home.run(["ledger", "verify", "--json"]).json()["forgotten"], json!(1));
    let ended = home.run(["ledger", "replay", "--json"]);
    assert_eq!(ended.code, 0);
    assert!(!ended.json()["unproven"].as_array().unwrap().is_empty());
    home.run(["ledger", "forget", &"0".repeat(64), "--reason", "none"]).is_refused(&["no blob"]);
    home.run(["ledger", "show", "--job", "seven"]).is_refused(&["0 jobs begin with seven"]);
}

/// A change to an entry: the words with which the report then names the difference, and the function that
/// makes it.
type Change = (&'static str, fn(&mut Entry));

#[test]
fn what_the_holder_of_the_key_changed_comes_out_otherwise() {
    let changes: [Change; 3] = [
        ("", |_| {}),
        ("logits", |entry| {
            let logits = field(&mut entry.body, "record").and_then(|record| field(record, "logits"));
            if let Some(Value::List(logits)) = logits
                && let Some(Value::Bytes(digest)) = logits.last_mut()
            {
                digest[0] ^= 1;
            }
        }),
        ("verdict", |entry| {
            let level = field(&mut entry.body, "verdict").and_then(|verdict| field(verdict, "level"));
            if let Some(level) = level {
                *level = Value::text("proven");
            }
        }),
    ];
    for (what, change) in changes {
        let home = Home::new(&format!("replay-changed-{what}"));
        assert_eq!(home.run(["ask", PROMPT]).code, 0);
        reseal(&home, change);
        assert_eq!(home.run(["ledger", "verify"]).code, 0, "whoever holds the key can seal anything");
        let ended = home.run(["ledger", "replay", "--json"]);
        let object = ended.json();
        assert_eq!(ended.code, i32::from(!what.is_empty()), "{what}: {object}");
        if !what.is_empty() {
            assert!(object["difference"]["what"].as_str().unwrap().contains(what), "{object}");
        }
    }
}

/// Returns the record in the form of version 1: no version key, blobs named by position, and traps only where
/// there were some.
fn version_1(record: &Value) -> Value {
    let keys = ["model", "model_digest", "reproducible", "decoding", "max_new", "stop", "tokens", "logits"];
    let kept = keys.map(|key| (key, record.get(key).expect("a key of the record").clone()));
    Value::map(kept.into_iter().chain([("facts", Value::text(""))]))
}

/// A change to the records of generations: the line that the report then has, and the function that makes it.
type ChangedRecord = (&'static str, fn(&mut Value));

#[test]
fn a_generation_of_another_version_is_refused_and_its_judgement_is_replayed() {
    let home = Home::new("replay-version");
    assert_eq!(home.run(["ask", PROMPT]).code, 0);
    let current = home.run(["ledger", "replay", "--json"]).json();
    let generations = current["generations"].as_u64().expect("a number");
    assert!(generations > 0 && current["unproven"] == json!([]), "{current}");
    let versions: [ChangedRecord; 2] = [
        ("has version 1, and this program reads version 2", |record| *record = version_1(record)),
        ("has version 3, and this program reads version 2", |record| {
            if let Value::Map(record) = record {
                record.insert("version".to_owned(), Value::Int(3));
            }
        }),
    ];
    for (line, change) in versions {
        reseal(&home, |entry| {
            let record = field(&mut entry.body, "record").filter(|record| record.get("tokens").is_some());
            if let Some(record) = record {
                change(record);
            }
        });
        assert_eq!(home.run(["ledger", "verify"]).code, 0, "a ledger of another version still verifies");
        let ended = home.run(["ledger", "replay", "--json"]);
        let object = ended.json();
        assert_eq!((ended.code, &object["difference"]), (0, &json!(null)), "{object}");
        assert_eq!((&object["generations"], &object["judgements"]), (&json!(0), &current["judgements"]));
        let unproven = object["unproven"].as_array().expect("a list");
        assert_eq!(unproven.len() as u64, generations, "{object}");
        assert!(unproven.iter().all(|why| why.as_str().is_some_and(|why| why.contains(line))), "{object}");
    }
}

/// Returns the index of the first entry of a kind. Panics if there is none.
fn of_kind(entries: &[Entry], kind: EntryKind) -> usize {
    entries.iter().position(|entry| entry.kind == kind).expect("an entry of the kind")
}

/// A contradiction in a history: the words with which the trace names it, and the function that makes it.
type Forgery = (&'static str, fn(&mut Vec<Entry>));

#[test]
fn a_trace_is_a_second_opinion() {
    let forgeries: [Forgery; 6] = [
        ("", |_| {}),
        ("before what it waits for had passed", |entries| {
            drop(entries.remove(of_kind(entries, EntryKind::Judged)))
        }),
        ("without a proposal", |entries| drop(entries.remove(of_kind(entries, EntryKind::Computed)))),
        ("never opened", |entries| drop(entries.remove(of_kind(entries, EntryKind::Opened)))),
        ("below its job's level", |entries| {
            let at = of_kind(entries, EntryKind::Committed);
            *field(&mut entries[at].body, "level").expect("a level") = Value::text("syntax");
        }),
        ("something else was committed", |entries| {
            let at = of_kind(entries, EntryKind::Committed);
            *field(&mut entries[at].body, "result").expect("a result") = Value::Bytes(vec![7; 32]);
        }),
    ];
    for (number, (what, forge)) in forgeries.into_iter().enumerate() {
        let home = Home::new(&format!("trace-{number}"));
        let graph = home.write("work/sum.toml", include_str!("../../../docs/sum.toml")).display().to_string();
        let run = home.run(["run", &graph, "--json"]).json();
        reseal_all(&home, forge);
        assert_eq!(home.run(["ledger", "verify"]).code, 0, "whoever holds the key can seal anything");
        let ended = home.run(["ledger", "trace", "--json"]);
        let object = ended.json();
        assert_eq!((ended.code, &object["passed"]), (i32::from(number > 0), &json!(number == 0)), "{object}");
        if number == 0 {
            let job = &object["jobs"][0];
            assert_eq!((&job["job"], &job["end"]), (&run["job"], &json!("committed")));
            assert_eq!(job["tasks"].as_array().map(Vec::len), Some(2));
        }
        assert!(object["first"].to_string().contains(what), "{what}: {object}");
    }
    after_the_end();
    let home = Home::new("trace-bad");
    home.run(["ledger", "trace"]).is_refused(&["no ledger"]);
    home.run(["ledger", "trace", "--job", "seven"]).is_refused(&["no ledger"]);
}

/// An entry behind the end of its job does not verify. A writer that begins at a checkpoint does not know of the end.
fn after_the_end() {
    let home = Home::new("trace-after-the-end");
    assert_eq!(home.run(["ask", PROMPT, "--direct"]).code, 0);
    let folder = home.ledger();
    let key = ledger::keys::load_or_create(&home.path("home/.config/nmk/key"), || [0; 32]).unwrap();
    let limits = SizeLimits { unchecked: 1, ..SizeLimits::default() };
    let entries: Vec<Entry> = ledger::read(&folder).unwrap().map(|stored| stored.unwrap().entry).collect();
    let again = &entries[of_kind(&entries, EntryKind::Judged)];
    let other =
        Entry { task: TaskId { job: JobId(7), number: 0 }, kind: EntryKind::Decided, ..again.clone() };
    for entry in [&other, again] {
        let disk = FolderDisk::create(&folder).unwrap();
        let (mut writer, _) = Ledger::open_on(disk, &folder, &key, limits).unwrap();
        writer.append(std::slice::from_ref(entry)).unwrap();
    }
    let verified = home.run(["ledger", "verify"]);
    assert!(verified.code == 1 && verified.err.contains("ended before this entry"), "{verified:?}");
    let traced = home.run(["ledger", "trace", "--json"]);
    assert!(traced.code == 1 && traced.out.contains("the job had ended"), "{traced:?}");
}

#[test]
fn what_was_made_with_one_schedule_comes_out_the_same_with_another() {
    let home = Home::new("replay-schedule");
    // The widest set of this machine, and two threads; the same machine always has the portable one.
    let asked = ["ask", PROMPT, "--threads", "2", "--chunk", "64", "--speculate", "4"];
    assert_eq!(home.run(asked).code, 0);
    let replays: [&[&str]; 2] = [
        &["--isa", "portable", "--threads", "1", "--chunk", "1"],
        &["--isa", "portable", "--threads", "3", "--chunk", "7", "--speculate", "2"],
    ];
    for words in replays {
        let ended = home.run([&["ledger", "replay", "--json"][..], words].concat());
        let object = ended.json();
        assert_eq!((ended.code, &object["difference"]), (0, &json!(null)), "{object}");
        assert!(object["generations"].as_u64() >= Some(1), "{object}");
        assert_eq!(object["unproven"], json!([]));
    }
    // One bit of one weight, in the last norm: every logit feels it, the first token's first.
    let flipped = common::checkpoint::write(&home, "work/flipped", |name, mut bytes| {
        if name == "model.safetensors" {
            let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
            let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
            let start = header["model.norm.weight"]["data_offsets"][0].as_u64().unwrap() as usize;
            bytes[8 + length + start] ^= 1;
        }
        bytes
    });
    let object = home.run(["ledger", "replay", "--json", "--model", &flipped]).json();
    let entries = home.run(["ledger", "show", "--json"]).json();
    let first =
        entries["entries"].as_array().unwrap().iter().find(|entry| entry["kind"] == "proposed").unwrap();
    assert_eq!(object["difference"]["entry"], first["index"], "{object}");
    assert!(object["difference"]["what"].as_str().unwrap().contains("logits"), "{object}");
    let logits = first["body"]["record"]["logits"][0].as_str().unwrap();
    assert!(object["difference"]["recorded"].as_str().unwrap().contains(logits), "{object}");
}

#[test]
fn what_was_made_in_either_state_comes_out_the_same() {
    let home = Home::new("replay-state");
    assert_eq!(home.run(["ask", PROMPT]).code, 0);
    assert_eq!(home.run(["ask", PROMPT, "--state", "bf16", "--speculate", "3"]).code, 0);
    let entries = home.run(["ledger", "show", "--json"]).json();
    let proposed = entries["entries"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "proposed");
    let made_by: Vec<&serde_json::Value> = proposed
        .filter(|entry| entry["body"]["origin"]["origin"] == "local_model")
        .map(|entry| &entry["body"]["origin"]["model"])
        .collect();
    let inspected = |state: &str| {
        home.run(["model", "inspect", "embedded", "--json", "--state", state]).json()["digest"].clone()
    };
    let digests = ["f32", "bf16"].map(inspected);
    assert_ne!(digests[0], digests[1]);
    let of = |digest| made_by.iter().filter(|model| **model == digest).count();
    assert!(of(&digests[0]) > 0 && of(&digests[0]) + of(&digests[1]) == made_by.len(), "{made_by:?}");
    // The ledger says which; the flag does not matter.
    for words in [&[][..], &["--state", "bf16"], &["--isa", "portable", "--chunk", "5", "--threads", "2"]] {
        let ended = home.run([&["ledger", "replay", "--json"][..], words].concat());
        let object = ended.json();
        assert_eq!((ended.code, &object["difference"]), (0, &json!(null)), "{object}");
        assert_eq!(object["generations"], json!(made_by.len()), "{object}");
        assert_eq!(object["unproven"], json!([]), "{object}");
    }
    // Sealed again with the other digest, what was made in one state is no more what the other makes.
    let swapped = |entry: &mut Entry| {
        if let Some(Value::Bytes(model)) =
            field(&mut entry.body, "origin").and_then(|origin| field(origin, "model"))
        {
            let hex = digests[1].as_str().unwrap();
            let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
            *model = (0..32).map(byte).collect();
        }
    };
    reseal(&home, swapped);
    let ended = home.run(["ledger", "replay", "--json"]);
    let what = ended.json()["difference"]["what"].to_string();
    assert!(ended.code == 1 && what.contains("logits"), "{ended:?}");
    // A model that is not at hand is named.
    reseal(&home, |entry| {
        if let Some(Value::Bytes(model)) =
            field(&mut entry.body, "origin").and_then(|origin| field(origin, "model"))
        {
            *model = vec![0xab; 32];
        }
    });
    let ended = home.run(["ledger", "replay", "--json"]);
    let unproven = ended.json()["unproven"].to_string();
    assert!(unproven.contains("another model made it") && unproven.contains("abab"), "{ended:?}");
    home.run(["ask", PROMPT, "--state", "f16"]).is_refused(&["f16", "f32 or bf16"]);
}

#[test]
fn what_was_forbidden_is_in_the_ledger_and_replays_in_any_schedule() {
    const CHAT: &str = "How can I cook rice?";
    let home = Home::new("replay-forbidden");
    let ask = |more: &[&str]| {
        let ended = home.run([&["ask", CHAT, "--json"][..], more].concat());
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.json()["answer"].as_str().expect("an answer").to_owned()
    };
    let free = ask(&[]);
    let word = free.split(' ').find(|word| word.len() > 3 && word.chars().all(char::is_alphabetic));
    let word = word.expect("a word");
    let forbidden = ask(&["--forbid", word]);
    let words = |text: &str| text.split(|char: char| !char.is_alphanumeric()).any(|other| other == word);
    assert!(words(&free) && !words(&forbidden), "{free} and {forbidden}");
    for schedule in [&["--threads", "2", "--chunk", "3"][..], &["--speculate", "4"], &["--isa", "portable"]] {
        assert_eq!(ask(&[&["--forbid", word][..], schedule].concat()), forbidden, "{schedule:?}");
    }
    let vowels = ask(&["--forbid-pattern", "[aeiou]"]);
    assert!(!vowels.chars().any(|char| "aeiou".contains(char)), "{vowels}");
    for schedule in [&[][..], &["--isa", "portable", "--threads", "1", "--chunk", "1"], &["--speculate", "4"]]
    {
        let ended = home.run([&["ledger", "replay", "--json"][..], schedule].concat());
        let object = ended.json();
        assert_eq!((ended.code, &object["difference"], &object["unproven"]), (0, &json!(null), &json!([])));
        assert_eq!(object["generations"], json!(6));
    }
    // A record that does not say it as records do is not taken for one of nothing.
    let said = std::cell::Cell::new(0);
    reseal(&home, |entry| {
        let traps = field(&mut entry.body, "record").and_then(|record| field(record, "traps"));
        if let Some(Value::Map(traps)) = traps
            && traps.contains_key("forbidden")
        {
            traps.insert("forbidden".to_owned(), Value::List(vec![Value::text(word)]));
            said.set(said.get() + 1);
        }
    });
    let ended = home.run(["ledger", "replay", "--json"]);
    let unproven = ended.json()["unproven"].as_array().map_or(0, Vec::len);
    assert_eq!((unproven, &ended.json()["difference"]), (said.get(), &json!(null)), "{ended:?}");
    assert!(said.get() > 0 && ended.json()["unproven"][0].to_string().contains("traps.forbidden"));
    // Replayed as if nothing had been forbidden, it comes out otherwise: the record is what is followed.
    reseal(&home, |entry| {
        let traps = field(&mut entry.body, "record").and_then(|record| field(record, "traps"));
        if let Some(traps) = traps {
            *traps = Value::map::<&str>([]);
        }
    });
    let ended = home.run(["ledger", "replay", "--json"]);
    assert_eq!((ended.code, &ended.json()["difference"]["what"]), (1, &json!("token")));
    home.run(["ask", CHAT, "--forbid-pattern", "("]).is_refused(&["command line", "the pattern `(`"]);
    home.run(["ask", CHAT, "--forbid-pattern", "x*"]).is_refused(&["no bytes"]);
    let stub = Stub::start(|_| says("Answer: 7"));
    let base = stub.base();
    let remote = ["ask", CHAT, "--model", &base, "--model-name", "m", "--forbid", "rice"];
    home.run(remote).is_refused(&["behind an endpoint", "local"]);
}
