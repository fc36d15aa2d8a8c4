//! The append-only history of what was judged.
//!
//! A ledger is a folder (mode 0700) with one writer at a time:
//!
//! | name | what it holds |
//! |---|---|
//! | `entries` | framed canonical entries, appended only |
//! | `head` | count, chain digest and length of the entries that are acknowledged, signed |
//! | `blobs/<hh>/<digest>` | immutable bytes that entries refer to |
//! | `lock` | held by the writer |
//!
//! An entry is acknowledged once a durable signed head covers it: entries are synced first, then the
//! head is replaced in one step. Bytes beyond the head were never acknowledged; a writer cuts them
//! when it opens and says so. A file that ends before its head has lost acknowledged entries, and no
//! code here repairs it. [`verify()`] changes nothing and fails on both; only while a writer is at work are
//! bytes beyond the head reported instead.
//!
//! What a passing [`verify()`] shows: whoever held the key of the pinned public key acknowledged exactly
//! these entries, in this order, and every blob they name is there unchanged. What it does not show:
//! that nothing was acknowledged after them. A folder that was rolled back as a whole to an older
//! state passes, and so does one that was sealed again with the stolen key; both differ only from a
//! head that was kept elsewhere, which [`verify()`] takes as `expected_head`.
//!
//! The bytes are described in [`format`](mod@format), so that a second verifier can be written from the text.

#![forbid(unsafe_code)]

mod audit;
mod blobs;
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
pub use error::{EntryFault, HeadFault, LedgerError, VerifyError};
pub use files::{Disk, FileError, MemoryDisk, OsDisk};
pub use keys::{KeyError, PublicKey, SigningKey};
pub use record::StoredEntry;
pub use verify::{Place, Verified, verify, verify_on};
pub use writer::{Caps, Ledger, OpenReport};
