//! A folder that does not verify for what lies in it is refused by writers too, before they change anything.

#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use common::{Scratch, fill, key};
use ledger::Ledger;

/// Makes a ledger with one blob, and returns the blob's path.
fn ledger(folder: &Path) -> PathBuf {
    fill(folder, 1, 3);
    let blobs = common::files(&folder.join("blobs"));
    blobs.into_iter().next().expect("a blob")
}

#[test]
fn writers_refuse_what_verification_refuses() {
    type Edit = fn(&Path, &Path);
    let edits: [(&str, Edit); 11] = [
        ("a stray file", |folder, _| fs::write(folder.join("notes.txt"), "mine").unwrap()),
        ("a stray folder", |folder, _| fs::create_dir(folder.join("old")).unwrap()),
        ("a stray file among the blobs", |folder, _| fs::write(folder.join("blobs/x"), "").unwrap()),
        ("a shelf of another name", |folder, _| fs::create_dir(folder.join("blobs/zz")).unwrap()),
        ("a blob of another name", |_, blob| fs::write(blob.with_file_name("x"), "").unwrap()),
        ("a folder among the blobs", |_, blob| fs::create_dir(blob.with_file_name("y")).unwrap()),
        ("a stray job", |folder, _| {
            fs::create_dir_all(folder.join("jobs")).unwrap();
            fs::write(folder.join("jobs/mine"), "").unwrap();
        }),
        ("a lock with content", |folder, _| fs::write(folder.join("lock"), "mine").unwrap()),
        ("a hard link of the entries", |folder, _| {
            fs::hard_link(folder.join("entries"), folder.with_extension("entries")).unwrap();
        }),
        ("a hard link of a blob", |folder, blob| fs::hard_link(blob, folder.with_extension("blob")).unwrap()),
        ("a blob that all may change", |_, blob| {
            fs::set_permissions(blob, fs::Permissions::from_mode(0o666)).unwrap();
        }),
    ];
    let key = key(1);
    for (what, edit) in edits {
        let scratch = Scratch::new();
        let folder = scratch.ledger();
        let blob = ledger(&folder);
        assert!(ledger::verify(&folder, key.public(), None).is_ok(), "{what}: sound before");
        let before = [fs::read(folder.join("entries")).unwrap(), fs::read(folder.join("head")).unwrap()];
        edit(&folder, &blob);
        let verified = ledger::verify(&folder, key.public(), None).expect_err(what).to_string();
        let opened = Ledger::open(&folder, &key).expect_err(what).to_string();
        assert_eq!(opened, verified, "{what}");
        let repaired = ledger::repair(&folder, key.public()).expect_err(what).to_string();
        assert_eq!(repaired, verified, "{what}");
        let after = [fs::read(folder.join("entries")).unwrap(), fs::read(folder.join("head")).unwrap()];
        assert_eq!(before, after, "{what}: nothing was written");
    }
}

/// Other processes come and go while the folder is checked: what they leave on their way is no stray file.
#[test]
fn what_a_writer_leaves_on_its_way_is_no_reason() {
    let scratch = Scratch::new();
    let (folder, key) = (scratch.ledger(), key(1));
    ledger(&folder);
    for name in ["head.tmp", "blob.tmp", "jobs/job-00000000000000aa", "aside/0.entries", "aside/0.head"] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(path.parent().unwrap(), fs::Permissions::from_mode(0o700)).unwrap();
        Ledger::open(&folder, &key).unwrap_or_else(|error| panic!("{name}: {error}"));
        ledger::verify(&folder, key.public(), None).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
