//! A ledger that re-executes: what was judged and generated comes out the same, and what was changed by
//! whoever holds the key does not.

mod common;

use common::home::Home;
use common::stub::{Stub, says};
use ledger::{Entry, Journal, Ledger, Value};
use serde_json::json;

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
    let prompt = proposed["body"]["blobs"][0].as_str().unwrap();
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
    home.run(["ledger", "show", "--job", "seven"]).is_refused(&["16 hexadecimal digits"]);
}

/// Seals the ledger again with its own key, each entry changed by `change`.
fn reseal(home: &Home, change: impl Fn(&mut Entry)) {
    let folder = home.ledger();
    let entries: Vec<Entry> = ledger::read(&folder).unwrap().map(|stored| stored.unwrap().entry).collect();
    let key = ledger::keys::load_or_create(&home.path("home/.config/nmk/key"), || [0; 32]).unwrap();
    std::fs::remove_file(folder.join("entries")).unwrap();
    std::fs::remove_file(folder.join("head")).unwrap();
    let blobs = folder.join("blobs");
    std::fs::rename(&blobs, home.path("blobs")).unwrap();
    drop(Ledger::open(&folder, &key).unwrap());
    std::fs::remove_dir_all(&blobs).unwrap();
    std::fs::rename(home.path("blobs"), &blobs).unwrap();
    let (mut ledger, _) = Ledger::open(&folder, &key).unwrap();
    for mut entry in entries {
        change(&mut entry);
        ledger.append(&[entry]).unwrap();
    }
}

fn field<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    match value {
        Value::Map(map) => map.get_mut(key),
        _ => None,
    }
}

/// What is changed, in the words of the report, and how.
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
