//! A writer reads on from the last checkpoint. Whatever lies there, nothing is acknowledged after a history that does not
//! lead from it to the signed head, and verification reads everything.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use abi::{JobId, TaskId};
use common::{Scratch, copy, entry, key, open};
use ledger::{
    Digest, Entry, EntryKind, FolderDisk, HeadFault, Journal, Ledger, LedgerError, OpenReport, SizeLimits,
    Value, VerifyError, read_signed, repair, verify,
};

/// Opens a ledger that gets a checkpoint after each append.
fn eager(folder: &Path, seed: u8) -> Ledger {
    let limits = SizeLimits { unchecked: 1, ..SizeLimits::default() };
    let disk = FolderDisk::create(folder).unwrap();
    Ledger::open_on(disk, folder, &key(seed), limits).unwrap().0
}

fn report(folder: &Path) -> OpenReport {
    Ledger::open(folder, &key(1)).unwrap().1
}

fn refusal(folder: &Path) -> VerifyError {
    match Ledger::open(folder, &key(1)).expect_err("it must be refused") {
        LedgerError::Broken(error) => error,
        other => panic!("{other}"),
    }
}

fn of_job(kind: EntryKind, job: u64) -> Entry {
    Entry { kind, task: TaskId { job: JobId(job), number: 0 }, inputs: Vec::new(), body: Value::Null }
}

/// The bytes of head, entries and checkpoint.
fn state(folder: &Path) -> [Vec<u8>; 3] {
    ["head", "entries", "checkpoint"].map(|name| fs::read(folder.join(name)).unwrap_or_default())
}

fn blob_path(folder: &Path, blob: &Digest) -> PathBuf {
    let name = blob.to_string();
    folder.join("blobs").join(&name[..2]).join(name)
}

#[test]
fn a_long_history_is_not_read_again() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = open(&folder, 1);
    for number in 0..200 {
        ledger.append(&[entry(number, Value::Null)]).unwrap();
        let expected = u64::from(number + 1) / 64 * 64;
        assert_eq!((report(&folder).unread, report(&folder).count), (expected, u64::from(number) + 1));
    }
    verify(&folder, key(1).public(), None).unwrap();
    // A ledger without one opens as ever, and its next append leaves one.
    let kept = fs::read(folder.join("checkpoint")).unwrap();
    fs::remove_file(folder.join("checkpoint")).unwrap();
    assert_eq!((report(&folder).unread, report(&folder).count), (0, 200));
    open(&folder, 1).append(&[entry(200, Value::Null)]).unwrap();
    assert_eq!((report(&folder).unread, report(&folder).count), (201, 201));
    // An older one only costs time.
    fs::write(folder.join("checkpoint"), kept).unwrap();
    assert_eq!((report(&folder).unread, report(&folder).count), (192, 201));
    verify(&folder, key(1).public(), None).unwrap();
}

#[test]
fn the_open_jobs_are_known_without_their_entries() {
    use EntryKind::{Abstained, Committed, Opened};
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = eager(&folder, 1);
    let steps = [(Opened, 7), (Opened, 9), (Committed, 7), (Opened, u64::MAX), (Abstained, 9), (Opened, 3)];
    let mut open_jobs = std::collections::BTreeSet::new();
    for (kind, job) in steps {
        ledger.append(&[of_job(kind, job)]).unwrap();
        if kind == Opened {
            open_jobs.insert(JobId(job))
        } else {
            open_jobs.remove(&JobId(job))
        };
        let (reader, report) = Ledger::open(&folder, &key(1)).unwrap();
        assert_eq!(report.unread, ledger.count(), "nothing is read");
        assert_eq!(reader.open_jobs().collect::<Vec<_>>(), Vec::from_iter(open_jobs.iter().copied()));
    }
    fs::remove_file(folder.join("checkpoint")).unwrap();
    let (reader, _) = Ledger::open(&folder, &key(1)).unwrap();
    assert_eq!(reader.open_jobs().collect::<Vec<_>>(), [JobId(3), JobId(u64::MAX)], "as the entries say");
}

#[test]
fn damage_before_the_checkpoint_is_found_by_verification_and_after_it_by_all() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = eager(&folder, 1);
    for number in 0..5 {
        ledger.append(&[entry(number, Value::Null)]).unwrap();
    }
    drop(ledger);
    open(&folder, 1).append(&[entry(5, Value::Null)]).unwrap();
    assert_eq!((report(&folder).unread, report(&folder).count), (5, 6));
    let whole = fs::read(folder.join("entries")).unwrap();
    let frames = common::frames(&whole);
    for number in 0..6 {
        let at: usize = frames[..number].iter().map(Vec::len).sum::<usize>() + 40;
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(folder.join("entries"), &changed).unwrap();
        let VerifyError::Entry { index, .. } =
            verify(&folder, key(1).public(), None).expect_err("a changed byte")
        else {
            panic!("another error")
        };
        assert_eq!(index, number as u64);
        if number < 5 {
            assert_eq!(report(&folder).count, 6, "entry {number} is not read");
        } else {
            assert!(matches!(refusal(&folder), VerifyError::Entry { index: 5, .. }));
        }
    }
    // Where the entries do not lead on, the whole history tells which of them is wrong.
    let mut changed = whole.clone();
    changed[40] ^= 1;
    let last = changed.len() - 1;
    changed[last] ^= 1;
    fs::write(folder.join("entries"), &changed).unwrap();
    assert!(matches!(refusal(&folder), VerifyError::Entry { index: 0, .. }));
    // A history that ends before its head is never taken for one that goes on.
    fs::write(folder.join("entries"), &whole[..whole.len() - 1]).unwrap();
    assert!(matches!(refusal(&folder), VerifyError::ShorterThanHead { .. }));
}

#[test]
fn an_older_head_beside_a_checkpoint_is_a_rollback() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = eager(&folder, 1);
    ledger.append(&[entry(0, Value::Null)]).unwrap();
    let [old_head, old_entries, old_checkpoint] = state(&folder);
    ledger.append(&[entry(1, Value::Null)]).unwrap();
    drop(ledger);
    let [_, entries, checkpoint] = state(&folder);
    // Before checkpoints, the second of these was taken for the whole history.
    for bytes in [&entries, &old_entries] {
        fs::write(folder.join("head"), &old_head).unwrap();
        fs::write(folder.join("entries"), bytes).unwrap();
        fs::write(folder.join("checkpoint"), &checkpoint).unwrap();
        let before = state(&folder);
        assert!(matches!(refusal(&folder), VerifyError::BehindCheckpoint { found: 1, known: 2, .. }));
        let verified = verify(&folder, key(1).public(), None).expect_err("so does verify");
        assert!(matches!(verified, VerifyError::BehindCheckpoint { found: 1, known: 2, .. }), "{verified}");
        let read =
            read_signed(&folder, key(1).public(), |_| {}).expect_err("so does a reader of the entries");
        assert!(matches!(read, VerifyError::BehindCheckpoint { found: 1, known: 2, .. }), "{read}");
        assert_eq!(state(&folder), before, "nothing was written");
        let repaired = repair(&folder, key(1).public()).unwrap();
        assert_eq!((repaired.checkpoint, repaired.count), (true, 1));
        assert_eq!(repaired.bytes, (bytes.len() - old_entries.len()) as u64);
        assert_eq!((report(&folder).unread, report(&folder).count), (0, 1));
        verify(&folder, key(1).public(), None).unwrap();
        let aside: Vec<PathBuf> = common::files(&folder.join("aside"));
        let kept = aside.iter().find(|path| path.extension().is_some_and(|name| name == "checkpoint"));
        assert_eq!(fs::read(kept.expect("it is kept")).unwrap(), checkpoint);
        fs::remove_dir_all(folder.join("aside")).unwrap();
    }
    // With everything put back, only a head that was kept elsewhere tells.
    fs::write(folder.join("checkpoint"), &old_checkpoint).unwrap();
    assert_eq!(report(&folder).count, 1);
}

#[test]
fn a_checkpoint_that_is_not_of_this_history_is_refused_and_nothing_is_written() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = eager(&folder, 1);
    for number in 0..3 {
        ledger.append(&[entry(number, Value::Null)]).unwrap();
    }
    drop(ledger);
    open(&folder, 1).append(&[entry(3, Value::Null)]).unwrap();
    // The same writer, after the same first entry, with other entries: a history that was rolled back.
    let fork = scratch.beside("fork");
    let mut ledger = eager(&fork, 1);
    for number in [0, 7, 8, 9, 10] {
        ledger.append(&[entry(number, Value::Null)]).unwrap();
        if ledger.count() == 3 {
            copy(&fork, &scratch.beside("fork-3"));
        }
    }
    let foreign = scratch.beside("foreign");
    let mut ledger = eager(&foreign, 2);
    for number in 0..3 {
        ledger.append(&[entry(number, Value::Null)]).unwrap();
    }
    let sound = fs::read(folder.join("checkpoint")).unwrap();
    let mut changed = sound.clone();
    changed[60] ^= 1;
    let read = |place: &Path| fs::read(place.join("checkpoint")).unwrap();
    type Expected = fn(&VerifyError) -> bool;
    let faulty: Expected = |error| matches!(error, VerifyError::Checkpoint { .. });
    let cases: [(&str, Vec<u8>, Expected); 7] = [
        ("of the fork", read(&scratch.beside("fork-3")), |error| {
            matches!(error, VerifyError::OtherCheckpoint { count: 3, .. })
        }),
        ("of the fork, beyond the head", read(&fork), |error| {
            matches!(error, VerifyError::BehindCheckpoint { .. })
        }),
        ("of another key", read(&foreign), |error| {
            matches!(error, VerifyError::Checkpoint { fault: HeadFault::ForeignKey { .. }, .. })
        }),
        ("a changed byte", changed, faulty),
        ("half of one", sound[..sound.len() / 2].to_vec(), faulty),
        ("nothing", Vec::new(), faulty),
        ("the head", fs::read(folder.join("head")).unwrap(), faulty),
    ];
    for (what, bytes, expected) in cases {
        fs::write(folder.join("checkpoint"), &bytes).unwrap();
        let before = state(&folder);
        let refused = refusal(&folder);
        assert!(expected(&refused), "{what}: {refused}");
        let verified = verify(&folder, key(1).public(), None).expect_err(what);
        assert_eq!(verified.to_string(), refused.to_string(), "{what}");
        assert_eq!(state(&folder), before, "{what}: nothing was written");
        // Either way out leads on: to remove it, or to set it aside.
        assert!(repair(&folder, key(1).public()).unwrap().checkpoint, "{what}");
        assert_eq!((report(&folder).unread, report(&folder).count), (0, 4), "{what}");
    }
    fs::write(folder.join("checkpoint"), &sound).unwrap();
    assert_eq!((report(&folder).unread, report(&folder).count), (3, 4));
    assert!(!repair(&folder, key(1).public()).unwrap().checkpoint, "a sound one stays");
}

#[test]
fn what_was_forgotten_is_removed_before_the_checkpoint_hides_it() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = open(&folder, 1);
    let blob = ledger.store_blob(b"private").unwrap();
    let naming = Value::map([("blobs", Value::List(vec![blob.to_value()]))]);
    ledger.append(&[entry(0, naming)]).unwrap();
    let mut other = eager(&folder, 1);
    // A writer stops between the entry that forgets the blob and the removal of its content.
    let body = Value::map([("digest", blob.to_value()), ("reason", Value::text("asked to"))]);
    ledger.append(&[Entry { kind: EntryKind::Forgotten, body, ..entry(1, Value::Null) }]).unwrap();
    assert!(blob_path(&folder, &blob).exists());
    other.append(&[entry(2, Value::Null)]).unwrap();
    assert_eq!(report(&folder).unread, 3);
    assert!(!blob_path(&folder, &blob).exists(), "its content is gone");
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().forgotten, 1);
    // Stored again and named again, it stays.
    other.store_blob(b"private").unwrap();
    let naming = Value::map([("blobs", Value::List(vec![blob.to_value()]))]);
    other.append(&[entry(3, naming)]).unwrap();
    assert!(blob_path(&folder, &blob).exists());
    assert_eq!((report(&folder).unread, verify(&folder, key(1).public(), None).unwrap().forgotten), (4, 0));
}

#[test]
fn a_size_that_was_counted_too_high_refuses_nothing() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let limits = SizeLimits { unchecked: 1, blobs: 4_000, ..SizeLimits::default() };
    let write = |number: u32| -> Result<(), LedgerError> {
        let disk = FolderDisk::create(&folder).unwrap();
        let (mut ledger, _) = Ledger::open_on(disk, &folder, &key(1), limits)?;
        let blob = ledger.store_blob(&[7; 1_000])?;
        let naming = Value::map([("blobs", Value::List(vec![blob.to_value()]))]);
        ledger.append(&[entry(number, naming)]).map(drop)
    };
    // One blob of 1,000 bytes, which every entry of every writer names.
    let mut slow = open(&folder, 1);
    for number in 0..12 {
        write(number).unwrap();
        slow.append(&[entry(24, Value::Null)]).unwrap();
    }
    let disk = FolderDisk::create(&folder).unwrap();
    let (mut ledger, _) = Ledger::open_on(disk, &folder, &key(1), limits).unwrap();
    let error = ledger.store_blob(&[8; 3_001]).expect_err("4,001 bytes");
    assert!(matches!(error, LedgerError::Capped { part: "blobs", bytes: 4_001, cap: 4_000 }), "{error}");
    ledger.store_blob(&[8; 3_000]).unwrap();
}
