//! Forgetting a blob, and the caps of a ledger.

mod common;

use common::*;
use ledger::{Digest, Journal, Ledger, LedgerError, MemoryDisk, SizeLimits, Value, verify, verify_on};

fn naming(digest: Digest) -> Value {
    Value::map([("blobs", Value::List(vec![digest.to_value()]))])
}

#[test]
fn a_forgotten_blob_may_be_missing_and_nothing_else_may() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = open(&folder, 1);
    let (kept, gone) = (ledger.store_blob(b"kept").unwrap(), ledger.store_blob(b"private").unwrap());
    ledger.append(&[entry(0, naming(kept)), entry(1, naming(gone))]).unwrap();
    let error = ledger.forget(Digest::hash("other", b""), "a slip").unwrap_err();
    assert!(matches!(error, LedgerError::NoSuchBlob { .. }), "{error}");
    let receipt = ledger.forget(gone, "asked to").unwrap();
    drop(ledger);
    let verified = verify(&folder, key(1).public(), Some(receipt.head)).unwrap();
    assert_eq!((verified.count, verified.blobs, verified.forgotten), (3, 1, 1));
    assert!(ledger::blob(&folder, &gone).is_err() && ledger::blob(&folder, &kept).is_ok());
    // Kept again, it is back, and stays when the ledger is opened.
    let mut ledger = open(&folder, 1);
    assert_eq!(ledger.store_blob(b"private").unwrap(), gone);
    ledger.append(&[entry(2, naming(gone))]).unwrap();
    drop(ledger);
    drop(open(&folder, 1));
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().forgotten, 0);
    // The one that nobody forgot must be there.
    let path = files(&folder).into_iter().find(|path| path.ends_with(kept.to_string())).unwrap();
    std::fs::remove_file(path).unwrap();
    assert!(verify(&folder, key(1).public(), None).unwrap_err().to_string().contains("entry 0"));
}

#[test]
fn forgetting_concerns_what_was_named_before() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = open(&folder, 1);
    let gone = ledger.store_blob(b"private").unwrap();
    let path = folder.join("blobs").join(&gone.to_string()[..2]).join(gone.to_string());
    ledger.append(&[entry(0, naming(gone)), entry(1, naming(gone))]).unwrap();
    ledger.forget(gone, "asked to").unwrap();
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().forgotten, 1);
    ledger.store_blob(b"private").unwrap();
    ledger.append(&[entry(3, naming(gone))]).unwrap();
    std::fs::remove_file(&path).unwrap();
    let error = verify(&folder, key(1).public(), None).expect_err("entry 3 needs it again").to_string();
    assert!(error.contains("entry 3") && error.contains("is missing"), "{error}");
    // Forgotten once more, it may be missing once more; an entry that names what it forgets counts as before.
    std::fs::write(&path, b"private").unwrap();
    ledger.forget(gone, "asked to again").unwrap();
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().forgotten, 1);
    ledger.store_blob(b"private").unwrap();
    let both = Value::map([("blobs", Value::List(vec![gone.to_value()])), ("digest", gone.to_value())]);
    let forgetting = ledger::Entry { kind: ledger::EntryKind::Forgotten, ..entry(5, both) };
    ledger.append(&[forgetting]).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().forgotten, 1);
}

#[test]
fn forgetting_that_was_cut_short_is_finished_on_opening() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = open(&folder, 1);
    let gone = ledger.store_blob(b"private").unwrap();
    ledger.append(&[entry(0, naming(gone))]).unwrap();
    let path = files(&folder).into_iter().find(|path| path.ends_with(gone.to_string())).unwrap();
    let content = std::fs::read(&path).unwrap();
    ledger.forget(gone, "asked to").unwrap();
    drop(ledger);
    std::fs::write(&path, content).unwrap();
    drop(open(&folder, 1));
    assert!(!path.exists());
}

#[test]
fn a_ledger_grows_up_to_its_caps_and_forgets_beyond_them() {
    let disk = MemoryDisk::default();
    let folder = std::path::Path::new("/ledger");
    let caps = SizeLimits { entries: 2_000, blobs: 100, ..SizeLimits::default() };
    let (mut ledger, _) = Ledger::open_on(disk.clone(), folder, &key(1), caps).unwrap();
    let blob = ledger.store_blob(&[7; 60]).unwrap();
    ledger.append(&[entry(0, naming(blob))]).unwrap();
    let error = ledger.store_blob(&[8; 60]).unwrap_err();
    assert!(matches!(error, LedgerError::Capped { part: "blobs", bytes: 120, cap: 100 }), "{error}");
    let mut appended = 1;
    let error = loop {
        match ledger.append(&[entry(1, Value::text("x".repeat(100)))]) {
            Ok(_) => appended += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, LedgerError::Capped { part: "entries", .. }), "{error}");
    ledger.forget(blob, "room").unwrap();
    ledger.store_blob(&[8; 60]).expect("there is room again");
    let verified = verify_on(&disk, folder, key(1).public(), None).unwrap();
    assert_eq!((verified.count, verified.forgotten), (appended + 1, 1));
}
