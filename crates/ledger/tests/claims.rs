//! A job has one end in the chain, also where somebody removes the files of claims beside live writers.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Scratch, key, open};
use ledger::{
    Entry, EntryFault, EntryKind, FolderDisk, JobId, Journal, Ledger, LedgerError, SizeLimits, TaskId, Value,
    VerifyError, read, verify,
};

const JOB: JobId = JobId(7);

fn about(job: JobId, kind: EntryKind) -> Entry {
    Entry { kind, task: TaskId { job, number: 0 }, inputs: Vec::new(), body: Value::Null }
}

fn file_of(folder: &Path, job: JobId) -> PathBuf {
    folder.join("jobs").join(job.to_string())
}

/// Returns the number of ends of [`JOB`] in the ledger, which verifies.
fn ends(folder: &Path) -> usize {
    verify(folder, key(1).public(), None).expect("a history that makes sense");
    let stored = read(folder).unwrap().map(Result::unwrap);
    let ends = [EntryKind::Committed, EntryKind::Abstained];
    stored.filter(|stored| stored.entry.task.job == JOB && ends.contains(&stored.entry.kind)).count()
}

/// Ends the job as a writer does that finds it open and unclaimed.
fn close(folder: &Path) {
    let mut other = open(folder, 1);
    let claim = other.claim(JOB).unwrap().expect("nobody seems to work on it");
    other.append(&[about(JOB, EntryKind::Abstained)]).unwrap();
    drop(claim);
}

#[test]
fn a_writer_whose_claim_is_in_its_place_ends_its_job() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let mut writer = open(&folder, 1);
    let claim = writer.claim(JOB).unwrap().expect("a new job");
    writer.append(&[about(JOB, EntryKind::Opened)]).unwrap();
    assert!(open(&folder, 1).claim(JOB).unwrap().is_none(), "others see that somebody works on it");
    writer.append(&[about(JOB, EntryKind::Judged), about(JOB, EntryKind::Committed)]).unwrap();
    drop(claim);
    assert_eq!(ends(&folder), 1);
    assert!(!file_of(&folder, JOB).exists());
}

/// An edit of the folder beside a writer that works on [`JOB`].
type Edit = fn(&Path);

#[test]
fn a_writer_whose_claim_is_gone_appends_nothing_of_its_job() {
    let edits: [(&str, Edit); 5] = [
        ("removed", |folder| fs::remove_file(file_of(folder, JOB)).unwrap()),
        ("replaced", |folder| {
            fs::remove_file(file_of(folder, JOB)).unwrap();
            fs::write(file_of(folder, JOB), b"").unwrap();
        }),
        ("renamed", |folder| fs::rename(file_of(folder, JOB), file_of(folder, JobId(8))).unwrap()),
        ("with its folder", |folder| fs::remove_dir_all(folder.join("jobs")).unwrap()),
        ("in another folder", |folder| {
            fs::rename(folder.join("jobs"), folder.with_extension("away")).unwrap();
            fs::create_dir(folder.join("jobs")).unwrap();
            fs::write(file_of(folder, JOB), b"").unwrap();
        }),
    ];
    for (name, edit) in edits {
        for closed in [true, false] {
            let scratch = Scratch::new();
            let folder = scratch.ledger();
            let mut writer = open(&folder, 1);
            let claim = writer.claim(JOB).unwrap().expect("a new job");
            writer.append(&[about(JOB, EntryKind::Opened)]).unwrap();
            edit(&folder);
            if closed {
                close(&folder);
            }
            let count = read(&folder).unwrap().count();
            for kind in [EntryKind::Judged, EntryKind::Committed, EntryKind::Abstained] {
                let error = writer.append(&[about(JOB, kind)]).expect_err(name);
                match closed {
                    true => assert!(matches!(error, LedgerError::JobEnded { job: JOB }), "{name}: {error}"),
                    false => {
                        assert!(matches!(error, LedgerError::ClaimLost { job: JOB, .. }), "{name}: {error}");
                    }
                }
            }
            assert_eq!(read(&folder).unwrap().count(), count, "{name}: nothing was appended");
            // Another job of the same writer is not concerned.
            let other = writer.claim(JobId(9)).unwrap().expect("a new job");
            writer
                .append(&[about(JobId(9), EntryKind::Opened), about(JobId(9), EntryKind::Committed)])
                .unwrap();
            drop((claim, other));
            assert_eq!(ends(&folder), usize::from(closed), "{name}");
        }
    }
}

#[test]
fn a_claim_that_is_put_back_after_its_job_was_ended_is_too_late() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let (file, away) = (file_of(&folder, JOB), scratch.beside("away"));
    let mut writer = open(&folder, 1);
    let _claim = writer.claim(JOB).unwrap().expect("a new job");
    writer.append(&[about(JOB, EntryKind::Opened)]).unwrap();
    fs::rename(&file, &away).unwrap();
    close(&folder);
    fs::rename(&away, &file).unwrap();
    let error = writer.append(&[about(JOB, EntryKind::Committed)]).expect_err("it was ended");
    assert!(matches!(error, LedgerError::JobEnded { job: JOB }), "{error}");
    assert!(error.to_string().contains("job-0000000000000007 has ended"), "{error}");
    assert_eq!(ends(&folder), 1);
}

#[test]
fn a_claim_that_is_dropped_leaves_the_claim_of_another_writer() {
    let scratch = Scratch::new();
    let folder = scratch.ledger();
    let (mut one, mut other) = (open(&folder, 1), open(&folder, 1));
    let lost = one.claim(JOB).unwrap().expect("a new job");
    fs::remove_file(file_of(&folder, JOB)).unwrap();
    let theirs = other.claim(JOB).unwrap().expect("nobody seems to work on it");
    drop(lost);
    assert!(one.claim(JOB).unwrap().is_none(), "the other writer has it");
    drop(theirs);
    assert!(one.claim(JOB).unwrap().is_some());
}

#[test]
fn one_append_does_not_end_a_job_twice() {
    let scratch = Scratch::new();
    let mut writer = open(&scratch.ledger(), 1);
    let ends = [EntryKind::Committed, EntryKind::Abstained];
    for (first, second) in ends.iter().flat_map(|first| ends.iter().map(move |second| (first, second))) {
        let error = writer.append(&[about(JOB, *first), about(JOB, *second)]).expect_err("two ends");
        assert!(matches!(error, LedgerError::JobEnded { job: JOB }), "{error}");
    }
    assert_eq!(writer.count(), 0);
}

/// A writer that starts at a checkpoint does not know which jobs had ended before, so such a history can be made.
#[test]
fn verification_names_an_entry_behind_the_end_of_its_job() {
    for second in EntryKind::ALL {
        let scratch = Scratch::new();
        let folder = scratch.ledger();
        let limits = SizeLimits { unchecked: 1, ..SizeLimits::default() };
        let append = |entries: &[Entry]| {
            let disk = FolderDisk::create(&folder).unwrap();
            let (mut writer, _) = Ledger::open_on(disk, &folder, &key(1), limits).unwrap();
            writer.append(entries).unwrap();
        };
        append(&[about(JOB, EntryKind::Opened), about(JOB, EntryKind::Committed)]);
        assert_eq!(ends(&folder), 1, "one end is sound");
        let digest = ledger::Digest::hash(ledger::format::BLOB_DOMAIN, b"a blob");
        let body = Value::map([("digest", digest.to_value())]);
        append(&[Entry { body, ..about(JOB, second) }]);
        let verified = verify(&folder, key(1).public(), None);
        if second == EntryKind::Forgotten {
            verified.expect("a blob is forgotten at any time");
            continue;
        }
        let error = verified.expect_err("the job had ended");
        let expected = EntryFault::JobEnded { job: JOB };
        assert!(
            matches!(&error, VerifyError::Entry { index: 2, fault, .. } if *fault == expected),
            "{second:?}: {error}"
        );
        assert!(error.to_string().contains("job-0000000000000007 ended before this entry"), "{error}");
    }
}
