//! Entries: what a caller stores, and what the store returns.

use std::fmt;

use abi::{Digest, Value, encode};
use thiserror::Error;

/// The longest key of an entry in bytes.
pub const MAX_KEY_BYTES: usize = 512;
/// The longest kind of an entry in bytes.
pub const MAX_KIND_BYTES: usize = 64;
/// The domain of the digests of entries.
const DOMAIN: &str = "nmk.memory.entry.v1";
/// The beginning of the keys that belong to the store itself.
const RESERVED: &str = "__";

/// The key of an entry, which ordinary callers may use.
///
/// Holding one proves that the text is not empty, not longer than [`MAX_KEY_BYTES`], without control characters, and not
/// reserved for the store itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// The reason why a text is no key or no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFault {
    /// The text is empty.
    #[error("it is empty; state one")]
    Empty,
    /// The text is too long.
    #[error("it has {bytes} bytes, and {most} are the limit; shorten it")]
    TooLong {
        /// The bytes of the text.
        bytes: usize,
        /// The most bytes that it may have.
        most: usize,
    },
    /// The text contains a control character, such as the end of a line.
    #[error("it contains a control character; leave it out")]
    Control,
    /// The text begins as the keys of the store itself do.
    #[error("keys that begin with `__` belong to the store; choose another one")]
    Reserved,
}

impl Key {
    /// Returns the key with this text.
    ///
    /// # Errors
    /// Fails with the reason why the text is no key.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyFault> {
        let text = text.into();
        check(&text, MAX_KEY_BYTES)?;
        if text.starts_with(RESERVED) { Err(KeyFault::Reserved) } else { Ok(Self(text)) }
    }

    /// Returns the text of the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The kind of an entry, a short word that callers choose, such as `note`, `fact` or `plan`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind(String);

impl Kind {
    /// Returns the kind with this text.
    ///
    /// # Errors
    /// Fails if the text is empty, longer than [`MAX_KIND_BYTES`], or contains a control character.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyFault> {
        let text = text.into();
        check(&text, MAX_KIND_BYTES).map(|()| Self(text))
    }

    /// Returns the kind of an entry for which nothing else is stated.
    #[must_use]
    pub fn note() -> Self {
        Self("note".to_owned())
    }

    /// Returns the text of the kind.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check(text: &str, most: usize) -> Result<(), KeyFault> {
    match text.len() {
        0 => Err(KeyFault::Empty),
        bytes if bytes > most => Err(KeyFault::TooLong { bytes, most }),
        _ if text.contains(char::is_control) => Err(KeyFault::Control),
        _ => Ok(()),
    }
}

/// The worth of an entry for its caller, from 0 to [`Worth::MOST`]. An entry of more worth is kept longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Worth(u8); // Invariant: at most MOST.

impl Worth {
    /// The highest worth.
    pub const MOST: u8 = 10;

    /// Returns this worth, or None above [`Self::MOST`].
    #[must_use]
    pub fn new(worth: u8) -> Option<Self> {
        (worth <= Self::MOST).then_some(Self(worth))
    }

    /// Returns the worth as a number.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

/// An entry that a caller wants to store.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The key. An entry that has it already is replaced.
    pub key: Key,
    /// The kind.
    pub kind: Kind,
    /// The value.
    pub value: Value,
    /// The worth, which decides with the time of the last use how long the entry is kept.
    pub worth: Worth,
    /// True if the entry is to be pinned. An entry that is pinned already stays pinned.
    pub pin: bool,
}

impl Draft {
    /// Returns an entry of kind `note` without worth or pin.
    #[must_use]
    pub fn note(key: Key, value: Value) -> Self {
        Self { key, kind: Kind::note(), value, worth: Worth::default(), pin: false }
    }
}

/// An entry as the store returns it. Its digest was checked against its content.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The kind.
    pub kind: String,
    /// The value.
    pub value: Value,
    /// The digest of key, kind and value.
    pub digest: Digest,
    /// The worth.
    pub worth: u8,
    /// True if the entry is pinned.
    pub pinned: bool,
    /// The time at which an entry first had the key, in milliseconds since 1970 as callers stated it.
    pub created_ms: i64,
    /// The time of the last change.
    pub updated_ms: i64,
    /// The time of the last use that was written.
    pub accessed_ms: i64,
    /// The number of uses that were written.
    pub uses: i64,
}

/// An entry without its value, as [`Store::list`](crate::Store::list) returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// The kind.
    pub kind: String,
    /// True if the entry is pinned.
    pub pinned: bool,
    /// The worth.
    pub worth: u8,
    /// The bytes that count for the entry: those of its key, its kind and its encoded value.
    pub bytes: u64,
    /// The time of the last change.
    pub updated_ms: i64,
    /// The time of the last use that was written.
    pub accessed_ms: i64,
    /// The number of uses that were written.
    pub uses: i64,
}

/// The result of a write that was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The bytes that count for the entry.
    pub bytes: u64,
    /// True if an entry with the key was replaced.
    pub replaced: bool,
    /// The keys of the entries that were removed to make room, the least worth first.
    pub evicted: Vec<String>,
}

/// The state of a store in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// The entries, with the governance entry.
    pub entries: u64,
    /// The bytes that count for them.
    pub bytes: u64,
    /// The pinned entries, without the governance entry.
    pub pinned: u64,
    /// The bytes that those need by estimate, with their words.
    pub pinned_bytes: u64,
    /// The most bytes that pinned entries may need if an ordinary caller pins.
    pub pin_quota: u64,
    /// The quota in bytes.
    pub quota: u64,
    /// The length of the database in bytes.
    pub file_bytes: u64,
    /// The bytes of the database that are in use.
    pub used_bytes: u64,
    /// The bytes in use from which on a write removes entries.
    pub room_bytes: u64,
}

/// Returns the digest that belongs to the content of an entry.
pub(crate) fn digest(key: &str, kind: &str, value: &[u8]) -> Digest {
    let name = encode(&Value::List(vec![Value::text(key), Value::text(kind)]));
    Digest::hash_parts(DOMAIN, [name.as_slice(), value])
}

/// Returns the bytes that count for an entry.
pub(crate) fn counted_bytes(key: &str, kind: &str, value: &[u8]) -> u64 {
    (key.len() + kind.len() + value.len()) as u64
}
