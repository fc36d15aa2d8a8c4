//! Plain data and the two traits that cross the privilege boundary.
//!
//! Every plane may name this crate, so nothing in it grants anything: a [`Value`] is a value, a [`Proposal`]
//! is a value with a statement of where it came from, an [`Entry`] is an event that somebody wants to record.
//! Only `det` says whether any of it is right.
//!
//! The crate is `no_std`: clocks, files, threads and the network are absent, not forbidden. It cannot compare
//! values either; the one structural comparator of the project is `det::equal`.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod binary64;
pub mod bounds;
mod canonical;
mod conversation;
mod counted;
mod decimal;
mod decode;
mod decoding;
mod digest;
mod dropping;
mod encode;
mod fact;
mod fields;
mod generation;
mod ids;
mod journal;
mod proposal;
mod proposer;
mod readers;
mod traps;
mod value;

pub use canonical::{Body, Canonical, MapWriter, write_map};
pub use conversation::{Conversation, ConversationError, Message, Role};
pub use counted::{Counted, counted};
pub use decimal::Decimal;
pub use decode::{DecodeError, MAX_DEPTH, decode};
pub use decoding::Decoding;
pub use digest::{BLOB_DOMAIN, Digest, Domain, ParseDigestError};
pub use encode::encode;
pub use fact::Fact;
pub use fields::FieldError;
pub use generation::{GenerationBlobs, GenerationRecord, GenerationRecordError};
pub use ids::{JobId, TaskId};
pub use journal::{Entry, EntryKind, Journal, Receipt};
pub use proposal::{Origin, Proposal};
pub use proposer::{Draft, Identity, Proposer, Request, Step, Stop, Thinking, Usage};
pub use traps::{EntryRecord, ForbiddenRecord, TrapRecord};
pub use value::{Float, Value};
