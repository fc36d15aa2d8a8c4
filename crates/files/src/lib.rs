//! The disk seam: every file operation of the libraries goes through the trait [`Disk`].
//!
//! [`OsDisk`] is the file system of the machine. [`FolderDisk`] is one folder of it, in which no link is followed and
//! only plain files of the folder's owner are opened; the folder may have been written by somebody else. [`MemoryDisk`] holds files in memory, for benchmarks and tests.
//! [`FaultyDisk`] holds files in memory too, but it fails, writes halves and stops as a test tells it to, and says
//! what a machine could find after a crash. A writer or reader that is generic over the disk therefore runs
//! unchanged, as it ships, over every fault.
//!
//! The functions beside the trait are the few operations that callers share: [`read_up_to`] bounds the bytes
//! that are read, [`replace`] gives a file new content in one step that a crash cannot split, and every
//! [`FileError`] names the action and the path.
//!
//! The crate decides nothing: it does not choose paths, and it knows no format.

#![forbid(unsafe_code)]

mod disk;
mod durable;
mod error;
mod faulty;
mod folder;
mod lock;
mod memory;
mod os;

pub use disk::{Disk, Kind, Opened};
pub use durable::{create_folder, list, parent, read_up_to, replace, replace_via, sync_folder, write_synced};
pub use error::{FileError, Irregular, with_context};
pub use faulty::{Fault, FaultyDisk, FaultyReader};
pub use folder::{FolderDisk, FolderLock};
pub use memory::{MemoryDisk, MemoryLock};
pub use os::OsDisk;
