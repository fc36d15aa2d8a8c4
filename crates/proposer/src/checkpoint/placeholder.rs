//! Files that stand where a file of the model should be: a pointer of Git LFS, or a web page.

use std::path::Path;

use crate::error::LoadError;

/// The first line of every pointer file, by the specification of Git LFS.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
/// The beginnings of a web page, in lower case.
const PAGES: [&[u8]; 2] = [b"<!doctype html", b"<html"];

/// Refuses a file that was not fetched itself.
pub(super) fn refuse(path: &Path, bytes: &[u8]) -> Result<(), LoadError> {
    let path = path.to_owned();
    if bytes.starts_with(POINTER) {
        return Err(LoadError::LfsPointer { path, size: pointed_size(bytes) });
    }
    let start = bytes.trim_ascii_start();
    let is_page =
        |page: &&[u8]| start.get(..page.len()).is_some_and(|start| start.eq_ignore_ascii_case(page));
    if PAGES.iter().any(is_page) {
        return Err(LoadError::WebPage { path });
    }
    Ok(())
}

/// Returns the size of the file that a pointer stands for, in bytes.
fn pointed_size(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.lines().find_map(|line| line.strip_prefix("size ")?.trim().parse().ok())
}
