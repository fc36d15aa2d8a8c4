//! A history that is read under its signature, and the claims that tell a job at work from one that was left open.

mod common;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::{Scratch, key, open};
use ledger::{Entry, EntryKind, JobId, Journal, TaskId, Value, VerifyError, is_claimed, read_signed};

const JOB: JobId = JobId(7);

fn opened() -> Entry {
    let task = TaskId { job: JOB, number: 0 };
    Entry { kind: EntryKind::Opened, task, inputs: Vec::new(), body: Value::Null }
}

#[test]
fn every_entry_under_the_signature_is_visited_and_no_blob_is_read() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let public = *key(1).public();
    let missing = read_signed(&folder, &public, |_| {});
    assert!(matches!(missing, Err(VerifyError::NoLedger { .. })), "{missing:?}");
    let mut writer = open(&folder, 1);
    let blob = writer.store_blob(b"a text").unwrap();
    let named = Value::map([("blobs", Value::List(vec![blob.to_value()]))]);
    writer.append(&[Entry { body: named, ..opened() }, opened()]).unwrap();
    let mut seen = Vec::new();
    assert_eq!(read_signed(&folder, &public, |stored| seen.push(stored.index)).unwrap(), 2);
    assert_eq!(seen, [0, 1]);
    // A blob that is gone is found by the whole verification, and not here.
    fs::remove_dir_all(folder.join("blobs")).unwrap();
    assert!(ledger::verify(&folder, &public, None).is_err());
    assert_eq!(read_signed(&folder, &public, |_| {}).unwrap(), 2);
    let foreign = read_signed(&folder, key(2).public(), |_| {});
    assert!(matches!(foreign, Err(VerifyError::Head { .. })), "{foreign:?}");
    let entries = folder.join("entries");
    let mut bytes = fs::read(&entries).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&entries, bytes).unwrap();
    let changed = read_signed(&folder, &public, |_| {});
    assert!(matches!(changed, Err(VerifyError::Entry { index: 1, .. })), "{changed:?}");
}

#[test]
fn a_ledger_that_grows_while_it_is_read_is_sound() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let public = *key(1).public();
    let mut writer = open(&folder, 1);
    writer.append(&[opened()]).unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            (0..300).for_each(|_| drop(writer.append(&[opened(), opened()]).unwrap()));
            is_over.store(true, Ordering::SeqCst);
        });
        let mut last = 0;
        while !is_over.load(Ordering::SeqCst) {
            let mut seen = Vec::new();
            let count = read_signed(&folder, &public, |stored| seen.push(stored.index)).unwrap();
            assert!(seen.into_iter().eq(0..count) && count >= last, "{count} after {last}");
            last = count;
        }
    });
    assert_eq!(read_signed(&folder, &public, |_| {}).unwrap(), 601);
}

#[test]
fn a_claim_is_seen_while_its_process_holds_it() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut writer = open(&folder, 1);
    writer.append(&[opened()]).unwrap();
    assert!(!is_claimed(&folder, JOB).unwrap());
    let claim = writer.claim(JOB).unwrap().expect("nobody works on it");
    assert!(is_claimed(&folder, JOB).unwrap());
    assert!(!is_claimed(&folder, JobId(8)).unwrap());
    drop(claim);
    assert!(!is_claimed(&folder, JOB).unwrap());
    // A process that was killed leaves the file without its lock.
    fs::write(folder.join("jobs").join(JOB.to_string()), "").unwrap();
    assert!(!is_claimed(&folder, JOB).unwrap());
}
