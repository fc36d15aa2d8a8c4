//! A store of what is worth remembering, in one file under a hard quota.
//!
//! A [`Store`] is a folder (mode 0700) that any number of processes share:
//!
//! | name | content |
//! |---|---|
//! | `memory.sqlite` | the entries and their text index, in one database |
//! | `memory.sqlite-journal` | the pages that a write replaces, while it lasts |
//!
//! An entry is a key, a kind, a typed [`Value`](abi::Value) and the numbers by which it is kept. [`Store::consult`] returns
//! the entries that fit a request best, within a budget of tokens.
//!
//! # The quota
//! The files of the folder are never longer together than the [`Quota`], also while a write is under way and while the next
//! process undoes a write that was killed. The database has a limit of pages, and the journal of a write holds each page
//! that existed before it at most once. So the limit is a little under half of what the quota has room for, and the sum
//! is a matter of arithmetic. A write-ahead log would leave more room for data, but a single reader that does not end
//! makes it grow without a limit. Temporary tables stay in memory.
//!
//! # What a write does
//! A write is one transaction. It makes room by removing the entries that are worth least, as [`retention`] computes it,
//! and either commits with them or leaves all of them in place. A write that returned survives a kill of the
//! process and a loss of power.
//!
//! A read writes nothing. It notes in memory that an entry was used, and the next write of this [`Store`] writes the notes
//! along. A process that ends without a write loses them, which makes the choice of what is removed a little worse and
//! nothing else.
//!
//! # Who may do what
//! An ordinary caller can pin entries up to a share of the quota, and cannot remove what is pinned. Whoever holds a
//! [`Steward`] can pin more, and take pins back. The entry [`GOVERNANCE_KEY`] has the rules of the store in words; it is
//! always there, and only a steward changes its text.
//!
//! The crate has no clock. Times are milliseconds since 1970 that the caller passes; they order entries and prove nothing.

#![forbid(unsafe_code)]

mod connection;
mod consult;
mod entry;
mod error;
mod export;
mod governance;
mod import;
mod json;
mod quota;
mod recency;
mod retention;
mod room;
mod rows;
mod schema;
mod steward;
mod store;
mod words;
mod write;

pub use abi::Value;
pub use consult::{Consultation, Recalled};
pub use entry::{
    Draft, Entry, Key, KeyFault, Kind, Listed, MAX_KEY_BYTES, MAX_KIND_BYTES, Stats, Stored, Worth,
};
pub use error::MemoryError;
pub use export::{MAX_LINE_BYTES, export_line};
pub use governance::{GOVERNANCE, GOVERNANCE_KEY};
pub use import::{Imported, LineFault, parse_line};
pub use quota::{MIN_QUOTA, Quota};
pub use retention::retention;
pub use steward::Steward;
pub use store::{FILE, Options, Store};
pub use words::{MAX_INDEXED_BYTES, estimate_tokens};
