//! The few file operations of the ledger: private modes, whole writes, durable names.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::FileError;

/// Names `action` and `path` in the error of a file operation.
pub(crate) fn at<T>(action: &'static str, path: &Path, result: io::Result<T>) -> Result<T, FileError> {
    result.map_err(|source| FileError { action, path: path.to_path_buf(), source })
}

/// Creates the folder and those above it, closed to other users; an existing one is left as it is.
pub(crate) fn create_folder(path: &Path) -> Result<(), FileError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    at("create", path, builder.create(path))
}

/// Creates the folder, if there is none, and makes its name durable.
pub(crate) fn create_durable_folder(path: &Path) -> Result<(), FileError> {
    if path.is_dir() {
        return Ok(());
    }
    create_folder(path)?;
    sync_folder(parent(path))
}

/// The folder that holds `path`.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Closes the folder to other users.
pub(crate) fn close_to_others(path: &Path) -> Result<(), FileError> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        at("set the mode of", path, fs::set_permissions(path, mode))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Options that create files for the owner alone.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the names in the folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), FileError> {
    // Elsewhere a folder cannot be opened; renaming is as durable as the system makes it.
    if cfg!(unix) { at("sync", path, File::open(path).and_then(|folder| folder.sync_all())) } else { Ok(()) }
}

/// Writes `bytes` to a new private file and makes them durable.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let write = || {
        let mut file = private().create(true).truncate(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    at("write", path, write())
}

/// Gives `target` the content `bytes` in one durable step, by way of `temporary` on the same volume.
pub(crate) fn replace(temporary: &Path, target: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_whole(temporary, bytes)?;
    at("replace", target, fs::rename(temporary, target))?;
    sync_folder(parent(target))
}

/// The content of a file of at most `cap` bytes, and one byte more of a longer one; none if there is
/// no such file.
pub(crate) fn read_capped(path: &Path, cap: usize) -> Result<Option<Vec<u8>>, FileError> {
    let read = || {
        let mut bytes = Vec::new();
        let limit = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
        File::open(path)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    optional("read", path, read())
}

/// Opens a file for reading; none if there is no such file.
pub(crate) fn open(path: &Path) -> Result<Option<File>, FileError> {
    optional("open", path, File::open(path))
}

/// The names in a folder, in order; none if there is no such folder.
pub(crate) fn names(path: &Path) -> Result<Vec<String>, FileError> {
    let list = || {
        let names = fs::read_dir(path)?.map(|item| Ok(item?.file_name().to_string_lossy().into_owned()));
        let mut names = names.collect::<io::Result<Vec<String>>>()?;
        names.sort_unstable();
        Ok(names)
    };
    optional("list", path, list()).map(Option::unwrap_or_default)
}

fn optional<T>(action: &'static str, path: &Path, result: io::Result<T>) -> Result<Option<T>, FileError> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => at(action, path, result).map(Some),
    }
}
