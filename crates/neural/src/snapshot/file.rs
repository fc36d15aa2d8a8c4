//! Snapshots as files: one is replaced in one durable step or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::snapshot::format::{LENGTH_END, stated_length};
use crate::snapshot::{Snapshot, SnapshotError, SnapshotFileError};

impl Snapshot {
    /// Reads and checks the file `path`. One that does not begin as a snapshot is not read further.
    ///
    /// # Errors
    /// [`SnapshotFileError::File`] if it cannot be read, [`SnapshotFileError::Refused`] for what
    /// [`from_bytes`](Self::from_bytes) refuses.
    pub fn read(path: &Path) -> Result<Self, SnapshotFileError> {
        let refused = |source| SnapshotFileError::Refused { path: path.to_path_buf(), source };
        let mut file = at("read", path, File::open(path))?;
        let present = at("read", path, file.metadata())?.len();
        let mut bytes = Vec::new();
        at("read", path, take(&mut file, LENGTH_END as u64, &mut bytes))?;
        let stated = stated_length(&bytes).map_err(refused)?;
        if present != stated {
            return Err(refused(SnapshotError::Length { bytes: present, stated }));
        }
        at("read", path, take(&mut file, stated.saturating_sub(LENGTH_END as u64), &mut bytes))?;
        Self::from_bytes(bytes).map_err(refused)
    }

    /// Writes it to the file `path`, readable by its owner alone, in place of what is there. Whenever the machine
    /// stops, the old file or the new one is there, whole.
    ///
    /// # Errors
    /// [`SnapshotFileError::File`] if the system refuses; what was there is then untouched.
    pub fn write(&self, path: &Path) -> Result<(), SnapshotFileError> {
        let temporary = at("write", path, temporary(path))?;
        let replaced = at("write", path, write_durable(&temporary, self.as_bytes()))
            .and_then(|()| at("replace", path, fs::rename(&temporary, path)));
        if replaced.is_err() {
            // It may never have been made; the error that is reported is the first one.
            let _ = fs::remove_file(&temporary);
        }
        replaced?;
        at("sync", folder(path), sync_folder(folder(path)))
    }
}

fn at<T>(action: &'static str, path: &Path, result: io::Result<T>) -> Result<T, SnapshotFileError> {
    result.map_err(|source| SnapshotFileError::File { action, path: path.to_path_buf(), source })
}

/// Appends up to `limit` bytes of a file that has as many.
fn take(file: &mut File, limit: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let room = usize::try_from(limit).map_err(|_| ErrorKind::OutOfMemory)?;
    bytes.try_reserve_exact(room).map_err(|_| ErrorKind::OutOfMemory)?;
    file.take(limit).read_to_end(bytes).map(drop)
}

/// A name in the same folder that no other writer uses, of this process or another.
fn temporary(path: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy();
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    Ok(path.with_file_name(format!(".{name}.{process}.{count}.partial")))
}

fn write_durable(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened; renaming is as durable as the system makes it.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
