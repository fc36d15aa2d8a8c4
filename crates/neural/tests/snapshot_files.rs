//! Snapshots on disk: the old file or the new one, whole, and nothing beside it.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{fed, shaped};
use neural::{PlainBackend, Session, Snapshot, SnapshotError, SnapshotFileError, Want};
use synthetic::{ODD, Random, Scratch, bits};

/// Returns an empty folder for one test.
fn folder(name: &str) -> Scratch {
    Scratch::new(env!("CARGO_TARGET_TMPDIR"), name).expect("a folder")
}

fn names(folder: &Scratch) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).expect("the folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn snapshots() -> [Snapshot; 2] {
    let mut session = fed(&shaped(&ODD), &Random::new(3).tokens(70, ODD.vocab), 70);
    let first = session.snapshot();
    session.decode(1).expect("a token");
    [first, session.snapshot()]
}

fn refusal(path: &Path) -> SnapshotError {
    match Snapshot::read(path).expect_err("refused") {
        SnapshotFileError::Refused { source, path: named } => {
            assert_eq!(named, path);
            source
        }
        other => panic!("{other}"),
    }
}

#[test]
fn what_is_written_is_read_and_replaces_what_was_there() {
    let (folder, [first, second]) = (folder("replaced"), snapshots());
    let path = folder.join("sequence");
    for snapshot in [&first, &second, &first] {
        snapshot.write(&path).expect("a writable folder");
        assert!(Snapshot::read(&path).expect("what was written") == *snapshot);
        assert_eq!(names(&folder), ["sequence"]);
    }
    #[cfg(unix)]
    {
        let mode = fs::metadata(&path).expect("the file").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    }
}

#[test]
fn writers_of_one_file_leave_one_of_theirs() {
    let (folder, [first, second]) = (folder("writers"), snapshots());
    let path = folder.join("sequence");
    std::thread::scope(|scope| {
        for snapshot in [&first, &second, &first, &second] {
            let path = &path;
            scope.spawn(move || (0..10).for_each(|_| snapshot.write(path).expect("a writable folder")));
        }
    });
    let left = Snapshot::read(&path).expect("one of theirs");
    assert!(left == first || left == second);
    assert_eq!(names(&folder), ["sequence"]);
}

#[test]
fn a_write_that_fails_leaves_what_was_there() {
    let (folder, [first, _]) = (folder("fails"), snapshots());
    let taken = folder.join("taken");
    fs::create_dir(&taken).expect("a folder");
    fs::write(taken.join("inside"), b"kept").expect("a file");
    let error = first.write(&taken).expect_err("a folder is in the way").to_string();
    assert!(error.starts_with("cannot replace ") && error.contains("taken") && error.lines().count() == 1);
    assert_eq!(fs::read(taken.join("inside")).expect("still there"), b"kept");
    let error = first.write(&folder.join("none/sequence")).expect_err("no such folder").to_string();
    assert!(error.starts_with("cannot write ") && error.contains("none"), "{error}");
    first.write(Path::new("/")).expect_err("no name");
    assert_eq!(names(&folder), ["taken"]);
}

#[test]
fn a_file_that_is_wrong_is_refused_with_its_path() {
    let (folder, [first, second]) = (folder("wrong"), snapshots());
    let path = folder.join("sequence");
    let bytes = first.as_bytes();
    let mut flipped = bytes.to_vec();
    flipped[5000] ^= 1;
    for (content, expected) in [
        (&b""[..], "do not begin"),
        (b"GGUF and so on, longer than a header of ours is", "do not begin"),
        (&bytes[..30], "cut or added to"),
        (&bytes[..bytes.len() - 1], "cut or added to"),
        (&[bytes, b"\0"].concat(), "cut or added to"),
        (&flipped, "it was changed"),
    ] {
        fs::write(&path, content).expect("a writable folder");
        let said = refusal(&path).to_string();
        assert!(said.contains(expected), "{said}");
    }
    second.write(&path).expect("a writable folder");
    let other = Snapshot::read(&path).expect("a snapshot").require(first.digest());
    assert!(matches!(other, Err(SnapshotError::OtherSnapshot { .. })));
    for missing in [folder.join("none"), folder.path().to_path_buf()] {
        assert!(matches!(Snapshot::read(&missing), Err(SnapshotFileError::File(_))));
    }
}

#[test]
fn what_stopped_midway_is_in_nobodys_way() {
    let (folder, [first, _]) = (folder("midway"), snapshots());
    let path = folder.join("sequence");
    first.write(&path).expect("a writable folder");
    let name = format!(".sequence.{}.0.partial", std::process::id());
    fs::write(folder.join(name), &first.as_bytes()[..100]).expect("a writable folder");
    assert!(Snapshot::read(&path).expect("whole") == first);
    first.write(&path).expect("a writable folder");
    assert!(Snapshot::read(&path).expect("whole") == first);
}

/// The variable that names the snapshot to a process which the test below started.
const CHILD: &str = "NMK_TEST_SNAPSHOT";

/// Returns the bits of the logits with which a session goes on, and the digest of its snapshot after that.
fn continuation(mut session: Session<PlainBackend>) -> String {
    let next = session.prefill(&Random::new(4).tokens(30, ODD.vocab), Want::All).expect("ids");
    format!("{} {:?}", session.snapshot().digest(), bits(next.values()))
}

#[test]
fn another_process_goes_on_from_a_file() {
    if let Some(path) = std::env::var_os(CHILD).map(PathBuf::from) {
        let snapshot = Snapshot::read(&path).expect("what the other process wrote");
        let session = Session::restore(&shaped(&ODD), &snapshot).expect("the same model");
        fs::write(path.with_extension("continued"), continuation(session)).expect("a writable folder");
        return;
    }
    let folder = folder("process");
    let path = folder.join("sequence");
    let session = fed(&shaped(&ODD), &Random::new(3).tokens(350, ODD.vocab), 350);
    session.snapshot().write(&path).expect("a writable folder");
    let mut child = Command::new(std::env::current_exe().expect("this test"));
    child.args(["--exact", "another_process_goes_on_from_a_file"]).env(CHILD, &path);
    let output = child.output().expect("a process");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let continued = fs::read_to_string(path.with_extension("continued")).expect("what it answered");
    assert!(continued == continuation(session));
}
