//! Outside truth enters the façade together with a trust root, or not at all.
//!
//! The compiler holds this: the library forbids `unsafe`, so it has no root of its own, and everything in `det` that
//! takes an expectation as a user's takes a root. The test lists the public functions that take one, so that a new
//! one is seen, and that the library stays without a root.

use std::fs;
use std::path::{Path, PathBuf};

/// The public functions of the library that a trust root must be given to, by file and name.
const WITH_A_ROOT: [&str; 2] = ["cli.rs run", "graph.rs parse"];

/// Returns the source files of the library: all of `src` but the program.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(sources(&entry));
        } else if !entry.ends_with("main.rs") && !entry.ends_with("root.rs") {
            found.push(entry);
        }
    }
    found.sort();
    found
}

#[test]
fn the_public_functions_that_take_a_root_are_known() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for path in sources(&root) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let name = path.strip_prefix(&root).expect("below src").display().to_string();
        assert!(!text.contains("TrustRoot for"), "{name} declares a root");
        for part in text.split("pub fn ").skip(1) {
            let signature = part.split('{').next().unwrap_or_default();
            if signature.contains("TrustRoot") {
                found.push(format!("{name} {}", signature.split(['(', '<']).next().unwrap_or_default()));
            }
        }
    }
    assert_eq!(found, WITH_A_ROOT);
    let library = fs::read_to_string(root.join("lib.rs")).expect("UTF-8");
    assert!(
        library.contains("#![forbid(unsafe_code)]"),
        "only a crate without unsafe is sure to have no root"
    );
}
