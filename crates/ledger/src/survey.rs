//! The names in a ledger's folder, of which each has its place.

use std::path::Path;

use files::{Disk, FileError, Kind, with_context};

use crate::VerifyError;
use crate::format::{
    ASIDE, BLOB_TEMPORARY, BLOBS, CHECKPOINT, CHECKPOINT_TEMPORARY, ENTRIES, HEAD, HEAD_ANNOUNCED,
    HEAD_TEMPORARY, JOBS, LOCK,
};

/// Everything that lies in a ledger's folder.
pub(crate) const NAMES: [(&str, Kind); 11] = [
    (ENTRIES, Kind::File),
    (HEAD, Kind::File),
    (HEAD_ANNOUNCED, Kind::File),
    (BLOBS, Kind::Folder),
    (LOCK, Kind::File),
    (JOBS, Kind::Folder),
    (ASIDE, Kind::Folder),
    (HEAD_TEMPORARY, Kind::File),
    (BLOB_TEMPORARY, Kind::File),
    (CHECKPOINT, Kind::File),
    (CHECKPOINT_TEMPORARY, Kind::File),
];

/// Checks that everything in the folder is a part of a ledger, plain, with one name, of one owner, and closed to changes
/// by others. What lies in `blobs` is checked elsewhere.
///
/// Writers and verifiers check the same, so that nobody writes on in a folder that does not verify.
pub(crate) fn check_all(disk: &impl Disk, folder: &Path) -> Result<(), VerifyError> {
    with_context("open", folder, disk.kind(folder))?;
    for name in files::list(disk, folder)? {
        let path = folder.join(&name);
        let found = with_context("open", &path, disk.kind(&path))?;
        let expected = NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
        // A writer may have renamed or removed it since the names were read. A name that is not UTF-8 was not found because
        // it is listed with a stand-in for its bytes, and no part of a ledger has one.
        let is_gone = found.is_none() && !name.contains(char::REPLACEMENT_CHARACTER);
        let fits = is_gone || (found.is_some() && found == expected);
        let is_empty = name != LOCK || with_context("measure", &path, disk.length(&path))?.unwrap_or(0) == 0;
        if !(fits && is_empty) {
            return Err(VerifyError::Stray { path });
        }
    }
    check_files(disk, &folder.join(JOBS), is_job, true)?;
    check_files(disk, &folder.join(ASIDE), is_aside, false)
}

/// Checks that a folder holds files alone, whose names have the form that `named` accepts.
fn check_files(
    disk: &impl Disk,
    folder: &Path,
    named: fn(&str) -> bool,
    empty: bool,
) -> Result<(), VerifyError> {
    for name in files::list(disk, folder)? {
        let path = folder.join(&name);
        let kind = with_context("open", &path, disk.kind(&path))?;
        let is_empty =
            || Ok::<_, FileError>(with_context("measure", &path, disk.length(&path))?.unwrap_or(0) == 0);
        if kind == Some(Kind::Folder) || !named(&name) || (empty && !is_empty()?) {
            return Err(VerifyError::Stray { path });
        }
    }
    Ok(())
}

/// Returns true for `job-` and 16 hexadecimal digits.
fn is_job(name: &str) -> bool {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    name.strip_prefix("job-").is_some_and(|digits| digits.len() == 16 && digits.bytes().all(is_digit))
}

/// Returns true for a number, a dot and `entries`, `head` or `checkpoint`.
pub(crate) fn is_aside(name: &str) -> bool {
    let parts = name.split_once('.');
    parts.is_some_and(|(number, what)| {
        let is_number =
            !number.is_empty() && number.len() < 20 && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number && [ENTRIES, HEAD, CHECKPOINT].contains(&what)
    })
}
