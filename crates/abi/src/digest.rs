//! BLAKE3 digests with a domain.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use blake3::hazmat::HasherExt;

use crate::{Value, encode};

/// The domain of blobs, which are bytes that a journal keeps beside its entries.
pub const BLOB_DOMAIN: &str = "nmk.blob.v1";

/// A 32-byte BLAKE3 digest in key-derivation mode, the domain being the context.
///
/// Two digests are comparable only when they were made under one domain; the domains in use are
/// `nmk.<noun>.v<n>` constants beside the type that they digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes` under `domain`.
    #[must_use]
    pub fn of(domain: &str, bytes: &[u8]) -> Self {
        Self::of_parts(domain, [bytes])
    }

    /// The digest of the concatenation of `parts` under `domain`. Parts are not delimited: a caller
    /// whose parts vary in length writes their lengths too.
    #[must_use]
    pub fn of_parts<'a>(domain: &str, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(domain);
        for part in parts {
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The digest of the canonical encoding of `value` under `domain`.
    #[must_use]
    pub fn of_value(domain: &str, value: &Value) -> Self {
        Self::of(domain, &encode(value))
    }

    /// Returns the digest under which a [`Journal`](crate::Journal) keeps `bytes` as a blob.
    #[must_use]
    pub fn of_blob(bytes: &[u8]) -> Self {
        Self::of(BLOB_DOMAIN, bytes)
    }

    /// A digest that was stored; whether anything has it is not known.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest as a bytes value, as contracts and entries hold it.
    #[must_use]
    pub fn to_value(self) -> Value {
        Value::Bytes(self.0.to_vec())
    }

    /// The first 12 hexadecimal digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        alloc::format!("{self}").chars().take(12).collect()
    }
}

/// A domain whose context was hashed once, for those who make many digests under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain(blake3::hazmat::ContextKey);

impl Domain {
    /// The domain of that name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(blake3::hazmat::hash_derive_key_context(name))
    }

    /// The domain whose context key, BLAKE3's hash of the name in its context mode, was computed beforehand.
    /// For crates that have nowhere to keep what they compute once; a test there holds it against
    /// [`new`](Self::new).
    #[must_use]
    pub const fn of_context_key(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// As [`Digest::of_parts`] under this domain.
    #[must_use]
    pub fn digest<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Digest {
        let mut hasher = blake3::Hasher::new_from_context_key(&self.0);
        for part in parts {
            hasher.update(part);
        }
        Digest(*hasher.finalize().as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// A text that is not 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseDigestError;

impl fmt::Display for ParseDigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest is 64 hexadecimal digits in lower case")
    }
}

impl core::error::Error for ParseDigestError {}

impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(ParseDigestError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Result<u8, ParseDigestError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(ParseDigestError),
    }
}
