//! The history of a session: the token or row of each position, and the edits of traps.

use std::sync::Arc;

use abi::Digest;

use crate::numerics::PAGE;

/// Domain of the digest of an injected row.
const ROW_DOMAIN: &str = "nmk.row.v1";

/// The input of a session at one position: a token of the vocabulary, or an injected row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A token of the vocabulary, by its id.
    Token(u32),
    /// A row that was injected in place of a token's embedding. Only its digest is kept: BLAKE3 under
    /// `nmk.row.v1` over its values, f32 little-endian.
    Row(Digest),
}

impl Step {
    /// Returns the step that stands for an injected row.
    pub(crate) fn injected(row: &[f32]) -> Self {
        let bytes: Vec<u8> = row.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self::Row(Digest::hash(ROW_DOMAIN, &bytes))
    }
}

/// The steps of a session by position, and the edits of traps. Forks share its pages copy-on-write, as they
/// share keys and values.
#[derive(Clone, Default)]
pub(crate) struct History {
    steps: Paged<Step>,
    /// The positions that traps changed, in ascending order, with the digest of each edit.
    edits: Paged<(usize, Digest)>,
}

impl History {
    pub(crate) const PAGE_BYTES: usize = PAGE * size_of::<Step>();

    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = Step> {
        self.steps.iter()
    }

    pub(crate) fn edits(&self) -> impl Iterator<Item = (usize, Digest)> {
        self.edits.iter()
    }

    pub(crate) fn extend(&mut self, steps: impl Iterator<Item = Step>) {
        steps.for_each(|step| self.steps.push(step));
    }

    /// Records the edit of a trap at a position beyond all that were recorded before.
    pub(crate) fn edit(&mut self, position: usize, edit: Digest) {
        self.edits.push((position, edit));
    }

    /// Returns the memory of steps and edits, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.steps.bytes() + self.edits.bytes()
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.steps.truncate(length);
        self.edits.truncate(self.edits.partition_point(|(position, _)| *position < length));
    }
}

/// A list of items in pages. Forks share the pages, and the list of pages, copy-on-write.
#[derive(Clone)]
struct Paged<T> {
    /// Every page but the last has `PAGE` items; the last has one at least.
    pages: Arc<Vec<Arc<Vec<T>>>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: Arc::default() }
    }
}

impl<T: Copy> Paged<T> {
    fn len(&self) -> usize {
        let full = self.pages.len().saturating_sub(1) * PAGE;
        self.pages.last().map_or(0, |last| full + last.len())
    }

    fn iter(&self) -> impl Iterator<Item = T> {
        self.pages.iter().flat_map(|page| page.iter().copied())
    }

    fn push(&mut self, item: T) {
        let pages = Arc::make_mut(&mut self.pages);
        match pages.last_mut() {
            Some(last) if last.len() < PAGE => {
                let page = Arc::make_mut(last);
                // The copy of a shared page has room only for its items.
                page.reserve_exact(PAGE - page.len());
                page.push(item);
            }
            _ => {
                let mut page = Vec::with_capacity(PAGE);
                page.push(item);
                pages.push(Arc::new(page));
            }
        }
    }

    fn bytes(&self) -> usize {
        self.pages.len() * PAGE * size_of::<T>()
    }

    /// Returns the number of items before the first one for which `holds` is false. No item after that one
    /// may fulfil it.
    fn partition_point(&self, holds: impl Fn(&T) -> bool) -> usize {
        let full = self.pages.partition_point(|page| page.last().is_some_and(&holds));
        let part = self.pages.get(full).map(|page| full * PAGE + page.partition_point(&holds));
        part.unwrap_or_else(|| self.len())
    }

    fn truncate(&mut self, length: usize) {
        if length >= self.len() {
            return;
        }
        let pages = Arc::make_mut(&mut self.pages);
        pages.truncate(length.div_ceil(PAGE));
        if let Some(last) = pages.last_mut().filter(|_| !length.is_multiple_of(PAGE)) {
            Arc::make_mut(last).truncate(length % PAGE);
        }
    }
}
