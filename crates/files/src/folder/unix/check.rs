//! Checks of what is opened: plain files and folders of one owner.

use std::io;

use rustix::fs::{FileType, Mode, Stat};
use rustix::io::Errno;

use crate::Kind;
use crate::error::Irregular;

/// Bits of a mode that let others change a file.
const WRITABLE: u32 = 0o022;

/// The owner that everything in a folder has.
pub(super) struct Owned(pub(super) u32);

impl Owned {
    pub(super) fn check(&self, found: &Stat) -> Result<(), Irregular> {
        match found.st_uid {
            owner if owner == self.0 => Ok(()),
            found => Err(Irregular::Owner { found, wanted: self.0 }),
        }
    }
}

/// Refuses everything but a plain file of `owner`.
pub(super) fn plain(found: &Stat, owner: u32) -> Result<(), Irregular> {
    match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile => Owned(owner).check(found),
        FileType::Directory => Err(Irregular::Folder),
        other => Err(strange(other)),
    }
}

/// Returns the kind of a file or folder of `owner` that nobody else may change and that has one name.
pub(super) fn kind_of(found: &Stat, owner: u32) -> io::Result<Kind> {
    let kind = match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile if found.st_nlink > 1 => return Err(Irregular::HardLink.into()),
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        other => return Err(strange(other).into()),
    };
    Owned(owner).check(found)?;
    let mode = permissions(found);
    if mode & WRITABLE != 0 {
        return Err(Irregular::Writable { mode }.into());
    }
    Ok(kind)
}

/// Returns the permission bits of a mode.
#[allow(clippy::useless_conversion, reason = "the bits are 16 wide on some systems")]
pub(super) fn permissions(found: &Stat) -> u32 {
    u32::from(Mode::from_raw_mode(found.st_mode).as_raw_mode())
}

fn strange(kind: FileType) -> Irregular {
    match kind {
        FileType::Symlink => Irregular::SymbolicLink,
        FileType::Fifo => Irregular::Fifo,
        FileType::Socket => Irregular::Socket,
        _ => Irregular::Device,
    }
}

/// Returns the error of a folder that was not opened: the reason is in what has the name, where that is no folder.
pub(super) fn folder_error(error: Errno, found: rustix::io::Result<Stat>) -> io::Error {
    match found.map(|found| FileType::from_raw_mode(found.st_mode)) {
        Ok(FileType::RegularFile) => Irregular::NotAFolder.into(),
        Ok(FileType::Directory) | Err(_) => error.into(),
        Ok(other) => strange(other).into(),
    }
}

/// Returns true if both are the same file.
pub(super) fn same_file(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}
