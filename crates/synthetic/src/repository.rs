//! Files of this repository that tests read.

use std::path::{Path, PathBuf};

/// Returns the path of a file or folder of this repository, given its path from the root.
#[must_use]
pub fn repository_path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Returns the bytes of a file of this repository, given its path from the root.
///
/// # Panics
/// If there is no such file.
#[must_use]
pub fn repository_file(path: &str) -> Vec<u8> {
    let path = repository_path(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
