//! What the positions of a session were made from.

use std::sync::Arc;

use abi::Digest;

use crate::numerics::PAGE;

/// Domain of the digest of an injected row.
const ROW_DOMAIN: &str = "nmk.row.v1";

/// What one position was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A token of the vocabulary.
    Token(u32),
    /// A row that was injected: BLAKE3 under `nmk.row.v1` over its values, f32 little-endian.
    Row(Digest),
}

impl Step {
    /// The step of an injected row.
    pub(crate) fn injected(row: &[f32]) -> Self {
        let bytes: Vec<u8> = row.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self::Row(Digest::of(ROW_DOMAIN, &bytes))
    }
}

/// Steps by position, in pages that are shared copy-on-write like those of keys and values.
#[derive(Clone, Default)]
pub(crate) struct History {
    /// Each but the last has `PAGE` steps; the last has one at least.
    pages: Vec<Arc<Vec<Step>>>,
}

impl History {
    pub(crate) const PAGE_BYTES: usize = PAGE * size_of::<Step>();

    pub(crate) fn len(&self) -> usize {
        let full = self.pages.len().saturating_sub(1) * PAGE;
        self.pages.last().map_or(0, |last| full + last.len())
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = Step> {
        self.pages.iter().flat_map(|page| page.iter().copied())
    }

    pub(crate) fn extend(&mut self, steps: impl Iterator<Item = Step>) {
        for step in steps {
            match self.pages.last_mut() {
                Some(last) if last.len() < PAGE => {
                    let page = Arc::make_mut(last);
                    // The copy of a shared page has room for what it holds only.
                    page.reserve_exact(PAGE - page.len());
                    page.push(step);
                }
                _ => {
                    let mut page = Vec::with_capacity(PAGE);
                    page.push(step);
                    self.pages.push(Arc::new(page));
                }
            }
        }
    }

    /// Memory of the steps, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.pages.len() * Self::PAGE_BYTES
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.pages.truncate(length.div_ceil(PAGE));
        if let Some(last) = self.pages.last_mut().filter(|_| !length.is_multiple_of(PAGE)) {
            Arc::make_mut(last).truncate(length % PAGE);
        }
    }
}
