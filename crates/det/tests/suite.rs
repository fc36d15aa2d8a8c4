//! The public cases of JSON Schema, draft 2020-12: what is not refused by name is decided as they say.

use std::fs;
use std::path::{Path, PathBuf};

use det::{Schema, Value, parse_json};

/// Cases whose names of hosts are wrong only in the Unicode that they stand for, which is not looked at here.
const ASCII_ONLY: &str = "validation of A-label (punycode) host names";

#[derive(Debug, Default, PartialEq)]
struct Tally {
    right: usize,
    refused: usize,
    wrong: Vec<String>,
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of fixtures");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or_else(|| panic!("no {name}"))
}

fn tally(folder: &str) -> Tally {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/json-schema").join(folder);
    let mut tally = Tally::default();
    for file in files(&root) {
        let groups = parse_json(&fs::read_to_string(&file).expect("a fixture")).expect("JSON");
        for group in groups.as_list().expect("a list of groups") {
            let about = field(group, "description").as_text().expect("a text");
            let cases = field(group, "tests").as_list().expect("a list of cases");
            let Ok(schema) = Schema::from_value(field(group, "schema").clone()) else {
                tally.refused += cases.len();
                continue;
            };
            for case in cases {
                let valid = field(case, "valid").as_bool().expect("a truth value");
                let is_departure = about == ASCII_ONLY && !valid;
                if schema.check(field(case, "data")).is_ok() == valid {
                    tally.right += 1;
                } else if !is_departure {
                    let about = [about, field(case, "description").as_text().expect("a text")].join(": ");
                    tally.wrong.push(format!("{}: {about}", file.display()));
                }
            }
        }
    }
    tally
}

#[test]
fn every_case_is_decided_rightly_or_refused() {
    // The refused cases need other documents, moved addresses, or a keyword that is refused by name.
    let expected = [("", 820, 40), ("optional", 85, 14), ("format", 386, 0)];
    let found = expected.map(|(folder, ..)| (folder, tally(folder)));
    for (folder, tally) in &found {
        assert!(tally.wrong.is_empty(), "{folder}: {:#?}", tally.wrong);
    }
    let counts = found.each_ref().map(|(folder, tally)| (*folder, tally.right, tally.refused));
    assert_eq!(counts, expected);
}
