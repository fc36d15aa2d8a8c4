//! A ledger that a session left verifies, and no byte of any of its files can change unnoticed.

mod common;

use std::path::{Path, PathBuf};

use common::home::Home;
use synthetic::stub::{Stub, says};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn every_file_is_covered() {
    let home = Home::new("tampering");
    let stub = Stub::start(|_| says("Answer: 7"));
    let base = stub.base();
    let model = ["--model", &base, "--model-name", "small"];
    for prompt in
        ["How many times does the letter r appear in strawberry? Add 4 to it.", "Hello!", "Is 7 prime?"]
    {
        home.run(["ask", prompt].iter().chain(&model));
    }
    let verified = home.run(["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    let key = home.path("home/.config/nmk/key");
    let pinned = ledger::keys::load_public(&key).expect("the pinned key").key;
    let passes = || ledger::verify(&home.ledger(), &pinned, None).is_ok();
    assert!(passes());

    let mut tried = 0;
    for file in files(&home.ledger()) {
        let whole = std::fs::read(&file).expect("a file of the ledger");
        // Every byte of a small file, and a few hundred across a large one.
        for at in (0..whole.len()).step_by(1 + whole.len() / 256) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&file, &changed).expect("a file of the ledger");
            assert!(!passes(), "byte {at} of {} changed and nothing was noticed", file.display());
            tried += 1;
        }
        std::fs::write(&file, &whole).expect("a file of the ledger");
    }
    assert!(tried > 500, "only {tried} bytes were tried");
    assert!(passes(), "restored, it holds again");

    let blob = files(&home.ledger().join("blobs")).pop().expect("a blob");
    std::fs::write(&blob, "other words").expect("a file of the ledger");
    let failed = home.run(["ledger", "verify"]);
    assert_eq!((failed.code, failed.out.as_str()), (1, ""), "{failed:?}");
    assert!(failed.err.starts_with("nmk: verification failed: "), "{failed:?}");
}
