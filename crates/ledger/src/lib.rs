//! The append-only history of everything that was judged.
//!
//! A ledger is a folder (mode 0700) that any number of processes share:
//!
//! | name | content |
//! |---|---|
//! | `entries` | framed canonical entries, appended only |
//! | `head` | signed: count, chain digest and length of the acknowledged entries |
//! | `head.new` | the signed head of an append that is under way |
//! | `blobs/<hh>/<digest>` | immutable bytes that entries refer to |
//! | `lock` | locked during an append |
//! | `jobs/<job>` | locked by the process that works on the job |
//! | `aside/<n>.entries`, `aside/<n>.head`, `aside/<n>.checkpoint` | what was set aside |
//! | `checkpoint` | signed: a place in the chain from which a writer reads on, and the jobs that are open there |
//!
//! An entry is acknowledged once a durable signed head covers it. An append announces the next signed head in
//! `head.new`, syncs the entries, and then renames the announcement to `head`. So a crash can be told from a rollback:
//! what is announced and complete is finished by the next writer, what is announced and torn is set aside and
//! reported, and what nobody announced is refused until [`repair`] sets it aside. A file that ends before its head has
//! lost acknowledged entries, and no code here repairs it. [`verify()`] changes nothing. It refuses all of these
//! cases, except that announced bytes are only reported while a writer is at work.
//!
//! A writer checks the signed head, the signed checkpoint, and the entries after the checkpoint. The chain of these entries
//! must lead from the checkpoint to the head, so a checkpoint of another history is refused, and one beyond the head shows
//! that an older head was put back. The entries before the checkpoint are checked by whoever reads them, and by
//! [`verify()`], which reads every entry from the first one and compares the checkpoint with them.
//!
//! Files are opened in the ledger's folder without following links. Links, FIFOs and devices are refused by name.
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

mod acknowledged;
mod audit;
mod beyond;
mod blobs;
mod caps;
mod chain;
mod checkpoint;
mod error;
mod fields;
pub mod format;
mod head;
pub mod keys;
mod record;
mod scan;
mod signed;
mod standing;
mod survey;
mod verify;
mod writer;

pub use abi::{Digest, Entry, EntryKind, JobId, Journal, Receipt, TaskId, Value};
pub use acknowledged::read_signed;
pub use audit::{Entries, bytes_beyond_head, is_claimed, read, read_on};
pub use blobs::{blob, blob_on};
pub use caps::SizeLimits;
pub use error::{EntryFault, HeadFault, LedgerError, VerifyError};
pub use files::{Disk, FileError, FolderDisk, Irregular, MemoryDisk, OsDisk};
pub use keys::{KeyError, PublicKey, SigningKey, TrustedKey};
pub use record::StoredEntry;
pub use verify::{HeadPosition, Verified, verify, verify_on};
pub use writer::{JobClaim, Ledger, OpenReport, Repaired, Settled, repair, repair_on};
