//! The store of admitted functions, on a disk that fails, fills up and stops at every operation.

use std::path::Path;

use abi::{Digest, JobId};
use escalate::{Keeping, Kept, Store, StoreError, StoreLimits};
use files::{Fault, FaultyDisk, MemoryDisk};

const FOLDER: &str = "/primitives";

fn kept(number: u8, record: &[u8]) -> Kept {
    Kept {
        entry: format!("f{number}"),
        specification: Digest::from_bytes([number; 32]),
        code: Digest::hash_blob(record),
        executor: "cpython".to_owned(),
        rung: "greedy".to_owned(),
        attempt: 1,
        model: "m".to_owned(),
        record: record.to_vec(),
    }
}

fn store(limits: StoreLimits) -> Store<MemoryDisk> {
    let disk = MemoryDisk::default();
    files::create_folder(&disk, Path::new(FOLDER)).unwrap();
    Store::on(disk, Path::new(FOLDER), limits)
}

#[test]
fn what_was_kept_is_found_by_specification_and_executor() {
    let store = store(StoreLimits::default());
    let one = kept(1, b"one");
    assert!(matches!(store.keep(&one).unwrap(), Keeping::New(_)));
    assert_eq!(store.find(&one.specification, "cpython").unwrap(), Some(one.clone()));
    assert_eq!(store.find(&one.specification, "monty").unwrap(), None);
    assert_eq!(store.find(&Digest::from_bytes([9; 32]), "cpython").unwrap(), None);
    // The first of two stays, and the second is told which one that is.
    let Keeping::There(there) = store.keep(&kept(1, b"another")).unwrap() else { panic!("one was there") };
    assert_eq!(*there, one);
    let monty = Kept { executor: "monty".to_owned(), ..kept(1, b"third") };
    assert!(matches!(store.keep(&monty).unwrap(), Keeping::New(_)));
    assert_eq!(store.list().unwrap().len(), 2);
}

#[test]
fn names_are_words_and_nothing_that_moves_a_cursor() {
    for word in ["greedy\nanother", "a\u{1b}[2J"] {
        let forged = Kept { rung: word.to_owned(), ..kept(1, b"one") };
        assert!(Kept::from_bytes(&forged.to_bytes()).is_err(), "{word:?}");
    }
    assert_eq!(Kept::from_bytes(&kept(1, b"one").to_bytes()), Ok(kept(1, b"one")));
}

#[test]
fn what_does_not_count_keeps_no_place() {
    let store = store(StoreLimits::default());
    store.keep(&kept(1, b"one")).unwrap();
    store.keep_beside(&kept(1, b"of another machine")).unwrap();
    let all = store.find_all(&Digest::from_bytes([1; 32]), "cpython").unwrap();
    assert_eq!(all.len(), 2);
    store.revoke(&all[0].specification, &all[0].code, "a test").unwrap();
    assert!(matches!(store.keep_beside(&all[0]), Err(StoreError::Revoked { .. })));
    assert_eq!(store.find_all(&Digest::from_bytes([1; 32]), "cpython").unwrap(), all[1..]);
}

#[test]
fn what_was_revoked_is_gone_and_stays_out() {
    let store = store(StoreLimits::default());
    let one = kept(1, b"one");
    store.keep(&one).unwrap();
    let bytes = one.to_bytes();
    let file = store.list().unwrap()[0].file.clone();
    store.revoke(&one.specification, &one.code, "wrong for 0").unwrap();
    // The file alone, put back, is not found.
    files::replace(store.disk(), &Path::new(FOLDER).join("admitted").join(&file), &bytes).unwrap();
    assert_eq!(store.find(&one.specification, "cpython").unwrap(), None);
    store.revoke(&one.specification, &one.code, "wrong for 0").unwrap();
    assert_eq!(store.find(&one.specification, "cpython").unwrap(), None);
    assert!(store.list().unwrap().is_empty());
    // Another record of the same code is as good as the first.
    let again = Kept { record: b"of another exam".to_vec(), ..one.clone() };
    assert!(matches!(store.keep(&again), Err(StoreError::Revoked { .. })));
    let refused = store.keep(&one).unwrap_err();
    assert!(matches!(&refused, StoreError::Revoked { why, .. } if why == "wrong for 0"), "{refused}");
    assert!(matches!(store.keep(&kept(1, b"better")).unwrap(), Keeping::New(_)));
}

#[test]
fn an_altered_file_keeps_no_place_and_can_be_taken_away() {
    let store = store(StoreLimits::default());
    let one = kept(1, b"one");
    store.keep(&one).unwrap();
    let file = store.list().unwrap()[0].file.clone();
    assert!(!store.remove_altered(&file).unwrap(), "a whole file stays");
    let path = Path::new(FOLDER).join("admitted").join(&file);
    files::replace(store.disk(), &path, b"something else").unwrap();
    assert!(matches!(store.find(&one.specification, "cpython"), Err(StoreError::Altered { .. })));
    assert!(matches!(store.keep(&kept(1, b"again")).unwrap(), Keeping::New(_)));
    assert_eq!(store.find(&one.specification, "cpython").unwrap(), Some(kept(1, b"again")));
    assert!(store.remove_altered(&file).unwrap() && !store.remove_altered(&file).unwrap());
    assert_eq!(store.list().unwrap().len(), 1);
}

#[test]
fn a_full_store_says_so_and_changes_nothing() {
    let by_count = store(StoreLimits { kept: 1, ..StoreLimits::default() });
    by_count.keep(&kept(1, b"one")).unwrap();
    let refused = by_count.keep(&kept(2, b"two")).unwrap_err();
    assert!(matches!(refused, StoreError::Full { kept: 1, .. }), "{refused}");
    let by_bytes = store(StoreLimits { bytes: 600, ..StoreLimits::default() });
    by_bytes.keep(&kept(1, b"one")).unwrap();
    assert!(matches!(by_bytes.keep(&kept(2, &[0; 500])), Err(StoreError::Full { .. })));
    assert_eq!((by_count.list().unwrap().len(), by_bytes.list().unwrap().len()), (1, 1));
}

#[test]
fn an_altered_file_is_named_and_not_used() {
    let store = store(StoreLimits::default());
    store.keep(&kept(1, b"one")).unwrap();
    let name = store.list().unwrap()[0].file.clone();
    let disk = MemoryDisk::default();
    files::create_folder(&disk, &Path::new(FOLDER).join("admitted")).unwrap();
    let altered = Store::on(disk.clone(), Path::new(FOLDER), StoreLimits::default());
    let put = |bytes: &[u8]| {
        files::replace(&disk, &Path::new(FOLDER).join("admitted").join(&name), bytes).unwrap();
    };
    let right = kept(1, b"one").to_bytes();
    for at in 0..right.len() {
        let mut wrong = right.clone();
        wrong[at] ^= 1;
        put(&wrong);
        let found = altered.find(&Digest::from_bytes([1; 32]), "cpython");
        assert!(matches!(found, Err(StoreError::Altered { .. })), "bit at {at}");
        assert!(altered.list().unwrap()[0].kept.is_err());
    }
    put(&right);
    assert!(altered.find(&Digest::from_bytes([1; 32]), "cpython").unwrap().is_some());
}

#[test]
fn searches_that_did_not_end_are_listed() {
    let store = store(StoreLimits::default());
    let specification = Digest::from_bytes([3; 32]);
    store.end(&specification, JobId(1)).unwrap();
    store.begin(&specification, JobId(1)).unwrap();
    store.begin(&specification, JobId(1)).unwrap();
    assert_eq!(store.pending().unwrap(), [specification]);
    // Each search has a mark of its own.
    store.begin(&specification, JobId(2)).unwrap();
    assert_eq!(store.pending().unwrap(), [specification]);
    store.end(&specification, JobId(1)).unwrap();
    assert_eq!(store.pending().unwrap(), [specification]);
    store.end(&specification, JobId(2)).unwrap();
    assert!(store.pending().unwrap().is_empty());
}

#[test]
fn keys_of_other_machines_are_kept() {
    let store = store(StoreLimits::default());
    assert!(store.trusted().unwrap().is_empty());
    store.trust([7; 32]).unwrap();
    store.trust([7; 32]).unwrap();
    store.trust([8; 32]).unwrap();
    assert_eq!(store.trusted().unwrap(), [[7; 32], [8; 32]]);
    assert!(store.withdraw([7; 32]).unwrap() && !store.withdraw([7; 32]).unwrap());
    assert_eq!(store.trusted().unwrap(), [[8; 32]]);
}

/// Keeps one function, begins a search, ends it and revokes another one.
fn work(store: &Store<FaultyDisk>) -> Result<(), StoreError> {
    let one = kept(1, b"one");
    store.begin(&one.specification, JobId(1))?;
    store.keep(&one)?;
    store.end(&one.specification, JobId(1))?;
    store.keep(&kept(2, b"two"))?;
    store.revoke(&kept(2, b"two").specification, &kept(2, b"two").code, "a test")
}

fn on(disk: FaultyDisk) -> Store<FaultyDisk> {
    Store::on(disk, Path::new(FOLDER), StoreLimits::default())
}

fn fresh() -> FaultyDisk {
    let disk = FaultyDisk::default();
    files::create_folder(&disk, Path::new(FOLDER)).unwrap();
    disk
}

/// Wherever the disk fails or the machine stops: no file is half written, what was acknowledged as kept is there, what was
/// acknowledged as revoked is gone, and the work can be done again.
#[test]
fn nothing_is_half_written_and_nothing_acknowledged_is_lost() {
    let whole = fresh();
    let before = whole.operations();
    work(&on(whole.clone())).unwrap();
    let operations = whole.operations() - before;
    let mut crashes = 0;
    for fault in [Fault::Full, Fault::Short, Fault::Device, Fault::Late, Fault::Stop] {
        for at in 0..operations {
            let disk = fresh();
            disk.fail_after(at, fault);
            let store = on(disk.clone());
            let one = kept(1, b"one");
            let begun = store.begin(&one.specification, JobId(1)).is_ok();
            let is_kept = begun && store.keep(&one).is_ok();
            let is_revoked = is_kept
                && store.keep(&kept(2, b"two")).is_ok()
                && store.revoke(&kept(2, b"two").specification, &kept(2, b"two").code, "a test").is_ok();
            for seed in 0..4_usize {
                let mut draws = seed;
                let found = on(disk.after_crash(&mut |below| {
                    draws =
                        draws.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (draws >> 33) % below
                }));
                crashes += 1;
                let listed = found.list().unwrap();
                assert!(listed.iter().all(|listed| listed.kept.is_ok()), "{fault:?} at {at}: half a file");
                let has =
                    |number: u8| found.find(&Digest::from_bytes([number; 32]), "cpython").unwrap().is_some();
                assert!(!is_kept || has(1), "{fault:?} at {at}: what was kept is lost");
                assert!(!is_revoked || !has(2), "{fault:?} at {at}: what was revoked is back");
                assert!(
                    !begun || is_kept || !found.pending().unwrap().is_empty(),
                    "{fault:?} at {at}: no trace"
                );
                work(&found).unwrap_or_else(|error| match error {
                    StoreError::Revoked { .. } => {}
                    other => panic!("{fault:?} at {at}: {other}"),
                });
                assert!(has(1), "{fault:?} at {at}: the work cannot be done again");
            }
        }
    }
    assert!(crashes > 500, "{crashes}");
}
