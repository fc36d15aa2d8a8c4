//! Writers: one at a time, all or none, into private folders; what cannot be read back is refused.

mod common;

use std::fs;
use std::path::Path;

use common::{Scratch, entry, fill, key, open};
use ledger::format::{MAX_BLOB_BYTES, MAX_ENTRY_BYTES};
use ledger::{Digest, Journal, Ledger, LedgerError, Value, VerifyError, read, verify};
use proptest::prelude::*;

#[test]
fn what_was_appended_is_read_back() {
    let scratch = Scratch::new();
    let heads = fill(&scratch.ledger(), 1, 9);
    let stored: Vec<_> = read(&scratch.ledger()).unwrap().map(Result::unwrap).collect();
    assert_eq!(stored.len(), 9);
    for (number, stored) in (0..).zip(&stored) {
        let expected = entry(number, Value::Null);
        assert_eq!(stored.index, u64::from(number));
        assert_eq!(stored.head, heads[number as usize + 1]);
        assert_eq!((stored.entry.kind, stored.entry.task), (expected.kind, expected.task));
        assert_eq!(stored.entry.inputs, expected.inputs);
    }
    assert_eq!(stored[3].entry.body.get("number").map(abi::encode), Some(abi::encode(&Value::Int(3))));
}

#[test]
fn a_reader_beside_a_writer_sees_acknowledged_entries() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut ledger = open(&folder, 1);
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            (0..40).for_each(|number| assert!(ledger.append(&[entry(number, Value::Null)]).is_ok()));
        });
        let mut seen = 0;
        while !writer.is_finished() {
            let verified = verify(&folder, key(1).public(), None).unwrap();
            assert!(verified.count >= seen);
            seen = verified.count;
        }
    });
    let verified = verify(&folder, key(1).public(), None).unwrap();
    assert_eq!((verified.count, verified.in_flight), (40, 0));
}

#[test]
fn places_that_are_no_ledger_are_refused() {
    let scratch = Scratch::new();
    let file = scratch.beside("file");
    fs::write(&file, b"not a folder").unwrap();
    for place in [file.clone(), file.join("below")] {
        let error = Ledger::open(&place, &key(1)).expect_err("a file is in the way");
        assert!(matches!(error, LedgerError::File(_)), "{error}");
    }
    let home = scratch.beside("home");
    fs::create_dir(&home).unwrap();
    fs::write(home.join("letters.txt"), b"dear").unwrap();
    let error = Ledger::open(&home, &key(1)).expect_err("it holds something else");
    assert!(matches!(error, LedgerError::NotALedger { ref found, .. } if found == "letters.txt"), "{error}");
    assert_eq!(fs::read_dir(&home).unwrap().count(), 1, "nothing was left there");
    for place in [home, scratch.beside("nowhere")] {
        let error = verify(&place, key(1).public(), None).expect_err("no ledger");
        assert!(matches!(error, VerifyError::NoLedger { .. }), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_without_write_permission_is_refused() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let scratch = Scratch::new();
    fill(&scratch.ledger(), 1, 1);
    if fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
        // Permissions do not bind root; the other refusals of this file stand in.
        return;
    }
    fs::set_permissions(scratch.ledger(), PermissionsExt::from_mode(0o500)).unwrap();
    let refused = open_error(&scratch.ledger().join("below"));
    fs::set_permissions(scratch.ledger(), PermissionsExt::from_mode(0o700)).unwrap();
    assert!(matches!(refused, LedgerError::File(_)), "{refused}");
}

#[cfg(unix)]
fn open_error(folder: &Path) -> LedgerError {
    Ledger::open(folder, &key(1)).expect_err("it must not open")
}

#[cfg(unix)]
#[test]
fn everything_is_closed_to_others() {
    use std::os::unix::fs::MetadataExt;
    let scratch = Scratch::new();
    fs::create_dir(scratch.ledger()).unwrap();
    fill(&scratch.ledger(), 1, 2);
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&scratch.ledger()), 0o700);
    for file in common::files(&scratch.ledger()) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        assert_eq!(mode(file.parent().unwrap()), 0o700);
    }
}

#[test]
fn an_append_is_all_or_none() {
    let scratch = Scratch::new();
    let mut ledger = open(&scratch.ledger(), 1);
    let head = ledger.head();
    let deep = (0..abi::MAX_DEPTH).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    let names = |blobs| Value::map([("blobs", blobs)]);
    let unknown = Digest::hash("nmk.test.v1", b"never kept");
    let refused = [
        (Value::Bytes(vec![0; MAX_ENTRY_BYTES]), "keep the large part as a blob"),
        (deep, "nests too deeply"),
        (names(Value::Null), "not a list of 32-byte digests"),
        (names(Value::List(vec![Value::Bytes(vec![0; 31])])), "not a list of 32-byte digests"),
        (names(Value::List(vec![unknown.to_value()])), "keep it first"),
    ];
    for (body, words) in refused {
        let error = ledger.append(&[entry(0, Value::Null), entry(1, body)]).expect_err(words).to_string();
        assert!(error.contains(words) && error.contains("entry 1 "), "{error}");
    }
    assert!(matches!(ledger.append::<Value>(&[]), Err(LedgerError::NoEntries)));
    assert_eq!((ledger.count(), ledger.head()), (0, head));
    assert_eq!(fs::metadata(scratch.ledger().join("entries")).unwrap().len(), 0);
}

#[test]
fn the_largest_entry_and_the_largest_blob_are_read_back() {
    let scratch = Scratch::new();
    let mut ledger = open(&scratch.ledger(), 1);
    let around = match ledger.append(&[entry(0, Value::Bytes(vec![7; MAX_ENTRY_BYTES]))]) {
        Err(LedgerError::EntryTooLong { bytes, .. }) => bytes - MAX_ENTRY_BYTES,
        other => panic!("{other:?}"),
    };
    ledger.append(&[entry(0, Value::Bytes(vec![7; MAX_ENTRY_BYTES - around]))]).unwrap();
    let largest = vec![9; MAX_BLOB_BYTES];
    let digest = ledger.store_blob(&largest).unwrap();
    assert_eq!(ledger.store_blob(&largest).unwrap(), digest);
    assert!(matches!(ledger.store_blob(&vec![9; MAX_BLOB_BYTES + 1]), Err(LedgerError::BlobTooLong { .. })));
    let deepest = (1..abi::MAX_DEPTH).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    ledger.append(&[entry(1, deepest)]).unwrap();
    assert_eq!(ledger::blob(&scratch.ledger(), &digest).unwrap(), largest);
    assert_eq!(verify(&scratch.ledger(), key(1).public(), None).unwrap().count, 2);
}

/// Draws small bodies of every shape that an entry may have.
fn body() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Int),
        ".{0,12}".prop_map(Value::text),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        (any::<bool>(), ".{0,4}")
            .prop_map(|(flag, key)| Value::map([(format!("x{key}"), Value::Bool(flag))])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sequence_of_appends_verifies(
        groups in proptest::collection::vec(proptest::collection::vec(body(), 1..4), 1..5),
        reopen in any::<bool>(),
    ) {
        let scratch = Scratch::new();
        let mut ledger = open(&scratch.ledger(), 1);
        let mut heads = vec![ledger.head()];
        let mut count = 0;
        for group in &groups {
            let entries: Vec<_> = (0..).zip(group).map(|(number, body)| entry(number, body.clone())).collect();
            let receipt = *ledger.append(&entries).unwrap().last().unwrap();
            count += entries.len() as u64;
            prop_assert_eq!((receipt.index + 1, receipt.head), (count, ledger.head()));
            heads.push(receipt.head);
            if reopen {
                drop(ledger);
                ledger = open(&scratch.ledger(), 1);
                prop_assert_eq!((ledger.count(), ledger.head()), (count, receipt.head));
            }
        }
        for head in heads {
            let verified = verify(&scratch.ledger(), key(1).public(), Some(head)).unwrap();
            prop_assert_eq!(verified.count, count);
        }
        let bodies: Vec<_> = read(&scratch.ledger()).unwrap().map(|stored| abi::encode(&stored.unwrap().entry.body)).collect();
        prop_assert_eq!(bodies, groups.concat().iter().map(abi::encode).collect::<Vec<_>>());
    }
}
