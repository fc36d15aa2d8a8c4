//! Any number of writers share a ledger: each takes its turn at an append, and goes on after what others appended.

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{Scratch, entry, fill, key, open};
use ledger::{Digest, JobId, Journal, Ledger, LedgerError, Receipt, Value, read, verify};

fn naming(digest: Digest) -> Value {
    Value::map([("blobs", Value::List(vec![digest.to_value()]))])
}

/// Checks that the ledger holds, and that every receipt names an entry of its own.
fn check(folder: &std::path::Path, receipts: &[Receipt]) {
    assert_eq!(verify(folder, key(1).public(), None).unwrap().in_flight, 0);
    let stored: Vec<_> = read(folder).unwrap().map(Result::unwrap).collect();
    let places: BTreeSet<u64> = receipts.iter().map(|receipt| receipt.index).collect();
    assert_eq!(places.len(), receipts.len(), "two entries were acknowledged at one place");
    for receipt in receipts {
        let found = &stored[receipt.index as usize];
        assert_eq!((found.digest, found.head), (receipt.entry, receipt.head));
    }
}

#[test]
fn writers_take_turns() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut writers: Vec<Ledger> = (0..3).map(|_| open(&folder, 1)).collect();
    let mut receipts = Vec::new();
    for round in 0..4_u32 {
        for writer in &mut writers {
            let blob = writer.store_blob(format!("prompt {}", round % 2).as_bytes()).unwrap();
            receipts.extend(writer.append(&[entry(round, naming(blob)), entry(round, Value::Null)]).unwrap());
        }
    }
    assert_eq!(receipts.len(), 24);
    check(&folder, &receipts);
    assert_eq!(writers[0].count(), 20, "its own last entry is the last that it knows");
    writers[0].refresh().unwrap();
    assert_eq!(writers[0].count(), 24, "the others appended more");
}

#[test]
fn writers_at_once_lose_nothing() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let receipts: Vec<Receipt> = std::thread::scope(|scope| {
        let writer = |number: u32| {
            let folder = &folder;
            scope.spawn(move || {
                let mut ledger = open(folder, 1);
                let append = |round: u32| {
                    let blob = ledger.store_blob(format!("prompt {}", round % 3).as_bytes()).unwrap();
                    ledger.append(&[entry(number, naming(blob))]).unwrap()[0]
                };
                (0..12).map(append).collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..8).map(writer).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(receipts.len(), 96);
    check(&folder, &receipts);
}

/// Sets a flag when it is dropped.
struct Ends<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn a_lock_that_is_removed_all_the_time_lets_nobody_write_over_another() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    drop(open(&folder, 1));
    let done = std::sync::atomic::AtomicBool::new(false);
    let receipts: Vec<Receipt> = std::thread::scope(|scope| {
        // A writer that fails ends the test, and not in a remover that waits for it.
        let _ends = Ends(&done);
        let remover = scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let _ = fs::remove_file(folder.join("lock"));
            }
        });
        let writer = |number: u32| {
            let folder = &folder;
            scope.spawn(move || {
                // The file may be gone each time that a writer makes it, so that it gets no lock at all.
                let opened = || match Ledger::open(folder, &key(1)) {
                    Ok((ledger, _)) => Some(ledger),
                    Err(LedgerError::LockLost { .. }) => None,
                    Err(error) => panic!("{error}"),
                };
                let mut ledger = std::iter::repeat_with(opened).flatten().next().unwrap();
                let append = |_| match ledger.append(&[entry(number, Value::Null)]) {
                    Ok(receipts) => Some(receipts[0]),
                    Err(LedgerError::LockLost { .. }) => None,
                    Err(error) => panic!("{error}"),
                };
                (0..20).filter_map(append).collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..3).map(writer).collect();
        let receipts = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        remover.join().unwrap();
        receipts
    });
    check(&folder, &receipts);
    assert_eq!(read(&folder).unwrap().count(), receipts.len(), "an append that failed left nothing");
}

#[test]
fn a_blob_that_another_writer_forgets_is_stored_again_before_it_is_named() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let (mut one, mut other) = (open(&folder, 1), open(&folder, 1));
    let blob = one.store_blob(b"private").unwrap();
    one.append(&[entry(0, naming(blob))]).unwrap();
    // Both know the blob on disk; then one forgets it before the other names it.
    assert_eq!(other.store_blob(b"private").unwrap(), blob);
    one.forget(blob, "asked to").unwrap();
    other.append(&[entry(1, naming(blob))]).unwrap();
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().forgotten, 0);
    // Without staging it, naming it is refused.
    one.forget(blob, "asked to").unwrap();
    let error = other.append(&[entry(1, naming(blob))]).expect_err("it is not there");
    assert!(matches!(error, LedgerError::BlobNotKept { .. }), "{error}");
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().forgotten, 1);
}

#[test]
fn a_job_is_claimed_by_one_process_until_it_ends() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 1);
    let (mut one, mut other) = (open(&folder, 1), open(&folder, 1));
    let claim = one.claim(JobId(7)).unwrap().expect("nobody has it");
    assert!(other.claim(JobId(7)).unwrap().is_none());
    assert!(other.claim(JobId(8)).unwrap().is_some(), "another job");
    verify(&folder, key(1).public(), None).expect("claims are no damage");
    drop(claim);
    assert!(other.claim(JobId(7)).unwrap().is_some());
    assert_eq!(fs::read_dir(folder.join("jobs")).unwrap().count(), 0);
    // The file of a process that was killed stays, and says nothing.
    fs::write(folder.join("jobs").join(JobId(9).to_string()), b"").unwrap();
    verify(&folder, key(1).public(), None).expect("claims are no damage");
    assert!(one.claim(JobId(9)).unwrap().is_some());
}

#[test]
fn a_ledger_that_is_changed_beside_a_live_writer_takes_no_more() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 2);
    let entries = folder.join("entries");
    let whole = fs::read(&entries).unwrap();
    let mut live = open(&folder, 1);
    for damaged in [[whole.as_slice(), b"x"].concat(), whole[..whole.len() - 1].to_vec()] {
        fs::write(&entries, &damaged).unwrap();
        live.append(&[entry(2, Value::Null)]).expect_err("the length is not that of the head");
        assert_eq!(fs::read(&entries).unwrap(), damaged, "it is left as it is");
    }
    fs::write(&entries, &whole).unwrap();
    assert_eq!(live.append(&[entry(2, Value::Null)]).unwrap()[0].index, 2);
}

#[test]
fn a_folder_that_is_replaced_beside_a_live_writer_takes_no_more() {
    type Replace = fn(&std::path::Path, &std::path::Path);
    let replacements: [(&str, Replace); 4] = [
        ("copied", common::copy),
        ("empty", |_, folder| fs::create_dir(folder).unwrap()),
        ("linked", |away, folder| std::os::unix::fs::symlink(away, folder).unwrap()),
        ("gone", |_, _| {}),
    ];
    for (name, replace) in replacements {
        let scratch = Scratch::new();
        let (folder, away) = (scratch.ledger(), scratch.beside("away"));
        fill(&folder, 1, 2);
        let mut live = open(&folder, 1);
        live.append(&[entry(2, Value::Null)]).unwrap();
        fs::rename(&folder, &away).unwrap();
        replace(&away, &folder);
        let error = live.append(&[entry(3, Value::Null)]).expect_err(name);
        assert!(matches!(error, LedgerError::LockLost { .. }), "{name}: {error}");
        assert_eq!(verify(&away, key(1).public(), None).unwrap().count, 3, "{name}: nothing stays behind");
        // Back in its place, the folder takes more.
        let _ = fs::remove_file(&folder).or_else(|_| fs::remove_dir_all(&folder));
        fs::rename(&away, &folder).unwrap();
        live.append(&[entry(3, Value::Null)]).unwrap();
        assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 4, "{name}");
    }
}
