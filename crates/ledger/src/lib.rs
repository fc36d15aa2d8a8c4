//! The append-only history of everything that was judged.
//!
//! A ledger is a folder (mode 0700) with one writer at a time:
//!
//! | name | content |
//! |---|---|
//! | `entries` | framed canonical entries, appended only |
//! | `head` | signed: count, chain digest and length of the acknowledged entries |
//! | `blobs/<hh>/<digest>` | immutable bytes that entries refer to |
//! | `lock` | locked by the writer |
//!
//! An entry is acknowledged once a durable signed head covers it: the writer syncs the entries first, and
//! then replaces the head in one step. Bytes beyond the head were never acknowledged; the next writer cuts
//! them when it opens the ledger, and reports the cut. A file that ends before its head has lost acknowledged
//! entries, and no code here repairs it. [`verify()`] changes nothing. It refuses both cases, except that it
//! only reports bytes beyond the head while a writer is at work.
//!
//! A passing [`verify()`] shows that whoever held the private key acknowledged exactly these entries, in this
//! order, and that every blob that they name is there unchanged. It does not show that nothing was
//! acknowledged after them. A folder that was rolled back as a whole to an older state passes, and so does
//! one that was signed again with the stolen key. A head that was kept elsewhere reveals both: pass it to
//! [`verify()`] as `expected_head`.
//!
//! Every file operation goes through [`Disk`], so the shipped writer and reader are tested over a disk that
//! tears, loses and refuses writes. The bytes are described in [`format`](mod@format), so that a second
//! verifier can be written from the text.

#![forbid(unsafe_code)]

mod audit;
mod blobs;
mod caps;
mod chain;
mod error;
mod fields;
pub mod format;
mod head;
pub mod keys;
mod record;
mod scan;
mod verify;
mod writer;

pub use abi::{Digest, Entry, EntryKind, JobId, Journal, Receipt, TaskId, Value};
pub use audit::{Entries, read, read_on};
pub use blobs::{blob, blob_on};
pub use caps::SizeLimits;
pub use error::{EntryFault, HeadFault, LedgerError, VerifyError};
pub use files::{Disk, FileError, MemoryDisk, OsDisk};
pub use keys::{KeyError, PublicKey, SigningKey};
pub use record::StoredEntry;
pub use verify::{HeadPosition, Verified, verify, verify_on};
pub use writer::{Ledger, OpenReport};
