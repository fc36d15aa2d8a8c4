//! Immutable bytes beside the chain, keyed by digest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use abi::Digest;

use crate::files;
use crate::format::{BLOB_DOMAIN, BLOB_TEMPORARY, BLOBS, MAX_BLOB_BYTES};
use crate::{LedgerError, VerifyError};

/// What lies where a blob should.
pub(crate) enum Found {
    Missing,
    Changed,
    Whole(Vec<u8>),
}

/// Where the blob of this digest lies.
pub(crate) fn place(folder: &Path, digest: &Digest) -> PathBuf {
    let name = digest.to_string();
    folder.join(BLOBS).join(&name[..2]).join(name)
}

/// Reads the blob of this digest and checks it.
pub(crate) fn find(folder: &Path, digest: &Digest) -> Result<Found, crate::FileError> {
    Ok(match files::read_capped(&place(folder, digest), MAX_BLOB_BYTES)? {
        None => Found::Missing,
        Some(bytes) if Digest::of(BLOB_DOMAIN, &bytes) == *digest => Found::Whole(bytes),
        Some(_) => Found::Changed,
    })
}

/// Keeps `bytes` durably under their digest.
pub(crate) fn keep(folder: &Path, bytes: &[u8]) -> Result<Digest, LedgerError> {
    if bytes.len() > MAX_BLOB_BYTES {
        return Err(LedgerError::BlobTooLong { bytes: bytes.len() });
    }
    let digest = Digest::of(BLOB_DOMAIN, bytes);
    let path = place(folder, &digest);
    match find(folder, &digest)? {
        Found::Whole(_) => Ok(digest),
        Found::Changed => Err(LedgerError::BlobChanged { digest, path }),
        Found::Missing => {
            files::create_durable_folder(files::parent(&path))?;
            files::replace(&folder.join(BLOB_TEMPORARY), &path, bytes)?;
            Ok(digest)
        }
    }
}

/// The blob of `digest` in the ledger at `folder`, checked against it.
///
/// # Errors
/// If it is not there or was changed.
pub fn blob(folder: &Path, digest: &Digest) -> Result<Vec<u8>, VerifyError> {
    match find(folder, digest)? {
        Found::Whole(bytes) => Ok(bytes),
        Found::Changed => Err(VerifyError::Blob { path: place(folder, digest) }),
        Found::Missing => Err(VerifyError::NoBlob { path: folder.to_path_buf(), digest: *digest }),
    }
}

/// Checks every blob that is not among `checked`, and that nothing else lies beside them; returns how
/// many blobs there are in all.
pub(crate) fn check_rest(folder: &Path, checked: &BTreeSet<Digest>) -> Result<u64, VerifyError> {
    let mut count = 0;
    let root = folder.join(BLOBS);
    for shelf in files::names(&root)? {
        for name in files::names(&root.join(&shelf))? {
            check_named(folder, &root.join(&shelf).join(&name), &name, checked)?;
            count += 1;
        }
    }
    Ok(count)
}

fn check_named(
    folder: &Path,
    path: &Path,
    name: &str,
    checked: &BTreeSet<Digest>,
) -> Result<(), VerifyError> {
    let misnamed = || VerifyError::Blob { path: path.to_path_buf() };
    let digest: Digest = name.parse().map_err(|_| misnamed())?;
    if place(folder, &digest) != path {
        return Err(misnamed());
    }
    if checked.contains(&digest) {
        return Ok(());
    }
    match find(folder, &digest)? {
        Found::Whole(_) => Ok(()),
        Found::Missing | Found::Changed => Err(misnamed()),
    }
}
