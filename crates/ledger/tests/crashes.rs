//! A writer stops between any two steps. What was acknowledged stays; what was announced and is whole is finished, what
//! is torn is set aside, and what nobody announced is refused.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Scratch, copy, entry, fill, key, open};
use ledger::{
    Digest, Entry, EntryKind, Journal, Ledger, LedgerError, Value, VerifyError, read_signed, repair, verify,
};

/// The bytes of a ledger before and after an append.
struct Append {
    old_head: Vec<u8>,
    new_head: Vec<u8>,
    old_entries: Vec<u8>,
    new_entries: Vec<u8>,
}

/// A ledger of two entries, to which two more were appended at once.
fn appended(folder: &Path) -> Append {
    fill(folder, 1, 2);
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let (old_head, old_entries) = (read("head"), read("entries"));
    open(folder, 1).append(&[entry(2, Value::Null), entry(3, Value::Null)]).unwrap();
    Append { old_head, new_head: read("head"), old_entries, new_entries: read("entries") }
}

impl Append {
    /// Leaves the folder as a writer does that stops when the file of entries has `length` bytes.
    fn stop(&self, folder: &Path, length: usize, announced: Option<&[u8]>) {
        fs::write(folder.join("head"), &self.old_head).unwrap();
        fs::write(folder.join("entries"), &self.new_entries[..length]).unwrap();
        let _ = fs::remove_file(folder.join("head.new"));
        if let Some(announced) = announced {
            fs::write(folder.join("head.new"), announced).unwrap();
        }
        let _ = fs::remove_dir_all(folder.join("aside"));
    }

    /// Every length that the file of entries may have in the middle of the append.
    fn lengths(&self) -> impl Iterator<Item = usize> {
        (self.old_entries.len() + 1..self.new_entries.len()).step_by(17)
    }
}

#[test]
fn an_announced_append_that_is_whole_is_finished() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let append = appended(&folder);
    append.stop(&folder, append.new_entries.len(), Some(&append.new_head));
    let refused = verify(&folder, key(1).public(), None).expect_err("the head is missing");
    assert!(matches!(refused, VerifyError::Interrupted { entries: 2, complete: true, .. }), "{refused}");
    // The next writer settles the append, and a reader of what was acknowledged takes no notice of it.
    assert_eq!(read_signed(&folder, key(1).public(), |_| {}).unwrap(), 2);
    assert_eq!(fs::read(folder.join("head")).unwrap(), append.old_head, "neither changes anything");
    let (ledger, report) = Ledger::open(&folder, &key(1)).unwrap();
    assert_eq!((report.settled.finished, report.settled.set_aside_bytes, ledger.count()), (2, 0, 4));
    assert_eq!(fs::read(folder.join("head")).unwrap(), append.new_head);
    assert!(!folder.join("head.new").exists() && !folder.join("aside").exists());
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 4);
}

#[test]
fn an_announced_append_that_is_torn_is_set_aside() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let append = appended(&folder);
    for length in append.lengths() {
        let torn = (length - append.old_entries.len()) as u64;
        append.stop(&folder, length, Some(&append.new_head));
        let refused = verify(&folder, key(1).public(), None).expect_err("verify reports the tail");
        let is_torn =
            matches!(refused, VerifyError::Interrupted { bytes, complete: false, .. } if bytes == torn);
        assert!(is_torn, "{refused}");
        assert_eq!(read_signed(&folder, key(1).public(), |_| {}).unwrap(), 2);
        let (ledger, report) = Ledger::open(&folder, &key(1)).unwrap();
        assert_eq!((report.settled.finished, report.settled.set_aside_bytes), (0, torn));
        assert_eq!((report.count, ledger.count()), (2, 2));
        assert_eq!(fs::read(folder.join("entries")).unwrap(), append.old_entries);
        let aside = fs::read(folder.join("aside/0.entries")).unwrap();
        assert_eq!(aside, append.new_entries[append.old_entries.len()..length]);
        assert_eq!(fs::read(folder.join("aside/0.head")).unwrap(), append.new_head);
        assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 2);
    }
    // The right length, and other bytes: blocks of zeros, as a file system can leave them.
    append.stop(&folder, append.new_entries.len(), Some(&append.new_head));
    let mut zeros = append.new_entries.clone();
    zeros[append.old_entries.len() + 5..].fill(0);
    fs::write(folder.join("entries"), &zeros).unwrap();
    let (_, report) = Ledger::open(&folder, &key(1)).unwrap();
    assert_eq!(report.settled.set_aside_bytes, (zeros.len() - append.old_entries.len()) as u64);
    // Announced, and nothing was written: nothing is lost and nothing is kept.
    append.stop(&folder, append.old_entries.len(), Some(&append.new_head));
    let (_, report) = Ledger::open(&folder, &key(1)).unwrap();
    assert_eq!((report.settled.finished, report.settled.set_aside_bytes), (0, 0));
    assert!(!folder.join("head.new").exists() && !folder.join("aside").exists());
}

/// Leaves a ledger whose last append is announced and whole, and names blobs. Returns the length of the entries before
/// the append, and the blobs.
fn announced_with_blobs(folder: &Path, last: Option<Entry>) -> (u64, Vec<Digest>) {
    fill(folder, 1, 2);
    let old_head = fs::read(folder.join("head")).unwrap();
    let before = fs::metadata(folder.join("entries")).unwrap().len();
    let mut ledger = open(folder, 1);
    let blobs: Vec<Digest> =
        [b"first".as_slice(), b"second"].iter().map(|bytes| ledger.store_blob(bytes).unwrap()).collect();
    let naming = |blob: &Digest| Value::map([("blobs", Value::List(vec![blob.to_value()]))]);
    let mut entries = vec![entry(2, naming(&blobs[0])), entry(3, naming(&blobs[1]))];
    entries.extend(last);
    ledger.append(&entries).unwrap();
    fs::rename(folder.join("head"), folder.join("head.new")).unwrap();
    fs::write(folder.join("head"), old_head).unwrap();
    (before, blobs)
}

fn blob_path(folder: &Path, blob: &Digest) -> PathBuf {
    let name = blob.to_string();
    folder.join("blobs").join(&name[..2]).join(name)
}

#[test]
fn an_announced_append_whose_blobs_are_not_there_is_set_aside() {
    type Edit = fn(&Path);
    let edits: [(&str, Option<Edit>); 4] = [
        ("untouched", None),
        ("gone", Some(|blob| fs::remove_file(blob).unwrap())),
        ("changed", Some(|blob| fs::write(blob, "secone").unwrap())),
        ("empty", Some(|blob| fs::write(blob, "").unwrap())),
    ];
    for (what, edit) in edits {
        let scratch = Scratch::new();
        let folder = scratch.ledger();
        let (before, blobs) = announced_with_blobs(&folder, None);
        if let Some(edit) = edit {
            edit(&blob_path(&folder, &blobs[1]));
        }
        let bytes = fs::metadata(folder.join("entries")).unwrap().len() - before;
        let refused = verify(&folder, key(1).public(), None).expect_err("it lacks its head");
        let VerifyError::Interrupted { complete, entries: 2, .. } = refused else {
            panic!("{what}: {refused}")
        };
        assert_eq!(complete, edit.is_none(), "{what}");
        let (ledger, report) = Ledger::open(&folder, &key(1)).unwrap();
        let settled = (report.settled.finished, report.settled.set_aside_bytes);
        if edit.is_none() {
            assert_eq!((settled, ledger.count()), ((2, 0), 4), "{what}");
        } else {
            assert_eq!((settled, ledger.count()), ((0, bytes), 2), "{what}");
            assert_eq!(fs::metadata(folder.join("aside/0.entries")).unwrap().len(), bytes, "{what}");
        }
        drop(ledger);
        // A blob with other bytes is no part of a ledger, whoever names it; without it, the ledger holds.
        if what == "changed" || what == "empty" {
            fs::remove_file(blob_path(&folder, &blobs[1])).unwrap();
        }
        verify(&folder, key(1).public(), None).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

#[test]
fn an_announced_append_needs_no_blob_that_it_forgets() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let second = Digest::hash(ledger::format::BLOB_DOMAIN, b"second");
    let body = Value::map([("digest", second.to_value()), ("reason", Value::text("asked to"))]);
    let forgets = Entry { kind: EntryKind::Forgotten, body, ..entry(4, Value::Null) };
    let (_, blobs) = announced_with_blobs(&folder, Some(forgets));
    fs::remove_file(blob_path(&folder, &blobs[1])).unwrap();
    let (ledger, report) = Ledger::open(&folder, &key(1)).unwrap();
    assert_eq!((report.settled.finished, ledger.count()), (3, 5));
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().forgotten, 1);
}

#[test]
fn what_nobody_announced_is_refused_until_it_is_set_aside_on_demand() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let append = appended(&folder);
    for length in append.lengths().chain([append.new_entries.len()]) {
        let bytes = (length - append.old_entries.len()) as u64;
        append.stop(&folder, length, None);
        for _ in 0..2 {
            let error = Ledger::open(&folder, &key(1)).expect_err("an older head may have been put back");
            let LedgerError::Broken(VerifyError::BeyondHead { bytes: found, .. }) = error else {
                panic!("{error}")
            };
            assert_eq!(found, bytes);
            assert_eq!(fs::read(folder.join("entries")).unwrap().len(), length, "nothing was cut");
        }
        verify(&folder, key(1).public(), None).expect_err("so does verify");
        let read =
            read_signed(&folder, key(1).public(), |_| {}).expect_err("so does a reader of the entries");
        assert!(matches!(read, VerifyError::BeyondHead { bytes: found, .. } if found == bytes), "{read}");
        let repaired = repair(&folder, key(1).public()).unwrap();
        assert_eq!((repaired.bytes, repaired.announcement, repaired.count), (bytes, false, 2));
        let aside = fs::read(folder.join("aside/0.entries")).unwrap();
        assert_eq!(aside, append.new_entries[append.old_entries.len()..length]);
        assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 2);
        assert_eq!(repair(&folder, key(1).public()).unwrap().bytes, 0, "there is nothing left to do");
        assert_eq!(open(&folder, 1).count(), 2);
    }
}

#[test]
fn an_announcement_that_fits_not_is_refused_too() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let append = appended(&folder);
    fill(&scratch.beside("other"), 2, 6);
    let foreign = fs::read(scratch.beside("other").join("head")).unwrap();
    let mut changed = append.new_head.clone();
    changed[40] ^= 1;
    let older = {
        fill(&scratch.beside("older"), 1, 1);
        fs::read(scratch.beside("older").join("head")).unwrap()
    };
    let (old, new) = (append.old_entries.len(), append.new_entries.len());
    let cases: [(&str, &[u8], usize); 7] = [
        ("of another key", &foreign, new),
        ("a changed byte", &changed, new),
        ("half of one", &append.new_head[..70], old),
        ("nothing", b"", old),
        ("the head's own, over bytes", &append.old_head, new),
        ("an older one", &older, old),
        ("an older one, over bytes", &older, new),
    ];
    for (what, announced, length) in cases {
        append.stop(&folder, length, Some(announced));
        verify(&folder, key(1).public(), None).expect_err(what);
        read_signed(&folder, key(1).public(), |_| {}).expect_err(what);
        Ledger::open(&folder, &key(1)).expect_err(what);
        assert_eq!(fs::read(folder.join("head.new")).unwrap(), announced, "{what}");
        assert!(repair(&folder, key(1).public()).unwrap().announcement, "{what}");
        assert_eq!(fs::read(folder.join("aside/0.head")).unwrap(), announced, "{what}");
        assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 2, "{what}");
    }
    // The announcement of the head itself is what is left of an append that ended.
    append.stop(&folder, old, Some(&append.old_head));
    assert_eq!(verify(&folder, key(1).public(), None).unwrap().count, 2);
    assert_eq!(open(&folder, 1).count(), 2);
    assert!(!folder.join("head.new").exists());
    // More bytes than were announced: nothing is cut, and nothing is finished.
    let more = [append.new_entries.as_slice(), b"more"].concat();
    append.stop(&folder, old, Some(&append.new_head));
    fs::write(folder.join("entries"), &more).unwrap();
    let error = Ledger::open(&folder, &key(1)).expect_err("bytes beyond the announced ones");
    assert!(matches!(error, LedgerError::Broken(VerifyError::BeyondHead { bytes: 4, .. })), "{error}");
    assert_eq!(fs::read(folder.join("entries")).unwrap(), more);
}

#[test]
fn an_older_head_that_is_put_back_cuts_nothing() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 2);
    let older = fs::read(folder.join("head")).unwrap();
    let mut live = open(&folder, 1);
    live.append(&[entry(2, Value::Null)]).unwrap();
    let newest = fs::read(folder.join("head")).unwrap();
    let entries = fs::read(folder.join("entries")).unwrap();
    fs::write(folder.join("head"), &older).unwrap();
    // Beside a live writer, before the next one, and for a reader.
    let error = live.append(&[entry(3, Value::Null)]).expect_err("acknowledged entries are beyond the head");
    assert!(matches!(error, LedgerError::RolledBack { found: 2, known: 3, .. }), "{error}");
    let error = Ledger::open(&folder, &key(1)).expect_err("acknowledged entries are beyond the head");
    let VerifyError::BeyondHead { entries: 1, .. } = verify(&folder, key(1).public(), None).unwrap_err()
    else {
        panic!("{error}")
    };
    assert_eq!(fs::read(folder.join("entries")).unwrap(), entries);
    fs::write(folder.join("head"), &newest).unwrap();
    assert_eq!(live.append(&[entry(3, Value::Null)]).unwrap()[0].index, 3);
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
    // A folder in the way of the announcement.
    fs::create_dir(folder.join("head.tmp")).unwrap();
    let error = ledger.append(&[entry(2, Value::Null)]).expect_err("the head cannot be written");
    assert!(matches!(error, LedgerError::File(_)), "{error}");
    fs::remove_dir(folder.join("head.tmp")).unwrap();
    assert_eq!(verify(&folder, key(1).public(), Some(head)).unwrap().count, 2);
    assert_eq!(ledger.append(&[entry(2, Value::Null)]).unwrap()[0].index, 2);
    assert_eq!(verify(&folder, key(1).public(), Some(head)).unwrap().count, 3);
}

#[test]
fn a_head_that_goes_missing_stops_every_writer() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    fill(&folder, 1, 2);
    copy(&folder, &scratch.beside("copy"));
    let mut ledger = open(&folder, 1);
    fs::remove_file(folder.join("head")).unwrap();
    for error in [
        ledger.append(&[entry(2, Value::Null)]).expect_err("the head is gone"),
        Ledger::open(&folder, &key(1)).expect_err("entries without a head"),
    ] {
        assert!(matches!(error, LedgerError::Broken(VerifyError::NoHead { .. })), "{error}");
    }
    fs::copy(scratch.beside("copy").join("head"), folder.join("head")).unwrap();
    assert_eq!(ledger.append(&[entry(2, Value::Null)]).unwrap()[0].index, 2);
    assert_eq!(open(&folder, 1).count(), 3);
}
