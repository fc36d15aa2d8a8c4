//! The few file operations of the ledger: whole writes, durable names, errors that name the place.

use std::io;
use std::path::Path;

use crate::FileError;
use crate::disk::Disk;

/// Names `action` and `path` in the error of a file operation.
pub(crate) fn at<T>(action: &'static str, path: &Path, result: io::Result<T>) -> Result<T, FileError> {
    result.map_err(|source| FileError { action, path: path.to_path_buf(), source })
}

/// Creates the folder and those above it, closed to other users, and makes its name durable.
pub(crate) fn create_durable_folder(disk: &impl Disk, path: &Path) -> Result<(), FileError> {
    if disk.is_folder(path) {
        return Ok(());
    }
    at("create", path, disk.create_folder(path))?;
    sync_folder(disk, parent(path))
}

/// The folder that holds `path`.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the names in the folder durable.
pub(crate) fn sync_folder(disk: &impl Disk, path: &Path) -> Result<(), FileError> {
    at("sync", path, disk.sync_folder(path))
}

/// Writes `bytes` to a new private file, in place of what is there.
pub(crate) fn write_new(disk: &impl Disk, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let write = || {
        disk.write(path, 0, bytes)?;
        disk.truncate(path, bytes.len() as u64)
    };
    at("write", path, write())
}

/// Writes `bytes` to a new private file and makes them durable.
pub(crate) fn write_whole(disk: &impl Disk, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_new(disk, path, bytes)?;
    at("sync", path, disk.sync(path))
}

/// Gives `target` the content `bytes` in one durable step, by way of `temporary` on the same volume.
pub(crate) fn replace(
    disk: &impl Disk,
    temporary: &Path,
    target: &Path,
    bytes: &[u8],
) -> Result<(), FileError> {
    write_whole(disk, temporary, bytes)?;
    at("replace", target, disk.rename(temporary, target))?;
    sync_folder(disk, parent(target))
}

/// The content of a file of at most `cap` bytes, and one byte more of a longer one; none if there is
/// no such file.
pub(crate) fn read_capped(disk: &impl Disk, path: &Path, cap: usize) -> Result<Option<Vec<u8>>, FileError> {
    at("read", path, disk.read(path, 0, cap.saturating_add(1)))
}

/// The names in a folder, in order; none if there is no such folder.
pub(crate) fn names(disk: &impl Disk, path: &Path) -> Result<Vec<String>, FileError> {
    at("list", path, disk.names(path))
}
