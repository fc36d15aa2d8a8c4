//! The bytes of a snapshot.
//!
//! All numbers are little-endian. In this order:
//! - `nmk.snapshot.v1\n`; the length of the whole in bytes, u64; the digest, BLAKE3 under `nmk.snapshot.v1`
//!   over everything after it;
//! - the digest of the model; the length of the numerics version, u32, and its text; position, u64; layers,
//!   heads of keys and values, width of a head, `PAGE` and `LANES`, u32 each; the number of the first page of
//!   each layer, u64;
//! - for each position a 0 and the token, u32, or a 1 and the digest of the injected row. If traps changed
//!   the pass at that position, the number is 2 or 3 instead, and the digest of the edit comes last;
//! - the pages of each layer, ascending, up to the position, as
//!   [`Backend::page_bits`](crate::Backend::page_bits) writes them: bf16 if the name of the numerics version
//!   ends in `-bf16`, and f32 otherwise. All numbers are finite, and slots from the position on are zero.
//!
//! Nothing else is in a snapshot, so a session has exactly one.

use abi::Digest;

use crate::backend::KvLayout;
use crate::history::Step;
use crate::numerics::{LANES, PAGE};
use crate::snapshot::SnapshotError;
use crate::state_dtype::StateDtype;
use crate::tensors::StoredValues;

pub(super) const MAGIC: &[u8; 16] = b"nmk.snapshot.v1\n";
const DOMAIN: &str = "nmk.snapshot.v1";
/// The offset of the end of the stated length.
pub(super) const LENGTH_END: usize = MAGIC.len() + 8;
/// The offset of the end of the digest, which covers everything after it.
const DIGEST_END: usize = LENGTH_END + 32;

/// The largest size that a model's configuration allows.
const MAX_SIZE: usize = 1 << 24;

/// The most bytes of the name of a numerics version.
const MOST_TEXT: usize = 64;

const TOKEN: u8 = 0;
const ROW: u8 = 1;
/// The number that is added to either kind of step if traps changed the pass at that position.
const EDITED: u8 = 2;

/// The content of a snapshot before its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) model: Digest,
    pub(super) numerics: String,
    pub(super) layout: KvLayout,
    /// The number of the first page of each layer.
    pub(super) first_pages: Vec<usize>,
    pub(super) history: Vec<Step>,
    /// The positions that traps changed, in ascending order, with the digest of each edit.
    pub(super) edits: Vec<(usize, Digest)>,
}

impl Header {
    pub(super) fn position(&self) -> usize {
        self.history.len()
    }

    /// Returns the number of pages of a layer whose first page has the number `first`.
    pub(super) fn pages(&self, first: usize) -> usize {
        self.position().div_ceil(PAGE) - first
    }

    /// Returns the bytes before the pages. After the pages are appended, [`seal`] writes length and digest.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.resize(DIGEST_END, 0);
        out.extend(self.model.as_bytes());
        put_u32(&mut out, self.numerics.len());
        out.extend(self.numerics.as_bytes());
        out.extend((self.position() as u64).to_le_bytes());
        let KvLayout { kv_heads, head_dim, state: _ } = self.layout;
        for size in [self.first_pages.len(), kv_heads, head_dim, PAGE, LANES] {
            put_u32(&mut out, size);
        }
        self.first_pages.iter().for_each(|first| out.extend((*first as u64).to_le_bytes()));
        let mut edits = self.edits.iter().peekable();
        for (position, step) in self.history.iter().enumerate() {
            let edit = edits.next_if(|(edited, _)| *edited == position);
            let edited = if edit.is_some() { EDITED } else { 0 };
            match step {
                Step::Token(token) => {
                    out.push(TOKEN + edited);
                    out.extend(token.to_le_bytes());
                }
                Step::Row(digest) => {
                    out.push(ROW + edited);
                    out.extend(digest.as_bytes());
                }
            }
            edit.iter().for_each(|(_, digest)| out.extend(digest.as_bytes()));
        }
        out
    }
}

/// Appends a size of a model as u32; such sizes are at most [`MAX_SIZE`].
fn put_u32(out: &mut Vec<u8>, size: usize) {
    out.extend((size as u32).to_le_bytes());
}

/// Writes the length and the digest into the bytes of a snapshot, and returns the digest.
pub(super) fn seal(bytes: &mut [u8]) -> Digest {
    let digest = Digest::hash(DOMAIN, &bytes[DIGEST_END..]);
    let length = (bytes.len() as u64).to_le_bytes();
    bytes[MAGIC.len()..LENGTH_END].copy_from_slice(&length);
    bytes[LENGTH_END..DIGEST_END].copy_from_slice(digest.as_bytes());
    digest
}

/// Reads the length that the first [`LENGTH_END`] bytes state.
pub(super) fn stated_length(bytes: &[u8]) -> Result<u64, SnapshotError> {
    let length = bytes.strip_prefix(MAGIC).and_then(|rest| rest.first_chunk::<8>());
    length.map(|length| u64::from_le_bytes(*length)).ok_or(SnapshotError::NotSnapshot { bytes: bytes.len() })
}

/// Checks a whole snapshot, and returns its header, the offset of its pages and its digest.
pub(super) fn parse(bytes: &[u8]) -> Result<(Header, usize, Digest), SnapshotError> {
    let stated = stated_length(bytes)?;
    if stated != bytes.len() as u64 || bytes.len() < DIGEST_END {
        return Err(SnapshotError::Length { bytes: bytes.len() as u64, stated });
    }
    let mut reader = Reader { bytes, offset: LENGTH_END };
    let stated = reader.digest("digest")?;
    let found = Digest::hash(DOMAIN, &bytes[DIGEST_END..]);
    if found != stated {
        return Err(SnapshotError::Changed { found, stated });
    }
    let header = reader.header()?;
    reader.pages(&header)?;
    Ok((header, reader.offset, found))
}

struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl Reader<'_> {
    fn malformed(&self, part: &'static str) -> SnapshotError {
        SnapshotError::Malformed { part, offset: self.offset }
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.offset..]
    }

    fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], SnapshotError> {
        let array = *self.rest().first_chunk::<N>().ok_or_else(|| self.malformed(part))?;
        self.offset += N;
        Ok(array)
    }

    fn digest(&mut self, part: &'static str) -> Result<Digest, SnapshotError> {
        Ok(Digest::from_bytes(self.array(part)?))
    }

    fn u32(&mut self, part: &'static str) -> Result<u32, SnapshotError> {
        Ok(u32::from_le_bytes(self.array(part)?))
    }

    /// Reads a u64 and refuses one above `most`.
    fn number(&mut self, part: &'static str, most: usize) -> Result<usize, SnapshotError> {
        let start = self.offset;
        let number = u64::from_le_bytes(self.array(part)?);
        let fitting = usize::try_from(number).ok().filter(|number| *number <= most);
        fitting.ok_or(SnapshotError::Malformed { part, offset: start })
    }

    /// Reads a size of a model, from 1 to 2^24.
    fn size(&mut self, part: &'static str) -> Result<usize, SnapshotError> {
        let start = self.offset;
        match self.u32(part)? as usize {
            size @ 1..=MAX_SIZE => Ok(size),
            _ => Err(SnapshotError::Malformed { part, offset: start }),
        }
    }

    fn header(&mut self) -> Result<Header, SnapshotError> {
        let model = self.digest("digest of the model")?;
        let numerics = self.text("numerics version")?;
        let position = self.number("position", self.bytes.len())?;
        let layers = self.size("number of layers")?;
        let layout = KvLayout {
            kv_heads: self.size("number of heads")?,
            head_dim: self.size("width of a head")?,
            state: StateDtype::from_numerics(&numerics),
        };
        for (part, expected) in [("size of a page", PAGE), ("size of a panel", LANES)] {
            let start = self.offset;
            if self.size(part)? != expected {
                return Err(SnapshotError::Malformed { part, offset: start });
            }
        }
        // The items are read one by one, so a count that is too large runs out of bytes.
        let end = position.div_ceil(PAGE);
        let first = |reader: &mut Self| reader.number("first page of a layer", end);
        let first_pages = (0..layers).map(|_| first(self)).collect::<Result<_, _>>()?;
        let (mut history, mut edits) = (Vec::new(), Vec::new());
        for position in 0..position {
            let (step, edit) = self.step()?;
            history.push(step);
            edits.extend(edit.map(|edit| (position, edit)));
        }
        Ok(Header { model, numerics, layout, first_pages, history, edits })
    }

    fn text(&mut self, part: &'static str) -> Result<String, SnapshotError> {
        let length = self.size(part)?;
        let text = self.rest().get(..length).filter(|_| length <= MOST_TEXT);
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        let text = text.ok_or_else(|| self.malformed(part))?.to_owned();
        self.offset += length;
        Ok(text)
    }

    fn step(&mut self) -> Result<(Step, Option<Digest>), SnapshotError> {
        let start = self.offset;
        let [kind] = self.array("step of the history")?;
        if kind >= 2 * EDITED {
            return Err(SnapshotError::Malformed { part: "step of the history", offset: start });
        }
        let step = match kind % EDITED {
            TOKEN => Step::Token(self.u32("token of the history")?),
            _ => Step::Row(self.digest("row of the history")?),
        };
        let edit = (kind >= EDITED).then(|| self.digest("edit of the history")).transpose()?;
        Ok((step, edit))
    }

    /// Checks the pages, and leaves the offset at the first of them.
    fn pages(&self, header: &Header) -> Result<(), SnapshotError> {
        let KvLayout { kv_heads, head_dim, state } = header.layout;
        let count: u128 = header.first_pages.iter().map(|first| header.pages(*first) as u128).sum();
        // The product is below 2^57 times the number of bytes squared, so it cannot overflow in any memory.
        let page_bytes = 2 * PAGE as u128 * kv_heads as u128 * head_dim as u128 * state.bytes() as u128;
        if count * page_bytes != self.rest().len() as u128 {
            return Err(self.malformed("length of the pages"));
        }
        if let Some((at, _)) = stored(state, self.rest()).first_non_finite() {
            let offset = self.offset + state.bytes() * at;
            return Err(SnapshotError::Malformed { part: "number of a page", offset });
        }
        self.unwritten(header)
    }

    /// Checks that slots from the position on are zero.
    fn unwritten(&self, header: &Header) -> Result<(), SnapshotError> {
        let slots = header.position() % PAGE;
        let held = header.first_pages.iter().map(|first| header.pages(*first));
        let mut end = self.offset;
        for pages in held.filter(|pages| *pages > 0 && slots > 0) {
            let page_bytes = header.layout.page_bytes();
            end += pages * page_bytes;
            let offset = end - page_bytes;
            let mut cleared = self.bytes[offset..end].to_vec();
            clear_from(&mut cleared, header.layout, slots);
            if cleared != self.bytes[offset..end] {
                return Err(SnapshotError::Malformed { part: "unwritten part of a page", offset });
            }
        }
        Ok(())
    }
}

/// Returns the numbers in the bytes of pages, in the format of the state.
fn stored(state: StateDtype, bytes: &[u8]) -> StoredValues<'_> {
    match state {
        StateDtype::F32 => StoredValues::F32(bytes),
        StateDtype::Bf16 => StoredValues::Bf16(bytes),
    }
}

/// Clears the slots of a page from `slots` on.
pub(super) fn clear_from(page: &mut [u8], layout: KvLayout, slots: usize) {
    let width = layout.state.bytes();
    let (keys, values) = page.split_at_mut(layout.page_bytes() / 2);
    for (panel, keys) in keys.chunks_exact_mut(layout.head_dim * LANES * width).enumerate() {
        let first = panel * LANES % PAGE;
        let kept = slots.saturating_sub(first).min(LANES);
        keys.chunks_exact_mut(LANES * width).for_each(|lanes| lanes[kept * width..].fill(0));
    }
    for values in values.chunks_exact_mut(layout.head_dim * PAGE * width) {
        values[slots * layout.head_dim * width..].fill(0);
    }
}
