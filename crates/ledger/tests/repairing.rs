//! A repair writes only into a ledger, under names that a ledger may have, and copies no more than an append can leave.

mod common;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use common::{Scratch, fill, key};
use ledger::{LedgerError, repair, verify};

fn add_stray_bytes(folder: &Path) {
    OpenOptions::new().append(true).open(folder.join("entries")).unwrap().write_all(b"xy").unwrap();
}

#[test]
fn what_is_set_aside_gets_a_name_that_a_ledger_may_have() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 1);
    fs::create_dir_all(folder.join("aside")).unwrap();
    for (taken, given) in [("9999999999999999999", "0"), ("7", "1"), ("1", "2")] {
        File::create(folder.join(format!("aside/{taken}.entries"))).unwrap();
        add_stray_bytes(&folder);
        let repaired = repair(&folder, key(1).public()).expect(taken);
        assert_eq!((repaired.bytes, repaired.count), (2, 1), "{taken}");
        assert_eq!(fs::read(folder.join(format!("aside/{given}.entries"))).unwrap(), b"xy", "{taken}");
        verify(&folder, key(1).public(), None).unwrap_or_else(|error| panic!("{taken}: {error}"));
    }
}

#[test]
fn a_tail_that_no_append_leaves_is_not_copied() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 1);
    let entries = folder.join("entries");
    let end = fs::metadata(&entries).unwrap().len();
    // A hole takes no room on the disk.
    File::options().write(true).open(&entries).unwrap().set_len(1 << 40).unwrap();
    match repair(&folder, key(1).public()) {
        Err(LedgerError::TailTooLong { bytes, end: found, .. }) => {
            assert_eq!((bytes, found), ((1 << 40) - end, end));
        }
        other => panic!("{other:?}"),
    }
    assert!(!folder.join("aside").exists());
    // What the error says to do helps.
    File::options().write(true).open(&entries).unwrap().set_len(end).unwrap();
    verify(&folder, key(1).public(), None).expect("the ledger as it was");
}

#[test]
fn a_folder_that_is_no_ledger_is_left_as_it_is() {
    let scratch = Scratch::new();
    for files in [&[][..], &["head"], &["entries"], &["head", "entries"]] {
        let folder = scratch.beside(&format!("none-{}", files.join("-")));
        fs::create_dir_all(&folder).unwrap();
        for name in files {
            fs::write(folder.join(name), b"mine").unwrap();
        }
        let refused = repair(&folder, key(1).public());
        assert!(matches!(refused, Err(LedgerError::Broken(_))), "{refused:?}");
        let mut names: Vec<String> = fs::read_dir(&folder)
            .unwrap()
            .map(|name| name.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let mut expected: Vec<String> = files.iter().map(|name| (*name).to_owned()).collect();
        expected.sort();
        assert_eq!(names, expected);
    }
}
