//! A writer stops between any two steps. What was acknowledged stays, what was not is cut.

mod common;

use std::fs;

use common::{Scratch, copy, entry, fill, key, open};
use ledger::{Journal, Ledger, LedgerError, Value, VerifyError, verify};

#[test]
fn between_the_entries_and_the_head() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 2);
    let old_head = fs::read(folder.join("head")).unwrap();
    let old_entries = fs::read(folder.join("entries")).unwrap();
    open(&folder, 1).append(&[entry(2, Value::Null), entry(3, Value::Null)]).unwrap();
    let new_entries = fs::read(folder.join("entries")).unwrap();

    // Any prefix of the new frames may have reached the disk before the head was replaced.
    let prefixes = (old_entries.len() + 1..new_entries.len()).step_by(17).chain([new_entries.len()]);
    for length in prefixes {
        let torn = length - old_entries.len();
        fs::write(folder.join("head"), &old_head).unwrap();
        fs::write(folder.join("entries"), &new_entries[..length]).unwrap();
        let refused = verify(&folder, key(1).public(), None).expect_err("verify reports the tail");
        assert!(
            matches!(refused, VerifyError::BeyondHead { bytes, .. } if bytes == torn as u64),
            "{refused}"
        );
        assert_eq!(fs::read(folder.join("entries")).unwrap().len(), length, "verify changes nothing");

        let (ledger, report) = Ledger::open(&folder, &key(1)).unwrap();
        assert_eq!((report.cut_bytes, report.count, ledger.count()), (torn as u64, 2, 2));
        assert_eq!(fs::read(folder.join("entries")).unwrap(), old_entries);
        drop(ledger);
        assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 2);
    }
}

#[test]
fn a_head_without_its_entries_is_never_repaired() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 2);
    let old_entries = fs::read(folder.join("entries")).unwrap();
    open(&folder, 1).append(&[entry(2, Value::Null)]).unwrap();
    let head = fs::read(folder.join("head")).unwrap();
    fs::write(folder.join("entries"), &old_entries).unwrap();
    for _ in 0..2 {
        let refused = Ledger::open(&folder, &key(1)).expect_err("acknowledged entries are gone");
        assert!(matches!(refused, LedgerError::Broken(VerifyError::ShorterThanHead { .. })), "{refused}");
    }
    assert_eq!(fs::read(folder.join("head")).unwrap(), head);
    assert_eq!(fs::read(folder.join("entries")).unwrap(), old_entries);
}

#[test]
fn unfinished_writes_mean_nothing() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 2);
    fs::write(folder.join("head.tmp"), b"half a he").unwrap();
    fs::write(folder.join("blob.tmp"), b"half a bl").unwrap();
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 2);
    let mut ledger = open(&folder, 1);
    ledger.store_blob(b"another").unwrap();
    ledger.append(&[entry(2, Value::Null)]).unwrap();
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 3);
}

#[test]
fn while_a_ledger_is_made() {
    let scratch = Scratch::new();
    // Each step of making one leaves a folder that the next attempt finishes.
    for (number, made) in
        [&[][..], &["lock"], &["lock", "entries"], &["lock", "entries", "head.tmp"]].iter().enumerate()
    {
        let folder = scratch.beside(&format!("step-{number}"));
        fs::create_dir(&folder).unwrap();
        made.iter().for_each(|name| fs::write(folder.join(name), b"").unwrap());
        let (_, report) = Ledger::open(&folder, &key(1)).unwrap();
        assert!(report.created, "{made:?}");
        assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 0);
    }
}

#[test]
fn an_append_that_fails_is_taken_back() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let head = *fill(&folder, 1, 2).last().unwrap();
    let mut ledger = open(&folder, 1);
    // A folder in the way of the new head: entries are written and synced, the head is not.
    fs::create_dir(folder.join("head.tmp")).unwrap();
    let error = ledger.append(&[entry(2, Value::Null)]).expect_err("the head cannot be written");
    assert!(matches!(error, LedgerError::File(_)), "{error}");
    assert_eq!(verify(&folder, key(1).public(), Some(head)).unwrap().count, 2);
    fs::remove_dir(folder.join("head.tmp")).unwrap();
    assert_eq!(ledger.append(&[entry(2, Value::Null)]).unwrap()[0].index, 2);
    assert_eq!(verify(&folder, key(1).public(), Some(head)).unwrap().count, 3);
}

#[test]
fn an_outcome_that_is_unknown_stops_the_writer() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 2);
    copy(&folder, &scratch.beside("copy"));
    let mut ledger = open(&folder, 1);
    fs::create_dir(folder.join("head.tmp")).unwrap();
    fs::remove_file(folder.join("head")).unwrap();
    ledger.append(&[entry(2, Value::Null)]).expect_err("the head cannot be written");
    let error = ledger.append(&[entry(2, Value::Null)]).expect_err("the head is gone");
    assert!(matches!(error, LedgerError::UndoPending { .. }), "{error}");
    drop(ledger);
    let error = Ledger::open(&folder, &key(1)).expect_err("entries without a head");
    assert!(matches!(error, LedgerError::Broken(VerifyError::NoHead { .. })), "{error}");
    fs::copy(scratch.beside("copy").join("head"), folder.join("head")).unwrap();
    fs::remove_dir(folder.join("head.tmp")).unwrap();
    assert_eq!(open(&folder, 1).count(), 2);
}
