//! Values that are written, not built: their canonical bytes.

use alloc::vec::Vec;

use crate::decode::field;
use crate::encode::{BYTES, FALSE, INT, LIST, MAP, NULL, TEXT, TRUE, write_length, write_run};
use crate::{Digest, Value, decode, encode_into};

/// The canonical encoding of one value.
///
/// Holding one proves that the bytes are canonical: they come from a [`Value`] or from a [`MapWriter`],
/// never from outside.
#[derive(Clone, Debug)]
pub struct Canonical {
    bytes: Vec<u8>,
    depth: usize,
}

impl Canonical {
    /// The encoding of `body`.
    ///
    /// # Panics
    /// As [`encode`](crate::encode).
    #[must_use]
    pub fn of(body: &impl Body) -> Self {
        let mut bytes = Vec::new();
        body.write(&mut bytes);
        Self { bytes, depth: body.depth() }
    }

    /// The encoding of the map whose fields `fill` writes, in ascending order of their keys. No map of
    /// values is built for it.
    ///
    /// # Panics
    /// If a key does not come after the one before it.
    #[must_use]
    pub fn map(fill: impl FnOnce(&mut MapWriter<'_>)) -> Self {
        let mut bytes = Vec::with_capacity(512);
        let depth = write_map(&mut bytes, fill);
        Self { bytes, depth }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body of an entry: a value, or the canonical bytes of one.
pub trait Body: sealed::Sealed {
    /// Appends the canonical encoding to `out`.
    ///
    /// # Panics
    /// As [`encode`](crate::encode).
    fn write(&self, out: &mut Vec<u8>);

    /// How deeply lists and maps nest.
    fn depth(&self) -> usize;

    /// The value under `key`, if this is a map that has it.
    fn field(&self, key: &str) -> Option<Value>;

    /// The value. None of bytes that nest deeper than [`MAX_DEPTH`](crate::MAX_DEPTH), which no reader
    /// accepts.
    fn to_value(&self) -> Option<Value>;
}

impl Body for Value {
    fn write(&self, out: &mut Vec<u8>) {
        encode_into(self, out);
    }

    fn depth(&self) -> usize {
        Self::depth(self)
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

/// Writes the fields of one map. Keys come in strictly ascending byte order.
#[derive(Debug)]
pub struct MapWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Where the last key lies in `out`.
    last: core::ops::Range<usize>,
    fields: u32,
    /// Depth of the deepest field.
    within: usize,
}

impl MapWriter<'_> {
    /// Writes null.
    pub fn null(&mut self, key: &str) {
        self.key(key);
        self.out.push(NULL);
    }

    /// Writes a truth value.
    pub fn bool(&mut self, key: &str, truth: bool) {
        self.key(key);
        self.out.push(if truth { TRUE } else { FALSE });
    }

    /// Writes an integer.
    pub fn int(&mut self, key: &str, int: i64) {
        self.key(key);
        int_into(int, self.out);
    }

    /// Writes a text.
    ///
    /// # Panics
    /// As [`encode`](crate::encode).
    pub fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        self.out.push(TEXT);
        write_run(text.as_bytes(), self.out);
    }

    /// Writes a digest, as [`Digest::to_value`] has it.
    pub fn digest(&mut self, key: &str, digest: &Digest) {
        self.key(key);
        digest_into(digest, self.out);
    }

    /// Writes a list of digests.
    ///
    /// # Panics
    /// As [`encode`](crate::encode).
    pub fn digests<'d>(&mut self, key: &str, digests: impl ExactSizeIterator<Item = &'d Digest>) {
        self.list(key, digests, digest_into);
    }

    /// Writes a list of integers.
    ///
    /// # Panics
    /// As [`encode`](crate::encode).
    pub fn ints(&mut self, key: &str, ints: impl ExactSizeIterator<Item = i64>) {
        self.list(key, ints, int_into);
    }

    /// Writes a list of texts.
    ///
    /// # Panics
    /// As [`encode`](crate::encode).
    pub fn texts<'t>(&mut self, key: &str, texts: impl ExactSizeIterator<Item = &'t str>) {
        self.list(key, texts, |text, out| {
            out.push(TEXT);
            write_run(text.as_bytes(), out);
        });
    }

    /// Writes a value, or the bytes of one.
    ///
    /// # Panics
    /// As [`encode`](crate::encode).
    pub fn body(&mut self, key: &str, body: &impl Body) {
        self.key(key);
        body.write(self.out);
        self.within = self.within.max(body.depth());
    }

    /// Writes a map.
    ///
    /// # Panics
    /// As [`Canonical::map`].
    pub fn map(&mut self, key: &str, fill: impl FnOnce(&mut MapWriter<'_>)) {
        self.key(key);
        let depth = write_map(self.out, fill);
        self.within = self.within.max(depth);
    }

    fn list<I>(&mut self, key: &str, items: impl ExactSizeIterator<Item = I>, write: fn(I, &mut Vec<u8>)) {
        self.key(key);
        self.out.push(LIST);
        write_length(items.len(), self.out);
        items.for_each(|item| write(item, self.out));
        self.within = self.within.max(1);
    }

    fn key(&mut self, key: &str) {
        let last = &self.out[self.last.clone()];
        // Most keys differ from the one before in the first byte.
        let ascends = self.fields == 0 || last.first() < key.as_bytes().first() || last < key.as_bytes();
        assert!(ascends, "the keys of a map are written in ascending order, and {key} is not");
        write_run(key.as_bytes(), self.out);
        self.last = self.out.len() - key.len()..self.out.len();
        self.fields += 1;
    }
}

/// Appends the encoding of the map whose fields `fill` writes, as [`Canonical::map`] does, and returns its
/// depth.
///
/// # Panics
/// As [`Canonical::map`].
pub fn write_map(out: &mut Vec<u8>, fill: impl FnOnce(&mut MapWriter<'_>)) -> usize {
    out.push(MAP);
    let count = out.len();
    write_length(0, out);
    let mut map = MapWriter { out, last: 0..0, fields: 0, within: 0 };
    fill(&mut map);
    let (fields, within) = (map.fields, map.within);
    out[count..count + 4].copy_from_slice(&fields.to_le_bytes());
    1 + within
}

fn int_into(int: i64, out: &mut Vec<u8>) {
    out.push(INT);
    out.extend_from_slice(&int.to_le_bytes());
}

fn digest_into(digest: &Digest, out: &mut Vec<u8>) {
    out.push(BYTES);
    write_run(digest.as_bytes(), out);
}
