//! File operations that callers share: bounded reads, writes that a crash cannot split, errors that name the
//! place.

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::with_context;
use crate::{Disk, FileError};

/// Returns the first `limit` bytes of a file, or all of them if the file is shorter. Returns `None` if there
/// is no such file.
///
/// A caller that must notice a longer file passes one byte more than the longest file that it accepts.
///
/// # Errors
/// Fails if the file system refuses or there is no memory for the bytes.
pub fn read_up_to(disk: &impl Disk, path: &Path, limit: usize) -> Result<Option<Vec<u8>>, FileError> {
    let read = || -> io::Result<Option<Vec<u8>>> {
        let Some(opened) = disk.open(path)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let room = usize::try_from(opened.length).unwrap_or(usize::MAX).min(limit);
        bytes.try_reserve_exact(room).map_err(|_| ErrorKind::OutOfMemory)?;
        opened.reader.take(limit as u64).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    };
    with_context("read", path, read())
}

/// Replaces the content of a file by `bytes`, and makes the content durable.
///
/// This is not atomic: a crash on the way can leave a part of the bytes. Use [`replace`] for a file that
/// others read.
///
/// # Errors
/// Fails if the file system refuses; the content of the file is then unknown.
pub fn write_synced(disk: &impl Disk, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    with_context("write", path, write_content(disk, path, bytes))?;
    with_context("sync", path, disk.sync(path))
}

fn write_content(disk: &impl Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    disk.write(path, 0, bytes)?;
    // A longer file may have been there, left by a writer that stopped.
    disk.truncate(path, bytes.len() as u64)
}

/// Replaces the content of the file `target` by `bytes`, atomically and durably, by way of the file
/// `temporary` on the same volume.
///
/// Whenever the machine stops, the target has its complete old content or its complete new one. Two writers
/// of one target need different temporary files, or a lock; [`replace`] chooses a temporary file by itself.
///
/// # Errors
/// Fails if the file system refuses. The target then has its old or its new content, and the temporary file
/// may be left behind.
pub fn replace_via(disk: &impl Disk, temporary: &Path, target: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_synced(disk, temporary, bytes)?;
    with_context("replace", target, disk.rename(temporary, target))?;
    sync_folder(disk, parent(target))
}

/// Replaces the content of the file `target` by `bytes`, atomically and durably.
///
/// Whenever the machine stops, the target has its complete old content or its complete new one. Any number of
/// writers may replace one target at once; the last one wins.
///
/// # Errors
/// Fails if the file system refuses. The target then has its old or its new content, and the temporary file
/// beside it is removed if the file system allows it.
pub fn replace(disk: &impl Disk, target: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let temporary = with_context("write", target, temporary_beside(target))?;
    let write = || {
        write_content(disk, &temporary, bytes)?;
        disk.sync(&temporary)
    };
    let replaced = with_context("write", target, write())
        .and_then(|()| with_context("replace", target, disk.rename(&temporary, target)));
    if replaced.is_err() {
        // The file may never have been made, and the first error is the one that tells the reason.
        let _ = disk.remove(&temporary);
    }
    replaced?;
    sync_folder(disk, parent(target))
}

/// Returns a name beside `target` that no other writer on this machine uses. Fails if `target` has no file
/// name.
fn temporary_beside(target: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = target.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy();
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    Ok(target.with_file_name(format!(".{name}.{process}.{count}.partial")))
}

/// Creates the folder `path` and the folders above it, closed to other users, and makes the name of `path`
/// durable. Does nothing if the folder exists.
///
/// # Errors
/// Fails if a file has the name or the file system refuses.
pub fn create_folder(disk: &impl Disk, path: &Path) -> Result<(), FileError> {
    if disk.is_folder(path) {
        return Ok(());
    }
    with_context("create", path, disk.create_folder(path))?;
    sync_folder(disk, parent(path))
}

/// Makes the names in the folder `path` durable as they are now, so that they survive a crash.
///
/// # Errors
/// Fails if the file system refuses.
pub fn sync_folder(disk: &impl Disk, path: &Path) -> Result<(), FileError> {
    with_context("sync", path, disk.sync_folder(path))
}

/// Returns the names in the folder `path`, sorted. There are none if the folder does not exist.
///
/// # Errors
/// Fails if the file system refuses.
pub fn list(disk: &impl Disk, path: &Path) -> Result<Vec<String>, FileError> {
    with_context("list", path, disk.names(path))
}

/// Returns the folder that contains `path`. For a name without a folder, that is `.`, the working folder.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
