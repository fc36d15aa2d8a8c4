//! Files that are damaged, newer, foreign or not plain are refused by name, and nothing is changed.

#![cfg(unix)]

mod common;

use std::os::unix::fs::PermissionsExt;

use common::{note, open, scratch, small};
use memory::{FILE, MemoryError, Store};
use rusqlite::Connection;

fn opened(scratch: &common::Scratch) -> Result<Store, MemoryError> {
    Store::open(&scratch.join("memory"), &small(), 0)
}

#[test]
fn the_files_are_closed_to_other_users() {
    let scratch = scratch("closed");
    let store = open(&scratch);
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(store.path()), 0o600);
    assert_eq!(mode(&scratch.join("memory")), 0o700);
}

#[test]
fn links_and_folders_are_refused() {
    let scratch = scratch("links");
    std::fs::create_dir(scratch.join("real")).expect("made");
    std::os::unix::fs::symlink(scratch.join("real"), scratch.join("memory")).expect("linked");
    assert!(matches!(opened(&scratch), Err(MemoryError::File(_))));
    std::fs::remove_file(scratch.join("memory")).expect("removed");
    std::fs::create_dir(scratch.join("memory")).expect("made");
    for name in [FILE.to_owned(), format!("{FILE}-journal")] {
        let place = scratch.join("memory").join(name);
        std::os::unix::fs::symlink(scratch.join("target"), &place).expect("linked");
        assert!(matches!(opened(&scratch), Err(MemoryError::File(_))));
        assert!(!scratch.join("target").exists());
        std::fs::remove_file(&place).expect("removed");
    }
    opened(&scratch).expect("nothing is in the way");
}

#[test]
fn files_of_others_are_refused() {
    let scratch = scratch("foreign");
    let file = open(&scratch).path().to_owned();
    let change = |sql: &str| {
        let before = std::fs::read(&file).expect("the file");
        Connection::open(&file).expect("opens").execute_batch(sql).expect("changed");
        let changed = std::fs::read(&file).expect("the file");
        let error = opened(&scratch).expect_err(sql);
        assert_eq!(std::fs::read(&file).expect("the file"), changed, "nothing was changed");
        std::fs::write(&file, before).expect("restored");
        error
    };
    let newer = change("PRAGMA user_version = 2");
    assert!(matches!(newer, MemoryError::Newer { found: 2, known: 1, .. }), "{newer}");
    for sql in [
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -1",
        "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END",
        "CREATE VIEW v AS SELECT 1",
    ] {
        let error = change(sql);
        assert!(matches!(error, MemoryError::Foreign { .. }), "{sql}: {error}");
    }
    for sql in ["DROP INDEX by_pin", "ALTER TABLE entries ADD COLUMN more INTEGER"] {
        let error = change(sql);
        assert!(matches!(error, MemoryError::Corrupt { .. }), "{sql}: {error}");
    }
    // A file with a write-ahead log gets its journal back, because the quota rests on that.
    let connection = Connection::open(&file).expect("opens");
    connection.execute_batch("PRAGMA journal_mode = wal").expect("changed");
    drop(connection);
    opened(&scratch).expect("restored").put(&note("a", "one"), 0).expect("stored");
    assert!(!scratch.join("memory").join(format!("{FILE}-wal")).exists());
    opened(&scratch).expect("sound").check().expect("sound");
}

#[test]
fn damage_is_named() {
    let scratch = scratch("damage");
    let store = open(&scratch);
    for number in 0..100 {
        store
            .put(&note(format!("k{number}"), format!("needle {number} {}", "x".repeat(400))), 0)
            .expect("stored");
    }
    let file = store.path().to_owned();
    drop(store);
    let sound = std::fs::read(&file).expect("the file");
    // The header, and a letter of one value.
    let mut broken = sound.clone();
    broken[..16].fill(b'?');
    std::fs::write(&file, &broken).expect("written");
    assert!(matches!(opened(&scratch), Err(MemoryError::Corrupt { .. })));
    let mut changed = sound.clone();
    let at = changed.windows(10).position(|part| part == b"needle 42 ").expect("the value lies in the file");
    changed[at + 8] = b'3';
    std::fs::write(&file, &changed).expect("written");
    let store = opened(&scratch).expect("the tables are sound");
    let error = store.get("k42", 0).expect_err("damaged");
    assert!(matches!(error, MemoryError::Corrupt { .. }), "{error}");
    assert!(store.get("k43", 0).expect("the others are readable").is_some());
    assert!(store.check().is_err());
    drop(store);
    // A file that was cut.
    std::fs::write(&file, &sound[..sound.len() / 2]).expect("written");
    let found = opened(&scratch).and_then(|store| store.check());
    assert!(matches!(found, Err(MemoryError::Corrupt { .. })), "{found:?}");
}

#[test]
fn random_damage_panics_nowhere() {
    let scratch = scratch("random");
    let store = open(&scratch);
    for number in 0..60 {
        store
            .put(&note(format!("k{number}"), format!("needle {number} {}", "y".repeat(200))), 0)
            .expect("stored");
    }
    let file = store.path().to_owned();
    drop(store);
    let sound = std::fs::read(&file).expect("the file");
    let mut random = common::Random::new(11);
    for _ in 0..150 {
        let mut bytes = sound.clone();
        for _ in 0..=random.below(20) {
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
        }
        std::fs::write(&file, &bytes).expect("written");
        let Ok(store) = opened(&scratch) else { continue };
        for number in 0..60 {
            if let Ok(Some(entry)) = store.get(&format!("k{number}"), 0) {
                let wanted = format!("needle {number} {}", "y".repeat(200));
                assert_eq!(
                    entry.value.as_text(),
                    Some(wanted.as_str()),
                    "what is returned is what was stored"
                );
            }
        }
        drop(store.consult("needle 7", 5_000, 0));
        drop(store.list(100));
        drop(store.put(&note("new", "entry"), 1));
        drop(store.stats());
        drop(store.check());
    }
}
