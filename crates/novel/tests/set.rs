//! The committed set: it is what the workshop writes, and it has the shape that its documentation states.
//!
//! The program has a main function of its own, because its workers are the program itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use novel::{DOMAINS, Known, Workbench, is_unproven, items, stored, written};
use synthetic::Test;

const TESTS: &[Test] = &[
    ("the_files_are_what_the_workshop_writes", the_files_are_what_the_workshop_writes),
    ("the_set_has_its_shape", the_set_has_its_shape),
    ("no_two_items_are_the_same", no_two_items_are_the_same),
];

fn main() {
    sandbox::worker_entry();
    let unproven =
        Workbench::new(Path::new("python3")).err().filter(is_unproven).map(|error| error.to_string());
    synthetic::run_tests(TESTS, std::env::args(), unproven);
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/novel500"))
}

fn the_files_are_what_the_workshop_writes() {
    let bench = Workbench::new(Path::new("python3")).expect("python3");
    let files = written(&items(&bench).expect("the families have no fault"));
    assert_eq!(files.len(), DOMAINS.len());
    for (name, content) in files {
        let there = std::fs::read_to_string(folder().join(&name)).unwrap_or_default();
        assert!(
            there == content,
            "{name} is another one; write it anew with: cargo run --release -p nmk-novel"
        );
    }
}

fn the_set_has_its_shape() {
    let items = stored(&folder()).expect("the set");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut families = BTreeSet::new();
    for item in &items {
        let text = |key: &str| item[key].as_str().unwrap_or_else(|| panic!("{item}: no {key}")).to_owned();
        *counts.entry(format!("{} {}", text("kind"), text("difficulty"))).or_default() += 1;
        *counts.entry(text("kind")).or_default() += 1;
        if text("kind") == "code" {
            families.insert(text("family"));
            let oracle = item["spec"]["oracle"]["python"].as_str().expect("an oracle");
            assert!(oracle.contains("def oracle("), "{}", text("id"));
        } else {
            assert!(item["wrong"].as_array().is_some_and(|wrong| wrong.len() >= 2), "{}", text("id"));
        }
    }
    println!("{counts:?}, {} families of code", families.len());
    assert_eq!((counts["code"], counts["prose"]), (300, 200));
    assert!(counts["code easy"] >= 60, "a fifth of the gaps is easy");
    assert!(families.len() >= 40);
    let bytes: u64 = DOMAINS
        .iter()
        .map(|domain| std::fs::metadata(folder().join(format!("{domain}.jsonl"))).expect("a file").len())
        .sum();
    assert!(bytes < 1_500_000, "{bytes} bytes");
}

fn no_two_items_are_the_same() {
    let items = stored(&folder()).expect("the set");
    let different = |key: fn(&serde_json::Value) -> Option<&str>| {
        items.iter().filter_map(key).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(different(|item| item["id"].as_str()), 500);
    assert_eq!(different(|item| item["spec"]["entry"].as_str()), 300);
    assert_eq!(Known::from_items(&items).counts(), (500, 300));
}
