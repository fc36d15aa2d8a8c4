//! The folder on systems without the calls of Unix: links are refused where the standard library shows them.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::error::Irregular;
use crate::os::optional;
use crate::{Disk, Kind, Opened, OsDisk};

/// A folder of the machine's disk that may hold what somebody else put there. Clones are the same folder.
///
/// On this system a path is looked at before it is opened, which another process could use in between. Owners and
/// modes are not known.
#[derive(Clone, Debug)]
pub struct FolderDisk {
    root: PathBuf,
}

/// A lock on a file of a [`FolderDisk`]; dropping the value releases the lock.
pub type FolderLock = File;

impl FolderDisk {
    /// Opens the folder `path`, which is no link itself; `None` if nothing has that name. Links above it are followed.
    ///
    /// # Errors
    /// Fails with an [`Irregular`] if `path` is a link or no folder, or if the file system refuses.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        let Some(found) = optional(std::fs::symlink_metadata(path))? else { return Ok(None) };
        match (found.is_symlink(), found.is_dir()) {
            (true, _) => Err(Irregular::SymbolicLink.into()),
            (_, false) => Err(Irregular::NotAFolder.into()),
            _ => Ok(Some(Self { root: path.to_path_buf() })),
        }
    }

    /// Opens the folder `path` as [`open`](Self::open) does, after creating it and the folders above it where they
    /// are missing.
    ///
    /// # Errors
    /// Fails as [`open`](Self::open) does, and if a file is in the way.
    pub fn create(path: &Path) -> io::Result<Self> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        OsDisk.create_folder(path)?;
        Self::open(path)?.ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Opens the folder `path`, or the one that the link `path` leads to; `None` if nothing has that name.
    ///
    /// # Errors
    /// Fails with an error that wraps an [`Irregular`] if `path` is no folder, and with the error of the
    /// operating system if the file system refuses.
    pub fn open_following(path: &Path) -> io::Result<Option<Self>> {
        match optional(std::fs::metadata(path))? {
            None => Ok(None),
            Some(found) if found.is_dir() => Ok(Some(Self { root: path.to_path_buf() })),
            Some(_) => Err(Irregular::NotAFolder.into()),
        }
    }

    /// Accepts every folder, because owners are not known here.
    ///
    /// # Errors
    /// Never fails on this system.
    pub fn check_trusted(&self) -> io::Result<()> {
        Ok(())
    }

    /// Returns `path` if it lies in the folder and no part of it below the folder is a link.
    fn inside<'p>(&self, path: &'p Path) -> io::Result<&'p Path> {
        let below = path.strip_prefix(&self.root).map_err(|_| Irregular::Outside)?;
        let mut place = self.root.clone();
        for part in below.components() {
            let Component::Normal(name) = part else { return Err(Irregular::Outside.into()) };
            place.push(name);
            if optional(std::fs::symlink_metadata(&place))?.is_some_and(|found| found.is_symlink()) {
                return Err(Irregular::SymbolicLink.into());
            }
        }
        Ok(path)
    }
}

impl Disk for FolderDisk {
    type Lock = FolderLock;
    type Reader = File;

    fn open(&self, path: &Path) -> io::Result<Option<Opened<File>>> {
        OsDisk.open(self.inside(path)?)
    }

    fn open_at(&self, path: &Path, offset: u64) -> io::Result<Option<Opened<File>>> {
        OsDisk.open_at(self.inside(path)?, offset)
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        OsDisk.length(self.inside(path)?)
    }

    fn permissions(&self, path: &Path) -> io::Result<Option<u32>> {
        OsDisk.permissions(self.inside(path)?)
    }

    fn write(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        OsDisk.write(self.inside(path)?, offset, bytes)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        OsDisk.truncate(self.inside(path)?, length)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        OsDisk.sync(self.inside(path)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsDisk.rename(self.inside(from)?, self.inside(to)?)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<bool> {
        OsDisk.link(self.inside(from)?, self.inside(to)?)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        OsDisk.remove(self.inside(path)?)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        OsDisk.create_folder(self.inside(path)?)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        OsDisk.sync_folder(self.inside(path)?)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.inside(path).is_ok_and(|path| OsDisk.is_folder(path))
    }

    fn kind(&self, path: &Path) -> io::Result<Option<Kind>> {
        OsDisk.kind(self.inside(path)?)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        OsDisk.names(self.inside(path)?)
    }

    fn lock(&self, path: &Path, wait: Duration) -> io::Result<Option<File>> {
        OsDisk.lock(self.inside(path)?, wait)
    }

    fn holds(&self, lock: &File, path: &Path) -> io::Result<bool> {
        OsDisk.holds(lock, self.inside(path)?)
    }

    fn is_locked(&self, path: &Path) -> io::Result<bool> {
        OsDisk.is_locked(self.inside(path)?)
    }
}
