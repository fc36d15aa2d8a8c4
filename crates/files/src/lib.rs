//! The disk seam: every file operation of the libraries goes through the trait [`Disk`].
//!
//! [`OsDisk`] is the file system of the machine. [`MemoryDisk`] holds files in memory, for benchmarks and
//! tests. [`FaultyDisk`] holds files in memory too, but it fails, tears writes and stops when a test tells it
//! to, and shows what a machine could find after a crash. A writer or reader that is generic over the disk
//! therefore runs unchanged, as it ships, under every fault.
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
mod memory;
mod os;

pub use disk::{Disk, Opened};
pub use durable::{create_folder, list, parent, read_up_to, replace, replace_via, sync_folder, write_synced};
pub use error::{FileError, with_context};
pub use faulty::{Fault, FaultyDisk, FaultyReader};
pub use memory::{MemoryDisk, MemoryLock};
pub use os::OsDisk;
