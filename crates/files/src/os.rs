//! The disk of the machine: its real file system.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use crate::lock::{is_locked, lock_named, lock_within};
use crate::{Disk, Kind, Opened};

/// The file system of the machine, as the operating system shows it to this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsDisk;

impl Disk for OsDisk {
    type Lock = File;
    type Reader = File;

    fn open(&self, path: &Path) -> io::Result<Option<Opened<File>>> {
        let Some(reader) = optional(File::open(path))? else { return Ok(None) };
        let length = reader.metadata()?.len();
        Ok(Some(Opened { reader, length }))
    }

    fn open_at(&self, path: &Path, offset: u64) -> io::Result<Option<Opened<File>>> {
        let Some(mut opened) = self.open(path)? else { return Ok(None) };
        opened.reader.seek(SeekFrom::Start(offset))?;
        Ok(Some(opened))
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        Ok(optional(fs::metadata(path))?.map(|metadata| metadata.len()))
    }

    #[cfg(unix)]
    fn permissions(&self, path: &Path) -> io::Result<Option<u32>> {
        use std::os::unix::fs::MetadataExt;
        Ok(optional(fs::metadata(path))?.map(|metadata| metadata.mode() & 0o7777))
    }

    #[cfg(not(unix))]
    fn permissions(&self, _: &Path) -> io::Result<Option<u32>> {
        Ok(None)
    }

    fn write(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = private().create(true).truncate(false).open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let file = private().open(path)?;
        if file.metadata()?.len() > length { file.set_len(length) } else { Ok(()) }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<bool> {
        match fs::hard_link(from, to) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            linked => linked.map(|()| true),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        #[cfg(unix)]
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Other systems do not open a folder; there a rename is as durable as the system makes it.
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let Some(list) = optional(fs::read_dir(path))? else { return Ok(Vec::new()) };
        let names = list.map(|item| Ok(item?.file_name().to_string_lossy().into_owned()));
        let mut names = names.collect::<io::Result<Vec<String>>>()?;
        names.sort_unstable();
        Ok(names)
    }

    fn kind(&self, path: &Path) -> io::Result<Option<Kind>> {
        let kind = |metadata: fs::Metadata| if metadata.is_dir() { Kind::Folder } else { Kind::File };
        Ok(optional(fs::metadata(path))?.map(kind))
    }

    fn lock(&self, path: &Path, wait: Duration) -> io::Result<Option<File>> {
        let open = || private().create(true).truncate(false).open(path);
        lock_named(open, |file| self.holds(file, path), |file| lock_within(file, wait))
    }

    fn holds(&self, lock: &File, path: &Path) -> io::Result<bool> {
        Ok(match optional(fs::metadata(path))? {
            Some(named) => is_same(&lock.metadata()?, &named),
            None => false,
        })
    }

    fn is_locked(&self, path: &Path) -> io::Result<bool> {
        optional(File::open(path))?.map_or(Ok(false), |file| is_locked(&file))
    }
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems do not let go of the name of a file that is open.
#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

/// Returns options for reading and writing under which a new file is closed to other users.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Returns `None` in place of the error that there is no such file.
pub(crate) fn optional<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}
