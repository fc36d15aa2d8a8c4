//! The bytes of a ledger, as a second verifier needs them.
//!
//! *Digest* is BLAKE3 in key-derivation mode, the domain being the context string; *canonical* is the
//! encoding of `abi`. Integers of frames are little-endian.
//!
//! **`entries`** is a run of frames: length of the payload (u32), payload, chain digest after this
//! entry (32 bytes). The payload is the canonical map of exactly
//!
//! | key | value |
//! |---|---|
//! | `version` | int, [`VERSION`] |
//! | `index` | int, from 0 without gaps |
//! | `kind` | text, one of the words of `abi::EntryKind` |
//! | `job` | int, the job's number as two's complement |
//! | `task` | int, the task's number within the job |
//! | `inputs` | list of 32-byte digests |
//! | `body` | any value; if it is a map with the key `blobs`, that is a list of 32-byte blob digests |
//! | `prev` | 32 bytes, digest of the entry before; of the first, the genesis |
//!
//! An entry's digest is that of its payload under [`ENTRY_DOMAIN`]. The genesis is the digest of no
//! bytes under [`GENESIS_DOMAIN`]. The chain digest starts at the genesis; after an entry it is the
//! digest under [`CHAIN_DOMAIN`] of the chain digest before it followed by the entry's digest.
//!
//! **`head`** is the canonical map of exactly `version` (int), `count` (int), `chain` (32 bytes),
//! `length` (int, bytes of `entries` that are covered), `key` (32 bytes, the ed25519 public key) and
//! `signature` (64 bytes). The signed message is [`HEAD_DOMAIN`], a zero byte, and the canonical
//! encoding of the same map without `signature`.
//!
//! **`blobs`** holds each blob under the digest of its bytes under [`BLOB_DOMAIN`], in lower-case
//! hexadecimal, in a folder named by the first two digits.
//!
//! A blob that an entry names is there, unless the same entry or a later one is of the kind `forgotten` and has its
//! digest under `digest` (32 bytes) in its body: then it may be missing. If an entry after that one names the blob
//! again, it is there.
//!
//! **`head.new`** has the form of `head` and announces the head of an append that is under way.
//!
//! **`checkpoint`** is the canonical map of exactly `version` (int), `count` (int), `last` (32 bytes, the digest of entry
//! number `count - 1`, or the genesis), `chain` (32 bytes, the chain digest after that entry), `length` (int, bytes of
//! `entries` up to there), `open` (list of int, the numbers of the jobs that an entry of the kind `opened` opened and no
//! entry `committed` or `abstained` ended, in ascending order as unsigned numbers), `blob_bytes` (int), `key` and
//! `signature`, the signed message being as that of the head under [`CHECKPOINT_DOMAIN`]. It is written after the head
//! that covers its place, and may be missing.
//!
//! `head.tmp`, `blob.tmp` and `checkpoint.tmp` are writes that did not finish; they mean nothing. `lock` and the files in `jobs` are
//! empty. The files in `aside` are what was set aside, in pairs of two numbered names; no verifier reads them.

/// The version of the format, which every entry and every head states.
pub const VERSION: i64 = 1;
/// The domain (see [`Digest`](abi::Digest)) of the digest of an entry, which covers the bytes of its payload.
pub const ENTRY_DOMAIN: &str = "nmk.entry.v1";
/// The domain of the chain digest after an entry, which covers the chain digest before it and the entry's
/// digest.
pub const CHAIN_DOMAIN: &str = "nmk.chain.v1";
/// The domain of the genesis, which is the chain digest of a ledger without entries, where the chain starts.
pub const GENESIS_DOMAIN: &str = "nmk.genesis.v1";
/// The domain of the message that the signature of a head covers.
pub const HEAD_DOMAIN: &str = "nmk.head.v1";
/// The domain of the message that the signature of a checkpoint covers.
pub const CHECKPOINT_DOMAIN: &str = "nmk.checkpoint.v1";
/// The domain of the digest of a blob; that digest is also the name of its file.
pub const BLOB_DOMAIN: &str = abi::BLOB_DOMAIN;

/// Largest payload of an entry, in bytes. The writer refuses longer ones, and so do readers.
pub const MAX_ENTRY_BYTES: usize = abi::bounds::MAX_ENTRY_BYTES;
/// Largest blob, in bytes. The writer refuses longer ones, and so do readers.
pub const MAX_BLOB_BYTES: usize = abi::bounds::MAX_BLOB_BYTES;

pub(crate) const LENGTH_BYTES: usize = 4;
pub(crate) const DIGEST_BYTES: usize = 32;
/// The number of bytes that a frame has beside its payload.
pub(crate) const FRAME_BYTES: usize = LENGTH_BYTES + DIGEST_BYTES;

pub(crate) const ENTRIES: &str = "entries";
pub(crate) const HEAD: &str = "head";
pub(crate) const HEAD_ANNOUNCED: &str = "head.new";
pub(crate) const BLOBS: &str = "blobs";
pub(crate) const LOCK: &str = "lock";
/// One empty file for each job that a process works on, locked by that process.
pub(crate) const JOBS: &str = "jobs";
/// The folder of bytes that were beyond the head and are no part of the history.
pub(crate) const ASIDE: &str = "aside";
pub(crate) const HEAD_TEMPORARY: &str = "head.tmp";
pub(crate) const BLOB_TEMPORARY: &str = "blob.tmp";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const CHECKPOINT_TEMPORARY: &str = "checkpoint.tmp";
