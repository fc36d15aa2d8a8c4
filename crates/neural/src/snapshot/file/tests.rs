//! A snapshot is written and read while the disk fails, writes halves or stops.

use std::path::Path;

use abi::Digest;
use files::{Fault, FaultyDisk, MemoryDisk};
use synthetic::Random;

use crate::backend::KvLayout;
use crate::history::Step;
use crate::numerics::NUMERICS_VERSION;
use crate::snapshot::format::{Header, seal};
use crate::snapshot::{Snapshot, SnapshotError, SnapshotFileError};
use crate::state_dtype::StateDtype;

const FAULTS: [Fault; 4] = [Fault::Full, Fault::Short, Fault::Device, Fault::Late];

fn path() -> &'static Path {
    Path::new("/parked/sequence")
}

/// Returns a snapshot of a small model with this number of positions, whose keys and values are zero.
fn snapshot(positions: usize) -> Snapshot {
    let numerics = NUMERICS_VERSION.to_owned();
    let layout = KvLayout { kv_heads: 1, head_dim: 2, state: StateDtype::from_numerics(&numerics) };
    let header = Header {
        model: Digest::hash("nmk.test.v1", b"a model"),
        numerics,
        layout,
        first_pages: vec![0],
        history: vec![Step::Token(7); positions],
        edits: Vec::new(),
    };
    let mut bytes = header.write();
    bytes.resize(bytes.len() + header.pages(0) * layout.page_bytes(), 0);
    seal(&mut bytes);
    Snapshot::from_bytes(bytes).expect("a session could have written it")
}

fn snapshots() -> [Snapshot; 2] {
    [snapshot(3), snapshot(70)]
}

/// Returns a disk on which the file holds `snapshot`, durably.
fn disk_with(snapshot: &Snapshot) -> FaultyDisk {
    let disk = FaultyDisk::default();
    files::create_folder(&disk, path().parent().expect("a folder")).expect("a sound disk");
    snapshot.write_on(&disk, path()).expect("a sound disk");
    disk
}

/// Returns the number of disk operations that `act` takes.
fn operations(disk: &FaultyDisk, act: impl FnOnce()) -> u32 {
    let before = disk.operations();
    act();
    disk.operations() - before
}

fn operations_of_a_write() -> u32 {
    let [first, second] = snapshots();
    let disk = disk_with(&first);
    operations(&disk, || second.write_on(&disk, path()).expect("a sound disk"))
}

#[test]
fn a_write_that_fails_leaves_one_whole_snapshot() {
    let [first, second] = snapshots();
    for (at, fault) in (0..operations_of_a_write()).flat_map(|at| FAULTS.map(|fault| (at, fault))) {
        let disk = disk_with(&first);
        disk.fail_after(at, fault);
        let error = second.write_on(&disk, path()).expect_err("every operation is needed");
        assert!(matches!(&error, SnapshotFileError::File(_)), "{fault:?} at {at}: {error}");
        assert!(error.to_string().contains("/parked"), "{error}");
        let left = Snapshot::read_on(&disk, path()).expect("one of the two, whole");
        assert!(left == first || left == second, "{fault:?} at {at}");
        let names = files::list(&disk, path().parent().expect("a folder")).expect("a sound disk");
        assert_eq!(names, ["sequence"], "{fault:?} at {at}");
        second.write_on(&disk, path()).expect("the next attempt succeeds");
        assert!(Snapshot::read_on(&disk, path()).expect("what was written") == second);
    }
}

#[test]
fn a_write_on_a_full_disk_leaves_one_whole_snapshot() {
    let [first, second] = snapshots();
    for (at, fault) in (0..operations_of_a_write()).flat_map(|at| FAULTS.map(|fault| (at, fault))) {
        let disk = disk_with(&first);
        disk.fail_from(at, fault);
        for _ in 0..3 {
            second.write_on(&disk, path()).expect_err("the disk goes on failing");
        }
        disk.heal();
        let left = Snapshot::read_on(&disk, path()).expect("one of the two, whole");
        assert!(left == first || left == second, "{fault:?} from {at}");
    }
}

#[test]
fn a_machine_that_stops_leaves_one_whole_snapshot() {
    let [first, second] = snapshots();
    let mut found = [0, 0];
    for (at, seed) in (0..=operations_of_a_write()).flat_map(|at| (1..40).map(move |seed| (at, seed))) {
        let disk = disk_with(&first);
        disk.fail_after(at, Fault::Stop);
        let written = second.write_on(&disk, path()).is_ok();
        let mut random = Random::new(seed);
        let after = disk.after_crash(&mut |below| random.below(below));
        let left = Snapshot::read_on(&after, path()).expect("one of the two, whole");
        assert!(left == second || (left == first && !written), "stopped at {at}");
        found[usize::from(left == second)] += 1;
    }
    assert!(found.iter().all(|count| *count > 10), "both were found: {found:?}");
}

#[test]
fn a_read_that_fails_gives_no_snapshot() {
    let second = snapshot(70);
    let disk = disk_with(&second);
    let reads = operations(&disk, || drop(Snapshot::read_on(&disk, path())));
    for (at, fault) in (0..reads).flat_map(|at| FAULTS.map(|fault| (at, fault))) {
        disk.fail_after(at, fault);
        let error = Snapshot::read_on(&disk, path()).expect_err("every operation is needed");
        assert!(matches!(error, SnapshotFileError::File(_)), "{fault:?} at {at}: {error}");
        assert!(Snapshot::read_on(&disk, path()).expect("the disk is sound again") == second);
    }
}

#[test]
fn a_half_that_the_disk_calls_whole_is_refused() {
    let [first, second] = snapshots();
    let mut refused = 0;
    for at in 0..operations_of_a_write() {
        let disk = disk_with(&first);
        disk.fail_after(at, Fault::Lie);
        second.write_on(&disk, path()).expect("the disk says so");
        match Snapshot::read_on(&disk, path()) {
            Ok(left) => assert!(left == second),
            Err(SnapshotFileError::Refused { source: SnapshotError::Length { .. }, .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(refused, 1, "the one write of the content");
}

#[test]
fn every_part_of_a_file_is_refused() {
    let bytes = snapshot(3).as_bytes().to_vec();
    for length in 0..bytes.len() {
        let file = (path().to_path_buf(), bytes[..length].to_vec());
        let disk = MemoryDisk::from_files([file].into());
        let refusal = Snapshot::read_on(&disk, path()).expect_err("a part of a snapshot");
        assert!(matches!(refusal, SnapshotFileError::Refused { .. }), "{length}: {refusal}");
    }
}
