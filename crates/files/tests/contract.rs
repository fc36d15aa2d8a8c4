//! Every disk keeps the promises of the trait in the same way.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use files::{Disk, FaultyDisk, FolderDisk, Kind, MemoryDisk, OsDisk, list, read_up_to};

/// An empty folder of the machine's disk, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs `check` on the disks of every kind, in a folder that does not exist yet.
macro_rules! on_every_disk {
    ($check:ident) => {
        let scratch = Scratch::new(stringify!($check));
        $check(&OsDisk, &scratch.0);
        let folder = scratch.0.join("opened");
        $check(&FolderDisk::create(&folder).unwrap(), &folder);
        $check(&MemoryDisk::default(), Path::new("/memory"));
        $check(&FaultyDisk::default(), Path::new("/faulty"));
    };
}

fn content(disk: &impl Disk, path: &Path) -> Option<Vec<u8>> {
    read_up_to(disk, path, 100).expect("a readable file")
}

fn is_missing<T>(result: std::io::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

#[test]
fn content_is_written_read_and_shortened() {
    fn check(disk: &impl Disk, folder: &Path) {
        let path = folder.join("file");
        disk.create_folder(folder).unwrap();
        disk.write(&path, 0, b"hello world").unwrap();
        disk.write(&path, 6, b"there").unwrap();
        disk.write(&path, 11, b", again").unwrap();
        assert_eq!(content(disk, &path).unwrap(), b"hello there, again");
        assert_eq!(read_up_to(disk, &path, 5).unwrap().unwrap(), b"hello");
        assert_eq!(disk.length(&path).unwrap(), Some(18));
        for length in [5, 9] {
            disk.truncate(&path, length).unwrap();
            assert_eq!(content(disk, &path).unwrap(), b"hello", "it does not grow");
        }
        disk.sync(&path).unwrap();
        disk.sync_folder(folder).unwrap();
    }
    on_every_disk!(check);
}

#[test]
fn names_are_given_taken_and_removed() {
    fn check_names(disk: &impl Disk, folder: &Path) {
        let [first, second, third] = ["first", "second", "third"].map(|name| folder.join(name));
        disk.create_folder(&folder.join("below")).unwrap();
        assert!(disk.is_folder(folder) && disk.is_folder(&folder.join("below")));
        disk.create_folder(folder).unwrap();
        disk.write(&first, 0, b"one").unwrap();
        disk.write(&second, 0, b"two").unwrap();
        assert!(!disk.is_folder(&first));
        let kinds = [folder, &first, &third].map(|path| disk.kind(path).unwrap());
        assert_eq!(kinds, [Some(Kind::Folder), Some(Kind::File), None]);
        let mut rest = String::new();
        disk.open_at(&second, 1).unwrap().expect("the file").reader.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "wo");
        assert_eq!(disk.open_at(&second, 9).unwrap().expect("the file").reader.read(&mut [0]).unwrap(), 0);
        assert_eq!(list(disk, folder).unwrap(), ["below", "first", "second"]);
        disk.rename(&first, &second).unwrap();
        assert_eq!((content(disk, &first), content(disk, &second).unwrap().as_slice()), (None, &b"one"[..]));
        assert!(disk.link(&second, &third).unwrap());
        assert!(!disk.link(&second, &third).unwrap(), "the name is taken");
        disk.remove(&second).unwrap();
        assert_eq!(content(disk, &third).unwrap(), b"one");
        assert_eq!(list(disk, folder).unwrap(), ["below", "third"]);
    }
    on_every_disk!(check_names);
}

#[test]
fn a_missing_file_is_none_or_an_error() {
    fn check_missing(disk: &impl Disk, folder: &Path) {
        let path = folder.join("file");
        assert!(list(disk, folder).unwrap().is_empty());
        disk.create_folder(folder).unwrap();
        assert!(disk.open(&path).unwrap().is_none());
        assert_eq!((disk.length(&path).unwrap(), disk.permissions(&path).unwrap()), (None, None));
        assert!(!disk.is_locked(&path).unwrap());
        let other = folder.join("other");
        assert!(is_missing(disk.truncate(&path, 0)) && is_missing(disk.sync(&path)));
        assert!(is_missing(disk.rename(&path, &other)) && is_missing(disk.link(&path, &other)));
        assert!(is_missing(disk.remove(&path)));
    }
    on_every_disk!(check_missing);
}

#[test]
fn a_reader_goes_on_with_the_file_that_it_opened() {
    fn check_reader(disk: &impl Disk, folder: &Path) {
        let (path, other) = (folder.join("file"), folder.join("other"));
        disk.create_folder(folder).unwrap();
        disk.write(&path, 0, b"old").unwrap();
        disk.write(&other, 0, b"newer").unwrap();
        let mut opened = disk.open(&path).unwrap().expect("the file");
        disk.rename(&other, &path).unwrap();
        let mut text = String::new();
        opened.reader.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), opened.length), ("old", 3));
        assert_eq!(content(disk, &path).unwrap(), b"newer");
    }
    on_every_disk!(check_reader);
}

#[test]
fn one_holder_has_the_lock() {
    fn check_lock(disk: &impl Disk, folder: &Path) {
        let path = folder.join("lock");
        disk.create_folder(folder).unwrap();
        let lock = || disk.lock(&path, Duration::from_millis(20)).unwrap();
        let first = lock().expect("nobody has it");
        assert!(lock().is_none() && disk.is_locked(&path).unwrap() && disk.holds(&first, &path).unwrap());
        drop(first);
        assert!(!disk.is_locked(&path).unwrap());
        let second = lock().expect("it is free again");
        disk.remove(&path).unwrap();
        assert!(!disk.holds(&second, &path).unwrap(), "another one can be locked under this name");
        drop(second);
        assert!(lock().is_some());
    }
    on_every_disk!(check_lock);
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_closed_to_others() {
    use std::os::unix::fs::MetadataExt;
    fn check_modes(disk: &impl Disk, folder: &Path) {
        disk.create_folder(folder).unwrap();
        for name in ["written", "locked"] {
            let path = folder.join(name);
            match name {
                "written" => disk.write(&path, 0, b"private").unwrap(),
                _ => drop(disk.lock(&path, Duration::ZERO).unwrap()),
            }
            assert_eq!(disk.permissions(&path).unwrap(), Some(0o600), "{name}");
        }
    }
    on_every_disk!(check_modes);
    let scratch = Scratch::new("modes");
    fs::create_dir(&scratch.0).unwrap();
    OsDisk.create_folder(&scratch.0).unwrap();
    assert_eq!(fs::metadata(&scratch.0).unwrap().mode() & 0o777, 0o700, "a folder that was open is closed");
}
