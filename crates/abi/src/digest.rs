//! Digests: BLAKE3 in key-derivation mode, under a domain.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use blake3::hazmat::HasherExt;

use crate::{Value, encode};

/// The domain of blobs, which are bytes that a [`Journal`](crate::Journal) stores beside its entries.
pub const BLOB_DOMAIN: &str = "nmk.blob.v1";

/// A 32-byte BLAKE3 digest in key-derivation mode, with a domain as the context.
///
/// A domain is a name such as `nmk.blob.v1` that says what the bytes are; equal digests say something only if
/// both were made under one domain. Most domains are constants in the module that makes the digest. Holding a
/// digest does not prove that any bytes have it, because any 32 bytes can be a digest.
///
/// ```
/// use abi::Digest;
///
/// let digest = Digest::hash("nmk.example.v1", b"strawberry");
/// assert_ne!(digest, Digest::hash("nmk.other.v1", b"strawberry"));
/// assert_eq!(digest.to_string().parse(), Ok(digest));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Returns the digest of `bytes` under the domain named `domain`.
    #[must_use]
    pub fn hash(domain: &str, bytes: &[u8]) -> Self {
        Self::hash_parts(domain, [bytes])
    }

    /// Returns the digest of the concatenation of `parts` under `domain`.
    ///
    /// Nothing marks where a part ends, so a caller whose parts vary in length writes their lengths too.
    #[must_use]
    pub fn hash_parts<'a>(domain: &str, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(domain);
        for part in parts {
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// Returns the digest of the canonical encoding of `value` under `domain`.
    #[must_use]
    pub fn hash_value(domain: &str, value: &Value) -> Self {
        Self::hash(domain, &encode(value))
    }

    /// Returns the digest under which a [`Journal`](crate::Journal) stores `bytes` as a blob.
    #[must_use]
    pub fn hash_blob(bytes: &[u8]) -> Self {
        Self::hash(BLOB_DOMAIN, bytes)
    }

    /// Returns the digest with these bytes, for example one that was read from a file. Nothing shows that any
    /// data has this digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes of the digest, in the order of its hexadecimal text.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the digest as a byte string, which is how contracts and entries hold it.
    #[must_use]
    pub fn to_value(self) -> Value {
        Value::Bytes(self.0.to_vec())
    }

    /// Returns the first 12 hexadecimal digits of the digest, for people who compare two digests at a glance.
    #[must_use]
    pub fn short(&self) -> String {
        alloc::format!("{self}").chars().take(12).collect()
    }
}

/// A domain whose name was hashed in advance, for a caller that makes many digests under it.
///
/// [`Digest::hash`] hashes the name of its domain on each call; a `Domain` stores the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain(blake3::hazmat::ContextKey);

impl Domain {
    /// Returns the domain with this name, after hashing the name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(blake3::hazmat::hash_derive_key_context(name))
    }

    /// Returns the domain with this context key, which is BLAKE3's hash of the domain's name in its context
    /// mode.
    ///
    /// A `no_std` crate has nowhere to store a key that it computes once, so it contains the key as a
    /// constant; a test in that crate compares the constant with [`new`](Self::new).
    #[must_use]
    pub const fn from_context_key(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Returns the digest of the concatenation of `parts`, equal to that of [`Digest::hash_parts`] under this
    /// domain's name.
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

/// The error of parsing a text as a [`Digest`]: the text is not 64 hexadecimal digits in lower case.
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
