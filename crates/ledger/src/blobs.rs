//! Blobs: immutable bytes beside the chain, stored under their digest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use abi::{Digest, Domain};
use files::{Disk, FileError, Kind, with_context};

use crate::audit::opened;
use crate::format::{BLOB_DOMAIN, BLOB_TEMPORARY, BLOBS, MAX_BLOB_BYTES};
use crate::{LedgerError, VerifyError};

/// The state of a blob on disk, as [`find`] returns it.
pub(crate) enum Found {
    /// There is no file for the blob.
    Missing,
    /// The file has bytes with another digest than the one in its name.
    Changed,
    /// The file is unchanged, and these are its bytes.
    Whole(Vec<u8>),
}

/// Returns the path of the blob with this digest.
pub(crate) fn place(folder: &Path, digest: &Digest) -> PathBuf {
    let name = digest.to_string();
    folder.join(BLOBS).join(&name[..2]).join(name)
}

/// Reads the blob with this digest and checks that its bytes have the digest.
pub(crate) fn find(disk: &impl Disk, folder: &Path, digest: &Digest) -> Result<Found, FileError> {
    Ok(match files::read_up_to(disk, &place(folder, digest), MAX_BLOB_BYTES + 1)? {
        None => Found::Missing,
        Some(bytes) if bytes.len() <= MAX_BLOB_BYTES && digest_of(&bytes) == *digest => Found::Whole(bytes),
        Some(_) => Found::Changed,
    })
}

/// Returns the digest under which a blob is stored.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    static BLOB: LazyLock<Domain> = LazyLock::new(|| Domain::new(BLOB_DOMAIN));
    BLOB.digest([bytes])
}

/// Stores a blob and makes its content durable. The folders that must be synced to make its name durable too
/// are added to `unsynced`.
///
/// The file gets its name only after its content is durable, so a blob on disk is whole whenever the machine
/// stops.
pub(crate) fn put(
    disk: &impl Disk,
    folder: &Path,
    digest: &Digest,
    bytes: &[u8],
    unsynced: &mut BTreeSet<PathBuf>,
) -> Result<(), LedgerError> {
    let path = place(folder, digest);
    let temporary = folder.join(BLOB_TEMPORARY);
    let shelf = files::parent(&path);
    if !disk.is_folder(shelf) {
        unsynced.insert(folder.join(BLOBS));
        with_context("create", shelf, disk.create_folder(shelf))?;
    }
    files::write_synced(disk, &temporary, bytes)?;
    unsynced.insert(shelf.to_path_buf());
    with_context("replace", &path, disk.rename(&temporary, &path))?;
    Ok(())
}

/// Returns the blob with the digest `digest` from the ledger in `folder`, after comparing its bytes with the
/// digest.
///
/// # Errors
/// [`VerifyError::NoBlob`] if the blob is missing, [`VerifyError::Blob`] if it was changed, and
/// [`VerifyError::File`] if the file system refuses.
pub fn blob(folder: &Path, digest: &Digest) -> Result<Vec<u8>, VerifyError> {
    blob_on(&opened(folder)?, folder, digest)
}

/// Does the same as [`blob`], on `disk` instead of the machine's disk.
///
/// # Errors
/// Fails as [`blob`] does.
pub fn blob_on(disk: &impl Disk, folder: &Path, digest: &Digest) -> Result<Vec<u8>, VerifyError> {
    match find(disk, folder, digest)? {
        Found::Whole(bytes) => Ok(bytes),
        Found::Changed => Err(VerifyError::Blob { path: place(folder, digest) }),
        Found::Missing => Err(VerifyError::NoBlob { path: folder.to_path_buf(), digest: *digest }),
    }
}

/// Returns the size of all blobs together, in bytes. Fails, as verification does, if anything else lies among them.
pub(crate) fn total_bytes(disk: &impl Disk, folder: &Path) -> Result<u64, VerifyError> {
    let mut total = 0;
    each_blob(disk, folder, |path, _| {
        total += with_context("measure", path, disk.length(path))?.unwrap_or(0);
        Ok(())
    })?;
    Ok(total)
}

/// Checks every blob that is not among `checked`, and that no other file lies among the blobs. Returns the
/// number of all blobs, checked ones included.
pub(crate) fn check_rest(
    disk: &impl Disk,
    folder: &Path,
    checked: &BTreeSet<Digest>,
) -> Result<u64, VerifyError> {
    let mut count = 0;
    each_blob(disk, folder, |path, digest| {
        count += 1;
        if checked.contains(&digest) {
            return Ok(());
        }
        match find(disk, folder, &digest)? {
            Found::Whole(_) => Ok(()),
            Found::Missing | Found::Changed => Err(VerifyError::Blob { path: path.to_path_buf() }),
        }
    })?;
    Ok(count)
}

/// Calls `visit` with path and digest of every file among the blobs. Fails if one has another name than that of a
/// blob in its place, or is no plain file.
fn each_blob(
    disk: &impl Disk,
    folder: &Path,
    mut visit: impl FnMut(&Path, Digest) -> Result<(), VerifyError>,
) -> Result<(), VerifyError> {
    for shelf_path in shelves(disk, folder)? {
        for name in files::list(disk, &shelf_path)? {
            let path = shelf_path.join(&name);
            if with_context("open", &path, disk.kind(&path))? == Some(Kind::Folder) {
                return Err(VerifyError::Stray { path });
            }
            match name.parse::<Digest>() {
                Ok(digest) if place(folder, &digest) == path => visit(&path, digest)?,
                _ => return Err(VerifyError::Blob { path }),
            }
        }
    }
    Ok(())
}

/// Returns the paths of the folders that hold the blobs. Fails if anything else lies beside them.
pub(crate) fn shelves(disk: &impl Disk, folder: &Path) -> Result<Vec<PathBuf>, VerifyError> {
    let root = folder.join(BLOBS);
    let mut shelves = Vec::new();
    for shelf in files::list(disk, &root)? {
        let path = root.join(&shelf);
        let is_shelf =
            shelf.len() == 2 && shelf.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if with_context("open", &path, disk.kind(&path))? != Some(Kind::Folder) || !is_shelf {
            return Err(VerifyError::Stray { path });
        }
        shelves.push(path);
    }
    Ok(shelves)
}
