//! The folder as an open directory, and names that are looked up in it one by one.

mod check;

use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{
    AtFlags, Dir, Mode, OFlags, fchmod, fstat, linkat, mkdirat, open, openat, renameat, statat, unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::error::Irregular;
use crate::lock::{is_locked, lock_named, lock_within};
use crate::os::optional;
use crate::{Disk, Kind, Opened, OsDisk};

use check::{Owned, folder_error, kind_of, permissions, plain, same_file};

/// Flags for everything that is opened: no link is followed, no program inherits the file, and a FIFO or a device
/// that got the name a moment ago does not make the caller wait.
const CAREFUL: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(CAREFUL);

/// A folder of the machine's disk that may hold what somebody else put there. Clones are the same folder.
///
/// Every path that is passed lies in the folder, and each of its parts is opened in the folder before it, without
/// following links. A file is opened only if it is plain and has the folder's owner; it is written only if it has no
/// other name, and the folder belongs to the user of this process. Everything else is an error that carries an
/// [`Irregular`], and is neither read nor changed.
#[derive(Clone, Debug)]
pub struct FolderDisk {
    root: Arc<Root>,
}

#[derive(Debug)]
struct Root {
    path: PathBuf,
    handle: OwnedFd,
    owner: u32,
    /// True if `path` may be a link to the folder.
    follows: bool,
}

/// A lock on a file of a [`FolderDisk`]; dropping the value releases the lock.
///
/// A file that lies right in the folder is locked together with the folder. If somebody removes the file, the holder
/// still has the folder, and nobody else gets a lock there.
#[derive(Debug)]
pub struct FolderLock {
    file: File,
    /// The folder; None for a file further below, and where the file system locks no folders.
    _folder: Option<File>,
}

impl FolderDisk {
    /// Opens the folder `path`, which is no link itself; `None` if nothing has that name. Links above it are followed.
    ///
    /// # Errors
    /// Fails with an [`Irregular`] if `path` is a link or no folder, or if the file system refuses.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        // The flag that refuses links concerns the last part of a path, and a path may end in `.` or a slash.
        let bare: PathBuf = path.components().collect();
        let bare = if bare.as_os_str().is_empty() { Path::new(".").to_path_buf() } else { bare };
        match open(&bare, FOLDER, Mode::empty()) {
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(folder_error(error, statat(rustix::fs::CWD, &bare, AtFlags::SYMLINK_NOFOLLOW))),
            Ok(handle) => Self::from_handle(path, handle, false).map(Some),
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

    /// Opens the folder `path`, or the one that the link `path` leads to; `None` if nothing has that name,
    /// or if the link leads to nothing.
    ///
    /// For a folder that the user of this process chose. What lies in it is opened without following links.
    ///
    /// # Errors
    /// Fails with an error that wraps an [`Irregular`] if `path` is no folder, and with the error of the
    /// operating system if the file system refuses.
    pub fn open_following(path: &Path) -> io::Result<Option<Self>> {
        match open(path, FOLDER.difference(OFlags::NOFOLLOW), Mode::empty()) {
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(folder_error(error, rustix::fs::stat(path))),
            Ok(handle) => Self::from_handle(path, handle, true).map(Some),
        }
    }

    /// Refuses a folder whose files this user has no reason to trust.
    ///
    /// # Errors
    /// Fails with an [`Irregular`] unless the folder belongs to the user of this process or to the system's
    /// administrator. The administrator may read every folder. Fails with [`Irregular::Writable`] if every user may
    /// replace files of others in the folder; in a folder with the sticky bit, such as `/tmp`, nobody may.
    pub fn check_trusted(&self) -> io::Result<()> {
        let user = geteuid().as_raw();
        match self.root.owner {
            owner if owner == user || owner == 0 || user == 0 => {}
            found => return Err(Irregular::Owner { found, wanted: user }.into()),
        }
        let mode = Mode::from_raw_mode(fstat(&self.root.handle)?.st_mode);
        if mode.contains(Mode::WOTH) && !mode.contains(Mode::SVTX) {
            #[allow(clippy::useless_conversion, reason = "the mode has 16 bits on some systems")]
            return Err(Irregular::Writable { mode: u32::from(mode.as_raw_mode()) }.into());
        }
        Ok(())
    }

    fn from_handle(path: &Path, handle: OwnedFd, follows: bool) -> io::Result<Self> {
        let owner = fstat(&handle)?.st_uid;
        Ok(Self { root: Arc::new(Root { path: path.to_path_buf(), handle, owner, follows }) })
    }

    /// Returns true if the path of the folder still leads to the folder that was opened, and not to another one.
    fn is_in_place(&self) -> io::Result<bool> {
        let Root { path, handle, follows, .. } = &*self.root;
        let bare: PathBuf = path.components().collect();
        let bare = if bare.as_os_str().is_empty() { Path::new(".") } else { bare.as_path() };
        let flags = if *follows { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
        match statat(rustix::fs::CWD, bare, flags) {
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(false),
            named => Ok(same_file(&fstat(handle)?, &named?)),
        }
    }

    /// Returns the names on the way from the folder to `path`.
    fn names_to<'p>(&self, path: &'p Path) -> io::Result<Vec<&'p Path>> {
        let below = path.strip_prefix(&self.root.path).map_err(|_| Irregular::Outside)?;
        let name = |part| match part {
            Component::Normal(name) => Ok(Path::new(name)),
            _ => Err(Irregular::Outside.into()),
        };
        below.components().map(name).collect()
    }

    /// Opens the folders on the way to `path`, and returns the last one with the name in it.
    fn above<'p>(&self, path: &'p Path) -> io::Result<(OwnedFd, &'p Path)> {
        let mut names = self.names_to(path)?;
        let name = names.pop().ok_or(Irregular::Folder)?;
        Ok((self.walk(&names)?, name))
    }

    fn walk(&self, names: &[&Path]) -> io::Result<OwnedFd> {
        names.iter().try_fold(self.root.handle.try_clone()?, |folder, name| self.enter(&folder, name))
    }

    fn enter(&self, folder: &OwnedFd, name: &Path) -> io::Result<OwnedFd> {
        let refused = |error| folder_error(error, statat(folder, name, AtFlags::SYMLINK_NOFOLLOW));
        let inside = openat(folder, name, FOLDER, Mode::empty()).map_err(refused)?;
        Owned(self.root.owner).check(&fstat(&inside)?)?;
        Ok(inside)
    }

    /// Opens the folder `path`, which is this one or below it.
    fn folder(&self, path: &Path) -> io::Result<OwnedFd> {
        self.walk(&self.names_to(path)?)
    }

    /// Opens a plain file. What has the name is looked at first, because opening a device can already change it.
    fn plain(&self, path: &Path, flags: OFlags) -> io::Result<File> {
        let (folder, name) = self.above(path)?;
        match statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => plain(&found, self.root.owner)?,
            Err(Errno::NOENT) if flags.contains(OFlags::CREATE) => {}
            Err(error) => return Err(error.into()),
        }
        let opened = openat(&folder, name, flags.union(CAREFUL), Mode::from(0o600));
        let opened = opened.map_err(|error| match error {
            Errno::LOOP | Errno::MLINK => Irregular::SymbolicLink.into(),
            error => io::Error::from(error),
        })?;
        plain(&fstat(&opened)?, self.root.owner)?;
        Ok(File::from(opened))
    }

    /// Refuses to write into the folder of another user, in which new files would have the wrong owner.
    fn check_user(&self) -> Result<(), Irregular> {
        match geteuid().as_raw() {
            user if user == self.root.owner => Ok(()),
            user => Err(Irregular::Owner { found: self.root.owner, wanted: user }),
        }
    }

    /// Opens a plain file for writing, which has no other name.
    fn writable(&self, path: &Path, flags: OFlags) -> io::Result<File> {
        self.check_user()?;
        let file = self.plain(path, OFlags::RDWR.union(flags))?;
        if fstat(&file)?.st_nlink > 1 {
            return Err(Irregular::HardLink.into());
        }
        Ok(file)
    }
}

impl Disk for FolderDisk {
    type Lock = FolderLock;
    type Reader = File;

    fn open(&self, path: &Path) -> io::Result<Option<Opened<File>>> {
        let Some(reader) = optional(self.plain(path, OFlags::RDONLY))? else { return Ok(None) };
        let length = reader.metadata()?.len();
        Ok(Some(Opened { reader, length }))
    }

    fn open_at(&self, path: &Path, offset: u64) -> io::Result<Option<Opened<File>>> {
        let Some(mut opened) = Disk::open(self, path)? else { return Ok(None) };
        opened.reader.seek(SeekFrom::Start(offset))?;
        Ok(Some(opened))
    }

    fn length(&self, path: &Path) -> io::Result<Option<u64>> {
        Ok(Disk::open(self, path)?.map(|opened| opened.length))
    }

    fn permissions(&self, path: &Path) -> io::Result<Option<u32>> {
        let mode = |file: File| Ok(permissions(&fstat(&file)?));
        optional(self.plain(path, OFlags::RDONLY))?.map(mode).transpose()
    }

    fn write(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.writable(path, OFlags::CREATE)?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let file = self.writable(path, OFlags::empty())?;
        if file.metadata()?.len() > length { file.set_len(length) } else { Ok(()) }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.plain(path, OFlags::RDONLY)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let ((old, old_name), (new, new_name)) = (self.above(from)?, self.above(to)?);
        Ok(renameat(old, old_name, new, new_name)?)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<bool> {
        let ((old, old_name), (new, new_name)) = (self.above(from)?, self.above(to)?);
        match linkat(old, old_name, new, new_name, AtFlags::empty()) {
            Err(Errno::EXIST) => Ok(false),
            linked => Ok(linked.map(|()| true)?),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let (folder, name) = self.above(path)?;
        Ok(unlinkat(folder, name, AtFlags::empty())?)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.check_user()?;
        let mut folder = self.root.handle.try_clone()?;
        for name in self.names_to(path)? {
            match mkdirat(&folder, name, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => folder = self.enter(&folder, name)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(fchmod(&folder, Mode::RWXU)?)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::from(self.folder(path)?).sync_all()
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.folder(path).is_ok()
    }

    fn kind(&self, path: &Path) -> io::Result<Option<Kind>> {
        let found = if self.names_to(path)?.is_empty() {
            fstat(&self.root.handle)
        } else {
            let Some((folder, name)) = optional(self.above(path))? else { return Ok(None) };
            statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
        };
        match found {
            Err(Errno::NOENT) => Ok(None),
            found => kind_of(&found?, self.root.owner).map(Some),
        }
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let Some(folder) = optional(self.folder(path))? else { return Ok(Vec::new()) };
        let items = Dir::read_from(folder)?.collect::<rustix::io::Result<Vec<_>>>()?;
        let names = items.iter().map(|item| item.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name != "." && name != "..").collect();
        names.sort_unstable();
        Ok(names)
    }

    fn lock(&self, path: &Path, wait: Duration) -> io::Result<Option<FolderLock>> {
        let open = || self.writable(path, OFlags::CREATE);
        let named = |file: &File| self.has_name(file, path);
        let folder = match self.names_to(path)?.len() {
            1 => self.lock_root(wait)?,
            _ => Some(None),
        };
        let Some(folder) = folder else { return Ok(None) };
        let file = lock_named(open, named, |file| lock_within(file, wait))?;
        Ok(file.map(|file| FolderLock { file, _folder: folder }))
    }

    fn holds(&self, lock: &FolderLock, path: &Path) -> io::Result<bool> {
        // A folder that was moved away is not the place where others look for what is written there.
        Ok(self.has_name(&lock.file, path)? && self.is_in_place()?)
    }

    fn is_locked(&self, path: &Path) -> io::Result<bool> {
        optional(self.plain(path, OFlags::RDONLY))?.map_or(Ok(false), |file| is_locked(&file))
    }
}

impl FolderDisk {
    /// Locks the folder itself, for a file right in it. Returns None if another holder has the lock, and an inner None
    /// where the file system locks no folders.
    fn lock_root(&self, wait: Duration) -> io::Result<Option<Option<File>>> {
        let handle = File::from(openat(&self.root.handle, ".", FOLDER, Mode::empty())?);
        Ok(match lock_within(&handle, wait) {
            Ok(true) => Some(Some(handle)),
            Ok(false) => None,
            Err(_) => Some(None),
        })
    }

    /// Returns true if `path` names the open `file`.
    fn has_name(&self, file: &File, path: &Path) -> io::Result<bool> {
        // Without the folder nothing has the name either.
        let Some((folder, name)) = optional(self.above(path))? else { return Ok(false) };
        match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => Ok(false),
            named => Ok(same_file(&fstat(file)?, &named?)),
        }
    }
}
