//! A ledger that cannot be written or does not hold is refused as it is, and stays as it is.

mod common;

use std::path::Path;

use common::home::Home;
use synthetic::stub::{Stub, says};

const PROMPT: &str = "Is 7 a prime number?";

/// Asks a stub server that answers rightly, with the ledger in `path`.
fn ask(home: &Home, path: &Path) -> common::home::Ended {
    let stub = Stub::start(|_| says("Answer: yes"));
    let base = stub.base();
    let path = path.to_str().expect("UTF-8");
    home.run(["ask", PROMPT, "--model", &base, "--model-name", "small", "--ledger", path])
}

#[test]
fn a_place_that_cannot_hold_one_is_named() {
    let home = Home::new("ledger-place");
    let file = home.write("occupied", "a file");
    ask(&home, &file).is_refused(&["the ledger is refused", "occupied"]);
    ask(&home, &file.join("below")).is_refused(&["the ledger is refused", "below"]);
    let foreign = home.write("foreign/diary.txt", "mine");
    let foreign = foreign.parent().expect("a folder");
    ask(&home, foreign).is_refused(&["diary.txt", "name an empty or new folder"]);
    assert_eq!(std::fs::read_dir(foreign).expect("a folder").count(), 1, "nothing was put there");
    let unwritable = Path::new("/proc/nmk-ledger");
    ask(&home, unwritable).is_refused(&["/proc/nmk-ledger"]);
}

#[test]
fn a_damaged_one_is_refused_and_not_repaired() {
    let home = Home::new("ledger-damaged");
    let ledger = home.path("ledger");
    let first = ask(&home, &ledger);
    assert_eq!(first.code, 0, "{first:?}");
    let entries = ledger.join("entries");
    let whole = std::fs::read(&entries).expect("the entries");

    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    let damages: [(&str, &[u8]); 3] =
        [("a changed byte", &changed), ("a cut", &whole[..whole.len() - 1]), ("nothing left", b"")];
    for (damage, bytes) in damages {
        std::fs::write(&entries, bytes).expect("the entries");
        ask(&home, &ledger).is_refused(&["the ledger is refused", "entries"]);
        assert_eq!(std::fs::read(&entries).expect("the entries"), bytes, "{damage} was left alone");
        let path = ledger.to_str().expect("UTF-8");
        let verified = home.run(["ledger", "verify", "--json", "--ledger", path]);
        assert_eq!(verified.code, 1, "{damage}: {verified:?}");
        assert_eq!(verified.json()["verified"], false);
    }
    std::fs::write(&entries, &whole).expect("the entries");
    assert_eq!(ask(&home, &ledger).code, 0, "restored, it goes on");
}

#[test]
fn a_key_that_is_not_one_is_refused() {
    let home = Home::new("ledger-key");
    home.write("home/.config/nmk/key", "short");
    ask(&home, &home.path("ledger")).is_refused(&["the ledger's key is refused", "home/.config/nmk/key"]);
    let inside = home.write("inside.toml", format!("key = {:?}\n", home.path("ledger/key")));
    let inside = inside.to_str().expect("UTF-8");
    let path = home.path("ledger");
    let path = path.to_str().expect("UTF-8");
    home.run(["ask", "Hi", "--config", inside, "--ledger", path])
        .is_refused(&["the key lies inside the ledger"]);
}

#[test]
fn another_writer_is_waited_for_and_then_named() {
    let home = Home::new("ledger-locked");
    let ledger = home.path("ledger");
    assert_eq!(ask(&home, &ledger).code, 0);
    let lock = std::fs::File::open(ledger.join("lock")).expect("the lock");
    lock.lock().expect("nobody has it");
    ask(&home, &ledger).is_refused(&["in use by another writer", "wait for it to end"]);
    let release = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        drop(lock);
    });
    assert_eq!(ask(&home, &ledger).code, 0, "it waits a little");
    release.join().expect("the writer");
}

#[test]
fn what_is_not_there_cannot_be_verified_or_shown() {
    let home = Home::new("ledger-absent");
    home.run(["ledger", "show"]).is_refused(&["no ledger in", ".local/state/nmk"]);
    home.run(["ledger", "verify"]).is_refused(&["no ledger in"]);
}

#[test]
fn a_folder_that_does_not_verify_is_not_written_on() {
    let home = Home::new("ledger-stray");
    let ledger = home.path("ledger");
    let path = ledger.to_str().expect("UTF-8").to_owned();
    assert_eq!(ask(&home, &ledger).code, 0);
    let stray = home.write("ledger/notes.txt", "mine");
    ask(&home, &ledger).is_refused(&["notes.txt", "no part of a ledger", "move it elsewhere"]);
    assert_eq!(home.run(["ledger", "verify", "--ledger", &path]).code, 1);
    std::fs::remove_file(&stray).expect("the stray file");
    assert_eq!(ask(&home, &ledger).code, 0, "without the stray file it goes on");
}

#[test]
fn bytes_beyond_the_head_are_told() {
    let home = Home::new("ledger-beyond");
    let ledger = home.path("ledger");
    let path = ledger.to_str().expect("UTF-8").to_owned();
    assert_eq!(ask(&home, &ledger).code, 0);
    for command in ["show", "trace"] {
        let sound = home.run(["ledger", command, "--ledger", &path]);
        assert!(!sound.err.contains("beyond the head"), "{sound:?}");
        let object = home.run(["ledger", command, "--json", "--ledger", &path]).json();
        assert_eq!(object["bytes_beyond_head"], 0, "{object}");
    }
    let mut entries = std::fs::read(ledger.join("entries")).expect("the entries");
    entries.extend(b"seven b");
    std::fs::write(ledger.join("entries"), entries).expect("the entries");
    for command in ["show", "trace"] {
        let told = home.run(["ledger", command, "--ledger", &path]);
        assert!(told.err.contains("beyond the head (7 bytes)"), "{told:?}");
        let object = home.run(["ledger", command, "--json", "--ledger", &path]).json();
        assert_eq!(object["bytes_beyond_head"], 7, "{object}");
    }
}

#[test]
fn a_blob_is_named_by_its_first_digits() {
    let home = Home::new("ledger-digits");
    let ledger = home.path("ledger");
    let path = ledger.to_str().expect("UTF-8").to_owned();
    assert_eq!(ask(&home, &ledger).code, 0);
    let entries = home.run(["ledger", "show", "--json", "--ledger", &path]).json();
    let entries = entries["entries"].as_array().expect("entries");
    let digest =
        entries.iter().find_map(|entry| entry["body"]["blobs"][0].as_str()).expect("a blob").to_owned();
    let forget =
        |digits: &str| home.run(["ledger", "forget", digits, "--reason", "private", "--ledger", &path]);
    forget("0000000000").is_refused(&["0 blobs begin with 0000000000"]);
    forget("12").is_refused(&["4 to 64", "nmk ledger forget --help"]);
    let forgotten = forget(&digest[..12]);
    assert!(forgotten.code == 0 && forgotten.out.contains(&digest), "{forgotten:?}");
}
