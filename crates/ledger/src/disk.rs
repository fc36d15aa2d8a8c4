//! What a ledger needs of a disk.
//!
//! Every file operation of the writer, the reader and the verifier goes through [`Disk`], so that the
//! shipped code can be run over a disk that tears, reorders, loses and refuses writes.

mod memory;
mod os;

use std::fmt;
use std::io;
use std::path::Path;

pub use memory::MemoryDisk;
pub use os::Os;

/// A file system, as far as a ledger needs one. Files belong to their owner alone.
///
/// A write is in force at once for whoever reads, and survives a crash only after [`sync`](Self::sync); a
/// name that was created, renamed or removed survives only after [`sync_folder`](Self::sync_folder) of its
/// folder. A rename is atomic: after a crash the old or the new file is there, whole.
pub trait Disk: Clone + fmt::Debug {
    /// Held while a file is locked; letting go of it unlocks.
    type Lock: fmt::Debug;

    /// At most `limit` bytes of a file from `offset` on; none if there is no such file.
    ///
    /// # Errors
    /// The disk refuses.
    fn read(&self, path: &Path, offset: u64, limit: usize) -> io::Result<Option<Vec<u8>>>;

    /// The length of a file; none if there is no such file.
    ///
    /// # Errors
    /// The disk refuses.
    fn length(&self, path: &Path) -> io::Result<Option<u64>>;

    /// Writes `bytes` at `offset`, which is at most the file's length; a missing file is made.
    ///
    /// # Errors
    /// The disk refuses; a part may have been written.
    fn write(&self, path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file to `length`.
    ///
    /// # Errors
    /// The disk refuses.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;

    /// Makes a file's content survive a crash.
    ///
    /// # Errors
    /// The disk refuses.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name, in place of what had it.
    ///
    /// # Errors
    /// The disk refuses.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The disk refuses.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes a folder and those above it, closed to other users; one that exists is closed to them.
    ///
    /// # Errors
    /// The disk refuses.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder survive a crash.
    ///
    /// # Errors
    /// The disk refuses.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// Whether there is a folder of that name.
    fn is_folder(&self, path: &Path) -> bool;

    /// The names in a folder, in order; none if there is no such folder.
    ///
    /// # Errors
    /// The disk refuses.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Locks a file, which is made if it is missing; none if another has it.
    ///
    /// # Errors
    /// The disk refuses.
    fn lock(&self, path: &Path) -> io::Result<Option<Self::Lock>>;

    /// Whether somebody holds the lock on a file.
    ///
    /// # Errors
    /// The disk refuses.
    fn is_locked(&self, path: &Path) -> io::Result<bool>;
}
