//! Files of this repository that tests read.

use std::path::{Path, PathBuf};

/// Returns the path of a file or folder, given from the root of the repository.
#[must_use]
pub fn repository_path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Returns the bytes of a file, given by its path from the root of the repository.
///
/// # Panics
/// If there is no such file.
#[must_use]
pub fn repository_file(path: &str) -> Vec<u8> {
    let path = repository_path(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
