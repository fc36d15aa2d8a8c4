//! Canonical bytes that are written without building a value first.
//!
//! A ledger entry or a verdict is a map that is encoded once and never changed. Building a [`Value`] for it
//! costs an allocation for each key; a [`MapWriter`] appends the same bytes directly.

use alloc::vec::Vec;

use crate::decode::field;
use crate::encode::{BYTES, FALSE, INT, LIST, MAP, NULL, TEXT, TRUE, encode_into, write_length, write_run};
use crate::{Digest, Value, decode};

/// The canonical encoding of one value, as bytes.
///
/// Holding one proves that the bytes are canonical, because they come from a [`Value`] or from a
/// [`MapWriter`] and never from outside. It does not prove that [`decode`](fn@crate::decode) accepts them: a
/// value may nest deeper than any reader follows.
///
/// ```
/// use abi::{Canonical, Value, encode};
///
/// let written = Canonical::map(|map| {
///     map.int("count", 3);
///     map.text("word", "strawberry");
/// });
/// let built = Value::map([("word", Value::text("strawberry")), ("count", Value::Int(3))]);
/// assert_eq!(written.as_bytes(), encode(&built));
/// ```
#[derive(Clone, Debug)]
pub struct Canonical {
    bytes: Vec<u8>,
    depth: usize,
}

impl Canonical {
    /// Returns the encoding of `body`. If `body` is a [`Canonical`] already, its bytes are copied.
    ///
    /// # Panics
    /// Panics if [`encode`](crate::encode) panics for the body.
    #[must_use]
    pub fn from_body(body: &impl Body) -> Self {
        let mut bytes = Vec::new();
        body.write(&mut bytes);
        Self { bytes, depth: body.depth() }
    }

    /// Returns the encoding of a map whose fields `fill` writes, in ascending order of their keys. No map of
    /// values is built that could sort them.
    ///
    /// # Panics
    /// Panics if a key does not come after the key before it, or if the writing of a field panicked.
    #[must_use]
    pub fn map(fill: impl FnOnce(&mut MapWriter<'_>)) -> Self {
        let mut bytes = Vec::with_capacity(512);
        let depth = write_map(&mut bytes, fill);
        Self { bytes, depth }
    }

    /// Returns the bytes of the encoding, without a length before them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body of an [`Entry`](crate::Entry): a [`Value`], or a [`Canonical`] that was written without building
/// one.
///
/// The trait is sealed, because a journal trusts a body to write canonical bytes.
pub trait Body: sealed::Sealed {
    /// Appends the canonical encoding of the body to `out`, and changes nothing else.
    ///
    /// # Panics
    /// Panics if [`encode`](crate::encode) panics for the value.
    fn write(&self, out: &mut Vec<u8>);

    /// Returns the depth to which lists and maps nest; a body that is neither has depth 0.
    fn depth(&self) -> usize;

    /// Returns the number of bytes that [`write`](Self::write) appends. Recursion is as deep as the body nests.
    fn encoded_bytes(&self) -> usize;

    /// Returns the value under `key`, or None if the body is not a map that has the key.
    fn field(&self, key: &str) -> Option<Value>;

    /// Returns the body as a value, or None if its bytes nest deeper than [`MAX_DEPTH`](crate::MAX_DEPTH),
    /// which no reader accepts.
    fn to_value(&self) -> Option<Value>;
}

impl Body for Value {
    fn write(&self, out: &mut Vec<u8>) {
        encode_into(self, out);
    }

    fn depth(&self) -> usize {
        Self::depth(self)
    }

    fn encoded_bytes(&self) -> usize {
        crate::encode(self).len()
    }

    fn field(&self, key: &str) -> Option<Value> {
        self.get(key).cloned()
    }

    fn to_value(&self) -> Option<Value> {
        Some(self.clone())
    }
}

impl Body for Canonical {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes);
    }

    fn depth(&self) -> usize {
        self.depth
    }

    fn encoded_bytes(&self) -> usize {
        self.bytes.len()
    }

    fn field(&self, key: &str) -> Option<Value> {
        field(&self.bytes, key)
    }

    fn to_value(&self) -> Option<Value> {
        decode(&self.bytes).ok()
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Value {}
    impl Sealed for super::Canonical {}
}

/// A writer of the fields of one map, which appends their canonical encoding to a vector.
///
/// A caller gets one from [`Canonical::map`] or [`write_map`]. Keys must come in strictly ascending byte
/// order; every method panics on a key that does not. A field that panics halfway poisons the writer: a caller
/// that catches the panic and goes on gets another one, and never bytes that are not canonical.
#[derive(Debug)]
pub struct MapWriter<'a> {
    out: &'a mut Vec<u8>,
    /// True while a field is being written, and for ever if its writing panicked.
    unfinished: bool,
    /// Place of the last key in `out`.
    last: core::ops::Range<usize>,
    fields: u32,
    /// The depth of the deepest field so far.
    within: usize,
}

impl MapWriter<'_> {
    /// Writes null under `key`, for a field that is present and empty.
    pub fn null(&mut self, key: &str) {
        self.field(key, |out| {
            out.push(NULL);
            0
        });
    }

    /// Writes a truth value under `key`, in the encoding of a [`Value::Bool`].
    pub fn bool(&mut self, key: &str, truth: bool) {
        self.field(key, |out| {
            out.push(if truth { TRUE } else { FALSE });
            0
        });
    }

    /// Writes an integer under `key`, in the encoding of a [`Value::Int`].
    pub fn int(&mut self, key: &str, int: i64) {
        self.field(key, |out| {
            int_into(int, out);
            0
        });
    }

    /// Writes a text under `key`, in the encoding of a [`Value::Text`].
    ///
    /// # Panics
    /// Panics if the text has 2^32 bytes or more.
    pub fn text(&mut self, key: &str, text: &str) {
        self.field(key, |out| {
            text_into(text, out);
            0
        });
    }

    /// Writes a digest under `key`, as the byte string that [`Digest::to_value`] returns.
    pub fn digest(&mut self, key: &str, digest: &Digest) {
        self.field(key, |out| {
            digest_into(digest, out);
            0
        });
    }

    /// Writes a list of digests under `key`, each as a byte string.
    ///
    /// # Panics
    /// Panics if the list has 2^32 items or more.
    pub fn digests<'d>(&mut self, key: &str, digests: impl ExactSizeIterator<Item = &'d Digest>) {
        self.list(key, digests, digest_into);
    }

    /// Writes a list of integers under `key`, in the order of the iterator.
    ///
    /// # Panics
    /// Panics if the list has 2^32 items or more.
    pub fn ints(&mut self, key: &str, ints: impl ExactSizeIterator<Item = i64>) {
        self.list(key, ints, int_into);
    }

    /// Writes a list of texts under `key`, in the order of the iterator.
    ///
    /// # Panics
    /// Panics if the list has 2^32 items or more, or one text as many bytes.
    pub fn texts<'t>(&mut self, key: &str, texts: impl ExactSizeIterator<Item = &'t str>) {
        self.list(key, texts, text_into);
    }

    /// Writes a whole [`Body`] under `key`: a value, or one that was encoded before.
    ///
    /// # Panics
    /// Panics if [`encode`](crate::encode) panics for the body.
    pub fn body(&mut self, key: &str, body: &impl Body) {
        self.field(key, |out| {
            body.write(out);
            body.depth()
        });
    }

    /// Writes a map under `key`, whose fields `fill` writes in ascending order.
    ///
    /// # Panics
    /// Panics if a key of the inner map does not come after the key before it.
    pub fn map(&mut self, key: &str, fill: impl FnOnce(&mut MapWriter<'_>)) {
        self.field(key, |out| write_map(out, fill));
    }

    fn list<I>(&mut self, key: &str, items: impl ExactSizeIterator<Item = I>, write: fn(I, &mut Vec<u8>)) {
        let announced = items.len();
        self.field(key, |out| {
            out.push(LIST);
            write_length(announced, out);
            let written = items.fold(0, |written, item| {
                write(item, out);
                written + 1
            });
            // The length comes from the iterator, which may be a caller's own.
            assert!(written == announced, "a list of {announced} items has {written}");
            1
        });
    }

    /// Writes a field under `key`: `write` appends its encoding and returns the depth of it.
    fn field(&mut self, key: &str, write: impl FnOnce(&mut Vec<u8>) -> usize) {
        assert!(!self.unfinished, "the writing of a field of this map panicked before {key}");
        self.unfinished = true;
        self.key(key);
        let depth = write(self.out);
        self.within = self.within.max(depth);
        self.unfinished = false;
    }

    fn key(&mut self, key: &str) {
        let last = &self.out[self.last.clone()];
        // The first bytes decide for most keys, and comparing them is cheaper than comparing whole keys.
        let ascends = self.fields == 0 || last.first() < key.as_bytes().first() || last < key.as_bytes();
        assert!(ascends, "the keys of a map are written in ascending order, and {key} is not");
        write_run(key.as_bytes(), self.out);
        self.last = self.out.len() - key.len()..self.out.len();
        self.fields += 1;
    }
}

/// Appends the encoding of the map whose fields `fill` writes to `out`, and returns the depth of the map.
/// [`Canonical::map`] does the same into a vector of its own.
///
/// # Panics
/// Panics if a key does not come after the key before it, or if the writing of a field panicked. `out` then ends in
/// the middle of the map.
pub fn write_map(out: &mut Vec<u8>, fill: impl FnOnce(&mut MapWriter<'_>)) -> usize {
    out.push(MAP);
    let count = out.len();
    write_length(0, out);
    let mut map = MapWriter { out, unfinished: false, last: 0..0, fields: 0, within: 0 };
    fill(&mut map);
    assert!(!map.unfinished, "the writing of a field of this map panicked");
    let (fields, within) = (map.fields, map.within);
    out[count..count + 4].copy_from_slice(&fields.to_le_bytes());
    1 + within
}

fn text_into(text: &str, out: &mut Vec<u8>) {
    out.push(TEXT);
    write_run(text.as_bytes(), out);
}

fn int_into(int: i64, out: &mut Vec<u8>) {
    out.push(INT);
    out.extend_from_slice(&int.to_le_bytes());
}

fn digest_into(digest: &Digest, out: &mut Vec<u8>) {
    out.push(BYTES);
    write_run(digest.as_bytes(), out);
}
