//! The trait of a disk: the file operations that the libraries need.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// A file system, as far as our libraries need one. New files and folders are closed to other users.
///
/// The effect of a write can be read at once, and survives a crash only after [`sync`](Self::sync). A name
/// that was created, renamed or removed survives a crash only after [`sync_folder`](Self::sync_folder) of its
/// folder. A rename is atomic: after a crash, the name belongs to the complete old file or to the complete
/// new one.
///
/// Every operation fails with an [`io::Error`] if the file system refuses it. A missing file is not an error
/// of the operations that return an `Option`.
pub trait Disk: Clone + fmt::Debug {
    /// A lock on a file; dropping the value releases the lock.
    type Lock: fmt::Debug;

    /// The reader of a file that was opened, from its first byte.
    type Reader: Read + Send + 'static;

    /// Opens a file for reading, or returns `None` if there is no such file.
    ///
    /// The reader continues with the same file even if another file gets its name meanwhile.
    ///
    /// # Errors
    /// Fails if the file system refuses.
    fn open(&self, path: &Path) -> io::Result<Option<Opened<Self::Reader>>>;

    /// Opens a file for reading from byte `offset` on. A file that ends before that reads as empty.
    ///
    /// # Errors
    /// Fails if the file system refuses.
    fn open_at(&self, path: &Path, offset: u64) -> io::Result<Option<Opened<Self::Reader>>> {
        let Some(mut opened) = self.open(path)? else { return Ok(None) };
        io::copy(&mut (&mut opened.reader).take(offset), &mut io::sink())?;
        Ok(Some(opened))
    }

    /// Returns the length of a file in bytes, or `None` if there is no such file.
    ///
    /// # Errors
    /// Fails if the file system refuses.
    fn length(&self, path: &Path) -> io::Result<Option<u64>>;

    /// Returns the permission bits of a file as Unix defines them, or `None` if there is no such file or the
    /// system has no such bits.
    ///
    /// # Errors
    /// Fails if the file system refuses.
    fn permissions(&self, path: &Path) -> io::Result<Option<u32>>;

    /// Writes `bytes` at `offset`, which must be at most the file's length. A missing file is created.
    ///
    /// # Errors
    /// Fails if the file system refuses; a part of the bytes may have been written.
    fn write(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Shortens a file to `length` bytes. A file that is not longer than that is not changed.
    ///
    /// # Errors
    /// Fails if the file is missing or the file system refuses.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;

    /// Makes the content of a file durable, so that it survives a crash. The file's name is not part of that.
    ///
    /// # Errors
    /// Fails if the file is missing or the file system refuses; the content may then survive a crash or not.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Renames the file `from` to `to`. A file that had that name before is replaced.
    ///
    /// # Errors
    /// Fails if `from` is missing or the file system refuses.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Gives the file `from` the second name `to` and returns true. Returns false, and changes nothing, if a
    /// file has that name already.
    ///
    /// # Errors
    /// Fails if `from` is missing or the file system refuses.
    fn link(&self, from: &Path, to: &Path) -> io::Result<bool>;

    /// Removes a file from its folder. Readers that opened the file before can still read it.
    ///
    /// # Errors
    /// Fails if the file is missing or the file system refuses.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Creates a folder and the folders above it, closed to other users. If the folder exists, it is closed
    /// to them.
    ///
    /// # Errors
    /// Fails if a file has the name or the file system refuses.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable as they are now, so that they survive a crash.
    ///
    /// # Errors
    /// Fails if the file system refuses; each change of a name may then survive a crash or not.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// Returns true if `path` is a folder, and false if it is a file or does not exist.
    fn is_folder(&self, path: &Path) -> bool;

    /// Returns the kind of what has this name, or `None` if nothing has.
    ///
    /// # Errors
    /// Fails if it is neither a file nor a folder that this disk opens, or if the file system refuses.
    fn kind(&self, path: &Path) -> io::Result<Option<Kind>>;

    /// Returns the names in a folder, sorted; none if there is no such folder.
    ///
    /// # Errors
    /// Fails if the file system refuses.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Locks a file, or returns `None` if another holder still has the lock after `wait`. A missing file is created.
    /// The file that was locked has the name when the call returns.
    ///
    /// # Errors
    /// Fails if the file system refuses, and with an [`Irregular::Vanishing`](crate::Irregular::Vanishing) if the file is
    /// removed each time before that is known.
    fn lock(&self, path: &Path, wait: Duration) -> io::Result<Option<Self::Lock>>;

    /// Returns true if `path` still names the file that `lock` is on, so that nobody else can lock another one there.
    ///
    /// # Errors
    /// Fails if the file system refuses.
    fn holds(&self, lock: &Self::Lock, path: &Path) -> io::Result<bool>;

    /// Returns true if anybody holds the lock on a file, this process included.
    ///
    /// # Errors
    /// Fails if the file system refuses.
    fn is_locked(&self, path: &Path) -> io::Result<bool>;
}

/// The kinds of things that a name can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
}

/// A file that is open for reading, with its length when it was opened.
#[derive(Debug)]
pub struct Opened<R> {
    /// The reader of the file, which starts at the first byte.
    pub reader: R,
    /// The length of the file in bytes, when it was opened.
    pub length: u64,
}
