//! One folder of the machine's disk, opened so that nothing in it leads elsewhere.

#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use portable::{FolderDisk, FolderLock};
#[cfg(unix)]
pub use unix::{FolderDisk, FolderLock};
