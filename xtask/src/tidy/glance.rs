//! Second looks: remarks about code that fail nothing.

use std::path::Path;

use crate::error::Error;
use crate::scratch;
use crate::tidy::exceptions;
use crate::tidy::rules::{copies, describe_copies, only_tests_of_different_crates, trust_root_impls};
use crate::tidy::tree::File;

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;
const ROOT_LINES: usize = 100;

pub(crate) fn glances(root: &Path, files: &[File]) -> Result<Vec<String>, Error> {
    let mut notes = Vec::new();
    for file in files {
        note_sizes(file, &mut notes);
        let vouching = trust_root_impls(file).iter().filter(|&&at| file.is_test_at(at)).count();
        if vouching > 0 {
            notes.push(format!("{}: {vouching} trust root for tests", file.path));
        }
    }
    for group in copies(files).iter().filter(|group| only_tests_of_different_crates(group)) {
        notes.push(format!("{}: {}", group[0].0.path, describe_copies(group)));
    }
    for exception in exceptions::stale(files.iter().map(|file| file.path.as_str())) {
        notes.push(format!(
            "an exception from `{}` for {}, which does not exist ({})",
            exception.rule, exception.path, exception.reason
        ));
    }
    let manifests = scratch::files(&root.join("crates"), &|path| path.ends_with("Cargo.toml"))?;
    for manifest in manifests {
        let text = scratch::read(&manifest)?;
        let description = text.lines().find_map(|line| line.strip_prefix("description = "));
        if description.is_some_and(names_two_things) {
            let path = manifest.strip_prefix(root).unwrap_or(&manifest);
            notes.push(format!("{}: the description names two things", path.display()));
        }
    }
    Ok(notes)
}

fn note_sizes(file: &File, notes: &mut Vec<String>) {
    let lines = file.lines.len();
    if lines > FILE_LINES {
        notes.push(format!("{}: {lines} lines", file.path));
    }
    if file.path.ends_with("src/lib.rs") {
        if lines > ROOT_LINES {
            notes.push(format!("{}: a crate root of {lines} lines", file.path));
        }
        if file.functions.iter().any(|function| !function.test) {
            notes.push(format!("{}: a crate root with functions", file.path));
        }
    }
    for function in file.functions.iter().filter(|function| function.lines > FUNCTION_LINES) {
        let (name, line, lines) = (&function.name, function.line, function.lines);
        notes.push(format!("{}:{line}: `{name}` has {lines} lines", file.path));
    }
}

/// Returns true if the beginning of a crate's description joins two nouns by `and`.
fn names_two_things(description: &str) -> bool {
    let head = description.split([';', ':', '.', ',']).next().unwrap_or("");
    head.contains(" and ")
}
