//! Snapshots as files, which are replaced in one step that survives a crash, or not at all.

use std::io::{self, ErrorKind, Read};
use std::path::Path;

use files::{Disk, Opened, OsDisk, with_context};

use crate::snapshot::format::{LENGTH_END, stated_length};
use crate::snapshot::{Snapshot, SnapshotError, SnapshotFileError};

impl Snapshot {
    /// Reads the snapshot in the file `path` and checks it. A file that does not begin as a snapshot is not
    /// read further.
    ///
    /// # Errors
    /// [`SnapshotFileError::File`] if the file cannot be read, and [`SnapshotFileError::Refused`] if
    /// [`from_bytes`](Self::from_bytes) refuses its content.
    pub fn read(path: &Path) -> Result<Self, SnapshotFileError> {
        Self::read_on(&OsDisk, path)
    }

    /// Reads the snapshot in the file `path` of `disk` and checks it, as [`read`](Self::read) does.
    ///
    /// # Errors
    /// [`SnapshotFileError`] for the reasons that [`read`](Self::read) names.
    pub fn read_on(disk: &impl Disk, path: &Path) -> Result<Self, SnapshotFileError> {
        let refused = |source| SnapshotFileError::Refused { path: path.to_path_buf(), source };
        let Opened { mut reader, length } = with_context("read", path, open(disk, path))?;
        let mut bytes = Vec::new();
        with_context("read", path, take(&mut reader, LENGTH_END as u64, &mut bytes))?;
        let stated = stated_length(&bytes).map_err(refused)?;
        if length != stated {
            return Err(refused(SnapshotError::Length { bytes: length, stated }));
        }
        with_context("read", path, take(&mut reader, stated.saturating_sub(LENGTH_END as u64), &mut bytes))?;
        Self::from_bytes(bytes).map_err(refused)
    }

    /// Writes the snapshot to the file `path`, readable by its owner alone, in place of the file that was
    /// there. If the machine stops at any moment, the old file or the new one is there, whole.
    ///
    /// # Errors
    /// [`SnapshotFileError::File`] if the file system refuses. The file then has its old content or the new
    /// one.
    pub fn write(&self, path: &Path) -> Result<(), SnapshotFileError> {
        self.write_on(&OsDisk, path)
    }

    /// Writes the snapshot to the file `path` of `disk`, as [`write`](Self::write) does.
    ///
    /// # Errors
    /// [`SnapshotFileError::File`] for the reasons that [`write`](Self::write) names.
    pub fn write_on(&self, disk: &impl Disk, path: &Path) -> Result<(), SnapshotFileError> {
        Ok(files::replace(disk, path, self.as_bytes())?)
    }
}

fn open<D: Disk>(disk: &D, path: &Path) -> io::Result<Opened<D::Reader>> {
    disk.open(path)?.ok_or_else(|| ErrorKind::NotFound.into())
}

/// Appends the next bytes of a file, at most `limit`.
fn take(reader: &mut impl Read, limit: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    // A length that a file states may be more than memory holds: an error then, and no abort.
    let room = usize::try_from(limit).map_err(|_| ErrorKind::OutOfMemory)?;
    bytes.try_reserve_exact(room).map_err(|_| ErrorKind::OutOfMemory)?;
    reader.take(limit).read_to_end(bytes).map(drop)
}

#[cfg(test)]
mod tests;
