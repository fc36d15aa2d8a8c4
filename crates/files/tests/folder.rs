//! A folder that somebody else filled: nothing in it leads elsewhere, waits, or is changed outside.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use files::{Disk, FileError, FolderDisk, Irregular, with_context};

/// A folder to open and a folder outside of it, both removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("inside")).unwrap();
        fs::create_dir_all(path.join("outside")).unwrap();
        fs::write(path.join("outside/diary"), "dear").unwrap();
        fs::set_permissions(path.join("outside"), fs::Permissions::from_mode(0o755)).unwrap();
        Self(path)
    }

    fn inside(&self) -> PathBuf {
        self.0.join("inside")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The reason why an operation refused a place.
fn reason<T: std::fmt::Debug>(path: &Path, result: std::io::Result<T>) -> Irregular {
    let error: FileError = with_context("open", path, result).expect_err("it is not opened");
    error.irregular().unwrap_or_else(|| panic!("another error: {error}"))
}

/// Tries every operation on `path`; all of them give one reason.
fn refused(disk: &FolderDisk, path: &Path) -> Irregular {
    let why = reason(path, disk.open(path));
    for other in [
        reason(path, disk.length(path)),
        reason(path, disk.permissions(path)),
        reason(path, disk.kind(path)),
        reason(path, disk.write(path, 0, b"over")),
        reason(path, disk.truncate(path, 0)),
        reason(path, disk.sync(path)),
        reason(path, disk.lock(path, Duration::ZERO)),
        reason(path, disk.is_locked(path)),
    ] {
        assert_eq!(other, why, "{}", path.display());
    }
    why
}

#[test]
fn what_is_no_plain_file_is_named_and_left_alone() {
    let scratch = Scratch::new("strange");
    let folder = scratch.inside();
    let disk = FolderDisk::open(&folder).unwrap().expect("the folder");
    symlink("../outside/diary", folder.join("link")).unwrap();
    symlink("../outside/nothing", folder.join("dangling")).unwrap();
    symlink("/dev/zero", folder.join("endless")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.join("fifo")).status().unwrap().success());
    let _socket = UnixListener::bind(folder.join("socket")).unwrap();
    for (name, why) in [
        ("link", Irregular::SymbolicLink),
        ("dangling", Irregular::SymbolicLink),
        ("endless", Irregular::SymbolicLink),
        ("fifo", Irregular::Fifo),
        ("socket", Irregular::Socket),
    ] {
        assert_eq!(refused(&disk, &folder.join(name)), why, "{name}");
    }
    assert_eq!(fs::read_to_string(scratch.0.join("outside/diary")).unwrap(), "dear");
    assert!(!scratch.0.join("outside/nothing").exists());
}

#[test]
fn a_folder_on_the_way_that_is_a_link_is_refused() {
    let scratch = Scratch::new("way");
    let folder = scratch.inside();
    let disk = FolderDisk::open(&folder).unwrap().expect("the folder");
    symlink("../outside", folder.join("away")).unwrap();
    assert_eq!(refused(&disk, &folder.join("away/diary")), Irregular::SymbolicLink);
    let away = folder.join("away");
    for why in [
        reason(&away, disk.create_folder(&away)),
        reason(&away, disk.names(&away)),
        reason(&away, disk.sync_folder(&away)),
        reason(&away, disk.rename(&folder.join("away/diary"), &folder.join("taken"))),
        reason(&away, disk.remove(&folder.join("away/diary"))),
        reason(&away, FolderDisk::open(&away)),
        reason(&away, FolderDisk::open(&away.join("."))),
        reason(&away, FolderDisk::create(&away)),
    ] {
        assert_eq!(why, Irregular::SymbolicLink);
    }
    let outside = fs::metadata(scratch.0.join("outside")).unwrap();
    assert_eq!(outside.mode() & 0o777, 0o755, "the mode outside is as it was");
    assert_eq!(fs::read_dir(scratch.0.join("outside")).unwrap().count(), 1);
}

#[test]
fn paths_stay_inside() {
    let scratch = Scratch::new("stay");
    let disk = FolderDisk::open(&scratch.inside()).unwrap().expect("the folder");
    for path in [scratch.inside().join("../outside/diary"), scratch.0.join("outside/diary"), "diary".into()] {
        assert_eq!(refused(&disk, &path), Irregular::Outside);
    }
    let file = scratch.0.join("outside/diary");
    assert_eq!(reason(&file, FolderDisk::open(&file)), Irregular::NotAFolder);
    assert!(FolderDisk::open(&scratch.0.join("nothing")).unwrap().is_none());
}

#[test]
fn a_file_with_a_second_name_is_read_and_not_written() {
    let scratch = Scratch::new("second");
    let folder = scratch.inside();
    let disk = FolderDisk::open(&folder).unwrap().expect("the folder");
    let path = folder.join("hard");
    fs::hard_link(scratch.0.join("outside/diary"), &path).unwrap();
    assert_eq!(disk.length(&path).unwrap(), Some(4));
    for why in [
        reason(&path, disk.kind(&path)),
        reason(&path, disk.write(&path, 0, b"over")),
        reason(&path, disk.truncate(&path, 0)),
        reason(&path, disk.lock(&path, Duration::ZERO)),
    ] {
        assert_eq!(why, Irregular::HardLink);
    }
    assert_eq!(fs::read_to_string(scratch.0.join("outside/diary")).unwrap(), "dear");
}

#[test]
fn what_others_may_change_is_named() {
    let scratch = Scratch::new("modes");
    let folder = scratch.inside();
    let disk = FolderDisk::open(&folder).unwrap().expect("the folder");
    let path = folder.join("file");
    disk.write(&path, 0, b"mine").unwrap();
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(reason(&path, disk.kind(&path)), Irregular::Writable { mode });
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(disk.kind(&path).unwrap().is_some(), "others may read it");
}

#[test]
fn a_lock_file_that_is_removed_lets_nobody_in() {
    let scratch = Scratch::new("lock");
    let (folder, path) = (scratch.inside(), scratch.inside().join("lock"));
    let [one, other] = [(); 2].map(|()| FolderDisk::open(&folder).unwrap().expect("the folder"));
    let held = one.lock(&path, Duration::ZERO).unwrap().expect("nobody has it");
    fs::remove_file(&path).unwrap();
    assert!(other.lock(&path, Duration::ZERO).unwrap().is_none(), "the folder is still locked");
    drop(held);
    assert!(other.lock(&path, Duration::ZERO).unwrap().is_some());
}
