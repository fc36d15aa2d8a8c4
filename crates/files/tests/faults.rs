//! A file is replaced while the disk fails, writes halves or stops: its old content or its new content is there.

use std::path::Path;

use fastrand::Rng;
use files::{Disk, Fault, FaultyDisk, FileError, list, read_up_to, replace, replace_via, write_synced};

const FAULTS: [Fault; 4] = [Fault::Full, Fault::Short, Fault::Device, Fault::Late];

const OLD: &[u8] = b"what was there before";
const NEW: &[u8] = b"new";

fn folder() -> &'static Path {
    Path::new("/folder")
}

/// Returns a disk on which the file has its old content, safe from a crash.
fn disk() -> FaultyDisk {
    let disk = FaultyDisk::default();
    files::create_folder(&disk, folder()).unwrap();
    replace(&disk, &folder().join("file"), OLD).unwrap();
    disk
}

fn content(disk: &FaultyDisk) -> Vec<u8> {
    read_up_to(disk, &folder().join("file"), 100).unwrap().expect("the file")
}

/// A way to write the new content to the file.
type Write = fn(&FaultyDisk) -> Result<(), FileError>;

/// The ways to write the file. The first two replace it in one step; the last does not, and shows that the
/// tests notice it.
const WRITERS: [Write; 3] = [
    |disk| replace(disk, &folder().join("file"), NEW),
    |disk| replace_via(disk, &folder().join("file.new"), &folder().join("file"), NEW),
    |disk| write_synced(disk, &folder().join("file"), NEW),
];

/// Returns the number of operations on the disk that this way takes.
fn operations(write: Write) -> u32 {
    let disk = disk();
    let before = disk.operations();
    write(&disk).unwrap();
    let operations = disk.operations() - before;
    assert_eq!(content(&disk), NEW);
    operations
}

#[test]
fn any_operation_may_fail() {
    for write in &WRITERS[..2] {
        for (at, fault) in (0..operations(*write)).flat_map(|at| FAULTS.map(|fault| (at, fault))) {
            let disk = disk();
            disk.fail_after(at, fault);
            let error = write(&disk).expect_err("every operation is needed").to_string();
            assert!(error.contains("/folder") && !error.contains('\n'), "{error}");
            disk.heal();
            let found = content(&disk);
            assert!(found == OLD || found == NEW, "{fault:?} at {at}: {:?}", found.escape_ascii());
            write(&disk).expect("the next attempt succeeds");
            assert_eq!(content(&disk), NEW);
        }
    }
}

#[test]
fn a_temporary_file_is_removed_when_the_write_fails() {
    for (at, fault) in (0..operations(WRITERS[0])).flat_map(|at| FAULTS.map(|fault| (at, fault))) {
        let disk = disk();
        disk.fail_after(at, fault);
        WRITERS[0](&disk).expect_err("every operation is needed");
        assert_eq!(list(&disk, folder()).unwrap(), ["file"], "{fault:?} at {at}");
    }
}

#[test]
fn the_machine_may_stop_anywhere() {
    let mut found = [0, 0];
    for write in &WRITERS[..2] {
        for (at, seed) in (0..=operations(*write)).flat_map(|at| (0..60).map(move |seed| (at, seed))) {
            let disk = disk();
            disk.fail_after(at, Fault::Stop);
            let written = write(&disk);
            assert_eq!(written.is_err(), disk.has_stopped());
            let mut rng = Rng::with_seed(seed);
            let after = content(&disk.after_crash(&mut |below| rng.usize(..below)));
            assert!(after == NEW || (after == OLD && written.is_err()), "{at}: {:?}", after.escape_ascii());
            found[usize::from(after == NEW)] += 1;
        }
    }
    assert!(found.iter().all(|count| *count > 20), "both contents were found: {found:?}");
}

#[test]
fn a_write_in_place_and_a_disk_that_lies_are_found_out() {
    let mut torn = 0;
    for (at, seed) in (0..operations(WRITERS[2])).flat_map(|at| (0..60).map(move |seed| (at, seed))) {
        let disk = disk();
        disk.fail_after(at, Fault::Stop);
        WRITERS[2](&disk).expect_err("the machine stops");
        let mut rng = Rng::with_seed(seed);
        let after = content(&disk.after_crash(&mut |below| rng.usize(..below)));
        torn += u32::from(after != OLD && after != NEW);
    }
    assert!(torn > 20, "{torn} torn files");
    let lied = (0..operations(WRITERS[0])).filter(|at| {
        let disk = disk();
        disk.fail_after(*at, Fault::Lie);
        WRITERS[0](&disk).is_ok() && content(&disk) != NEW
    });
    assert_eq!(lied.count(), 1, "the one write of the content");
}

#[test]
fn faults_last_until_somebody_makes_room() {
    let (disk, path) = (disk(), folder().join("file"));
    disk.fail_from(1, Fault::Full);
    disk.sync(&path).expect("the first one does not fail");
    for _ in 0..3 {
        disk.sync(&path).expect_err("the disk is full");
    }
    disk.heal();
    disk.sync(&path).expect("there is room");
}

#[test]
fn a_machine_that_stopped_does_not_go_on() {
    let (disk, path) = (disk(), folder().join("file"));
    disk.fail_after(0, Fault::Stop);
    disk.write(&path, 0, NEW).expect_err("the machine stops");
    disk.heal();
    assert!(
        disk.length(&path).is_err()
            && disk.open(&path).is_err()
            && disk.lock(&path, std::time::Duration::ZERO).is_err()
    );
}

#[test]
fn a_crash_takes_what_was_not_synced_and_nothing_else() {
    let name = folder().join("name");
    let mut lost = 0;
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let disk = FaultyDisk::default();
        disk.create_folder(folder()).unwrap();
        disk.write(&name, 0, b"kept").unwrap();
        disk.sync(&name).unwrap();
        disk.sync_folder(folder()).unwrap();
        disk.write(&name, 4, b" and more").unwrap();
        let after = disk.after_crash(&mut |below| rng.usize(..below));
        let content = read_up_to(&after, &name, 100).unwrap().expect("its name was synced");
        assert!(content.starts_with(b"kept") && b"kept and more".starts_with(&content[..4]));
        lost += u32::from(content != b"kept and more");
    }
    assert!((20..200).contains(&lost), "{lost} of 200 crashes took something");
}
